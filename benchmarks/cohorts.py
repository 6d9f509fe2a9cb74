"""10 million orders to a monthly cohort table: time and peak memory against hand-written pandas, in the same run.

    python benchmarks/cohorts.py [--write]

Writes a Parquet file of 10 million orders of 2 million customers (customer_id as text, moment, amount) to a temporary
folder. Each contender reads it in a process of its own and must give the same numbers of active customers and the same
revenue. pandas gets two: the version one writes first, and the fastest we could write (dictionary codes, integer
months). Ours runs twice: as it is, and with DuckDB's memory_limit and one thread, which makes it spill to disk. A bare
script that imports DuckDB alone and runs SQL written by hand shows how low the same settings can get. Peak memory is
the process's resident set; what the imports alone take is measured and listed too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ORDERS, CUSTOMERS, DAYS = 10_000_000, 2_000_000, 1461
AS_OF = "2025-12-31"
LIMIT, THREADS = "40MB", 1
LIMITED = f"memory_limit {LIMIT}, threads {THREADS}"


def generate(path: Path) -> None:
    """Four years of orders; gamma-distributed activity, customers coming all the time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    first = rng.integers(0, 1400, CUSTOMERS)
    weight = rng.gamma(0.5, 1, CUSTOMERS)
    again = np.repeat(np.arange(CUSTOMERS), rng.multinomial(ORDERS - CUSTOMERS, weight / weight.sum()))
    day = np.concatenate([first, first[again] + (rng.random(len(again)) * (DAYS - first[again])).astype(int)])
    who = np.concatenate([np.arange(CUSTOMERS), again])
    order = np.argsort(day, kind="stable")
    seconds = day[order] * 86_400 + rng.integers(0, 86_400, ORDERS)
    table = pa.table(
        {
            "customer_id": pa.array(np.char.add("C", np.char.zfill(who[order].astype(str), 8))),
            "ordered_at": pa.array(np.datetime64("2022-01-01", "us") + seconds.astype("timedelta64[s]")),
            "amount": np.round(rng.gamma(2, 20, ORDERS), 2),
        }
    )
    pq.write_table(table, path, row_group_size=500_000)


def ours(path: str) -> tuple[float, float]:
    """summarise.cohorts on the file, all its columns."""
    import ibis

    from retention_kit import summarise

    table = summarise.cohorts(ibis.read_parquet(path), as_of=AS_OF)
    return table["active"].sum(), table["revenue"].sum()


def limited(path: str) -> tuple[float, float]:
    """The same in little memory."""
    import ibis

    ibis.get_backend().raw_sql(f"SET memory_limit = '{LIMIT}'; SET threads = {THREADS}")
    return ours(path)


def bare(path: str) -> tuple[float, float]:
    """The floor: DuckDB and nothing else, SQL by hand, a bit per month, the same limits."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{LIMIT}'; SET threads = {THREADS}")
    connection.execute("SET enable_progress_bar = false")
    return connection.execute(f"""
        WITH orders AS (
            SELECT customer_id, (year(ordered_at) * 12 + month(ordered_at))::INTEGER AS month,
                   amount::DECIMAL(18, 4) AS amount
            FROM read_parquet('{path}') WHERE ordered_at < TIMESTAMP '2026-01-01'
        ), lives AS (
            SELECT customer_id, min(month) AS cohort, bit_or(1::BIGINT << (month - (2022 * 12 + 1))) AS months
            FROM orders GROUP BY ALL
        ), cells AS (
            SELECT cohort, month - cohort AS age, count(*) AS orders, sum(amount) AS revenue
            FROM orders JOIN lives USING (customer_id) GROUP BY ALL
        )
        SELECT (SELECT sum(bit_count(months)) FROM lives)::DOUBLE, (SELECT sum(revenue) FROM cells)::DOUBLE
    """).fetchone()


def pandas_first(path: str) -> tuple[float, float]:
    """The version one writes first."""
    import pandas as pd

    d = pd.read_parquet(path)
    d = d[d["ordered_at"] < "2026-01-01"]
    month = d["ordered_at"].dt.year * 12 + d["ordered_at"].dt.month
    cohort = month.groupby(d["customer_id"]).transform("min")
    cells = pd.DataFrame({"cohort": cohort, "age": month - cohort, "who": d["customer_id"], "amount": d["amount"]})
    grouped = cells.groupby(["cohort", "age"])
    return grouped["who"].nunique().sum(), grouped["amount"].sum().sum()


def pandas_best(path: str) -> tuple[float, float]:
    """The fastest we could write: codes from the file's dictionary, small integers, no group-by on text."""
    import pandas as pd
    import pyarrow.parquet as pq

    ids = pq.read_table(path, columns=["customer_id"], read_dictionary=["customer_id"])["customer_id"]
    code = ids.unify_dictionaries().combine_chunks().indices.to_numpy(zero_copy_only=False)
    del ids
    rest = pq.read_table(path, columns=["ordered_at", "amount"])
    month = rest["ordered_at"].to_numpy().astype("datetime64[M]").astype("int16")
    amount = rest["amount"].to_numpy()
    del rest
    seen = month <= (2025 - 1970) * 12 + 11
    code, month, amount = code[seen], month[seen], amount[seen]
    frame = pd.DataFrame({"code": code, "month": month})
    cohort = frame.groupby("code", sort=False)["month"].transform("min").to_numpy()
    base, span = int(month.min()), int(month.max()) - int(month.min()) + 1
    cell = (cohort - base).astype("int32") * span + (month - cohort)
    revenue = np.bincount(cell, amount)
    first = ~pd.Series(code.astype("int64") * span + (month - base)).duplicated().to_numpy()
    return np.bincount(cell[first]).sum(), revenue.sum()


