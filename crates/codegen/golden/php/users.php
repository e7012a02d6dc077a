<?php
// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.

function fail(string $message): never
{
    fwrite(STDERR, $message . "\n");
    exit(1);
}

/** Prints a value on one line; nothing if there is none. */
function show(string $place, mixed $value): void
{
    if ($value === null) {
        return;
    }
    if (is_object($value) || is_array($value)) {
        $value = json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    } elseif (is_bool($value)) {
        $value = $value ? 'true' : 'false';
    } elseif (is_float($value)) {
        $value = sprintf('%.15G', $value);
    }
    echo $place, ': ', strtr($value, ['\\' => '\\\\', "\n" => '\\n', "\r" => '\\r']), "\n";
}

if (!extension_loaded('curl')) {
    fail('PHP has no extension curl: install it (Debian: php-curl) and load it in php.ini');
}

/** How long a server may take to answer. */
const TIMEOUT_SECONDS = 60;

/** A variable of the environment. */
function setting(string $name): string
{
    return getenv($name) ?: fail("set $name in the environment");
}

/** The parameters as a query or a form. */
function pairs(array $parameters): string
{
    $encode = fn(array $pair) => rawurlencode($pair[0]) . '=' . implode(',', array_map('rawurlencode', array_slice($pair, 1)));
    return implode('&', array_map($encode, $parameters));
}

/** How long an answer with status 429 asks to wait: in seconds, or up to an instant. */
function wait_seconds(array $headers): float
{
    $retry_after = $headers['retry-after'] ?? '1';
    if (ctype_digit($retry_after)) {
        return (float) $retry_after;
    }
    $until = strtotime($retry_after);
    return $until === false ? 1.0 : max(0.0, $until + 1 - microtime(true));
}

/** The headers and the body of a good answer; after 429 it waits and asks again, at most five times. */
function send(string $url): array
{
    global $authorization;
    $lines = ['Accept: ' . 'application/json', 'Authorization: ' . $authorization];
    for ($attempt = 0; ; $attempt++) {
        $headers = [];
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => 'GET',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => TIMEOUT_SECONDS,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
            CURLOPT_HTTPHEADER => $lines,
        ]);
        $body = curl_exec($curl);
        if ($body === false) {
            fail(curl_error($curl));
        }
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status >= 200 && $status < 300) {
            return [$headers, $body];
        }
        if ($status !== 429 || $attempt === 5) {
            fail("HTTP $status: $body");
        }
        $seconds = wait_seconds($headers);
        fwrite(STDERR, sprintf("429: waiting %.0f s\n", $seconds));
        usleep((int) ($seconds * 1e6));
    }
}

$base_url = rtrim(setting('API_BASE_URL'), '/');
$authorization = 'Bearer ' . setting('API_TOKEN');

