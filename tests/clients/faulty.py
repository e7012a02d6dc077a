"""A vendor behind a bad line: a proxy that delays, throttles, fails, cuts and resets, by a seed."""

import http.client
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# What a request may meet, each about as often as the others.
STORM = ("throttled", "throttled_until", "error", "reset", "cut", "slow", "page", "token")


@dataclass
class Line:
    """What the proxy does, and what passed."""

    upstream: str
    latency: float = 0.0
    # The part of the requests that meet a fault.
    trouble: float = 0.0
    faults: tuple[str, ...] = STORM
    url: str = ""
    requests: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Called before a request is forwarded.
    before: Callable[[str], None] = lambda path: None

    @property
    def calls(self) -> int:
        return sum(count for path, count in self.requests.items() if not path.startswith("/oauth"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.forward()

    def do_POST(self) -> None:
        self.forward()

    def forward(self) -> None:
        line = self.line
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with line.lock:
            line.requests[self.path] += 1
            fault = line.dice.choice(line.faults) if line.dice.random() < line.trouble else ""
            if fault == "token" and self.path.startswith("/oauth"):
                fault = "error"
            line.met[fault] += 1
        line.before(self.path)
        time.sleep(line.latency)
        if fault:
            getattr(self, fault)(body)
        else:
            self.answer(*self.ask(body))

    def ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = urlsplit(self.line.upstream)
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        headers["Host"] = self.headers["Host"]
        connection.request(self.command, self.path, body=body or None, headers=headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        kept = [
            (name, value)
            for name, value in response.getheaders()
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}
        ]
        return response.status, kept, content

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes, pace: float = 0.0) -> None:
        with self.line.lock:
            self.line.answered[self.path] += 1
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        step = max(1, len(content) // 5) if pace else len(content) or 1
        try:
            for start in range(0, len(content), step):
                self.wfile.write(content[start : start + step])
                self.wfile.flush()
                time.sleep(pace)
        except OSError:
            self.close_connection = True

    def refuse(self, status: int, body: dict[str, object], **headers: str) -> None:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.answer(status, [("Content-Type", "application/json"), *named], json.dumps(body).encode())

    def throttled(self, _: bytes) -> None:
        message = "You have reached the maximum per-second rate limit for this API. Try again later."
        self.refuse(429, {"code": 429, "message": message}, X_RateLimit_Type="QPS", Retry_After="1")

    def throttled_until(self, _: bytes) -> None:
        until = datetime.now(timezone.utc) + timedelta(seconds=1)
        message = "You have reached the maximum per-second rate limit for this API. Try again later."
        self.refuse(429, {"code": 429, "message": message}, Retry_After=until.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def error(self, _: bytes) -> None:
        self.refuse(self.line.dice.choice([500, 502, 503, 504]), {"message": "try again"})

    def reset(self, _: bytes) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def cut(self, body: bytes) -> None:
        status, headers, content = self.ask(body)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def slow(self, body: bytes) -> None:
        self.answer(*self.ask(body), pace=0.1)

    def page(self, _: bytes) -> None:
        """Something in between answers in the vendor's place."""
        self.answer(200, [("Content-Type", "text/html")], b"<html>Back soon</html>")

    def token(self, _: bytes) -> None:
        self.refuse(401, {"code": 124, "message": "Access token is expired."})

    def page_token(self, body: bytes) -> None:
        if "next_page_token" in self.path:
            message = "The next page token is either invalid or has expired."
            self.refuse(400, {"code": 300, "message": message})
        else:
            self.answer(*self.ask(body))


@contextmanager
def proxy(upstream: str, **settings: object) -> Iterator[Line]:
    """Runs a proxy in front of a server until the block ends."""
    line = Line(upstream, **settings)  # type: ignore[arg-type]
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfLine", (Handler,), {"line": line}))
    server.daemon_threads = True
    # A client that is killed, or whose connection is reset, is part of the test.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    line.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
