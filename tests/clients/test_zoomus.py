"""The published client `zoomus`, unchanged except for its base URLs, goes from users to quality of service.

If it has no method for an operation, its `get_request` is what such a method would call.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests import Response
from zoomus import ZoomClient
from zoomus.util import encode_uuid

from server import App, Server

Row = dict[str, Any]
USER_STATUSES = ["active", "inactive", "pending"]


@pytest.fixture(scope="module")
def zoom(demo: Server, app: App) -> ZoomClient:
    return client(demo, app, app.client_secret)


def client(demo: Server, app: App, secret: str) -> ZoomClient:
    urls = {"base_uri": f"{demo.url}/v2", "oauth_uri": f"{demo.url}/oauth/token"}
    return ZoomClient(app.client_id, secret, app.account_id, **urls)


def got(response: Response) -> Row:
    assert response.status_code == 200, f"{response.url}: {response.text}"
    return response.json()


def rows(key: str, call: Callable[..., Response], **params: Any) -> list[Row]:
    """The rows of all pages; there must be as many as each page says."""
    found: list[Row] = []
    token, pages = "", 0
    while pages == 0 or token:
        body = got(call(**params, next_page_token=token))
        found += body[key]
        token, pages = body["next_page_token"], pages + 1
        assert len(body[key]) == body["page_size"] or not token
    assert (len(found), pages) == (body["total_records"], max(body["page_count"], 1))
    return found


def get(zoom: ZoomClient, path: str) -> Callable[..., Response]:
    return lambda **params: zoom.metric.get_request(path, params=params)


def test_the_client_gets_its_own_token(demo: Server, app: App, zoom: ZoomClient) -> None:
    first = zoom.config["token"]
    zoom.refresh_token()
    assert first and zoom.config["token"] not in ("", None, first)
    refused = client(demo, app, "wrong").user.list()
    assert (refused.status_code, refused.json()["code"]) == (401, 124)


def test_users_can_be_walked_and_got_by_id_and_address(zoom: ZoomClient) -> None:
    statuses = {status: rows("users", zoom.user.list, status=status, page_size=7) for status in USER_STATUSES}
    users = [user for rows in statuses.values() for user in rows]
    assert len({user["id"] for user in users}) == len(users) > 50
    assert all(user["status"] == status for status, rows in statuses.items() for user in rows)
    for user in users[:5]:
        by_id, by_address = (got(zoom.user.get(id=name)) for name in (user["id"], user["email"]))
        assert by_id == by_address
        assert all(by_id[key] == user[key] for key in ("id", "email", "type", "status", "created_at"))


def test_users_lead_to_webinars_participants_quality_and_tracking_sources(
    zoom: ZoomClient, month: dict[str, str]
) -> None:
    hosted: list[Row] = []
    for user in rows("users", zoom.user.list, page_size=300):
        answer = zoom.webinar.list(user_id=user["id"], page_size=300)
        if answer.status_code == 400 and answer.json()["code"] == 200:
            continue  # The user has no licence for webinars.
        hosted += got(answer)["webinars"]
    assert len({webinar["id"] for webinar in hosted}) == len(hosted) > 5

    past = rows("webinars", get(zoom, "/metrics/webinars"), type="past", page_size=10, **month)
    runs_by_number = Counter(run["id"] for run in past)
    walked = 0
    for webinar in hosted:
        assert got(zoom.webinar.get(id=webinar["id"]))["topic"] == webinar["topic"]
        sources = got(get(zoom, f"/webinars/{webinar['id']}/tracking_sources")())
        assert sources["total_records"] == len(sources["tracking_sources"])
        for source in sources["tracking_sources"]:
            assert source["registration_count"] == source["registrationr_count"] <= source["visitor_count"]

        instances = got(get(zoom, f"/past_webinars/{webinar['id']}/instances")())["webinars"]
        assert len(instances) >= runs_by_number[webinar["id"]]
        if instances and walked < 4 and sources["tracking_sources"]:
            walk_webinar(zoom, instances[0]["uuid"])
            walked += 1
    assert walked == 4


def walk_webinar(zoom: ZoomClient, uuid: str) -> None:
    """Participants and quality of service must list the same attendances."""
    path = f"/metrics/webinars/{encode_uuid(uuid)}"
    run = got(get(zoom, path)(type="past"))
    there = rows("participants", zoom.metric.list_webinar_participants, webinar_id=uuid, type="past", page_size=30)
    quality = rows("participants", get(zoom, f"{path}/participants/qos"), type="past", page_size=10)
    assert run["participants"] == len(there)
    check_quality(there, quality, run)
    single = got(get(zoom, f"{path}/participants/{quality[0]['user_id']}/qos")(type="past"))
    assert single["webinar_number"] == str(run["id"])
    assert {key: single[key] for key in quality[0]} == quality[0]


def check_quality(there: list[Row], quality: list[Row], run: Row) -> None:
    """Both lists contain the same people, and every minute is within its participant's attendance."""
    assert [row["user_id"] for row in there] == [row["user_id"] for row in quality]
    assert len({row["user_id"] for row in there}) == len(there)
    for who, how in zip(there, quality, strict=True):
        shared = ("user_name", "join_time", "leave_time", "device", "ip_address", "location", "version")
        assert [who[key] for key in shared] == [how[key] for key in shared]
        assert run["start_time"] <= who["join_time"] <= who["leave_time"] <= run["end_time"]
        minutes = [minute["date_time"] for minute in how["user_qos"]]
        assert minutes == sorted(set(minutes))
        assert all(who["join_time"][:16] <= minute[:16] <= who["leave_time"][:16] for minute in minutes)