$path = '/v2/users';
$query = [];
$url = $base_url . $path . ($query ? '?' . pairs($query) : '');
$user_count = 0;
while ($url) {
    [$headers, $text] = send($url);
    $answer = json_decode($text, false, 512, JSON_BIGINT_AS_STRING);
    if (json_last_error() !== JSON_ERROR_NONE) {
        fail('the answer is not JSON (' . json_last_error_msg() . "): $text");
    }
    $next_page_token = $answer->{'next_page_token'} ?? null;
    show('next_page_token', $next_page_token);
    $page_count = $answer->{'page_count'} ?? null;
    show('page_count', $page_count);
    $page_size = $answer->{'page_size'} ?? null;
    show('page_size', $page_size);
    $total_records = $answer->{'total_records'} ?? null;
    show('total_records', $total_records);
    $page_number = $answer->{'page_number'} ?? null;
    show('page_number', $page_number);
    $users_value = $answer->{'users'} ?? null;
    if (is_array($users_value)) {
        foreach ($users_value as $user_index => $user) {
            if (!is_object($user)) {
                continue;
            }
            $created_at = $user->{'created_at'} ?? null;
            show('users[' . ($user_count + $user_index) . '].created_at', $created_at);
            $custom_attributes = $user->{'custom_attributes'} ?? null;
            if (is_array($custom_attributes)) {
                foreach ($custom_attributes as $custom_attribute_index => $custom_attribute) {
                    if (!is_object($custom_attribute)) {
                        continue;
                    }
                    $key = $custom_attribute->{'key'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].key', $key);
                    $custom_attribute_name = $custom_attribute->{'name'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].name', $custom_attribute_name);
                    $custom_attribute_value = $custom_attribute->{'value'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].custom_attributes[' . $custom_attribute_index . '].value', $custom_attribute_value);
                }
            }
            $dept = $user->{'dept'} ?? null;
            show('users[' . ($user_count + $user_index) . '].dept', $dept);
            $display_name = $user->{'display_name'} ?? null;
            show('users[' . ($user_count + $user_index) . '].display_name', $display_name);
            $division_ids = $user->{'division_ids'} ?? null;
            if (is_array($division_ids)) {
                foreach ($division_ids as $division_id_index => $division_id) {
                    show('users[' . ($user_count + $user_index) . '].division_ids[' . $division_id_index . ']', $division_id);
                }
            }
            $email = $user->{'email'} ?? null;
            show('users[' . ($user_count + $user_index) . '].email', $email);
            $employee_unique_id = $user->{'employee_unique_id'} ?? null;
            show('users[' . ($user_count + $user_index) . '].employee_unique_id', $employee_unique_id);
            $first_name = $user->{'first_name'} ?? null;
            show('users[' . ($user_count + $user_index) . '].first_name', $first_name);
            $group_ids = $user->{'group_ids'} ?? null;
            if (is_array($group_ids)) {
                foreach ($group_ids as $group_id_index => $group_id) {
                    show('users[' . ($user_count + $user_index) . '].group_ids[' . $group_id_index . ']', $group_id);
                }
            }
            $host_key = $user->{'host_key'} ?? null;
            show('users[' . ($user_count + $user_index) . '].host_key', $host_key);
            $id = $user->{'id'} ?? null;
            show('users[' . ($user_count + $user_index) . '].id', $id);
            $im_group_ids = $user->{'im_group_ids'} ?? null;
            if (is_array($im_group_ids)) {
                foreach ($im_group_ids as $im_group_id_index => $im_group_id) {
                    show('users[' . ($user_count + $user_index) . '].im_group_ids[' . $im_group_id_index . ']', $im_group_id);
                }
            }
            $last_client_version = $user->{'last_client_version'} ?? null;
            show('users[' . ($user_count + $user_index) . '].last_client_version', $last_client_version);
            $last_login_time = $user->{'last_login_time'} ?? null;
            show('users[' . ($user_count + $user_index) . '].last_login_time', $last_login_time);
            $last_name = $user->{'last_name'} ?? null;
            show('users[' . ($user_count + $user_index) . '].last_name', $last_name);
            $license_info_list = $user->{'license_info_list'} ?? null;
            if (is_array($license_info_list)) {
                foreach ($license_info_list as $license_info_list_item_index => $license_info_list_item) {
                    if (!is_object($license_info_list_item)) {
                        continue;
                    }
                    $license_option = $license_info_list_item->{'license_option'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].license_option', $license_option);
                    $license_type = $license_info_list_item->{'license_type'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].license_type', $license_type);
                    $subscription_id = $license_info_list_item->{'subscription_id'} ?? null;
                    show('users[' . ($user_count + $user_index) . '].license_info_list[' . $license_info_list_item_index . '].subscription_id', $subscription_id);
                }
            }
            $plan_united_type = $user->{'plan_united_type'} ?? null;
            show('users[' . ($user_count + $user_index) . '].plan_united_type', $plan_united_type);
            $pmi = $user->{'pmi'} ?? null;
            show('users[' . ($user_count + $user_index) . '].pmi', $pmi);
            $role_id = $user->{'role_id'} ?? null;
            show('users[' . ($user_count + $user_index) . '].role_id', $role_id);
            $user_status = $user->{'status'} ?? null;
            show('users[' . ($user_count + $user_index) . '].status', $user_status);
            $timezone = $user->{'timezone'} ?? null;
            show('users[' . ($user_count + $user_index) . '].timezone', $timezone);
            $user_type = $user->{'type'} ?? null;
            show('users[' . ($user_count + $user_index) . '].type', $user_type);
            $user_created_at = $user->{'user_created_at'} ?? null;
            show('users[' . ($user_count + $user_index) . '].user_created_at', $user_created_at);
            $verified = $user->{'verified'} ?? null;
            show('users[' . ($user_count + $user_index) . '].verified', $verified);
        }
        $user_count += count($users_value);
    }
    // The next page, if there is one.
    $token = $answer->{'next_page_token'} ?? '';
    $url = $token ? $base_url . $path . '?' . pairs([...$query, ['next_page_token', $token]]) : '';
}
