"""Measures the collector: the rate that a quota allows, memory, a second run without news, and participants a second beside
tap-zoom and Airbyte's source. Rollcall in a process of its own is the vendor, 50 ms away."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
arguments = argparse.ArgumentParser()
arguments.add_argument("target", type=Path)
arguments.add_argument("--meetings-per-day", default="91", help="per workday; a month has 22")
arguments.add_argument("--attendees", default="10000", help="of the large webinar")
arguments.add_argument("--seconds", type=float, default=90.0, help="for each of the other programs")
arguments.add_argument("--only", choices=["quota", "peers"])
options = arguments.parse_args()
options.target = options.target.resolve()
os.environ["ROLLCALL_BIN"] = str(options.target / "release/rollcall")
sys.path.insert(0, str(ROOT / "tests/clients"))

from server import BINARY, App, Server, begin, rollcall, serve  # noqa: E402

ROUND_TRIP = 0.05


@contextmanager
def line(server: Server) -> Iterator[str]:
    """The URL of a line to the server."""
    command = [sys.executable, str(Path(__file__).parent / "line.py"), str(urlsplit(server.url).port), str(ROUND_TRIP)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()


def collect(data: Path, app: App, url: str, *more: str) -> dict:
    """Runs the collector. Returns its progress, seconds and peak memory in MB."""
    command = [str(BINARY), "--data", str(data), "collect", "zoom", "--client-id", app.client_id]
    command += ["--account-id", app.account_id, "--secret-env", "SECRET", "--url", url, "--days", "40", "--json", *more]
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"SECRET": app.client_secret}
    )
    peak, used = 0, {}
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))])
        except OSError:
            break
        time.sleep(0.2)
    printed = process.communicate()[0]
    assert process.returncode == 0, printed
    return json.loads(printed.splitlines()[0]) | {"seconds": time.monotonic() - began, "peak_mb": peak / 1024}


def count(data: Path, table: str) -> int:
    return int(rollcall(data, "sql", "--format", "csv", f"SELECT count(*) FROM {table}").splitlines()[-1])


def quota(folder: Path) -> None:
    data = folder / "vendor"
    begin(data, "main")
    size = ["--people", "400", "--webinars-per-week", "5", "--webinar-attendees", "100"]
    print(rollcall(data, "sim", "--days", "30", "--meetings-per-day", options.meetings_per_day, *size))
    print(rollcall(data, "sim", "--into-existing", "--sized", f"webinar:{options.attendees}:60"))
    app = App.create(data, "--scopes", "all")
    with serve(data, ROLLCALL_ZOOM_RATE_PLAN="business") as server, line(server) as url:
        mirror = folder / "mirror"
        first = collect(mirror, app, url, "--vendor-plan", "business")
        heavy = next(rate for rate in first["rates"] if rate["lane"] == "Heavy")
        # Heavy calls alone; the others have pools of their own and take less time.
        calls = heavy["used_today"]
        allowed = calls / 40
        print(f"first run: {first['calls']} calls ({calls} Heavy and Resource-intensive) in {first['seconds']:.0f} s,"
              f" {first['throttled']} throttled, {first['gaps']} gaps, peak {first['peak_mb']:.0f} MB")
        print(f"  of the rate that the Heavy limit allows: {100 * allowed / first['seconds']:.1f} %")
        size = (mirror / "rollcall.db").stat().st_size
        second = collect(mirror, app, url)
        print(f"second run: {second['calls']} calls ({100 * second['calls'] / first['calls']:.2f} %) in"
              f" {second['seconds']:.0f} s; database {size} -> {(mirror / 'rollcall.db').stat().st_size} bytes")
        for table in ["instances", "participants", "qos_minutes", "tracking_sources", "users"]:
            print(f"  {table}: {count(data, table)} there, {count(mirror, table)} here")


def records(command: list[str], server_url: str, folder: Path, streams: set[str]) -> float:
    """Participants a second that a program writes, over the time given or until it ends."""
    environment = os.environ | {"ROLLCALL_URL": server_url, "PYTHONPATH": str(ROOT / "tests/clients/rewrite")}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    began, first, found = time.monotonic(), 0.0, 0
    for text in process.stdout:
        now = time.monotonic()
        if text.startswith("{"):
            message = json.loads(text)
            record = message.get("record") or {}
            if str(message.get("type")) == "RECORD" and (message.get("stream") or record.get("stream")) in streams:
                found, first = found + 1, first or now
        if now - began > options.seconds:
            break
    process.kill()
    return found / (time.monotonic() - began)


def peers(folder: Path) -> None:
    data = folder / "account"
    begin(data, "main")
    print(rollcall(data, "sim", "--days", "30", "--people", "120", "--meetings-per-day", "20", "--no-qos"))
    app = App.create(data, "--scopes", "all")
    token = rollcall(data, "token", "create", "--scopes", "all").splitlines()[-1]
    with serve(data) as server, line(server) as url:
        ours = collect(folder / "copy", app, url, "--vendor-plan", "none")
        participants = count(folder / "copy", "participants")
        # Everything is collected, of which participants are a part; the other programs copy nothing else.
        rate = participants / ours["seconds"]
        bound = 64 / ROUND_TRIP
        print(f"rollcall: {participants} participants and {ours['entries'] - participants} other entries in"
              f" {ours['seconds']:.1f} s with {ours['calls']} calls: {rate:.1f} participants/s;"
              f" {ours['calls'] / ours['seconds']:.0f} calls/s of {bound:.0f} that 64 connections and the round trip allow")
        streams = {"report_meeting_participants", "report_webinar_participants"}
        tap = str(options.target / "venv-tap-zoom/bin/tap-zoom")
        (folder / "config.json").write_text(json.dumps({
            "client_id": app.client_id, "client_secret": app.client_secret, "refresh_token": "none", "access_token": token}))
        environment = os.environ | {"ROLLCALL_URL": url, "PYTHONPATH": str(ROOT / "tests/clients/rewrite")}
        printed = subprocess.run([tap, "--config", "config.json", "--dev", "--discover"], cwd=folder, env=environment,
                                 capture_output=True, text=True, check=True).stdout
        catalog = json.loads(printed)
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams | {"users", "meetings", "webinars"}
        (folder / "catalog.json").write_text(json.dumps(catalog))
        theirs = records([tap, "--config", "config.json", "--dev", "--catalog", "catalog.json"], url, folder, streams)
        print(f"tap-zoom: {theirs:.1f}/s; rollcall has {rate / theirs if theirs else float('inf'):.0f} times as many")
        source = str(options.target / "venv-airbyte-source-zoom/bin/source-zoom")
        (folder / "config.json").write_text(json.dumps({
            "account_id": app.account_id, "client_id": app.client_id, "client_secret": app.client_secret,
            "authorization_endpoint": "https://zoom.us/oauth/token"}))
        printed = subprocess.run([source, "discover", "--config", "config.json"], cwd=folder, env=environment,
                                 capture_output=True, text=True, check=True).stdout
        found = next(json.loads(text)["catalog"]["streams"] for text in printed.splitlines() if '"CATALOG"' in text)
        chosen = [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
                  for stream in found if stream["name"] in streams]
        (folder / "catalog.json").write_text(json.dumps({"streams": chosen}))
        theirs = records([source, "read", "--config", "config.json", "--catalog", "catalog.json"], url, folder, streams)
        print(f"airbyte source-zoom: {theirs:.1f}/s; rollcall has {rate / theirs if theirs else float('inf'):.0f} times as many")


with tempfile.TemporaryDirectory(prefix="collect-") as temporary:
    for name, measure in [("quota", quota), ("peers", peers)]:
        if options.only in (None, name):
            (Path(temporary) / name).mkdir()
            measure(Path(temporary) / name)
