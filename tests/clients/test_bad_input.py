"""An invalid request gets an error in the vendor's format, and changes nothing."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from server import App, Json, Server, begin, past_month, rollcall, serve

SITE = "example.webex.com"
CONTROL_HUB_SITE = "example-eu.webex.com"
MAPPED_SITE = "example-apac.webex.com"
CODES_PER_SITE = "4"
NEVER_USED = "10000000001"
LIVE_UUID = "bGl2ZS1tZWV0aW5nLi4uIQ=="
LIVE_NUMBER = 99900011122

TOO_LARGE = b'{"name": "' + b"x" * 2_000_000 + b'"}'


# Every operation is called with each bad token, all within a minute.
UNTHROTTLED = {"ROLLCALL_SERVER_FAILED_SIGN_INS_PER_MINUTE": "100000"}


@dataclass(frozen=True)
class Ids:
    """The ids that an account's paths can contain."""

    meeting: str
    webinar: str
    meeting_uuid: str
    webinar_uuid: str
    participant: str
    user: str


@dataclass(frozen=True)
class World:
    """A server with two small accounts that do not change."""

    server: Server
    here: Ids
    there: Ids
    foreign_token: str
    bad_tokens: dict[str, str]
    scopeless_token: str
    app: App


# Minutes of attendances are a cache, which reports fill.
AUDIT = ('INSERT INTO "attended_minutes" ', 'INSERT INTO "audit" ', 'INSERT INTO "sqlite_sequence" VALUES(\'audit\'')


