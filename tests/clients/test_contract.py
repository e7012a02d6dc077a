"""Every response matches the vendors' documents and the server's own description; every documented field occurs.

The vendors' documents are read from `../shared/spec` beside the checkout; without them, only the server's own
description is compared with its responses.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi import Document, Json, field_of, said
from server import REPOSITORY, App, Server, rollcall, serve

SPEC = REPOSITORY.parent / "shared" / "spec"
needs_spec = pytest.mark.skipif(not SPEC.is_dir(), reason=f"the vendors' documents are not at {SPEC}")

SITE = "example.webex.com"

# Fields that have more values than Zoom's document lists: the further values, and why.
WIDER = {
    "device": (".*", "an open set in practice: Web, Zoom Rooms, Windows + Phone; blank for people from outside"),
    "leave_reason": (".+", "the document's `$name` stands for the participant's display name"),
    "email": ("", "blank for people from outside, and for guests"),
    "network_type": ("", "blank for people on the telephone"),
    "connection_type": ("", "blank for people on the telephone"),
    "audio_quality": ("", "blank where nobody's audio could be scored"),
    "video_quality": ("", "blank if nobody sent video"),
    "screen_share_quality": ("", "blank if nobody shared a screen"),
    "from": (
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        "the window is returned as it was requested, and may be requested with a time",
    ),
    "to": (
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        "the window is returned as it was requested, and may be requested with a time",
    ),
}

# Fields that are not in Zoom's document.
BEYOND = {
    "has_external_participant": "announced for June 2026, later than the document",
    "rc_reason": "announced for March 2026, later than the document",
    "status": "older webinar answers have it",
    "camera": "older webinar answers have it",
    "groupId": "a webinar's participants belong to groups as a meeting's do, and its QoS items tell",
}

# Webex's operations about runs, and the fields of the scheduled meeting that they require.
RUNS = ("GET /v1/meetings", "GET /v1/meetingParticipants", "GET /v1/meeting/qualities")
# The document shows a series under `/meetings/{meetingId}`; these are a run's, as in the list.
OF_RUNS = {"meetingSeriesId", "hasRecording", "hasPolls", "hasQA"}
NOT_KEPT = "password|hostKey|telephony|enabledBreakoutSessions|webLink|hostDisplayName|hostEmail|hostUserId|end|timezone"

# Objects that are stored and returned as the source had them, without a description of each field.
FREE = ("settings.", "occurrences[].")

# Fields that differ from the document's examples, and why.
RENEWED = {
    "next_page_token": "it belongs to the server that answers",
    "page_count": "the example speaks of another page",
    "total_records": "the example speaks of more records",
    "from": "the window is the one asked for",
    "to": "the window is the one asked for",
    "duration": "it is the time from start to end, which the example is not",
    "max_rssi": "the example has the maximum below the minimum",
    "min_rssi": "the example has the maximum below the minimum",
    "account_id": "the user is one of the account that was imported to",
}


@dataclass(frozen=True)
class Call:
    """A response of a documented operation."""

    operation: str
    request: str
    status: int
    body: Json


@dataclass
class Caller:
    """Sends requests to a server and keeps its responses."""

    server: Server
    calls: list[Call]

    def __call__(self, operation: str, *names: str, status: int = 200, **options: Any) -> Json:
        """Sends a request with `names` in place of the braces of the operation's path."""
        request = fill(operation, [quote(quote(name, ""), "") for name in names])
        body = self.server.ask(request, status, **options)
        shown = f"{request} {options.get('params', '')} {options.get('json', '')}"
        self.calls.append(Call(operation, shown, status, body))
        return body

    def pages(self, operation: str, *names: str, **params: Any) -> list[Json]:
        bodies: list[Json] = []
        while not bodies or bodies[-1]["next_page_token"]:
            token = bodies[-1]["next_page_token"] if bodies else ""
            bodies.append(self(operation, *names, params=params | {"next_page_token": token}))
        return bodies


def fill(operation: str, names: list[str]) -> str:
    """The operation's method and path with names in place of the braces."""
    rest = iter(names)
    return re.sub(r"{\w+}", lambda _: next(rest), operation)


@pytest.fixture(scope="module")
def calls(demo: Server, app: App, month: dict[str, str]) -> list[Call]:
    """The demo's response to every operation."""
    call = Caller(demo, [])
    ask_about_users(call)
    for kind in ("meeting", "webinar"):
        ask_about_runs(call, kind, month)
    ask_about_codes(call)
    ask_webex_about_runs(call)
    ask_for_tokens(call, app)
    ask_about_the_rest(call)
    return call.calls


