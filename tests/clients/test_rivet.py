"""Zoom's own SDK for JavaScript, `@zoom/rivet`, walks the served operations with another base URL and nothing else changed."""

import json
import subprocess
from pathlib import Path

from server import Server, rollcall

HERE = Path(__file__).resolve().parent


def test_rivet_walks_every_served_list(demo: Server, month: dict[str, str]) -> None:
    token = rollcall(demo.data, "token", "create", "--account", "demo", "--scopes", "all")
    command = ["node", "rivet.mjs", f"{demo.url}/v2", token, month["from"], month["to"]]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    past = {"type": "past"} | month
    for kind in ("meetings", "webinars"):
        assert rows[kind] == demo.ask(f"GET /v2/metrics/{kind}", params=past)["total_records"]
    assert rows["users"] == demo.ask("GET /v2/users")["total_records"]
    assert rows["my meetings"] == demo.ask("GET /v2/users/me/meetings")["total_records"]
    for kind in ("meeting", "webinar"):
        assert rows[f"{kind} participants"] == rows[f"{kind} qos"] > 0
    assert rows["past instances"] > 0 and rows["tracking sources"] > 0
