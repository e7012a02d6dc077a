#!/usr/bin/env python3
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
# Needs Python 3.10 or later.

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


class ScheduleStartCode(TypedDict, total=False):
    service: str
    type: str


class Option(TypedDict, total=False):
    defaultValue: bool
    value: str


class Answer(TypedDict, total=False):
    hostProfileCode: str
    id: str
    inputMode: str
    name: str
    options: list[Option]
    scheduleStartCodes: list[ScheduleStartCode]
    siteUrl: str


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


def create_tracking_code() -> Answer:
    """Create a tracking code."""
    base_url = setting("API_BASE_URL").rstrip("/")
    path = "/v1/admin/meeting/config/trackingCodes"
    headers = {
        "Accept": "application/json",
        "User-Agent": "rollcall-sample",
        "Authorization": f"Bearer {setting('API_TOKEN')}",
        "Content-Type": "application/json",
    }
    url = f"{base_url}{path}"
    body = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}".encode()
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
    show("", create_tracking_code(), Answer)


if __name__ == "__main__":
    main()
