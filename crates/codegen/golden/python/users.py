#!/usr/bin/env python3
# List users
# GET /v2/users
#
# Optional parameters:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
#   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
# Needs Python 3.10 or later.

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from email.message import Message
from typing import NoReturn, TypedDict, get_args, get_origin, get_type_hints, is_typeddict
from urllib.parse import quote

# Maximum time for a response, in seconds.
TIMEOUT_SECONDS = 60
# How many elements of each list have been printed: a list continues on the next page.
PRINTED: Counter[str] = Counter()


class LicenseInfoListItem(TypedDict, total=False):
    license_option: int
    license_type: str
    subscription_id: str


class CustomAttribute(TypedDict, total=False):
    key: str
    name: str
    value: str


class User(TypedDict, total=False):
    created_at: str
    custom_attributes: list[CustomAttribute]
    dept: str
    display_name: str
    division_ids: list[str]
    email: str
    employee_unique_id: str
    first_name: str
    group_ids: list[str]
    host_key: str
    id: str
    im_group_ids: list[str]
    last_client_version: str
    last_login_time: str
    last_name: str
    license_info_list: list[LicenseInfoListItem]
    plan_united_type: str
    pmi: int
    role_id: str
    status: str
    timezone: str
    type: int
    user_created_at: str
    verified: int


class Answer(TypedDict, total=False):
    next_page_token: str
    page_count: int
    page_size: int
    total_records: int
    page_number: int
    users: list[User]


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
            for index, element in enumerate(value, PRINTED[place]):
                show(f"{place}[{index}]", element, *get_args(kind))
            PRINTED[place] += len(value)
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
        request = urllib.request.Request(url, data=body, headers=headers, method="GET")
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


def users() -> Iterator[Answer]:
    """List users: yields the pages."""
    base_url = setting("API_BASE_URL").rstrip("/")
    path = "/v2/users"
    headers = {
        "Accept": "application/json",
        "User-Agent": "rollcall-sample",
        "Authorization": f"Bearer {setting('API_TOKEN')}",
    }
    query: list[tuple[str, ...]] = []
    url = f"{base_url}{path}"
    while url:
        _, text = send(url, headers)
        page = parse(text)
        yield page
        token = page.get("next_page_token")
        next_query = pairs([*query, ("next_page_token", token or "")])
        url = token and f"{base_url}{path}?{next_query}"


def parse(text: str) -> Answer:
    try:
        response = json.loads(text)
    except ValueError as error:
        fail(f"the response is not JSON ({error}): {text}")
    return response if isinstance(response, dict) else fail(f"the response is not an object: {text}")


def main() -> None:
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for page in users():
        show("", page, Answer)


if __name__ == "__main__":
    main()
