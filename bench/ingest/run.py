"""Measures how fast minutes are ingested, and how much memory that needs.

run.py --rollcall PROGRAM [--lines N] [--rounds N] [--connections N] [--dir FOLDER] [MEASURE...]

speed   the same lines into Rollcall over HTTP and, without HTTP, into other engines, all durably, each in turn on fresh
        data; `speed:duckdb` takes Rollcall and that engine alone (duckdb, duckdb_keyed, chdb, postgres)
memory  Rollcall's peak memory while ended instances are ingested, sealed and merged
"""

import argparse
import os
import shutil
import statistics
import time
from pathlib import Path

import engines
import lines
from server import Server

PARTICIPANTS = 20_000
BAR_A_SECOND = 100_000
BAR_MB = 200
# While memory is measured: the number of participants at a time, and the minutes of each.
TOGETHER, MINUTES = 1_000, 30
OTHERS = {"duckdb": engines.duckdb, "duckdb_keyed": engines.duckdb_keyed, "chdb": engines.chdb, "postgres": engines.postgres}


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.sync()
    return folder


def reached(what: str, figure: str, bar: str, met: bool) -> None:
    print(f"{what}: {figure}; the bar is {bar}: {'met' if met else 'not met'}")


def speed(asked: argparse.Namespace, others: list[str]) -> None:
    file = asked.dir / f"{asked.lines}.ndjson"
    lines.write(file, asked.lines, PARTICIPANTS, asked.lines)
    took: dict[str, list[float]] = {engine: [] for engine in ["rollcall", *others]}
    for _ in range(asked.rounds):
        for engine in took:
            folder = fresh(asked.dir / engine)
            if engine == "rollcall":
                parts = lines.parts(file, asked.connections)
                with Server(asked.rollcall, folder) as server:
                    started = time.perf_counter()
                    new = server.take(parts)
                    took[engine].append(time.perf_counter() - started)
                assert new == asked.lines, new
            else:
                took[engine].append(OTHERS[engine](file, folder, asked.lines))
            shutil.rmtree(folder)
    rates = {engine: asked.lines / statistics.median(seconds) for engine, seconds in took.items()}
    print(f"{asked.lines:,} minutes of {file.stat().st_size / asked.lines:.0f} bytes, {PARTICIPANTS:,} participants, "
          f"{asked.rounds} rounds, {asked.connections} connections")  # fmt: skip
    print("\n| engine | minutes a second | in the rounds | Rollcall's over it |\n|---|---|---|---|")
    for engine, rate in rates.items():
        rounds = ", ".join(f"{asked.lines / seconds:,.0f}" for seconds in took[engine])
        print(f"| {engine} | {rate:,.0f} | {rounds} | {rates['rollcall'] / rate:.2f} |")
    print()
    rate = rates["rollcall"]
    reached("taken in", f"{rate:,.0f} a second", f"{BAR_A_SECOND:,}", rate >= BAR_A_SECOND)
    for engine in others:
        # Rollcall merges by key; a table that is only appended to does not.
        if engine == "duckdb":
            continue
        ratio = rate / rates[engine]
        reached(f"against {engine}", f"{ratio:.2f} times", "more than 1", ratio > 1)
    print()


def memory(asked: argparse.Namespace) -> None:
    # Enough that sealing begins before the last line is ingested.
    count = 6 * asked.lines
    file = asked.dir / f"{count}-ended.ndjson"
    lines.write(file, count, TOGETHER, MINUTES)
    parts = lines.parts(file, asked.connections)
    folder = fresh(asked.dir / "rollcall")
    # Instances without facts for a second are sealed, and two files of a day are merged.
    settings = {"archive_settle_secs": 1, "archive_round_secs": 1, "archive_grace_secs": 1, "archive_merge_files": 2}
    with Server(asked.rollcall, folder, **settings) as server:
        started = time.perf_counter()
        new = server.take(parts)
        took = time.perf_counter() - started
        assert new == count, new
        sealed_meanwhile, merged_meanwhile = server.metric(SEALED), server.metric(MERGED)
        while server.metric(SEALED) < count:
            assert time.perf_counter() - started < 600, "minutes stay unsealed"
            time.sleep(0.2)
        all_sealed = time.perf_counter() - started
        peak, merged = server.peak_mb(), server.metric(MERGED)
    shutil.rmtree(folder)
    print(f"{count:,} minutes of instances that have ended, {asked.connections} connections: taken in at {count / took:,.0f} "
          f"a second, of which {sealed_meanwhile:,.0f} were sealed and {merged_meanwhile:,.0f} files merged meanwhile; all "
          f"sealed after {all_sealed:.0f} s, {merged:,.0f} files merged")  # fmt: skip
    reached("memory while taking in, sealing and merging", f"{peak:.0f} MB at most", f"{BAR_MB} MB", peak < BAR_MB)
    print()


SEALED = "rollcall_sealed_minutes_total"
MERGED = "rollcall_archive_merged_files_total"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollcall", required=True)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--dir", type=Path, default=Path(os.environ.get("ROLLCALL_BENCH_DIR", "/tmp/rollcall-bench")) / "ingest")
    parser.add_argument("measures", nargs="*", metavar="MEASURE")
    asked = parser.parse_args()
    asked.dir.mkdir(parents=True, exist_ok=True)
    for measure in asked.measures or ["speed", "memory"]:
        name, _, engine = measure.partition(":")
        if name == "speed":
            speed(asked, [engine] if engine else list(OTHERS))
        elif name == "memory":
            memory(asked)
        else:
            parser.error(f"no such measure: {measure}")


if __name__ == "__main__":
    main()
