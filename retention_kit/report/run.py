"""The monthly job: read the request, validate the data; for each month execute, compute, render, publish, notify."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from retention_kit import signals, warm_kernels
from retention_kit.errors import RetentionKitWarning
from retention_kit.load.sources.engine import limited
from retention_kit.report import language
from retention_kit.report.actions import action_lists, month_customers
from retention_kit.report.delivery import posted, webhook
from retention_kit.report.delivery.webhook import Delivery, Hook
from retention_kit.report.execution import budget, forked
from retention_kit.report.execution.budget import Budget
from retention_kit.report.execution.execute import SPILLED, Executed, Failure, execute
from retention_kit.report.execution.progress import Progress
from retention_kit.report.execution.value_model_choice import Choices
from retention_kit.report.html import month_page
from retention_kit.report.html.month_page import NotebookPage
from retention_kit.report.inputs import workspace
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.language import report_wording
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

Running = Mapping[str, Mapping[str, Future[NotebookPage]]]
"""Running notebooks of a month, by folder of the part, then by name."""


@dataclass(frozen=True)
class Month:
    """One month of the report: its index, the notebooks that failed with their reasons, the alerts that tripped; `made`
    is False if the month existed already, with the same data, parameters, code and versions."""

    month: str
    index: Path
    failures: dict[str, Failure] = field(default_factory=dict)
    alerts: tuple[dict[str, Any], ...] = ()
    made: bool = True


@dataclass(frozen=True)
class Request:
    """The request: the months, all pages that a month can have, and the names of the chosen pages."""

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
    progress: Progress
    shares: Budget

    @property
    def config(self) -> Config:
        """Configuration of the request."""
        return self.request.config


@dataclass(frozen=True)
class PlannedMonth:
    """A month before it is made: its folder, its last run, its parts, and everything they depend on."""

    month: str
    folder: Path
    last_run: LastRun
    parts: tuple[Part, ...]
    depends: fingerprint.Inputs

    @property
    def is_unchanged(self) -> bool:
        """Whether rebuilding the month would change nothing."""
        expected = fingerprint.of_month(self.month, self.depends)
        return manifest.unchanged(self.folder, self.last_run.manifest, expected)


def run(
    config: Config,
    *,
    months: Sequence[str] | str | None = None,
    jobs: int | None = None,
    memory: str | int | None = None,
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
        ``"YYYY-MM"``. By default the last month that the data cover to its end; if there is none, the month of their
        last day.
    jobs : int, optional
        Notebooks that run at the same time; by default two more than processors, because usually one is starting and
        another is saving its results, or fewer where the memory is small.
    memory : str or int, optional
        Memory of all processes of the run together, as ``"2GB"`` or in bytes; by default four fifths of the memory of
        the machine or container. Engines write what needs more into the private folder of the run.
    force : bool
        Whether unchanged months are rebuilt. With ``config.only`` the chosen pages are rebuilt; other finished and
        unchanged pages are kept.
    progress : bool
        Whether to say what is done: lines while data are read, then a bar over notebooks, numbers, pages and PDFs.
    once_read : callable, optional
        Called with the data that were read and the months, before anything is made.

    Returns
    -------
    tuple of Month
        Months in the requested order. Failed notebooks are listed there and on the index; the other pages are complete.

    Raises
    ------
    ConfigError
        The request is invalid, the memory too small, or another run writes into the folder. Nothing was made.
    DataError
        A source cannot be read. Nothing was made.
    OSError
        The output folder cannot be written or the disk is full. Finished months are unchanged.

    Examples
    --------
    >>> run(Config(), months="June 1998")
    Traceback (most recent call last):
    ...
    retention_kit.errors.ConfigError: A month is written YYYY-MM, as in 1998-06; got 'June 1998'.
    """
    request, shares = read_request(config, months), budget.plan(memory, jobs)
    said = Progress(shown=progress)
    said.says(f"warming up Python for the notebooks; reading and checking {', '.join(config.sources)}")
    with (
        _locked(request) as folder,
        limited(shares.engine, folder / SPILLED),
        workspace.opened(config, folder / "data") as data,
    ):
        signals.check()
        if months is None:
            request = replace(request, months=(data.last_month(),))
            foreign_files.refuse(config.output, request.months)
        if once_read is not None:
            once_read(data, request.months)
        job = prepare(request, data, folder, said, shares)
        planned = [plan_month(job, month) for month in request.months]
        due = [month for month in planned if force or not month.is_unchanged]
        finished = {month.month: month for month in make_months(job, due)}
        if not due:
            archive.write(config.output, config, private=folder)
        return tuple(finished.get(month.month) or _unchanged(month) for month in planned)


