"""Measures SQL over the archive in Rollcall, over HTTP, and in DuckDB over the same files; compares the results.

run.py --rollcall PROGRAM [--minutes N] [--rounds N] [--dir FOLDER] [QUESTION...]

Prints for each question the median of the rounds in both, and Rollcall's divided by DuckDB's. Exits with 1 if a
result differs.
"""

import argparse
import http.client
import json
import math
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from questions import MINUTES_OF, QUESTIONS, Question

# About as many minutes as the simulated company produces.
MINUTES_A_DAY = 3_450
DAYS = 60
END = "2026-03-01T00:00:00Z"
# The targets for the ratios.
BARS = {1_000_000: 5, 10_000_000: 10}


class Rollcall:
    """A server on the data, queried over one connection."""

    def __init__(self, program: str, data: Path):
        command = [program, "--data", str(data)]
        token = subprocess.run([*command, "token", "create", "--scopes", "rollcall:sql"], check=True, capture_output=True, text=True)
        self.token = token.stdout.strip()
        environment = os.environ | {"ROLLCALL_SQL_SECONDS": "60"}
        self.process = subprocess.Popen([*command, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)  # fmt: skip
        assert self.process.stdout
        listening = re.search(r"http://([\d.]+):(\d+)", self.process.stdout.readline())
        assert listening, "the server did not start"
        self.connection = http.client.HTTPConnection(listening[1], int(listening[2]), timeout=120)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                self.ask("SELECT 1")
                break
            except RuntimeError:
                time.sleep(0.2)

    def ask(self, sql: str) -> list[tuple]:
        return [tuple(row) for row in json.loads(self.answer(sql, "application/json"))["rows"]]

    def answer(self, sql: str, form: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept": form}
        self.connection.request("POST", "/api/v1/sql?raw_csv=true", json.dumps({"query": sql}), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body.decode())
        return body

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def write(program: str, data: Path, minutes: int) -> None:
    """Simulates a company and seals its data, unless that was done before."""
    done = data / "written"
    if done.exists():
        return
    scale = max(1, math.ceil(minutes / (DAYS * MINUTES_A_DAY)))
    command = [program, "--data", str(data)]
    world = ["--people", 60 * scale, "--days", DAYS, "--meetings-per-day", 26 * scale, "--webinars-per-week", 3 * scale]
    subprocess.run([*command, "sim", *map(str, world), "--until", END], check=True, stdout=sys.stderr)
    subprocess.run([*command, "archive", "seal"], check=True, stdout=sys.stderr)
    subprocess.run([*command, "archive", "compact"], check=True, stdout=sys.stderr, env=os.environ | {"ROLLCALL_ARCHIVE_GRACE_SECS": "0"})
    done.touch()


class Duck:
    """DuckDB over the archive's files. Data that are not in the archive are copied into files of the same format."""

    def __init__(self, data: Path, rollcall: Rollcall):
        self.database = duckdb.connect(config={"threads": os.cpu_count() or 1})
        self.database.execute("SET TimeZone = 'UTC'")
        for table in ("qos_minutes", "participants"):
            files = f"read_parquet('{data}/archive/{table}/**/*.parquet', hive_partitioning = false)"
            stayed = "" if table == "qos_minutes" else ", epoch(leave_time)::BIGINT - epoch(join_time)::BIGINT AS duration_seconds"
            self.database.execute(f"CREATE VIEW {table} AS SELECT *{stayed} FROM {files}")
        for table, columns in (("instances", "uuid, kind, meeting_id, topic, start_time"), ("user_tracking_codes", "user_id, code_id, value")):
            copy = data / f"{table}.csv"
            copy.write_bytes(rollcall.answer(f"SELECT {columns} FROM {table} LIMIT 100000", "text/csv"))
            types = {name: "BIGINT" if name == "meeting_id" else "VARCHAR" for name in columns.split(", ")}
            self.database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{copy}', columns = {types})")

    def ask(self, sql: str) -> list[tuple]:
        return self.database.execute(sql).fetchall()


def values(rollcall: Rollcall) -> dict[str, str]:
    """The values in the questions: the last whole week, the last month, and one of the busiest of each kind."""
    quoted = lambda value: "'" + str(value).replace("'", "''") + "'"  # noqa: E731
    one = lambda sql: rollcall.ask(sql)[0][0]  # noqa: E731
    return {
        "from": quoted("2026-02-16"),
        "to": quoted("2026-02-23"),
        "month": quoted("2026-01-23"),
        "meeting": str(one("SELECT meeting_id FROM instances GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")),
        "email": quoted(one("SELECT email FROM participants WHERE email <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")),
        "code": quoted(one("SELECT code_id FROM user_tracking_codes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")),
    }


def spelled(question: Question, known: dict[str, str], dialect: str) -> str:
    """The question in SQLite's SQL, or in DuckDB's."""
    forms = {
        "sqlite": {"day": "substr({0}, 1, 10)", "hour": "substr({0}, 12, 2)", "text_time": "{0}"},
        "duckdb": {
            "day": "strftime({0}, '%Y-%m-%d')",
            "hour": "strftime({0}, '%H')",
            "text_time": "strftime({0}, '%Y-%m-%dT%H:%M:%SZ')",
        },
    }[dialect]
    same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    sql = question.sql.replace("{minutes_of}", MINUTES_OF.format(same=same))
    for name, value in known.items():
        if dialect == "duckdb" and name in ("from", "to", "month"):
            value = f"TIMESTAMPTZ {value[:-1]} 00:00:00+00'"
        sql = sql.replace(f"{{{name}}}", value)
    return re.sub(r"\{(\w+):([^{}]*)\}", lambda found: forms[found[1]].format(found[2]), sql)


def same(ours: list[tuple], theirs: list[tuple]) -> bool:
    def equal(one: object, other: object) -> bool:
        if isinstance(one, (int, float)) and not isinstance(other, str) and other is not None:
            return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)  # type: ignore[arg-type]
        return one == other

    return len(ours) == len(theirs) and all(
        len(row) == len(other) and all(map(equal, row, other)) for row, other in zip(ours, theirs)
    )


def timed(ask, sql: str) -> tuple[float, list[tuple]]:
    begun = time.perf_counter()
    rows = ask(sql)
    return (time.perf_counter() - begun) * 1e3, rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollcall", required=True)
    parser.add_argument("--minutes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", type=Path, default=Path(os.environ.get("ROLLCALL_BENCH_DIR", "/tmp/rollcall-bench")) / "sql")
    parser.add_argument("questions", nargs="*", metavar="QUESTION")
    asked = parser.parse_args()
    data = asked.dir / str(asked.minutes)
    data.mkdir(parents=True, exist_ok=True)
    write(asked.rollcall, data, asked.minutes)
    rollcall = Rollcall(asked.rollcall, data)
    try:
        duck = Duck(data, rollcall)
        known = values(rollcall)
        attendances = duck.ask("SELECT count(*) FROM participants")[0][0]
        minutes = duck.ask("SELECT count(*) FROM qos_minutes")[0][0]
        print(f"{minutes:,} minutes of {attendances:,} attendances, {asked.rounds} rounds, DuckDB {duckdb.__version__}\n")
        print("| question | Rollcall, ms | DuckDB, ms | ratio | rows | |\n|---|---|---|---|---|---|")
        bar, wrong, slow = BARS.get(asked.minutes), 0, 0
        for question in QUESTIONS:
            if asked.questions and question.name not in asked.questions:
                continue
            ours, theirs = spelled(question, known, "sqlite"), spelled(question, known, "duckdb")
            took: tuple[list[float], list[float]] = ([], [])
            try:
                for _ in range(asked.rounds):
                    for ask, sql, times in ((rollcall.ask, ours, took[0]), (duck.ask, theirs, took[1])):
                        times.append(timed(ask, sql)[0])
                rows, others = rollcall.ask(ours), duck.ask(theirs)
            except RuntimeError as error:
                print(f"| {question.name}: {question.meaning} | {error} | | | | |")
                wrong += 1
                continue
            mine, other = map(statistics.median, took)
            equal = same(rows, others)
            wrong += not equal
            slow += bar is not None and mine > bar * other
            if not equal:
                print(ours, rows[:3], others[:3], sep="\n", file=sys.stderr)
            met = "" if bar is None else "met" if mine <= bar * other else "not met"
            print(f"| {question.name}: {question.meaning} | {mine:,.1f} | {other:,.1f} | {mine / other:.1f} | {len(rows):,} | "
                  f"{met if equal else 'DIFFERS'} |", flush=True)  # fmt: skip
        if bar is not None:
            print(f"\nthe bar is {bar} times DuckDB's time: {'met' if not slow else f'{slow} questions do not meet it'}")
        return 1 if wrong else 0
    finally:
        rollcall.stop()


if __name__ == "__main__":
    sys.exit(main())
