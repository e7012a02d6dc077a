#!/usr/bin/env python3
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes

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
    headers["Content-Type"] = "application/json"
    body = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}".encode()
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
authorization = "Bearer " + setting("API_TOKEN")

path = "/v1/admin/meeting/config/trackingCodes"
query = []
url = base_url + path + ("?" + pairs(query) if query else "")
headers, text = send(url)
try:
    answer = json.loads(text)
except ValueError as error:
    fail(f"the answer is not JSON ({error}): {text}")
host_profile_code: str | None = answer.get("hostProfileCode")
show("hostProfileCode", host_profile_code)
id_value: str | None = answer.get("id")
show("id", id_value)
input_mode: str | None = answer.get("inputMode")
show("inputMode", input_mode)
name_value: str | None = answer.get("name")
show("name", name_value)
options = answer.get("options")
if isinstance(options, list):
    for option_index, option in enumerate(options):
        default_value: bool | None = option.get("defaultValue")
        show("options[" + str(option_index) + "].defaultValue", default_value)
        option_value: str | None = option.get("value")
        show("options[" + str(option_index) + "].value", option_value)
schedule_start_codes = answer.get("scheduleStartCodes")
if isinstance(schedule_start_codes, list):
    for schedule_start_code_index, schedule_start_code in enumerate(schedule_start_codes):
        service: str | None = schedule_start_code.get("service")
        show("scheduleStartCodes[" + str(schedule_start_code_index) + "].service", service)
        schedule_start_code_type: str | None = schedule_start_code.get("type")
        show("scheduleStartCodes[" + str(schedule_start_code_index) + "].type", schedule_start_code_type)
site_url: str | None = answer.get("siteUrl")
show("siteUrl", site_url)
