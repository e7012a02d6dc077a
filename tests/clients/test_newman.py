"""The Postman collections that the server offers, run by Postman's own runner against that server."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server import App, Server

NEWMAN = Path(__file__).parent / "node_modules" / ".bin" / "newman"
RUN_SECONDS = 120


def run(server: Server, app: App, surface: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """Downloads a surface's collection and environment and runs them; the exit status and newman's report."""
    files = {}
    for kind in ("collection", "environment"):
        files[kind] = folder / f"{surface}.postman_{kind}.json"
        files[kind].write_text(json.dumps(server.ask(f"GET /reference/downloads/{files[kind].name}", token="")))
    report = folder / "report.json"
    credentials = {"accountId": app.account_id, "clientId": app.client_id, "clientSecret": app.client_secret}
    arguments = [argument for key, value in credentials.items() for argument in ("--env-var", f"{key}={value}")]
    command = [
        str(NEWMAN), "run", str(files["collection"]), "--environment", str(files["environment"]), *arguments,
        "--reporters", "json", "--reporter-json-export", str(report), "--timeout", str(RUN_SECONDS * 1000),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS + 30, check=False)
    assert report.exists(), done.stderr + done.stdout
    return done.returncode, json.loads(report.read_text())["run"]


@pytest.mark.parametrize("surface", ["zoom", "webex"])
def test_a_collection_runs_from_top_to_bottom(surface: str, demo: Server, app: App, tmp_path: Path) -> None:
    status, report = run(demo, app, surface, tmp_path)
    failures = [f"{one['source']['name']}: {one['error']['message']}" for one in report["failures"]]
    assert not failures and status == 0, failures
    asked = {one["item"]["name"] for one in report["executions"]}
    described = demo.ask(f"GET /openapi/{surface}.json", token="")["paths"].values()
    assert asked == {operation["summary"] for item in described for operation in item.values()}
    assert all(200 <= one["response"]["code"] < 300 for one in report["executions"])
    assert report["stats"]["assertions"]["total"] >= len(asked), "each answer was looked at"


def test_a_collection_fails_without_credentials(demo: Server, tmp_path: Path) -> None:
    status, report = run(demo, App("", "", ""), "zoom", tmp_path)
    assert status == 1 and report["failures"]
