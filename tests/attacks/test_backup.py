"""Backups taken while events arrive, and incomplete copies."""

import json
import subprocess
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from conftest import Installation
from moto.server import ThreadedMotoServer
from server import BINARY, Server, rollcall, serve

COPIES = 4
BUSY = {
    "ROLLCALL_ARCHIVE_SETTLE_SECS": "0",
    "ROLLCALL_ARCHIVE_ROUND_SECS": "1",
    "ROLLCALL_ARCHIVE_GRACE_SECS": "0",
    "ROLLCALL_ARCHIVE_MERGE_FILES": "2",
}
START = (datetime.now(timezone.utc) - timedelta(hours=2)).replace(second=0, microsecond=0)


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


def body(instance: int) -> str:
    """An ended meeting with two minutes of one participant."""
    row = {
        "instance_uuid": f"copy{instance}==", "meeting_id": 1_000 + instance, "state": "past", "user_id": "1",
        "join_time": at(0),
    }
    return "".join(
        json.dumps(row | {"date_time": at(minute), "audio_input": {"latency_ms": 1 + instance % 900}}) + "\n"
        for minute in range(2)
    )


def write(server: Server, stop: threading.Event, acknowledged: list[int]) -> None:
    instance = 0
    while not stop.is_set():
        answer = server.answer("POST /ingest/v1/qos", data=body(instance))
        if answer.status == 200 and answer.body["complete"]:
            acknowledged.append(instance)
        instance += 1


def stored(data: Path) -> set[str]:
    """The instances of which both minutes are stored."""
    query = "SELECT instance_uuid FROM qos_minutes GROUP BY 1 HAVING count(*) = 2"
    return set(rollcall(data, "sql", "--account", "acme", "--format", "csv", query).split()[1:])


def test_copies_taken_under_load_are_whole(installation: Installation, tmp_path: Path) -> None:
    target = tmp_path / "copies"
    made: list[tuple[int, str]] = []
    with serve(installation.data, **BUSY) as server:
        server.token = installation.acme
        stop, acknowledged = threading.Event(), []
        writer = threading.Thread(target=write, args=(server, stop, acknowledged))
        writer.start()
        try:
            for _ in range(COPIES):
                stop.wait(0.7)
                before = len(acknowledged)
                made.append((before, rollcall(installation.data, "backup", str(target), "--verify", "--json")))
        finally:
            stop.set()
            writer.join()
    for copy, (before, printed) in enumerate(made):
        summary = json.loads(printed)
        assert summary["verified"] and before > 0
        restored = tmp_path / f"restored{copy}"
        rollcall(restored, "restore", str(target), "--backup", summary["name"])
        rollcall(restored, "doctor", "--deep")
        missing = {f"copy{instance}==" for instance in acknowledged[:before]} - stored(restored)
        assert not missing, f"copy {copy}: {len(missing)} of {before} acknowledged instances are missing"


def test_a_damaged_copy_is_refused_by_name(installation: Installation, tmp_path: Path) -> None:
    target = tmp_path / "copies"
    name = json.loads(rollcall(installation.data, "backup", str(target), "--json"))["name"]
    database = target / "backups" / name / "database.zst"
    whole = database.read_bytes()
    database.write_bytes(whole[:-1])
    restored = tmp_path / "restored"
    done = subprocess.run(
        [str(BINARY), "--data", str(restored), "restore", str(target)],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 1 and f"backup {name} is damaged" in done.stderr, done.stderr
    assert not restored.exists()
    database.write_bytes(whole)
    rollcall(restored, "restore", str(target))
    assert (restored.stat().st_mode & 0o777, (restored / "rollcall.db").stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_bucket_holds_copies_too(tmp_path: Path) -> None:
    data, restored = tmp_path / "data", tmp_path / "restored"
    rollcall(data, "sim", "--seed", "7", "--people", "4", "--days", "1", "--meetings-per-day", "2")
    rollcall(data, "archive", "seal")
    query = "SELECT count(*), sum(audio_output_bitrate_bps) FROM qos_minutes"
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    try:
        url = "http://{}:{}".format(*store.get_host_and_port())
        # The server does not have the credentials: the command has them.
        credentials = {
            "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "a-secret",
        }
        client = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="a-secret"
        )
        client.create_bucket(Bucket="copies")
        with serve(data):
            first = json.loads(rollcall(data, "backup", "s3://copies/here", "--verify", "--json", **credentials))
            assert first["verified"] and first["copied_files"] > 0
        second = json.loads(rollcall(data, "backup", "s3://copies/here", "--keep", "1", "--json", **credentials))
        assert (second["copied_files"], second["pruned"]) == (0, [first["name"]])
        rollcall(data, "backups", "verify", "s3://copies/here", **credentials)
        rollcall(restored, "restore", "s3://copies/here", **credentials)
        keys = [item["Key"] for item in client.list_objects_v2(Bucket="copies")["Contents"]]
    finally:
        store.stop()
    assert rollcall(restored, "sql", query) == rollcall(data, "sql", query)
    assert all(first["name"] not in key for key in keys), keys
