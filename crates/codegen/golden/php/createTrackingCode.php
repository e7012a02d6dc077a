<?php
// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes

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
            CURLOPT_CUSTOMREQUEST => 'POST',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => TIMEOUT_SECONDS,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
            CURLOPT_POSTFIELDS => "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}",
            CURLOPT_HTTPHEADER => [...$lines, 'Content-Type: ' . 'application/json'],
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

$path = '/v1/admin/meeting/config/trackingCodes';
$query = [];
$url = $base_url . $path . ($query ? '?' . pairs($query) : '');
[$headers, $text] = send($url);
$answer = json_decode($text, false, 512, JSON_BIGINT_AS_STRING);
if (json_last_error() !== JSON_ERROR_NONE) {
    fail('the answer is not JSON (' . json_last_error_msg() . "): $text");
}
$host_profile_code = $answer->{'hostProfileCode'} ?? null;
show('hostProfileCode', $host_profile_code);
$id = $answer->{'id'} ?? null;
show('id', $id);
$input_mode = $answer->{'inputMode'} ?? null;
show('inputMode', $input_mode);
$name_value = $answer->{'name'} ?? null;
show('name', $name_value);
$options = $answer->{'options'} ?? null;
if (is_array($options)) {
    foreach ($options as $option_index => $option) {
        if (!is_object($option)) {
            continue;
        }
        $default_value = $option->{'defaultValue'} ?? null;
        show('options[' . $option_index . '].defaultValue', $default_value);
        $option_value = $option->{'value'} ?? null;
        show('options[' . $option_index . '].value', $option_value);
    }
}
$schedule_start_codes = $answer->{'scheduleStartCodes'} ?? null;
if (is_array($schedule_start_codes)) {
    foreach ($schedule_start_codes as $schedule_start_code_index => $schedule_start_code) {
        if (!is_object($schedule_start_code)) {
            continue;
        }
        $service = $schedule_start_code->{'service'} ?? null;
        show('scheduleStartCodes[' . $schedule_start_code_index . '].service', $service);
        $schedule_start_code_type = $schedule_start_code->{'type'} ?? null;
        show('scheduleStartCodes[' . $schedule_start_code_index . '].type', $schedule_start_code_type);
    }
}
$site_url = $answer->{'siteUrl'} ?? null;
show('siteUrl', $site_url);
