#!/usr/bin/env python3
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
# Needs Python 3.10 or later.

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from email.message import Message
from typing import NoReturn, TypedDict, get_args, get_origin, get_type_hints, is_typeddict
from urllib.parse import quote

# Maximum time for a response, in seconds.
TIMEOUT_SECONDS = 60


class Answer(TypedDict, total=False):
    access_token: str
    api_url: str
    expires_in: int
    refresh_token: str
    scope: str
    token_type: str


def fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(1)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def show(place: str, value: object, kind: object) -> None:
    """Prints each value of a type on its own line, and nothing for absent values."""
    if is_typeddict(kind):
        if isinstance(value, dict):
            for name, member in get_type_hints(kind).items():
                show(f"{place}.{escaped(name)}" if place else escaped(name), value.get(name), member)
    elif get_origin(kind) is list:
        if isinstance(value, list):
            for index, element in enumerate(value):
                show(f"{place}[{index}]", element, *get_args(kind))
    elif isinstance(value, bool):
        print(f"{place}: {'true' if value else 'false'}")
    elif isinstance(value, float):
        print(f"{place}: {value:.15g}")
    elif isinstance(value, (dict, list)):
        print(f"{place}: {escaped(json.dumps(value, ensure_ascii=False))}")
    elif value is not None:
        print(f"{place}: {escaped(str(value))}")


def setting(name: str) -> str:
    """Returns an environment variable."""
    return os.environ.get(name) or fail(f"set {name} in the environment")


def encode(text: str) -> str:
    """Percent-encodes everything but letters, digits and -._~"""
    return quote(text, safe="")


def pairs(parameters: list[tuple[str, ...]]) -> str:
    """Writes parameters as a query or a form."""
    return "&".join(f"{encode(name)}={','.join(map(encode, values))}" for name, *values in parameters)


def wait_seconds(headers: Message) -> float:
    """Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time."""
    retry_after = headers.get("Retry-After") or "1"
    if retry_after.isdigit():
        return int(retry_after)
    try:
        until = datetime.fromisoformat(retry_after.replace("Z", "+00:00"))
    except ValueError:
        return 1
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())


def send(url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[Message, str]:
    """Returns the headers and the body of a successful response. Retries up to five times after 429."""
    for attempt in range(6):
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            if error.code == 429 and attempt < 5:
                seconds = wait_seconds(error.headers)
                print(f"429: waiting {seconds:.0f} s", file=sys.stderr)
                time.sleep(seconds)
                continue
            fail(f"HTTP {error.code}: {error.read().decode(errors='replace')}")
        except urllib.error.URLError as error:
            fail(f"{url}: {error.reason}")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{url}: {error}")
    raise AssertionError("the last attempt returns or fails")


def create_token(
    grant_type: str = "account_credentials",
) -> Answer:
    """Get an access token."""
    base_url = setting("API_BASE_URL").rstrip("/")
    path = "/oauth/token"
    credentials = f"{setting('API_CLIENT_ID')}:{setting('API_CLIENT_SECRET')}"
    headers = {
        "Accept": "application/json",
        "User-Agent": "rollcall-sample",
        "Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    url = f"{base_url}{path}"
    body = pairs([("grant_type", grant_type)]).encode()
    _, text = send(url, headers, body)
    return parse(text)


def parse(text: str) -> Answer:
    try:
        response = json.loads(text)
    except ValueError as error:
        fail(f"the response is not JSON ({error}): {text}")
    return response


def main() -> None:
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    show("", create_token(), Answer)


if __name__ == "__main__":
    main()