def ask_about_the_rest(call: Caller) -> None:
    """What the others have not asked, with ids that the demo does not have: each has its documented answer or error."""
    asked = {one.operation for one in call.calls}
    for surface in ("zoom", "webex"):
        for path, item in call.server.ask(f"GET /openapi/{surface}.json")["paths"].items():
            for method in item:
                operation = f"{method.upper()} {path}"
                if operation in asked:
                    continue
                request = fill(operation, ["1"] * path.count("{"))
                answer = call.server.answer(request, params={"from": "2026-09-01", "to": "2026-09-30"})
                call.calls.append(Call(operation, request, answer.status, answer.body))


def ask_about_users(call: Caller) -> None:
    call("GET /v2/users", params={"page_number": 2, "page_size": 10})
    users = [
        user
        for status in ("active", "inactive", "pending")
        for body in call.pages("GET /v2/users", status=status, page_size=20, include_fields="host_key")
        for user in body["users"]
    ]
    for user in users[:30]:
        call("GET /v2/users/{userId}", user["id"])
        licensed = call.server.answer(f"GET /v2/users/{user['id']}/webinars").status == 200
        for kind in ("meeting", "webinar") if licensed else ("meeting",):
            ask_about_schedule(call, user["id"], kind)
    for email in (users[0]["email"], "nobody@example.com"):
        call("GET /v2/users/email", params={"email": email})
    call("GET /v2/users/email", status=400)
    call("GET /v2/users/vanity_name", params={"vanity_name": "nobody"})
    call("GET /v2/users/vanity_name", status=400)
    call("GET /v2/users/{userId}", "nobody", status=404)
    call("GET /v2/users/{userId}/meetings", "nobody", status=404)
    call("GET /v2/users/{userId}/webinars", "nobody", status=404)
    for path in ("meetings/{meetingId}", "webinars/{webinarId}", "webinars/{webinarId}/tracking_sources"):
        call(f"GET /v2/{path}", "10000000001", status=404)
        call(f"GET /v2/{path}", "none", status=400)


def ask_about_schedule(call: Caller, user: str, kind: str) -> None:
    listing = f"GET /v2/users/{{userId}}/{kind}s"
    call(listing, user, params={"page_number": 1})
    for body in call.pages(listing, user, page_size=3):
        for item in body[f"{kind}s"]:
            number = str(item["id"])
            call(f"GET /v2/{kind}s/{{{kind}Id}}", number)
            call(f"GET /v2/past_{kind}s/{{{kind}Id}}/instances", number)
            if kind == "webinar":
                call("GET /v2/webinars/{webinarId}/tracking_sources", number)


