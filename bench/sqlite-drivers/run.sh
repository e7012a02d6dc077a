#!/bin/sh
# Builds both programs, runs them alternately for a number of rounds (7), and prints the medians.
set -eu
cd "$(dirname "$0")"
rounds=${1:-7}
export CARGO_TARGET_DIR="$PWD/target"
for driver in rusqlite sqlx; do
    cargo build --quiet --locked --release --manifest-path "$driver/Cargo.toml"
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    for driver in rusqlite sqlx; do
        "$CARGO_TARGET_DIR/release/with-$driver" "$folder" >"$folder/round"
        sed "s/^/$driver\t/" "$folder/round" >>"$folder/results"
    done
done

# Sorted by value within each measure and driver, the middle line is the median.
sort -t "$(printf '\t')" -k2,2 -k1,1 -k3,3n "$folder/results" | awk -F '\t' -v middle="$(((rounds + 1) / 2))" '
    BEGIN { printf "%-26s %10s %10s %14s\n", "median", "rusqlite", "sqlx", "sqlx/rusqlite" }
    ++seen[$1, $2] == middle { value[$1] = $3 }
    seen["sqlx", $2] == middle && $1 == "sqlx" {
        printf "%-26s %10s %10s %14.2f\n", $2, value["rusqlite"], value["sqlx"], value["sqlx"] / value["rusqlite"]
    }'
