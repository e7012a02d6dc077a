"""The same trend from the same Parquet files in DuckDB, and whether both results are equal.

    duck.py DIR ROLLCALL_MILLISECONDS [ROUNDS]
"""

import csv
import statistics
import sys
import time

import duckdb

TREND = """
SELECT strftime(q.date_time, '%Y-%m') AS month, coalesce(p.location, '') AS location, count(*) AS minutes,
       count(q.audio_output_latency_ms) AS measured, avg(q.audio_output_latency_ms) AS mean_ms,
       {quantile}(q.audio_output_latency_ms, 0.5) AS p50_ms, {quantile}(q.audio_output_latency_ms, 0.95) AS p95_ms
FROM read_parquet('{dir}/archive/qos_minutes/**/*.parquet', hive_partitioning = true) AS q
JOIN read_parquet('{dir}/archive/participants/**/*.parquet', hive_partitioning = true) AS p
  ON p.day = q.day AND p.instance_uuid = q.instance_uuid AND p.user_id = q.user_id
     AND p.join_time IS NOT DISTINCT FROM q.join_time
WHERE q.date_time >= TIMESTAMPTZ '2025-03-01 00:00:00+00' AND q.date_time < TIMESTAMPTZ '2026-03-01 00:00:00+00'
GROUP BY 1, 2 ORDER BY 1, 2
"""


def main() -> None:
    directory, ours = sys.argv[1], float(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    # Another engine joins and groups before it can count: the faster of its two quantile functions is compared.
    for quantile in ("approx_quantile", "quantile_disc"):
        times = []
        for _ in range(rounds):
            begun = time.perf_counter()
            rows = db.execute(TREND.format(dir=directory, quantile=quantile)).fetchall()
            times.append((time.perf_counter() - begun) * 1e3)
        median = statistics.median(times)
        print(f"DuckDB {duckdb.__version__}, {quantile}, ms: median {median:.0f}, least {min(times):.0f}; "
              f"{median / ours:.0f} times Rollcall's {ours:.1f}")
    compare(directory, rows)


def compare(directory: str, exact: list) -> None:
    with open(f"{directory}/trend.csv", newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == len(exact), (len(told), len(exact))
    furthest = 0.0
    for row, (month, location, minutes, measured, mean, *quantiles) in zip(told, exact):
        assert (row["month"], row["location"]) == (month, location), (row, month, location)
        assert (int(row["minutes"]), int(row["measured"])) == (minutes, measured), (row, minutes, measured)
        assert mean is None or abs(float(row["mean_ms"]) - mean) <= 1e-9 * mean, (row, mean)
        for name, quantile in zip(("p50_ms", "p95_ms"), quantiles):
            if quantile:
                furthest = max(furthest, abs(float(row[name]) - quantile) / quantile)
    assert furthest <= 0.01, furthest
    total = sum(int(row["minutes"]) for row in told)
    print(f"{len(told)} rows of {total} minutes: the same counts and means, quantiles within {100 * furthest:.2f} %")


main()
