"""The archive's files: another engine reads the same numbers from them as the API returns, and a bucket works as a folder does.

DuckDB represents every engine that reads Parquet. moto, in this process, replaces S3; its objects survive when its server is
stopped and started again.
"""

import json
import random
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from server import BINARY, REPOSITORY, Server, begin, rollcall, serve

WORLD = ["--sized=meeting:12:20", "--sized=webinar:40:15", "--sized=meeting:25:7", "--until=2026-03-06T18:00:00Z"]
WINDOW = {"type": "past", "from": "2026-02-08", "to": "2026-03-08"}
STREAMS = ["audio_input", "audio_output", "video_input", "video_output", "as_input", "as_output"]
LEGS = [f"{kind}_device_{way}_{leg}" for kind in ("audio", "video", "as") for leg in ("crc", "rwg") for way in ("from", "to")]
# A key of the API, its unit there, its column, and how many of the column's units make one.
VALUES = [
    ("bitrate", " kbps", "bitrate_bps", 1000),
    ("latency", " ms", "latency_ms", 1),
    ("jitter", " ms", "jitter_ms", 1),
    ("avg_loss", "%", "avg_loss_percent", 1),
    ("max_loss", "%", "max_loss_percent", 1),
    ("frame_rate", " fps", "frame_rate_fps", 1),
]
# The API returns kilobits with two decimals.
ROUNDING_BPS = 5
BUCKET = "rollcall"
# Settings with which the server seals at once.
AT_ONCE = {"ROLLCALL_ARCHIVE_SETTLE_SECS": "0", "ROLLCALL_ARCHIVE_ROUND_SECS": "1"}
WELL_AGAIN_SECONDS = 60

Row = dict[str, Any]


def escaped(uuid: str) -> str:
    """A UUID as Zoom expects it in a path: encoded twice."""
    return quote(quote(uuid, safe=""), safe="")


def runs(server: Server) -> Iterator[tuple[str, str]]:
    """The past instances: `meetings` or `webinars`, and the UUID."""
    for kind in ("meetings", "webinars"):
        for page in server.pages(f"GET /v2/metrics/{kind}", **WINDOW):
            yield from ((kind, run["uuid"]) for run in page[kind])


def participants_of(server: Server, kind: str, uuid: str) -> list[Row]:
    pages = server.pages(f"GET /v2/metrics/{kind}/{escaped(uuid)}/participants", type="past", page_size=300)
    return [participant for page in pages for participant in page["participants"]]


def quality_of(server: Server, kind: str, uuid: str) -> list[Row]:
    pages = server.pages(f"GET /v2/metrics/{kind}/{escaped(uuid)}/participants/qos", type="past", page_size=10)
    return [participant for page in pages for participant in page["participants"]]


