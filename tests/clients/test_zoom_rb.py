"""Requests in the form of the Ruby gem `zoom_rb`: its paths, query, headers, and its way to a token.

The gem is not run. It sends its arguments as a query, JSON as the content type of requests without a body, a slash
after a meeting's number, and UUIDs in the path without encoding.
"""

import base64
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from server import App, Server

Row = dict[str, Any]


class Gem:
    """A client of the gem, with the token of a server-to-server app."""

    def __init__(self, server: Server, app: App) -> None:
        self.url = server.url
        secret = base64.urlsafe_b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
        query = urlencode({"grant_type": "account_credentials", "account_id": app.account_id})
        answer = requests.post(f"{self.url}/oauth/token?{query}", headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def get(self, path: str, **query: Any) -> Row:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
            "Accept-Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
            "User-Agent": "Ruby",
        }
        answer = requests.get(f"{self.url}/v2{path}", params=query, headers=headers, timeout=60)
        assert answer.status_code == 200, f"{answer.url}: {answer.text}"
        body = answer.json()
        # The gem raises an error if there is a code, whatever the status.
        assert "code" not in body, body
        return body

    def pages(self, path: str, key: str, **query: Any) -> list[Row]:
        found: list[Row] = []
        token = None
        while token is None or token:
            body = self.get(path, **query, **({"next_page_token": token} if token else {}))
            found += body[key]
            token = body["next_page_token"]
        assert len(found) == body["total_records"]
        return found


@pytest.fixture(scope="module")
def gem(demo: Server, app: App) -> Gem:
    return Gem(demo, app)


def twice(uuid: str) -> str:
    return quote(quote(uuid, safe=""), safe="")


def test_users(gem: Gem) -> None:
    first = gem.get("/users", status="active", page_size=10, page_number=1)
    second = gem.get("/users", status="active", page_size=10, page_number=2)
    assert first["page_number"] == 1 and second["page_number"] == 2
    assert not {user["id"] for user in first["users"]} & {user["id"] for user in second["users"]}
    user = first["users"][0]
    assert gem.get(f"/users/{user['id']}")["email"] == user["email"]
    assert gem.get(f"/users/{user['id']}", login_type=100)["id"] == user["id"]
    assert gem.get("/users/email", email=user["email"]) == {"existed_email": True}
    assert gem.get("/users/vanity_name", vanity_name="nobody") == {"existed": False}


def test_meetings(gem: Gem) -> None:
    user = gem.get("/users/me")["id"]
    meetings = gem.pages(f"/users/{user}/meetings", "meetings", page_size=30)
    assert gem.get(f"/users/{user}/meetings", type="live")["meetings"] is not None
    number = meetings[0]["id"]
    assert gem.get(f"/meetings/{number}/")["id"] == number
    assert gem.get(f"/meetings/{number}/", show_previous_occurrences=True)["id"] == number
    runs = gem.get(f"/past_meetings/{number}/instances")["meetings"]
    uuid = next(run["uuid"] for run in runs)
    assert gem.get(f"/past_meetings/{twice(uuid)}")["uuid"] == uuid
    plain = next((run["uuid"] for run in runs if not set("/+") & set(run["uuid"])), None)
    if plain:
        assert gem.get(f"/past_meetings/{plain}")["uuid"] == plain
    people = gem.pages(f"/past_meetings/{twice(uuid)}/participants", "participants", page_size=30)
    reported = gem.pages(f"/report/meetings/{twice(uuid)}/participants", "participants", page_size=30)
    assert len(people) == len(reported) > 0


def test_webinars(gem: Gem, month: dict[str, str]) -> None:
    webinar = gem.pages("/metrics/webinars", "webinars", type="past", page_size=30, **month)[0]
    assert gem.get(f"/webinars/{webinar['id']}")["id"] == webinar["id"]
    host = gem.get(f"/webinars/{webinar['id']}")["host_id"]
    assert any(one["id"] == webinar["id"] for one in gem.pages(f"/users/{host}/webinars", "webinars", page_size=30))
    assert gem.get(f"/past_webinars/{webinar['id']}/instances")["webinars"]
    assert gem.pages(f"/report/webinars/{twice(webinar['uuid'])}/participants", "participants", page_size=300)


def test_dashboards(gem: Gem, month: dict[str, str]) -> None:
    meetings = gem.pages("/metrics/meetings", "meetings", type="past", page_size=300, **month)
    meeting = next(meeting for meeting in meetings if meeting["participants"] > 1)
    path = f"/metrics/meetings/{twice(meeting['uuid'])}"
    assert gem.get(path, type="past")["uuid"] == meeting["uuid"]
    people = gem.pages(f"{path}/participants", "participants", type="past", page_size=30)
    assert len(people) == meeting["participants"]
    assert gem.get(f"/metrics/meetings/{meeting['id']}", type="past")["id"] == meeting["id"]
