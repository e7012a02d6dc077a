#!/bin/sh
# Measures the archive: size against PostgreSQL's, writing, and pages out of one and a hundred million minutes.
#
#   bench/archive/run.sh [FILES]     FILES of a million minutes each, 100 by default: two gigabytes
#
# What is measured on stays in $ROLLCALL_BENCH_DIR (/tmp/rollcall-bench) and is used again. $PYTHON needs DuckDB.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
data=${ROLLCALL_BENCH_DIR:-/tmp/rollcall-bench}/archive
program=$bench/target/release/bench-archive
cargo build --quiet --locked --release --manifest-path "$bench/Cargo.toml" --target-dir "$bench/target"
mkdir -p "$data"
for world in "demo 5 1" "company 2 40"; do
    set -- "${1:-100}" $world
    echo "== a company of $(($4 * 60)), $3 days"
    rm -rf "$data/$2"
    "$program" write --archive "$data/$2" --days "$3" --scale "$4"
done
echo "== the same in PostgreSQL"
"${PYTHON:-python3}" "$bench/postgres.py" "$data/company"
echo "== pages"
"$program" pages --archive "$data/pages" --files 1
"$program" pages --archive "$data/pages" --files "$1"
