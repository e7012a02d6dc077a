"""The collector against Rollcall in a process of its own as the vendor: what was collected equals what is there."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faulty import STORM, proxy
from server import BINARY, App, Json, Server, begin, rollcall, serve

# Days that the seeded world has, and that a run reaches back.
DAYS = 8
KILLS = int(os.environ.get("COLLECT_KILLS", "25"))

# Zoom's responses do not have these of webinars (Zoom reference, sections 1.4 and 2.3).
NOT_OF_WEBINARS = {"host_id", "has_qa", "has_meeting_summary", "source"}
# Computed from the minutes when they are sealed or asked for, and the time at which something was first heard of.
LOCAL = {"health", "issue_list", "rc_reason", "since"}
# Zoom says so of everybody of whom it knows nothing else.
SERVED = {"status": "coalesce(nullif(status, ''), 'in_meeting')"}


@dataclass
class Vendor:
    """A server with a seeded account, and what collects from it."""

    server: Server
    app: App
    token: str


def rows(data: Path, table: str, where: str = "true", without: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """The rows of a table as CSV, without an order."""
    columns = [json.loads(line)["column"] for line in rollcall(data, "sql", "--schema", table, "--json").splitlines()]
    kept = [column for column in columns if column not in LOCAL | without]
    shown = [SERVED.get(column, column) if table == "participants" else column for column in kept]
    return sorted(rollcall(data, "sql", "--format", "csv", f"SELECT {', '.join(shown)} FROM {table} WHERE {where}").splitlines())


def count(data: Path, table: str) -> int:
    return int(rollcall(data, "sql", "--format", "csv", f"SELECT count(*) FROM {table}").splitlines()[-1])


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    data = tmp_path_factory.mktemp("vendor") / "data"
    begin(data, "main")
    size = ["--people", "16", "--meetings-per-day", "3", "--webinars-per-week", "1", "--webinar-attendees", "25"]
    rollcall(data, "sim", "--days", str(DAYS), *size)
    app = App.create(data, "--name", "collector", "--scopes", "all")
    token = rollcall(data, "token", "create").splitlines()[-1]
    with serve(data, ROLLCALL_ZOOM_RATE_PLAN="business") as server:
        server.token = rollcall(data, "token", "create", "--scopes", "all").splitlines()[-1]
        people_sign_up(server, data)
        yield Vendor(server, app, token)


def people_sign_up(server: Server, data: Path) -> None:
    """What a simulated world does not have: registrants, tracking fields, answers to polls."""
    user = server.ask("GET /v2/users")["users"][0]["id"]
    settings = {"settings": {"approval_type": 0}, "topic": "Open house", "start_time": "2030-01-01T10:00:00Z"}
    meeting = server.ask(f"POST /v2/users/{user}/meetings", 201, json={"type": 2} | settings)["id"]
    webinars = (webinar for page in server.pages("GET /v2/users") for person in page["users"] for webinar in hosted(server, person))
    for kind, number in [("meetings", meeting), ("webinars", next(webinars))]:
        for name in ["ana", "ben", "chloé"]:
            body = {"email": f"{name}@example.com", "first_name": name.title(), "org": "Example"}
            server.ask(f"POST /v2/{kind}/{number}/registrants", 201, json=body)
    server.ask("POST /v2/tracking_fields", 201, json={"field": "Cost centre", "recommended_values": ["1", "2"]})
    found = rollcall(data, "sql", "--format", "ndjson", "SELECT uuid FROM instances WHERE kind = 'meeting' AND has_poll LIMIT 1")
    uuid = json.loads(found)["uuid"].replace("/", "%2F")
    answers = {"questions": [{"email": "ana@example.com", "name": "Ana", "question_details": [{"answer": "Yes"}]}]}
    rollcall(data, "import", "-", stdin=json.dumps({"request": f"GET /v2/past_meetings/{uuid}/polls", "response": answers}))


def hosted(server: Server, person: Json) -> list[int]:
    answer = server.answer(f"GET /v2/users/{person['id']}/webinars")
    return [webinar["id"] for webinar in answer.body["webinars"]] if answer.status == 200 else []


def collect(data: Path, vendor: Vendor, url: str, *arguments: str, check: bool = True) -> Json:
    """Runs `rollcall collect zoom`, and returns its progress at the end."""
    command = ["--client-id", vendor.app.client_id, "--account-id", vendor.app.account_id, "--secret-env", "SECRET"]
    data.parent.mkdir(exist_ok=True)
    done = subprocess.run(
        [str(BINARY), "--data", str(data), "collect", "zoom", *command, "--url", url, "--days", str(DAYS), "--json", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"SECRET": vendor.app.client_secret},
        check=False,
    )
    assert done.returncode == 0 or not check, f"{done.stdout}{done.stderr}"
    assert vendor.app.client_secret not in done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[0]) if done.stdout.startswith("{") else {}


def assert_equal_to(vendor: Vendor, data: Path) -> None:
    """Every table that Zoom's API shows is the same, row for row."""
    tables = ["meetings", "participants", "persons", "attendance", "registrants", "documents", "users"]
    questions = [(table, "true", set()) for table in [*tables, "tracking_sources", "tracking_fields", "qos_minutes"]]
    questions += [("instances", "kind = 'meeting'", set()), ("instances", "kind = 'webinar'", NOT_OF_WEBINARS)]
    for table, where, without in questions:
        there, here = rows(vendor.server.data, table, where, without), rows(data, table, where, without)
        assert len(there) > 1, f"the vendor has no {table}"
        only_there, only_here = sorted({*there} - {*here}), sorted({*here} - {*there})
        assert there == here, f"{table}: {len(there)} there, {len(here)} here: {only_there[:2]} {only_here[:2]}"


