<?php
// Reads JSON that is built like the sample
// Reads standard input.
// Needs PHP 8.1 or later.

// The types of the response, in the order in which they are printed.
const ANSWER_ROW = [
    'id' => 'int',
    'note' => 'string',
];
const OWNER = [
    'id' => 'string',
    'class' => 'mixed',
];
const ANSWER = [
    'id' => 'int',
    '2nd-name' => 'string',
    'class' => 'bool',
    'mean' => 'float',
    'tags' => ['string'],
    'grid' => [['int']],
    'owner' => OWNER,
    'rows' => [ANSWER_ROW],
    'userName' => 'string',
    'user_name' => 'string',
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
        fail("standard input is not JSON ({$error->getMessage()})");
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

show('', parse(stream_get_contents(STDIN)), ANSWER);
