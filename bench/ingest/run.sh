#!/bin/sh
# Measures how fast minutes are ingested, in comparison with other engines, and how much memory that needs.
#
#   bench/ingest/run.sh [--lines N] [--rounds N] [--connections N] [MEASURE...]     MEASURE: speed, memory; both by default
#
# ROLLCALL=PROGRAM measures a program that is already built. PostgreSQL's programs come from Debian's packages, the other
# engines from PyPI; the data are in $ROLLCALL_BENCH_DIR (/tmp/rollcall-bench).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if [ -z "${ROLLCALL:-}" ]; then
    cargo build --quiet --locked --release --package rollcall-cli --manifest-path "$root/Cargo.toml"
    ROLLCALL=${CARGO_TARGET_DIR:-$root/target}/release/rollcall
fi
if [ ! -d /usr/lib/postgresql ]; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update >&2
    $sudo apt-get install --yes --no-install-recommends postgresql >&2
fi
venv=${CARGO_TARGET_DIR:-$root/target}/bench-ingest
if [ ! -e "$venv/installed" ]; then
    "$root/scripts/make-venv" "$venv" "$here/requirements.txt" >&2
    touch "$venv/installed"
fi
exec "$venv/bin/python" "$here/run.py" --rollcall "$ROLLCALL" "$@"
