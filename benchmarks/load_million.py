"""Claim: a CSV of a million orders loads as fast as in an earlier build, measured in the same run.

    python benchmarks/load_million.py COMMIT [--rows 1000000] [--rounds 5] [--write]

The earlier build is checked out of this repository into a folder that is removed afterwards. Both builds load the same
files in turn, each time in a process of its own; the ratio is that of the best processor seconds, which hardly feel
other programs. Files: a plain log, a log with offsets and currency signs, and the plain log as Parquet.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = "## loading a million orders"


def generate(folder, rows):
    """Three files of the same orders."""
    import duckdb

    moment = "TIMESTAMP '2022-01-01' + to_seconds((hash(i * 2) % 63072000)::BIGINT)"
    customer = f"'C' || lpad((hash(i * 2 + 1) % {rows // 10})::VARCHAR, 8, '0')"
    amount = "round(5 + (hash(i + 7) % 20000) / 100, 2)"
    plain = f"SELECT {customer} AS customer_id, {moment} AS ordered_at, {amount} AS amount, i AS order_id"
    signed = (
        f"SELECT {customer} AS customer_id, strftime({moment}, '%Y-%m-%d %H:%M:%S') || ' +0200' AS ordered_at, "
        f"'€' || {amount} AS amount, i AS order_id, 'EUR' AS currency"
    )
    files = {"plain.csv": plain, "signed.csv": signed, "plain.parquet": plain}
    for name, query in files.items():
        kind = "parquet" if name.endswith("parquet") else "csv"
        duckdb.sql(f"COPY ({query} FROM range({rows}) AS rows(i)) TO '{folder / name}' (FORMAT {kind})")
    return [folder / name for name in files]


def measure(path):
    """Processor seconds, seconds and peak memory of one load; the imports are not counted."""
    from retention_kit import load

    load.orders(path.with_name("small.csv"), preset=None, timezone="UTC")
    started, used = time.perf_counter(), time.process_time()
    data = load.orders(path, preset=None, timezone="UTC")
    result = {"cpu": time.process_time() - used, "seconds": time.perf_counter() - started}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return result | {"rows": data.source.rows_kept, "peak_gb": peak}


def measured(build, path):
    """One load by a build in a process of its own."""
    command = [sys.executable, __file__, "--measure", str(path)]
    environment = os.environ | {"PYTHONPATH": str(build)}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return json.loads(answer.splitlines()[-1])


def compared(before, paths, rounds):
    """The best of each build by file."""
    best = {}
    for _ in range(rounds):
        for path in paths:
            for name, build in (("before", before), ("now", ROOT)):
                result = measured(build, path)
                key = (path.name, name)
                best[key] = min(best.get(key, result), result, key=lambda r: r["cpu"])
    return best


def report(best, commit, rows, rounds):
    """The section for RESULTS.md."""
    lines = [
        HEADING, "", f"`python benchmarks/load_million.py {commit}`: {rows:,} orders, best of {rounds} rounds in turn.",
        "", "| file | CPU s before | CPU s now | ratio | s before | s now | peak GB before | now |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name in dict.fromkeys(name for name, _ in best):
        old, new = best[name, "before"], best[name, "now"]
        lines.append(
            f"| {name} | {old['cpu']:.2f} | {new['cpu']:.2f} | {new['cpu'] / old['cpu']:.2f} | {old['seconds']:.2f} "
            f"| {new['seconds']:.2f} | {old['peak_gb']:.2f} | {new['peak_gb']:.2f} |"
        )
    return [*lines, ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", nargs="?")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="append the result to RESULTS.md")
    parser.add_argument("--measure", type=Path)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure)))
        return
    if chosen.commit is None:
        parser.error("name the commit of the earlier build")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = folder / "before"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "-q", before, chosen.commit], check=True)
        try:
            paths = generate(folder, chosen.rows)
            (folder / "small.csv").write_text("customer_id,ordered_at,amount\na,2024-05-01,1.5\n")
            section = report(compared(before, paths, chosen.rounds), chosen.commit, chosen.rows, chosen.rounds)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", before], check=True)
    print("\n".join(section))
    if chosen.write:
        RESULTS.write_text(RESULTS.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + "\n".join(section), "utf-8")


if __name__ == "__main__":
    main()
