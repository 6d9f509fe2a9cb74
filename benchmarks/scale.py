"""A report month at size, against an earlier build: seconds, processor seconds and memory of all processes, and the
processor seconds of each page.

The orders are of simulated customers who differ in how often they buy and in when they leave, over two years, with a
country each. (Where nobody leaves, the fits end at a boundary: another thing to measure.) Each build runs with its own
package on the same Parquet file. Run from the repository, best on a machine that does nothing else:

    git worktree add ../before REVISION
    python benchmarks/scale.py 100_000,1_000_000,10_000_000 ../before
    python benchmarks/scale.py 50_000_000 6GB

The second argument is the earlier build, or a memory: then only this build runs, with that memory for the run. After
the month, this build also makes the month before it in a new folder, and then this month beside it.

Single steps: `orders N FILE` writes orders, `month FILE FOLDER [MEMORY [MONTH]]` makes the report, `pages FILE` runs
the cells of every page one after another in this process, `summaries FILE` makes the customer and cohort tables.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
AS_OF = "2026-09-30"
MONTH_BEFORE = "2026-08"
PAGES = ("00_data_quality", "01_overview", "02_cohorts", "03_rfm", "04_lifetime_value", "07_forecast")
COUNTRIES = ("PL", "DE", "TW", "GB", "FR", "US")
_BLOCK = 250_000
"""Customers who are simulated at a time."""
_ORDERS_EACH = 4.68
"""Orders per customer of these parameters in two years."""


def orders(size: int, file: Path) -> None:
    """Write about so many orders of simulated customers."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from retention_kit.simulate import bgnbd_customers, orders_of

    people, writer = round(size / _ORDERS_EACH), None
    for number, first in enumerate(range(0, people, _BLOCK)):
        n = min(_BLOCK, people - first)
        rng = np.random.default_rng([23, number])
        T = rng.uniform(0.2, 104.3, n)
        block = bgnbd_customers(n, r=0.8, alpha=7.0, a=0.6, b=4.0, T=T, unit="week", seed=rng)
        block["customer_id"] = [f"C{first + i:08d}" for i in range(n)]
        log = orders_of(block, as_of=AS_OF, seed=rng)
        country = dict(
            zip(block["customer_id"], rng.choice(COUNTRIES, n, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1]), strict=True)
        )
        log["country"] = log["customer_id"].map(country)
        table = pa.Table.from_pandas(
            log.astype({"ordered_at": "datetime64[us]", "country": "str"}), preserve_index=False
        )
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    print(json.dumps({"customers": people, "orders": pq.ParquetFile(file).metadata.num_rows, "pandas": pd.__version__}))


def month(file: Path, folder: Path, memory: Path | None = None, named: Path = Path(AS_OF[:7])) -> None:
    """The command, as a scheduler runs it."""
    from retention_kit import cli

    limit = ["--memory", str(memory)] if memory and str(memory) != "-" else []

    text = f'currency = "EUR"\noutput = "{folder}/reports"\n[sources]\norders = "{file}"\n'
    (folder / "report.toml").write_text(text, encoding="utf-8")
    cli.main(["report", "--config", str(folder / "report.toml"), "--month", str(named), *limit])


def pages(file: Path) -> None:
    """Run the cells of every page in this process; print the processor seconds of each page and of each cell."""
    os.environ["MPLBACKEND"] = "agg"
    from retention_kit import models

    began = time.process_time()
    model = models.value_model(_log(file), as_of=AS_OF).model
    results: dict[str, Any] = {"value model": round(time.process_time() - began, 2)}
    for name in PAGES:
        results[name] = _cells(ROOT_OF_PACKAGE() / "notebooks" / "reports" / f"{name}.ipynb", file, model)
    print(json.dumps(results))


def ROOT_OF_PACKAGE() -> Path:  # noqa: N802
    import retention_kit

    return Path(retention_kit.__file__).parents[1]


def _log(file: Path) -> Any:
    from retention_kit import load

    return load.orders(str(file))


def _cells(notebook: Path, file: Path, model: str) -> dict[str, float]:
    import matplotlib.pyplot as plt

    space: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells):
        began = time.process_time()
        with contextlib.redirect_stdout(None):
            exec("".join(cell["source"]), space)
        if number == 0:
            space |= {"orders": str(file), "as_of": AS_OF} | ({"model": model} if "model" in space else {})
        plt.close("all")
        seconds[str(number)] = round(time.process_time() - began, 2)
    return {"all": round(sum(seconds.values()), 2), **seconds}


