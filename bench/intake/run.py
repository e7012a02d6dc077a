"""Takes the same lines into Rollcall over HTTP and, without HTTP, into other engines, all durably; prints minutes a second.

run.py --rollcall PROGRAM [--lines N] [--participants N] [--rounds N] [--dir FOLDER] [ENGINE...]

Engines: rollcall, duckdb, chdb, postgres; all where none is named. Each round takes every engine in turn, on fresh data.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import lines

HERE = Path(__file__).resolve().parent
AUDIO = (("bitrate_bps", "int"), ("latency_ms", "int"), ("jitter_ms", "int"), ("avg_loss_percent", "real"),
         ("max_loss_percent", "real"))  # fmt: skip
PICTURE = (*AUDIO, ("resolution_width_px", "int"), ("resolution_height_px", "int"), ("frame_rate_fps", "real"))
KEYS = (("instance_uuid", "text"), ("meeting_id", "big"), ("user_id", "text"), ("join_time", "time"), ("date_time", "time"))
CONNECTIONS = 2


def values() -> list[tuple[str, str, str]]:
    """Stream, value and type of each column beside the keys."""
    return [(name, value, kind) for name, picture in lines.STREAMS for value, kind in (PICTURE if picture else AUDIO)]


def rollcall(file: Path, folder: Path, program: str) -> float:
    """Over HTTP, each connection a part of the file; the client does little more than `sendfile`."""
    token = subprocess.run([program, "--data", folder / "data", "token", "create", "--scopes", "ingest:write"],
                           check=True, capture_output=True, text=True).stdout.strip()  # fmt: skip
    server = subprocess.Popen([program, "--data", folder / "data", "serve", "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    assert server.stdout
    try:
        listening = re.search(r"http://([\d.]+):(\d+)", server.stdout.readline())
        assert listening, "the server did not start"
        address = (listening[1], int(listening[2]))
        size = file.stat().st_size
        ends = [line_end(file, size * part // CONNECTIONS) for part in range(CONNECTIONS)] + [size]
        answers: list[str] = []

        def send(begin: int, end: int) -> None:
            with socket.create_connection(address) as connection, file.open("rb") as source:
                head = (f"POST /ingest/v1/qos HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
                        f"Content-Length: {end - begin}\r\nConnection: close\r\n\r\n")  # fmt: skip
                connection.sendall(head.encode())
                connection.sendfile(source, begin, end - begin)
                answers.append(b"".join(iter(lambda: connection.recv(65536), b"")).decode())

        senders = [threading.Thread(target=send, args=part) for part in zip(ends, ends[1:])]
        started = time.perf_counter()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        took = time.perf_counter() - started
        taken = sum(int(match[1]) for answer in answers if (match := re.search(r'"taken":(\d+)', answer)))
        assert taken == count_lines(file), answers
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
        print(f"  rollcall held {int(peak[1]) // 1024 if peak else '?'} MB at most", file=sys.stderr)
        return took
    finally:
        server.terminate()
        server.wait()


def line_end(file: Path, at: int) -> int:
    """The first beginning of a line at `at` or later."""
    if at == 0:
        return 0
    with file.open("rb") as source:
        source.seek(at - 1)
        source.readline()
        return source.tell()


def count_lines(file: Path) -> int:
    with file.open("rb") as source:
        return sum(block.count(b"\n") for block in iter(lambda: source.read(1 << 20), b""))


def duckdb(file: Path, folder: Path) -> float:
    import duckdb as engine

    types = {"int": "UINTEGER", "big": "BIGINT", "real": "FLOAT", "text": "VARCHAR", "time": "TIMESTAMPTZ"}
    columns = [f"{name} {types[kind]}" for name, kind in KEYS]
    columns += [f"{stream}_{value} {types[kind]}" for stream, value, kind in values()]
    structs = [f"{name}: '{types[kind]}'" for name, kind in KEYS]
    for name, picture in lines.STREAMS:
        fields = ", ".join(f"{value} {types[kind]}" for value, kind in (PICTURE if picture else AUDIO))
        structs.append(f"{name}: 'STRUCT({fields})'")
    select = [name for name, _ in KEYS] + [f"{stream}.{value}" for stream, value, _ in values()]
    database = engine.connect(str(folder / "minutes.duckdb"), config={"threads": 2})
    database.execute(f"CREATE TABLE minutes ({', '.join(columns)})")
    started = time.perf_counter()
    database.execute(
        f"INSERT INTO minutes SELECT {', '.join(select)} FROM read_json('{file}', format = 'newline_delimited', "
        f"columns = {{{', '.join(structs)}}})"
    )
    database.execute("CHECKPOINT")
    took = time.perf_counter() - started
    assert database.execute("SELECT count(*) FROM minutes").fetchone() == (count_lines(file),)
    database.close()
    return took


def chdb(file: Path, folder: Path) -> float:
    from chdb import session as engine

    types = {"int": "UInt32", "big": "Int64", "real": "Float32", "text": "String", "time": "DateTime('UTC')"}
    columns = [f"{name} {types[kind]}" for name, kind in KEYS]
    columns += [f"{stream}_{value} {types[kind]}" for stream, value, kind in values()]
    structure = [f"{name} {types[kind]}" for name, kind in KEYS]
    for name, picture in lines.STREAMS:
        fields = ", ".join(f"{value} {types[kind]}" for value, kind in (PICTURE if picture else AUDIO))
        structure.append(f"{name} Tuple({fields})")
    select = [name for name, _ in KEYS] + [f"{stream}.{value}" for stream, value, _ in values()]
    shape = ", ".join(structure).replace("'", "\\'")
    session = engine.Session(str(folder / "chdb"))
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query(
        f"CREATE TABLE bench.minutes ({', '.join(columns)}) ENGINE = MergeTree ORDER BY (instance_uuid, user_id, date_time) "
        "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    started = time.perf_counter()
    session.query(
        f"INSERT INTO bench.minutes SELECT {', '.join(select)} FROM file('{file}', 'JSONEachRow', '{shape}') "
        "SETTINGS date_time_input_format = 'best_effort', max_threads = 2, max_insert_threads = 2"
    )
    took = time.perf_counter() - started
    counted = str(session.query("SELECT count() FROM bench.minutes", "CSV")).strip()
    assert int(counted) == count_lines(file), counted
    session.close()
    return took


def postgres(file: Path, folder: Path) -> float:
    """A cluster of its own. The lines go into a temporary table as they are, and from there into the columns."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert programs, "PostgreSQL's programs are missing: apt-get install postgresql"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    cluster = folder / "cluster"
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        cluster.mkdir()
        shutil.chown(cluster, "postgres")
        for parent in (folder, *folder.parents):
            parent.chmod(parent.stat().st_mode | 0o111)

    def run(program: str, *arguments: str, **options: object) -> None:
        command = [*as_user, str(programs[-1] / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **options)  # type: ignore[call-overload]

    types = {"int": "integer", "big": "bigint", "real": "real", "text": "text", "time": "timestamptz"}
    columns = [f"{name} {types[kind]}" for name, kind in KEYS]
    columns += [f"{stream}_{value} {types[kind]}" for stream, value, kind in values()]
    select = [f"(line->>'{name}')::{types[kind]}" for name, kind in KEYS]
    select += [f"(line->'{stream}'->>'{value}')::{types[kind]}" for stream, value, kind in values()]
    run("initdb", "-D", str(cluster), "--auth=trust", "--no-sync")
    run("pg_ctl", "-D", str(cluster), "-w", "-l", str(cluster / "log"), "-o",
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=1GB -c max_wal_size=8GB",
        "start")  # fmt: skip
    try:
        def sql(*statements: str, **options: object) -> None:
            commands = [word for statement in statements for word in ("-c", statement)]
            run("psql", "-h", "127.0.0.1", "-p", port, "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1", *commands, **options)

        sql(f"CREATE TABLE minutes ({', '.join(columns)})")
        started = time.perf_counter()
        with file.open("rb") as source:
            # The delimiter and the quote occur in no line, so that each is one value.
            sql("CREATE TEMPORARY TABLE arrived (line json)",
                "COPY arrived FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')",
                f"INSERT INTO minutes SELECT {', '.join(select)} FROM arrived", stdin=source)  # fmt: skip
        return time.perf_counter() - started
    finally:
        run("pg_ctl", "-D", str(cluster), "-m", "immediate", "stop")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollcall", required=True)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--participants", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dir", type=Path, default=Path(os.environ.get("ROLLCALL_BENCH_DIR", "/tmp/rollcall-bench")) / "intake")
    parser.add_argument("engines", nargs="*", metavar="ENGINE")
    asked = parser.parse_args()
    engines: dict[str, Callable[[Path, Path], float]] = {
        "rollcall": lambda file, folder: rollcall(file, folder, asked.rollcall),
        "duckdb": duckdb,
        "chdb": chdb,
        "postgres": postgres,
    }
    chosen = asked.engines or list(engines)
    asked.dir.mkdir(parents=True, exist_ok=True)
    file = asked.dir / f"{asked.lines}-{asked.participants}.ndjson"
    if not file.exists():
        unfinished = file.with_suffix(".new")
        lines.main(asked.lines, asked.participants, str(unfinished))
        unfinished.rename(file)
    took: dict[str, list[float]] = {engine: [] for engine in chosen}
    for _ in range(asked.rounds):
        for engine in chosen:
            folder = asked.dir / engine
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            os.sync()
            took[engine].append(engines[engine](file, folder))
            shutil.rmtree(folder, ignore_errors=True)
    rates = {engine: asked.lines / statistics.median(seconds) for engine, seconds in took.items()}
    bytes_per_line = file.stat().st_size / asked.lines
    print(f"{asked.lines:,} minutes of {bytes_per_line:.0f} bytes, {asked.participants:,} participants, {asked.rounds} rounds\n")
    print("| engine | minutes a second | Rollcall's over it |\n|---|---|---|")
    for engine, rate in rates.items():
        ratio = f"{rates['rollcall'] / rate:.2f}" if "rollcall" in rates else "-"
        print(f"| {engine} | {rate:,.0f} | {ratio} |")


if __name__ == "__main__":
    main()