def test_meetings_by_list_detail_and_past_instance_agree(zoom: ZoomClient, month: dict[str, str]) -> None:
    past = rows("meetings", zoom.metric.list_meetings, type="past", page_size=300, **month)
    assert len({run["uuid"] for run in past}) == len(past) > 100
    starts = [run["start_time"] for run in past]
    assert starts == sorted(starts, reverse=True)
    assert month["from"] <= starts[-1] <= starts[0] <= month["to"] + "T23:59:59Z"

    # Among them identifiers which the client sends raw, slash and plus included, and ones which it encodes twice.
    awkward = [next(run for run in past if sign in run["uuid"][1:]) for sign in "/+"]
    awkward.append(next(run for run in past if run["uuid"].startswith("/") or "//" in run["uuid"]))
    for run in [*past[:5], *awkward]:
        walk_meeting(zoom, run)

    alone = rows("meetings", zoom.metric.list_meetings, type="pastOne", page_size=300, **month)
    assert alone and all(run["participants"] == 1 for run in alone)


def walk_meeting(zoom: ZoomClient, run: Row) -> None:
    uuid = run["uuid"]
    detail = got(zoom.metric.get_meeting(meeting_id=uuid, type="past"))
    assert [detail[key] for key in ("uuid", "id", "topic")] == [run[key] for key in ("uuid", "id", "topic")]
    there = rows("participants", zoom.metric.list_participants, meeting_id=uuid, type="past", page_size=4)
    quality = rows("participants", zoom.metric.list_participants_qos, meeting_id=uuid, type="past", page_size=10)
    assert run["participants"] == detail["participants"] == len(there)
    check_quality(there, quality, run)
    named = {"meeting_id": uuid, "participant_id": quality[-1]["user_id"], "type": "past"}
    single = got(zoom.metric.get_participant_qos(**named))
    assert single["user_qos"] == quality[-1]["user_qos"]

    past = got(zoom.past_meeting.get(meeting_id=uuid))
    assert [past["id"], past["participants_count"]] == [run["id"], len(there)]
    listed = zoom.past_meeting.list(meeting_id=str(run["id"]))
    if listed.status_code == 200:
        assert uuid in [instance["uuid"] for instance in listed.json()["meetings"]]
    else:  # It was never scheduled: an instant meeting.
        assert listed.json()["code"] == 3001


def test_a_users_meetings_lead_to_their_past_instances(zoom: ZoomClient) -> None:
    seen = 0
    for user in rows("users", zoom.user.list, page_size=300)[::3]:
        for meeting in rows("meetings", zoom.meeting.list, user_id=user["id"], page_size=300):
            assert got(zoom.meeting.get(id=meeting["id"]))["host_id"] == meeting["host_id"] == user["id"]
            instances = got(zoom.past_meeting.list(meeting_id=str(meeting["id"])))["meetings"]
            if instances:
                latest = got(zoom.metric.get_meeting(meeting_id=str(meeting["id"]), type="past"))
                assert latest["uuid"] == instances[-1]["uuid"]
                seen += 1
    assert seen > 5


def test_what_is_live_is_told_without_asking_for_a_type(zoom: ZoomClient, month: dict[str, str]) -> None:
    live = rows("meetings", zoom.metric.list_meetings, page_size=300, **month)
    webinars = rows("webinars", get(zoom, "/metrics/webinars"), **month)
    assert live and webinars
    assert all("end_time" not in run and run["duration"] == "" for run in live + webinars)
    run = live[0]
    there = rows("participants", zoom.metric.list_participants, meeting_id=run["uuid"], page_size=300)
    by_number = got(zoom.metric.get_meeting(meeting_id=str(run["id"])))
    assert there and by_number["uuid"] == run["uuid"]
    forgotten = zoom.metric.get_meeting(meeting_id=run["uuid"], type="past")
    assert (forgotten.status_code, forgotten.json()["code"]) == (404, 3001)


