"""Programs that copy a whole Zoom account: Singer's tap and Airbyte's source. Each has 19 streams, none of which may be
silently empty."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import REPOSITORY, App, Json, Server, begin, rollcall, serve

TARGET = Path(os.environ.get("ROLLCALL_BIN", REPOSITORY / "target/debug/rollcall")).resolve().parents[1]
REWRITE = Path(__file__).parent / "rewrite"

HOST = "KDcuGIm1QgePTO8WbOqwIQ"
MEETING, WEBINAR = 93201235621, 95204914252
MEETING_RUN, WEBINAR_RUN = "gm8s9L+PTEC/FG3sFbd1Cw==", "Wab/cdefghijklmnopqrst=="
# More than fit on one page of any list.
PEOPLE = 650


def program(environment: str, name: str) -> Path:
    path = TARGET / environment / "bin" / name
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    return path


def person(number: int, **more: Json) -> Json:
    return {
        "id": f"user-{number}",
        "user_id": str(16778240 + number),
        "name": f"Person {number}",
        "user_email": f"person{number}@example.com",
        "join_time": "2026-09-01T09:00:00Z",
        "leave_time": "2026-09-01T09:50:00Z",
        "duration": 3000,
        "status": "in_meeting",
    } | more


def run_of(number: int, uuid: str, kind: int, **more: Json) -> Json:
    return {
        "uuid": uuid,
        "id": number,
        "type": kind,
        "topic": "Review",
        "user_name": "Jill Chill",
        "user_email": "jchill@example.com",
        "start_time": "2026-09-01T09:00:00Z",
        "end_time": "2026-09-01T10:00:00Z",
        "duration": 60,
        "total_minutes": 50,
        "participants_count": PEOPLE,
    } | more


def registrant(number: int) -> Json:
    return {
        "id": f"registrant-{number}",
        "email": f"registrant{number}@example.com",
        "first_name": "Regina",
        "last_name": str(number),
        "status": "approved",
        "create_time": "2026-08-20T09:00:00Z",
        "join_url": f"https://example.zoom.us/w/{WEBINAR}?tk={number}",
        "custom_questions": [{"title": "Why?", "value": "Curiosity"}],
    }


def bodies() -> Iterator[tuple[str, Json]]:
    """Requests with their responses, as a program would have recorded them at Zoom."""
    host = {"id": HOST, "email": "jchill@example.com", "first_name": "Jill", "last_name": "Chill", "type": 2}
    yield "GET /v2/users", {"users": [host | {"status": "active"}]}
    yield f"GET /v2/users/{HOST}", host | {"status": "active"}
    scheduled = {"host_id": HOST, "topic": "Review", "start_time": "2026-09-01T09:00:00Z", "duration": 60, "timezone": "UTC"}
    settings = {"settings": {"approval_type": 0, "registration_type": 1}}
    meeting = scheduled | settings | {"id": MEETING, "uuid": MEETING_RUN, "type": 2}
    webinar = scheduled | settings | {"id": WEBINAR, "uuid": WEBINAR_RUN, "type": 5}
    for name, event, uuid in (("meetings", meeting, MEETING_RUN), ("webinars", webinar, WEBINAR_RUN)):
        number = event["id"]
        yield f"GET /v2/{name}/{number}", event
        yield f"GET /v2/report/{name}/{number}", run_of(number, uuid, event["type"])
        participants = [person(index) for index in range(PEOPLE)]
        yield f"GET /v2/report/{name}/{number}/participants", {"participants": participants}
        answers = [{"email": f"person{index}@example.com", "name": f"Person {index}"} for index in range(3)]
        polled = [one | {"question_details": [{"question": "How?", "answer": "Well"}]} for one in answers]
        yield f"GET /v2/report/{name}/{number}/polls", {"uuid": uuid, "id": number, "questions": polled}
        yield f"GET /v2/report/{name}/{number}/qa", {"uuid": uuid, "id": number, "questions": polled[:2]}
        poll = {"id": "QalIoKWLTJehBJ8e1xRrbQ", "title": "Feedback", "status": "notstart", "questions": []}
        yield f"GET /v2/{name}/{number}/polls", {"polls": [poll]}
        registrants = [registrant(index) for index in range(5)]
        yield f"GET /v2/{name}/{number}/registrants", {"registrants": registrants}
        form = {"questions": [{"field_name": "city", "required": False}], "custom_questions": []}
        yield f"GET /v2/{name}/{number}/registrants/questions", form
    sources = [{"id": "1", "source_name": "news", "tracking_url": "", "visitor_count": 4, "registration_count": 2}]
    yield f"GET /v2/webinars/{WEBINAR}/tracking_sources", {"tracking_sources": sources}
    panelists = [{"id": "p1", "email": "panelist@example.com", "name": "Pan", "join_url": "https://example.zoom.us/p"}]
    yield f"GET /v2/webinars/{WEBINAR}/panelists", {"panelists": panelists}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, App]]:
    data = tmp_path_factory.mktemp("taps") / "data"
    begin(data, "main")
    recording = data.parent / "zoom.ndjson"
    recording.write_text("".join(json.dumps({"request": name, "response": body}) + "\n" for name, body in bodies()))
    rollcall(data, "import", str(recording))
    app = App.create(data, "--name", "taps", "--scopes", "all")
    token = rollcall(data, "token", "create", "--scopes", "all")
    with serve(data) as server:
        server.token = token
        yield server, app


# What each stream must have. Airbyte calls two of them otherwise.
EXPECTED = {
    "users": 1,
    "meetings": 1,
    "meeting_registrants": 5,
    "meeting_polls": 1,
    "meeting_poll_results": 3,
    "meeting_questions": 1,
    "webinars": 1,
    "webinar_panelists": 1,
    "webinar_registrants": 5,
    "webinar_absentees": 5,
    "webinar_polls": 1,
    "webinar_poll_results": 3,
    "webinar_questions": 1,
    "webinar_tracking_sources": 1,
    "webinar_qna_results": 2,
    "report_meetings": 1,
    "report_meeting_participants": PEOPLE,
    "report_webinars": 1,
    "report_webinar_participants": PEOPLE,
}


def run(command: list[str | Path], server: Server, folder: Path) -> list[Json]:
    environment = os.environ | {"ROLLCALL_URL": server.url, "PYTHONPATH": str(REWRITE)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:] + done.stdout[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_tap_zoom_copies_all_its_streams(account: tuple[Server, App], tmp_path: Path) -> None:
    server, app = account
    tap = program("venv-tap-zoom", "tap-zoom")
    config = {"client_id": app.client_id, "client_secret": app.client_secret, "refresh_token": "none"}
    (tmp_path / "config.json").write_text(json.dumps(config | {"access_token": server.token}))
    options = [tap, "--config", "config.json", "--dev"]
    catalog = run_for_object([*options, "--discover"], server, tmp_path)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    messages = run([*options, "--catalog", "catalog.json"], server, tmp_path)
    found = Counter(message["stream"] for message in messages if message["type"] == "RECORD")
    assert dict(found) == EXPECTED
    names = {message["record"]["user_email"] for message in messages if message.get("stream") == "report_webinar_participants"
             and message["type"] == "RECORD"}
    assert len(names) == PEOPLE, "each participant once, over all pages"


def run_for_object(command: list[str | Path], server: Server, folder: Path) -> Json:
    environment = os.environ | {"ROLLCALL_URL": server.url, "PYTHONPATH": str(REWRITE)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_airbytes_source_copies_all_its_streams(account: tuple[Server, App], tmp_path: Path) -> None:
    server, app = account
    source = program("venv-airbyte-source-zoom", "source-zoom")
    config = {
        "account_id": app.account_id,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "authorization_endpoint": "https://zoom.us/oauth/token",
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    [discovered] = [
        message["catalog"]
        for message in run([source, "discover", "--config", "config.json"], server, tmp_path)
        if message["type"] == "CATALOG"
    ]
    streams = [
        {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
        for stream in discovered["streams"]
    ]
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": streams}))
    messages = run([source, "read", "--config", "config.json", "--catalog", "catalog.json"], server, tmp_path)
    found = Counter(message["record"]["stream"] for message in messages if message["type"] == "RECORD")
    renamed = {stream.replace("_questions", "_registration_questions"): count for stream, count in EXPECTED.items()}
    assert dict(found) == renamed


def test_the_streams_are_what_sql_has(account: tuple[Server, App]) -> None:
    server, _ = account
    for query, expected in [
        ("SELECT count(*) FROM participants WHERE kind = 'meeting'", EXPECTED["report_meeting_participants"]),
        ("SELECT count(*) FROM participants WHERE kind = 'webinar'", EXPECTED["report_webinar_participants"]),
        ("SELECT count(*) FROM registrants WHERE kind = 'webinar'", EXPECTED["webinar_registrants"]),
        ("SELECT count(*) FROM registrants WHERE kind = 'meeting'", EXPECTED["meeting_registrants"]),
        ("SELECT count(*) FROM documents WHERE kind = 'polls' AND owner_kind = 'instance'", 6),
        ("SELECT count(*) FROM instances", 2),
    ]:
        assert server.ask("POST /api/v1/sql", json={"query": query})["rows"] == [[expected]], query
