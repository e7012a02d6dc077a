"""The real binary: runs commands, starts servers and sends requests."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = REPOSITORY / os.environ.get("ROLLCALL_BIN", "target/debug/rollcall")
START_SECONDS = 120
STOP_SECONDS = 30

Json = Any


def rollcall(data: Path, *arguments: str, stdin: str | None = None, **environment: str) -> str:
    """Runs a command on a data folder and returns what it prints."""
    command = [str(BINARY), "--data", str(data), *arguments]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, cwd=data.parent, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, f"rollcall {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout.strip()


def begin(data: Path, *accounts: str) -> None:
    """A new installation with these accounts."""
    for index, account in enumerate(accounts):
        rollcall(data, "account", "create", account, *(["--new"] if index == 0 else []))


def past_month() -> dict[str, str]:
    """The window that ends today, as long as Zoom allows in any month."""
    today = datetime.now(timezone.utc).date()
    return {"from": str(today - timedelta(days=28)), "to": str(today)}


@dataclass(frozen=True)
class App:
    """An OAuth app's credentials."""

    account_id: str
    client_id: str
    client_secret: str

    @classmethod
    def create(cls, data: Path, *arguments: str) -> "App":
        printed = rollcall(data, "app", "create", *arguments)
        return cls(**dict(line.split("=", 1) for line in printed.splitlines()))


@dataclass
class Answer:
    """The server's response; the body is the parsed JSON, or text."""

    status: int
    headers: Mapping[str, str]
    body: Json


@dataclass
class Server:
    """A running server, and the token for every request without one of its own."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def answer(self, request: str, token: str | None = None, **options: Any) -> Answer:
        """Sends a request such as `GET /v2/users?page_size=5`; the options are those of `requests`."""
        method, path = request.split(" ", 1)
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} | options.pop("headers", {})
        response = self.session.request(method, self.url + path, headers=headers, timeout=30, **options)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        return Answer(response.status_code, response.headers, response.json() if is_json else response.text)

    def ask(self, request: str, status: int = 200, **options: Any) -> Json:
        """The body of a response that must have this status."""
        answer = self.answer(request, **options)
        assert answer.status == status, f"{request}: {answer.status} {answer.body}"
        return answer.body

    def pages(self, request: str, **params: Any) -> Iterator[Json]:
        """The bodies of a Zoom list, page by page."""
        token = ""
        while True:
            body = self.ask(request, params=params | {"next_page_token": token})
            yield body
            token = body["next_page_token"]
            if not token:
                return


@contextmanager
def serve(data: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """Runs `rollcall serve` until the block ends. The token is the demo's, or one created for the only account."""
    command = [str(BINARY), "--data", str(data), "serve", "--listen", "127.0.0.1:0", *arguments]
    log = data.with_suffix(".log")
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=data.parent, env=os.environ | environment
        )
    overdue = threading.Timer(START_SECONDS, process.kill)
    overdue.start()
    try:
        printed = _first_words(process, until="try:" if "--demo" in arguments else "listening on")
        overdue.cancel()
        url = re.search(r"^listening on (http://\S+)$", printed, re.MULTILINE)
        assert url, f"the server did not start: {printed}{log.read_text()}"
        token = re.search(r"^token: (\S+)$", printed, re.MULTILINE)
        yield Server(url[1], data, process, token[1] if token else "")
    finally:
        overdue.cancel()
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(STOP_SECONDS) == 0, f"the server did not stop well: {log.read_text()}"
        finally:
            process.kill()
            if process.stdout:
                process.stdout.close()


def _first_words(process: subprocess.Popen[str], until: str) -> str:
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if line.startswith(until):
            break
    return "".join(lines)
