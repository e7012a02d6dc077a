#!/bin/sh
# Measures the report and the attendance of a webinar of 50,000, in comparison with the dashboard's pages of it.
#
#   bench/reports/run.sh [--people N] [--rounds N]
#
# ROLLCALL=PROGRAM measures a program that is already built. Needs only Python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${ROLLCALL:-}" ]; then
    cargo build --quiet --locked --release --package rollcall-cli --manifest-path "$here/../../Cargo.toml"
    ROLLCALL=${CARGO_TARGET_DIR:-$here/../../target}/release/rollcall
fi
exec python3 "$here/run.py" --rollcall "$ROLLCALL" "$@"
