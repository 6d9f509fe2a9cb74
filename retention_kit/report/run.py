"""The monthly job: read the request, validate the data; for each month execute, compute, render, publish, notify."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from retention_kit import signals, warm_kernels
from retention_kit.errors import RetentionKitWarning
from retention_kit.report import language
from retention_kit.report.actions import action_lists
from retention_kit.report.delivery import posted, webhook
from retention_kit.report.delivery.webhook import Delivery, Hook
from retention_kit.report.execution import forked
from retention_kit.report.execution.execute import Executed, Failure, execute
from retention_kit.report.execution.value_model_choice import Choices
from retention_kit.report.html import month_page
from retention_kit.report.html.month_page import NotebookPage
from retention_kit.report.inputs import workspace
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks import plan as planning
from retention_kit.report.notebooks import splitting
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.numbers.month_result import MonthResult, compute
from retention_kit.report.output import (
    archive,
    fingerprint,
    foreign_files,
    lock,
    manifest,
    month_folder,
    previous_reports,
    publish,
    reused_pages,
    working_folder,
)
from retention_kit.report.output.reused_pages import LastRun
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.months import parse_month

__all__ = ["Month", "run"]

Running = Mapping[str, Mapping[str, Future[NotebookPage]]]
"""Notebooks of a month that are executed: by folder of the part, then by name."""


@dataclass(frozen=True)
class Month:
    """One month of the report: its index, the notebooks that failed with their reasons, the alerts that tripped.

    `made` is False where the month was there already, made from the same data, parameters, code and versions.
    """

    month: str
    index: Path
    failures: dict[str, Failure] = field(default_factory=dict)
    alerts: tuple[dict[str, Any], ...] = ()
    made: bool = True


@dataclass(frozen=True)
class Request:
    """What is asked for: the months, every page that a month can have, and the names of the pages that are chosen."""

    config: Config
    months: tuple[str, ...]
    plan: Plan
    chosen: frozenset[str]


@dataclass(frozen=True)
class Run:
    """What the months of a run have in common."""

    request: Request
    folder: Path
    """The private folder of the run."""
    kernels: forked.Kernels
    parts: tuple[Part, ...]
    depends: fingerprint.Inputs
    made_by: Mapping[str, Any]
    choices: Choices

    @property
    def config(self) -> Config:
        """Of the request."""
        return self.request.config


@dataclass(frozen=True)
class PlannedMonth:
    """A month before it is made: where it belongs, what its last run left, its parts, and what they depend on."""

    month: str
    folder: Path
    last_run: LastRun
    parts: tuple[Part, ...]
    depends: fingerprint.Inputs

    @property
    def is_unchanged(self) -> bool:
        """Whether making it again would change nothing."""
        wanted = fingerprint.of_month(self.month, self.depends)
        return manifest.unchanged(self.folder, self.last_run.manifest, wanted)


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
        Whether months that are there and unchanged are made again. With ``config.only`` the chosen pages are; others
        that are whole and unchanged stay.
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
    request = read_request(config, months)
    with _locked(request) as folder, workspace.opened(config, folder / "data") as data:
        signals.check()
        if months is None:
            request = replace(request, months=(data.last_month(),))
            foreign_files.refuse(config.output, request.months)
        if once_read is not None:
            once_read(data, request.months)
        job = prepare(request, data, folder)
        planned = [plan_month(job, month) for month in request.months]
        due = [each for each in planned if force or not each.is_unchanged]
        made = {month.month: month for month in make_months(job, due, jobs or (os.cpu_count() or 1) + 2, progress)}
        if not due:
            archive.write(config.output, config, private=folder)
        return tuple(made.get(each.month) or _unchanged(each) for each in planned)


def read_request(config: Config, months: Sequence[str] | str | None) -> Request:
    """Check months, notebooks and parameters against each other, before anything is read or written."""
    asked = [months] if isinstance(months, str) else months or ()
    wanted = tuple(dict.fromkeys(parse_month(month) for month in asked))
    plan = planning.make(config, wanted)
    chosen = frozenset(notebook.name for notebook in plan.notebooks)
    if config.only:  # pages that are not chosen may be reused
        plan = planning.make(replace(config, only=()), wanted)
    return Request(config, wanted, plan, chosen)


@contextmanager
def _locked(request: Request) -> Iterator[Path]:
    """The private folder of a run that nobody disturbs, in an output folder that holds nothing of others in the way."""
    output = request.config.output
    with signals.tidied(), foreign_files.unwritable_in_one_line(output):
        foreign_files.refuse(output, request.months)
        with lock.held(output):
            working_folder.recover(output)
            warm_kernels.warm_up()
            with working_folder.working(output) as folder:
                yield folder


def prepare(request: Request, data: Workspace, folder: Path) -> Run:
    """Check the request against the data, and split them where the report is split."""
    config, plan = request.config, request.plan
    planning.refuse_what_data_lack(plan, data, request.months)
    depends = fingerprint.inputs(config, plan, data)
    started, choices = forked.Kernels(working_folder.for_kernels(folder)), Choices(config, data.folder)
    parts = splitting.parts(config, plan, data)
    return Run(request, folder, started, parts, depends, manifest.makers(plan), choices)


def plan_month(job: Run, month: str) -> PlannedMonth:
    """Plan the whole and the segments that have orders in the month, with the notebooks that have something to say."""
    folder = job.config.output / month
    last_run = reused_pages.last_run(folder)
    names = {notebook.name for notebook in job.parts[0].plan.all}
    if job.config.only:
        names &= job.request.chosen | last_run.names
    parts = [_begun(part, month, names) for part in job.parts if month in part.data.months]
    segments = tuple(part.plan.segment for part in parts if part.plan.segment)
    parts = [replace(part, plan=replace(part.plan, segments=() if part.folder else segments)) for part in parts]
    return PlannedMonth(month, folder, last_run, tuple(parts), fingerprint.narrowed(job.depends, names))


def _begun(part: Part, month: str, names: set[str]) -> Part:
    return replace(part, plan=reused_pages.narrowed(planning.begun(part.plan, part.data, month), names))


def make_months(job: Run, planned: Sequence[PlannedMonth], jobs: int, progress: bool) -> list[Month]:
    """Execute the notebooks of these months, and make each month as soon as its notebooks have run."""
    total = sum(len(part.plan.notebooks) for month in planned for part in month.parts)
    before = publish.in_place(job.config.output, [month.month for month in planned])
    pool = ThreadPoolExecutor(jobs)
    job.choices.expect([month.month for month in planned])
    with tqdm(total=total, unit="notebook", disable=not (progress and total)) as bar:

        def advance(_: object) -> None:
            if not job.kernels.stopped:
                bar.update()

        try:
            running = {month.month: start(job, month, pool, advance) for month in planned}
            job.choices.settle([part.plan for part in job.parts])
            made = [make_month(job, month, running.pop(month.month)) for month in planned]
        except BaseException as error:
            job.choices.give_up(error)
            job.kernels.stop()  # nobody waits for notebooks whose month cannot be written
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt) or signals.asked():
                raise KeyboardInterrupt(publish.finished(job.config.output, before)) from error
            raise
    pool.shutdown()
    return made


def start(job: Run, planned: PlannedMonth, pool: ThreadPoolExecutor, done: Callable[[object], None]) -> Running:
    """Hand the notebooks of a month to the threads, the longest first; pages that are reused are only rendered."""
    chosen, passwords = set(job.request.chosen), redaction.found(job.config)
    reused: dict[reused_pages.Key, Executed] = {}
    if job.config.only:
        reused = reused_pages.pages(planned.last_run, planned.parts, chosen, job.depends, planned.month)
    running: dict[str, dict[str, Future[NotebookPage]]] = {}
    for part in planned.parts:
        running[part.folder] = {}
        for notebook in sorted(part.plan.notebooks, key=lambda notebook: -notebook.length):
            if page := reused.get((part.folder, notebook.name)):
                future = pool.submit(month_page.rendered, page, job.config)
            else:
                future = pool.submit(_execute, job, planned.month, part, notebook, passwords)
            future.add_done_callback(done)
            running[part.folder][notebook.name] = future
    return running


def _execute(job: Run, month: str, part: Part, notebook: Notebook, passwords: Sequence[str]) -> NotebookPage:
    """Execute one notebook and render its page, while others are executed."""
    model = job.choices.for_page(month, notebook, part.plan)
    inside, shown = planning.values(notebook, part.plan, job.config, part.data, month, model)
    executed = execute(
        notebook,
        inside,
        shown,
        private=part.data.folder,
        cell_timeout=job.config.cell_timeout,
        passwords=passwords,
        kernels=job.kernels,
        lists=job.config.customer_ids != "none",
    )
    return month_page.rendered(executed, job.config)


def make_month(job: Run, planned: PlannedMonth, running: Running) -> Month:
    """Compute a month whose notebooks have run, write its pages, publish it, and let others know of its alerts."""
    signals.check()
    config, month = job.config, planned.month
    pages = {part.folder: _finished(part, running[part.folder]) for part in planned.parts}
    executed = {folder: [page.executed for page in made] for folder, made in pages.items()}
    value_model, model = job.choices.used(month, executed)
    result = compute(
        month,
        planned.parts,
        executed,
        config=config,
        previous={part.folder: previous_reports.read(config.output, month, part.folder) for part in planned.parts},
        lists=_action_lists(job, month),
        value_model=value_model,
    )
    hooks = webhook.hooks([checked for _, checked in result.tripped], title=config.title, month=month)
    before = posted.read(planned.folder)
    is_due = any(hook.send and hook.mark not in before for hook in hooks)
    write_and_publish(job, planned, result, pages, model, hooks, Delivery(before, is_due=is_due))
    if is_due:  # the month is in its place: only now somebody hears of it, and the month says what came of it
        delivery = webhook.deliver(hooks, before, language.of(config.language))
        for failure in delivery.failures:
            warnings.warn(failure, RetentionKitWarning, stacklevel=2)
        write_and_publish(job, planned, result, pages, model, hooks, delivery)
    tripped = tuple(asdict(checked.record()) for _, checked in result.tripped)
    return Month(month, planned.folder / "index.html", _failures(executed), tripped)


def write_and_publish(
    job: Run,
    planned: PlannedMonth,
    result: MonthResult,
    pages: Mapping[str, Sequence[NotebookPage]],
    model: str,
    hooks: Sequence[Hook],
    delivery: Delivery,
) -> None:
    """Write a month into a folder of its own, put it in its place when it is whole, and list it in the archive."""
    config, whole = job.config, planned.parts[0]
    built = working_folder.building(job.folder, planned.month)
    month_folder.write(built, result, pages, config=config, hooks=hooks, delivery=delivery)
    manifest.write(
        built,
        planned.month,
        {part.folder: part.executed for part in result.parts},
        config=config,
        plan=whole.plan,
        data=whole.data,
        depends=planned.depends,
        made_by={**job.made_by, "value_model": model},
        is_due=delivery.is_due,
    )
    publish.put(built, planned.folder, replaced=working_folder.replaced(job.folder, planned.month))
    archive.write(config.output, config, private=job.folder)  # after each: none is left unlisted


def _finished(part: Part, running: Mapping[str, Future[NotebookPage]]) -> list[NotebookPage]:
    """The pages of a part in the order of its notebooks, once all of them have run."""
    return [running[notebook.name].result() for notebook in part.plan.notebooks]


def _action_lists(job: Run, month: str) -> tuple[action_lists.ActionList, ...]:
    """Action lists of the whole, which name the segment of each customer."""
    whole, *segments = job.parts
    return action_lists.make(
        month,
        config=job.config,
        workspace=whole.data.folder,
        segments={part.plan.segment.value: part.data.folder for part in segments if part.plan.segment},
        model=job.choices.for_lists(month),
    )


def _failures(executed: Mapping[str, Sequence[Executed]]) -> dict[str, Failure]:
    """Notebooks that failed, by their page in the month."""
    return {
        f"{folder}/{result.notebook.name}".removeprefix("/"): result.failure
        for folder, results in executed.items()
        for result in results
        if result.failure
    }


def _unchanged(planned: PlannedMonth) -> Month:
    return Month(planned.month, planned.folder / "index.html", alerts=planned.last_run.tripped(), made=False)
