<?php
// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.

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
    global $grant_type;
    global $authorization;
    $lines = ['Accept: ' . 'application/json', 'Authorization: ' . $authorization];
    for ($attempt = 0; ; $attempt++) {
        $headers = [];
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => 'POST',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => TIMEOUT_SECONDS,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
            CURLOPT_POSTFIELDS => pairs([['grant_type', $grant_type]]),
            CURLOPT_HTTPHEADER => [...$lines, 'Content-Type: application/x-www-form-urlencoded'],
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
$authorization = 'Basic ' . base64_encode(setting('API_CLIENT_ID') . ':' . setting('API_CLIENT_SECRET'));
$grant_type = 'account_credentials';

$path = '/oauth/token';
$query = [];
$url = $base_url . $path . ($query ? '?' . pairs($query) : '');
[$headers, $text] = send($url);
$answer = json_decode($text, false, 512, JSON_BIGINT_AS_STRING);
if (json_last_error() !== JSON_ERROR_NONE) {
    fail('the answer is not JSON (' . json_last_error_msg() . "): $text");
}
$access_token = $answer->{'access_token'} ?? null;
show('access_token', $access_token);
$api_url = $answer->{'api_url'} ?? null;
show('api_url', $api_url);
$expires_in = $answer->{'expires_in'} ?? null;
show('expires_in', $expires_in);
$refresh_token = $answer->{'refresh_token'} ?? null;
show('refresh_token', $refresh_token);
$scope = $answer->{'scope'} ?? null;
show('scope', $scope);
$token_type = $answer->{'token_type'} ?? null;
show('token_type', $token_type);
