"""In a demo, the reference's pages work unchanged: programs, curl commands, and what Try-it fills in."""

import html
import os
import re
import subprocess
from pathlib import Path
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from server import Server


def operations(demo: Server, surface: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Operations that read with a token; those that create and delete have an order."""
    document = demo.ask(f"GET /openapi/{surface}.json")
    for path, item in document["paths"].items():
        if "get" in item:
            yield path, item["get"]


def block(page: str, name: str) -> str:
    found = re.search(rf'<pre[^>]*aria-label="{name}"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    assert found, name
    return html.unescape(re.sub(r"<[^>]*>", "", found[1]))


def run(lines: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", lines]
    return subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False)


# What these are about is scheduled, or registered for, by calls: the demo has none of it until somebody makes one.
MADE_BY_CALLS = (
    "/registrants", "/registration", "/panelists", "/invitation", "/tracking_fields/{", "/meetingInvitees", "/admin/meetings",
    "/webhooks/{", "/reports/{", "/meetingPreferences", "/meetingReports/attendees",
)  # fmt: skip


def made_by_calls(path: str) -> bool:
    return not path.endswith("/sites") and any(part in path for part in MADE_BY_CALLS)


@pytest.mark.parametrize("surface", ["zoom", "webex"])
def test_the_lines_on_a_page_run_as_they_stand(surface: str, demo: Server, tmp_path: Path) -> None:
    token = demo.ask("POST /reference/demo-token", token="")["access_token"]
    failed = []
    for path, operation in operations(demo, surface):
        page = demo.answer(f"GET {operation['x-reference-page']}/python", token="").body
        lines = block(page, "How to run it")
        assert "…" not in lines, lines
        if made_by_calls(path):
            continue
        done = run(lines, tmp_path)
        if done.returncode:
            failed.append(f"{path}: {done.stderr}")
        done = run(block(page, "curl command").replace("curl ", "curl -fsS ", 1), tmp_path, API_TOKEN=token)
        if done.returncode:
            failed.append(f"{path}: {done.stderr}")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("surface", ["zoom", "webex"])
def test_what_try_it_fills_in_is_there(surface: str, demo: Server) -> None:
    token = demo.ask("POST /reference/demo-token", token="")["access_token"]
    for path, operation in operations(demo, surface):
        if made_by_calls(path):
            continue
        shown = {parameter["name"]: parameter.get("example") for parameter in operation.get("parameters", [])}
        needed = [parameter["name"] for parameter in operation.get("parameters", []) if parameter.get("required")]
        assert all(shown[name] is not None for name in needed), (path, needed)
        query = {name: shown[name] for name in {*needed, "type", "personId"} & set(shown) if f"{{{name}}}" not in path}
        for name in needed:
            value = str(shown[name])
            once = quote(value, safe="")
            path = path.replace(f"{{{name}}}", quote(once, safe="") if value.startswith("/") or "//" in value else once)
        assert demo.answer(f"GET {path}", params=query, token=token).status == 200, path


def test_every_block_of_code_can_be_copied(demo: Server) -> None:
    page = demo.answer("GET /reference/zoom/get-webinar-participants/tcl", token="").body
    assert '<script src="/reference/copy.js"></script>' in page
    assert "navigator.clipboard" in demo.answer("GET /reference/copy.js", token="").body
