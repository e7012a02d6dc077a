#!/usr/bin/env bash
# Get an access token
# POST /oauth/token
#
# Optional parameters:
#   account_id: With `account_credentials`: the account's id.
#   code: With `authorization_code`: the code. It is valid once, for five minutes.
#   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
#   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, if there is no Basic header.
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

def answer:
  select(.value | type == "object") | (
    member("access_token"; show),
    member("api_url"; show),
    member("expires_in"; show),
    member("refresh_token"; show),
    member("scope"; show),
    member("token_type"; show)
  );

{place: "", value: ., first: {}} | answer
JQ
)

# Puts integers that jq would round in quotes.
exact() {
  sed -E $'s/("([^"\\\\]|\\\\.)*")|(-?[0-9.eE+-]{16,})/\\1\001\\3\002/g; s/\001\002//g; s/\001(-?[0-9]+)\002/"\\1"/g; s/[\001\002]//g' "$@"
}

base_url=${API_BASE_URL:?set it in the environment}
base_url=${base_url%/}
credentials="${API_CLIENT_ID:?set it in the environment}:${API_CLIENT_SECRET:?set it in the environment}"
authorization="Basic $(printf %s "$credentials" | base64 --wrap=0)"
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

# Get an access token.
request_create_token() {
  local grant_type=${1-'account_credentials'}
  local path='/oauth/token'
  local url=$base_url$path
  send "$url"
  exact "$work/body" | jq --compact-output . || fail "the response is not JSON: $(cat "$work/body")"
}

request_create_token | jq --raw-output "$reading"
