#!/usr/bin/env bash
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
set -euo pipefail

for tool in curl jq; do
  command -v "$tool" > /dev/null || { echo "there is no $tool: install it" >&2; exit 1; }
done

# What is read of an answer, as a program for jq: each value on a line of its own, nothing if there is none.
reading=$(cat <<'JQ'
def show($place; $value):
  if $value == null then empty
  else ($value | tostring) as $text | $place + ": "
    + ($text | split("\\") | join("\\\\") | split("\n") | join("\\n") | split("\r") | join("\\r"))
  end;
(.["next_page_token"]? as $next_page_token | show("next_page_token"; $next_page_token)),
(.["page_count"]? as $page_count | show("page_count"; $page_count)),
(.["page_size"]? as $page_size | show("page_size"; $page_size)),
(.["total_records"]? as $total_records | show("total_records"; $total_records)),
(.["page_number"]? as $page_number | show("page_number"; $page_number)),
(.["users"]? | arrays as $users_value | range($users_value | length) as $user_index |
  ($users_value[$user_index] | objects) as $user |
  ($user["created_at"] as $created_at | show("users[" + ($user_count + $user_index | tostring) + "].created_at"; $created_at)),
  ($user["custom_attributes"] | arrays as $custom_attributes | range($custom_attributes | length) as $custom_attribute_index |
    ($custom_attributes[$custom_attribute_index] | objects) as $custom_attribute |
    ($custom_attribute["key"] as $key | show("users[" + ($user_count + $user_index | tostring) + "].custom_attributes[" + ($custom_attribute_index | tostring) + "].key"; $key)),
    ($custom_attribute["name"] as $name | show("users[" + ($user_count + $user_index | tostring) + "].custom_attributes[" + ($custom_attribute_index | tostring) + "].name"; $name)),
    ($custom_attribute["value"] as $custom_attribute_value | show("users[" + ($user_count + $user_index | tostring) + "].custom_attributes[" + ($custom_attribute_index | tostring) + "].value"; $custom_attribute_value))
  ),
  ($user["dept"] as $dept | show("users[" + ($user_count + $user_index | tostring) + "].dept"; $dept)),
  ($user["display_name"] as $display_name | show("users[" + ($user_count + $user_index | tostring) + "].display_name"; $display_name)),
  ($user["division_ids"] | arrays as $division_ids | range($division_ids | length) as $division_id_index |
    $division_ids[$division_id_index] as $division_id |
    show("users[" + ($user_count + $user_index | tostring) + "].division_ids[" + ($division_id_index | tostring) + "]"; $division_id)
  ),
  ($user["email"] as $email | show("users[" + ($user_count + $user_index | tostring) + "].email"; $email)),
  ($user["employee_unique_id"] as $employee_unique_id | show("users[" + ($user_count + $user_index | tostring) + "].employee_unique_id"; $employee_unique_id)),
  ($user["first_name"] as $first_name | show("users[" + ($user_count + $user_index | tostring) + "].first_name"; $first_name)),
  ($user["group_ids"] | arrays as $group_ids | range($group_ids | length) as $group_id_index |
    $group_ids[$group_id_index] as $group_id |
    show("users[" + ($user_count + $user_index | tostring) + "].group_ids[" + ($group_id_index | tostring) + "]"; $group_id)
  ),
  ($user["host_key"] as $host_key | show("users[" + ($user_count + $user_index | tostring) + "].host_key"; $host_key)),
  ($user["id"] as $id | show("users[" + ($user_count + $user_index | tostring) + "].id"; $id)),
  ($user["im_group_ids"] | arrays as $im_group_ids | range($im_group_ids | length) as $im_group_id_index |
    $im_group_ids[$im_group_id_index] as $im_group_id |
    show("users[" + ($user_count + $user_index | tostring) + "].im_group_ids[" + ($im_group_id_index | tostring) + "]"; $im_group_id)
  ),
  ($user["last_client_version"] as $last_client_version | show("users[" + ($user_count + $user_index | tostring) + "].last_client_version"; $last_client_version)),
  ($user["last_login_time"] as $last_login_time | show("users[" + ($user_count + $user_index | tostring) + "].last_login_time"; $last_login_time)),
  ($user["last_name"] as $last_name | show("users[" + ($user_count + $user_index | tostring) + "].last_name"; $last_name)),
  ($user["license_info_list"] | arrays as $license_info_list | range($license_info_list | length) as $license_info_list_item_index |
    ($license_info_list[$license_info_list_item_index] | objects) as $license_info_list_item |
    ($license_info_list_item["license_option"] as $license_option | show("users[" + ($user_count + $user_index | tostring) + "].license_info_list[" + ($license_info_list_item_index | tostring) + "].license_option"; $license_option)),
    ($license_info_list_item["license_type"] as $license_type | show("users[" + ($user_count + $user_index | tostring) + "].license_info_list[" + ($license_info_list_item_index | tostring) + "].license_type"; $license_type)),
    ($license_info_list_item["subscription_id"] as $subscription_id | show("users[" + ($user_count + $user_index | tostring) + "].license_info_list[" + ($license_info_list_item_index | tostring) + "].subscription_id"; $subscription_id))
  ),
  ($user["plan_united_type"] as $plan_united_type | show("users[" + ($user_count + $user_index | tostring) + "].plan_united_type"; $plan_united_type)),
  ($user["pmi"] as $pmi | show("users[" + ($user_count + $user_index | tostring) + "].pmi"; $pmi)),
  ($user["role_id"] as $role_id | show("users[" + ($user_count + $user_index | tostring) + "].role_id"; $role_id)),
  ($user["status"] as $user_status | show("users[" + ($user_count + $user_index | tostring) + "].status"; $user_status)),
  ($user["timezone"] as $timezone | show("users[" + ($user_count + $user_index | tostring) + "].timezone"; $timezone)),
  ($user["type"] as $user_type | show("users[" + ($user_count + $user_index | tostring) + "].type"; $user_type)),
  ($user["user_created_at"] as $user_created_at | show("users[" + ($user_count + $user_index | tostring) + "].user_created_at"; $user_created_at)),
  ($user["verified"] as $verified | show("users[" + ($user_count + $user_index | tostring) + "].verified"; $verified))
)
JQ
)

