#!/bin/sh
# Measures the collector against quotas and beside other programs; see docs/benchmarks.md.
set -eu
cd "$(dirname "$0")/../.."
make build >&2
target=${CARGO_TARGET_DIR:-target}
make "$target/venv/installed" "$target/venv-tap-zoom/installed" "$target/venv-airbyte-source-zoom/installed" >&2
exec "$target/venv/bin/python" bench/collect/run.py "$target" "$@"
