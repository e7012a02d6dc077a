"""Two more published clients of Zoom, unchanged but for their base URLs: `pyzoom`, which checks types, and `parsons`, which
follows pages by number in its first version and by token in its second."""

import pytest
from parsons.zoom import zoom as parsons_zoom
from pyzoom import ZoomClient

from server import App, Server, rollcall


@pytest.fixture(scope="module")
def pyzoom(demo: Server) -> ZoomClient:
    token = rollcall(demo.data, "token", "create", "--account", "demo", "--scopes", "all")
    return ZoomClient(token, base_url=f"{demo.url}/v2")


@pytest.mark.parametrize("status", ["active", "inactive", "pending"])
def test_pyzoom_decodes_every_user(demo: Server, pyzoom: ZoomClient, status: str) -> None:
    found = pyzoom.users.get_users(status)
    total = demo.ask(f"GET /v2/users?status={status}")["total_records"]
    assert len({user.id for user in found.users}) == total


def test_pyzoom_decodes_the_owners_meetings(demo: Server, pyzoom: ZoomClient) -> None:
    """Its token is the account's, and it requests `me`."""
    owner = demo.ask("GET /v2/users?role_id=0")["users"][0]["id"]
    found = pyzoom.meetings.list_meetings()
    assert found.total_records > 0
    assert {meeting.host_id for meeting in found.meetings} == {owner}


def test_pyzoom_schedules_a_meeting(demo: Server, pyzoom: ZoomClient) -> None:
    made = pyzoom.meetings.create_meeting("By pyzoom", start_time="2099-05-15T20:30:00", duration_min=30, password="abc123")
    assert (made.password, made.topic, made.duration) == ("abc123", "By pyzoom", 30)
    assert len(made.pstn_password) == 6 and made.pstn_password.isdigit() and made.h323_password == made.pstn_password
    assert made.join_url.endswith(f"?pwd={made.encrypted_password}")
    found = demo.ask(f"GET /v2/meetings/{made.id}")
    assert (found["start_url"], found["uuid"]) == (made.start_url, made.uuid)
    assert pyzoom.meetings.delete_meeting(made.id)


def test_pyzoom_decodes_past_participants_and_registrants(demo: Server, pyzoom: ZoomClient, month: dict[str, str]) -> None:
    runs = demo.ask("GET /v2/metrics/meetings", params={"type": "past", "page_size": 300} | month)["meetings"]
    run = max(runs, key=lambda run: run["participants"])
    people = pyzoom.meetings.past_meeting_participants(run["id"])
    assert people.total_records == len(people.participants) > 2
    created = demo.ask("POST /v2/users/me/meetings", 201, json={"topic": "By pyzoom", "type": 2, "settings": {"approval_type": 0}})
    number = created["id"]
    ada = pyzoom.meetings.add_meeting_registrant(number, first_name="Ada", last_name="Lovelace", email="ada@example.com")
    ben = pyzoom.meetings.add_and_confirm_registrant(number, first_name="Ben", last_name="Bee", email="ben@example.com")
    emails = {one.email for one in pyzoom.meetings.list_meeting_registrants(number).registrants}
    assert emails == {"ada@example.com", "ben@example.com"}
    pyzoom.meetings.approve_registration(number, registrant_id=ada.registrant_id, email="ada@example.com")
    pyzoom.meetings.cancel_registration(number, registrant_id=ben.registrant_id, email="ben@example.com")
    approved = pyzoom.meetings.list_meeting_registrants(number).registrants
    assert [one.email for one in approved] == ["ada@example.com"]
    assert pyzoom.meetings.delete_meeting(number)


def connector(demo: Server, app: App, version: type, monkeypatch: pytest.MonkeyPatch) -> parsons_zoom.ZoomV1:
    monkeypatch.setattr(parsons_zoom, "ZOOM_URI", f"{demo.url}/v2/")
    monkeypatch.setattr(parsons_zoom, "ZOOM_AUTH_CALLBACK", f"{demo.url}/oauth/token")
    # Its OAuth library refuses plain HTTP, which the server speaks here.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    return version(app.account_id, app.client_id, app.client_secret)


@pytest.mark.parametrize("version", [parsons_zoom.ZoomV1, parsons_zoom.ZoomV2])
def test_parsons_finds_every_user_and_what_they_host(
    demo: Server, app: App, version: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom = connector(demo, app, version, monkeypatch)
    users = zoom.get_users()
    total = demo.ask("GET /v2/users")["total_records"]
    assert total > 30, "more than a page"
    assert (users.num_rows, len(set(users["id"]))) == (total, total)
    host = demo.ask("GET /v2/users?role_id=0")["users"][0]["id"]
    hosted = zoom.get_meetings(host)
    assert hosted.num_rows == demo.ask(f"GET /v2/users/{host}/meetings")["total_records"] > 0
    past = demo.ask(f"GET /v2/past_meetings/{hosted[0]['id']}/instances")["meetings"]
    run = zoom.get_past_meeting(past[0]["uuid"])
    assert (run if isinstance(run, dict) else run[0])["uuid"] == past[0]["uuid"]


def test_parsons_lists_runs_of_a_meeting(demo: Server, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    zoom = connector(demo, app, parsons_zoom.ZoomV2, monkeypatch)
    host = demo.ask("GET /v2/users?role_id=0")["users"][0]["id"]
    number = demo.ask(f"GET /v2/users/{host}/meetings")["meetings"][0]["id"]
    runs = zoom.get_past_meeting_occurrences(number)
    assert runs.num_rows == len(demo.ask(f"GET /v2/past_meetings/{number}/instances")["meetings"])