# How many elements the lists of an answer have.
counting=$(cat <<'JQ'
.["users"]? // [] | length
JQ
)

# JSON with whole numbers that jq would round in quotes.
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

encode() {
  # jq 1.6 leaves some characters as they are that others encode.
  printf %s "$1" | jq --raw-input --slurp --raw-output @uri |
    sed "s/!/%21/g; s/'/%27/g; s/(/%28/g; s/)/%29/g; s/[*]/%2A/g"
}

header() {
  tr -d '\r' < "$work/headers" | sed -n "s/^$1: *//Ip" | tail -n 1
}

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
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

# How long a server may take to answer.
timeout_seconds=60

# Puts a good answer into $work/body; after 429 it waits and asks again, at most five times.
# Headers go to curl in a file: a command line can be seen by others.
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

path='/v2/users'
query=''
url=$base_url$path${query:+?$query}
user_count=0
while [[ -n $url ]]; do
  send "$url"
  exact "$work/body" > "$work/json"
  jq --raw-output --argjson user_count "$user_count" "$reading" "$work/json" || fail "the answer is not JSON: $(cat "$work/body")"
  mapfile -t counts < <(jq "$counting" "$work/json")
  user_count=$((user_count + counts[0]))
  # The next page, if there is one.
  token=$(jq --raw-output '.["next_page_token"] // empty' "$work/body")
  url=''
  if [[ -n $token ]]; then
    url=$base_url$path?${query:+$query&}$(encode 'next_page_token')=$(encode "$token")
  fi
done
