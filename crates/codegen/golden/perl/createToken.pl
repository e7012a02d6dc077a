#!/usr/bin/env perl
# Get an access token
# POST /oauth/token
#
# Optional parameters:
#   account_id: With `account_credentials`: the account's id.
#   code: With `authorization_code`: the code. It is valid once, for five minutes.
#   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
#   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, if there is no Basic header.
# Needs the modules IO::Socket::SSL and Net::SSLeay for HTTPS.

use strict;
use warnings;
use utf8;
use JSON::PP ();
use HTTP::Tiny ();
use MIME::Base64 ();
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
my $answer = object(
    access_token => 'text',
    api_url => 'text',
    expires_in => 'integer',
    refresh_token => 'text',
    scope => 'text',
    token_type => 'text',
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
        my $response = $http->request('POST', $url, $options);
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

# Get an access token.
sub request_create_token {
    my $grant_type = shift // 'account_credentials';
    (my $base_url = setting('API_BASE_URL')) =~ s{/+$}{};
    my $path = '/oauth/token';
    my $credentials = setting('API_CLIENT_ID') . ':' . setting('API_CLIENT_SECRET');
    my %headers = (
        'Accept' => 'application/json',
        'Authorization' => 'Basic ' . MIME::Base64::encode_base64($credentials, ''),
        'Content-Type' => 'application/x-www-form-urlencoded',
    );
    my %options = (headers => \%headers, content => pairs(['grant_type', $grant_type]));
    my $url = $base_url . $path;
    my $response = send_request($url, \%options);
    return parse($response->{content});
}

show('', request_create_token(), $answer);
