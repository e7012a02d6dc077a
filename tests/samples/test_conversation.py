"""Generated programs with a server that refuses, asks to wait, and continues its lists by a header."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from languages import Language
from programs import Programs

# A list in Webex's form.
LIST = {
    "openapi": "3.1.0",
    "info": {"title": "list", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "security": [{"bearer": []}],
    "paths": {
        "/v1/people/{name}": {
            "get": {
                "operationId": "list",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "max", "in": "query", "schema": {"type": "integer"}},
                    {"name": "X-Note", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "people",
                        "headers": {"Link": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"example": {"items": [{"name": "Ann"}]}}},
                    }
                },
            }
        }
    },
}

Answer = tuple[int, dict[str, str], str]


class Request(NamedTuple):
    """A program's request."""

    at: float
    path: str
    headers: dict[str, str]
    method: str
    body: bytes


class Vendor:
    """A server that sends prepared responses in turn, and records its requests."""

    def __init__(self) -> None:
        self.answers: list[Callable[[], Answer]] = []
        self.requests: list[Request] = []
        self.url = ""


@contextmanager
def vendor(stalls: bool = False) -> Iterator[Vendor]:
    """A vendor; one that `stalls` accepts requests and does not respond until the end."""
    state = Vendor()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            state.requests.append(Request(time.time(), self.path, headers, self.command, body))
            if stalls:
                ended.wait(60)
                return
            status, extra, body = state.answers.pop(0)()
            data = body.encode()
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(data))} | extra).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def program(programs: Programs, language: Language, **parameters: str):
    (programs.folder / "list.json").write_text(json.dumps(LIST))
    return programs.generate(language, "list.json", "list", **parameters)


def test_it_follows_links_and_sends_what_it_was_given(language: Language, programs: Programs) -> None:
    with vendor() as far:
        second = f"{far.url}/v1/people/x?max=1&cursor=a%2Fb"
        link = f'<{far.url}/v1/people/first>; rel="first", <{second}>; rel="next"'
        far.answers = [
            lambda: (200, {"link": link}, json.dumps({"items": [{"name": "Ann"}]})),
            lambda: (200, {}, json.dumps({"items": [{"name": "😀"}, {"name": "שרה"}]}, ensure_ascii=False)),
        ]
        written = program(programs, language, **{"name": "a/b ü?#%&+'", "max": "1", "X-Note": "it's \"so\" $x"})
        printed = programs.run(language, written, url=far.url + "/").good()
    assert printed == ["items[0].name: Ann", "items[1].name: 😀", "items[2].name: שרה"]
    paths = [request.path for request in far.requests]
    assert paths == ["/v1/people/a%2Fb%20%C3%BC%3F%23%25%26%2B%27?max=1", "/v1/people/x?max=1&cursor=a%2Fb"]
    for request in far.requests:
        headers = request.headers
        assert headers["authorization"] == f"Bearer {programs.server.token}"
        assert headers["x-note"] == "it's \"so\" $x"


def test_it_waits_as_long_as_it_is_told(language: Language, programs: Programs) -> None:
    instant = lambda: (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: E731
    with vendor() as far:
        far.answers = [
            lambda: (429, {"Retry-After": "1"}, "{}"),
            lambda: (429, {"Retry-After": instant()}, "{}"),
            lambda: (429, {}, "{}"),
            lambda: (200, {}, json.dumps({"items": [{"name": "Ann"}]})),
        ]
        run = programs.run(language, program(programs, language, name="x"), url=far.url)
    assert run.good() == ["items[0].name: Ann"]
    assert run.stderr.count("429: waiting") == 3, run.stderr
    # Without parameters there is no question mark, and nothing of uninitialised memory.
    assert {request.path for request in far.requests} == {"/v1/people/x"}
    times = [request.at for request in far.requests]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    # A time has whole seconds, so up to one of them has passed.
    for gap, least in zip(gaps, (1, 1, 1)):
        assert gap >= least - 0.05, gaps


def test_it_gives_up_after_five_times(language: Language, programs: Programs) -> None:
    with vendor() as far:
        far.answers = [lambda: (429, {"Retry-After": "0"}, '{"message": "slower"}')] * 6
        run = programs.run(language, program(programs, language, name="x"), url=far.url)
    assert run.status != 0 and run.stdout == ""
    assert 'HTTP 429: {"message": "slower"}' in run.stderr
    assert len(far.requests) == 6


def test_it_tells_an_error_by_status_and_body(language: Language, programs: Programs) -> None:
    for answer, told in [
        ((404, {}, '{"message": "nobody is called “x”"}'), 'HTTP 404: {"message": "nobody is called “x”"}'),
        ((500, {"Content-Type": "text/plain; charset=utf-8"}, "broken"), "HTTP 500: broken"),
        ((200, {}, '{"items": ['), "the response is not JSON"),
    ]:
        with vendor() as far:
            far.answers = [lambda answer=answer: answer]
            run = programs.run(language, program(programs, language, name="x"), url=far.url)
        assert run.status != 0 and run.stdout == "", run
        assert told in run.stderr, run.stderr


def test_it_says_what_is_missing(language: Language, programs: Programs, monkeypatch) -> None:
    written = program(programs, language, name="x")
    programs.server, token = programs.server, programs.server.token
    try:
        programs.server.token = ""
        run = programs.run(language, written)
    finally:
        programs.server.token = token
    assert run.status != 0 and "API_TOKEN" in run.stderr, run.stderr
