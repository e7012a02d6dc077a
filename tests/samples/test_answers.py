"""What generated programs print equals the data, field by field, in every language, page after page."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from conftest import WEBINAR
from languages import Language
from programs import Programs, lines_of, lines_of_pages
from server import Server, past_month, rollcall

# Tokens are created again for each request, so they are only checked for presence.
RENEWED = re.compile(r"^(next_page_token|access_token): .*")


def comparable(lines: list[str]) -> list[str]:
    # An object's members have no order: the description's may differ from the response's.
    return sorted(RENEWED.sub(r"\1", line) for line in lines)


def path_of(document: dict[str, Any], operation: str) -> str:
    found = [path for path, item in document["paths"].items() if item.get("get", {}).get("operationId") == operation]
    assert len(found) == 1, operation
    return found[0]


def register(server: Server, host: str, webinar_host: str) -> dict[str, Any]:
    """Schedules a meeting and a webinar with a registrant each, and creates a tracking field."""
    schedule = {"topic": "Launch", "start_time": "2099-01-01T09:00:00Z", "settings": {"approval_type": 0}}
    person = {"email": "jill@example.net", "first_name": "Jill", "custom_questions": [{"title": "Why?", "value": "Fun"}]}
    field = {"field": "Cost center", "recommended_values": ["1"]}

    def create(path: str, body: dict[str, Any]) -> dict[str, Any]:
        return server.ask(f"POST /v2/{path}", status=201, json=body)

    meeting = create(f"users/{host}/meetings", schedule)["id"]
    webinar = create(f"users/{webinar_host}/webinars", schedule)["id"]
    create(f"webinars/{webinar}/panelists", {"panelists": [{"email": "paul@example.net", "name": "Paul"}]})
    return {
        "host": host,
        "meeting": {"meetingId": str(meeting)},
        "webinar": {"webinarId": str(webinar)},
        "id": create(f"meetings/{meeting}/registrants", person)["registrant_id"],
        "webinar_id": create(f"webinars/{webinar}/registrants", person)["registrant_id"],
        "field": create("tracking_fields", field)["id"],
    }


def imported(
    server: Server, user: str, email: str, met: dict[str, str], webinar: dict[str, str], days: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Imports records, and returns the parameters of the operations whose entries are kept as they were imported."""
    group = {"id": "g1", "name": "Sales", "total_members": 1}
    for request, body in [
        ("GET /v2/groups", {"groups": [group]}),
        ("GET /v2/groups/g1", group),
        ("GET /v2/groups/g1/members", {"members": [{"id": user, "email": email, "type": 2}]}),
        ("GET /v2/roles", {"roles": [{"id": "0", "name": "Owner", "total_members": 1}]}),
        ("GET /v2/accounts/a1", {"id": "a1", "owner_email": email}),
        (f"GET /v2/users/{user}/settings", {"feature": {"meeting_capacity": 300}}),
        (f"GET /v2/users/{user}/permissions", {"permissions": ["User:Read"]}),
        # It takes registrations, so somebody may be absent.
        (f"GET /v2/webinars/{WEBINAR}", {"id": WEBINAR, "settings": {"approval_type": 0}}),
        (f"GET /v2/report/meetings/{met['meetingId']}/polls", {"questions": [{"email": email, "name": "Ana"}]}),
    ]:
        rollcall(server.data, "import", "--request", request, "-", stdin=json.dumps(body))
    meeting, talk = {"meetingId": met["meetingId"]}, {"webinarId": webinar["webinarId"]}
    of_runs = {
        f"{before}{kind}{after}": ids
        for kind, ids in (("Meeting", meeting), ("Webinar", talk))
        for before, after in (("report", "Polls"), ("report", "QA"), ("report", "Survey"), ("listPast", "QA"))
    }
    return of_runs | {
        "listPastMeetingPolls": meeting,
        "listPastWebinarPollResults": talk,
        "meetingPolls": meeting,
        "webinarPolls": talk,
        "dashboardMeetingParticipantShare": met,
        "dashboardWebinarParticipantShare": webinar,
        "participantFeedback": met,
        "participantWebinarFeedback": webinar,
        "reportSignInSignOutActivities": days,
        "reportOperationLogs": days,
        "reportMeetingactivitylogs": days,
        "reportTelephone": days,
        "reportCloudRecording": days,
        "getremotesupportreport": days,
        "getBillingReport": {},
        "getBillingInvoicesReports": {"billing_id": "b1"},
        "dashboardClientFeedback": {},
        "dashboardClientFeedbackDetail": days | {"feedbackId": "1"},
        "listMeetingSatisfaction": days,
        "getClientVersions": {},
        "dashboardCRC": days,
        "dashboardChat": {},
        "dashboardZoomRooms": {},
        "dashboardZoomRoomIssue": {},
        "dashboardIssueZoomRoom": {},
        "dashboardIssueDetailZoomRoom": days | {"zoomroomId": "r1"},
        "groups": {},
        "group": {"groupId": "g1"},
        "groupMembers": {"groupId": "g1"},
        "roles": {},
        "account": {"accountId": "a1"},
        "userSettings": {"userId": user},
        "userPermission": {"userId": user},
    }


