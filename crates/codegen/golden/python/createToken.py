#!/usr/bin/env python3
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.

import base64
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from urllib.parse import quote


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def show(place, value):
    """Prints a value on one line; nothing where there is none."""
    if isinstance(value, bool):
        print(f"{place}: {'true' if value else 'false'}")
    elif isinstance(value, float):
        print(f"{place}: {value:.15g}")
    elif isinstance(value, (int, str)):
        text = str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        print(f"{place}: {text}")


def setting(name):
    """A variable of the environment."""
    return os.environ.get(name) or fail(f"set {name} in the environment")


def pairs(parameters):
    """The parameters as a query or a form."""
    return "&".join(quote(name, safe="") + "=" + quote(value, safe="") for name, value in parameters)


def wait_seconds(headers):
    """How long an answer with status 429 asks to wait: in seconds, or up to an instant."""
    retry_after = headers.get("Retry-After") or "1"
    if retry_after.isdigit():
        return int(retry_after)
    try:
        until = datetime.fromisoformat(retry_after.replace("Z", "+00:00"))
    except ValueError:
        return 1
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())


def send(url):
    """The headers and the body of a good answer; after 429 it waits and asks again, at most five times."""
    headers = {"Accept": "application/json", "User-Agent": "rollcall-sample"}
    headers["Authorization"] = authorization
    body = None
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = pairs([("grant_type", grant_type)]).encode()
    for attempt in range(6):
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request) as response:
                return response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            if error.code == 429 and attempt < 5:
                seconds = wait_seconds(error.headers)
                print(f"429: waiting {seconds:.0f} s", file=sys.stderr)
                time.sleep(seconds)
                continue
            fail(f"HTTP {error.code}: {error.read().decode(errors='replace')}")
        except urllib.error.URLError as error:
            fail(f"{base_url}: {error.reason}")


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
base_url = setting("API_BASE_URL").rstrip("/")
credentials = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET")
authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
grant_type = "account_credentials"

path = "/oauth/token"
query = []
url = base_url + path + ("?" + pairs(query) if query else "")
headers, text = send(url)
try:
    answer = json.loads(text)
except ValueError as error:
    fail(f"the answer is not JSON ({error}): {text}")
access_token: str | None = answer.get("access_token")
show("access_token", access_token)
api_url: str | None = answer.get("api_url")
show("api_url", api_url)
expires_in: int | None = answer.get("expires_in")
show("expires_in", expires_in)
refresh_token: str | None = answer.get("refresh_token")
show("refresh_token", refresh_token)
scope: str | None = answer.get("scope")
show("scope", scope)
token_type: str | None = answer.get("token_type")
show("token_type", token_type)
