"""Headless Chromium, driven over its debugging protocol."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
START_SECONDS = 60
ANSWER_SECONDS = 60

Json = Any


class Tab:
    """A page. Its own events are collected in `events`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sent = 0
        self.events: list[Json] = []

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, debugger: str, address: str = "about:blank") -> "Tab":
        async with session.put(f"{debugger}/json/new?{address}") as opened:
            target = await opened.json(content_type=None)
        return cls(await session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))

    async def command(self, method: str, **params: Any) -> Json:
        self.sent += 1
        await self.socket.send_json({"id": self.sent, "method": method, "params": params})
        while True:
            message = await self.socket.receive_json(timeout=ANSWER_SECONDS)
            if message.get("id") == self.sent:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    async def run(self, script: str) -> Any:
        result = await self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextmanager
def chromium(folder: Path, *arguments: str) -> Iterator[str]:
    """A browser with a fresh profile below `folder`; the address of its debugger."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", *arguments,
        f"--user-data-dir={folder / 'profile'}", f"--remote-debugging-port={port}", "about:blank",
    ]  # fmt: skip
    log = (folder / "chromium.log").open("w")
    browser = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert browser.poll() is None and time.monotonic() < deadline, Path(log.name).read_text()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        browser.terminate()
        try:
            browser.wait(10)
        except subprocess.TimeoutExpired:
            browser.kill()
        log.close()
