"""Pages of `report/webinars/{id}/participants` and the attendance by person, side by side with the dashboard's pages."""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

NUMBER = 95204914252
UUID = "d2ViaW5hci1vZi01MDAwMA=="


def line(index: int, people: int) -> str:
    """One attendance: a tenth of the people come twice."""
    person = index % people
    start = f"2026-09-01T09:{person % 50:02}:{index % 60:02}Z"
    return json.dumps({
        "instance_uuid": UUID, "meeting_id": NUMBER, "kind": "webinar", "state": "past", "user_id": str(16778240 + index),
        "join_time": start, "leave_time": f"2026-09-01T09:{50 + person % 10}:00Z", "user_name": f"Person {person}",
        "email": f"person{person}@example.com", "ip_address": "192.0.2.1", "device": "Windows", "location": "Porto (PT)",
    })  # fmt: skip


class Client:
    def __init__(self, address: tuple[str, int], token: str):
        self.connection = http.client.HTTPConnection(*address, timeout=120)
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self.connection.request(method, path, body, self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status == 200, (path, response.status, answer[:300])
        return answer


def median_ms(rounds: int, ask: object) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        ask()  # type: ignore[operator]
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollcall", required=True)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [options.rollcall, "--data", f"{folder}/data"]
        subprocess.run([*command, "account", "create", "bench", "--new"], check=True, capture_output=True)
        created = subprocess.run([*command, "token", "create", "--scopes", "all"], check=True, capture_output=True, text=True)
        process = subprocess.Popen([*command, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        try:
            listening = re.search(r"http://([\d.]+):(\d+)", process.stdout.readline() if process.stdout else "")
            assert listening
            measure(Client((listening[1], int(listening[2])), created.stdout.strip()), options)
        finally:
            process.terminate()
            process.wait()


def measure(client: Client, options: argparse.Namespace) -> None:
    attendances = options.people + options.people // 10
    lines = "\n".join(line(index, options.people) for index in range(attendances))
    client.ask("POST", "/ingest/v1/participants", lines.encode())
    dashboard = f"/v2/metrics/webinars/{NUMBER}/participants?type=past&page_size=300"
    report = f"/v2/report/webinars/{NUMBER}/participants?page_size=300"
    last = report
    while token := json.loads(client.ask("GET", last))["next_page_token"]:
        last = f"{report}&next_page_token={token}"
    attendance = f"/api/v1/instances/{UUID}/attendance?min_share=0.1&limit=1000"
    figures: dict[str, list[float]] = {}
    # Alternately, so that the machine's moods affect all of them.
    for round_ in range(options.rounds):
        for name, path in [("dashboard", dashboard), ("report, first page", report), ("report, last page", last)]:
            figures.setdefault(name, []).append(median_ms(50, lambda path=path: client.ask("GET", path)))
        # Something changes, so that it is computed again.
        changed = json.loads(line(0, options.people)) | {"device": f"Device {round_}"}
        client.ask("POST", "/ingest/v1/participants", json.dumps(changed).encode())
        figures.setdefault("attendance, computed", []).append(median_ms(1, lambda: client.ask("GET", attendance)))
        figures.setdefault("attendance, next page", []).append(
            median_ms(5, lambda: client.ask("GET", f"{attendance}&offset=1000"))
        )
    persons = json.loads(client.ask("GET", attendance))["persons_count"]
    assert persons <= options.people
    print(f"{attendances} attendances; medians of {options.rounds} rounds")
    medians = {name: statistics.median(times) for name, times in figures.items()}
    for name, value in medians.items():
        print(f"  {name:<24} {value:8.2f} ms")
    for name in ("report, first page", "report, last page"):
        print(f"  throughput of the {name}: {medians['dashboard'] / medians[name] * 100:.0f} % of the dashboard's page")


if __name__ == "__main__":
    main()
