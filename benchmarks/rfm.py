"""Ten million customers scored and mapped, beside one pass over their table in the same run.

One pass copies the customer table inside DuckDB (read every column, write every column). Scoring does more: it
finds the cut points (quantiles), scores every customer, names the segment and writes four more columns.

    python benchmarks/rfm.py [customers]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ibis

from retention_kit.models import rfm

CUSTOMERS = """
CREATE TABLE customers AS
SELECT
    'c' || i AS customer_id,
    floor(-ln(1 - random()) * 2)::BIGINT AS frequency,
    random() * 50 AS recency,
    50 + random() * 50 AS T,
    10 + random() * 90 AS monetary_value,
    1 + floor(-ln(1 - random()) * 2)::BIGINT AS orders,
    round(exp(3 + random() * 2), 2) AS revenue,
    TIMESTAMP '2024-01-01' + to_days(CAST(random() * 365 AS INTEGER)) AS first_order,
    TIMESTAMP '2024-01-01' + to_days(CAST(random() * 365 AS INTEGER)) AS last_order,
    CAST(floor(random() * 730) AS BIGINT) AS days_since_last,
    'week' AS unit,
    'day' AS grain,
    DATE '2025-12-31' AS as_of
FROM range({n}) AS r(i)
"""


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Shortest time of some runs, in seconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = ibis.duckdb.connect(Path(folder) / "customers.duckdb")
        engine.raw_sql("SELECT setseed(0.5)")
        engine.raw_sql(CUSTOMERS.format(n=n))
        customers = engine.table("customers")

        def one_pass() -> None:
            engine.raw_sql("CREATE OR REPLACE TABLE copy AS SELECT * FROM customers")

        def cut() -> rfm.CutPoints:
            return rfm.cut_points(customers)

        cuts = cut()

        def write(placed: ibis.Table) -> None:
            engine.raw_sql(f"CREATE OR REPLACE TABLE placed AS {ibis.to_sql(placed)}")

        def frozen() -> None:
            write(rfm.segment(rfm.score(customers, cuts=cuts)))

        def fresh() -> None:
            write(rfm.segment(rfm.score(customers)))

        baseline = best_of(3, one_pass)
        times = {
            "one pass: copy the customer table": baseline,
            "cut points alone (quantiles of three columns)": best_of(3, cut),
            "score and segment with frozen cut points": best_of(3, frozen),
            "cut points, score and segment": best_of(3, fresh),
            "table of ten segments from the result": best_of(3, lambda: rfm.by_segment(engine.table("placed"))),
        }
        print(f"{n:,} customers, DuckDB {engine.version}")
        for name, seconds in times.items():
            print(f"| {name} | {seconds:.2f} s | {seconds / baseline:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
