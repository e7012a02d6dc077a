"""The published client `wxc_sdk`, unchanged but for its base URLs, through the life of a tracking code.

The package has methods for sites and for a host's codes. The administrators' operations use its own base class and
session, as its generated modules do.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wxc_sdk import WebexSimpleApi
from wxc_sdk.api_child import ApiChild
from wxc_sdk.integration import Integration
from wxc_sdk.meetings import TrackingCode
from wxc_sdk.meetings.invitees import CreateInviteesItem
from wxc_sdk.rest import RestError
from wxc_sdk.tokens import Tokens
from wxc_sdk.webhook import WebhookEventType, WebhookResource

from server import App, Json, Server, past_month, rollcall

SITE = "example.webex.com"
OTHER_SITE = "example-eu.webex.com"
MAPPED_SITE = "example-apac.webex.com"
SERVICES = ["All", "MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter"]
BODY = {
    "name": "Grant",
    "siteUrl": SITE,
    "inputMode": "select",
    "options": [{"value": "ERC-1", "defaultValue": False}, {"value": "ERC-2", "defaultValue": True}],
    "hostProfileCode": "optional",
    "scheduleStartCodes": [
        {"service": "All", "type": "notApplicable"},
        {"service": "MeetingCenter", "type": "required"},
        {"service": "EventCenter", "type": "optional"},
    ],
}


class Codes(ApiChild, base="admin/meeting/config/trackingCodes"):
    """A site's tracking codes."""

    def of_site(self, site: str) -> list[Json]:
        return list(self.session.follow_pagination(url=self.ep(), params={"siteUrl": site}))

    def details(self, code_id: str, site: str) -> Json:
        return self.get(url=self.ep(code_id), params={"siteUrl": site})

    def create(self, body: Json) -> Json:
        return self.post(url=self.ep(), json=body)

    def update(self, code_id: str, body: Json) -> Json:
        return self.put(url=self.ep(code_id), json=body)

    def remove(self, code_id: str, site: str) -> None:
        self.delete(url=self.ep(code_id), params={"siteUrl": site})


class UserCodes(ApiChild, base="admin/meeting/userconfig/trackingCodes"):
    """Users' values of tracking codes."""

    def details(self, email: str, site: str) -> Json:
        return self.get(url=self.ep(), params={"siteUrl": site}, headers={"email": email})

    def update(self, **body: Any) -> Json:
        return self.put(url=self.ep(), json=body)


@pytest.fixture(scope="module")
def api(demo: Server, app: App) -> Iterator[WebexSimpleApi]:
    """The client with tokens that it requested itself, as an integration does."""
    options = ["--account", "demo", "--scopes", "all", "--app", app.client_id, "--refresh"]
    refresh_token = rollcall(demo.data, "token", "create", *options)
    tokens = Tokens(refresh_token=refresh_token)
    integration = Integration(
        client_id=app.client_id,
        client_secret=app.client_secret,
        scopes=[],
        redirect_url="http://localhost",
        token_service=f"{demo.url}/v1/access_token",
    )
    assert integration.validate_tokens(tokens)
    # Using a refresh token of Webex extends its life.
    assert tokens.access_token and tokens.refresh_token == refresh_token and tokens.remaining > 300
    with WebexSimpleApi(tokens=tokens) as api:
        api.session.BASE = f"{demo.url}/v1"
        yield api


@pytest.fixture(scope="module")
def codes(api: WebexSimpleApi) -> Codes:
    return Codes(session=api.session)


@pytest.fixture(scope="module")
def user_codes(api: WebexSimpleApi) -> UserCodes:
    return UserCodes(session=api.session)


@pytest.fixture
def code(codes: Codes) -> Iterator[Json]:
    """A code that exists during the test."""
    created = codes.create(BODY)
    yield created
    if created["id"] in [code["id"] for code in codes.of_site(SITE)]:
        codes.remove(created["id"], SITE)


@pytest.fixture(scope="module")
def email(demo: Server) -> str:
    return demo.ask("GET /v2/users?page_size=1")["users"][0]["email"]


