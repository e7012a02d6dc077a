"""Measures how many bytes PostgreSQL needs for the rows of an archive's files, in a table of the same columns.

    python bench/archive/postgres.py ARCHIVE

Needs Debian's `postgresql` and DuckDB. Uses a cluster of its own on a free port, and deletes it afterwards.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from glob import glob
from pathlib import Path

import duckdb

KINDS = {
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DECIMAL(5,2)": "numeric(5,2)",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "text",
}


def programs() -> Path:
    """The folder of PostgreSQL's programs, in the newest version that Debian has installed."""
    found = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        sys.exit("PostgreSQL is missing: apt-get install postgresql")
    return Path(found[-1])


def main(archive: Path) -> None:
    files = glob(f"{archive}/qos_minutes/**/*.parquet", recursive=True)
    parquet_bytes = sum(os.path.getsize(file) for file in files)
    folder = Path(tempfile.mkdtemp(prefix="rollcall-postgres-"))
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
        folder.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> str:
        command = [*as_user, str(programs() / program), *arguments]
        return subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE, text=True).stdout

    def sql(statement: str) -> str:
        return run("psql", "-XAtq", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", statement).strip()

    run("initdb", "-D", f"{folder}/cluster", "-U", "postgres", "--auth=trust", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-D", f"{folder}/cluster", "-l", f"{folder}/log", "-w", "-o", options, "start")
    try:
        with duckdb.connect() as engine:
            source = f"read_parquet('{archive}/qos_minutes/**/*.parquet', hive_partitioning = false)"
            columns = engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            engine.execute(f"COPY (SELECT * FROM {source}) TO '{folder}/rows.csv' (HEADER false)")
        (folder / "rows.csv").chmod(0o644)
        definitions = ", ".join(f'"{name}" {KINDS[kind]}' for name, kind, *_ in columns)
        sql(f"CREATE TABLE minutes ({definitions})")
        sql(f"COPY minutes FROM '{folder}/rows.csv' (FORMAT csv)")
        sql("VACUUM FULL minutes")
        rows, table_bytes = map(int, sql("SELECT count(*), pg_table_size('minutes') FROM minutes").split("|"))
    finally:
        run("pg_ctl", "-D", f"{folder}/cluster", "-m", "immediate", "stop")
        shutil.rmtree(folder)
    print(f"rows: {rows}")
    print(f"bytes a row: PostgreSQL {table_bytes / rows:.1f}, archive {parquet_bytes / rows:.2f}")
    print(f"PostgreSQL / archive: {table_bytes / parquet_bytes:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