def summaries(file: Path) -> None:
    """Processor seconds of the customer table and of the cohort table, from a loaded log."""
    from retention_kit import summarise

    results, log = {}, _log(file)
    for name, function in {"customers": summarise.customers, "cohorts": summarise.cohorts}.items():
        began = time.process_time()
        table = function(log, as_of=AS_OF)
        rows = len(table) if name == "cohorts" else table.count().to_pandas()
        results[name] = [round(time.process_time() - began, 2), int(rows)]
    print(json.dumps(results))


def timed(build: Path, *step: str) -> dict[str, Any]:
    """A step with the package of a build: seconds, processor seconds, largest memory in MB, what it printed last."""
    env = {**os.environ, "PYTHONPATH": str(build), "OPENBLAS_NUM_THREADS": "1"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "scale.py"), *step], stdout=subprocess.PIPE, text=True, env=env, cwd=build
    )
    most, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, most, done))
    watcher.start()
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    done.set()
    watcher.join()
    result: dict[str, Any] = {"status": status, "seconds": time.monotonic() - began}
    return result | {"processor": used.ru_utime + used.ru_stime, "memory": most[0], "printed": printed.splitlines()}


def _watch(root: int, most: list[float], done: threading.Event) -> None:
    from report import _memory, _tree

    while not done.wait(0.5):
        most[0] = max(most[0], sum(_memory(pid) for pid in _tree(root)))


def main(sizes: str, other: str) -> None:
    from sections import machine, write_section

    alone = not Path(other).is_dir()
    builds = {"now": ROOT} if alone else {"before": Path(other).resolve(), "now": ROOT}
    memory = other if alone else "-"
    lines, by_page = [], []
    with tempfile.TemporaryDirectory() as made:
        for size in (int(text) for text in sizes.split(",")):
            file = Path(made) / f"orders_{size}.parquet"
            timed(ROOT, "orders", str(size), str(file))
            for name, build in builds.items():
                with tempfile.TemporaryDirectory() as folder:
                    lines.append(_line(size, name, timed(build, "month", str(file), folder, memory), folder))
                each = json.loads(timed(build, "pages", str(file))["printed"][-1])
                tables = json.loads(timed(build, "summaries", str(file))["printed"][-1])
                of_pages = [each["value model"], *(each[page]["all"] for page in PAGES)]
                of_pages += [tables["customers"][0], tables["cohorts"][0]]
                by_page.append(f"| {size:,} | {name} | " + " | ".join(f"{s:.1f}" for s in of_pages) + " |")
            with tempfile.TemporaryDirectory() as folder:
                for name, day in {"now, the month before": MONTH_BEFORE, "now, then this month": AS_OF[:7]}.items():
                    run = timed(ROOT, "month", str(file), folder, memory, day)
                    lines.append(_line(size, name, run, folder, day))
            file.unlink()
    limit = f" The run has {other} of memory." if alone else ""
    write_section(
        f"Report months at size{f', {other}' if alone else ''} (`scale.py`)",
        f"`python benchmarks/scale.py {sizes} {other if alone else 'BEFORE'}`: orders of simulated customers who "
        f"leave, two years, six countries.{limit} {machine()} Load at the end: {os.getloadavg()[0]:.1f}.\n\n"
        "| orders | build | seconds | processor seconds | peak MB | pages |\n|---|---|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n\nProcessor seconds by page, cell after cell in one process, without the pages' own making; then of the "
        "customer table and of the cohort table, from a loaded log:\n\n"
        f"| orders | build | value model | {' | '.join(PAGES)} | customers | cohorts |\n"
        f"|---|---|---|{'---|' * (len(PAGES) + 2)}\n"
        + "\n".join(by_page)
        + "\n\nMemory is of all processes together, shared pages counted once.",
    )


def _line(size: int, name: str, run: dict[str, Any], folder: str, day: str = AS_OF[:7]) -> str:
    """A row of the table; the run must have ended well."""
    assert run["status"] == 0, "\n".join(run["printed"][-20:])
    made = len(list(Path(folder, "reports", day).glob("0*.html")))
    return f"| {size:,} | {name} | {run['seconds']:.0f} | {run['processor']:.0f} | {run['memory']:,.0f} | {made} |"


if __name__ == "__main__":
    steps = {"orders": orders, "month": month, "pages": pages, "summaries": summaries}
    step, *rest = sys.argv[1:]
    if step == "orders":
        orders(int(rest[0]), Path(rest[1]))
    elif step in steps:
        steps[step](*(Path(text) for text in rest))
    else:
        main(step, *rest)