@pytest.fixture(scope="session")
def zoom_cases(server: Server) -> dict[str, dict[str, str]]:
    """The parameters of each operation, so that lists have several pages."""
    month = past_month()
    person = server.ask("GET /v2/users?page_size=1")["users"][0]
    user = person["id"]
    past = {"type": "past"}
    window = month | past
    meeting = server.ask("GET /v2/metrics/meetings", params=window)["meetings"][0]
    # UUIDs that begin with a slash or contain two in a row are the most error-prone.
    instances = [row for page in server.pages("GET /v2/metrics/meetings", **window) for row in page["meetings"]]
    slashed = [row["uuid"] for row in instances if row["uuid"].startswith("/") or "//" in row["uuid"]]
    assert slashed
    participant = server.ask(f"GET /v2/metrics/webinars/{WEBINAR}/participants?type=past")["participants"][0]["user_id"]
    speaker = server.ask(f"GET /v2/metrics/meetings/{meeting['id']}/participants?type=past")["participants"][0]["user_id"]
    webinar = {"webinarId": str(WEBINAR)}
    met = {"meetingId": str(meeting["id"])}
    scheduled = server.ask("GET /v2/metrics/webinars", params=window)["webinars"]
    recurring = {"webinarId": str(next(row["id"] for row in scheduled if row["id"] != WEBINAR))}
    users = [user["id"] for page in server.pages("GET /v2/users") for user in page["users"]]

    def hosting(kind: str) -> str:
        """A user who hosts several. A user without a licence for webinars is refused."""
        asked = ((user, server.answer(f"GET /v2/users/{user}/{kind}").body) for user in users)
        return next(user for user, body in asked if len(body.get(kind, [])) > 1)

    registered = register(server, hosting("meetings"), hosting("webinars"))
    days = {"from": window["from"], "to": window["to"]}

    return imported(server, user, person["email"], met | past, webinar | past, days) | {
        "reportDaily": {},
        "reportUsers": days | {"page_size": "15"},
        "reportMeetings": days | {"userId": hosting("meetings"), "page_size": "5"},
        "gethistorymeetingandwebinarlist": days | {"page_size": "20"},
        "reportMeetingDetails": met,
        "reportWebinarDetails": webinar,
        "reportUpcomingEvents": days | {"page_size": "5"},
        "dashboardMeetings": window | {"page_size": "13"},
        "dashboardMeetingDetail": {"meetingId": slashed[0]} | past,
        "dashboardMeetingParticipants": {"meetingId": slashed[0], "page_size": "2"} | past,
        "dashboardMeetingParticipantsQOS": met | {"page_size": "3"} | past,
        "dashboardMeetingParticipantsQOSSummary": met | {"page_size": "3"},
        "dashboardMeetingParticipantQOS": met | {"participantId": speaker} | past,
        "dashboardWebinars": window | {"page_size": "2"},
        "dashboardWebinarDetail": webinar | past,
        "dashboardWebinarParticipants": webinar | {"page_size": "20"} | past,
        "dashboardWebinarParticipantsQOS": webinar | {"page_size": "10"} | past,
        "dashboardWebinarParticipantsQOSSummary": webinar | {"page_size": "10"},
        "dashboardWebinarParticipantQOS": webinar | {"participantId": participant} | past,
        "dashboardQuality": {"from": window["from"], "to": window["to"], "type": "participants"},
        "getTrackingSources": webinar,
        "pastMeetingDetails": {"meetingId": slashed[0]},
        "pastMeetings": met,
        "pastWebinars": recurring,
        "pastMeetingParticipants": {"meetingId": slashed[0], "page_size": "2"},
        "listWebinarParticipants": webinar | {"page_size": "20"},
        "reportMeetingParticipants": {"meetingId": slashed[0], "page_size": "2"},
        "reportWebinarParticipants": webinar | {"page_size": "20", "include_fields": "registrant_id"},
        "users": {"page_size": "15"},
        "user": {"userId": user},
        "userEmail": {"email": person["email"]},
        "userVanityName": {"vanity_name": "nobodys.room"},
        "meetings": {"userId": hosting("meetings"), "page_size": "1"},
        "webinars": {"userId": hosting("webinars"), "page_size": "1"},
        "meeting": met,
        "webinar": recurring,
        "meetingRegistrants": registered["meeting"],
        "meetingRegistrantGet": registered["meeting"] | {"registrantId": registered["id"]},
        "meetingRegistrantsQuestionsGet": registered["meeting"],
        "webinarRegistrants": registered["webinar"],
        "webinarRegistrantGet": registered["webinar"] | {"registrantId": registered["webinar_id"]},
        "webinarRegistrantsQuestionsGet": registered["webinar"],
        "webinarPanelists": registered["webinar"],
        "webinarAbsentees": webinar,
        "trackingfieldList": {},
        "trackingfieldGet": {"fieldId": registered["field"]},
        "listUpcomingMeeting": {"userId": registered["host"]},
        "meetingInvitation": registered["meeting"],
    }


