"""Rollcall's program on a fresh folder, and lines sent to it over HTTP."""

import json
import os
import re
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path

SCOPE = "ingest:write"


class Server:
    """A server that is stopped at the end of the `with` block."""

    def __init__(self, program: str, folder: Path, **settings: object):
        arguments = [program, "--data", str(folder / "data")]
        subprocess.run([*arguments, "account", "create", "bench", "--new"], check=True, capture_output=True)
        create = [*arguments, "token", "create", "--scopes", SCOPE]
        self.token = subprocess.run(create, check=True, capture_output=True, text=True).stdout.strip()
        environment = os.environ | {f"ROLLCALL_{name.upper()}": str(value) for name, value in settings.items()}
        self.process = subprocess.Popen([*arguments, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)  # fmt: skip
        assert self.process.stdout
        listening = re.search(r"http://([\d.]+):(\d+)", self.process.stdout.readline())
        assert listening, "the server did not start"
        self.address = (listening[1], int(listening[2]))

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def take(self, parts: list[Path]) -> int:
        """Sends files of lines, each over a connection of its own; when all are acknowledged, returns the number of new ones.

        The client runs on the same machine, and does little more than `sendfile`."""
        answers: list[dict[str, int]] = []

        def send(part: Path) -> None:
            with socket.create_connection(self.address) as connection, part.open("rb") as source:
                head = (f"POST /ingest/v1/qos HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
                        f"Content-Length: {part.stat().st_size}\r\nConnection: close\r\n\r\n")  # fmt: skip
                connection.sendall(head.encode())
                connection.sendfile(source)
                answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
                answers.append(json.loads(answer.partition("\r\n\r\n")[2]))

        senders = [threading.Thread(target=send, args=[part]) for part in parts]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(answers) == len(parts) and all(answer["complete"] for answer in answers), answers
        return sum(answer["taken"] - answer["merged"] for answer in answers)

    def peak_mb(self) -> float:
        """The process's peak memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak, status
        return int(peak[1]) * 1024 / 1e6

    def metric(self, name: str) -> float:
        """The value of one of the server's own metrics."""
        host, port = self.address
        with urllib.request.urlopen(f"http://{host}:{port}/metrics") as answer:
            found = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)
        assert found, f"no metric {name}"
        return float(found[1])
