"""Foreign names and ids never reach a terminal as control characters; programs get every byte."""

import json
import os
import pty
import subprocess
from pathlib import Path

from conftest import Installation
from server import BINARY, rollcall

# Clears the screen, renames the window, rings, and the same in the second set of control characters.
NASTY = "x\x1b[2J\x1b]0;pwned\x07\x9b31m\x7f\ry"
ADDRESS = "mallory@mail.example"


def run(data: Path, *arguments: str, stdin: str = "") -> tuple[str, str, int]:
    done = subprocess.run(
        [str(BINARY), "--data", str(data), *arguments],
        input=stdin.encode(),
        capture_output=True,
        cwd=data.parent,
        timeout=60,
        check=False,
    )
    return done.stdout.decode(), done.stderr.decode(), done.returncode


def run_on_terminal(data: Path, *arguments: str, typed: str = "") -> str:
    """What a command shows on a terminal."""
    controller, terminal = pty.openpty()
    running = subprocess.Popen(
        [str(BINARY), "--data", str(data), *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        cwd=data.parent,
        env=os.environ | {"TERM": "dumb"},
    )
    os.close(terminal)
    if typed:
        os.write(controller, typed.encode())
    shown = b""
    try:
        while piece := os.read(controller, 65536):
            shown += piece
    except OSError:
        pass
    running.wait(60)
    os.close(controller)
    return shown.decode().replace("\r\n", "\n")


def assert_harmless(shown: str) -> None:
    obeyed = [c for c in shown if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) <= 0x9F]
    assert not obeyed, ascii(shown)


def know_mallory(installation: Installation) -> None:
    page = {
        "participants": [
            {
                "id": NASTY,
                "user_id": "1",
                "user_name": NASTY,
                "email": ADDRESS,
                "join_time": "2026-10-01T09:00:00Z",
                "leave_time": "2026-10-01T09:10:00Z",
            }
        ]
    }
    file = installation.data.parent / "page.json"
    file.write_text(json.dumps(page))
    request = "GET /v2/metrics/webinars/123/participants?type=past"
    rollcall(installation.data, "import", "--account", "acme", "--request", request, str(file))


def test_erasing(installation: Installation) -> None:
    know_mallory(installation)
    who = ("erase", "--account", "acme", "--email", ADDRESS)
    shown, _, _ = run(installation.data, *who, "--dry-run")
    assert "\\u{1b}[2J" in shown
    assert_harmless(shown)
    asked = run_on_terminal(installation.data, *who, typed="no\n")
    assert "\\u{1b}[2J" in asked and "[yes/no]" in asked
    assert_harmless(asked)


def test_errors_of_import_and_generate(installation: Installation) -> None:
    folder = installation.data.parent
    (folder / "bad.json").write_text(json.dumps({"participants": [{"user_id": "1", "join_time": NASTY}, {NASTY: 1}, 7]}))
    request = "GET /v2/metrics/webinars/123/participants?type=past"
    shown, told, status = run(
        installation.data, "import", "--account", "acme", "--request", request, "bad.json"
    )
    assert status == 1 and told
    assert_harmless(shown + told)

    operation = {"operationId": NASTY, "responses": {"200": {"description": NASTY}}}
    paths = {"/a": {"get": operation}, "/b": {"get": operation | {"operationId": NASTY + "2"}}}
    description = {"openapi": "3.1.0", "info": {"title": NASTY, "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(description))
    for more in ((), ("--operation", "none"), ("--operation", NASTY, "--language", "python")):
        shown, told, _ = run(installation.data, "generate", "--from", "api.json", *more)
        assert_harmless(told)
    (folder / "torn.json").write_text('{"openapi": "' + NASTY)
    _, told, status = run(installation.data, "generate", "--from", "torn.json")
    assert status == 1
    assert_harmless(told)


def test_lists(installation: Installation) -> None:
    run(installation.data, "account", "create", NASTY)
    shown, told, _ = run(installation.data, "account", "list")
    assert_harmless(shown + told)
    _, told, status = run(installation.data, "account", "create", "acme" + NASTY + "\n\x1b[31m")
    assert_harmless(told)
    _, told, status = run(installation.data, "token", "create", "--account", "nobody" + NASTY)
    assert status == 1
    assert_harmless(told)


def test_sql_on_a_terminal_and_in_a_pipe(installation: Installation) -> None:
    know_mallory(installation)
    query = ("sql", "--account", "acme", "SELECT user_name FROM participants")
    for form in ((), ("--format", "csv"), ("--format", "json"), ("--format", "ndjson"), ("--format", "csv", "--raw-csv")):
        assert_harmless(run_on_terminal(installation.data, *query, *form))
    exact, _, _ = run(installation.data, *query, "--format", "csv", "--raw-csv")
    assert NASTY in exact
    printed, _, _ = run(installation.data, *query, "--format", "json")
    assert json.loads(printed)["rows"] == [[NASTY]]
