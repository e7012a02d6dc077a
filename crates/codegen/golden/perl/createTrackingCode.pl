#!/usr/bin/env perl
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
# For HTTPS it needs the modules IO::Socket::SSL and Net::SSLeay.

use strict;
use warnings;
use utf8;
use JSON::PP ();
use HTTP::Tiny ();
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
my $authorization = 'Bearer ' . setting('API_TOKEN');

# A good answer; after 429 it waits and asks again, at most five times.
sub send_request {
    my ($url) = @_;
    my %headers = (Accept => 'application/json');
    $headers{Authorization} = $authorization;
    my %options = (headers => \%headers);
    $headers{'Content-Type'} = 'application/json';
    $options{content} = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}";
    utf8::encode($options{content});
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

my $path = '/v1/admin/meeting/config/trackingCodes';
my @query = ();
my $url = $base_url . $path . (@query ? '?' . pairs(@query) : '');
my $response = send_request($url);
my $text = $response->{content};
my $answer = eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
fail("the answer is not JSON ($@): $text") if $@;
$answer = {} if ref $answer ne 'HASH';
my $host_profile_code = $answer->{'hostProfileCode'};
show('hostProfileCode', $host_profile_code);
my $id = $answer->{'id'};
show('id', $id);
my $input_mode = $answer->{'inputMode'};
show('inputMode', $input_mode);
my $name_value = $answer->{'name'};
show('name', $name_value);
my $options_value = $answer->{'options'};
if (ref $options_value eq 'ARRAY') {
    for my $option_index (0 .. $#$options_value) {
        my $option = $options_value->[$option_index];
        next if ref $option ne 'HASH';
        my $default_value = $option->{'defaultValue'};
        show('options[' . $option_index . '].defaultValue', $default_value);
        my $option_value = $option->{'value'};
        show('options[' . $option_index . '].value', $option_value);
    }
}
my $schedule_start_codes = $answer->{'scheduleStartCodes'};
if (ref $schedule_start_codes eq 'ARRAY') {
    for my $schedule_start_code_index (0 .. $#$schedule_start_codes) {
        my $schedule_start_code = $schedule_start_codes->[$schedule_start_code_index];
        next if ref $schedule_start_code ne 'HASH';
        my $service = $schedule_start_code->{'service'};
        show('scheduleStartCodes[' . $schedule_start_code_index . '].service', $service);
        my $schedule_start_code_type = $schedule_start_code->{'type'};
        show('scheduleStartCodes[' . $schedule_start_code_index . '].type', $schedule_start_code_type);
    }
}
my $site_url = $answer->{'siteUrl'};
show('siteUrl', $site_url);
