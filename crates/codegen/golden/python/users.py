#!/usr/bin/env python3
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.

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
    for attempt in range(6):
        request = urllib.request.Request(url, data=body, headers=headers, method="GET")
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

path = "/v2/users"
query = []
url = base_url + path + ("?" + pairs(query) if query else "")
while url:
    headers, text = send(url)
    try:
        answer = json.loads(text)
    except ValueError as error:
        fail(f"the answer is not JSON ({error}): {text}")
    next_page_token: str | None = answer.get("next_page_token")
    show("next_page_token", next_page_token)
    page_count: int | None = answer.get("page_count")
    show("page_count", page_count)
    page_size: int | None = answer.get("page_size")
    show("page_size", page_size)
    total_records: int | None = answer.get("total_records")
    show("total_records", total_records)
    page_number: int | None = answer.get("page_number")
    show("page_number", page_number)
    users = answer.get("users")
    if isinstance(users, list):
        for user_index, user_value in enumerate(users):
            created_at: str | None = user_value.get("created_at")
            show("users[" + str(user_index) + "].created_at", created_at)
            custom_attributes = user_value.get("custom_attributes")
            if isinstance(custom_attributes, list):
                for custom_attribute_index, custom_attribute in enumerate(custom_attributes):
                    key: str | None = custom_attribute.get("key")
                    show("users[" + str(user_index) + "].custom_attributes[" + str(custom_attribute_index) + "].key", key)
                    custom_attribute_name: str | None = custom_attribute.get("name")
                    show("users[" + str(user_index) + "].custom_attributes[" + str(custom_attribute_index) + "].name", custom_attribute_name)
                    custom_attribute_value: str | None = custom_attribute.get("value")
                    show("users[" + str(user_index) + "].custom_attributes[" + str(custom_attribute_index) + "].value", custom_attribute_value)
            dept: str | None = user_value.get("dept")
            show("users[" + str(user_index) + "].dept", dept)
            display_name: str | None = user_value.get("display_name")
            show("users[" + str(user_index) + "].display_name", display_name)
            division_ids = user_value.get("division_ids")
            if isinstance(division_ids, list):
                for division_id_index, division_id in enumerate(division_ids):
                    show("users[" + str(user_index) + "].division_ids[" + str(division_id_index) + "]", division_id)
            email: str | None = user_value.get("email")
            show("users[" + str(user_index) + "].email", email)
            employee_unique_id: str | None = user_value.get("employee_unique_id")
            show("users[" + str(user_index) + "].employee_unique_id", employee_unique_id)
            first_name: str | None = user_value.get("first_name")
            show("users[" + str(user_index) + "].first_name", first_name)
            group_ids = user_value.get("group_ids")
            if isinstance(group_ids, list):
                for group_id_index, group_id in enumerate(group_ids):
                    show("users[" + str(user_index) + "].group_ids[" + str(group_id_index) + "]", group_id)
            host_key: str | None = user_value.get("host_key")
            show("users[" + str(user_index) + "].host_key", host_key)
            user_id: str | None = user_value.get("id")
            show("users[" + str(user_index) + "].id", user_id)
            im_group_ids = user_value.get("im_group_ids")
            if isinstance(im_group_ids, list):
                for im_group_id_index, im_group_id in enumerate(im_group_ids):
                    show("users[" + str(user_index) + "].im_group_ids[" + str(im_group_id_index) + "]", im_group_id)
            last_client_version: str | None = user_value.get("last_client_version")
            show("users[" + str(user_index) + "].last_client_version", last_client_version)
            last_login_time: str | None = user_value.get("last_login_time")
            show("users[" + str(user_index) + "].last_login_time", last_login_time)
            last_name: str | None = user_value.get("last_name")
            show("users[" + str(user_index) + "].last_name", last_name)
            license_info_list = user_value.get("license_info_list")
            if isinstance(license_info_list, list):
                for license_info_list_item_index, license_info_list_item in enumerate(license_info_list):
                    license_option: int | None = license_info_list_item.get("license_option")
                    show("users[" + str(user_index) + "].license_info_list[" + str(license_info_list_item_index) + "].license_option", license_option)
                    license_type: str | None = license_info_list_item.get("license_type")
                    show("users[" + str(user_index) + "].license_info_list[" + str(license_info_list_item_index) + "].license_type", license_type)
                    subscription_id: str | None = license_info_list_item.get("subscription_id")
                    show("users[" + str(user_index) + "].license_info_list[" + str(license_info_list_item_index) + "].subscription_id", subscription_id)
            plan_united_type: str | None = user_value.get("plan_united_type")
            show("users[" + str(user_index) + "].plan_united_type", plan_united_type)
            pmi: int | None = user_value.get("pmi")
            show("users[" + str(user_index) + "].pmi", pmi)
            role_id: str | None = user_value.get("role_id")
            show("users[" + str(user_index) + "].role_id", role_id)
            user_status: str | None = user_value.get("status")
            show("users[" + str(user_index) + "].status", user_status)
            user_timezone: str | None = user_value.get("timezone")
            show("users[" + str(user_index) + "].timezone", user_timezone)
            user_type: int | None = user_value.get("type")
            show("users[" + str(user_index) + "].type", user_type)
            user_created_at: str | None = user_value.get("user_created_at")
            show("users[" + str(user_index) + "].user_created_at", user_created_at)
            verified: int | None = user_value.get("verified")
            show("users[" + str(user_index) + "].verified", verified)
    # The next page, if there is one.
    token = answer.get("next_page_token")
    url = token and base_url + path + "?" + pairs([*query, ("next_page_token", token)])
