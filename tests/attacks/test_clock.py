"""A clock that jumps: retention accepts it only after an operator has confirmed it.

The server runs under libfaketime, since nothing in the product can set its clock.
"""

import os
import subprocess
import time
from contextlib import contextmanager
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import BINARY, Server, rollcall, serve

LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("/usr/lib/faketime/libfaketime.so.1")]
DAY = 24 * 3600
KEPT = {
    "ROLLCALL_RETENTION_QOS_MINUTES_DAYS": "365",
    "ROLLCALL_RETENTION_PARTICIPANTS_DAYS": "365",
    "ROLLCALL_RETENTION_INSTANCES_DAYS": "365",
    "ROLLCALL_RETENTION_IDENTITY_DAYS": "365",
    "ROLLCALL_RETENTION_ROUND_SECS": "1",
    "ROLLCALL_ARCHIVE_ROUND_SECS": "1",
    "ROLLCALL_ARCHIVE_GRACE_SECS": "0",
    "ROLLCALL_ARCHIVE_SETTLE_SECS": "0",
}


def ahead(days: int) -> dict[str, str]:
    """The environment with which a process's clock is so many days ahead, but not its timers."""
    library = next((path for path in LIBRARIES if path.exists()), None)
    if library is None:
        pytest.skip("libfaketime is missing: make setup installs it")
    return {"LD_PRELOAD": str(library), "FAKETIME": f"+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A company with data of last week, sealed."""
    folder = tmp_path / "data"
    rollcall(folder, "sim", "--seed", "7", "--people", "5", "--days", "2", "--meetings-per-day", "2")
    rollcall(folder, "archive", "seal")
    return folder


def counts(data: Path) -> str:
    """The number of stored rows."""
    query = (
        "SELECT (SELECT count(*) FROM instances), (SELECT count(*) FROM participants), "
        "(SELECT count(*) FROM qos_minutes)"
    )
    return rollcall(data, "sql", query)


def log(data: Path) -> str:
    """The server's log."""
    return data.with_suffix(".log").read_text()


def wait_for(found: str, data: Path) -> None:
    """Waits until the server's log contains a text."""
    for _ in range(100):
        if found in log(data):
            return
        time.sleep(0.1)
    raise AssertionError(f"{found!r} was not logged: {log(data)}")


@contextmanager
def jumped(data: Path, days: int) -> Iterator[Server]:
    """A server whose clock is ahead."""
    with serve(data, **KEPT, **ahead(days)) as server:
        yield server


def test_a_clock_that_jumps_ahead_deletes_nothing_until_it_is_confirmed(data: Path) -> None:
    before = counts(data)
    files = sorted((data / "archive").rglob("*.parquet"))
    with serve(data, **KEPT):
        time.sleep(1)
    with jumped(data, 400) as server:
        wait_for("retention deletes nothing", data)
        # Some more rounds of retention, of sealing and of sweeping.
        time.sleep(3)
        assert "rollcall_retention_waiting 1" in server.answer("GET /metrics").body
        shown = rollcall(data, "retention", "show", **KEPT, **ahead(400))
        assert "the clock has jumped ahead, or no server ran for that long" in shown
        doctor = subprocess.run(
            [str(BINARY), "--data", str(data), "doctor"],
            capture_output=True, text=True, env=os.environ | KEPT | ahead(400), timeout=60, check=False,
        )
        assert "PROBLEM retention" in doctor.stdout and "rollcall retention confirm" in doctor.stdout, doctor.stdout
    assert '"level":"WARN"' in log(data)
    assert counts(data) == before
    assert set(files) <= set((data / "archive").rglob("*.parquet"))

    # The clock is right again: nothing is due, and nothing has to be confirmed.
    with serve(data, **KEPT) as server:
        time.sleep(1.5)
        assert "rollcall_retention_waiting 0" in server.answer("GET /metrics").body
    assert counts(data) == before

    # The operator confirms that so much time has passed.
    refused = subprocess.run(
        [str(BINARY), "--data", str(data), "retention", "confirm"],
        capture_output=True, text=True, env=os.environ | KEPT | ahead(400), timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )
    assert refused.returncode == 1 and "--yes" in refused.stderr, refused.stderr
    rollcall(data, "retention", "confirm", "--yes", **KEPT, **ahead(400))
    with jumped(data, 400):
        wait_for("retention deleted data", data)
        time.sleep(2)
    warned = [line for line in log(data).splitlines() if "retention deleted data" in line]
    assert warned and all('"level":"WARN"' in line and '"rows":' in line for line in warned), warned
    assert counts(data) != before
    # The files are kept for a while, so that the deletion can be undone.
    assert set(files) <= set((data / "archive").rglob("*.parquet"))