def read_request(config: Config, months: Sequence[str] | str | None) -> Request:
    """Check months, notebooks and parameters against each other, before anything is read or written."""
    asked = [months] if isinstance(months, str) else months or ()
    asked_months = tuple(dict.fromkeys(parse_month(month) for month in asked))
    plan = planning.make(config, asked_months)
    chosen = frozenset(notebook.name for notebook in plan.notebooks)
    if config.only:  # pages that are not chosen may be reused
        plan = planning.make(replace(config, only=()), asked_months)
    return Request(config, asked_months, plan, chosen)


@contextmanager
def _locked(request: Request) -> Iterator[Path]:
    """The private folder of a run, in a locked output folder without foreign files in the way."""
    output = request.config.output
    with signals.tidied(), foreign_files.unwritable_in_one_line(output):
        foreign_files.refuse(output, request.months)
        with lock.held(output):
            working_folder.recover(output)
            warm_kernels.warm_up()
            with working_folder.working(output) as folder:
                yield folder


def prepare(request: Request, data: Workspace, folder: Path, progress: Progress, shares: Budget) -> Run:
    """Check the request against the data, and split the data if the report is split."""
    config, plan = request.config, request.plan
    progress.says("checking notebooks and parameters against the data")
    planning.refuse_what_data_lack(plan, data, request.months)
    depends = fingerprint.inputs(config, plan, data)
    wording = report_wording.write(config.language, folder)
    started = forked.Kernels(working_folder.for_kernels(folder), wording, shares.engine)
    if config.split_by:
        progress.says(f"splitting by {config.split_by}")
    parts = splitting.parts(config, plan, data)
    return Run(request, folder, started, parts, depends, manifest.makers(plan), Choices(config, data), progress, shares)


def plan_month(job: Run, month: str) -> PlannedMonth:
    """Plan the parts of a month: all customers, and segments with orders in it, with the notebooks that have data."""
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


def make_months(job: Run, planned: Sequence[PlannedMonth]) -> list[Month]:
    """Execute the notebooks of these months, and make each month as soon as its notebooks have run."""
    notebooks = sum(len(part.plan.notebooks) for month in planned for part in month.parts)
    writing = sum(1 + _steps_of_writing(job, month) for month in planned)
    before = publish.in_place(job.config.output, [month.month for month in planned])
    pool = ThreadPoolExecutor(job.shares.jobs)
    job.choices.expect([month.month for month in planned])
    with job.progress.over(notebooks + writing):

        def advance(_: object) -> None:
            if not job.kernels.stopped:
                job.progress.done()

        try:
            running = {month.month: start(job, month, pool, advance) for month in planned}
            job.progress.begins("choosing the model of value")
            job.choices.settle([part.plan for part in job.parts])
            made = [make_month(job, month, running.pop(month.month)) for month in planned]
        except BaseException as error:
            job.choices.give_up(error)
            job.kernels.stop()  # notebooks of a month that cannot be written are not needed
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt) or signals.asked():
                raise KeyboardInterrupt(publish.finished(job.config.output, before)) from error
            raise
    pool.shutdown()
    return made


def start(job: Run, planned: PlannedMonth, pool: ThreadPoolExecutor, done: Callable[[object], None]) -> Running:
    """Submit the notebooks of a month to the threads, the longest first; reused pages are only rendered."""
    chosen, passwords = set(job.request.chosen), redaction.passwords_of(job.config)
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
        cell_timeout=job.shares.seconds_of(job.config.cell_timeout),
        passwords=passwords,
        kernels=job.kernels,
        lists=job.config.customer_ids != "none",
    )
    return month_page.rendered(executed, job.config)