def ask_about_runs(call: Caller, kind: str, month: dict[str, str]) -> None:
    listing, one = f"GET /v2/metrics/{kind}s", f"GET /v2/metrics/{kind}s/{{{kind}Id}}"
    for run in call(listing, params=month)[f"{kind}s"]:
        ask_about_run(call, one, run, "live")
    day = {"from": f"{month['to']} 00:00:00", "to": f"{month['to']} 23:59:59"}
    call(listing, params=day | {"type": "past", "query_date_type": "end_time"})
    past = [
        run
        for body in call.pages(listing, type="past", page_size=20, include_fields="tracking_fields", **month)
        for run in body[f"{kind}s"]
    ]
    for run in past[:: max(1, len(past) // 40)]:
        ask_about_run(call, one, run, "past")
        if kind == "meeting":
            call("GET /v2/past_meetings/{meetingId}", run["uuid"])
        for report in (f"GET /v2/report/{kind}s/{{{kind}Id}}/participants", f"GET /v2/past_{kind}s/{{{kind}Id}}/participants"):
            call(report, run["uuid"], params={"page_size": 30})

    if kind == "meeting":
        for what in ({}, {"type": "meeting"}, {"type": "participants"}):
            call("GET /v2/metrics/quality", params=month | what)
        call("GET /v2/metrics/quality", params=month | {"type": "none"}, status=400)
    call(listing, status=400)
    call(listing, token="none", status=401, params=month)
    call(one, past[0]["uuid"], params={"type": "gone"}, status=400)
    for rest in ("", "/participants", "/participants/qos"):
        call(one + rest, "10000000001", status=404)
        call(one + rest, past[0]["uuid"], status=404)
    call(f"{one}/participants/qos_summary", "10000000001", status=404)
    call(f"{one}/participants/{{participantId}}/qos", past[0]["uuid"], "1", params={"type": "past"}, status=404)


def ask_about_run(call: Caller, one: str, run: Json, state: str) -> None:
    uuid, params = run["uuid"], {"type": state}
    call(one, uuid, params=params)
    listing = params | {"page_size": 50, "include_fields": "registrant_id"}
    people = [person for body in call.pages(f"{one}/participants", uuid, **listing) for person in body["participants"]]
    for rest in ("/participants", "/participants/qos"):
        call(one + rest, uuid, params=params | {"page_size": 1})
    if state == "past" or "webinar" in one:
        for body in call.pages(f"{one}/participants/qos_summary", uuid, page_size=10):
            assert all(person["participant_id"] for person in body["participants"])
    for person in people[:2] + people[-1:]:
        call(f"{one}/participants/{{participantId}}/qos", uuid, person["user_id"], params=params)


def ask_about_codes(call: Caller) -> None:
    codes, values = "/v1/admin/meeting/config/trackingCodes", "/v1/admin/meeting/userconfig/trackingCodes"
    sites = call("GET /v1/meetingPreferences/sites")["sites"]
    default = next(site["siteUrl"] for site in sites if site["default"])
    call("PUT /v1/meetingPreferences/sites", params={"defaultSite": "true"}, json={"siteUrl": default})
    call("PUT /v1/meetingPreferences/sites", json={"siteUrl": default}, status=400)
    for site in sites:
        listed = call(f"GET {codes}", params={"siteUrl": site["siteUrl"]})["items"]
        for code in listed:
            call(f"GET {codes}/{{trackingCodeId}}", code["id"], params={"siteUrl": site["siteUrl"]})
        for service in ("All", "MeetingCenter", "SupportCenter"):
            call("GET /v1/meetings/trackingCodes", params={"service": service, "siteUrl": site["siteUrl"]})
    call("GET /v1/meetings/trackingCodes", status=400)
    body = {
        "name": "Contract",
        "siteUrl": SITE,
        "inputMode": "editableSelect",
        "options": [{"value": "A", "defaultValue": True}],
        "hostProfileCode": "optional",
        "scheduleStartCodes": None,
    }
    made = call(f"POST {codes}", json=body)
    call(f"POST {codes}", json=body, status=409)
    call(f"POST {codes}", json={}, status=400)
    call(f"PUT {codes}/{{trackingCodeId}}", made["id"], json=body | {"inputMode": "select"})
    call(f"PUT {codes}/{{trackingCodeId}}", "none", json=body, status=400)
    users = call.server.ask("GET /v2/users?page_size=20")["users"]
    for user in users:
        call(f"GET {values}", params={"siteUrl": SITE}, headers={"email": user["email"]})
    value = {"siteUrl": SITE, "email": users[0]["email"], "trackingCodes": [{"name": "Contract", "value": "A"}]}
    call(f"PUT {values}", json=value)
    call(f"GET {values}", params={"siteUrl": SITE}, headers={"email": users[0]["email"]})
    call(f"PUT {values}", json=value | {"trackingCodes": [{"name": "None", "value": "B"}]}, status=400)
    call(f"GET {values}", status=400)
    call(f"DELETE {codes}/{{trackingCodeId}}", made["id"], params={"siteUrl": SITE}, status=204)
    call(f"DELETE {codes}/{{trackingCodeId}}", made["id"], params={"siteUrl": SITE}, status=404)
    call(f"GET {codes}/{{trackingCodeId}}", made["id"], status=404)
    call(f"GET {codes}", token="none", status=401)


def ask_webex_about_runs(call: Caller) -> None:
    asked = {"meetingType": "meeting", "max": 3}
    listed = [call("GET /v1/meetings", params=asked | {"state": state}) for state in ("inProgress", "ended")]
    runs = [run for body in listed for run in body["items"]]
    assert {run["state"] for run in runs} == {"inProgress", "ended"}
    for run in runs:
        call("GET /v1/meetings/{meetingId}", run["id"])
        present = call("GET /v1/meetingParticipants", params={"meetingId": run["id"], "max": 5})["items"]
        for participant in present:
            call("GET /v1/meetingParticipants/{participantId}", participant["id"])
        call("GET /v1/meeting/qualities", params={"meetingId": run["id"], "max": 5})
    call("GET /v1/meetings")
    call("GET /v1/meetings", params={"meetingType": "call"}, status=400)
    for path in ("meetings/{meetingId}", "meetingParticipants/{participantId}"):
        call(f"GET /v1/{path}", "870f51ff287b41be84648412901e0402_I_1", status=404)
    for path in ("meetingParticipants", "meeting/qualities"):
        call(f"GET /v1/{path}", params={"meetingId": "870f51ff287b41be84648412901e0402_I_1"}, status=404)
        call(f"GET /v1/{path}", status=400)


def ask_for_tokens(call: Caller, app: App) -> None:
    credentials = {"client_id": app.client_id, "client_secret": app.client_secret}
    grant = credentials | {"grant_type": "account_credentials", "account_id": app.account_id}
    token = call("POST /oauth/token", data=grant)["access_token"]
    call("POST /oauth/token", data=grant | {"grant_type": "password"}, status=400)
    call("POST /oauth/token", data=grant | {"client_secret": "wrong"}, status=401)
    call("POST /oauth/revoke", data=credentials | {"token": token})
    call("POST /oauth/revoke", data=credentials, status=400)
    call("POST /v1/access_token", data=credentials | {"grant_type": "client_credentials"})
    options = ["--account", "demo", "--scopes", "all", "--app", app.client_id, "--refresh"]
    refresh_token = rollcall(call.server.data, "token", "create", *options)
    refresh = credentials | {"grant_type": "refresh_token", "refresh_token": refresh_token}
    call("POST /v1/access_token", data=refresh)
    call("POST /v1/access_token", data=refresh | {"refresh_token": "another"}, status=400)
    call("POST /v1/access_token", data=refresh | {"client_secret": "wrong"}, status=401)


@pytest.fixture(scope="module")
def zoom() -> Document:
    return Document(json.loads((SPEC / "zoom-dashboards.openapi.json").read_text()), "/v2")


@pytest.fixture(scope="module")
def webex() -> Document:
    return Document(json.loads((SPEC / "webex-reporting.openapi.json").read_text()), "/v1")


@pytest.fixture(scope="module")
def examples(zoom: Document, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Json, Call]]:
    """For each served operation of Zoom's document, its example, imported, and what is returned.

    Each has an account of its own, so that the examples do not affect one another's meetings.
    """
    data = tmp_path_factory.mktemp("examples") / "data"
    asked: list[tuple[str, list[str], dict[str, Any], Json]] = []
    for index, operation in enumerate(served(zoom)):
        body = zoom.example(zoom.schema(operation, 200))
        names, params = request_for(operation, body)
        request = f"{fill(operation, names)}?{urlencode(params)}"
        rollcall(data, "account", "create", str(index), *(["--new"] if index == 0 else []))
        importing = ["import", "--account", str(index), "--request", request, "-"]
        rollcall(data, *importing, stdin=json.dumps(body))
        asked.append((operation, names, params, body))
    pairs: list[tuple[Json, Call]] = []
    with serve(data) as server:
        for index, (operation, names, params, body) in enumerate(asked):
            call = Caller(server, [])
            token = rollcall(data, "token", "create", "--account", str(index))
            call(operation, *names, params=params, token=token)
            pairs.append((body, call.calls[0]))
    return pairs


def served(zoom: Document) -> list[str]:
    tails = ("", "/{id}", "/{id}/participants", "/{id}/participants/qos", "/{id}/participants/{participantId}/qos")
    metrics = [f"GET /v2/metrics/{kind}{tail}" for kind in ("meetings", "webinars") for tail in tails]
    named = [operation.replace("{id}", f"{{{operation.split('/')[3][:-1]}Id}}") for operation in metrics]
    return [
        operation for operation in zoom.operations if operation in {*named, "GET /v2/users", "GET /v2/users/{userId}"}
    ]


def request_for(operation: str, body: Json) -> tuple[list[str], dict[str, Any]]:
    """The names in the path and the parameters with which a body was requested."""
    params: dict[str, Any] = {key: body[key] for key in ("page_size", "page_number") if key in body}
    if operation == "GET /v2/users":
        return [], params | {"status": body["users"][0]["status"], "include_fields": "host_key"}
    if operation == "GET /v2/users/{userId}":
        return [body["id"]], params
    params["type"] = "past"
    for runs in (body.get("meetings"), body.get("webinars")):
        if runs:
            day = runs[0]["start_time"][:10]
            return [], params | {"from": day, "to": day, "include_fields": "tracking_fields"}
    names = [body.get("uuid", "Um9sbGNhbGwgZXhhbXBsZQ==")]
    if "{participantId}" in operation:
        names.append(body["user_id"])
    return names, params | {"include_fields": "registrant_id"}


def assert_none(problems: set[str]) -> None:
    assert not problems, "\n" + "\n".join(sorted(problems))


def problems(document: Document, calls: list[Call], wider: dict[str, tuple[str, str]]) -> set[str]:
    """The errors in responses, each field once, with the first request that shows it."""
    found: dict[str, str] = {}
    for call in calls:
        if document.schema(call.operation, call.status) is None:
            continue
        for error in document.errors(call.operation, call.status, call.body):
            where = field_of(error.instance_path)
            key = next((key for key in reversed(error.instance_path) if isinstance(key, str)), "")
            pattern, _ = wider.get(key, (None, ""))
            if pattern is None or not isinstance(error.instance, str) or not re.fullmatch(pattern, error.instance):
                found.setdefault(f"{call.operation} {call.status} {where}", f"{error.message[:200]} in {call.request}")
    return {f"{where}: {problem}" for where, problem in found.items()}


def seen(calls: list[Call]) -> dict[str, set[str]]:
    """The fields that had a value, by operation, in responses with data."""
    fields: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        if call.status == 200:
            fields[call.operation] |= set(said(call.body))
    return fields


@pytest.fixture(scope="module", params=["zoom", "webex"])
def description(demo: Server, request: pytest.FixtureRequest) -> Document:
    """The server's own description of a surface."""
    return Document(demo.ask(f"GET /openapi/{request.param}.json"))


def test_the_descriptions_are_valid_and_each_operation_was_asked(description: Document, calls: list[Call]) -> None:
    OpenAPIV31SpecValidator(description.json).validate()
    assert description.json["openapi"].startswith("3.1")
    assert set(description.operations) <= {call.operation for call in calls}


def test_answers_are_what_the_description_says(description: Document, calls: list[Call]) -> None:
    asked = [call for call in calls if call.operation in description.operations]
    undescribed = {
        f"{call.operation} {call.status}"
        for call in asked
        if str(call.status) not in description.operations[call.operation]["responses"]
    }
    assert_none(undescribed)
    assert_none(problems(description, asked, {}))
    unknown = {
        f"{operation} {name}"
        for operation, names in seen(asked).items()
        if (schema := description.schema(operation, 200))
        for name in names - set(description.fields(schema))
        if not name.startswith(FREE)
    }
    assert_none(unknown)


@needs_spec
def test_zooms_answers_are_what_zoom_documents(zoom: Document, calls: list[Call]) -> None:
    assert set(served(zoom)) <= {call.operation for call in calls}
    assert_none(problems(zoom, calls, WIDER))
    unknown = {
        f"{operation} {name}"
        for operation, names in seen(calls).items()
        if operation in zoom.operations
        for name in names - set(zoom.fields(zoom.schema(operation, 200)))
        if name.split(".")[-1] not in BEYOND
    }
    assert_none(unknown)


@needs_spec
def test_webexs_answers_are_what_webex_documents(webex: Document, calls: list[Call]) -> None:
    assert len({call.operation for call in calls} & set(webex.operations)) == 18
    # Fields that Webex requires of a run belong to the scheduled meeting, and are not stored: "X" is a required property.
    assert_none({problem for problem in problems(webex, calls, {}) if not re.search(f"\"({NOT_KEPT})\" is a required", problem)})
    differences = {
        f"{operation} {name}"
        for operation, names in seen(calls).items()
        if operation in webex.operations
        for name in names ^ set(webex.fields(webex.schema(operation, 200)))
        # Webex reports more fields of a run and its people than are known here, but no contradicting values.
        if not operation.startswith(RUNS) or (name in names and name not in OF_RUNS)
    }
    assert_none(differences)


@needs_spec
def test_every_field_that_zoom_documents_is_answered(
    zoom: Document, calls: list[Call], examples: list[tuple[Json, Call]]
) -> None:
    answered = seen(calls + [call for _, call in examples])
    missing = {
        f"{operation} {name}"
        for operation in served(zoom)
        for name in set(zoom.fields(zoom.schema(operation, 200))) - answered[operation]
    }
    assert_none(missing)


@needs_spec
def test_zooms_examples_come_back_as_they_were_imported(examples: list[tuple[Json, Call]]) -> None:
    assert len(examples) == 12
    for example, call in examples:
        assert without(RENEWED, call.body) == without(RENEWED, example), call.request


def without(names: dict[str, str], value: Json) -> Json:
    if isinstance(value, dict):
        return {key: without(names, member) for key, member in value.items() if key not in names}
    return [without(names, member) for member in value] if isinstance(value, list) else value
