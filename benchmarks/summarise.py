"""Claim: summarising orders scales with their number, within 4 GB for the engine, and beats the field's reference.

    python benchmarks/summarise.py [--small] [--write]

Orders are generated into Parquet (nothing is committed) and each measurement runs in a process of its own, so that its
peak memory is its own. The peer, lifetimes, summarises the same 10 million orders in the same run.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = "## summarise"
AS_OF = "2023-12-31"


def generate(path, orders):
    """Orders of one customer per ten: ids are text, moments have seconds, amounts have cents."""
    import duckdb

    duckdb.sql(f"""
        COPY (
            SELECT
                'C' || lpad((hash(i * 2 + 1) % {orders // 10})::VARCHAR, 8, '0') AS customer_id,
                TIMESTAMP '2022-01-01' + to_seconds((hash(i * 2) % 63072000)::BIGINT) AS ordered_at,
                round(5 + (hash(i + 7) % 20000) / 100, 2) AS amount
            FROM range({orders}) AS rows(i)
        ) TO '{path}' (FORMAT parquet)
    """)


def ours(path, folder):
    """Load and summarise; the customer table goes to Parquet, never through Python."""
    import ibis

    from retention_kit import load, summarise

    ibis.get_backend().raw_sql("SET memory_limit = '4GB'")
    ibis.get_backend().raw_sql(f"SET temp_directory = '{folder}/spill'")
    started = time.perf_counter()
    orders = load.orders(path)
    loaded = time.perf_counter()
    summarise.customers(orders, as_of=AS_OF).to_parquet(f"{folder}/customers.parquet")
    done = time.perf_counter()
    return {"load": loaded - started, "summarise": done - loaded, "rows": orders.source.rows_kept}


def ours_in_memory(path, _folder):
    """The same, with the customers handed over as a DataFrame, as the peer does."""
    from retention_kit import load, summarise

    started = time.perf_counter()
    orders = load.orders(path)
    loaded = time.perf_counter()
    rows = len(summarise.customers(orders, as_of=AS_OF).to_pandas())
    return {"load": loaded - started, "summarise": time.perf_counter() - loaded, "rows": rows}


def peer(path, _folder):
    """lifetimes on a DataFrame of the same orders."""
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    started = time.perf_counter()
    frame = pd.read_parquet(path)
    loaded = time.perf_counter()
    table = summary_data_from_transaction_data(
        frame, "customer_id", "ordered_at", "amount", observation_period_end=AS_OF, freq="D"
    )
    return {"load": loaded - started, "summarise": time.perf_counter() - loaded, "rows": len(table)}


def measured(what, path):
    """Run one measurement in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--measure", what, "--path", str(path), "--folder", folder]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(answer.splitlines()[-1])


def table(results):
    """The results as Markdown."""
    lines = [
        "| orders | what | load s | summarise s | µs per order | CPU s, imports included | peak memory GB |",
        "|---|---|---|---|---|---|---|",
    ]
    for orders, what, r in results:
        per_row = (r["load"] + r["summarise"]) / orders * 1e6
        lines.append(
            f"| {orders:,} | {what} | {r['load']:.1f} | {r['summarise']:.1f} | {per_row:.3f} "
            f"| {r['cpu']:.1f} | {r['peak_gb']:.2f} |"
        )
    return lines


def report(results):
    """The section for RESULTS.md."""
    mine = {orders: r for orders, what, r in results if what == "ours, to Parquet"}
    (small, a), (large, b) = sorted(mine.items())
    growth = ((b["load"] + b["summarise"]) / large) / ((a["load"] + a["summarise"]) / small)
    theirs = next(r for _, what, r in results if what == "lifetimes")
    same = next(r for _, what, r in results if what == "ours, to a DataFrame")
    faster, whole = (
        theirs["summarise"] / same["summarise"],
        (theirs["load"] + theirs["summarise"]) / (same["load"] + same["summarise"]),
    )
    return [
        HEADING,
        "",
        f"`python benchmarks/summarise.py`, {os.cpu_count()} cores, Python {platform.python_version()}; "
        "orders in Parquet, engine limited to 4 GB.",
        "",
        *table(results),
        "",
        f"* Time per order at {large:,} is {growth:.2f} times that at {small:,} (claim: at most 1.3).",
        f"* Peak memory of the process at {large:,} orders: {b['peak_gb']:.2f} GB (claim: below 5).",
        f"* On {small:,} orders summarising takes lifetimes {faster:.1f} times as long (claim: at least 6); "
        f"with reading, and our validation of every row, {whole:.1f} times.",
        "",
    ]


def write(section):
    """Replace our section of RESULTS.md and leave the others."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Benchmarks\n\n"
    start = text.find(HEADING + "\n")
    end = text.find("\n## ", start + 1) + 1 if start >= 0 else -1
    before = text if start < 0 else text[:start]
    after = text[end:] if end > 0 else ""
    RESULTS.write_text(
        before.rstrip("\n") + "\n\n" + "\n".join(section) + ("\n" + after if after else ""), encoding="utf-8"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the rows, to see that it runs")
    parser.add_argument("--write", action="store_true", help="store the result in RESULTS.md")
    parser.add_argument("--measure")
    parser.add_argument("--path")
    parser.add_argument("--folder")
    chosen = parser.parse_args()
    if chosen.measure:
        result = {"ours": ours, "memory": ours_in_memory, "peer": peer}[chosen.measure](chosen.path, chosen.folder)
        used = resource.getrusage(resource.RUSAGE_SELF)
        result |= {"peak_gb": used.ru_maxrss / 1024**2, "cpu": used.ru_utime + used.ru_stime}
        print(json.dumps(result))
        return
    sizes = (1_000_000, 5_000_000) if chosen.small else (10_000_000, 50_000_000)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for orders in sizes:
            path = Path(folder) / f"{orders}.parquet"
            generate(path, orders)
            results.append((orders, "ours, to Parquet", measured("ours", path)))
            if orders == sizes[0]:
                results.append((orders, "ours, to a DataFrame", measured("memory", path)))
                results.append((orders, "lifetimes", measured("peer", path)))
    section = report(results)
    print("\n".join(section))
    if chosen.write:
        write(section)


if __name__ == "__main__":
    main()