def dump(server: Server) -> list[str]:
    """Everything stored about entities. The audit log, which counts every read once a minute, is left out, and so is when
    a token was used last, which is stored with it."""
    with (
        closing(sqlite3.connect(f"file:{server.data}/rollcall.db?mode=ro", uri=True)) as database,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        database.backup(copy)
        copy.execute("UPDATE tokens SET last_used_ms = NULL")
        return [line for line in copy.iterdump() if not line.startswith(AUDIT)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("bad-input") / "data"
    sizes = ["--sized", "meeting:3:3", "--sized", "meeting:3:3", "--sized", "webinar:3:3", "--sized", "webinar:3:3"]
    begin(data, "here", "there")
    for seed, account in (("1", "here"), ("2", "there")):
        rollcall(data, "sim", "--account", account, "--seed", seed, *sizes)
    # Recent: a meeting without events for longer than vendors allow is presumed to have ended.
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
    live = {"uuid": LIVE_UUID, "id": LIVE_NUMBER, "topic": "Live", "start_time": began, "end_time": ""}
    request = f"GET /v2/metrics/meetings/{quote(LIVE_UUID, '')}?type=live"
    rollcall(data, "import", "--account", "here", "--request", request, "-", stdin=json.dumps(live))

    app = App.create(data, "--account", "here", "--scopes", "all")
    token = ["token", "create", "--account", "here"]
    anything = [*token, "--scopes", "all"]
    bad_tokens = {
        "none": "",
        "garbage": "x" * 43,
        "too long": "x" * 4000,
        "expired": rollcall(data, *anything, "--expires-in", "1"),
        "refresh": rollcall(data, *anything, "--refresh", "--app", app.client_id),
        "revoked": rollcall(data, *anything),
    }
    newest = rollcall(data, "token", "list", "--account", "here").splitlines()[1].split()[0]
    rollcall(data, "token", "revoke", newest, "--account", "here")
    with serve(data, ROLLCALL_WEBEX_TRACKING_CODES_PER_SITE=CODES_PER_SITE, **UNTHROTTLED) as server:
        server.token = rollcall(data, *anything)
        foreign_token = rollcall(data, "token", "create", "--account", "there", "--scopes", "all")
        scopeless_token = rollcall(data, *token, "--scopes", "ingest:webrtc")
        here, there = (ids(server, token) for token in (server.token, foreign_token))
        assert not set(vars(here).values()) & set(vars(there).values()) - {here.participant}
        time.sleep(1.0)
        yield World(server, here, there, foreign_token, bad_tokens, scopeless_token, app)


def ids(server: Server, token: str) -> Ids:
    runs = {
        kind: server.ask(f"GET /v2/metrics/{kind}?type=past", params=past_month(), token=token)[kind][0]
        for kind in ("meetings", "webinars")
    }
    number, uuid = str(runs["meetings"]["id"]), runs["meetings"]["uuid"]
    people = server.ask(f"GET /v2/metrics/meetings/{twice(uuid)}/participants?type=past", token=token)["participants"]
    user = server.ask("GET /v2/users?page_size=1", token=token)["users"][0]["id"]
    webinar = runs["webinars"]
    return Ids(number, str(webinar["id"]), uuid, webinar["uuid"], people[0]["user_id"], user)


@pytest.fixture(scope="module")
def stored(world: World) -> list[str]:
    """The stored data before the first request."""
    return dump(world.server)


@pytest.fixture(autouse=True)
def nothing_changes(world: World, stored: list[str]) -> Iterator[None]:
    yield
    assert dump(world.server) == stored


def twice(uuid: str) -> str:
    return quote(quote(uuid, ""), "")


def zoom_refuses(server: Server, request: str, status: int, code: int, **options: Any) -> Json:
    """The body of an error in Zoom's format."""
    answer = server.answer(request, **options)
    assert (answer.status, answer.body.get("code")) == (status, code), f"{request}: {answer.status} {answer.body}"
    assert answer.headers["x-zm-trackingid"]
    assert answer.body["message"] and set(answer.body) <= {"code", "message", "errors"}
    assert all(set(error) == {"field", "message"} for error in answer.body.get("errors", []))
    return answer.body


def zoom_refuses_fields(server: Server, request: str, *fields: str, **options: Any) -> None:
    """A validation error that names these parameters."""
    body = zoom_refuses(server, request, 400, 300, **options)
    assert [error["field"] for error in body["errors"]] == list(fields), body


def webex_refuses(server: Server, request: str, status: int, **options: Any) -> str:
    """The message of an error in Webex's format."""
    answer = server.answer(request, **options)
    assert answer.status == status, f"{request}: {answer.status} {answer.body}"
    assert set(answer.body) == {"message", "errors", "trackingId"} and answer.body["message"]
    assert answer.body["trackingId"] == answer.headers["trackingid"]
    assert all(set(error) == {"description"} for error in answer.body["errors"])
    return "; ".join(error["description"] for error in answer.body["errors"])


# Ids in paths

RUN_PATHS = [
    f"/v2/metrics/{kind}/{{{kind[:-1]}}}{rest}"
    for kind in ("meetings", "webinars")
    for rest in ("", "/participants", "/participants/qos", "/participants/{participant}/qos")
]
NUMBER_PATHS = [
    "/v2/meetings/{meeting}",
    "/v2/past_meetings/{meeting}/instances",
    "/v2/webinars/{webinar}",
    "/v2/past_webinars/{webinar}/instances",
    "/v2/webinars/{webinar}/tracking_sources",
]
USER_PATHS = ["/v2/users/{user}", "/v2/users/{user}/meetings", "/v2/users/{user}/webinars"]


def in_path(path: str, ids: Ids, by_uuid: bool = False) -> str:
    named = vars(ids)
    if by_uuid:
        named = named | {"meeting": twice(ids.meeting_uuid), "webinar": twice(ids.webinar_uuid)}
    return path.format(**named)


@pytest.mark.parametrize("path", [*RUN_PATHS, "/v2/past_meetings/{meeting}", *NUMBER_PATHS])
def test_unknown_and_foreign_meetings(world: World, path: str) -> None:
    unknown = Ids(NEVER_USED, NEVER_USED, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA==", "1", "nobody")
    by_uuids = (False,) if path in NUMBER_PATHS else (False, True)
    for by_uuid in by_uuids:
        assert world.server.answer(f"GET {in_path(path, world.here, by_uuid)}?type=past").status in (200, 404)
        for ids in (unknown, world.there):
            zoom_refuses(world.server, f"GET {in_path(path, ids, by_uuid)}?type=past", 404, 3001)
        request = f"GET {in_path(path, world.here, by_uuid)}?type=past"
        zoom_refuses(world.server, request, 404, 3001, token=world.foreign_token)


@pytest.mark.parametrize("path", RUN_PATHS)
def test_ended_runs_are_not_live_and_the_error_says_so(world: World, path: str) -> None:
    for by_uuid in (False, True):
        request = f"GET {in_path(path, world.here, by_uuid)}"
        assert "type=past" in zoom_refuses(world.server, request, 404, 3001)["message"]
        assert world.server.answer(f"{request}?type=past").status in (200, 404)


@pytest.mark.parametrize("rest", ["", "/participants", "/participants/qos", "/participants/1/qos"])
@pytest.mark.parametrize("name", [str(LIVE_NUMBER), twice(LIVE_UUID)])
def test_live_runs_are_not_past_and_the_error_says_so(world: World, name: str, rest: str) -> None:
    request = f"GET /v2/metrics/meetings/{name}{rest}?type=past"
    assert "type=live" in zoom_refuses(world.server, request, 404, 3001)["message"]
    zoom_refuses(world.server, f"GET /v2/past_meetings/{name}", 404, 3001)
    assert world.server.ask(f"GET /v2/metrics/meetings/{name}")["uuid"] == LIVE_UUID


def test_a_webinar_is_no_meeting(world: World) -> None:
    uuid = twice(world.here.webinar_uuid)
    zoom_refuses(world.server, f"GET /v2/metrics/meetings/{uuid}?type=past", 404, 3001)
    zoom_refuses(world.server, f"GET /v2/meetings/{world.here.webinar}", 404, 3001)
    zoom_refuses(world.server, f"GET /v2/webinars/{world.here.meeting}", 404, 3001)


def test_unknown_participants(world: World) -> None:
    path = f"/v2/metrics/meetings/{twice(world.here.meeting_uuid)}/participants"
    for participant in ("1", "none", "%00", "9" * 500):
        zoom_refuses(world.server, f"GET {path}/{participant}/qos?type=past", 404, 3001)


@pytest.mark.parametrize("path", USER_PATHS)
def test_unknown_and_foreign_users(world: World, path: str) -> None:
    for user in ("nobody", "nobody@example.com", world.there.user, "%00", "x" * 3000):
        zoom_refuses(world.server, f"GET {path.format(user=user)}", 404, 1001)
    # The token is the account's own: `me` is the owner.
    assert world.server.answer(f"GET {path.format(user='me')}").status == 200
    zoom_refuses(world.server, f"GET {path.format(user=world.here.user)}", 404, 1001, token=world.foreign_token)


@pytest.mark.parametrize("path", NUMBER_PATHS)
def test_what_is_no_number(world: World, path: str) -> None:
    for number in ("abc", "-1", "1.5", "9" * 30, "%00", "AAAAAAAAAAAAAAAAAAAAAA=="):
        zoom_refuses(world.server, f"GET {path.format(meeting=number, webinar=number)}", 400, 300)


@pytest.mark.parametrize("path", [*RUN_PATHS, *NUMBER_PATHS, *USER_PATHS])
def test_paths_that_are_not_utf_8(world: World, path: str) -> None:
    bad = "%ff%fe"
    answer = world.server.answer(f"GET {path.format(meeting=bad, webinar=bad, participant='1', user=bad)}")
    assert answer.status in (400, 404) and answer.body["code"] in (300, 1001, 3001), answer.body


def test_unknown_paths_and_methods(world: World) -> None:
    for path in ("/v2/nothing", "/v2/users/a/b/c", "/v2/"):
        zoom_refuses(world.server, f"GET {path}", 404, 2300)
    zoom_refuses(world.server, "DELETE /v2/users", 405, 2300)
    webex_refuses(world.server, "GET /v1/nothing", 404)
    webex_refuses(world.server, "PATCH /v1/admin/meeting/config/trackingCodes", 405)


# Tokens


def guarded(server: Server, surface: str) -> Iterator[tuple[str, list[str]]]:
    """Each operation that needs a token, with the scopes that it accepts."""
    document = server.ask(f"GET /openapi/{surface}.json")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "x-scopes" in operation:
                yield f"{method.upper()} {path.replace('{', '').replace('}', '')}", operation["x-scopes"]


def test_tokens_that_open_nothing(world: World) -> None:
    for kind, token in world.bad_tokens.items():
        for request, _ in guarded(world.server, "zoom"):
            message = zoom_refuses(world.server, request, 401, 124, token=token)["message"]
            assert message == ("Access token is expired." if kind == "expired" else "Invalid access token.")
        for request, _ in guarded(world.server, "webex"):
            webex_refuses(world.server, request, 401, token=token)
    for header in ("Basic " + world.server.token, world.server.token, "Bearer", "Bearer a b"):
        zoom_refuses(world.server, "GET /v2/users", 401, 124, headers={"Authorization": header})


def test_a_missing_scope_is_named(world: World) -> None:
    asked = 0
    for request, scopes in guarded(world.server, "zoom"):
        message = zoom_refuses(world.server, request, 400, 4711, token=world.scopeless_token)["message"]
        assert message == f"Invalid access token, does not contain scopes:[{', '.join(scopes)}]."
        asked += 1
    for request, scopes in guarded(world.server, "webex"):
        told = webex_refuses(world.server, request, 403, token=world.scopeless_token)
        assert all(scope in told for scope in scopes)
        asked += 1
    assert asked == 174


def test_a_foreign_token_sees_its_own_account_only(world: World) -> None:
    foreign = world.foreign_token
    here = {user["id"] for user in world.server.ask("GET /v2/users?page_size=300")["users"]}
    there = {user["id"] for user in world.server.ask("GET /v2/users?page_size=300", token=foreign)["users"]}
    assert here and there and not here & there
    email = world.server.ask(f"GET /v2/users/{world.here.user}")["email"]
    values = "/v1/admin/meeting/userconfig/trackingCodes"
    person = world.server.ask(f"GET {values}", headers={"email": email})["personId"]
    webex_refuses(world.server, f"GET {values}?personId={person}", 404, token=foreign)


# Parameters

LISTS = {
    "/v2/users": 2000,
    "/v2/users/{user}/meetings": 300,
    "/v2/metrics/meetings": 300,
    "/v2/metrics/webinars": 300,
    "/v2/metrics/meetings/{meeting}/participants": 300,
    "/v2/metrics/webinars/{webinar}/participants": 300,
    "/v2/metrics/meetings/{meeting}/participants/qos": 10,
    "/v2/metrics/webinars/{webinar}/participants/qos": 10,
    "/v2/metrics/meetings/{meeting}/participants/qos_summary": 10,
    "/v2/metrics/webinars/{webinar}/participants/qos_summary": 10,
}


def first_page(world: World, path: str, **params: Any) -> tuple[str, dict[str, Any]]:
    """A request for a list of at least two rows, and its parameters."""
    kind = {} if "users" in path else {"type": "past"}
    window = past_month() if path.endswith(("metrics/meetings", "metrics/webinars")) else {}
    return f"GET {in_path(path, world.here, by_uuid=True)}", kind | window | params


@pytest.mark.parametrize("path", LISTS)
def test_page_sizes(world: World, path: str) -> None:
    for size in ("0", "-1", "abc", "1.5", "+1", "1e3", " 1", "9" * 40):
        request, params = first_page(world, path, page_size=size)
        zoom_refuses_fields(world.server, request, "page_size", params=params)
    for size in ("1000000000", "2147483647"):
        request, params = first_page(world, path, page_size=size)
        assert world.server.ask(request, params=params)["page_size"] == LISTS[path]


@pytest.mark.parametrize("path", [path for path in LISTS if "{user}" not in path])
def test_page_tokens_altered_or_from_elsewhere(world: World, path: str) -> None:
    request, params = first_page(world, path, page_size=1)
    token = world.server.ask(request, params=params)["next_page_token"]
    assert world.server.ask(request, params=params | {"next_page_token": token})["page_size"] == 1
    flipped = token[:9] + ("A" if token[9] != "A" else "B") + token[10:]
    for altered in (flipped, token[:-1], token + "A", token[::-1], "x", "é", "A" * 5000):
        zoom_refuses(world.server, request, 400, 300, params=params | {"next_page_token": altered})

    token_params = params | {"next_page_token": token}
    zoom_refuses(world.server, request, 400, 300, params=token_params | {"page_size": 2})
    if not path.endswith("qos_summary"):  # takes no type
        other_type = {"status": "inactive"} if "users" in path else {"type": "live"}
        zoom_refuses(world.server, request, 400, 300, params=token_params | other_type)
    for other in LISTS:
        if other != path:
            elsewhere, other_params = first_page(world, other, page_size=1, next_page_token=token)
            zoom_refuses(world.server, elsewhere, 400, 300, params=other_params)
    if "{" not in path:
        zoom_refuses(world.server, request, 400, 300, params=token_params, token=world.foreign_token)


@pytest.mark.parametrize("kind", ["meetings", "webinars"])
def test_windows(world: World, kind: str) -> None:
    request = f"GET /v2/metrics/{kind}"
    for start, end, *fields in [
        ("2026-03-02", "2026-03-01", "to"),
        ("2026-03-01 00:00:01", "2026-03-01 00:00:00", "to"),
        ("2026-03-01", "2026-04-02", "to"),
        ("0001-01-01", "9998-12-31", "to"),
        ("2026-02-30", "2026-03-01", "from"),
        ("2026-03-01", "2026-3-1", "to"),
        ("2026-03-01T00:00", "yesterday", "from", "to"),
        ("", "2026-03-01", "from"),
        ("2026-03-01", "", "to"),
        ("99999-01-01", "-0001-01-01", "from", "to"),
    ]:
        zoom_refuses_fields(world.server, request, *fields, params={"type": "past", "from": start, "to": end})
    zoom_refuses_fields(world.server, request, "from", "to")
    month = {"from": "2026-03-01", "to": "2026-04-01", "type": "past"}
    assert world.server.ask(request, params=month)["to"] == "2026-04-01"


def test_words_and_numbers_that_parameters_do_not_take(world: World) -> None:
    server, window = world.server, past_month()
    zoom_refuses_fields(server, "GET /v2/metrics/meetings", "type", params=window | {"type": "Past"})
    zoom_refuses_fields(server, "GET /v2/metrics/webinars", "type", params=window | {"type": "pastOne"})
    zoom_refuses_fields(server, "GET /v2/metrics/meetings", "query_date_type", params=window | {"query_date_type": "x"})
    zoom_refuses_fields(
        server, "GET /v2/metrics/meetings", "group_id", params=window | {"group_id": ",".join("abcdefgh")}
    )
    zoom_refuses_fields(server, "GET /v2/users", "status", "page_number", params={"status": "gone", "page_number": "0"})
    webex_refuses(server, "GET /v1/meetings/trackingCodes?service=Meetings", 400)
    webex_refuses(server, "GET /v1/admin/meeting/config/trackingCodes?siteUrl=https://example.webex.com", 400)
    webex_refuses(server, "GET /v1/admin/meeting/config/trackingCodes?siteUrl=unknown.webex.com", 404)


def test_stale_page_tokens_and_the_status_of_the_documents(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With HTTP status 300, as in Zoom's older documents, if a setting selects it."""
    data = tmp_path_factory.mktemp("stale") / "data"
    rollcall(data, "sim", "--sized", "meeting:3:3", "--sized", "webinar:3:3")
    with serve(data, ROLLCALL_ZOOM_PAGE_TOKEN_SECS="2", ROLLCALL_ZOOM_STATUS_300="true") as server:
        server.token = rollcall(data, "token", "create")
        account = ids(server, server.token)
        lists = {"GET /v2/users?page_size=1": 400}
        for kind, uuid in (("meetings", account.meeting_uuid), ("webinars", account.webinar_uuid)):
            for rest in ("participants", "participants/qos"):
                lists[f"GET /v2/metrics/{kind}/{twice(uuid)}/{rest}?type=past&page_size=1"] = 300
        tokens = {request: server.ask(request)["next_page_token"] for request in lists}
        for request, token in tokens.items():
            server.ask(f"{request}&next_page_token={token}")
        time.sleep(2.0)
        for request, token in tokens.items():
            zoom_refuses(server, f"{request}&next_page_token={token}", lists[request], 300)


# Bodies

CODES = "/v1/admin/meeting/config/trackingCodes"
VALUES = "/v1/admin/meeting/userconfig/trackingCodes"
WRITES = [f"POST {CODES}", f"PUT {CODES}/1", f"PUT {VALUES}", "PUT /v1/meetingPreferences/sites?defaultSite=true"]
BODIES = {
    "empty": b"",
    "cut short": b'{"name": "Dep',
    "not JSON": b"name=Department",
    "a list": b"[]",
    "a string": b'"x"',
    "null": b"null",
    "deeply nested": b"[" * 100_000,
    "deeply nested and closed": b"[" * 100_000 + b"]" * 100_000,
    "deeply nested in a field": b'{"siteUrl": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "not UTF-8": b"\xff\xfe{}",
    "not UTF-8 inside": b'{"siteUrl": "\xc3\x28"}',
    "half a surrogate": b'{"siteUrl": "\\ud800"}',
    "UTF-16": '{"siteUrl": "example.webex.com"}'.encode("utf-16"),
    "zero bytes": bytes(1000),
    "a huge number": b'{"siteUrl": 1' + b"0" * 5000 + b"}",
    "wrong types": b'{"name": 1, "siteUrl": [], "inputMode": {}, "options": "x", "hostProfileCode": true, '
    b'"scheduleStartCodes": 1, "email": 1, "personId": {}, "trackingCodes": {}}',
}


@pytest.mark.parametrize("request_line", WRITES)
@pytest.mark.parametrize("body", BODIES)
def test_bodies_that_cannot_be_read(world: World, request_line: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert webex_refuses(world.server, request_line, 400, data=BODIES[body], headers=headers)


@pytest.mark.parametrize("request_line", WRITES)
def test_bodies_that_are_too_large_or_of_another_type(world: World, request_line: str) -> None:
    json_type = {"Content-Type": "application/json"}
    assert "bytes" in webex_refuses(world.server, request_line, 413, data=TOO_LARGE, headers=json_type)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
        webex_refuses(world.server, request_line, 415, data=b"{}", headers={"Content-Type": content_type})


@pytest.mark.parametrize("body", BODIES)
def test_token_requests_that_cannot_be_read(world: World, body: str) -> None:
    refused = world.server.ask("POST /oauth/token", status=400, data=BODIES[body])
    assert set(refused) == {"reason", "error"} and refused["error"] == "invalid_request"
    webex_refuses(world.server, "POST /v1/access_token", 400, data=BODIES[body])


def test_token_requests_that_ask_for_too_much(world: World) -> None:
    client = {"client_id": world.app.client_id, "client_secret": world.app.client_secret}
    grant = client | {"grant_type": "account_credentials", "account_id": world.app.account_id}
    for change, status, error in [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"account_id": "another"}, 400, "invalid_request"),
        ({"account_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": world.server.token}, 400, "invalid_grant"),
    ]:
        refused = world.server.ask("POST /oauth/token", status=status, data=grant | change)
        assert set(refused) == {"reason", "error"} and refused["error"] == error
    zoom_refuses(world.server, "POST /oauth/token", 413, 300, data=TOO_LARGE)
    webex_refuses(world.server, "POST /v1/access_token", 401, data=grant | {"client_secret": "wrong"})
    webex_refuses(world.server, "POST /v1/access_token", 413, data=TOO_LARGE)


def test_reads_ignore_bodies_but_for_their_size(world: World) -> None:
    for body in BODIES.values():
        world.server.ask("GET /v2/users", data=body)
    zoom_refuses(world.server, "GET /v2/users", 413, 300, data=TOO_LARGE)
    webex_refuses(world.server, f"GET {CODES}", 413, data=TOO_LARGE)


# The rules of tracking codes, each broken in turn (with the code's own id if only the rule is broken)

CODE = {
    "name": "Grant",
    "siteUrl": SITE,
    "inputMode": "select",
    "options": [{"value": "A", "defaultValue": True}, {"value": "B", "defaultValue": False}],
    "hostProfileCode": "optional",
    "scheduleStartCodes": [{"service": "All", "type": "optional"}],
}


def option(value: str, default: bool = False) -> Json:
    return {"value": value, "defaultValue": default}


def start(*types: tuple[str, str]) -> Json:
    return {"scheduleStartCodes": [{"service": service, "type": kind} for service, kind in types]}


RULES: list[tuple[str, Json, int, str]] = [
    ("1: a name", {"name": ""}, 400, "'name'"),
    ("1: a name of 120 characters", {"name": "x" * 121}, 400, "'name'"),
    ("2: at most 500 options", {"options": [option(str(n)) for n in range(501)]}, 400, "'options'"),
    ("2: options have values", {"options": [option("")]}, 400, "'options[0].value'"),
    ("2: values of 120 characters", {"options": [option("x" * 121)]}, 400, "'options[0].value'"),
    ("3: five services", start(*[("MeetingCenter", "optional")] * 6), 400, "'scheduleStartCodes'"),
    ("4: select needs options", {"options": []}, 400, "'options'"),
    ("5: host profiles only", {"inputMode": "hostProfileSelect"}, 400, "'scheduleStartCodes[0].type'"),
    ("6: set by the administrator", {"hostProfileCode": "adminSet"}, 400, "'scheduleStartCodes[0].type'"),
    ("7: not set by the administrator", start(("MeetingCenter", "adminSet")), 400, "'scheduleStartCodes[0].type'"),
    ("8: Control Hub", {"hostProfileCode": "required", "siteUrl": CONTROL_HUB_SITE}, 400, "'hostProfileCode'"),
    ("9: notApplicable on All", start(("MeetingCenter", "notApplicable")), 400, "'scheduleStartCodes[0].type'"),
    (
        "10: All against one",
        start(("All", "optional"), ("MeetingCenter", "required")),
        400,
        "'scheduleStartCodes[1].type'",
    ),
    ("14: a mapped site", {"siteUrl": MAPPED_SITE}, 403, MAPPED_SITE),
    ("16: one default", {"options": [option("A", True), option("B", True)]}, 400, "'options[1].defaultValue'"),
    ("16: an option once", {"options": [option("A"), option("A")]}, 400, "'options[1].value'"),
    ("16: a service once", start(*[("MeetingCenter", "optional")] * 2), 400, "'scheduleStartCodes[1].service'"),
    ("words", {"inputMode": "Select"}, 400, "'inputMode'"),
    ("a host name", {"siteUrl": f"https://{SITE}"}, 400, "'siteUrl'"),
    ("a site of the account", {"siteUrl": "unknown.webex.com"}, 400, "'siteUrl'"),
]


@pytest.mark.parametrize(("change", "status", "told"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_rules_of_tracking_codes(world: World, change: Json, status: int, told: str) -> None:
    for request in (f"POST {CODES}", f"PUT {CODES}/1"):
        assert told in webex_refuses(world.server, request, status, json=CODE | change)


def test_rules_among_a_sites_codes(world: World) -> None:
    server = world.server
    taken = server.ask(f"GET {CODES}")["items"]
    assert len(taken) == int(CODES_PER_SITE)
    assert CODES_PER_SITE in webex_refuses(server, f"POST {CODES}", 400, json=CODE)
    name = {"name": taken[1]["name"]}
    assert name["name"] in webex_refuses(server, f"PUT {CODES}/{taken[0]['id']}", 409, json=CODE | name)
    for code_id in ("99", "none", "%00", "x" * 500):
        webex_refuses(server, f"PUT {CODES}/{code_id}", 400, json=CODE)
        webex_refuses(server, f"GET {CODES}/{code_id}", 404)
        webex_refuses(server, f"DELETE {CODES}/{code_id}?siteUrl={SITE}", 404)
    assert "'siteUrl'" in webex_refuses(server, f"DELETE {CODES}/1", 400)
    webex_refuses(server, f"DELETE {CODES}/1?siteUrl={MAPPED_SITE}", 403)


def test_rules_of_users_values(world: World) -> None:
    server = world.server
    email = server.ask(f"GET /v2/users/{world.here.user}")["email"]
    body: Json = {"siteUrl": SITE, "email": email, "trackingCodes": [{"name": "Department", "value": "Sales"}]}
    for change, status, told in [
        ({"siteUrl": ""}, 400, "'siteUrl'"),
        ({"siteUrl": MAPPED_SITE}, 403, MAPPED_SITE),
        ({"email": ""}, 400, "'email'"),
        ({"email": "nobody@example.com"}, 404, "'email'"),
        ({"personId": "none"}, 400, "'personId'"),
        ({"trackingCodes": [{"name": "None", "value": "Sales"}]}, 400, "None"),
        ({"trackingCodes": [{"name": "Department", "value": "None"}]}, 400, "None"),
        ({"trackingCodes": [{"name": "Department", "value": ""}]}, 400, "'trackingCodes[0].value'"),
        ({"trackingCodes": [{"name": "Project", "value": "x" * 121}]}, 400, "'trackingCodes[0].value'"),
        ({"trackingCodes": [{"name": "Department", "value": "Sales"}] * 2}, 400, "'trackingCodes[1].name'"),
    ]:
        assert told in webex_refuses(server, f"PUT {VALUES}", status, json=body | change)
    webex_refuses(server, f"GET {VALUES}", 400)
    webex_refuses(server, f"GET {VALUES}", 404, headers={"email": "nobody@example.com"})
