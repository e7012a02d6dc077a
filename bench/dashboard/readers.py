"""Measures what readers of the live page cost: readers.py BINARY [READERS]

Starts the demo, lets one reader and then all of them follow /api/v1/live, and prints the processor time that the server and
its query workers take, in percent of one core.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

BINARY = sys.argv[1]
READERS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
SETTLE_SECONDS, SECONDS = 10, 40


def seconds_of(process: int) -> float:
    """The processor time of a process and its children so far."""
    children = subprocess.run(["pgrep", "--parent", str(process)], capture_output=True, text=True, check=False).stdout.split()
    total = 0.0
    for one in [process, *map(int, children)]:
        values = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(values[11]) + int(values[12])) / 100
    return total


async def read(url: str, token: str, events: list[int], number: int) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 22)
    head = f"GET /api/v1/live HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    assert b" 200 " in await reader.readline()
    async for line in reader:
        events[number] += line.startswith(b"data:")


async def measure(url: str, token: str, process: int, readers: int) -> None:
    events = [0] * readers
    tasks = [asyncio.create_task(read(url, token, events, number)) for number in range(readers)]
    await asyncio.sleep(SETTLE_SECONDS)
    assert min(events) > 0, "a reader got no list"
    before, started = seconds_of(process), time.monotonic()
    await asyncio.sleep(SECONDS)
    percent = 100 * (seconds_of(process) - before) / (time.monotonic() - started)
    print(f"{readers} readers: {percent:.1f} % of a core, {sum(events)} lists sent")
    for task in tasks:
        task.cancel()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        command = [BINARY, "--data", str(data), "serve", "--demo", "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            printed = ""
            for line in server.stdout or ():
                printed += line
                if line.startswith("try:"):
                    break
            url, token = (re.search(pattern, printed, re.MULTILINE)[1] for pattern in (r"^listening on (\S+)$", r"^token: (\S+)$"))
            for readers in (1, READERS):
                asyncio.run(measure(url, token, server.pid, readers))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