def test_reports_count_what_lists_show(zoom: ZoomClient, month: dict[str, str]) -> None:
    first, last = (datetime.fromisoformat(month[key]) for key in ("from", "to"))
    days = got(zoom.report.get_daily_report(year=last.year, month=last.month))["dates"]
    assert [day["date"] for day in days] == sorted(day["date"] for day in days)
    hosts = rows("users", zoom.report.get_account_report, start_time=first, end_time=last, type="active")
    host = max(hosts, key=lambda host: host["meetings"])
    hosted = rows("meetings", zoom.report.get_user_report, user_id=host["id"], start_time=first, end_time=last)
    assert hosted and {run["user_email"] for run in hosted} == {host["email"]}

    past = rows("meetings", zoom.metric.list_meetings, type="past", page_size=300, **month)
    crowded = max(past, key=lambda run: run["participants"])
    awkward = next(run for run in past if "/" in run["uuid"])
    for run in (crowded, awkward):
        reported = rows("participants", zoom.report.get_meeting_participants_report, id=run["uuid"], page_size=3)
        attended = rows("participants", zoom.past_meeting.get_participants, meeting_id=run["uuid"], page_size=3)
        there = rows("participants", zoom.meeting.list_meeting_participants, id=encode_uuid(run["uuid"]), type="past")
        assert len(reported) == len(there) == run["participants"]
        assert {row["name"] for row in attended} == {row["name"] for row in reported}
        assert all(row["duration"] >= 0 and row["status"] in ("in_meeting", "in_waiting_room") for row in reported)
    webinar = rows("webinars", get(zoom, "/metrics/webinars"), type="past", **month)[0]
    reported = rows("participants", zoom.report.get_webinar_participants_report, id=encode_uuid(webinar["uuid"]), page_size=30)
    assert len(reported) == webinar["participants"]


def test_registrants_of_a_meeting(zoom: ZoomClient) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + timedelta(days=1)
    settings = {"approval_type": 1}
    created = zoom.meeting.create(user_id="me", topic="By zoomus", type=2, start_time=tomorrow, duration=30, settings=settings)
    assert created.status_code == 201, created.text
    number = created.json()["id"]
    added = zoom.meeting.add_registrant(id=number, email="ada@example.com", first_name="Ada", last_name="Lovelace")
    assert added.status_code == 201, added.text
    person = {"id": added.json()["registrant_id"], "email": "ada@example.com"}
    statuses = {"approve": "approved", "deny": "denied", "cancel": None}
    assert [row["email"] for row in rows("registrants", zoom.meeting.list_registrants, id=number, status="pending")] == ["ada@example.com"]
    for action, status in statuses.items():
        assert zoom.meeting.update_registrant_status(id=number, action=action, registrants=[person]).status_code == 204
        if status:
            assert [row["id"] for row in rows("registrants", zoom.meeting.list_registrants, id=number, status=status)] == [person["id"]]
    assert zoom.meeting.update(id=number, topic="Renamed", start_time=tomorrow).status_code == 204
    assert got(zoom.meeting.get(id=number))["topic"] == "Renamed"
    assert zoom.meeting.update_status(id=number, action="end").status_code == 204
    assert zoom.meeting.delete(id=number).status_code == 204


def test_registrants_panelists_and_absentees_of_a_webinar(zoom: ZoomClient, month: dict[str, str]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    created = zoom.webinar.create(user_id="me", topic="By zoomus", type=5, start_time=tomorrow, duration=30, settings={"approval_type": 0})
    assert created.status_code == 201, created.text
    number = created.json()["id"]
    for email in ("ada@example.com", "ben@example.com"):
        assert zoom.webinar.register(id=number, email=email, first_name="A", last_name="B").status_code == 201
    assert len(rows("registrants", zoom.webinar.get_registrants, id=number, page_size=1)) == 2
    assert zoom.webinar.add_panelists(id=number, panelists=[{"name": "Pat", "email": "pat@example.com"}]).status_code == 201
    assert [one["email"] for one in got(zoom.webinar.list_panelists(id=number))["panelists"]] == ["pat@example.com"]
    assert zoom.webinar.remove_panelists(id=number).status_code == 204
    assert got(zoom.webinar.list_panelists(id=number))["total_records"] == 0
    # Its `end` sends a body that Zoom does not document.
    assert zoom.webinar.end(id=number).status_code == 400
    assert zoom.webinar.update(id=number, topic="Renamed").status_code == 204
    assert got(zoom.webinar.get(id=number))["topic"] == "Renamed"
    assert zoom.webinar.delete(id=number).status_code == 204
    past = rows("webinars", get(zoom, "/metrics/webinars"), type="past", **month)[0]
    absent = rows("registrants", zoom.webinar.get_absentees, id=encode_uuid(past["uuid"]))
    came = rows("participants", zoom.metric.list_webinar_participants, webinar_id=past["uuid"], type="past")
    assert not {row["email"] for row in absent} & {row["email"] for row in came if row["email"]}


def test_tracking_fields(zoom: ZoomClient) -> None:
    """The client has no methods for them: its requests are what such methods would send."""
    created = zoom.metric.post_request("/tracking_fields", data={"field": "By zoomus", "recommended_values": ["a"]})
    assert created.status_code == 201, created.text
    path = f"/tracking_fields/{created.json()['id']}"
    assert zoom.metric.patch_request(path, data={"field": "Renamed"}).status_code == 204
    assert got(zoom.metric.get_request(path))["field"] == "Renamed"
    assert "Renamed" in [field["field"] for field in got(zoom.metric.get_request("/tracking_fields"))["tracking_fields"]]
    assert zoom.metric.delete_request(path).status_code == 204
    assert zoom.metric.get_request(path).status_code == 404
