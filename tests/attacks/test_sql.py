"""Queries that would stop a server: functions that take minutes, unlimited memory, unread results, long queues."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from conftest import Installation
from server import BINARY, Server, rollcall, serve

# How long a query may run in these tests, and how much longer on a busy machine.
DEADLINE = 2
SLACK = 5
SETTINGS = {"ROLLCALL_SQL_SECONDS": str(DEADLINE), "ROLLCALL_SERVER_DRAIN_TIMEOUT_SECS": "1"}

# One step of SQLite's machine that takes seconds, 150 times.
STUCK = (
    "with b(x) as materialized (select replace(hex(zeroblob(125000)),'0','aaaa')),"
    " n(y) as materialized (select substr(x,1,500000)||'b' from b) select "
    + "+".join(f"instr(x||'{term}',y)" for term in range(150))
    + " from b,n"
)
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
# Half a megabyte of text that no index, cache or optimisation shortens.
LONG = "with t(x) as materialized (select replace(hex(zeroblob(125000)),'0','ab')) select "

SLOW_FUNCTIONS = {
    "instr": STUCK,
    "like": LONG + "+".join(f"(x||'{n}' like '%' || substr(x, 1, 450) || 'c%')" for n in range(150)) + " from t",
    "replace": LONG + "+".join(f"length(replace(x||'{n}', substr(x,1,200000)||'c', ''))" for n in range(150)) + " from t",
    "recursion": ENDLESS,
    "sort": "with recursive n(x) as (select 1 union all select x + 1 from n limit 1000000000) select x from n order by -x",
    "cross join": "select count(*) from json_each('[' || replace(hex(zeroblob(50000)), '0', '1,') || '1]') a,"
    " json_each('[' || replace(hex(zeroblob(50000)), '0', '1,') || '1]') b",
    "group_concat": "with recursive n(x) as (select 1 union all select x + 1 from n) select max(l) from"
    " (select length(group_concat(x)) l from n group by x / 100)",
    "printf": "with recursive n(x) as (select 1 union all select x + 1 from n)"
    " select max(length(printf('%.900000c%d', 'x', x))) from n",
}


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    with serve(installation.data, **SETTINGS) as running:
        running.token = installation.acme
        yield running


def ask(server: Server, query: str, token: str | None = None, timeout: float = 60) -> requests.Response:
    headers = {"Authorization": f"Bearer {token or server.token}"}
    return requests.post(f"{server.url}/api/v1/sql", json={"query": query}, headers=headers, timeout=timeout)


def seconds(work) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def workers(pid: int) -> list[int]:
    """The processes that run queries, whichever thread of the server started them."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            pass
    return found


def resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024


@contextmanager
def process(installation: Installation, **environment: str) -> Iterator[tuple[subprocess.Popen[str], Server]]:
    """A server whose process the test ends itself."""
    log = installation.data.with_suffix(".log").open("w")
    running = subprocess.Popen(
        [str(BINARY), "--data", str(installation.data), "serve", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=installation.data.parent,
        env=os.environ | SETTINGS | environment,
    )
    try:
        assert running.stdout
        url = running.stdout.readline().split()[-1]
        yield running, Server(url, installation.data, running, installation.acme)
    finally:
        running.kill()
        running.wait()
        log.close()


@pytest.mark.parametrize("function", SLOW_FUNCTIONS)
def test_no_function_outlasts_the_deadline(server: Server, function: str) -> None:
    begun = time.monotonic()
    answer = ask(server, SLOW_FUNCTIONS[function])
    took = time.monotonic() - begun
    # A machine that is fast enough may return a result; none may take longer.
    assert took < DEADLINE + SLACK, f"{function}: {answer.status_code} after {took:.1f} s"
    if answer.status_code == 400:
        assert "stopped" in answer.json()["message"], answer.text
    assert ask(server, "select 1").json()["rows"] == [[1]]


def test_stuck_queries_of_one_account_do_not_stop_another(installation: Installation, server: Server) -> None:
    statuses: list[int] = []
    for number in range(24):
        query = STUCK if number % 2 else ENDLESS
        threading.Thread(target=swallow, args=(server, query, installation.evil, statuses), daemon=True).start()
    time.sleep(1)
    # The attacker has the maximum number of queries waiting, and gets an error that says so.
    assert 429 in statuses and set(statuses) == {429}, statuses
    waits = [seconds(lambda: ask(server, "select 1").raise_for_status()) for _ in range(20)]
    assert max(waits) < 3, waits


def test_memory_is_bounded_for_each_query(installation: Installation) -> None:
    hungry = (
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 100000)"
        " select sum(length(y)) from (select replace(hex(zeroblob(100000)), '0', 'ab') || x y from n order by y desc)"
    )
    with process(installation) as (running, server):
        ask(server, "select 1").raise_for_status()
        most = {"server": 0.0, "worker": 0.0}
        with ThreadPoolExecutor(6) as attackers:
            attacks = [attackers.submit(ask, server, hungry, installation.evil) for _ in range(6)]
            while not all(attack.done() for attack in attacks):
                most["server"] = max(most["server"], resident_mb(running.pid))
                most["worker"] = max([most["worker"], *map(resident_mb, workers(running.pid))])
                time.sleep(0.05)
        messages = [attack.result().json()["message"] for attack in attacks]
        assert all("stopped" in message or "waiting" in message for message in messages), messages
        assert any("memory" in message for message in messages), messages
        assert most["server"] < 300 and most["worker"] < 450, most
        assert ask(server, "select 1").status_code == 200


