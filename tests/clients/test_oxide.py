"""The types of Oxide's Rust client, `zoom-api`, decode every response of the demo.

The decoder is a separate program (`oxide/`), which `make oxide` builds in a minute or two. Without it, the test is skipped.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server import Server

DECODER = Path(__file__).resolve().parent / "oxide/target/debug/oxide"
Row = dict[str, Any]


def pages(demo: Server, path: str, **params: Any) -> Iterator[Row]:
    token = ""
    while True:
        body = demo.ask(f"GET /v2{path}", params=params | ({"next_page_token": token} if token else {}))
        yield body
        token = body.get("next_page_token", "")
        if not token:
            return


def twice(uuid: str) -> str:
    return quote(quote(uuid, safe=""), safe="")


def answers(demo: Server, month: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Every served operation's responses, each with the type that the client decodes it with; lists whose type has no fields
    row by row."""
    for page in pages(demo, "/users", page_size=300):
        for user in page["users"]:
            yield "UsersResponse", user
            yield "UserResponseAllOf", demo.ask(f"GET /v2/users/{user['id']}")
            for kind, one in (("meetings", "MeetingResponseAllOf"), ("webinars", "WebinarResponseAllOf")):
                answer = demo.answer(f"GET /v2/users/{user['id']}/{kind}", params={"page_size": 300})
                if answer.status == 200:
                    yield "Domains", answer.body
                    for item in answer.body[kind]:
                        yield one, demo.ask(f"GET /v2/{kind}/{item['id']}")
    yield "UserEmailResponse", demo.ask("GET /v2/users/email", params={"email": user["email"]})
    yield "UserVanityNameResponse", demo.ask("GET /v2/users/vanity_name", params={"vanity_name": "x"})
    for kind, detail, metric in (("meeting", "MeetingMetric", "Metrics"), ("webinar", "Webinars", "Webinars")):
        listed, people = f"Dashboard{kind.title()}sResponseAllOf", f"Dashboard{kind.title()}ParticipantsResponseAllOf"
        reported = f"Report{kind.title()}ParticipantsResponseAllOf"
        runs: list[Row] = []
        for state in ("live", "past"):
            for page in pages(demo, f"/metrics/{kind}s", type=state, page_size=300, **month):
                yield listed, page
                found = page[f"{kind}s"]
                runs += [run | {"state": state} for run in (found if state == "live" else found[:12])]
        for run in runs:
            yield metric, run
            path, state = f"/metrics/{kind}s/{twice(run['uuid'])}", run["state"]
            yield detail, demo.ask(f"GET /v2{path}", params={"type": state})
            for page in pages(demo, f"{path}/participants", type=state, page_size=300):
                yield people, page
            for page in pages(demo, f"{path}/participants/qos", type=state, page_size=10):
                yield "Domains", page
                for participant in page["participants"]:
                    yield "ParticipantQos", participant
            user_id = quote(page["participants"][0]["user_id"], safe="") if page["participants"] else None
            if user_id:
                one = demo.ask(f"GET /v2{path}/participants/{user_id}/qos", params={"type": state})
                yield "ParticipantQos", one
            if state == "live":
                continue
            for page in pages(demo, f"/report/{kind}s/{twice(run['uuid'])}/participants", page_size=300):
                yield reported, page
            for page in pages(demo, f"/past_{kind}s/{twice(run['uuid'])}/participants", page_size=300):
                if kind == "meeting":
                    yield "PastMeetingParticipantsResponseAllOf", page
                else:
                    yield from (("Participants", row) for row in page["participants"])
            if kind == "meeting":
                yield "PastMeetingDetailsResponse", demo.ask(f"GET /v2/past_meetings/{twice(run['uuid'])}")
            else:
                yield "GetTrackingSourcesResponse", demo.ask(f"GET /v2/webinars/{run['id']}/tracking_sources")
            yield "Domains", demo.ask(f"GET /v2/past_{kind}s/{run['id']}/instances")


def test_every_answer_decodes(demo: Server, month: dict[str, str]) -> None:
    if not DECODER.exists():
        pytest.skip("build the decoder with `make oxide`")
    lines = [json.dumps({"type": name, "body": body}) for name, body in answers(demo, month)]
    done = subprocess.run([DECODER], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=600)
    result = json.loads(done.stdout)
    failures = [f"{what}: {json.dumps(body)[:600]}" for what, body in result["failures"].items()]
    assert not failures, "\n".join(failures)
    assert sum(result["decoded"].values()) == len(lines) > 1_000, result["decoded"]
    assert len(result["decoded"]) > 15, result["decoded"]
    print(f"{len(lines)} answers and rows decoded: {result['decoded']}")
