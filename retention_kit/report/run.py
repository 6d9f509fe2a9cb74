"""The monthly job, told from its beginning to its end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from retention_kit.report import month as month_folder
from retention_kit.report import plan as request
from retention_kit.report import workspace
from retention_kit.report.config import Config, parse_month
from retention_kit.report.execute import Executed, Failure, execute
from retention_kit.report.notebooks import Notebook
from retention_kit.report.plan import Plan
from retention_kit.report.workspace import Workspace

__all__ = ["Month", "run"]


@dataclass(frozen=True)
class Month:
    """One month as it was made: its index, and the notebooks that failed with their reasons."""

    month: str
    index: Path
    failures: dict[str, Failure]


def run(
    config: Config, *, months: Sequence[str] | str, jobs: int | None = None, progress: bool = False
) -> tuple[Month, ...]:
    """Make the report of one or several months.

    Parameters
    ----------
    config : Config
        Sources, notebooks, parameters and the output folder.
    months : str or sequence of str
        ``"YYYY-MM"``.
    jobs : int, optional
        How many notebooks run at the same time; by default one per processor.
    progress : bool
        Whether to show a progress bar over the notebooks.

    Returns
    -------
    tuple of Month
        In the order asked for. A notebook that failed is named there and on the index; the others are whole.

    Raises
    ------
    ConfigError
        The request cannot be carried out as written. Nothing was made.
    DataError
        A source cannot be read. Nothing was made.

    Examples
    --------
    >>> run(Config(), months="June 1998")
    Traceback (most recent call last):
    ...
    retention_kit.errors.ConfigError: A month is written YYYY-MM, as in 1998-06; got 'June 1998'.
    """
    wanted = tuple(dict.fromkeys(parse_month(m) for m in ([months] if isinstance(months, str) else months)))
    plan = request.make(config)
    with workspace.opened(config) as data:
        workspace.refuse_months_without_orders(data, wanted)
        tasks = [(month, notebook) for month in wanted for notebook in plan.notebooks]
        bar = tqdm(total=len(tasks), unit="notebook", disable=not progress)
        with bar, ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
            running = {(m, n.name): pool.submit(_execute, m, n, config, plan, data) for m, n in tasks}
            for future in running.values():
                future.add_done_callback(lambda _: bar.update())
            return tuple(_finish(month, running, config, plan, data) for month in wanted)


def _execute(month: str, notebook: Notebook, config: Config, plan: Plan, data: Workspace) -> Executed:
    inside, shown = request.values(notebook, plan, config, data.folder, month)
    scratch = data.folder / f"running-{month}"
    scratch.mkdir(exist_ok=True)
    folders = {"private": data.folder, "scratch": scratch}
    return execute(notebook, inside, shown, **folders, cell_timeout=config.cell_timeout)


def _finish(
    month: str, running: dict[tuple[str, str], Future[Executed]], config: Config, plan: Plan, data: Workspace
) -> Month:
    """Build the month in a folder of its own and put it in place when it is whole."""
    executed = [running[month, notebook.name].result() for notebook in plan.notebooks]
    built = Path(tempfile.mkdtemp(prefix=f".{month}-", dir=config.output))
    try:
        month_folder.write(built, month, executed, config=config, plan=plan, data=data)
        built.chmod(0o755)
        _put_in_place(built, config.output / month)
    finally:
        shutil.rmtree(built, ignore_errors=True)
    failures = {result.notebook.name: result.failure for result in executed if result.failure}
    return Month(month, config.output / month / "index.html", failures)


def _put_in_place(built: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    built.rename(place)
    shutil.rmtree(old, ignore_errors=True)