def rows(query: str, *values: Any) -> list[Row]:
    """DuckDB's result, row by row, with times as text."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute(query, list(values))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class Sealed:
    """A server on a sealed account, and the place of its files."""

    def __init__(self, server: Server):
        self.server = server
        self.minutes = f"read_parquet('{server.data}/archive/qos_minutes/**/*.parquet', hive_partitioning = true)"
        self.participants = f"read_parquet('{server.data}/archive/participants/**/*.parquet', hive_partitioning = true)"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    data = tmp_path_factory.mktemp("sealed") / "data"
    rollcall(data, "sim", "--seed=11", *WORLD)
    assert rollcall(data, "archive", "seal").startswith("3 instances sealed, ")
    token = rollcall(data, "token", "create", "--scopes", "all")
    with serve(data) as server:
        server.token = token
        yield Sealed(server)


def number(text: str, unit: str) -> Decimal | None:
    assert not text or text.endswith(unit), text
    return Decimal(text.removesuffix(unit)) if text else None


def assert_same_stream(api: Row | None, row: Row, stream: str) -> None:
    """One stream of one minute, from the API and from the file."""
    measured = row[f"{stream}_measured"]
    if measured is None:
        assert api is None
        return
    assert api is not None
    for key, unit, column, scale in VALUES:
        if key not in api:
            assert key == "frame_rate" and stream.startswith("audio")
            continue
        told, stored = number(api[key], unit), row[f"{stream}_{column}"]
        if told is None or stored is None:
            assert told is None and stored is None, (stream, key, told, stored)
        else:
            assert abs(told * scale - stored) <= (ROUNDING_BPS if scale > 1 else 0), (stream, key, told, stored)
        assert measured or told is None
    if "resolution" in api:
        width, height = (row[f"{stream}_resolution_{side}_px"] for side in ("width", "height"))
        assert api["resolution"] == ("" if width is None else f"{width}*{height}")


def assert_same_minute(api: Row, row: Row) -> None:
    assert api["date_time"] == row["minute"]
    for stream in STREAMS + LEGS:
        assert_same_stream(api.get(stream), row, stream)
    assert ("cpu_usage" in api) == (row["cpu_usage_measured"] is not None)
    for key, told in api.get("cpu_usage", {}).items():
        assert number(told, "%") == row[f"{key}_percent"], key
    for key, told in api.get("wifi_rssi", {}).items():
        if key != "rssi_unit":
            assert told == row[f"{key}_dbm"], key


def test_duckdb_counts_and_sums_what_the_api_tells(sealed: Sealed) -> None:
    instances = list(runs(sealed.server))
    assert len(instances) == 3
    for kind, uuid in instances:
        people, quality = participants_of(sealed.server, kind, uuid), quality_of(sealed.server, kind, uuid)
        minutes = [minute for participant in quality for minute in participant["user_qos"]]
        sums = ", ".join(
            f"sum({stream}_{column}) AS {stream}_{column}"
            for stream in STREAMS
            for key, _, column, _ in VALUES
            if key != "frame_rate" or not stream.startswith("audio")
        )
        [found] = rows(
            f"SELECT count(*) AS minutes, count(DISTINCT (user_id, join_time)) AS people, {sums} "
            f"FROM {sealed.minutes} WHERE instance_uuid = ?",
            uuid,
        )
        assert (found["minutes"], found["people"]) == (len(minutes), len(quality))
        assert len(minutes) > 100
        [archived] = rows(f"SELECT count(*) AS people FROM {sealed.participants} WHERE instance_uuid = ?", uuid)
        assert archived["people"] == len(people)
        for stream in STREAMS:
            for key, unit, column, scale in VALUES:
                told = [number(minute.get(stream, {}).get(key, ""), unit) for minute in minutes]
                told = [value for value in told if value is not None]
                stored = found.get(f"{stream}_{column}")
                if told:
                    allowed = ROUNDING_BPS * len(told) if scale > 1 else 0
                    assert abs(sum(told) * scale - stored) <= allowed, (uuid, stream, key)
                else:
                    assert stored is None


def test_duckdb_reads_whole_series_as_the_api_tells_them(sealed: Sealed) -> None:
    compared = 0
    for kind, uuid in runs(sealed.server):
        quality = quality_of(sealed.server, kind, uuid)
        for participant in (quality[0], quality[len(quality) // 2], quality[-1]):
            stored = rows(
                f"SELECT *, strftime(date_time, '%Y-%m-%dT%H:%M:%SZ') AS minute FROM {sealed.minutes} "
                "WHERE instance_uuid = ? AND user_id = ? AND strftime(join_time, '%Y-%m-%dT%H:%M:%SZ') = ? ORDER BY date_time",
                uuid,
                participant["user_id"],
                participant["join_time"],
            )
            assert len(stored) == len(participant["user_qos"])
            for api, row in zip(participant["user_qos"], stored, strict=True):
                assert_same_minute(api, row)
                assert row["kind"] == kind.removesuffix("s") and str(row["day"]) == row["minute"][:10]
                compared += 1
    assert compared > 50


def test_duckdb_reads_participants_as_the_api_tells_them(sealed: Sealed) -> None:
    texts = ["user_id", "user_name", "email", "role", "device", "os", "version", "ip_address", "location", "network_type",
             "data_center", "microphone", "leave_reason", "audio_quality", "groupId", "participant_uuid"]  # fmt: skip
    for kind, uuid in runs(sealed.server):
        told = {(person["user_id"], person["join_time"]): person for person in participants_of(sealed.server, kind, uuid)}
        stored = rows(
            "SELECT *, strftime(join_time, '%Y-%m-%dT%H:%M:%SZ') AS joined, "
            f"strftime(leave_time, '%Y-%m-%dT%H:%M:%SZ') AS gone FROM {sealed.participants} WHERE instance_uuid = ?",
            uuid,
        )
        assert len(stored) == len(told) > 0
        for row in stored:
            person = told[row["user_id"], row["joined"]]
            assert person["leave_time"] == row["gone"]
            assert [person.get(text, "") for text in texts] == [row[text] or "" for text in texts]
            assert person.get("internal_ip_addresses", []) == json.loads(row["internal_ip_addresses"] or "[]")


def test_the_documented_query_runs(sealed: Sealed) -> None:
    document = (REPOSITORY / "docs" / "archive.md").read_text()
    [query] = re.findall(r"```sql\n(.*?)```", document, re.DOTALL)
    found = rows(query.replace("'archive/", f"'{sealed.server.data}/archive/").replace("2026-03-01", "2026-02-01"))
    [measured] = rows(f"SELECT count(*) AS minutes FROM {sealed.minutes} WHERE audio_output_measured")
    assert sum(row["count_star()"] for row in found) == measured["minutes"] > 0


class Bucket:
    """An S3 server with one bucket, which can be stopped and started again."""

    def __init__(self) -> None:
        self.server = ThreadedMotoServer(port=0, verbose=False)
        self.server.start()
        host, self.port = self.server.get_host_and_port()
        self.url = f"http://{host}:{self.port}"
        self.client = boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="a-secret"
        )
        self.client.create_bucket(Bucket=BUCKET)

    def environment(self, prefix: str) -> dict[str, str]:
        """The settings for a prefix of the bucket."""
        credentials = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "a-secret", "AWS_REGION": "us-east-1"}
        location = {"ROLLCALL_ARCHIVE_LOCATION": f"s3://{BUCKET}/{prefix}", "AWS_ENDPOINT_URL": self.url}
        return credentials | location

    def tag(self, key: str) -> str | None:
        """An object's tag; None if there is no such object."""
        try:
            return self.client.head_object(Bucket=BUCKET, Key=key)["ETag"]
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404, error
            return None

    def get(self, key: str) -> bytes:
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server = ThreadedMotoServer(port=self.port, verbose=False)
        self.server.start()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    bucket = Bucket()
    yield bucket
    bucket.stop()


