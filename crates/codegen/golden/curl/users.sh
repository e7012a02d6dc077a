#!/usr/bin/env bash
# List users
# GET /v2/users
#
# Optional parameters:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
#   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
set -euo pipefail

for tool in curl jq; do
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

def license_info_list_item:
  select(.value | type == "object") | (
    member("license_option"; show),
    member("license_type"; show),
    member("subscription_id"; show)
  );

def custom_attribute:
  select(.value | type == "object") | (
    member("key"; show),
    member("name"; show),
    member("value"; show)
  );

def user:
  select(.value | type == "object") | (
    member("created_at"; show),
    member("custom_attributes"; list(custom_attribute)),
    member("dept"; show),
    member("display_name"; show),
    member("division_ids"; list(show)),
    member("email"; show),
    member("employee_unique_id"; show),
    member("first_name"; show),
    member("group_ids"; list(show)),
    member("host_key"; show),
    member("id"; show),
    member("im_group_ids"; list(show)),
    member("last_client_version"; show),
    member("last_login_time"; show),
    member("last_name"; show),
    member("license_info_list"; list(license_info_list_item)),
    member("plan_united_type"; show),
    member("pmi"; show),
    member("role_id"; show),
    member("status"; show),
    member("timezone"; show),
    member("type"; show),
    member("user_created_at"; show),
    member("verified"; show)
  );

def answer:
  select(.value | type == "object") | (
    member("next_page_token"; show),
    member("page_count"; show),
    member("page_size"; show),
    member("total_records"; show),
    member("page_number"; show),
    member("users"; list(user))
  );

# A list continues on the next page: `first` has the index that each list begins with.
foreach inputs as $page (
  {first: {}, next: {}};
  .first = .next
    | reduce ($page | if type == "array" then {"": .} else objects end | to_entries[]) as $list
      (.; if $list.value | type == "array" then .next[$list.key] += ($list.value | length) else . end);
  {place: "", value: $page, first} | answer
)
JQ
)

# Puts integers that jq would round in quotes.
exact() {
  sed -E $'s/("([^"\\\\]|\\\\.)*")|(-?[0-9.eE+-]{16,})/\\1\001\\3\002/g; s/\001\002//g; s/\001(-?[0-9]+)\002/"\\1"/g; s/[\001\002]//g' "$@"
}

base_url=${API_BASE_URL:?set it in the environment}
base_url=${base_url%/}
authorization="Bearer ${API_TOKEN:?set it in the environment}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# Percent-encodes everything but letters, digits and -._~
encode() {
  # jq 1.6 leaves some characters unencoded.
  printf %s "$1" | jq --raw-input --slurp --raw-output @uri |
    sed "s/!/%21/g; s/'/%27/g; s/(/%28/g; s/)/%29/g; s/[*]/%2A/g"
}

header() {
  tr -d '\r' < "$work/headers" | sed -n "s/^$1: *//Ip" | tail -n 1
}

# Prints how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
wait_seconds() {
  local retry_after until
  retry_after=$(header retry-after)
  if [[ $retry_after =~ ^[0-9]+$ ]]; then
    echo "$retry_after"
  elif until=$(date --date="${retry_after:-none}" +%s 2> "$work/error"); then
    local seconds=$((until - $(date +%s) + 1))
    echo $((seconds > 0 ? seconds : 0))
  else
    echo 1
  fi
}

# Maximum time for a response, in seconds.
timeout_seconds=60

# Writes the body of a successful response to $work/body. Retries up to five times after 429.
# Headers are passed in a file, since other users can see a command line.
send() {
  local url=$1 status attempt seconds
  local options=(--silent --show-error --request 'GET' --max-time "$timeout_seconds" --header @"$work/request"
    --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}')
  {
    printf 'Accept: %s\n' 'application/json'
    printf 'Authorization: %s\n' "$authorization"
  } > "$work/request"
  for attempt in 1 2 3 4 5 6; do
    : > "$work/body"
    status=$(curl "${options[@]}" -- "$url") || exit 1
    case $status in
      2??) return ;;
      429)
        if ((attempt < 6)); then
          seconds=$(wait_seconds)
          echo "429: waiting $seconds s" >&2
          sleep "$seconds"
          continue
        fi
        ;;
    esac
    fail "HTTP $status: $(cat "$work/body")"
  done
}

# List users: prints the pages, each on its own line.
request_users() {
  local path='/v2/users'
  local url=$base_url$path
  local token
  while [[ -n $url ]]; do
    send "$url"
    exact "$work/body" | jq --compact-output . || fail "the response is not JSON: $(cat "$work/body")"
    token=$(jq --raw-output '.next_page_token? // empty' "$work/body")
    url=''
    if [[ -n $token ]]; then
      url=$base_url$path?next_page_token=$(encode "$token")
    fi
  done
}

request_users | jq --null-input --raw-output "$reading"
