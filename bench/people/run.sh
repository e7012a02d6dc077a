#!/bin/sh
# Measures who is who: Rollcall's names of persons, in comparison with Splink (probabilistic record linkage), on the
# attendances of a simulated company whose truth is known. Prints precision, recall, seconds and memory of both.
#
#   bench/people/run.sh [--rounds N]     3 rounds by default
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
target=${CARGO_TARGET_DIR:-$root/target}
cargo build --quiet --locked --release --package rollcall-people --example company --manifest-path "$root/Cargo.toml"
venv=$target/bench-people
if [ ! -e "$venv/installed" ]; then
    "$root/scripts/make-venv" "$venv" "$here/requirements.txt" >&2
    touch "$venv/installed"
fi
exec "$venv/bin/python" "$here/run.py" --company "$target/release/examples/company" "$@"
