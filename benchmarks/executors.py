"""Shuffle, memory and spilled bytes of summaries on Spark with two executor processes, from Spark's own event log, and
what they come to at a billion orders.

The orders are those of `scale.py` with churn; a larger log is copies of a smaller one with other customers. Each
executor has one core and 1 GB, so that a size which does not fit shows by what it spills. Run from the repository:

    python benchmarks/scale.py orders 10_000_000 o10m.parquet
    python benchmarks/executors.py o10m.parquet 1,10

The second argument says how many copies of the file are read, a third may name the summaries. Up to 20 million orders
the cells are compared with those of DuckDB.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd

from retention_kit import load, summarise

AS_OF = "2026-09-30"
COMPARED = 20_000_000
"""Largest number of orders of which the cells are compared with DuckDB's."""
BILLION = 1_000_000_000
SUMMARIES: dict[str, Callable[[Any], Any]] = {
    "cohorts": lambda orders: summarise.cohorts(orders, as_of=AS_OF),
    "periods": lambda orders: summarise.periods(orders, as_of=AS_OF, lapse_after=90),
    "customers": lambda orders: _counted(summarise.customers(orders, as_of=AS_OF)),
    "order_gaps": lambda orders: summarise.order_gaps(orders, as_of=AS_OF),
    "overdue": lambda orders: _counted(summarise.overdue(orders, as_of=AS_OF)),
}


def _counted(customers: Any) -> pd.DataFrame:
    """A table of customers as the rows of it that differ, with their numbers, as a fit takes them."""
    columns = [c for c, kind in customers.schema().items() if kind.is_integer() or c in ("recency", "T")]
    counted = customers.group_by(columns).agg(customers=lambda t: t.count())
    return counted.agg(rows=counted.count(), customers=counted.customers.sum()).to_pandas()


def copies(file: Path, number: int, folder: Path) -> Path:
    """A folder with so many copies of the orders, each of other customers."""
    target = folder / f"copies_{number}"
    target.mkdir()
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder)}) as engine:
        for i in range(number):
            engine.execute(
                f"COPY (SELECT * REPLACE (customer_id || '-{i}' AS customer_id) FROM read_parquet('{file}')) "
                f"TO '{target}/{i}.parquet' (ROW_GROUP_SIZE 1_000_000)"
            )
    return target


def session(folder: Path) -> Any:
    """Spark with two executor processes of one core and 1 GB each, which writes down what every task used."""
    from pyspark.sql import SparkSession

    (folder / "events").mkdir()
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": "1024m",
        "spark.driver.memory": "1024m",
        "spark.local.dir": str(folder),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("executors")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def tasks(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each task of a summary used: the summary's name and Spark's metrics of the task."""
    (log,) = (folder / "events").iterdir()
    groups: dict[int, str] = {}
    for line in log.read_text(encoding="utf-8").rstrip("\n").split("\n"):
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            group = event["Properties"].get("spark.jobGroup.id", "")
            groups |= dict.fromkeys(event["Stage IDs"], group)
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            yield groups.get(event["Stage ID"], ""), event["Task Metrics"]


def measured(file: Path, number: int, names: list[str]) -> list[dict[str, Any]]:
    """One row per step: seconds, and what its tasks read, shuffled, held and spilled."""
    with tempfile.TemporaryDirectory(prefix="retention_kit_executors_") as name:
        folder = Path(name)
        where = copies(file, number, folder)
        spark = session(folder)
        seconds: dict[str, float] = {}
        results: dict[str, Any] = {}

        def step(label: str, action: Callable[[], Any]) -> Any:
            spark.sparkContext.setJobGroup(label, label)
            began = time.monotonic()
            results[label] = action()
            seconds[label] = time.monotonic() - began
            print(label, round(seconds[label], 1), flush=True)
            return results[label]

        data = step("load", lambda: load.orders(str(where), connection=ibis.pyspark.connect(spark)))
        for label in names:
            step(label, lambda summary=SUMMARIES[label]: summary(data))
        spark.stop()
        used: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for label, metrics in tasks(folder):
            of_step = used[label]
            of_step["tasks"] += 1
            of_step["cpu"] += metrics["Executor CPU Time"] / 1e9
            of_step["read"] += metrics["Input Metrics"]["Bytes Read"] / 1e6
            of_step["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"] / 1e6
            of_step["spilled"] += metrics["Disk Bytes Spilled"] / 1e6
            of_step["peak"] = max(of_step["peak"], metrics["Peak Execution Memory"] / 1e6)
        orders = data.source.rows_kept
        if orders <= COMPARED:
            _compare(where, results)
        return [{"orders": orders, "step": s, "seconds": t, **used[s]} for s, t in seconds.items()]


def _compare(where: Path, results: dict[str, Any]) -> None:
    """Raise if a cell differs from DuckDB's."""
    data = load.orders(str(where), connection=ibis.duckdb.connect(memory_limit="2GB", threads=2))
    for name in results.keys() & SUMMARIES.keys():
        expected, seen = (frame.reset_index(drop=True) for frame in (SUMMARIES[name](data), results[name]))
        pd.testing.assert_frame_equal(pd.DataFrame(seen), pd.DataFrame(expected), check_dtype=False, rtol=1e-12)
    print("every cell as in DuckDB", flush=True)


def main(file: str, sizes: str, names: str = ",".join(SUMMARIES)) -> None:
    """Measure each size, and print a table with the estimate for a billion orders."""
    warnings.simplefilter("ignore")
    rows = [row for size in sizes.split(",") for row in measured(Path(file), int(size), names.split(","))]
    print("| orders | step | seconds | processor s | read MB | shuffled MB | spilled MB | peak of a task MB |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        cells = [f"{row.get(key, 0):,.0f}" for key in ("seconds", "cpu", "read", "shuffled", "spilled", "peak")]
        print(f"| {row['orders']:,} | {row['step']} | {' | '.join(cells)} |")
    largest = max(row["orders"] for row in rows)
    for row in rows:
        if row["orders"] == largest:
            share = BILLION / largest
            print(f"| (1e9) | {row['step']} | | {row['cpu'] * share:,.0f} | {row['read'] * share:,.0f} | "
                  f"{row['shuffled'] * share:,.0f} | | |")  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
