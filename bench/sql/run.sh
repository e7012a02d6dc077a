#!/bin/sh
# Measures ten everyday questions in SQL, in comparison with DuckDB over the same Parquet files, and compares the results.
#
#   bench/sql/run.sh [--minutes N] [--rounds N] [QUESTION...]     1,000,000 minutes by default
#
# ROLLCALL=PROGRAM measures a program that is already built. The simulated data stay in $ROLLCALL_BENCH_DIR
# (/tmp/rollcall-bench) and are used again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if [ -z "${ROLLCALL:-}" ]; then
    cargo build --quiet --locked --release --package rollcall-cli --manifest-path "$root/Cargo.toml"
    ROLLCALL=${CARGO_TARGET_DIR:-$root/target}/release/rollcall
fi
venv=${CARGO_TARGET_DIR:-$root/target}/bench-sql
if [ ! -e "$venv/installed" ]; then
    "$root/scripts/make-venv" "$venv" "$here/requirements.txt" >&2
    touch "$venv/installed"
fi
exec "$venv/bin/python" "$here/run.py" --rollcall "$ROLLCALL" "$@"
