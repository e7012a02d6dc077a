"""A page's public token cannot change the records of others."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from conftest import Installation
from server import Json, Server, rollcall, serve

UUID = "gm8s9L+PTEC+FG3sFbd1Cw=="
LIVE_UUID = "hm8s9L+PTEC+FG3sFbd1Cw=="
NUMBER = 888888888
ANA = {"id": "ana-login-0001", "email": "ana@mail.example", "type": 2, "status": "active"}
BEA = {"id": "bea-login-0002", "email": "bea@mail.example", "type": 2, "status": "active"}
HOOK_SECRET = "a-webhook-secret-of-tests"


def iso(seconds_ago: float) -> str:
    """A time in the past, as vendors write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


class Stage:
    """`acme` with two logins, a past meeting of Bea's, and the token of its pages."""

    def __init__(self, installation: Installation, server: Server):
        self.installation = installation
        self.server = server
        self.page = rollcall(installation.data, "token", "create", "--account", "acme", "--scopes", "ingest:webrtc")

    def attend(self, uuid: str = UUID, number: int = NUMBER, state: str = "past", **fields: Any) -> None:
        """Writes an attendance with a secret token."""
        line = {"user_id": "16778240", "instance_uuid": uuid, "meeting_id": number, "state": state}
        answer = self.server.answer("POST /ingest/v1/participants", json=line | {"join_time": iso(7200)} | fields)
        assert answer.status == 200 and answer.body["refused"] == 0, answer.body

    def report(self, **fields: Any) -> tuple[int, Json]:
        """Sends the reports of a page, with the token that every visitor can read."""
        now = time.time() * 1000
        body = {"token": self.page, "sent_at": now, "page": "p", "user_id": "visitor", "joined_at": now, "samples": []}
        answer = self.server.answer("POST /ingest/v1/webrtc", token="", json=body | fields)
        return answer.status, answer.body

    def participants(self, instance: str = UUID, state: str = "past") -> list[Json]:
        path = f"GET /v2/metrics/meetings/{quote(quote(instance, ''), '')}/participants?type={state}"
        return list(self.server.ask(path)["participants"])

    def rows(self, query: str) -> list[Any]:
        return list(self.server.ask("POST /api/v1/sql", json={"query": query})["rows"])

    def erase(self, *persons: str, **fields: Any) -> tuple[int, Json]:
        answer = self.server.answer("POST /api/v1/erasures", json={"persons": list(persons)} | fields)
        return answer.status, answer.body

    def finish(self, erasure: Json) -> None:
        """Waits until the database contains nothing of the person."""
        deadline = time.time() + 30
        while not self.server.ask(f"GET /api/v1/erasures/{erasure['id']}")["finished_at"]:
            assert time.time() < deadline, "the erasure did not finish"
            time.sleep(0.1)

    def deliver(self, event: str, payload: Json) -> None:
        """Delivers a webhook as Zoom does."""
        body = json.dumps({"event": event, "event_ts": int(time.time() * 1000), "payload": payload})
        timestamp = str(int(time.time()))
        digest = hmac.new(HOOK_SECRET.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"x-zm-request-timestamp": timestamp, "x-zm-signature": f"v0={digest}"}
        headers["content-type"] = "application/json"
        listed = rollcall(self.installation.data, "account", "list").splitlines()
        public_id = next(line.split()[1] for line in listed if line.startswith("acme "))
        answer = self.server.answer(f"POST /hooks/zoom/{public_id}", data=body, headers=headers)
        assert answer.status == 204, answer.body


@pytest.fixture
def stage(installation: Installation) -> Iterator[Stage]:
    data = installation.data
    rollcall(data, "import", "--account", "acme", "--request", "GET /v2/users", "-", stdin=json.dumps({"users": [ANA, BEA]}))
    rollcall(data, "hook", "create", "zoom", "--account", "acme", stdin=HOOK_SECRET)
    with serve(data) as server:
        server.token = installation.acme
        stage = Stage(installation, server)
        stage.attend(id=BEA["id"], email=BEA["email"], user_name="Bea", leave_time=iso(3600))
        yield stage


def test_a_page_that_names_two_people_at_once_does_not_get_one_erased_with_the_other(stage: Stage) -> None:
    for number, lure in enumerate((BEA["id"], BEA["email"])):
        status, told = stage.report(
            instance_uuid=f"poison{number}AAAAAAAAAAAAAAA==", meeting_id=777777777, user_id=lure, email=ANA["email"]
        )
        assert status == 200, told
    preview = stage.server.ask("POST /api/v1/erasures/preview", json={"persons": [f"email:{ANA['email']}"]})
    assert preview["logins"] == [f"user:{ANA['id']}"] and BEA["id"] not in str(preview["persons"])
    assert [link["record"] for link in preview["links"]] == ["a user of the account"]

    status, erasure = stage.erase(f"email:{ANA['email']}")
    assert status == 202, erasure
    stage.finish(erasure)
    assert stage.server.answer(f"GET /v2/users/{ANA['id']}").status == 404
    assert stage.server.answer(f"GET /v2/users/{BEA['id']}").status == 200
    assert [person["user_name"] for person in stage.participants()] == ["Bea"]
    # What the page wrote about Ana is still erased.
    assert stage.rows(f"SELECT 1 FROM participants WHERE email = '{ANA['email']}'") == []
    # And Bea's data are not refused afterwards.
    stage.attend(uuid="later" + UUID[5:], number=5555555555, id=BEA["id"], email=BEA["email"], user_name="Bea")
    assert [person["user_name"] for person in stage.participants("later" + UUID[5:])] == ["Bea"]


