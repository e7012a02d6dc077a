"""`/readyz` and `doctor` say what is wrong: a full disk, a lost archive, a damaged database."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from conftest import Installation
from server import BINARY, Server, rollcall, serve

ROUND = {"ROLLCALL_HEALTH_ROUND_SECS": "1"}
SOON = 10


def readiness(server: Server) -> tuple[int, list[str]]:
    answer = requests.get(f"{server.url}/readyz", timeout=10)
    return answer.status_code, answer.text.splitlines()[1:]


def wait_for(server: Server, failed: list[str]) -> None:
    """Waits until exactly these checks fail; an empty list means ready."""
    expected = (503 if failed else 200, failed)
    until = time.monotonic() + SOON
    while (found := readiness(server)) != expected:
        assert time.monotonic() < until, f"{found}, not {expected}: {server.data.with_suffix('.log').read_text()}"
        time.sleep(0.1)


def doctor(data: Path, **environment: str) -> set[str]:
    """The checks for which `rollcall doctor` reports a problem."""
    done = subprocess.run(
        [str(BINARY), "--data", str(data), "doctor", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=60,
        check=False,
    )
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = {finding["check"] for finding in findings if not finding["ok"]}
    assert (done.returncode == 0) == (not wrong), done.stdout + done.stderr
    return wrong


def seal_something(installation: Installation) -> None:
    rollcall(installation.data, "sim", "--account", "acme", "--sized", "meeting:5:10", "--seed", "1")
    rollcall(installation.data, "archive", "seal")


def test_a_sound_installation_is_ready(installation: Installation) -> None:
    seal_something(installation)
    assert doctor(installation.data) == set()
    with serve(installation.data, **ROUND) as server:
        wait_for(server, [])


def test_a_disk_that_is_nearly_full(installation: Installation) -> None:
    most = {"ROLLCALL_HEALTH_MIN_FREE_MB": str(1 << 40)}
    assert "disk space" in doctor(installation.data, **most)
    with serve(installation.data, **ROUND, **most) as server:
        wait_for(server, ["archive's disk space", "disk space"])
        assert requests.get(f"{server.url}/healthz", timeout=10).status_code == 200


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        installation = Installation.create(disk / "data")
        with serve(installation.data, **ROUND, ROLLCALL_HEALTH_MIN_FREE_MB="1") as server:
            wait_for(server, [])
            filler = disk / "filler"
            with filler.open("wb") as file:
                try:
                    while True:
                        file.write(b"x" * 65536)
                        file.flush()
                except OSError:
                    pass
            until = time.monotonic() + SOON
            while not {"data folder", "disk space"} <= set(readiness(server)[1]):
                assert time.monotonic() < until, readiness(server)
                time.sleep(0.1)
            filler.unlink()
            wait_for(server, [])


def test_an_archive_that_is_lost(installation: Installation) -> None:
    seal_something(installation)
    archive = installation.data / "archive"
    with serve(installation.data, **ROUND) as server:
        wait_for(server, [])
        archive.rename(installation.data / "elsewhere")
        wait_for(server, ["archive", "archive's disk space"])
        answer = requests.get(f"{server.url}/readyz", timeout=10).text
        assert str(installation.data) not in answer, answer
        assert "archive" in doctor(installation.data)
        (installation.data / "elsewhere").rename(archive)
        wait_for(server, [])


def test_a_database_that_is_damaged(installation: Installation) -> None:
    with serve(installation.data, **ROUND) as server:
        wait_for(server, [])
        database = installation.data / "rollcall.db"
        whole = database.read_bytes()
        with database.open("r+b") as file:
            file.seek(len(whole) // 4)
            file.write(b"\xa5" * (len(whole) // 2))
        # The archive's index is in the database, too; damaged pages of it that were read stay in SQLite's cache.
        wait_for_database(server, fails=True)
        assert "database" in doctor(installation.data)
        with database.open("r+b") as file:
            file.write(whole)
        wait_for_database(server, fails=False)


def wait_for_database(server: Server, fails: bool) -> None:
    until = time.monotonic() + SOON
    while ("database" in readiness(server)[1]) != fails:
        assert time.monotonic() < until, readiness(server)
        time.sleep(0.1)


def test_nobody_who_asks_makes_the_server_look_again(installation: Installation) -> None:
    with serve(installation.data, ROLLCALL_HEALTH_ROUND_SECS="30") as server:
        wait_for(server, [])
        shutil.rmtree(installation.data / "archive", ignore_errors=True)
        for _ in range(50):
            assert readiness(server) == (200, [])


def test_erasures_of_nobody_rewrite_nothing_and_hold_up_nobody(installation: Installation) -> None:
    def erase(token: str, number: int) -> requests.Response:
        return requests.post(
            f"{server.url}/api/v1/erasures",
            json={"persons": [f"email:nobody{number}@mail.example"]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    def version() -> int:
        # VACUUM moves it.
        database = sqlite3.connect(f"file:{installation.data / 'rollcall.db'}?mode=ro", uri=True)
        try:
            return database.execute("PRAGMA schema_version").fetchone()[0]
        finally:
            database.close()

    with serve(installation.data) as server:
        before = version()
        statuses = [erase(installation.evil, number).status_code for number in range(40)]
        assert set(statuses) <= {202, 429}, statuses
        begun = time.monotonic()
        asked = erase(installation.acme, 0)
        assert asked.status_code == 202, asked.text
        headers = {"Authorization": f"Bearer {installation.acme}"}
        while True:
            erasure = requests.get(server.url + asked.headers["location"], headers=headers, timeout=10).json()
            if erasure["complete"]:
                break
            assert time.monotonic() < begun + SOON, erasure
            time.sleep(0.1)
        assert version() == before