def listed(data: Path, environment: dict[str, str]) -> list[Row]:
    return [json.loads(line) for line in rollcall(data, "archive", "list", "--json", **environment).splitlines()]


def test_a_bucket_keeps_an_archive_as_a_folder_does(bucket: Bucket, tmp_path: Path) -> None:
    data, environment = tmp_path / "data", bucket.environment("years/kept")
    rollcall(data, "sim", "--seed=11", *WORLD, **environment)
    token = rollcall(data, "token", "create", "--scopes", "all")

    def answers() -> list[list[Row]]:
        with serve(data, **environment | {"ROLLCALL_ARCHIVE_SETTLE_SECS": "100000000"}) as server:
            server.token = token
            return [quality_of(server, kind, uuid) for kind, uuid in runs(server)]

    hot = answers()
    assert rollcall(data, "archive", "seal", **environment).startswith("3 instances sealed, ")
    files = listed(data, environment)
    assert len(files) == 6
    for file in files:
        assert len(bucket.get(f"years/kept/{file['path']}")) == file["bytes"]
    assert not (data / "archive").exists()
    assert rollcall(data, "archive", "verify", **environment) == "6 files are intact, 0 damaged"
    assert answers() == hot

    # Another engine can read a file that went through S3.
    minutes = next(file for file in files if file["table"] == "qos_minutes")
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(bucket.get(f"years/kept/{minutes['path']}"))
    assert rows(f"SELECT count(*) AS rows FROM read_parquet('{copy}')") == [{"rows": minutes["rows"]}]

    # More data of the same days, merged; replaced files are deleted from the bucket.
    rollcall(data, "sim", "--seed=12", *WORLD, **environment)
    rollcall(data, "archive", "seal", **environment)
    before = {file["path"] for file in listed(data, environment)}
    assert "merged" in rollcall(data, "archive", "compact", **environment)
    after = {file["path"] for file in listed(data, environment)}
    assert len(after) < len(before)
    assert {path for path in before | after if bucket.tag(f"years/kept/{path}")} == after
    assert rollcall(data, "archive", "verify", **environment).endswith(" intact, 0 damaged")


