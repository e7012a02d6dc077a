"""A journal of minutes that was cut off, and a folder without its lock."""

import json
import os
import shutil
import signal
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from conftest import Installation
from server import BINARY, rollcall, serve

MINUTES = 2_000
LIVE = {"ROLLCALL_ARCHIVE_SETTLE_SECS": "86400"}


def lines(batch: int, count: int) -> str:
    """Minutes of a participant in a meeting in progress."""
    start = (datetime.now(timezone.utc) - timedelta(minutes=count + 5)).replace(second=0, microsecond=0)
    row = {
        "instance_uuid": "journal==", "meeting_id": 777, "state": "live", "user_id": str(batch),
        "join_time": start.isoformat().replace("+00:00", "Z"),
    }
    return "".join(
        json.dumps(row | {
            "date_time": (start + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z"),
            "audio_input": {"latency_ms": 1 + minute % 900},
        }) + "\n"
        for minute in range(count)
    )


def killed(installation: Installation) -> None:
    """A server that acknowledged minutes and was killed."""
    data = installation.data
    with (data.parent / "killed.log").open("w") as log:
        process = subprocess.Popen(
            [str(BINARY), "--data", str(data), "serve", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | LIVE,
        )
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        import requests

        for batch in range(2):
            answer = requests.post(
                f"{url}/ingest/v1/qos", data=lines(batch, MINUTES), timeout=60,
                headers={"Authorization": f"Bearer {installation.acme}", "Content-Type": "application/x-ndjson"},
            )
            assert answer.status_code == 200 and answer.json()["complete"], answer.text
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        if process.stdout:
            process.stdout.close()


def journal(data: Path) -> tuple[Path, int]:
    """The newest journal, and the end of its last batch."""
    path = max((data / "minutes").glob("*.jnl"), key=lambda path: int(path.stem))
    return path, len(path.read_bytes().rstrip(b"\0"))


def doctor(data: Path) -> list[dict]:
    done = subprocess.run(
        [str(BINARY), "--data", str(data), "doctor", "--json"], capture_output=True, text=True, timeout=60, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def losses(data: Path) -> dict:
    return next(finding for finding in doctor(data) if finding["check"] == "lost minutes")


def test_a_journal_cut_by_one_byte_is_found_out(installation: Installation) -> None:
    killed(installation)
    data = installation.data
    whole = data.parent / "whole"
    shutil.copytree(data, whole, ignore=shutil.ignore_patterns("control.sock"))
    path, end = journal(data)
    os.truncate(path, end - 1)
    with serve(data, **LIVE) as server:
        metrics = server.answer("GET /metrics", token=installation.acme).body
        log = data.with_suffix(".log").read_text()
        held = losses(data)
    assert '"level":"ERROR"' in log and "lost acknowledged data" in log, log
    lost = next(line for line in metrics.splitlines() if line.startswith("rollcall_minutes_lost_total"))
    assert 0 < int(lost.split()[-1]) <= MINUTES, lost
    assert held["ok"] is False and "had been acknowledged" in held["found"], held
    assert "import" in held["fix"] and "restore a backup" in held["fix"], held
    # It is reported until the operator has dealt with it.
    assert losses(data)["ok"] is False
    (data / "minutes" / "losses").unlink()
    assert losses(data)["ok"] is True

    # The same kill without the cut loses nothing.
    with serve(whole, **LIVE) as server:
        metrics = server.answer("GET /metrics", token=installation.acme).body
        assert "rollcall_minutes_lost_total 0" in metrics
    assert losses(whole)["ok"] is True


def test_a_missing_lock_is_named(installation: Installation) -> None:
    killed(installation)
    lock = installation.data / "minutes" / "lock"
    lock.unlink()
    done = subprocess.run(
        [str(BINARY), "--data", str(installation.data), "serve", "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 1 and "minutes/lock is missing" in done.stderr, done.stderr
    lock.touch(mode=0o600)
    with serve(installation.data, **LIVE):
        pass
    assert rollcall(installation.data, "doctor", "--json")
