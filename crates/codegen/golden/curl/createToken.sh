#!/usr/bin/env bash
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.
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
(.["access_token"]? as $access_token | show("access_token"; $access_token)),
(.["api_url"]? as $api_url | show("api_url"; $api_url)),
(.["expires_in"]? as $expires_in | show("expires_in"; $expires_in)),
(.["refresh_token"]? as $refresh_token | show("refresh_token"; $refresh_token)),
(.["scope"]? as $scope | show("scope"; $scope)),
(.["token_type"]? as $token_type | show("token_type"; $token_type))
JQ
)

# JSON with whole numbers that jq would round in quotes.
exact() {
  sed -E $'s/("([^"\\\\]|\\\\.)*")|(-?[0-9.eE+-]{16,})/\\1\001\\3\002/g; s/\001\002//g; s/\001(-?[0-9]+)\002/"\\1"/g; s/[\001\002]//g' "$@"
}

base_url=${API_BASE_URL:?set it in the environment}
base_url=${base_url%/}
credentials="${API_CLIENT_ID:?set it in the environment}:${API_CLIENT_SECRET:?set it in the environment}"
authorization="Basic $(printf %s "$credentials" | base64 --wrap=0)"
grant_type='account_credentials'

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
    printf 'Content-Type: application/x-www-form-urlencoded\n'
  } > "$work/request"
  {
    printf '%s=%s' "$(encode 'grant_type')" "$(encode "$grant_type")"
  } > "$work/data"
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

path='/oauth/token'
query=''
url=$base_url$path${query:+?$query}
send "$url"
exact "$work/body" > "$work/json"
jq --raw-output "$reading" "$work/json" || fail "the answer is not JSON: $(cat "$work/body")"
