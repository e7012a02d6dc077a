#!/bin/sh
# Measures the archive: size compared with PostgreSQL's, writing, and pages from one and from a hundred million minutes.
#
#   bench/archive/run.sh [FILES]     FILES of a million minutes each, 100 by default: two gigabytes, and one of index
#
# The data are in $ROLLCALL_BENCH_DIR (/tmp/rollcall-bench), and the pages' files are removed afterwards.
# PostgreSQL's programs come from Debian's packages, DuckDB, which sends it the rows, from PyPI.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
data=${ROLLCALL_BENCH_DIR:-/tmp/rollcall-bench}/archive
target=${CARGO_TARGET_DIR:-$bench/target}/bench-archive
program=$target/release/bench-archive
cargo build --quiet --locked --release --manifest-path "$bench/Cargo.toml" --target-dir "$target"
if [ ! -d /usr/lib/postgresql ]; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update >&2
    $sudo apt-get install --yes --no-install-recommends postgresql >&2
fi
venv=$target/venv
if [ ! -e "$venv/installed" ]; then
    "$bench/../../scripts/make-venv" "$venv" "$bench/requirements.txt" >&2
    touch "$venv/installed"
fi
rm -rf "$data"
mkdir -p "$data"
for world in "demo 5 1" "company 2 40"; do
    set -- "${1:-100}" $world
    echo "== a company of $(($4 * 60)), $3 days"
    "$program" write --archive "$data/$2" --days "$3" --scale "$4"
done
echo "== the same in PostgreSQL"
"$venv/bin/python" "$bench/postgres.py" "$data/company"
echo "== pages of minutes through the index, as a server finds them"
"$program" pages --archive "$data/pages" --files "$1"
rm -rf "$data/pages" "$data/pages.index"
