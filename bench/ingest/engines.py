"""Other engines: each loads the lines into a table of the same columns, durably, in the best way that its documentation
recommends for bulk loads. Each function returns the time that it took, in seconds."""

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import lines

AUDIO = (("bitrate_bps", "int"), ("latency_ms", "int"), ("jitter_ms", "int"), ("avg_loss_percent", "real"),
         ("max_loss_percent", "real"))  # fmt: skip
PICTURE = (*AUDIO, ("resolution_width_px", "int"), ("resolution_height_px", "int"), ("frame_rate_fps", "real"))
KEYS = (("instance_uuid", "text"), ("meeting_id", "big"), ("user_id", "text"), ("join_time", "time"), ("date_time", "time"))
CORES = 2


def fields(picture: bool) -> tuple[tuple[str, str], ...]:
    return PICTURE if picture else AUDIO


def table(types: dict[str, str]) -> str:
    """The columns: the keys, and each value of each stream."""
    columns = [f"{name} {types[kind]}" for name, kind in KEYS]
    columns += [f"{name}_{value} {types[kind]}" for name, picture in lines.STREAMS for value, kind in fields(picture)]
    return ", ".join(columns)


def selected(line: str = "") -> str:
    """The columns' values, in their order, from a row with the structure of a line."""
    of = f"({line})." if line else ""
    columns = [f"{of}{name}" for name, _ in KEYS]
    for name, picture in lines.STREAMS:
        stream = f"({of}{name})" if line else name
        columns += [f"{stream}.{value}" for value, _ in fields(picture)]
    return ", ".join(columns)


# The key of a minute, the same as Rollcall's.
KEY = "instance_uuid, user_id, join_time, date_time"


def duckdb(file: Path, folder: Path, count: int) -> float:
    """One statement on both cores, in any order of rows, as the guide to loading recommends; then a checkpoint. Rows are
    appended: a minute that is loaded again would be stored twice."""
    return load_duckdb(file, folder, count, keyed=False)


def duckdb_keyed(file: Path, folder: Path, count: int) -> float:
    """The same into a table with a key, in which a minute that is loaded again replaces the earlier one."""
    return load_duckdb(file, folder, count, keyed=True)


def load_duckdb(file: Path, folder: Path, count: int, keyed: bool) -> float:
    import duckdb as engine

    types = {"int": "UINTEGER", "big": "BIGINT", "real": "FLOAT", "text": "VARCHAR", "time": "TIMESTAMPTZ"}
    shape = [f"{name}: '{types[kind]}'" for name, kind in KEYS]
    for name, picture in lines.STREAMS:
        shape.append(f"{name}: 'STRUCT({', '.join(f'{value} {types[kind]}' for value, kind in fields(picture))})'")
    database = engine.connect(str(folder / "minutes.duckdb"), config={"threads": CORES})
    database.execute("SET preserve_insertion_order = false")
    key, insert = (f", PRIMARY KEY ({KEY})", "INSERT OR REPLACE") if keyed else ("", "INSERT")
    database.execute(f"CREATE TABLE minutes ({table(types)}{key})")
    started = time.perf_counter()
    database.execute(
        f"{insert} INTO minutes SELECT {selected()} FROM read_json('{file}', format = 'newline_delimited', "
        f"columns = {{{', '.join(shape)}}})"
    )
    database.execute("CHECKPOINT")
    took = time.perf_counter() - started
    assert database.execute("SELECT count(*) FROM minutes").fetchone() == (count,)
    database.close()
    return took