def imports_ours(_: str) -> tuple[float, float]:
    """Nothing but the imports."""
    import ibis

    import retention_kit.summarise  # noqa: F401

    ibis.get_backend()
    return 0, 0


def imports_pandas(_: str) -> tuple[float, float]:
    """Nothing but the imports."""
    import pandas as pd  # noqa: F401
    import pyarrow.parquet as pq  # noqa: F401

    return 0, 0


CONTENDERS = {
    "summarise.cohorts": ours,
    f"summarise.cohorts, {LIMITED}": limited,
    f"DuckDB alone, SQL by hand, {LIMITED}": bare,
    "pandas, as one writes it first": pandas_first,
    "pandas, the fastest we could write": pandas_best,
    "imports of retention_kit": imports_ours,
    "imports of pandas": imports_pandas,
}


def contend(name: str, path: str) -> None:
    """In a process of its own: wall and CPU seconds, peak MB, and the two sums."""
    begun = time.perf_counter()
    active, revenue = CONTENDERS[name](path)
    wall = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, active, round(revenue, 2))


def ratios(seen: dict[str, tuple[float, float, float]]) -> list[str]:
    """Each of ours against the faster of the two pandas versions: time and peak memory."""
    fastest = min((name for name in seen if name.startswith("pandas")), key=lambda name: seen[name][0])
    lines = [f"* The faster pandas version is: {fastest}."]
    for name in (name for name in seen if name.startswith("summarise")):
        wall, cpu, peak = (mine / theirs for mine, theirs in zip(seen[name], seen[fastest], strict=True))
        lines.append(
            f"* {name}: {wall:.2f} times its seconds (claim: at most 1), {cpu:.2f} times its CPU seconds, "
            f"{peak:.2f} times its peak memory (claim: at most 0.25)."
        )
    return lines


def main() -> None:
    """Run all, print the table and the ratios; store them with --write."""
    from sections import machine, write_section

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        made = subprocess.run([sys.executable, __file__, "generate", str(path)], check=True)
        assert made.returncode == 0
        rows, answers, seen = [], set(), {}
        for name in CONTENDERS:
            done = subprocess.run(
                [sys.executable, __file__, name, str(path)], check=True, capture_output=True, text=True, cwd=folder
            )
            wall, cpu, peak, active, revenue = map(float, done.stdout.split())
            seen[name] = wall, cpu, peak
            rows.append(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:,.0f} |")
            print(rows[-1], flush=True)
            answers |= {(active, round(revenue))} if active else set()
        assert len(answers) == 1, answers
    text = f"""
`benchmarks/cohorts.py`: {ORDERS:,} orders of {CUSTOMERS:,} customers in a Parquet file to the monthly
cohort table; the sums of active customers and of revenue agree. {machine()}
Load of the machine at the end: {os.getloadavg()[0]:.1f}.

| contender | seconds | CPU seconds | peak MB |
|---|---|---|---|
""" + "\n".join([*rows, "", *ratios(seen)])
    print(text)
    if "--write" in sys.argv:
        write_section("Cohort table of 10 million orders", text)


if __name__ == "__main__":
    if sys.argv[1:] in ([], ["--write"]):
        main()
    elif sys.argv[1] == "generate":
        generate(Path(sys.argv[2]))
    else:
        contend(sys.argv[1], sys.argv[2])
