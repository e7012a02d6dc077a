"""The published client `webexpythonsdk`, unchanged but for its base URL: each of its calls about meetings, people, registrants,
webhooks and organizations that the server serves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from webexpythonsdk import ApiError, WebexAPI

from server import Server, past_month, rollcall

FORM = {"autoAcceptRequest": True, "requireFirstName": True, "requireLastName": True, "requireEmail": True}


@pytest.fixture(scope="module")
def token(demo: Server) -> str:
    return rollcall(demo.data, "token", "create", "--account", "demo", "--scopes", "all")


@pytest.fixture(scope="module")
def api(demo: Server, token: str) -> WebexAPI:
    return WebexAPI(access_token=token, base_url=f"{demo.url}/v1/")


@pytest.fixture(scope="module")
def email(demo: Server) -> str:
    return demo.ask("GET /v2/users?page_size=1")["users"][0]["email"]


@pytest.fixture
def meeting(api: WebexAPI, email: str) -> Iterator[Any]:
    """A scheduled meeting that exists during the test."""
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    times = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    created = api.meetings.create(title="By the client", hostEmail=email, **times)
    yield created
    if created.id in [one.id for one in api.meetings.list(hostEmail=email)]:
        api.meetings.delete(created.id)


def refused(status: int, call: Callable[..., Any], *arguments: Any) -> str:
    """The description of an error, in the format that the client reads."""
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    assert caught.value.status_code == status and caught.value.message
    return caught.value.details["errors"][0]["description"]


def test_people_and_organizations(api: WebexAPI, email: str) -> None:
    (person,) = api.people.list(email=email)
    assert api.people.get(person.id).emails == [email]
    assert [one.id for one in api.people.list(id=person.id)] == [person.id]
    assert person.id in [one.id for one in api.people.list(displayName=person.displayName, max=1)]
    everybody = [one.id for one in api.people.list(max=25)]
    assert len(everybody) == len(set(everybody)) > 50
    (organization,) = api.organizations.list()
    assert api.organizations.get(organization.id).displayName == "demo"
    assert api.people.me().orgId == person.orgId == organization.id
    assert "personId" in refused(404, api.people.get, "unknown")


def test_runs_of_meetings(api: WebexAPI) -> None:
    runs = list(api.meetings.list(meetingType="meeting", state="ended", max=20))
    assert len({run.id for run in runs}) == len(runs) > 20
    month = past_month()
    window = {"from_": f"{month['from']}T00:00:00Z", "to": f"{month['to']}T00:00:00Z"}
    within = [run.id for run in api.meetings.list(meetingType="meeting", max=100, **window)]
    assert len(within) > 20
    assert api.meetings.get(runs[0].id).title == runs[0].title


def test_a_meeting_is_scheduled_changed_and_deleted(api: WebexAPI, meeting: Any, email: str) -> None:
    assert api.meetings.get(meeting.id).title == "By the client"
    assert meeting.id in [one.id for one in api.meetings.list(hostEmail=email, max=1)]
    # This method sends the password again, which it demands.
    changed = api.meetings.update(meeting.id, "Renamed", meeting.password, meeting.start, meeting.end, agenda="New")
    assert (changed.title, changed.agenda) == ("Renamed", "New")
    api.meetings.delete(meeting.id)
    assert meeting.id in refused(404, api.meetings.get, meeting.id)


def test_invitees(api: WebexAPI, meeting: Any) -> None:
    invited = api.meeting_invitees.create(meeting.id, "brenda.song@example.com", displayName="Brenda")
    assert api.meeting_invitees.get(invited.id).displayName == "Brenda"
    changed = api.meeting_invitees.update(invited.id, "brenda.song@example.com", displayName="Brenda Song")
    assert changed.displayName == "Brenda Song"
    # Its `bulk` sends PUT to an address for which Webex documents POST.
    refused(405, lambda: list(api.meeting_invitees.bulk(meeting.id, items=[{"email": "a@example.com"}])))
    api.meeting_invitees.create(meeting.id, "a@example.com")
    listed = [one.email for one in api.meeting_invitees.list(meeting.id, max=1)]
    assert sorted(listed) == ["a@example.com", "brenda.song@example.com"]
    api.meeting_invitees.delete(invited.id)
    refused(404, api.meeting_invitees.get, invited.id)


def test_registrants(demo: Server, api: WebexAPI, token: str, meeting: Any) -> None:
    registrants = api.meeting_registrants
    # Without a form, nobody can register.
    refused(400, registrants.create, meeting.id, "Ada", "Lovelace", "ada@example.com")
    # The client has no method for the form.
    url, headers = f"{demo.url}/v1/meetings/{meeting.id}/registration", {"Authorization": f"Bearer {token}"}
    assert requests.put(url, json=FORM, headers=headers, timeout=10).status_code == 200
    ada = registrants.create(meeting.id, "Ada", "Lovelace", "ada@example.com", jobTitle="Countess", zipCode=501)
    assert (ada.status, ada.jobTitle, ada.zipCode) == ("approved", "Countess", 501)
    registrants.create(meeting.id, "Ben", "Bee", "ben@example.com")
    assert registrants.get(meeting.id, ada.id).email == "ada@example.com"
    assert {one.email for one in registrants.list(meeting.id, max=1)} == {"ada@example.com", "ben@example.com"}
    assert [one.id for one in registrants.list(meeting.id, email="ADA@example.com", current=True)] == [ada.id]
    registrants.delete(meeting.id, ada.id)
    assert [one.email for one in registrants.list(meeting.id)] == ["ben@example.com"]
    refused(404, registrants.get, meeting.id, ada.id)


def test_webhooks(api: WebexAPI) -> None:
    created = api.webhooks.create("n", "https://example.com/hook", "meetings", "ended", secret="secret of ours")
    assert created.id in [one.id for one in api.webhooks.list()]
    changed = api.webhooks.update(created.id, name="m", targetUrl="https://example.com/other")
    assert (changed.name, changed.targetUrl) == ("m", "https://example.com/other")
    assert api.webhooks.get(created.id).name == "m"
    api.webhooks.delete(created.id)
    refused(404, api.webhooks.get, created.id)
