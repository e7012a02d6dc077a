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

# Prints a value on one line; nothing if there is none.
sub show {
    my ($place, $value) = @_;
    return if !defined $value;
    if (JSON::PP::is_bool($value)) {
        $value = $value ? 'true' : 'false';
    } elsif (ref $value) {
        $value = JSON::PP->new->canonical->encode($value);
    }
    my %short = ("\\" => "\\\\", "\n" => "\\n", "\r" => "\\r");
    $value =~ s/([\\\n\r])/$short{$1}/g;
    print "$place: $value\n";
}

my $answer = JSON::PP->new->utf8->allow_nonref->decode(do { local $/; <STDIN> });
$answer = {} if ref $answer ne 'HASH';
my $id = $answer->{'id'};
show('id', $id);
my $field_2nd_name = $answer->{'2nd-name'};
show('2nd-name', $field_2nd_name);
my $class = $answer->{'class'};
show('class', $class);
my $mean = $answer->{'mean'};
show('mean', $mean);
my $tags = $answer->{'tags'};
if (ref $tags eq 'ARRAY') {
    for my $tag_index (0 .. $#$tags) {
        my $tag = $tags->[$tag_index];
        show('tags[' . $tag_index . ']', $tag);
    }
}
my $grid = $answer->{'grid'};
if (ref $grid eq 'ARRAY') {
    for my $grid_item_index (0 .. $#$grid) {
        my $grid_item = $grid->[$grid_item_index];
        my $inner = $grid_item;
        if (ref $inner eq 'ARRAY') {
            for my $inner_item_index (0 .. $#$inner) {
                my $inner_item = $inner->[$inner_item_index];
                show('grid[' . $grid_item_index . '][' . $inner_item_index . ']', $inner_item);
            }
        }
    }
}
my $owner = $answer->{'owner'};
if (ref $owner eq 'HASH') {
    my $owner_id = $owner->{'id'};
    show('owner.id', $owner_id);
    my $owner_class = $owner->{'class'};
    show('owner.class', $owner_class);
}
my $rows = $answer->{'rows'};
if (ref $rows eq 'ARRAY') {
    for my $row_index (0 .. $#$rows) {
        my $row = $rows->[$row_index];
        next if ref $row ne 'HASH';
        my $row_id = $row->{'id'};
        show('rows[' . $row_index . '].id', $row_id);
        my $note = $row->{'note'};
        show('rows[' . $row_index . '].note', $note);
    }
}
my $user_name = $answer->{'userName'};
show('userName', $user_name);
my $user_name_value = $answer->{'user_name'};
show('user_name', $user_name_value);
