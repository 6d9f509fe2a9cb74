"""From a frame of 1 million orders to the monthly cohort table and to the customer table: processor seconds beside
pandas written by hand, clvkit and openretailscience, each in an environment of its own.

    python benchmarks/frames.py [--write]

The orders lie in one file; every process reads it into a frame of pandas 3, Arrow or polars before the clock starts.
Each contender runs in a process of its own, in turn, three times; within a process each task runs once to warm up and
then five times. The fewest processor seconds of all are compared. Ours includes loading: validation, exact money, and
the account of what was read. The tables must agree: the numbers of active customers of all, and the revenue where a
contender gives it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ORDERS, CUSTOMERS, DAYS = 1_000_000, 200_000, 730
AS_OF = "2025-12-31"
POLARS = "polars==2.1.0"
PEERS = {"clvkit": ["clvkit==0.2.1", "pyarrow"], "openretailscience": ["openretailscience==0.48.1"]}
ROUNDS, RUNS = 3, 5


def write_orders(file: Path) -> None:
    """Orders of customers who come at different times; ids as text, moments to the second, amounts as floats."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    who = rng.integers(0, CUSTOMERS, ORDERS)
    day = np.minimum(rng.integers(0, DAYS, CUSTOMERS)[who] + rng.exponential(120, ORDERS).astype(int), DAYS - 1)
    seconds = day * 86_400 + rng.integers(0, 86_400, ORDERS)
    columns = {
        "customer_id": pa.array(np.char.add("c", who.astype(str))),
        "ordered_at": pa.array(np.datetime64("2024-01-01", "us") + seconds.astype("timedelta64[s]")),
        "amount": np.round(rng.gamma(2, 20, ORDERS), 2),
    }
    pq.write_table(pa.table(columns), file)


def of_pandas(file: str) -> dict[str, Callable[[], Any]]:
    """pandas by hand: first months by transform, customers counted once, sums."""
    import pandas as pd

    frame = pd.read_parquet(file)

    def cohorts() -> tuple[int, float]:
        month = frame.ordered_at.dt.year * 12 + frame.ordered_at.dt.month
        first = month.groupby(frame.customer_id).transform("min")
        cells = frame.groupby([first, month - first])
        return int(cells.customer_id.nunique().sum()), float(cells.amount.sum().sum())

    return {"cohorts": cohorts}


def of_clvkit(file: str) -> dict[str, Callable[[], Any]]:
    """clvkit's matrix of customers, and its customer base."""
    import pandas as pd
    from clvkit import CohortMatrix, CustomerBase

    frame, named = pd.read_parquet(file), {"datetime_col": "ordered_at"}

    def cohorts() -> tuple[int, None]:
        return int(CohortMatrix.from_transactions(frame, period="M", **named).to_pandas().sum().sum()), None

    def customers() -> tuple[int, None]:
        return len(CustomerBase.from_transactions(frame, **named).to_pandas()), None

    return {"cohorts": cohorts, "customers": customers}


def of_openretailscience(file: str) -> dict[str, Callable[[], Any]]:
    """openretailscience's cohorts of customers, and of revenue."""
    import pandas as pd
    from openretailscience.analysis.cohort import CohortAnalysis

    frame = pd.read_parquet(file).rename(columns={"ordered_at": "transaction_date", "amount": "unit_spend"})

    def cohorts() -> tuple[int, float]:
        active = CohortAnalysis(frame, aggregation_column="customer_id", agg_func="nunique", period="month")
        revenue = CohortAnalysis(frame, aggregation_column="unit_spend", agg_func="sum", period="month")
        return int(active.df.sum().sum()), float(revenue.df.sum().sum())

    return {"cohorts": cohorts}


def of_ours(file: str, kind: str) -> dict[str, Callable[[], Any]]:
    """From the frame, loading included."""
    import pyarrow.parquet as pq

    from retention_kit import load, summarise

    frame: Any = pq.read_table(file)
    if kind == "pandas":
        frame = frame.to_pandas()
    elif kind == "polars":
        import polars

        frame = polars.from_arrow(frame)

    def cohorts() -> tuple[int, float]:
        table = summarise.cohorts(load.orders(frame), as_of=AS_OF)
        return int(table.active.sum()), float(table.revenue.sum())

    def customers() -> tuple[int, None]:
        return len(summarise.customers(load.orders(frame), as_of=AS_OF).to_pandas()), None

    def loading() -> tuple[int, None]:
        return load.orders(frame).as_read.rows_kept, None

    return {"cohorts": cohorts, "customers": customers, "loading": loading}


