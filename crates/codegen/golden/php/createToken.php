<?php
// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
// Needs PHP 8.1 or later with the extension curl.

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

// The types of the response, in the order in which they are printed.
const ANSWER = [
    'access_token' => 'string',
    'api_url' => 'string',
    'expires_in' => 'int',
    'refresh_token' => 'string',
    'scope' => 'string',
    'token_type' => 'string',
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
    if ($value === null) {
        return;
    }
    if (is_string($type)) {
        echo "$place: ", formatted($value), "\n";
    } elseif (array_is_list($type)) {
        if (is_array($value)) {
            foreach ($value as $index => $element) {
                show("{$place}[$index]", $element, $type[0]);
            }
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
            CURLOPT_CUSTOMREQUEST => 'POST',
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

/** Get an access token. */
function request_create_token(
    string $grant_type = 'account_credentials',
): mixed {
    $base_url = rtrim(setting('API_BASE_URL'), '/');
    $path = '/oauth/token';
    $headers = [
        'Accept: ' . 'application/json',
        'Authorization: Basic ' . base64_encode(setting('API_CLIENT_ID') . ':' . setting('API_CLIENT_SECRET')),
        'Content-Type: application/x-www-form-urlencoded',
    ];
    $body = pairs([['grant_type', $grant_type]]);
    $url = $base_url . $path;
    [, $text] = send($url, $headers, $body);
    return parse($text);
}

if (!extension_loaded('curl')) {
    fail('PHP has no extension curl: install it (Debian: php-curl) and load it in php.ini');
}
show('', request_create_token(), ANSWER);