def test_no_operation_is_left_out(server: Server, zoom_cases: dict[str, dict[str, str]]) -> None:
    document = server.ask("GET /openapi/zoom.json")
    reading = {item["get"]["operationId"] for item in document["paths"].values() if "get" in item}
    assert reading == set(zoom_cases)


def test_what_is_printed_is_what_is_there(
    language: Language, programs: Programs, server: Server, zoom_cases: dict[str, dict[str, str]], subtests: Any
) -> None:
    document = server.ask("GET /openapi/zoom.json")
    paged = 0
    for operation, parameters in zoom_cases.items():
        with subtests.test(operation):
            path = path_of(document, operation)
            query = {}
            for name, value in parameters.items():
                if f"{{{name}}}" in path:
                    path = path.replace(f"{{{name}}}", twice_encoded(value))
                else:
                    query[name] = value
            pages = [server.ask(f"GET {path}", params=query)]
            while token := pages[-1].get("next_page_token"):
                pages.append(server.ask(f"GET {path}", params=query | {"next_page_token": token}))
            paged += len(pages) > 1
            program = programs.generate(language, "zoom.json", operation, **parameters)
            printed = programs.run(language, program).good()
            assert comparable(printed) == comparable(list(lines_of_pages(pages)))
    # Otherwise the test would not show that pages are followed.
    assert paged >= 7


def twice_encoded(value: str) -> str:
    once = quote(value, safe="")
    return quote(once, safe="") if value.startswith("/") or "//" in value else once


