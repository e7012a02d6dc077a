#!/usr/bin/env bash
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
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
(.["hostProfileCode"]? as $host_profile_code | show("hostProfileCode"; $host_profile_code)),
(.["id"]? as $id | show("id"; $id)),
(.["inputMode"]? as $input_mode | show("inputMode"; $input_mode)),
(.["name"]? as $name | show("name"; $name)),
(.["options"]? | arrays as $options_value | range($options_value | length) as $option_index |
  ($options_value[$option_index] | objects) as $option |
  ($option["defaultValue"] as $default_value | show("options[" + ($option_index | tostring) + "].defaultValue"; $default_value)),
  ($option["value"] as $option_value | show("options[" + ($option_index | tostring) + "].value"; $option_value))
),
(.["scheduleStartCodes"]? | arrays as $schedule_start_codes | range($schedule_start_codes | length) as $schedule_start_code_index |
  ($schedule_start_codes[$schedule_start_code_index] | objects) as $schedule_start_code |
  ($schedule_start_code["service"] as $service | show("scheduleStartCodes[" + ($schedule_start_code_index | tostring) + "].service"; $service)),
  ($schedule_start_code["type"] as $schedule_start_code_type | show("scheduleStartCodes[" + ($schedule_start_code_index | tostring) + "].type"; $schedule_start_code_type))
),
(.["siteUrl"]? as $site_url | show("siteUrl"; $site_url))
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
  local options=(--silent --show-error --request 'POST' --max-time "$timeout_seconds" --header @"$work/request"
    --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}')
  {
    printf 'Accept: %s\n' 'application/json'
    printf 'Authorization: %s\n' "$authorization"
    printf 'Content-Type: %s\n' 'application/json'
  } > "$work/request"
  printf %s '{
  "hostProfileCode": "optional",
  "inputMode": "select",
  "name": "Department",
  "options": [
    {
      "defaultValue": false,
      "value": "Engineering"
    },
    {
      "defaultValue": true,
      "value": "Design"
    },
    {
      "defaultValue": false,
      "value": "Sales"
    }
  ],
  "scheduleStartCodes": [
    {
      "service": "MeetingCenter",
      "type": "required"
    },
    {
      "service": "EventCenter",
      "type": "optional"
    }
  ],
  "siteUrl": "example.webex.com"
}' > "$work/data"
  options+=(--data-binary @"$work/data")
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

path='/v1/admin/meeting/config/trackingCodes'
query=''
url=$base_url$path${query:+?$query}
send "$url"
exact "$work/body" > "$work/json"
jq --raw-output "$reading" "$work/json" || fail "the answer is not JSON: $(cat "$work/body")"
