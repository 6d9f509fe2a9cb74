"""A year of reports against a plain loop: papermill and nbconvert, one notebook after another.

Both get the same notebooks, the same files and the same months. The loop makes pages of nbconvert's own template and no
index, so it has less to do. Half of it runs before the report and half after, as a shared machine changes its speed.
Run from the repository: python benchmarks/report.py [months] [months of the loop]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sections import machine, write_section

ROOT = Path(__file__).parents[1]
SAMPLE = {name: str(ROOT / "data" / "sample" / f"{name}.csv") for name in (
    "orders", "order_lines", "subscriptions", "surveys", "visits")}  # fmt: skip
LAST = ("2025-07", "2026-06")
Timed = tuple[float, float, float, str]
"""Seconds, processor seconds, largest memory in MB, what was said."""


def ours(months: list[str], folder: str) -> None:
    """The command, as a scheduler runs it; it exits with a status of its own where a notebook fails."""
    from retention_kit import cli

    sources = "".join(f'{name} = "{path}"\n' for name, path in SAMPLE.items())
    file = Path(folder) / "report.toml"
    settings = f'currency = "EUR"\noutput = "{folder}/reports"\n[sources]\n{sources}'
    file.write_text(settings, encoding="utf-8")
    cli.main(["report", "--config", str(file), "--from", months[0], "--to", months[-1]])


def loop(months: list[str], folder: str) -> None:
    import papermill
    from nbconvert.exporters.html import HTMLExporter

    from retention_kit.report.notebooks import discovery
    from retention_kit.report.settings.months import last_day

    exporter = HTMLExporter()
    for month in months:
        for notebook in discovery.find(None):
            values = {**SAMPLE, "as_of": last_day(month).isoformat(), "currency": "EUR"}
            given = {name: value for name, value in values.items() if name in notebook.defaults}
            out = f"{folder}/{month}-{notebook.path.name}"
            node = papermill.execute_notebook(notebook.path, out, given, kernel_name="python3", progress_bar=False)
            Path(out).with_suffix(".html").write_text(exporter.from_notebook_node(node)[0], encoding="utf-8")


def starts(_months: list[str], folder: str) -> None:
    """Print the seconds that a notebook without work takes, each of ten."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from retention_kit import warm_kernels
    from retention_kit.report.execution import execute
    from retention_kit.report.notebooks.discovery import Notebook

    cell = new_code_cell("as_of = ''", metadata={"tags": ["parameters"]})
    node = new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(node, f"{folder}/empty.ipynb")
    empty = Notebook(Path(folder) / "empty.ipynb", node, {"as_of": ""})
    warm_kernels.warm_up()
    runs = [execute.execute(empty, {"as_of": "x"}, {}, private=Path(folder), cell_timeout=60) for _ in range(11)]
    print(*(f"{run.seconds:.2f}" for run in runs[1:]))


def timed(what: str, months: list[str]) -> Timed:
    """Seconds, processor seconds and largest memory in MB of a contender with all its processes, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, __file__, what, folder, *months]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT / "benchmarks")
        most, done = [0.0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, most, done))
        watcher.start()
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        done.set()
        watcher.join()
        assert status == 0, f"{what} failed"
        return time.monotonic() - began, used.ru_utime + used.ru_stime, most[0], said


def _watch(root: int, most: list[float], done: threading.Event) -> None:
    """Keep the largest sum of memory over the tree of processes; pages that are shared count once."""
    while not done.wait(1.0):
        most[0] = max(most[0], sum(_memory(pid) for pid in _tree(root)))


def _tree(root: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def around(months: list[str], middle: Callable[[], Timed]) -> tuple[Timed, Timed]:
    """What the loop took, half of it before `middle` and half after, and what `middle` took."""
    half = (len(months) + 1) // 2
    parts = [timed("loop", months[:half])]
    inner = middle()
    parts += [timed("loop", months[half:])] if months[half:] else []
    seconds, processor, memory, said = zip(*parts, strict=True)
    return (sum(seconds), sum(processor), max(memory), "".join(said)), inner


def main(count: int = 12, of_loop: int = 6) -> None:
    from retention_kit.report import month_range
    from retention_kit.report.notebooks import discovery

    months = list(month_range(*LAST))[-count:]
    some = months[-of_loop:]
    names = [notebook.name for notebook in discovery.find(None)]
    peer, own = around(some, lambda: timed("ours", months))
    (peer_seconds, peer_processor, peer_memory, _), (seconds, processor, memory, _) = peer, own
    start = sorted(float(word) for word in timed("starts", [])[3].split())
    faster = (peer_seconds / len(some)) / (seconds / len(months))
    rows = [
        ("retention_kit.report.run", months, seconds, processor, memory),
        ("loop of papermill and nbconvert", some, peer_seconds, peer_processor, peer_memory),
    ]
    columns = "| {} | {} | {:.1f} | {:.1f} | {:.2f} | {:.1f} | {:,.0f} |\n"
    table = "".join(
        columns.format(who, len(of), s, s / len(of), s / len(of) / len(names), p / len(of), m)
        for who, of, s, p, m in rows
    )
    write_section(
        "A year of reports",
        f"`python benchmarks/report.py {count} {of_loop}`: the {len(names)} notebooks that ship ({', '.join(names)}) "
        f"on the sample store in data/sample, months {months[0]} to {months[-1]}; "
        f"the loop on the last {len(some)}, half of them before and half after. "
        f"{machine()} Load of the machine at the end: {os.getloadavg()[0]:.1f}.\n\n"
        "| contender | months | seconds | per month | per notebook | processor seconds per month | peak MB |\n"
        f"|---|---|---|---|---|---|---|\n{table}\n"
        f"Per month {faster:.1f} times faster; processor seconds "
        f"{(peer_processor / len(some)) / (processor / len(months)):.1f} times fewer. "
        f"A notebook without work takes {start[len(start) // 2]:.2f} s from start to end (ten runs, {start[0]:.2f} to "
        f"{start[-1]:.2f} s). Memory is of all processes together, shared pages counted once.",
    )


if __name__ == "__main__":
    contenders = {"ours": ours, "loop": loop, "starts": starts}
    if sys.argv[1:2] and sys.argv[1] in contenders:
        contenders[sys.argv[1]](sys.argv[3:], sys.argv[2])
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
