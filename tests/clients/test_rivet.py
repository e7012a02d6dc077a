"""Zoom's own SDK for JavaScript, `@zoom/rivet`, walks the served operations with another base URL and nothing else changed."""

import json
import subprocess
from pathlib import Path
from typing import Any

from server import Server, rollcall

HERE = Path(__file__).resolve().parent


def run(script: str, demo: Server, month: dict[str, str]) -> dict[str, Any]:
    token = rollcall(demo.data, "token", "create", "--account", "demo", "--scopes", "all")
    command = ["node", script, f"{demo.url}/v2", token, month["from"], month["to"]]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_rivet_walks_every_served_list(demo: Server, month: dict[str, str]) -> None:
    rows = run("rivet.mjs", demo, month)
    past = {"type": "past"} | month
    for kind in ("meetings", "webinars"):
        assert rows[kind] == demo.ask(f"GET /v2/metrics/{kind}", params=past)["total_records"]
    assert rows["users"] == demo.ask("GET /v2/users")["total_records"]
    assert rows["my meetings"] == demo.ask("GET /v2/users/me/meetings")["total_records"]
    for kind in ("meeting", "webinar"):
        assert rows[f"{kind} participants"] == rows[f"{kind} qos"] > 0
    assert rows["past instances"] > 0 and rows["tracking sources"] > 0


def test_rivet_registers_people_and_reads_reports(demo: Server, month: dict[str, str]) -> None:
    found = run("rivet_events.mjs", demo, month)
    registered = {"questions": 1, "pending": 1, "approved": 2, "org": "Analytical", "rest": 1}
    assert found["meeting"] == found["webinar"] == registered
    assert (found["panelists"], found["panelists left"], found["topic"]) == (["pat@example.com"], 0, "Renamed")
    assert found["invitation"] and found["upcoming"] and found["webinar's runs"] and found["absentees"]
    assert found["field"] == "Renamed" and "Renamed" not in found["fields"]
    for kind in ("meetings", "webinars"):
        report = found[f"{kind} report"]
        assert report["uuid"] and report["attendances"] and report["people"] > 2
    assert found["days"] >= 28 and found["hosts"] > 5 and found["hosted"] > 0 and found["history"] > 100