def lines(instance: str, participants: int, minutes: int, dice: random.Random) -> Iterator[str]:
    """Minutes of an ended instance that compress badly."""

    def stream() -> Row:
        return {"bitrate_bps": dice.randrange(2**31), "latency_ms": dice.randrange(2**31), "jitter_ms": dice.randrange(2**31)}

    for participant in range(participants):
        for minute in range(minutes):
            time_of_day = f"{10 + minute // 60:02}:{minute % 60:02}:00Z"
            line = {"instance_uuid": instance, "meeting_id": 1234567, "state": "past", "user_id": str(participant),
                    "join_time": "2026-03-01T10:00:00Z", "date_time": f"2026-03-01T{time_of_day}"}  # fmt: skip
            yield json.dumps(line | {name: stream() for name in STREAMS}) + "\n"


def ingest(server: Server, body: Iterator[str]) -> None:
    text = "".join(body)
    report = server.ask("POST /ingest/v1/qos", data=text)
    assert (report["complete"], report["refused"]) == (True, 0), report


def test_a_long_file_is_sent_in_parts(bucket: Bucket, tmp_path: Path) -> None:
    data, environment = tmp_path / "data", bucket.environment("long")
    begin(data, "long")
    token = rollcall(data, "token", "create", "--scopes", "all")
    with serve(data, **environment) as server:
        server.token = token
        ingest(server, lines("Long==", participants=260, minutes=500, dice=random.Random(1)))
        [first, *_] = quality_of(server, "meetings", "Long==")
    assert rollcall(data, "archive", "seal", **environment).startswith("1 instance sealed, 130000 minutes")
    [minutes] = [file for file in listed(data, environment) if file["table"] == "qos_minutes"]
    assert minutes["bytes"] > 8 << 20
    # The tag of an S3 object shows that it was uploaded in parts.
    assert "-" in (bucket.tag(f"long/{minutes['path']}") or "")
    assert rollcall(data, "archive", "verify", **environment) == "2 files are intact, 0 damaged"
    with serve(data, **environment) as server:
        server.token = token
        page = server.ask(f"GET /v2/metrics/meetings/{escaped('Long==')}/participants/qos?type=past&page_size=1")
        assert page["participants"] == [first]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WELL_AGAIN_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_while_s3_is_down_minutes_stay_hot_and_are_sealed_when_it_is_back(bucket: Bucket, tmp_path: Path) -> None:
    data, environment = tmp_path / "data", bucket.environment("down") | AT_ONCE
    begin(data, "down")
    token = rollcall(data, "token", "create", "--scopes", "all")
    dice = random.Random(2)
    with serve(data, **environment) as server:
        server.token = token

        def metric(name: str) -> int:
            found = re.search(rf"^rollcall_{name} (\d+)$", server.ask("GET /metrics"), re.MULTILINE)
            return int(found[1]) if found else 0

        ingest(server, lines("First==", 3, 4, dice))
        wait_until(lambda: metric("sealed_instances_total") == 1, "the first instance is sealed")
        first = quality_of(server, "meetings", "First==")
        bucket.stop()
        try:
            ingest(server, lines("Second==", 3, 4, dice))
            second = quality_of(server, "meetings", "Second==")
            assert len(second) == 3
            wait_until(lambda: metric("seal_failed_rounds_total") > 0, "sealing fails")
            assert quality_of(server, "meetings", "Second==") == second
            away = server.answer("GET /v2/metrics/meetings/First==/participants/qos?type=past")
            assert away.status >= 500 and isinstance(away.body["code"], int) and away.body["message"], away
            for command, told in (["archive", "verify"], "failed"), (["doctor"], f"PROBLEM archive: listing s3://{BUCKET}/down failed"):
                done = subprocess.run(
                    [str(BINARY), "--data", str(data), *command], capture_output=True, text=True, check=False,
                    env=environment, cwd=tmp_path,
                )  # fmt: skip
                assert done.returncode == 1 and told in done.stdout + done.stderr, done
                assert "a-secret" not in done.stdout + done.stderr
        finally:
            bucket.start()
        wait_until(lambda: metric("sealed_instances_total") == 2, "the second instance is sealed")
        assert [quality_of(server, "meetings", uuid) for uuid in ("First==", "Second==")] == [first, second]
    assert "a-secret" not in (tmp_path / "data.log").read_text()