def refused(status: int, call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """The message of an error, in the format that the client reads."""
    with pytest.raises(RestError) as caught:
        call(*arguments, **named)
    error = caught.value
    assert error.response.status_code == status
    assert not isinstance(error.detail, str), f"the client reads the body as text: {error.detail}"
    assert error.detail.message and error.detail.errors
    assert error.detail.tracking_id == error.response.headers["trackingid"]
    return error.description


def test_sites_and_the_default_among_them(api: WebexSimpleApi, email: str) -> None:
    sites = {site.site_url: site.default for site in api.meetings.preferences.site_list()}
    assert sites == {SITE: True, OTHER_SITE: False, MAPPED_SITE: False}
    assert api.meetings.preferences.site_list(user_email=email)[0].site_url == SITE
    for default in (OTHER_SITE, SITE):
        changed = api.meetings.preferences.update_default_site(default_site=True, site_url=default)
        assert (changed.site_url, changed.default) == (default, True)
        assert [site.site_url for site in api.meetings.preferences.site_list() if site.default] == [default]
    assert "userEmail" in refused(404, api.meetings.preferences.site_list, user_email="nobody@example.com")


def test_a_code_is_created_in_full_and_can_be_read(codes: Codes, code: Json) -> None:
    assert {key: code[key] for key in BODY if key != "scheduleStartCodes"} == {
        key: value for key, value in BODY.items() if key != "scheduleStartCodes"
    }
    types = ["notApplicable", "required", "optional", "notUsed", "notUsed"]
    assert [entry["service"] for entry in code["scheduleStartCodes"]] == SERVICES
    assert [entry["type"] for entry in code["scheduleStartCodes"]] == types
    assert codes.details(code["id"], SITE) == code
    assert code in codes.of_site(SITE)
    assert code not in codes.of_site(OTHER_SITE)


def test_a_code_is_replaced_by_what_is_sent(codes: Codes, code: Json) -> None:
    everywhere = {"inputMode": "text", "options": [], "scheduleStartCodes": [{"service": "All", "type": "required"}]}
    replaced = codes.update(code["id"], code | everywhere | {"name": "Grant 2"})
    assert (replaced["id"], replaced["name"], replaced["options"]) == (code["id"], "Grant 2", [])
    assert {entry["type"] for entry in replaced["scheduleStartCodes"]} == {"required"}
    assert codes.details(code["id"], SITE) == replaced


def test_an_update_without_the_id_in_its_path_changes_nothing(codes: Codes, code: Json) -> None:
    """The client's generated module leaves the placeholder in the path: the error names it, with Webex's 400."""
    before = codes.of_site(SITE)
    assert "{trackingCodeId}" in refused(400, codes.update, "{trackingCodeId}", BODY | {"name": "Other"})
    assert codes.of_site(SITE) == before


def test_a_deleted_code_is_gone(codes: Codes, code: Json) -> None:
    codes.remove(code["id"], SITE)
    assert code["id"] not in [code["id"] for code in codes.of_site(SITE)]
    assert code["id"] in refused(404, codes.details, code["id"], SITE)
    assert code["id"] in refused(404, codes.remove, code["id"], SITE)
    assert code["id"] in refused(400, codes.update, code["id"], BODY)


def test_users_carry_values(codes: Codes, user_codes: UserCodes, code: Json, email: str) -> None:
    before = user_codes.details(email, SITE)
    grant = {"id": code["id"], "name": "Grant", "value": "ERC-1"}
    after = user_codes.update(siteUrl=SITE, email=email, trackingCodes=[{"name": "Grant", "value": "ERC-1"}])
    assert after["email"] == email
    assert grant in after["trackingCodes"]
    assert [entry for entry in after["trackingCodes"] if entry != grant] == before["trackingCodes"]
    assert user_codes.details(email, SITE) == after
    by_id = user_codes.update(
        siteUrl=SITE, personId=after["personId"], trackingCodes=[{"name": "Grant", "value": "ERC-2"}]
    )
    assert grant | {"value": "ERC-2"} in by_id["trackingCodes"]
    for name, value in [("Grants", "ERC-1"), ("Grant", "ERC-3")]:
        assert name in refused(
            400, user_codes.update, siteUrl=SITE, email=email, trackingCodes=[{"name": name, "value": value}]
        )
    codes.remove(code["id"], SITE)
    assert user_codes.details(email, SITE) == before


def test_a_host_chooses_from_the_sites_options_and_their_own_value(
    api: WebexSimpleApi, user_codes: UserCodes, code: Json, email: str
) -> None:
    def grant(service: str) -> TrackingCode:
        listed = api.meetings.list_tracking_codes(service=service, site_url=SITE, host_email=email)
        return next(item for item in listed if item.name == "Grant")

    def default(item: TrackingCode) -> list[str]:
        return [option.value for option in item.options if option.default_value]

    meeting, support = grant("MeetingCenter"), grant("SupportCenter")
    assert (meeting.id, meeting.service, meeting.type, default(meeting)) == (
        code["id"],
        "MeetingCenter",
        "required",
        ["ERC-2"],
    )
    assert support.type == "notUsed"
    user_codes.update(siteUrl=SITE, email=email, trackingCodes=[{"name": "Grant", "value": "ERC-1"}])
    assert default(grant("MeetingCenter")) == ["ERC-1"]
    refused(400, lambda: list(api.meetings.list_tracking_codes(service="Meetings")))


def test_sites_refuse_what_their_settings_forbid(codes: Codes) -> None:
    required = BODY | {"hostProfileCode": "required"}
    assert "hostProfileCode" in refused(400, codes.create, required | {"siteUrl": OTHER_SITE})
    mapped = codes.of_site(MAPPED_SITE)
    assert mapped
    for call, arguments in [
        (codes.create, [BODY | {"siteUrl": MAPPED_SITE}]),
        (codes.update, [mapped[0]["id"], BODY | {"siteUrl": MAPPED_SITE}]),
        (codes.remove, [mapped[0]["id"], MAPPED_SITE]),
    ]:
        refused(403, call, *arguments)
    assert codes.of_site(MAPPED_SITE) == mapped


def test_errors_are_objects_to_the_client(demo: Server, codes: Codes, code: Json) -> None:
    assert "siteUrl" in refused(400, codes.create, BODY | {"siteUrl": ""})
    assert "Grant" in refused(409, codes.create, BODY)
    refused(404, codes.of_site, "unknown.webex.com")
    refused(404, codes.get, url=codes.session.ep("nothing/here"))
    refused(405, codes.patch, url=codes.ep(), json={})
    for token, status in [("not a token", 401), (reader(demo), 403)]:
        with WebexSimpleApi(tokens=token) as api:
            api.session.BASE = f"{demo.url}/v1"
            refused(status, Codes(session=api.session).create, BODY)


def reader(demo: Server) -> str:
    return rollcall(demo.data, "token", "create", "--account", "demo", "--scopes", "meeting:admin_schedule_read")


def test_runs_their_people_and_their_quality_are_walked_page_by_page(api: WebexSimpleApi, demo: Server) -> None:
    runs = list(api.meetings.list(meeting_type="meeting", state="ended", max=20))
    assert len(runs) > 20 and len({run.id for run in runs}) == len(runs)
    starts = [(run.scheduled_type, run.start) for run in runs]
    for kind in ("meeting", "webinar"):
        of_kind = [start for scheduled, start in starts if scheduled == kind]
        assert of_kind == sorted(of_kind, reverse=True)
    heard: list[str] = []
    for run in runs[:5]:
        people = list(api.meetings.participants.list_participants(meeting_id=run.id, max=3))
        # The package's own method contains the analytics host, and a model that treats losses as whole numbers, contrary to
        # the documents' samples. This test uses its session and paging.
        url, asked = f"{demo.url}/v1/meeting/qualities", {"meetingId": run.id, "max": 3}
        sessions = list(api.session.follow_pagination(url=url, params=asked))
        assert people and len(sessions) == len(people)
        assert [one.display_name or None for one in people] == [one.get("webexUserName") for one in sessions]
        assert api.meetings.participants.participant_details(people[0].id) == people[0]
        heard += [run.id for one in sessions if one.get("audioOut") or one.get("audioIn")]
    # Not of everybody: somebody who was alone neither receives nor sends anything.
    assert heard
    zoom = demo.ask(f"GET /v2/metrics/meetings?type=past&{'&'.join('='.join(pair) for pair in past_month().items())}&page_size=300")
    assert {run.title for run in runs if run.scheduled_type == "meeting"} <= {run["topic"] for run in zoom["meetings"]}


def test_people_and_the_organization_are_found(api: WebexSimpleApi, email: str) -> None:
    found = list(api.people.list(email=email))
    assert [person.emails for person in found] == [[email]]
    person = found[0]
    assert api.people.details(person_id=person.person_id) == person
    named = [one.person_id for one in api.people.list(display_name=person.display_name, max=1)]
    assert person.person_id in named and len(named) == len(set(named))
    everybody = [one.person_id for one in api.people.list(max=50)]
    assert len(everybody) > 50 and len(everybody) == len(set(everybody))
    organizations = api.organizations.list()
    assert [one.org_id for one in organizations] == [person.org_id]
    assert api.people.me().org_id == person.org_id
    assert "personId" in refused(404, api.people.details, person_id="unknown")


def test_summary_reports_say_who_came_and_what_it_costs(api: WebexSimpleApi, demo: Server) -> None:
    usage = list(api.session.follow_pagination(url=f"{demo.url}/v1/meetingReports/usage", params={"siteUrl": SITE, "max": 5}))
    assert usage and [one["start"] for one in usage] == sorted((one["start"] for one in usage), reverse=True)
    codes = {value["name"] for one in usage for value in one["trackingCodes"]}
    assert codes
    run = max(usage, key=lambda one: one["totalParticipants"])
    asked = {"siteUrl": SITE, "meetingId": run["meetingId"], "max": 3}
    attendees = list(api.session.follow_pagination(url=f"{demo.url}/v1/meetingReports/attendees", params=asked))
    people = list(api.meetings.participants.list_participants(meeting_id=run["meetingId"], max=100))
    assert {one.get("email") for one in attendees} <= {one.email for one in people} | {None}
    assert attendees and all(one["meetingId"] == run["meetingId"] for one in attendees)
    wanted = [one.email for one in people if one.email][:1]
    if wanted:
        queried = list(api.meetings.participants.query_participants_with_email(meeting_id=run["meetingId"], emails=wanted))
        # This method of the SDK returns what it received.
        assert {one["email"] for one in queried} == set(wanted)


def test_reports_are_ordered_and_downloaded_as_csv(api: WebexSimpleApi, demo: Server) -> None:
    templates = {template.title: template for template in api.reports.list_templates()}
    usage = list(api.session.follow_pagination(url=f"{demo.url}/v1/meetingReports/usage", params={"siteUrl": SITE, "max": 100}))
    days = sorted(one["start"][:10] for one in usage)
    order = {"start_date": days[0], "end_date": days[-1], "site_list": SITE}
    report_id = api.reports.create(template_id=templates["Meeting Usage"].id, **order)
    report = api.reports.details(report_id=report_id)
    assert (report.title, report.status, report.site_list) == ("Meeting Usage", "done", SITE)
    assert report_id in [one.id for one in api.reports.list(template_id=templates["Meeting Usage"].id)]
    rows = list(api.reports.download(url=report.download_url))
    downloaded = {row["Meeting ID"]: row for row in rows}
    for one in usage:
        row = downloaded[one["meetingId"]]
        assert row["Host Email"] == one.get("hostEmail", "")
        assert row["Participants"] == str(one.get("totalParticipants", ""))
        for code in one["trackingCodes"]:
            assert row[f"Tracking Code: {code['name']}"] == code["value"]
    attendees = api.reports.create(template_id=templates["Meeting Attendees"].id, **order)
    joins = list(api.reports.download(url=api.reports.details(report_id=attendees).download_url))
    assert {row["Meeting ID"] for row in joins} <= set(downloaded) and joins
    for one in (report_id, attendees):
        api.reports.delete(report_id=one)
    assert "reportId" in refused(404, api.reports.details, report_id=report_id)


def test_a_meeting_is_scheduled_changed_and_deleted(api: WebexSimpleApi, email: str) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    body = {
        "title": "By the client",
        "start": tomorrow.isoformat(),
        "end": (tomorrow + timedelta(hours=1)).isoformat(),
        "hostEmail": email,
        "trackingCodes": [],
    }
    created = api.session.rest_post(url=api.session.ep("meetings"), json=body)
    meeting = api.meetings.get(created["id"])
    assert (meeting.title, meeting.host_email) == ("By the client", email)
    assert created["id"] in [one.id for one in api.meetings.list(host_email=email, max=100)]
    changed = api.session.rest_patch(url=api.session.ep(f"meetings/{created['id']}"), json={"title": "Renamed"})
    assert changed["title"] == "Renamed"
    invitee = {"meetingId": created["id"], "email": "brenda.song@example.com"}
    api.session.rest_post(url=api.session.ep("meetingInvitees"), json=invitee)
    asked = {"meetingId": created["id"]}
    invitees = list(api.session.follow_pagination(url=api.session.ep("meetingInvitees"), params=asked))
    assert [one["email"] for one in invitees] == ["brenda.song@example.com"]
    api.meetings.delete(created["id"])
    refused(404, api.meetings.get, created["id"])


def test_the_packages_own_methods_schedule_and_invite(api: WebexSimpleApi, email: str) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    times = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    meeting = api.meetings.create(title="By a method", host_email=email, **times)
    assert api.meetings.patch(meeting_id=meeting.id, title="Patched").title == "Patched"
    assert api.meetings.update(meeting_id=meeting.id, title="Replaced", **times).title == "Replaced"
    invitees = api.meetings.invitees
    invited = invitees.create_invitee(email="a@example.com", meeting_id=meeting.id)
    assert invitees.invitee_details(invited.id) == invited
    assert invitees.update(invited.id, email="a@example.com", display_name="Ann").display_name == "Ann"
    invitees.create_invitees(meeting_id=meeting.id, items=[CreateInviteesItem(email="b@example.com")])
    assert {one.email for one in invitees.list(meeting_id=meeting.id)} == {"a@example.com", "b@example.com"}
    invitees.delete(invited.id)
    refused(404, invitees.invitee_details, invited.id)
    api.meetings.delete(meeting.id)
    refused(404, api.meetings.get, meeting.id)


def test_runs_of_one_series(api: WebexSimpleApi) -> None:
    run = next(iter(api.meetings.list(meeting_type="meeting", state="ended", max=20)))
    series, _ = run.id.split("_I_")
    listed = list(api.meetings.list_of_series(meeting_series_id=series, meeting_type="meeting", state="ended"))
    assert run.id in [one.id for one in listed] and all(one.id.startswith(series) for one in listed)


def test_preferences_the_organization_and_calling_data(api: WebexSimpleApi) -> None:
    preferences = api.meetings.preferences
    assert preferences.details().sites == preferences.site_list()
    (organization,) = api.organizations.list()
    assert api.organizations.details(organization.org_id) == organization
    # Nobody has any.
    everybody = {person.person_id for person in api.people.list(calling_data=True, max=10)}
    assert everybody == {person.person_id for person in api.people.list(max=100)}


def test_a_webhook_is_created_by_its_method(api: WebexSimpleApi) -> None:
    created = api.webhook.create("n", "https://example.com/hook", WebhookResource.meetings, WebhookEventType.ended, secret="secret of ours")
    assert api.webhook.details(created.webhook_id).target_url == "https://example.com/hook"
    # Its `update` sends a form with names of Python, which no version of the API documents.
    refused(400, api.webhook.update, created.webhook_id, created)
    api.webhook.webhook_delete(created.webhook_id)


def test_a_webhook_is_created_changed_and_deleted(api: WebexSimpleApi) -> None:
    body = {"name": "n", "targetUrl": "https://example.com/hook", "resource": "meetings", "event": "ended", "ownedBy": "org"}
    created = api.session.rest_post(url=api.session.ep("webhooks"), json=body)
    listed = {webhook.webhook_id: webhook for webhook in api.webhook.list()}
    assert listed[created["id"]].target_url == "https://example.com/hook"
    assert api.webhook.details(created["id"]) == listed[created["id"]]
    api.webhook.webhook_delete(created["id"])
    refused(404, api.webhook.details, created["id"])
