"""Compares Rollcall's names of persons with Splink on a simulated company whose truth is known.

run.py --company PROGRAM [--rounds N]

Rollcall's program writes the attendances with the number of their person, and measures itself. Splink runs in a process
of its own, so that its memory can be measured. It gets the same: login (also that of a known address), address, name and
device of each attendance. It learns its weights from the data without the truth, as in production. Then the threshold
with the best F1 is chosen with the truth, which favours it.

Prints medians of the rounds, and Rollcall's figures divided by Splink's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

THRESHOLDS = (0.5, 0.9, 0.99, 0.999, 0.9999)


def f1(score: dict) -> float:
    total = score["precision"] + score["recall"]
    return 2 * score["precision"] * score["recall"] / total if total else 0.0


def measured(command: list[str]) -> dict:
    """The JSON that a program prints, with its largest memory in MB and the seconds of the whole process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    whole = time.monotonic() - begin
    return json.loads(output.splitlines()[-1]) | {"memory_mb": usage.ru_maxrss / 1024, "whole_seconds": whole}


def pairs(connection: duckdb.DuckDBPyConnection, tables: str, group: str) -> int:
    """The number of pairs of rows in the same group."""
    counted = f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM {tables} GROUP BY {group})"
    ((count,),) = connection.execute(counted).fetchall()
    return int(count)


def link(path: Path) -> dict:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE attendances AS SELECT unique_id, person, nullif(login, '') AS login, nullif(email, '') AS email, "
                       f"name, nullif(device, '') AS device FROM read_csv('{path}', all_varchar = true)")  # fmt: skip
    begin = time.monotonic()
    # Values of one column; a value that many share says less.
    comparisons = [cl.ExactMatch(column).configure(term_frequency_adjustments=True) for column in ("login", "email", "name", "device")]
    rules = [block_on(column) for column in ("login", "email", "name", "device")]
    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )  # fmt: skip
    api = DuckDBAPI(connection)
    linker = Linker(api.register("attendances"), settings, log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("login"), block_on("email")], recall=0.9)
    training.estimate_u_using_random_sampling(max_pairs=1e7, seed=7)
    # Each round learns the weights of the columns by which it does not select pairs.
    training.estimate_parameters_using_expectation_maximisation(block_on("device"), max_pairs=5e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("name"), max_pairs=5e6)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    learned = time.monotonic() - begin
    scores = []
    for threshold in THRESHOLDS:
        begin = time.monotonic()
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=threshold)
        seconds = learned + time.monotonic() - begin
        right, claimed, true = (
            pairs(connection, f"{clusters.physical_name} AS c JOIN attendances AS a USING (unique_id)", group)
            for group in ("c.cluster_id, a.person", "c.cluster_id", "a.person")
        )
        scores.append({"threshold": threshold, "precision": right / claimed, "recall": right / true, "seconds": seconds})
    for score in scores:
        print(json.dumps(score), file=sys.stderr)
    return max(scores, key=f1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--company")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--splink", type=Path, help="Run Splink on this file, and print its scores.")
    arguments = parser.parse_args()
    if arguments.splink:
        print(json.dumps(link(arguments.splink)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attendances.csv"
        subprocess.run([arguments.company, path], check=True, capture_output=True)
        rounds = {"Rollcall": [], "Splink": []}
        for _ in range(arguments.rounds):
            rounds["Rollcall"].append(measured([arguments.company]))
            rounds["Splink"].append(measured([sys.executable, __file__, "--splink", str(path)]))
    figures = ("precision", "recall", "seconds", "memory_mb")
    medians = {name: {key: statistics.median(one[key] for one in found) for key in figures} for name, found in rounds.items()}
    print(f"{'':>10} {'precision':>10} {'recall':>8} {'seconds':>9} {'MB':>7}")
    for name, values in medians.items():
        print(f"{name:>10} {values['precision']:>10.5f} {values['recall']:>8.4f} {values['seconds']:>9.3f} {values['memory_mb']:>7.0f}")
    ratio = {key: medians["Rollcall"][key] / medians["Splink"][key] for key in figures}
    print(f"{'ratio':>10} {ratio['precision']:>10.5f} {ratio['recall']:>8.4f} {ratio['seconds']:>9.5f} {ratio['memory_mb']:>7.3f}")
    print("Splink's threshold:", statistics.median(one["threshold"] for one in rounds["Splink"]))


if __name__ == "__main__":
    main()
