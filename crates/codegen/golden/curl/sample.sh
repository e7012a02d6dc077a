#!/usr/bin/env bash
# Reads JSON that is built like the sample
# Reads standard input.
set -euo pipefail

for tool in jq; do
  command -v "$tool" > /dev/null || { echo "there is no $tool: install it" >&2; exit 1; }
done

# What is read of an answer, as a program for jq: each value on a line of its own, nothing if there is none.
reading=$(cat <<'JQ'
def show($place; $value):
  if $value == null then empty
  else ($value | tostring) as $text | $place + ": "
    + ($text | split("\\") | join("\\\\") | split("\n") | join("\\n") | split("\r") | join("\\r"))
  end;
(.["id"]? as $id | show("id"; $id)),
(.["2nd-name"]? as $field_2nd_name | show("2nd-name"; $field_2nd_name)),
(.["class"]? as $class | show("class"; $class)),
(.["mean"]? as $mean | show("mean"; $mean)),
(.["tags"]? | arrays as $tags | range($tags | length) as $tag_index |
  $tags[$tag_index] as $tag |
  show("tags[" + ($tag_index | tostring) + "]"; $tag)
),
(.["grid"]? | arrays as $grid | range($grid | length) as $grid_item_index |
  $grid[$grid_item_index] as $grid_item |
  ($grid_item | arrays as $inner | range($inner | length) as $inner_item_index |
    $inner[$inner_item_index] as $inner_item |
    show("grid[" + ($grid_item_index | tostring) + "][" + ($inner_item_index | tostring) + "]"; $inner_item)
  )
),
(.["owner"]? | objects as $owner |
  ($owner["id"] as $owner_id | show("owner.id"; $owner_id)),
  ($owner["class"] as $owner_class | show("owner.class"; $owner_class))
),
(.["rows"]? | arrays as $rows | range($rows | length) as $row_index |
  ($rows[$row_index] | objects) as $row |
  ($row["id"] as $row_id | show("rows[" + ($row_index | tostring) + "].id"; $row_id)),
  ($row["note"] as $note | show("rows[" + ($row_index | tostring) + "].note"; $note))
),
(.["userName"]? as $user_name | show("userName"; $user_name)),
(.["user_name"]? as $user_name_value | show("user_name"; $user_name_value))
JQ
)

# JSON with whole numbers that jq would round in quotes.
exact() {
  sed -E $'s/("([^"\\\\]|\\\\.)*")|(-?[0-9.eE+-]{16,})/\\1\001\\3\002/g; s/\001\002//g; s/\001(-?[0-9]+)\002/"\\1"/g; s/[\001\002]//g' "$@"
}

exact | jq --raw-output "$reading"
