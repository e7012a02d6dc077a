"""An account that is known only from webhooks: every response matches the server's own descriptions, formats included.

Most facts about it are unknown. What is unknown must be absent, never blank where a time or an id is described.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from openapi import Document, Json
from server import Server, begin, rollcall, serve
from test_contract import Call, Caller, ask_about_runs, assert_none, problems

ZOOM_SECRET, WEBEX_SECRET = "zoom-secret-of-tests", "webex-secret-of-tests"
SERIES = "aaaa0000aaaa0000aaaa0000aaaa0001"


def at(ago: int) -> str:
    """The time so many seconds ago."""
    return datetime.fromtimestamp(int(time.time()) - ago, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def stories(kind: str) -> Iterator[tuple[str, Json]]:
    """Zoom's events about a past run with people and a live one, with as few facts as possible."""
    for number, uuid, begun in ((1, f"past{kind}AAAAAAAAAAAAA==", 7200), (2, f"live{kind}AAAAAAAAAAAAA==", 600)):
        run = {"uuid": uuid, "id": str(86000000000 + number), "host_id": "host-1", "start_time": at(begun)}
        person = {"user_id": "16778240", "user_name": "Ada"}
        yield f"{kind}.started", run
        yield f"{kind}.participant_joined", run | {"participant": person | {"join_time": at(begun - 10)}}
        if number == 1:
            yield f"{kind}.participant_left", run | {"participant": person | {"leave_time": at(begun - 1800)}}
            yield f"{kind}.ended", run | {"end_time": at(begun - 1900)}


def webex_events() -> Iterator[Json]:
    """Webex's events about a run that has ended."""
    run = {
        "id": f"{SERIES}_I_100000000000000001",
        "meetingType": "meeting",
        "title": "Standup",
        "start": at(7200),
        "hostUserId": "host-1",
        "hostEmail": "ada@example.com",
    }
    yield {"resource": "meetings", "event": "started", "data": run | {"state": "inProgress"}}
    yield {"resource": "meetings", "event": "ended", "data": run | {"state": "ended", "end": at(5400)}}


def deliver(server: Server, path: str, headers: dict[str, str], body: str) -> None:
    server.ask(f"POST {path}", 204, data=body.encode(), headers=headers | {"Content-Type": "application/json"}, token="")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("webhooks") / "data"
    begin(data, "hooked")
    zoom = rollcall(data, "hook", "create", "zoom", stdin=ZOOM_SECRET)
    webex = rollcall(data, "hook", "create", "webex", stdin=WEBEX_SECRET)
    with serve(data) as server:
        for event, run in (story for kind in ("meeting", "webinar") for story in stories(kind)):
            payload = {"account_id": "acct", "object": run}
            body = json.dumps({"event": event, "event_ts": int(time.time() * 1000), "payload": payload})
            sent_at = str(int(time.time()))
            digest = hmac.new(ZOOM_SECRET.encode(), f"v0:{sent_at}:{body}".encode(), hashlib.sha256).hexdigest()
            signed = {"x-zm-request-timestamp": sent_at, "x-zm-signature": f"v0={digest}"}
            deliver(server, zoom, signed, body)
        for event in webex_events():
            body = json.dumps(event)
            digest = hmac.new(WEBEX_SECRET.encode(), body.encode(), hashlib.sha1).hexdigest()
            deliver(server, webex, {"X-Spark-Signature": digest}, body)
        server.token = rollcall(data, "token", "create", "--scopes", "all")
        yield server


@pytest.fixture(scope="module")
def calls(world: Server, month: dict[str, str]) -> list[Call]:
    """The server's responses about this account."""
    call = Caller(world, [])
    for kind in ("meeting", "webinar"):
        ask_about_runs(call, kind, month)
        for number in ("86000000001", "86000000002"):
            call(f"GET /v2/{kind}s/{{{kind}Id}}", number)
            call(f"GET /v2/past_{kind}s/{{{kind}Id}}/instances", number)
    call("GET /v2/users")
    runs = call("GET /v1/meetings", params={"meetingType": "meeting", "max": 50})["items"]
    assert f"{SERIES}_I_100000000000000001" in [run["id"] for run in runs]
    for run in runs:
        call("GET /v1/meetings/{meetingId}", run["id"])
        for participant in call("GET /v1/meetingParticipants", params={"meetingId": run["id"]})["items"]:
            call("GET /v1/meetingParticipants/{participantId}", participant["id"])
        call("GET /v1/meeting/qualities", params={"meetingId": run["id"]})
    return call.calls


@pytest.mark.parametrize("surface", ["zoom", "webex"])
def test_answers_are_what_the_description_says(world: Server, calls: list[Call], surface: str) -> None:
    document = Document(world.ask(f"GET /openapi/{surface}.json"))
    asked = [call for call in calls if call.operation in document.operations]
    assert len(asked) > 5
    assert_none(problems(document, asked, {}))


TIMES_AND_IDS = ("_time", "_at", "Time", "uuid")


def blanks(value: Any, path: str = "") -> Iterator[str]:
    """The fields with a blank time or UUID."""
    if isinstance(value, dict):
        for key, member in value.items():
            if member == "" and key.endswith(TIMES_AND_IDS):
                yield f"{path}.{key}"
            yield from blanks(member, f"{path}.{key}")
    elif isinstance(value, list):
        for member in value:
            yield from blanks(member, f"{path}[]")


def test_no_time_and_no_uuid_is_blank(calls: list[Call]) -> None:
    assert_none({f"{call.operation} {where}" for call in calls if call.status == 200 for where in blanks(call.body)})
