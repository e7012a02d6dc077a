"""Clients that occupy connections, memory or workers for as long as they can."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from conftest import Installation
from hostile import (
    MOST_BYTES,
    attack,
    connect,
    is_open,
    largest_asset,
    never_reads,
    resident_bytes,
    seconds_to_answer,
    tools_request,
)
from server import BINARY, Server, rollcall, serve


@pytest.fixture
def patient(installation: Installation) -> Iterator[Server]:
    """A server that abandons unread responses after two seconds."""
    with serve(installation.data, ROLLCALL_SERVER_WRITE_TIMEOUT_SECS="2") as server:
        server.token = installation.acme
        yield server


def test_a_client_that_never_reads_loses_its_connection(patient: Server) -> None:
    asset = largest_asset(patient)
    request = f"GET {asset} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n".encode()
    with connect(patient, receive_bytes=4096) as connection:
        connection.sendall(request * 20)
        deadline = time.monotonic() + 20
        while is_open(connection):
            assert time.monotonic() < deadline, "the server keeps a connection that nobody reads"
            time.sleep(0.2)


def test_unread_answers_do_not_fill_the_memory(server: Server) -> None:
    before = resident_bytes(server)
    with attack(
        never_reads(server, tools_request(), 150, "127.0.0.2"), never_reads(server, tools_request(), 150, "127.0.0.3")
    ):
        end, most = time.monotonic() + 8, 0
        while time.monotonic() < end:
            assert seconds_to_answer(server, "/healthz") < 5
            most = max(most, resident_bytes(server))
            time.sleep(0.2)
    assert most < MOST_BYTES, f"{before >> 20} MB before, {most >> 20} MB under attack"


def test_one_address_cannot_take_all_connections(server: Server) -> None:
    held = []
    refused = False
    for _ in range(400):
        connection = connect(server, "127.0.0.2")
        held.append(connection)
    time.sleep(0.5)
    for connection in held:
        connection.settimeout(0)
        with suppress(BlockingIOError, ConnectionResetError):
            refused |= connection.recv(64).startswith(b"HTTP/1.1 429")
    assert refused, "400 connections of one address were all served"
    assert seconds_to_answer(server, "/healthz") < 5
    for connection in held:
        connection.close()


def test_idle_connections_make_room(installation: Installation) -> None:
    limits = {"ROLLCALL_SERVER_MAX_CONNECTIONS": "50", "ROLLCALL_SERVER_MAX_CONNECTIONS_PER_CLIENT": "50"}
    with serve(installation.data, **limits) as server:
        server.token = installation.acme
        held = [connect(server, "127.0.0.2") for _ in range(50)]
        time.sleep(1.5)
        for _ in range(5):
            assert seconds_to_answer(server, "/healthz") < 8
        for connection in held:
            connection.close()


def test_forwarded_clients_are_told_apart_only_by_trusted_proxies(installation: Installation) -> None:
    with serve(installation.data) as server:
        server.token = installation.acme
        headers = {"X-Forwarded-For": "198.51.100.7"}
        # Metrics are for this machine: a trusted proxy forwards others' requests, an untrusted one sends only its own.
        assert server.answer("GET /metrics", headers=headers).status == 200
    with serve(installation.data, ROLLCALL_SERVER_TRUSTED_PROXIES="127.0.0.0/8") as server:
        server.token = installation.acme
        assert server.answer("GET /metrics", headers=headers).status == 403


def test_slow_bodies_of_one_account_do_not_starve_another(installation: Installation) -> None:
    with serve(installation.data, ROLLCALL_INGEST_IDLE_TIMEOUT_SECS="10") as server:
        server.token = installation.acme
        head = (
            "POST /ingest/v1/qos HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            f"Content-Type: application/x-ndjson\r\nAuthorization: Bearer {installation.evil}\r\n\r\n"
        ).encode()
        slow = [connect(server, "127.0.0.2") for _ in range(12)]
        for connection in slow:
            connection.sendall(head + b"1\r\n{\r\n")
        time.sleep(0.5)
        for _ in range(3):
            answer = server.answer("POST /ingest/v1/qos", data=b"")
            assert answer.status == 200, answer.body
        for connection in slow:
            connection.close()


def test_a_low_limit_on_descriptors_leaves_the_stores_theirs(installation: Installation) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, soft), hard))
    try:
        with serve(installation.data, ROLLCALL_SERVER_MAX_CONNECTIONS_PER_CLIENT="4096") as server:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            server.token = installation.acme
            limits = Path(f"/proc/{server.process.pid}/limits").read_text()
            line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
            assert line.split()[3] == line.split()[4], "the soft limit was not raised"
            held = [connect(server, "127.0.0.2") for _ in range(600)]
            assert server.ask("POST /api/v1/sql", json={"query": "select 1 as one"})
            for connection in held:
                connection.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_health_has_a_listener_of_its_own(installation: Installation) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        health = f"127.0.0.1:{free.getsockname()[1]}"
    with serve(installation.data, ROLLCALL_SERVER_HEALTH_LISTEN=health) as server:
        server.token = installation.acme
        assert requests.get(f"http://{health}/healthz", timeout=5).text == "ok\n"
        # The first check of disk, database and archive takes a moment.
        deadline = time.monotonic() + 20
        while requests.get(f"http://{health}/readyz", timeout=5).status_code != 200:
            assert time.monotonic() < deadline, requests.get(f"http://{health}/readyz", timeout=5).text
            time.sleep(0.1)
        assert "rollcall_http_connections" in requests.get(f"http://{health}/metrics", timeout=5).text
        assert requests.get(f"http://{health}/v2/users", timeout=5).status_code == 404
        assert server.answer("GET /metrics").status == 404
        assert server.answer("GET /healthz").status == 200


def test_a_request_without_a_host_is_refused(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 400")


def test_answers_are_not_sniffed_or_cached(server: Server) -> None:
    for path in ("/v2/users", "/v1/meetings", "/api/v1/erasures", "/nowhere"):
        headers = server.answer(f"GET {path}").headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store", path
        assert "strict-transport-security" not in headers, path


def test_plain_http_on_a_public_address_is_refused(installation: Installation) -> None:
    done = refused_start(installation, "--listen", "0.0.0.0:0")
    assert "server.tls_cert" in done.stderr and "server.behind_proxy" in done.stderr, done.stderr
    assert done.returncode == 1


def refused_start(installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(BINARY), "--data", str(installation.data), "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_files_are_private_wherever_they_are(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir(mode=0o755)
    environment = {"ROLLCALL_ARCHIVE_LOCATION": str(archive), "ROLLCALL_ARCHIVE_SETTLE_SECS": "0"}
    umask = os.umask(0o022)
    try:
        rollcall(data, "sim", "--people", "20", "--days", "2", **environment)
        rollcall(data, "archive", "seal", **environment)
        with serve(data, **environment):
            pass
    finally:
        os.umask(umask)
    made = [path for folder in (data, archive) for path in folder.rglob("*")]
    assert any(path.suffix == ".parquet" for path in made), made
    open_to_others = [path for path in made if path.lstat().st_mode & 0o077]
    assert not open_to_others, open_to_others
    # The folder itself was created by somebody else, who sets its permissions.
    done = subprocess.run(
        [str(BINARY), "--data", str(data), "doctor"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    assert f"{data} (755)" in done.stdout, done.stdout
    assert done.returncode == 1


def test_temporary_files_stay_in_the_data_folder(tmp_path: Path) -> None:
    """An erasure, which rewrites the whole database, works without /tmp and /var/tmp, SQLite's default folders."""
    data = tmp_path / "data"
    rollcall(data, "sim", "--people", "20", "--days", "2")
    email = rollcall(data, "sql", "SELECT email FROM participants WHERE email <> '' LIMIT 1").splitlines()[-1]
    script = """
        set -e
        mount --bind "$1" "$1"
        for folder in /tmp /var/tmp; do mount --rbind $folder $folder; mount -o remount,bind,ro $folder; done
        ! touch /tmp/probe /var/tmp/probe 2>/dev/null
        cd "$1"
        exec "$2" --data "$1" erase --email "$3" --yes
    """
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not allow mount namespaces")
    command = [*unshare, script, "sh", str(data), str(BINARY), email]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert not list(data.glob("etilqs_*")), "temporary files were left behind"


def test_a_second_signal_ends_the_server_at_once(installation: Installation) -> None:
    with pytest.raises(AssertionError, match="did not stop well"):
        with serve(installation.data) as server:
            # A body that never ends keeps the first signal waiting for the drain timeout.
            head = f"POST /ingest/v1/qos HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nAuthorization: Bearer {installation.acme}\r\n\r\n"
            connection = connect(server)
            connection.sendall(head.encode())
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(5) == 1
