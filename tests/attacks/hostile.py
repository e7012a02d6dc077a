"""Shared by the attacks: connections from loopback addresses, and clients that keep them open."""

import json
import multiprocessing
import select
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path

from server import Server

# The memory that the server may use while it is attacked.
MOST_BYTES = 400 * 1024 * 1024


def address(server: Server) -> tuple[str, int]:
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


def connect(server: Server, source: str = "127.0.0.1", receive_bytes: int = 0) -> socket.socket:
    """A connection from a loopback address, optionally with a small receive buffer."""
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.bind((source, 0))
    connection.settimeout(5)
    connection.connect(address(server))
    return connection


def resident_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def tools_request() -> bytes:
    """A request of one megabyte that needs no token, and has a response several times as large."""
    sample = json.dumps([{f"field{number}": "x" * 40 for number in range(200)} for _ in range(70)])
    body = "make=json-schema&text=" + urllib.parse.quote(sample, safe="")
    body = body[: 1024 * 1024 - 1024]
    head = (
        f"POST /reference/tools HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    return (head + body).encode()


def largest_asset(server: Server) -> str:
    page = server.answer("GET /reference").body
    paths = {part.split('"')[0] for part in page.split('="')[1:] if part.startswith("/")}
    sizes = {}
    for path in paths:
        response = server.session.get(server.url + path, headers={"Accept-Encoding": "identity"}, timeout=30)
        sizes[path] = len(response.content)
    return max(sizes, key=sizes.__getitem__, default="/rollcall.js")


def seconds_to_answer(server: Server, path: str) -> float:
    """How long a client with its own address waits for a response over a new connection."""
    started = time.monotonic()
    with connect(server, "127.0.0.99") as connection:
        connection.settimeout(30)
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\nConnection: close\r\n\r\n".encode()
        )
        first = connection.recv(64)
        while connection.recv(65536):
            pass
    assert first.startswith(b"HTTP/1.1 200"), first
    return time.monotonic() - started


@contextmanager
def attack(*loops: Callable[[Event], None]) -> Iterator[None]:
    """Runs loops in separate processes while the block runs, so that they do not slow down the measurement."""
    processes = multiprocessing.get_context("fork")
    stop = processes.Event()
    attackers = [processes.Process(target=loop, args=(stop,), daemon=True) for loop in loops]
    for attacker in attackers:
        attacker.start()
    try:
        yield
    finally:
        stop.set()
        for attacker in attackers:
            attacker.join(10)
            attacker.kill()


def never_reads(server: Server, request: bytes, connections: int, source: str) -> Callable[[Event], None]:
    """Keeps connections open that send a request and do not read the response, and replaces those that end."""

    def run(stop: Event) -> None:
        held: list[socket.socket] = []
        while not stop.is_set():
            while len(held) < connections and not stop.is_set():
                with suppress(OSError):
                    connection = connect(server, source, receive_bytes=4096)
                    connection.settimeout(2)
                    held.append(connection)
                    connection.sendall(request)
                    continue
                break
            stop.wait(0.2)
            held = [one for one in held if is_open(one)]
        for one in held:
            one.close()

    return run


def is_open(connection: socket.socket) -> bool:
    """Whether the server has not reset the connection; reads nothing from its buffer."""
    try:
        error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    except OSError:
        error = -1
    if error:
        connection.close()
    return not error
