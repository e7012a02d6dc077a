#!/bin/sh
# Measures the program generator: bench/codegen.sh [ROUNDS]
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
snapshots=$bench/../crates/http/tests/suite/description/snapshots
cargo build --quiet --locked --release --manifest-path "$bench/codegen/Cargo.toml" --target-dir "$bench/codegen/target"
exec "$bench/codegen/target/release/bench-codegen" "${1:-21}" \
    "$snapshots/description__documents__zooms_document_stays_as_it_is.snap" \
    "$snapshots/description__documents__webexs_document_stays_as_it_is.snap"