CONTENDERS: dict[str, Callable[[str], dict[str, Callable[[], Any]]]] = {
    "pandas by hand": of_pandas,
    "clvkit": of_clvkit,
    "openretailscience": of_openretailscience,
    "ours, from pandas": lambda file: of_ours(file, "pandas"),
    "ours, from Arrow": lambda file: of_ours(file, "arrow"),
    "ours, from polars": lambda file: of_ours(file, "polars"),
}


def run(name: str, file: str) -> None:
    """Print the fewest processor seconds of each task, and its result."""
    results = {}
    for task, function in CONTENDERS[name](file).items():
        seconds = []
        for _ in range(1 + RUNS):
            began = time.process_time()
            result = function()
            seconds.append(time.process_time() - began)
        results[task] = [min(seconds[1:]), result]
    print(json.dumps(results))


def environment(folder: Path, packages: list[str]) -> str:
    """The Python of a new environment with these packages."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


def compare(write: bool) -> None:
    """All contenders in turn."""
    best: dict[str, dict[str, list[Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "orders.parquet")
        write_orders(file)
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", f"{folder}/polars", POLARS], check=True
        )
        pythons = {name: environment(Path(folder, name), packages) for name, packages in PEERS.items()}
        for _ in range(ROUNDS):
            for name in CONTENDERS:
                command = [
                    pythons.get(name, sys.executable),
                    __file__,
                    "--run",
                    name,
                    str(file),
                    str(Path(folder, "polars")),
                ]
                printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                for task, (seconds, result) in json.loads(printed.splitlines()[-1]).items():
                    known = best.setdefault(name, {}).setdefault(task, [seconds, result])
                    known[0] = min(known[0], seconds)
    _agree(best)
    text = _text(best)
    print(text)
    if write:
        from sections import machine, write_section

        write_section("From a frame (`frames.py`)", f"{machine()}\n\n{text}")


def _agree(best: dict[str, dict[str, list[Any]]]) -> None:
    """Raise unless all contenders count the same customers and the same revenue."""
    for task in ("cohorts", "customers"):
        results = [tasks[task][1] for tasks in best.values() if task in tasks]
        assert len({counted for counted, _ in results}) == 1, (task, results)
        revenues = [revenue for _, revenue in results if revenue is not None]
        assert not revenues or max(revenues) - min(revenues) < 1, revenues


def _text(best: dict[str, dict[str, list[Any]]]) -> str:
    """A table of processor seconds and ratios."""
    hand, clvkit = best["pandas by hand"]["cohorts"][0], best["clvkit"]["customers"][0]
    lines = [
        f"{ORDERS:,} orders of {CUSTOMERS:,} customers; fewest processor seconds of {ROUNDS} processes with {RUNS} "
        "runs each; ours includes loading.",
        "",
        "| contender | cohort table, s | of pandas by hand | customer table, s | of clvkit |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, tasks in best.items():
        cohorts, customers = tasks["cohorts"][0], tasks.get("customers", [None])[0]
        people = "| |" if customers is None else f"| {customers:.2f} | {customers / clvkit:.2f} |"
        lines.append(f"| {name} | {cohorts:.2f} | {cohorts / hand:.2f} {people}")
    loaded = {name: tasks["loading"][0] for name, tasks in best.items() if "loading" in tasks}
    share = "; ".join(f"{name.removeprefix('ours, ')} {seconds:.2f} s" for name, seconds in loaded.items())
    peers = ", ".join(packages[0] for packages in PEERS.values())
    return "\n".join([*lines, "", f"Of ours, loading: {share}. Peers: {peers}."])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        sys.path.append(sys.argv[4])
        run(*sys.argv[2:4])
    else:
        compare("--write" in sys.argv)
