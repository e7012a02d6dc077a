#!/usr/bin/env perl
# List users
# GET /v2/users
#
# Optional parameters:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
#   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
# Needs the modules IO::Socket::SSL and Net::SSLeay for HTTPS.

use strict;
use warnings;
use utf8;
use JSON::PP ();
use HTTP::Tiny ();
use Time::Local ();

# Maximum time for a response, in seconds.
use constant TIMEOUT_SECONDS => 60;

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
my $license_info_list_item = object(
    license_option => 'integer',
    license_type => 'text',
    subscription_id => 'text',
);
my $custom_attribute = object(
    key => 'text',
    name => 'text',
    value => 'text',
);
my $user = object(
    created_at => 'text',
    custom_attributes => list_of($custom_attribute),
    dept => 'text',
    display_name => 'text',
    division_ids => list_of('text'),
    email => 'text',
    employee_unique_id => 'text',
    first_name => 'text',
    group_ids => list_of('text'),
    host_key => 'text',
    id => 'text',
    im_group_ids => list_of('text'),
    last_client_version => 'text',
    last_login_time => 'text',
    last_name => 'text',
    license_info_list => list_of($license_info_list_item),
    plan_united_type => 'text',
    pmi => 'integer',
    role_id => 'text',
    status => 'text',
    timezone => 'text',
    type => 'integer',
    user_created_at => 'text',
    verified => 'integer',
);
my $answer = object(
    next_page_token => 'text',
    page_count => 'integer',
    page_size => 'integer',
    total_records => 'integer',
    page_number => 'integer',
    users => list_of($user),
);

sub parse {
    my ($text) = @_;
    my $value = eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
    fail("the response is not JSON ($@): $text") if $@;
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

# How many elements of each list have been printed: a list continues on the next page.
my %printed;

# Prints each value of a type on its own line, and nothing for absent values.
sub show {
    my ($place, $value, $type) = @_;
    return if !defined $value;
    if (!ref $type) {
        print "$place: ", formatted($value), "\n";
    } elsif ($type->{list}) {
        return if ref $value ne 'ARRAY';
        my $first = $printed{$place} // 0;
        show(sprintf('%s[%d]', $place, $first + $_), $value->[$_], $type->{list}) for 0 .. $#$value;
        $printed{$place} = $first + @$value;
    } elsif (ref $value eq 'HASH') {
        my @members = @{ $type->{members} };
        while (my ($name, $member_type) = splice @members, 0, 2) {
            my $label = escaped($name);
            show($place eq '' ? $label : "$place.$label", $value->{$name}, $member_type);
        }
    }
}

# Returns an environment variable.
sub setting {
    my ($name) = @_;
    my $value = $ENV{$name} // '';
    return $value eq '' ? fail("set $name in the environment") : $value;
}

# Percent-encodes everything but letters, digits and -._~
sub encode {
    my ($text) = @_;
    utf8::encode($text);
    $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# Writes parameters as a query or a form.
sub pairs {
    my (@parameters) = @_;
    return join '&', map { my ($name, @values) = @$_; encode($name) . '=' . join(',', map { encode($_) } @values) } @parameters;
}

# Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
sub wait_seconds {
    my ($response) = @_;
    my $retry_after = $response->{headers}{'retry-after'} // '';
    return $retry_after if $retry_after =~ /^\d+$/;
    if ($retry_after =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))$/) {
        my $until = Time::Local::timegm($6, $5, $4, $3, $2 - 1, $1);
        $until -= ($7 eq '-' ? -1 : 1) * ($8 * 3600 + $9 * 60) if defined $7;
        my $seconds = $until + 1 - time;
        return $seconds > 0 ? $seconds : 0;
    }
    return 1;
}

# Sends the request and returns a successful response. Retries up to five times after 429.
sub send_request {
    my ($url, $options) = @_;
    my $http = HTTP::Tiny->new(verify_SSL => 1, timeout => TIMEOUT_SECONDS);
    for (my $attempt = 0; ; $attempt++) {
        my $response = $http->request('GET', $url, $options);
        return $response if $response->{success};
        utf8::decode($response->{content});
        # HTTP::Tiny reports a failed connection as status 599.
        fail("$url: $response->{content}") if $response->{status} == 599;
        fail("HTTP $response->{status}: $response->{content}") if $response->{status} != 429 || $attempt == 5;
        my $seconds = wait_seconds($response);
        print STDERR "429: waiting $seconds s\n";
        sleep $seconds;
    }
}

# List users: returns an iterator over the pages.
sub request_users {
    (my $base_url = setting('API_BASE_URL')) =~ s{/+$}{};
    my $path = '/v2/users';
    my %headers = (
        'Accept' => 'application/json',
        'Authorization' => 'Bearer ' . setting('API_TOKEN'),
    );
    my %options = (headers => \%headers);
    my @query = ();
    my $url = $base_url . $path;
    return sub {
        return if !$url;
        my $response = send_request($url, \%options);
        my $page = parse($response->{content});
        my $token = ref $page eq 'HASH' ? $page->{next_page_token} : undef;
        $url = $token ? $base_url . $path . '?' . pairs(@query, [next_page_token => $token]) : undef;
        return $page // {};
    };
}

my $next_page = request_users();
while (my $page = $next_page->()) {
    show('', $page, $answer);
}
