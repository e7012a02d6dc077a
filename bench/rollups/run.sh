#!/bin/sh
# Measures a year's trend by location from the rollups, in comparison with DuckDB over the same Parquet files, and SQL over
# one instance's minutes.
#
#   bench/rollups/run.sh [MINUTES]     100,000,000 by default: five gigabytes, and half an hour to write them and to build the rollups
#
# The data stay in $ROLLCALL_BENCH_DIR (/tmp/rollcall-bench) and are used again.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
minutes=${1:-100000000}
data=${ROLLCALL_BENCH_DIR:-/tmp/rollcall-bench}/rollups-$minutes
target=${CARGO_TARGET_DIR:-$bench/target}
cargo build --quiet --locked --release --manifest-path "$bench/Cargo.toml" --target-dir "$target"
program=$target/release/bench-rollups
venv=$target/bench-rollups-venv
if [ ! -e "$venv/installed" ]; then
    "$bench/../../scripts/make-venv" "$venv" "$bench/requirements.txt" >&2
    touch "$venv/installed"
fi
if [ ! -e "$data/written" ]; then
    # Resumes after an interruption.
    "$program" write --data "$data" --minutes "$minutes"
    "$program" rebuild --data "$data"
    touch "$data/written"
fi
"$program" ask --data "$data" | tee "$data/asked"
ours=$(sed -n 's/.*from quality_daily, ms: median \([0-9.]*\),.*/\1/p' "$data/asked")
exec "$venv/bin/python" "$bench/duck.py" "$data" "$ours"
