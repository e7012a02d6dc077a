<?php
// Reads JSON that is built like the sample
// Reads standard input.

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

$answer = json_decode(stream_get_contents(STDIN), false, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
$id = $answer->{'id'} ?? null;
show('id', $id);
$field_2nd_name = $answer->{'2nd-name'} ?? null;
show('2nd-name', $field_2nd_name);
$class = $answer->{'class'} ?? null;
show('class', $class);
$mean = $answer->{'mean'} ?? null;
show('mean', $mean);
$tags = $answer->{'tags'} ?? null;
if (is_array($tags)) {
    foreach ($tags as $tag_index => $tag) {
        show('tags[' . $tag_index . ']', $tag);
    }
}
$grid = $answer->{'grid'} ?? null;
if (is_array($grid)) {
    foreach ($grid as $grid_item_index => $grid_item) {
        $inner = $grid_item;
        if (is_array($inner)) {
            foreach ($inner as $inner_item_index => $inner_item) {
                show('grid[' . $grid_item_index . '][' . $inner_item_index . ']', $inner_item);
            }
        }
    }
}
$owner = $answer->{'owner'} ?? null;
if (is_object($owner)) {
    $owner_id = $owner->{'id'} ?? null;
    show('owner.id', $owner_id);
    $owner_class = $owner->{'class'} ?? null;
    show('owner.class', $owner_class);
}
$rows = $answer->{'rows'} ?? null;
if (is_array($rows)) {
    foreach ($rows as $row_index => $row) {
        if (!is_object($row)) {
            continue;
        }
        $row_id = $row->{'id'} ?? null;
        show('rows[' . $row_index . '].id', $row_id);
        $note = $row->{'note'} ?? null;
        show('rows[' . $row_index . '].note', $note);
    }
}
$user_name = $answer->{'userName'} ?? null;
show('userName', $user_name);
$user_name_value = $answer->{'user_name'} ?? null;
show('user_name', $user_name_value);