def gaps(data: Path) -> list[Json]:
    return [json.loads(line) for line in rollcall(data, "collect", "gaps", "--json").splitlines()]


def test_a_zoom_account_is_collected_whole_inside_its_quota(vendor: Vendor, tmp_path: Path) -> None:
    data = tmp_path / "mirror" / "data"
    with proxy(vendor.server.url, latency=0.05) as line:
        planned = collect(data, vendor, line.url, "--vendor-plan", "business", "--plan")
        assert planned["waiting_calls"] > 100 and planned["seconds_left"] > 0
        first = collect(data, vendor, line.url)
        # On a busy machine, calls arrive less evenly than they are sent; bench/collect measures that none is throttled.
        assert first["throttled"] <= first["calls"] * 0.02 and first["waiting_lists"] == 0
        assert gaps(data) == []
        assert_equal_to(vendor, data)
        asked = planned["calls"] + first["calls"]
        # An estimate of what is left: the pages of a list become known with the list.
        assert planned["waiting_calls"] == pytest.approx(first["calls"], rel=0.1)
        twice = [path for path, count in line.requests.items() if count > 1 and not path.startswith("/oauth")]
        assert len(twice) <= first["throttled"], twice
        second = collect(data, vendor, line.url)
        assert second["calls"] <= max(asked * 0.02, 8), "what has not changed is not asked for again"
        assert_equal_to(vendor, data)


def test_through_a_bad_line_the_same_arrives(vendor: Vendor, tmp_path: Path) -> None:
    data = tmp_path / "mirror" / "data"
    with proxy(vendor.server.url, trouble=0.2, faults=(*STORM, "page_token")) as line:
        for _ in range(12):
            progress = collect(data, vendor, line.url, "--vendor-plan", "none", check=False)
            if progress and progress["waiting_lists"] == 0:
                break
        else:
            # What failed again and again waits for minutes: the line is good again, and a later run goes on.
            pytest.fail(f"lists still wait: {progress} {line.met}")
        assert all(line.met[fault] > 0 for fault in STORM), line.met
        line.trouble = 0.0
        collect(data, vendor, line.url, "--retry")
        assert gaps(data) == []
        assert_equal_to(vendor, data)


