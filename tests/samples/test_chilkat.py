"""Programs for the Chilkat library read all pages and wait if the server asks them to. They are checked against a stand-in for
Python and, where the tool is there, by the compilers of the other languages."""

import copy
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from programs import Programs
from server import BINARY
from test_conversation import LIST, Vendor, vendor

STAND_IN = Path(__file__).parent / "chilkat"


def document(far: Vendor, by_token: bool) -> dict[str, object]:
    """A list whose next page is named by a token, as at Zoom, or by a header, as at Webex."""
    made = copy.deepcopy(LIST)
    made["servers"] = [{"url": far.url or "https://api.example.com"}]
    operation = made["paths"]["/v1/people/{name}"]["get"]
    operation["parameters"][0]["example"] = "ann"
    if by_token:
        token = {"name": "next_page_token", "in": "query", "schema": {"type": "string"}}
        operation["parameters"] = [operation["parameters"][0], token]
        example = {"next_page_token": "abc", "items": [{"name": "Ann"}]}
        operation["responses"]["200"] = {"description": "people", "content": {"application/json": {"example": example}}}
    return made


def generated(programs: Programs, far: Vendor, by_token: bool, language: str) -> str:
    description = programs.folder / "chilkat.json"
    description.write_text(json.dumps(document(far, by_token)))
    command = [str(BINARY), "generate", "--from", str(description), "--operation", "list", "--language", language]
    done = subprocess.run([*command, "--style", "chilkat", "--follow-pages"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(programs: Programs, far: Vendor, by_token: bool) -> subprocess.CompletedProcess[str]:
    program = programs.folder / "pages.py"
    # The documents' programs print no field: this is the last one read.
    program.write_text(generated(programs, far, by_token, "python") + "print(name)\n")
    environment = os.environ | {"PYTHONPATH": str(STAND_IN)}
    return subprocess.run([sys.executable, str(program)], capture_output=True, text=True, env=environment, check=False)


def page(name: str, **members: str) -> str:
    return json.dumps({"items": [{"name": name}]} | members)


def test_tokens_are_followed_and_waits_kept(programs: Programs) -> None:
    instant = lambda: (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: E731
    with vendor() as far:
        far.answers = [
            lambda: (200, {}, page("Ann", next_page_token="a/b")),
            lambda: (429, {"Retry-After": "1"}, "{}"),
            lambda: (429, {"Retry-After": instant()}, "{}"),
            lambda: (200, {}, page("Bea", next_page_token="c")),
            lambda: (200, {}, page("Cid", next_page_token="")),
        ]
        done = run(programs, far, by_token=True)
    assert (done.returncode, done.stdout) == (0, "Cid\n"), done.stderr
    path = "/v1/people/ann"
    second = f"{path}?next_page_token=a%2Fb"
    assert [request.path for request in far.requests] == [path, second, second, second, f"{path}?next_page_token=c"]
    gaps = [later.at - earlier.at for earlier, later in zip(far.requests, far.requests[1:])]
    assert gaps[1] >= 0.95 and gaps[2] >= 0.95, gaps


def test_links_are_followed(programs: Programs) -> None:
    with vendor() as far:
        link = f'<{far.url}/v1/people/first>; rel="first", <{far.url}/v1/people/x?cursor=a%2Fb>; rel="next"'
        far.answers = [lambda: (200, {"Link": link}, page("Ann")), lambda: (200, {}, page("Bea"))]
        done = run(programs, far, by_token=False)
    assert (done.returncode, done.stdout) == (0, "Bea\n"), done.stderr
    assert [request.path for request in far.requests] == ["/v1/people/ann", "/v1/people/x?cursor=a%2Fb"]


def test_it_gives_up(programs: Programs) -> None:
    with vendor() as far:
        far.answers = [lambda: (429, {"Retry-After": "0"}, "{}")] * 6
        done = run(programs, far, by_token=True)
    assert done.returncode != 0 and "too many requests" in done.stdout, done
    assert len(far.requests) == 6
    with vendor() as far:
        far.answers = [lambda: (404, {}, '{"message": "nobody"}')]
        done = run(programs, far, by_token=True)
    assert done.returncode != 0 and "nobody" in done.stdout, done


@pytest.mark.parametrize("by_token", [True, False])
def test_the_other_languages_are_well_formed(by_token: bool, programs: Programs) -> None:
    far = Vendor()
    if shutil.which("php"):
        program = generated(programs, far, by_token, "php")
        done = subprocess.run(["php", "-l"], input=program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    if shutil.which("tclsh"):
        check = 'set text [read stdin]\nexit [expr {![info complete $text]}]'
        script = programs.folder / "complete.tcl"
        script.write_text(check)
        program = generated(programs, far, by_token, "tcl")
        done = subprocess.run(["tclsh", str(script)], input=program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, program
    program = generated(programs, far, by_token, "delphi")
    assert program.count("begin") == program.count("end"), program
