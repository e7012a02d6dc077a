#!/usr/bin/env bash
# Reads JSON that is built like the sample
# Reads standard input.
set -euo pipefail

for tool in jq; do
  command -v "$tool" > /dev/null || { echo "there is no $tool: install it" >&2; exit 1; }
done

# A program for jq that prints each value on its own line. Each value is passed on with its place.
reading=$(cat <<'JQ'
def escaped:
  split("\\") | join("\\\\") | split("\n") | join("\\n") | split("\r") | join("\\r");

def show:
  select(.value != null) | "\(.place): \(.value | tostring | escaped)";

def list(print):
  .place as $place | .first as $first | .value | arrays | range(length) as $i
    | {place: "\($place)[\(($first[$place] // 0) + $i)]", value: .[$i], $first} | print;

def member($name; print):
  (if .place == "" then "" else "\(.place)." end) as $before
    | {place: "\($before)\($name | escaped)", value: .value[$name], first} | print;

def answer_row:
  select(.value | type == "object") | (
    member("id"; show),
    member("note"; show)
  );

def owner:
  select(.value | type == "object") | (
    member("id"; show),
    member("class"; show)
  );

def answer:
  select(.value | type == "object") | (
    member("id"; show),
    member("2nd-name"; show),
    member("class"; show),
    member("mean"; show),
    member("tags"; list(show)),
    member("grid"; list(list(show))),
    member("owner"; owner),
    member("rows"; list(answer_row)),
    member("userName"; show),
    member("user_name"; show)
  );

{place: "", value: ., first: {}} | answer
JQ
)

# Puts integers that jq would round in quotes.
exact() {
  sed -E $'s/("([^"\\\\]|\\\\.)*")|(-?[0-9.eE+-]{16,})/\\1\001\\3\002/g; s/\001\002//g; s/\001(-?[0-9]+)\002/"\\1"/g; s/[\001\002]//g' "$@"
}

exact | jq --raw-output "$reading"