def test_persons_of_pages_are_apart_in_sql(stage: Stage) -> None:
    assert stage.report(instance_uuid="poisonAAAAAAAAAAAAAAAA==", meeting_id=1, email=BEA["email"])[0] == 200
    persons = stage.rows("SELECT person, participants FROM persons ORDER BY 1")
    assert [list(row.values()) if isinstance(row, dict) else row for row in persons] == [
        [f"page:{BEA['email']}", 1],
        [f"user:{BEA['id']}", 1],
    ]


def test_an_erasure_of_two_logins_is_confirmed_and_says_why_they_are_linked(stage: Stage) -> None:
    # A trusted program reports an attendance with Ana's id and Bea's address.
    stage.attend(uuid="shared" + UUID[6:], number=4444444444, id=ANA["id"], email=BEA["email"])
    status, refusal = stage.erase(f"user:{ANA['id']}")
    assert status == 409, refusal
    assert refusal["logins"] == [f"user:{ANA['id']}", f"user:{BEA['id']}"]
    reasons = {(link["known"], link["learnt"]): (link["record"], link["source"]) for link in refusal["links"]}
    assert reasons[f"user:{ANA['id']}", f"email:{BEA['email']}"] == (f"an attendance in instance shared{UUID[6:]}", "lines")
    assert stage.erase(f"user:{ANA['id']}", confirm_logins=[f"user:{ANA['id']}"])[0] == 409
    assert stage.server.answer(f"GET /v2/users/{ANA['id']}").status == 200
    assert stage.server.ask("GET /api/v1/erasures")["erasures"] == []

    status, erasure = stage.erase(f"user:{ANA['id']}", confirm_logins=refusal["logins"])
    assert status == 202, erasure
    stage.finish(erasure)
    for login in (ANA, BEA):
        assert stage.server.answer(f"GET /v2/users/{login['id']}").status == 404


@pytest.mark.parametrize("ended", [False, True])
def test_a_page_does_not_write_to_an_instance_of_another_source(stage: Stage, ended: bool) -> None:
    started = {"account_id": "a", "object": {"uuid": LIVE_UUID, "id": str(NUMBER + 1), "topic": "Live", "type": 2}}
    started["object"] |= {"host_id": BEA["id"], "duration": 60, "timezone": "", "start_time": iso(600)}
    stage.deliver("meeting.started", started)
    before = stage.rows("SELECT uuid, state, end_time, topic FROM instances ORDER BY uuid")
    joined = (int(time.time()) - 7200) * 1000
    for uuid in (UUID, LIVE_UUID):
        status, told = stage.report(
            instance_uuid=uuid, meeting_id=NUMBER, user_id="16778240", user_name="Mallory", joined_at=joined, ended=ended
        )
        assert (status, uuid in told["message"]) == (409, True), told
        assert "instance_uuid" in told["message"]
    assert stage.rows("SELECT uuid, state, end_time, topic FROM instances ORDER BY uuid") == before
    assert [person["user_name"] for person in stage.participants()] == ["Bea"]


def test_a_page_does_not_take_the_number_of_another_source(stage: Stage) -> None:
    status, told = stage.report(instance_uuid="squatAAAAAAAAAAAAAAAAA==", meeting_id=NUMBER, user_name="Mallory", topic="Mine")
    assert (status, str(NUMBER) in told["message"]) == (409, True), told
    assert [person["user_name"] for person in stage.participants(str(NUMBER))] == ["Bea"]


@pytest.mark.parametrize("by", ["lines", "webhook"])
def test_a_page_that_was_first_makes_way_and_keeps_its_own_record(stage: Stage, by: str) -> None:
    uuid, number = "firstAAAAAAAAAAAAAAAAA==", 3333333333
    assert stage.report(instance_uuid=uuid, meeting_id=number, user_name="Mallory", topic="Mine")[0] == 200
    if by == "lines":
        stage.attend(uuid=uuid, number=number, state="live", user_name="Bea", id=BEA["id"])
    else:
        person = {"user_id": "16778240", "user_name": "Bea", "id": BEA["id"], "join_time": iso(60)}
        instance = {"uuid": uuid, "id": str(number), "topic": "Ours", "type": 2, "host_id": BEA["id"], "start_time": iso(600)}
        stage.deliver("meeting.participant_joined", {"account_id": "a", "object": instance | {"participant": person}})
    for name in (uuid, str(number)):
        assert [person["user_name"] for person in stage.participants(name, "live")] == ["Bea"], name
    assert stage.rows("SELECT count(*) AS n FROM participants WHERE user_name = 'Mallory'") in ([[1]], [{"n": 1}])
    status, told = stage.report(instance_uuid=uuid, meeting_id=number, user_name="Mallory", ended=True)
    assert status == 409, told
    assert [person["user_name"] for person in stage.participants(uuid, "live")] == ["Bea"]


def test_a_page_makes_so_many_instances_in_a_minute(stage: Stage) -> None:
    answers = []
    for number in range(200):
        answers.append(stage.report(instance_uuid=f"flood{number:03}AAAAAAAAAAAAAA==", meeting_id=6666666666)[0])
    # The minute may change once meanwhile.
    assert 60 <= answers.count(200) <= 120 and 429 in answers, answers
    # A call in progress continues.
    assert stage.report(instance_uuid="flood000AAAAAAAAAAAAAA==", meeting_id=6666666666)[0] == 200


def test_a_token_that_may_write_lines_is_no_page(stage: Stage) -> None:
    """A site's own server that forwards its pages' reports has a secret token."""
    token = rollcall(
        stage.installation.data, "token", "create", "--account", "acme", "--scopes", "ingest:webrtc,ingest:write"
    )
    status, told = stage.report(token=token, instance_uuid=UUID, meeting_id=NUMBER, user_name="Ann")
    assert status == 200, told
