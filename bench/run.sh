#!/bin/sh
# Builds the server and the benchmark, measures, and prints tables. Builds and installed packages are in target and
# node_modules folders, the data in $ROLLCALL_BENCH_DIR (/tmp/rollcall-bench).
#
#   bench/run.sh [--rounds N] [--fresh] [MEASURE...]     MEASURE: pages, prism, growth, memory, start, hooks; all by default
#
# ROLLCALL=PROGRAM measures a program that is already built.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
if [ -z "${ROLLCALL:-}" ]; then
    cargo build --quiet --locked --release --package rollcall-cli --manifest-path "$bench/../Cargo.toml"
    ROLLCALL=${CARGO_TARGET_DIR:-$bench/../target}/release/rollcall
fi
cargo build --quiet --locked --release --manifest-path "$bench/http/Cargo.toml" --target-dir "$bench/http/target"
if [ ! -e "$bench/prism/node_modules/.bin/prism" ]; then
    # Only one of the measures needs it: without npm the others still run.
    npm ci --prefix "$bench/prism" >&2 || echo "Prism could not be installed" >&2
fi
exec "$bench/http/target/release/bench-http" run --rollcall "$ROLLCALL" --prism "$bench/prism" "$@"