def make_month(job: Run, planned: PlannedMonth, running: Running) -> Month:
    """Compute a month whose notebooks have run, write its pages, publish it, and send its alerts."""
    signals.check()
    config, month, progress = job.config, planned.month, job.progress
    progress.begins(f"{month}: notebooks")
    pages = {part.folder: _finished(part, running[part.folder]) for part in planned.parts}
    executed = {folder: [page.executed for page in made] for folder, made in pages.items()}
    value_model, model = job.choices.used(month, executed)
    with progress.step(f"{month}: numbers and lists"):
        customers = month_customers.by_folder(month, planned.parts, executed, config, job.choices.for_lists(month))
        result = compute(
            month,
            planned.parts,
            executed,
            config=config,
            previous={part.folder: previous_reports.read(config.output, month, part.folder) for part in planned.parts},
            lists=action_lists.of_parts(month, job.parts, config, job.choices.for_lists(month), customers.get("")),
            customers=customers,
            value_model=value_model,
        )
    hooks = webhook.hooks([checked for _, checked in result.tripped], title=config.title, month=month)
    before = posted.read(planned.folder)
    is_due = any(hook.send and hook.mark not in before for hook in hooks)
    write_and_publish(job, planned, result, pages, model, hooks, Delivery(before, is_due=is_due))
    if is_due:  # alerts are posted after the month is published, which is then written again with the result
        delivery = webhook.deliver(hooks, before, language.of(config.language))
        for failure in delivery.failures:
            warnings.warn(failure, RetentionKitWarning, stacklevel=2)
        progress.more(_steps_of_writing(job, planned))
        write_and_publish(job, planned, result, pages, model, hooks, delivery)
    tripped = tuple(asdict(checked.record()) for _, checked in result.tripped)
    return Month(month, planned.folder / "index.html", _failures(executed), tripped)


def _steps_of_writing(job: Run, planned: PlannedMonth) -> int:
    """The pages of each part, its PDF if there is one, and the publication."""
    return len(planned.parts) * (2 if job.config.pdf else 1) + 1


def write_and_publish(
    job: Run,
    planned: PlannedMonth,
    result: MonthResult,
    pages: Mapping[str, Sequence[NotebookPage]],
    model: str,
    hooks: Sequence[Hook],
    delivery: Delivery,
) -> None:
    """Write a month into a new folder, publish it when it is complete, and list it in the archive."""
    config, main_part = job.config, planned.parts[0]
    built = working_folder.building(job.folder, planned.month)
    month_folder.write(built, result, pages, config=config, hooks=hooks, delivery=delivery, progress=job.progress)
    job.progress.begins(f"{planned.month}: publishing")
    manifest.write(
        built,
        planned.month,
        {part.folder: part.executed for part in result.parts},
        config=config,
        plan=main_part.plan,
        data=main_part.data,
        depends=planned.depends,
        made_by={**job.made_by, "value_model": model},
        is_due=delivery.is_due,
    )
    publish.put(built, planned.folder, replaced=working_folder.replaced(job.folder, planned.month))
    archive.write(config.output, config, private=job.folder)  # after each month, so that the archive always lists all
    job.progress.done()


def _finished(part: Part, running: Mapping[str, Future[NotebookPage]]) -> list[NotebookPage]:
    """The pages of a part in the order of its notebooks, once all of them have run."""
    return [running[notebook.name].result() for notebook in part.plan.notebooks]


def _failures(executed: Mapping[str, Sequence[Executed]]) -> dict[str, Failure]:
    """Failed notebooks, by their page in the month."""
    return {
        f"{folder}/{result.notebook.name}".removeprefix("/"): result.failure
        for folder, results in executed.items()
        for result in results
        if result.failure
    }


def _unchanged(planned: PlannedMonth) -> Month:
    return Month(planned.month, planned.folder / "index.html", alerts=planned.last_run.tripped(), made=False)
