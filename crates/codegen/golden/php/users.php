<?php
// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs PHP 8.1 or later with the extension curl.

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

// The types of the response, in the order in which they are printed.
const LICENSE_INFO_LIST_ITEM = [
    'license_option' => 'int',
    'license_type' => 'string',
    'subscription_id' => 'string',
];
const CUSTOM_ATTRIBUTE = [
    'key' => 'string',
    'name' => 'string',
    'value' => 'string',
];
const USER = [
    'created_at' => 'string',
    'custom_attributes' => [CUSTOM_ATTRIBUTE],
    'dept' => 'string',
    'display_name' => 'string',
    'division_ids' => ['string'],
    'email' => 'string',
    'employee_unique_id' => 'string',
    'first_name' => 'string',
    'group_ids' => ['string'],
    'host_key' => 'string',
    'id' => 'string',
    'im_group_ids' => ['string'],
    'last_client_version' => 'string',
    'last_login_time' => 'string',
    'last_name' => 'string',
    'license_info_list' => [LICENSE_INFO_LIST_ITEM],
    'plan_united_type' => 'string',
    'pmi' => 'int',
    'role_id' => 'string',
    'status' => 'string',
    'timezone' => 'string',
    'type' => 'int',
    'user_created_at' => 'string',
    'verified' => 'int',
];
const ANSWER = [
    'next_page_token' => 'string',
    'page_count' => 'int',
    'page_size' => 'int',
    'total_records' => 'int',
    'page_number' => 'int',
    'users' => [USER],
];

function fail(string $message): never
{
    fwrite(STDERR, "$message\n");
    exit(1);
}

function parse(string $text): mixed
{
    try {
        return json_decode($text, flags: JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
    } catch (JsonException $error) {
        fail("the response is not JSON ({$error->getMessage()}): $text");
    }
}

function escaped(string $text): string
{
    return strtr($text, ['\\' => '\\\\', "\n" => '\\n', "\r" => '\\r']);
}

function formatted(mixed $value): string
{
    return match (true) {
        is_bool($value) => $value ? 'true' : 'false',
        is_float($value) => sprintf('%.15G', $value),
        is_scalar($value) => escaped((string) $value),
        default => escaped(json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)),
    };
}

/** Prints each value of a type on its own line, and nothing for absent values. */
function show(string $place, mixed $value, array|string $type): void
{
    // How many elements of each list have been printed: a list continues on the next page.
    static $printed = [];
    if ($value === null) {
        return;
    }
    if (is_string($type)) {
        echo "$place: ", formatted($value), "\n";
    } elseif (array_is_list($type)) {
        if (is_array($value)) {
            $first = $printed[$place] ?? 0;
            foreach ($value as $index => $element) {
                show(sprintf('%s[%d]', $place, $first + $index), $element, $type[0]);
            }
            $printed[$place] = $first + count($value);
        }
    } elseif (is_object($value)) {
        foreach ($type as $name => $member) {
            $label = escaped($name);
            show($place === '' ? $label : "$place.$label", $value->{$name} ?? null, $member);
        }
    }
}

/** Returns an environment variable. */
function setting(string $name): string
{
    return getenv($name) ?: fail("set $name in the environment");
}

/** Writes parameters as a query or a form. */
function pairs(array $parameters): string
{
    $encode = function (array $parameter): string {
        [$name, $values] = [$parameter[0], array_slice($parameter, 1)];
        return rawurlencode($name) . '=' . implode(',', array_map('rawurlencode', $values));
    };
    return implode('&', array_map($encode, $parameters));
}

/** Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time. */
function wait_seconds(array $headers): float
{
    $retry_after = $headers['retry-after'] ?? '1';
    if (ctype_digit($retry_after)) {
        return (float) $retry_after;
    }
    $until = strtotime($retry_after);
    return $until === false ? 1.0 : max(0.0, $until + 1 - microtime(true));
}

/**
 * Sends the request. Retries up to five times after 429.
 *
 * @return array{array<string, string>, string} the headers and the body of a successful response
 */
function send(string $url, array $headers, ?string $body = null): array
{
    for ($attempt = 0; ; $attempt++) {
        $received = [];
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => 'GET',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => TIMEOUT_SECONDS,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$received): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $received[strtolower($name)] = trim($value);
                return strlen($line);
            },
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        $text = curl_exec($curl);
        if ($text === false) {
            fail("$url: " . curl_error($curl));
        }
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status >= 200 && $status < 300) {
            return [$received, $text];
        }
        if ($status !== 429 || $attempt === 5) {
            fail("HTTP $status: $text");
        }
        $seconds = wait_seconds($received);
        fprintf(STDERR, "429: waiting %.0f s\n", $seconds);
        usleep((int) ($seconds * 1e6));
    }
}

/**
 * List users.
 *
 * @return Generator<int, object> the pages
 */
function request_users(): Generator
{
    $base_url = rtrim(setting('API_BASE_URL'), '/');
    $path = '/v2/users';
    $headers = [
        'Accept: ' . 'application/json',
        'Authorization: Bearer ' . setting('API_TOKEN'),
    ];
    $query = [];
    $url = $base_url . $path;
    while ($url) {
        [, $text] = send($url, $headers);
        $page = parse($text);
        yield $page;
        $token = $page->next_page_token ?? '';
        $url = $token ? $base_url . $path . '?' . pairs([...$query, ['next_page_token', $token]]) : '';
    }
}

if (!extension_loaded('curl')) {
    fail('PHP has no extension curl: install it (Debian: php-curl) and load it in php.ini');
}
foreach (request_users() as $page) {
    show('', $page, ANSWER);
}