def test_answers_that_nobody_reads_hold_little_and_end(installation: Installation) -> None:
    # 16 MiB of values, six times as long in JSON.
    query = (
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 16)"
        " select replace(hex(zeroblob(499000)), '00', char(1) || char(1)) from n"
    )
    with process(installation) as (running, server):
        before = resident_mb(running.pid)
        address = urlsplit(server.url)
        held = []
        for _ in range(60):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((address.hostname, address.port))
            body = json.dumps({"query": query}).encode()
            head = (
                f"POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {installation.evil}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
            held.append(connection)
        most = 0.0
        for _ in range(20):
            most = max(most, resident_mb(running.pid) - before)
            assert ask(server, "select 1").status_code == 200
            time.sleep(0.25)
        assert most < 150, f"{most:.0f} MB for 60 answers that nobody reads"
        for connection in held:
            connection.close()


def test_an_answer_that_is_stopped_after_it_began_is_broken_off(server: Server) -> None:
    query = (
        "with recursive n(x) as (select 1 union all select x + 1 from n)"
        " select printf('%.1000c', 'x') from n limit 99999"
    )
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        assert len(ask(server, query).content) < 0
    assert ask(server, "select 1").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stuck_query_does_not_keep_the_process(installation: Installation, number: signal.Signals) -> None:
    with process(installation, ROLLCALL_SERVER_DRAIN_TIMEOUT_SECS="3") as (running, server):
        ask(server, "select 1").raise_for_status()
        attackers = [threading.Thread(target=swallow, args=(server, STUCK)) for _ in range(2)]
        for attacker in attackers:
            attacker.start()
        time.sleep(1)
        stuck = workers(running.pid)
        assert stuck
        running.send_signal(number)
        running.wait(3 + SLACK)
        assert all(not Path(f"/proc/{pid}/fd").exists() or is_gone(pid) for pid in stuck)
    # The port and the lock on the minutes are free.
    with serve(installation.data) as again:
        again.token = installation.acme
        assert ask(again, "select 1").status_code == 200


def test_a_second_signal_ends_at_once(installation: Installation) -> None:
    with process(installation, ROLLCALL_SERVER_DRAIN_TIMEOUT_SECS="60") as (running, server):
        attacker = threading.Thread(target=swallow, args=(server, STUCK))
        attacker.start()
        time.sleep(1)
        running.terminate()
        time.sleep(1)
        assert running.poll() is None, "a running request may end"
        running.terminate()
        running.wait(SLACK)


def test_workers_end_with_a_server_that_is_killed(installation: Installation) -> None:
    with process(installation) as (running, server):
        attacker = threading.Thread(target=swallow, args=(server, STUCK))
        attacker.start()
        time.sleep(1)
        stuck = workers(running.pid)
        assert stuck
        running.kill()
        running.wait()
        until = time.monotonic() + SLACK
        while time.monotonic() < until and not all(is_gone(pid) for pid in stuck):
            time.sleep(0.05)
        assert all(is_gone(pid) for pid in stuck), stuck


def test_the_command_line_ends_in_time_too(installation: Installation) -> None:
    command = [str(BINARY), "--data", str(installation.data), "sql", "--account", "acme", "--seconds", "2", STUCK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 + 2 * SLACK, check=False)
    assert done.returncode == 1 and "stopped after 2 seconds" in done.stderr, done.stderr


def test_the_command_line_bounds_memory_too(installation: Installation) -> None:
    hungry = (
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 100000)"
        " select sum(length(y)) from (select replace(hex(zeroblob(100000)), '0', 'ab') || x y from n order by y desc)"
    )
    command = [str(BINARY), "--data", str(installation.data), "sql", "--account", "acme", hungry]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1 and "1024 MiB of memory" in done.stderr, done.stderr


def test_a_damaged_archive_is_no_fault_of_the_query(installation: Installation) -> None:
    rollcall(installation.data, "sim", "--account", "acme", "--sized", "meeting:5:10", "--seed", "1")
    rollcall(installation.data, "archive", "seal")
    files = list((installation.data / "archive").rglob("*.parquet"))
    assert files
    for file in files:
        file.write_bytes(b"damaged" * 100)
    with serve(installation.data) as server:
        server.token = installation.acme
        answer = ask(server, "select count(*), max(audio_input_latency_ms) from qos_minutes")
        assert answer.status_code in (500, 503), answer.text
        assert "parquet" not in answer.text and str(installation.data) not in answer.text, answer.text
        assert "parquet" in installation.data.with_suffix(".log").read_text()


def test_csv_has_no_formulas_unless_asked(server: Server) -> None:
    query = "select '=cmd|''/C calc''!A0' a, '+1' b, '-1' c, '@x' d, char(9) || 'e' e, -1 f, -1.5 g, 'h' h"
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "text/csv"}
    url = f"{server.url}/api/v1/sql"
    guarded = requests.post(url, json={"query": query}, headers=headers, timeout=30).text
    assert guarded.splitlines()[1] == "'=cmd|'/C calc'!A0,'+1,'-1,'@x,'\te,-1,-1.5,h"
    raw = requests.post(url, json={"query": query}, headers=headers, params={"raw_csv": "true"}, timeout=30).text
    assert raw.splitlines()[1] == "=cmd|'/C calc'!A0,+1,-1,@x,\te,-1,-1.5,h"
    arguments = ("sql", "--account", "acme", "--format", "csv", query)
    assert rollcall(server.data, *arguments).splitlines()[1].startswith("'=cmd")
    assert rollcall(server.data, *arguments, "--raw-csv").splitlines()[1].startswith("=cmd")


def swallow(server: Server, query: str, token: str | None = None, statuses: list[int] | None = None) -> None:
    try:
        status = ask(server, query, token).status_code
        if statuses is not None:
            statuses.append(status)
    except requests.exceptions.RequestException:
        pass


def is_gone(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    return "State:\tZ" in status
