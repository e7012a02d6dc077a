#!/usr/bin/env perl
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.
# For HTTPS it needs the modules IO::Socket::SSL and Net::SSLeay.

use strict;
use warnings;
use utf8;
use JSON::PP ();
use HTTP::Tiny ();
use MIME::Base64 ();
use Time::Local ();

# How long a server may take to answer.
use constant TIMEOUT_SECONDS => 60;

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

# A variable of the environment.
sub setting {
    my ($name) = @_;
    my $value = $ENV{$name} // '';
    return $value eq '' ? fail("set $name in the environment") : $value;
}

# Percent-encodes all but letters, digits and -._~.
sub encode {
    my ($text) = @_;
    utf8::encode($text);
    $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# The parameters as a query or a form.
sub pairs {
    return join '&', map { my ($name, @values) = @$_; encode($name) . '=' . join(',', map { encode($_) } @values) } @_;
}

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
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

(my $base_url = setting('API_BASE_URL')) =~ s{/+$}{};
my $credentials = setting('API_CLIENT_ID') . ':' . setting('API_CLIENT_SECRET');
my $authorization = 'Basic ' . MIME::Base64::encode_base64($credentials, '');
my $grant_type = 'account_credentials';

# A good answer; after 429 it waits and asks again, at most five times.
sub send_request {
    my ($url) = @_;
    my %headers = (Accept => 'application/json');
    $headers{Authorization} = $authorization;
    my %options = (headers => \%headers);
    $headers{'Content-Type'} = 'application/x-www-form-urlencoded';
    $options{content} = pairs(['grant_type', $grant_type]);
    for (my $attempt = 0; ; $attempt++) {
        my $response = HTTP::Tiny->new(verify_SSL => 1, timeout => TIMEOUT_SECONDS)->request('POST', $url, \%options);
        return $response if $response->{success};
        utf8::decode($response->{content});
        if ($response->{status} != 429 || $attempt == 5) {
            # 599 is how HTTP::Tiny tells that there was no answer.
            fail($response->{status} == 599 ? $response->{content} : "HTTP $response->{status}: $response->{content}");
        }
        my $seconds = wait_seconds($response);
        print STDERR "429: waiting $seconds s\n";
        sleep $seconds;
    }
}

my $path = '/oauth/token';
my @query = ();
my $url = $base_url . $path . (@query ? '?' . pairs(@query) : '');
my $response = send_request($url);
my $text = $response->{content};
my $answer = eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
fail("the answer is not JSON ($@): $text") if $@;
$answer = {} if ref $answer ne 'HASH';
my $access_token = $answer->{'access_token'};
show('access_token', $access_token);
my $api_url = $answer->{'api_url'};
show('api_url', $api_url);
my $expires_in = $answer->{'expires_in'};
show('expires_in', $expires_in);
my $refresh_token = $answer->{'refresh_token'};
show('refresh_token', $refresh_token);
my $scope = $answer->{'scope'};
show('scope', $scope);
my $token_type = $answer->{'token_type'};
show('token_type', $token_type);
