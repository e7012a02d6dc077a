#!/bin/sh
# Measures the dashboard's live page; see docs/benchmarks.md.
set -eu
cd "$(dirname "$0")/../.."
make build >&2
python3 bench/dashboard/readers.py "${CARGO_TARGET_DIR:-target}/release/rollcall" "$@"