def chdb(file: Path, folder: Path, count: int) -> float:
    """ClickHouse's engine: one statement, lines parsed on both cores, parts of its table synced."""
    from chdb import session as engine

    types = {"int": "UInt32", "big": "Int64", "real": "Float32", "text": "String", "time": "DateTime('UTC')"}
    shape = [f"{name} {types[kind]}" for name, kind in KEYS]
    for name, picture in lines.STREAMS:
        shape.append(f"{name} Tuple({', '.join(f'{value} {types[kind]}' for value, kind in fields(picture))})")
    quoted = ", ".join(shape).replace("'", "\\'")
    session = engine.Session(str(folder / "chdb"))
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query(
        f"CREATE TABLE bench.minutes ({table(types)}) ENGINE = MergeTree ORDER BY (instance_uuid, user_id, date_time) "
        "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    started = time.perf_counter()
    session.query(
        f"INSERT INTO bench.minutes SELECT {selected()} FROM file('{file}', 'JSONEachRow', '{quoted}') "
        f"SETTINGS date_time_input_format = 'best_effort', max_threads = {CORES}, max_insert_threads = {CORES}"
    )
    took = time.perf_counter() - started
    counted = str(session.query("SELECT count() FROM bench.minutes", "CSV")).strip()
    assert int(counted) == count, counted
    session.close()
    return took


def postgres(file: Path, folder: Path, count: int) -> float:
    """A cluster of its own. Two sessions copy a half of the lines each into a temporary table, and from there into the
    columns; `json_populate_record` reads a line once, ten times as fast as an arrow for each column."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert programs, "PostgreSQL's programs are missing: apt-get install postgresql"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    cluster = folder / "cluster"
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        as_user = ["runuser", "-u", "postgres", "--"]
        cluster.mkdir()
        shutil.chown(cluster, "postgres")
        for parent in (folder, *folder.parents):
            parent.chmod(parent.stat().st_mode | 0o111)

    def run(program: str, *arguments: str, **options: object) -> str:
        command = [*as_user, str(programs[-1] / program), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd="/", **options).stdout  # type: ignore[call-overload]

    def sql(*statements: str, **options: object) -> str:
        commands = [word for statement in statements for word in ("-c", statement)]
        of_cluster = ["-h", "127.0.0.1", "-p", port, "-d", "postgres"]
        return run("psql", *of_cluster, "-XAtq", "-v", "ON_ERROR_STOP=1", *commands, **options)

    types = {"int": "integer", "big": "bigint", "real": "real", "text": "text", "time": "timestamptz"}
    shapes = {picture: ", ".join(f"{value} {types[kind]}" for value, kind in fields(picture)) for picture in (False, True)}
    told = [f"{name} {types[kind]}" for name, kind in KEYS]
    told += [f"{name} {'picture' if picture else 'sound'}" for name, picture in lines.STREAMS]
    run("initdb", "-D", str(cluster), "--auth=trust", "--no-sync")
    # What its guide to populating a database recommends for memory and the log.
    settings = "-c shared_buffers=1GB -c max_wal_size=8GB -c wal_level=minimal -c max_wal_senders=0"
    listen = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    run("pg_ctl", "-D", str(cluster), "-w", "-l", str(cluster / "log"), "-o", f"{listen} {settings}", "start")
    try:
        sql(f"CREATE TYPE sound AS ({shapes[False]})", f"CREATE TYPE picture AS ({shapes[True]})",
            f"CREATE TYPE told AS ({', '.join(told)})", f"CREATE TABLE minutes ({table(types)})")  # fmt: skip

        def load(half: Path) -> None:
            with half.open("rb") as source:
                # The delimiter and the quote occur in no line, so that each is one value.
                sql("CREATE TEMPORARY TABLE arrived (line json)",
                    "COPY arrived FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')",
                    f"INSERT INTO minutes SELECT {selected('told')} FROM arrived, json_populate_record(NULL::told, line) told",
                    stdin=source)  # fmt: skip

        loads = [threading.Thread(target=load, args=[half]) for half in lines.parts(file, CORES)]
        started = time.perf_counter()
        for thread in loads:
            thread.start()
        for thread in loads:
            thread.join()
        took = time.perf_counter() - started
        counted = sql("SELECT count(*) FROM minutes").strip()
        assert int(counted) == count, counted
        return took
    finally:
        run("pg_ctl", "-D", str(cluster), "-m", "immediate", "stop")
