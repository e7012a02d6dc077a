#!/usr/bin/env perl
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
    for (my $attempt = 0; ; $attempt++) {
        my $response = HTTP::Tiny->new(verify_SSL => 1, timeout => TIMEOUT_SECONDS)->request('GET', $url, \%options);
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

my $path = '/v2/users';
my @query = ();
my $url = $base_url . $path . (@query ? '?' . pairs(@query) : '');
my $user_count = 0;
while ($url) {
    my $response = send_request($url);
    my $text = $response->{content};
    my $answer = eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
    fail("the answer is not JSON ($@): $text") if $@;
    $answer = {} if ref $answer ne 'HASH';
    my $next_page_token = $answer->{'next_page_token'};
    show('next_page_token', $next_page_token);
    my $page_count = $answer->{'page_count'};
    show('page_count', $page_count);
    my $page_size = $answer->{'page_size'};
    show('page_size', $page_size);
    my $total_records = $answer->{'total_records'};
    show('total_records', $total_records);
    my $page_number = $answer->{'page_number'};
    show('page_number', $page_number);
    my $users_value = $answer->{'users'};
    if (ref $users_value eq 'ARRAY') {
        for my $user_index (0 .. $#$users_value) {
            my $user = $users_value->[$user_index];
            next if ref $user ne 'HASH';
            my $created_at = $user->{'created_at'};
            show('users[' . ($user_count + $user_index) . '].created_at', $created_at);
            my $custom_attributes = $user->{'custom_attributes'};
            if (ref $custom_attributes eq 'ARRAY') {
                for my $custom_attribute_index (0 .. $#$custom_attributes) {
                    my $custom_attribute = $custom_attributes->[$custom_attribute_index];
                    next if ref $custom_attribute ne 'HASH';
                    my $key = $custom_attribute->{'key'};
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].key', $key);
                    my $custom_attribute_name = $custom_attribute->{'name'};
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].name', $custom_attribute_name);
                    my $custom_attribute_value = $custom_attribute->{'value'};
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].value', $custom_attribute_value);
                }
            }
            my $dept = $user->{'dept'};
            show('users[' . ($user_count + $user_index) . '].dept', $dept);
            my $display_name = $user->{'display_name'};
            show('users[' . ($user_count + $user_index) . '].display_name', $display_name);
            my $division_ids = $user->{'division_ids'};
            if (ref $division_ids eq 'ARRAY') {
                for my $division_id_index (0 .. $#$division_ids) {
                    my $division_id = $division_ids->[$division_id_index];
                    show('users[' . ($user_count + $user_index) . '].division_ids[' . $division_id_index . ']', $division_id);
                }
            }
            my $email = $user->{'email'};
            show('users[' . ($user_count + $user_index) . '].email', $email);
            my $employee_unique_id = $user->{'employee_unique_id'};
            show('users[' . ($user_count + $user_index) . '].employee_unique_id', $employee_unique_id);
            my $first_name = $user->{'first_name'};
            show('users[' . ($user_count + $user_index) . '].first_name', $first_name);
            my $group_ids = $user->{'group_ids'};
            if (ref $group_ids eq 'ARRAY') {
                for my $group_id_index (0 .. $#$group_ids) {
                    my $group_id = $group_ids->[$group_id_index];
                    show('users[' . ($user_count + $user_index) . '].group_ids[' . $group_id_index . ']', $group_id);
                }
            }
            my $host_key = $user->{'host_key'};
            show('users[' . ($user_count + $user_index) . '].host_key', $host_key);
            my $id = $user->{'id'};
            show('users[' . ($user_count + $user_index) . '].id', $id);
            my $im_group_ids = $user->{'im_group_ids'};
            if (ref $im_group_ids eq 'ARRAY') {
                for my $im_group_id_index (0 .. $#$im_group_ids) {
                    my $im_group_id = $im_group_ids->[$im_group_id_index];
                    show('users[' . ($user_count + $user_index) . '].im_group_ids[' . $im_group_id_index . ']', $im_group_id);
                }
            }
            my $last_client_version = $user->{'last_client_version'};
            show('users[' . ($user_count + $user_index) . '].last_client_version', $last_client_version);
            my $last_login_time = $user->{'last_login_time'};
            show('users[' . ($user_count + $user_index) . '].last_login_time', $last_login_time);
            my $last_name = $user->{'last_name'};
            show('users[' . ($user_count + $user_index) . '].last_name', $last_name);
            my $license_info_list = $user->{'license_info_list'};
            if (ref $license_info_list eq 'ARRAY') {
                for my $license_info_list_item_index (0 .. $#$license_info_list) {
                    my $license_info_list_item = $license_info_list->[$license_info_list_item_index];
                    next if ref $license_info_list_item ne 'HASH';
                    my $license_option = $license_info_list_item->{'license_option'};
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].license_option', $license_option);
                    my $license_type = $license_info_list_item->{'license_type'};
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].license_type', $license_type);
                    my $subscription_id = $license_info_list_item->{'subscription_id'};
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].subscription_id', $subscription_id);
                }
            }
            my $plan_united_type = $user->{'plan_united_type'};
            show('users[' . ($user_count + $user_index) . '].plan_united_type', $plan_united_type);
            my $pmi = $user->{'pmi'};
            show('users[' . ($user_count + $user_index) . '].pmi', $pmi);
            my $role_id = $user->{'role_id'};
            show('users[' . ($user_count + $user_index) . '].role_id', $role_id);
            my $user_status = $user->{'status'};
            show('users[' . ($user_count + $user_index) . '].status', $user_status);
            my $timezone = $user->{'timezone'};
            show('users[' . ($user_count + $user_index) . '].timezone', $timezone);
            my $user_type = $user->{'type'};
            show('users[' . ($user_count + $user_index) . '].type', $user_type);
            my $user_created_at = $user->{'user_created_at'};
            show('users[' . ($user_count + $user_index) . '].user_created_at', $user_created_at);
            my $verified = $user->{'verified'};
            show('users[' . ($user_count + $user_index) . '].verified', $verified);
        }
        $user_count += @$users_value;
    }
    # The next page, if there is one.
    my $token = $answer->{'next_page_token'} // '';
    $url = $token eq '' ? '' : $base_url . $path . '?' . pairs(@query, ['next_page_token', $token]);
}
