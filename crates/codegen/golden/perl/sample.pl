#!/usr/bin/env perl
# Reads JSON that is built like the sample
# Reads standard input.

use strict;
use warnings;
use utf8;
use JSON::PP ();

binmode STDOUT, ':encoding(UTF-8)';
binmode STDERR, ':encoding(UTF-8)';

sub fail {
    my ($message) = @_;
    print STDERR "$message\n";
    exit 1;
}

sub list_of { return { list => $_[0] } }
sub object  { return { members => [@_] } }

# The types of the response, in the order in which they are printed.
my $answer_row = object(
    id => 'integer',
    note => 'text',
);
my $owner = object(
    id => 'text',
    'class' => 'json',
);
my $answer = object(
    id => 'integer',
    '2nd-name' => 'text',
    'class' => 'boolean',
    mean => 'number',
    tags => list_of('text'),
    grid => list_of(list_of('integer')),
    owner => $owner,
    rows => list_of($answer_row),
    userName => 'text',
    user_name => 'text',
);

sub parse {
    my ($text) = @_;
    my $value = eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
    fail("standard input is not JSON ($@)") if $@;
    return $value;
}

sub escaped {
    my ($text) = @_;
    my %escapes = ("\\" => "\\\\", "\n" => "\\n", "\r" => "\\r");
    $text =~ s/([\\\n\r])/$escapes{$1}/g;
    return $text;
}

sub formatted {
    my ($value) = @_;
    return $value ? 'true' : 'false' if JSON::PP::is_bool($value);
    return escaped(ref $value ? JSON::PP->new->canonical->encode($value) : $value);
}

# Prints each value of a type on its own line, and nothing for absent values.
sub show {
    my ($place, $value, $type) = @_;
    return if !defined $value;
    if (!ref $type) {
        print "$place: ", formatted($value), "\n";
    } elsif ($type->{list}) {
        return if ref $value ne 'ARRAY';
        show(sprintf('%s[%d]', $place, $_), $value->[$_], $type->{list}) for 0 .. $#$value;
    } elsif (ref $value eq 'HASH') {
        my @members = @{ $type->{members} };
        while (my ($name, $member_type) = splice @members, 0, 2) {
            my $label = escaped($name);
            show($place eq '' ? $label : "$place.$label", $value->{$name}, $member_type);
        }
    }
}

show('', parse(do { local $/; <STDIN> }), $answer);