def test_killed_anywhere_it_continues(vendor: Vendor, tmp_path: Path) -> None:
    data = tmp_path / "mirror" / "data"
    dice = random.Random(7)
    with proxy(vendor.server.url, latency=0.01) as line:
        collect(data, vendor, line.url, "--vendor-plan", "none", "--no-run")
        command = [str(BINARY), "--data", str(data), "collect", "zoom", "--concurrency", "4"]
        for _ in range(KILLS):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.05, 0.6))
            process.send_signal(signal.SIGKILL)
            process.wait()
        rollcall(data, "collect", "zoom", "--concurrency", "4")
        assert gaps(data) == []
        assert_equal_to(vendor, data)
        pages = [path for path in line.requests if not path.startswith("/oauth")]
        # Each kill loses at most the calls that were under way, and the pages that were being written.
        assert line.calls <= len(pages) + KILLS * 8, f"{line.calls} calls for {len(pages)} pages"


def test_without_dashboards_reports_are_read_and_what_is_missing_is_said(vendor: Vendor, tmp_path: Path) -> None:
    scopes = "user:read:admin,meeting:read:admin,webinar:read:admin,report:read:admin,tracking_fields:read:admin"
    app = App.create(vendor.server.data, "--name", "pro", "--scopes", scopes)
    data = tmp_path / "mirror" / "data"
    collect(data, Vendor(vendor.server, app, ""), vendor.server.url, "--vendor-plan", "none")
    found = {gap["request"]: gap for gap in gaps(data)}
    missing = found["/v2/metrics/meetings"]
    assert missing["reason"] == "scope" and "dashboard:read:list_meetings:admin" in missing["remedy"]
    assert count(data, "participants") == count(vendor.server.data, "participants"), "the reports have everybody"
    assert count(data, "qos_minutes") == 0
    # With the scope, the rest comes, and the gap is filled.
    collect(data, vendor, vendor.server.url, "--retry")
    assert gaps(data) == []
    assert count(data, "qos_minutes") == count(vendor.server.data, "qos_minutes")


def test_a_webex_account_is_collected_whole(vendor: Vendor, tmp_path: Path) -> None:
    data = tmp_path / "mirror" / "data"
    data.parent.mkdir()
    secret = tmp_path / "token"
    secret.write_text(vendor.token)
    with proxy(vendor.server.url, latency=0.02) as line:
        rollcall(data, "collect", "webex", "--secret-file", str(secret), "--url", line.url, "--days", str(DAYS))
        first = line.calls
        assert gaps(data) == []
        rollcall(data, "collect", "webex")
        assert line.calls - first <= first * 0.1
    with serve(data) as mirror:
        mirror.token = rollcall(data, "token", "create").splitlines()[-1]
        there, here = vendor.server, mirror
        there_token = vendor.token

        def same(request: str, *without: str) -> Json:
            answers = [there.ask(request, token=there_token), here.ask(request)]
            stripped = [strip(answer, {*without}) for answer in answers]
            assert stripped[0] == stripped[1], request
            return answers[0]

        for site in same("GET /v1/meetingPreferences/sites")["sites"]:
            same(f"GET /v1/admin/meeting/config/trackingCodes?siteUrl={site['siteUrl']}")
        people = same("GET /v1/people?max=100", "created", "lastModified", "orgId", "lastActivity", "status")["items"]
        for person in people:
            same(f"GET /v1/admin/meeting/userconfig/trackingCodes?personId={person['id']}")
        window = f"from={days_ago(DAYS)}&to={days_ago(-1)}"
        runs = same(f"GET /v1/meetings?meetingType=meeting&state=ended&max=100&{window}", "hostDisplayName")["items"]
        assert len(runs) > 20
        for run in runs:
            # Who leaves without saying so has another end there.
            same(f"GET /v1/meetingParticipants?meetingId={run['id']}&max=100", "id", "orgId", "correlationId")
            same(f"GET /v1/meeting/qualities?meetingId={run['id']}&max=1000", "participantId", "participantSessionId")


def days_ago(days: int) -> str:
    return time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - days * 86_400))


def strip(value: Json, without: set[str]) -> Json:
    """The value without these keys, its lists without an order."""
    if isinstance(value, dict):
        return {key: strip(inner, without) for key, inner in value.items() if key not in without}
    if isinstance(value, list):
        return sorted((strip(inner, without) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return value
