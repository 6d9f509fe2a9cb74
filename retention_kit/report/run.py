"""The monthly job, told from its beginning to its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from retention_kit import signals, warm_kernels
from retention_kit.report.actions import action_lists
from retention_kit.report.execution import forked
from retention_kit.report.execution.execute import Executed, execute
from retention_kit.report.execution.value_model_choice import Choices
from retention_kit.report.html import month_page as month_folder
from retention_kit.report.inputs import workspace
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks import plan as request
from retention_kit.report.notebooks import splitting
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.output import (
    archive,
    fingerprint,
    foreign_files,
    lock,
    manifest,
    publish,
    reused_pages,
    working_folder,
)
from retention_kit.report.output.outcome import Month, failures, tripped
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.months import named, parse_month

__all__ = ["Month", "run"]

Running = Mapping[str, Mapping[str, Future[Executed]]]
"""Notebooks of a month on their way: by part, then by name."""


def run(
    config: Config,
    *,
    months: Sequence[str] | str | None = None,
    jobs: int | None = None,
    force: bool = False,
    progress: bool = False,
    once_read: Callable[[Workspace, tuple[str, ...]], None] | None = None,
) -> tuple[Month, ...]:
    """Make the report of one or several months.

    Parameters
    ----------
    config : Config
        Sources, notebooks, parameters and the output folder.
    months : str or sequence of str, optional
        ``"YYYY-MM"``. Without it the last month that the data cover to its end; where there is none, their last month.
    jobs : int, optional
        How many notebooks run at the same time; by default two more than processors, as one of them is mostly starting
        and another one handing over what it made.
    force : bool
        Whether months are made again that are there, whole and unchanged. With ``config.only`` the chosen pages are;
        others that are whole and unchanged stay.
    progress : bool
        Whether to show a progress bar over the notebooks.
    once_read : callable, optional
        Called with the data that were read and the months, before anything is made.

    Returns
    -------
    tuple of Month
        In the order asked for. A notebook that failed is named there and on the index; the others are whole.

    Raises
    ------
    ConfigError
        The request cannot be carried out as written, or another run writes into the same folder. Nothing was made.
    DataError
        A source cannot be read. Nothing was made.
    OSError
        The output folder cannot be written or the disk is full. Months that were whole are untouched.

    Examples
    --------
    >>> run(Config(), months="June 1998")
    Traceback (most recent call last):
    ...
    retention_kit.errors.ConfigError: A month is written YYYY-MM, as in 1998-06; got 'June 1998'.
    """
    asked = [months] if isinstance(months, str) else months or ()
    wanted = tuple(dict.fromkeys(parse_month(month) for month in asked))
    plan = request.make(config, wanted)
    chosen = {notebook.name for notebook in plan.notebooks}
    if config.only:  # the pages that are not chosen may stand in the month
        plan = request.make(replace(config, only=()), wanted)
    with signals.tidied(), foreign_files.unwritable_in_one_line(config.output):
        foreign_files.refuse(config.output, wanted)
        with lock.held(config.output):
            working_folder.recover(config.output)
            warm_kernels.warm_up()
            with working_folder.working(config.output) as own, workspace.opened(config, own / "data") as data:
                signals.check()
                if months is None:
                    wanted = (data.last_month(),)
                    foreign_files.refuse(config.output, wanted)
                if once_read is not None:
                    once_read(data, wanted)
                request.refuse_what_data_lack(plan, data, wanted)
                depends = fingerprint.inputs(config, plan, data)
                started, choices = forked.Kernels(working_folder.for_kernels(own)), Choices(config, data.folder)
                parts = splitting.parts(config, plan, data)
                job = _Job(config, own, started, parts, chosen, depends, manifest.makers(plan), choices)
                due = [month for month in wanted if force or not job.is_there(month)]
                made = {month.month: month for month in job.make(due, jobs or (os.cpu_count() or 1) + 2, progress)}
                if not due:
                    archive.write(config.output, config, private=own)
                return tuple(made.get(month) or job.found(month) for month in wanted)


@dataclass(frozen=True)
class _Job:
    """All that the months of one run have in common."""

    config: Config
    own: Path
    kernels: forked.Kernels
    parts: tuple[Part, ...]
    chosen: set[str]
    depends: fingerprint.Inputs
    made_by: Mapping[str, Any]
    choices: Choices

    def is_there(self, month: str) -> bool:
        return manifest.unchanged(self.config.output / month, fingerprint.of_month(month, self._depends(month)))

    def _names(self, month: str) -> set[str]:
        """Notebooks of a month: all of the report, or those chosen by `only` and those that stand there already."""
        every = {notebook.name for notebook in self.parts[0].plan.all}
        return (
            every & (self.chosen | reused_pages.before(self.config.output / month).names) if self.config.only else every
        )

    def _depends(self, month: str) -> fingerprint.Inputs:
        return fingerprint.narrowed(self.depends, self._names(month))

    def found(self, month: str) -> Month:
        folder = self.config.output / month
        return Month(month, folder / "index.html", alerts=tripped(folder), made=False)

    def make(self, months: Sequence[str], jobs: int, progress: bool) -> list[Month]:
        """Run every notebook of these months, and finish each month as soon as its notebooks are through."""
        total = sum(len(part.plan.notebooks) for month in months for part in self._parts(month))
        pool, before = ThreadPoolExecutor(jobs), self._folders(months)
        self.choices.expect(months)
        with tqdm(total=total, unit="notebook", disable=not (progress and total)) as bar:
            try:
                running = {month: self._start(month, pool, lambda _: self._advance(bar)) for month in months}
                self.choices.settle([part.plan for part in self.parts])
                made = [self._finish(month, running.pop(month)) for month in months]
            except BaseException as error:
                self.choices.give_up(error)
                self.kernels.stop()  # nobody waits for notebooks whose month cannot be written
                pool.shutdown(wait=False, cancel_futures=True)
                if isinstance(error, KeyboardInterrupt) or signals.asked():
                    raise KeyboardInterrupt(self._standing(before)) from error
                raise
        pool.shutdown()
        return made

    def _folders(self, months: Sequence[str]) -> dict[str, int | None]:
        """Which folder stands in the place of each month: a number of the file system."""
        places = {month: self.config.output / month for month in months}
        return {month: path.stat().st_ino if path.exists() else None for month, path in places.items()}

    def _standing(self, before: Mapping[str, int | None]) -> str:
        """What a run that was stopped leaves."""
        finished = [month for month, now in self._folders(list(before)).items() if now not in (None, before[month])]
        others = [month for month in before if month not in finished]
        said = [f"{named(finished)} finished"] * bool(finished) + [f"{named(others)} as before"] * bool(others)
        return "; ".join(said)

    def _advance(self, bar: Any) -> None:
        if not self.kernels.stopped:
            bar.update()

    def _parts(self, month: str) -> list[Part]:
        """The whole, and the segments that have orders in the month."""
        names = self._names(month)
        here = [part for part in self.parts if month in part.data.months]
        made = [
            replace(part, plan=reused_pages.narrowed(request.begun(part.plan, part.data, month), names))
            for part in here
        ]
        segments = tuple(part.plan.segment for part in made if part.plan.segment)
        return [replace(part, plan=replace(part.plan, segments=() if part.folder else segments)) for part in made]

    def _start(self, month: str, pool: ThreadPoolExecutor, done: Callable[[Any], Any]) -> Running:
        passwords, parts = redaction.found(self.config), self._parts(month)
        old = reused_pages.before(self.config.output / month)
        stay = reused_pages.pages(old, parts, self.chosen, self.depends, month) if self.config.only else {}
        running: dict[str, dict[str, Future[Executed]]] = {}
        for part in parts:
            running[part.folder] = {}
            for notebook in sorted(part.plan.notebooks, key=lambda notebook: -notebook.length):
                page = stay.get((part.folder, notebook.name))
                future = (
                    reused_pages.done(page) if page else pool.submit(self._execute, month, notebook, part, passwords)
                )
                future.add_done_callback(done)
                running[part.folder][notebook.name] = future
        return running

    def _execute(self, month: str, notebook: Notebook, part: Part, passwords: Sequence[str]) -> Executed:
        model = self.choices.for_page(month, notebook, part.plan)
        inside, shown = request.values(notebook, part.plan, self.config, part.data, month, model)
        options = {"private": part.data.folder, "cell_timeout": self.config.cell_timeout, "passwords": passwords}
        options["lists"] = self.config.customer_ids != "none"
        executed = execute(notebook, inside, shown, kernels=self.kernels, **options)
        return month_folder.with_page(executed, self.config)

    def _finish(self, month: str, running: Running) -> Month:
        """Build the month in a folder of its own and put it in place when it is whole."""
        signals.check()
        parts, lists = self._parts(month), self._lists(month)
        names = {part.folder: [notebook.name for notebook in part.plan.notebooks] for part in parts}
        executed = {part: [running[part][name].result() for name in names[part]] for part in running}
        choice, value_model = self.choices.used(month, executed)
        built = working_folder.building(self.own, month)
        for part in reversed(parts):  # the whole comes last: its index links the segments
            folder = built / part.folder
            folder.mkdir(exist_ok=True)
            options = {"config": self.config, "plan": part.plan, "data": part.data, "lists": lists, "choice": choice}
            month_folder.write(folder, month, executed[part.folder], **options)
        whole = {"config": self.config, "plan": parts[0].plan, "data": parts[0].data}
        about = {"depends": self._depends(month), "made_by": {**self.made_by, "value_model": value_model}}
        manifest.write(built, month, executed, **whole, **about)
        publish.put(built, self.config.output / month, replaced=working_folder.replaced(self.own, month))
        archive.write(self.config.output, self.config, private=self.own)  # after each: none is left unlisted
        folder = self.config.output / month
        return Month(month, folder / "index.html", failures(executed), tripped(folder))

    def _lists(self, month: str) -> tuple[action_lists.Made, ...]:
        """Action lists of the whole, which name the segment of each customer."""
        whole, *segments = self.parts
        folders = {part.plan.segment.value: part.data.folder for part in segments if part.plan.segment}
        options = {"workspace": whole.data.folder, "segments": folders, "model": self.choices.for_lists(month)}
        return action_lists.make(month, config=self.config, **options)