def test_a_sample_is_read_from_standard_input(language: Language, programs: Programs) -> None:
    sample = {
        "id": 7,
        "2nd-name": 'a "b"\n\\',
        "class": True,
        "mean": 4.25,
        "big": 9007199254740991,
        "tags": ["x", "שלום", "😀"],
        "grid": [[1, 2], [3]],
        "flags": [True, False],
        "means": [0.5, 12.125],
        "owner": {"id": "u1", "end": None},
        "rows": [{"id": 1}, {"id": 2, "note": "n"}],
        "userName": "a",
        "user_name": "b",
        "会議": "c",
        "$HOME `id`": "d",
        "\"; exit(1); \"": "e",
        "'; exit(1); '": "f",
        "*/ ?> #{x} \\u000a": "g",
    }
    (programs.folder / "sample.json").write_text(json.dumps(sample))
    program = programs.generate(language, "sample.json", "sample")
    printed = programs.run(language, program, stdin=json.dumps(sample)).good()
    assert printed == list(lines_of(sample))
    # Absent, null and unknown values are skipped.
    other = {"id": None, "rows": [], "tags": None, "owner": "", "mean": 1.5}
    printed = programs.run(language, program, stdin=json.dumps(other)).good()
    assert sorted(printed) == ["mean: 1.5"]


def test_tokens_are_given_and_withdrawn(language: Language, programs: Programs, server: Server) -> None:
    create = programs.generate(language, "zoom.json", "createToken", account_id=programs.app.account_id)
    printed = dict(line.split(": ", 1) for line in programs.run(language, create).good())
    assert (printed["token_type"], printed["expires_in"]) == ("bearer", "3600")
    assert server.answer("GET /v2/users", token=printed["access_token"]).status == 200
    revoke = programs.generate(language, "zoom.json", "revokeToken", token=printed["access_token"])
    assert programs.run(language, revoke).good() == ["status: success"]
    assert server.answer("GET /v2/users", token=printed["access_token"]).status == 401


def test_a_tracking_code_is_made_changed_and_deleted(language: Language, programs: Programs, server: Server) -> None:
    codes = "/v1/admin/meeting/config/trackingCodes"
    site = "example.webex.com"
    # The description's example has a name that the simulated company already uses.
    for taken in server.ask(f"GET {codes}?siteUrl={site}")["items"]:
        if taken["name"] == "Department":
            server.ask(f"DELETE {codes}/{taken['id']}?siteUrl={site}", status=204)
    created = programs.run(language, programs.generate(language, "webex.json", "createTrackingCode")).good()
    number = next(line.removeprefix("id: ") for line in created if line.startswith("id: "))
    at = {"trackingCodeId": number}
    try:
        code = server.ask(f"GET {codes}/{number}?siteUrl={site}")
        assert comparable(created) == comparable(list(lines_of(code)))
        for operation, parameters, request in [
            ("updateTrackingCode", at, f"{codes}/{number}?siteUrl={site}"),
            ("getTrackingCode", at | {"siteUrl": site}, f"{codes}/{number}?siteUrl={site}"),
            ("listTrackingCodes", {"siteUrl": site}, f"{codes}?siteUrl={site}"),
            ("listMeetingTrackingCodes", {"siteUrl": site}, f"/v1/meetings/trackingCodes?siteUrl={site}&service=MeetingCenter"),
            ("getSiteList", {}, "/v1/meetingPreferences/sites"),
        ]:
            printed = programs.run(language, programs.generate(language, "webex.json", operation, **parameters)).good()
            assert comparable(printed) == comparable(list(lines_of(server.ask(f"GET {request}")))), operation
    finally:
        delete = programs.generate(language, "webex.json", "deleteTrackingCode", siteUrl=site, **at)
        assert programs.run(language, delete).good() == []
    assert server.answer(f"GET {codes}/{number}?siteUrl={site}").status == 404
