"""The folder of one month: its pages and executed notebooks, lists, alerts, data and manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import nbformat

from retention_kit.report import language
from retention_kit.report.actions import uplift
from retention_kit.report.delivery import mail, posted, webhook
from retention_kit.report.delivery.webhook import Delivery, Hook
from retention_kit.report.execution.progress import Progress
from retention_kit.report.html import month_page, single_file
from retention_kit.report.html.customers import customer_view, list_view
from retention_kit.report.html.month_page import Heading, NotebookPage
from retention_kit.report.numbers import alerts, changed_numbers, earlier_months
from retention_kit.report.numbers.month_result import MonthResult, PartResult
from retention_kit.report.output.data_files import action_files, data_folder, list_files, table_files
from retention_kit.report.output.data_files.data_folder import Table
from retention_kit.report.settings.config import Config


def write(
    folder: Path,
    result: MonthResult,
    pages: Mapping[str, Sequence[NotebookPage]],
    *,
    config: Config,
    hooks: Sequence[Hook],
    delivery: Delivery,
    progress: Progress,
) -> None:
    """Write everything of a month except its manifest into an empty folder.

    Parameters
    ----------
    folder : Path
        A new folder.
    result : MonthResult
        The computed month.
    pages : mapping of str to sequence of NotebookPage
        Pages by folder of the part.
    hooks : sequence of Hook
        Texts for webhooks.
    delivery : Delivery
        Posts that were delivered, and posts that failed.
    progress : Progress
        Shows the pages and the PDF of each part as steps.
    """
    spoken = language.of(config.language)
    for part in result.parts:
        name = f"{result.month}{f', {part.folder}' if part.folder else ''}"
        with progress.step(f"{name}: pages and data"):
            _write_part(folder / part.folder, result, part, pages[part.folder], config, delivery)
        if config.pdf:
            with progress.step(f"{name}: PDF"):
                _print_summary(folder / part.folder, config)
    tripped = [checked for _, checked in result.tripped]
    mail.write(folder, tripped, title=config.title, month=result.month, language=spoken)
    webhook.write(folder, hooks)
    posted.write(folder, delivery.posted)


def _write_part(
    folder: Path,
    result: MonthResult,
    part: PartResult,
    pages: Sequence[NotebookPage],
    config: Config,
    delivery: Delivery,
) -> None:
    folder.mkdir(exist_ok=True)
    head = month_page.heading(result.month, part, config)
    for made in pages:
        path = folder / month_page.href(made.executed)
        path.parent.mkdir(exist_ok=True)
        path.write_text(month_page.notebook_page(made, head, config, part), encoding="utf-8")
        path.with_suffix(".ipynb").write_text(nbformat.writes(made.executed.node) + "\n", encoding="utf-8")
    action_files.write(folder, part.lists, config)
    _write_customers(folder, result, part, head, config)
    if part.alerts:
        _write_alerts(folder, part.alerts)
    tables = data_folder.write(folder, part.executed, *_tables(part))
    if (restated := month_page.restated(part, head, config)) is not None:
        (folder / "restated.html").write_text(restated, encoding="utf-8")
    analyst = month_page.analyst(result, part, head, config, tables=len(tables) - 1, undelivered=delivery.failures)
    (folder / month_page.analyst_href(config)).write_text(analyst, encoding="utf-8")
    summary = month_page.summary(result, part, head, config, customers=month_page.customer_links(result, part))
    (folder / month_page.summary_href(config)).write_text(summary, encoding="utf-8")
    if config.single_file:
        _write_joined(folder, [month_page.href(executed) for executed in part.finished], config)


def _write_customers(folder: Path, result: MonthResult, part: PartResult, head: Heading, config: Config) -> None:
    """Write the index of lists, each list as a page and as files, and pages of single customers, for the owner only."""
    if not part.has_customers:
        return
    (folder / list_view.INDEX).write_text(month_page.customers(part, head, config), encoding="utf-8")
    target = list_files.write(folder, part.customers)
    if target is not None:
        links = month_page.customer_pages(result, part)
        for listing in part.customers:
            text = month_page.customer_list(listing, part, head, config, links)
            (folder / listing.href).write_text(text, encoding="utf-8")
        table_files.only_for_the_owner(target)
    if part.shown:
        (folder / customer_view.FOLDER).mkdir(mode=0o700)
        for id, shown in part.shown.items():
            text = month_page.one_customer(shown, part, head, config)
            (folder / customer_view.name_of(id)).write_text(text, encoding="utf-8")
        table_files.only_for_the_owner(folder / customer_view.FOLDER)


def _write_alerts(folder: Path, checked: Sequence[alerts.Checked]) -> None:
    """Write alerts.json, always in English, with the same bytes for the same numbers."""
    text = json.dumps({"alerts": [asdict(alert.record()) for alert in checked]}, indent=2, allow_nan=False)
    (folder / alerts.NAME).write_text(text + "\n", encoding="ascii")


def _tables(part: PartResult) -> Iterator[Table]:
    """Tables of the data folder that come from no page."""
    if part.uplift is not None:
        yield Table.of(uplift.NAME, uplift.TITLE, part.uplift)
    yield Table.of(earlier_months.MONTHLY, earlier_months.MONTHLY_TITLE, part.months)
    if part.changed is not None:
        yield Table.of(changed_numbers.NAME, changed_numbers.TITLE, part.changed)
    if part.earlier.table is not None:
        yield Table.of(earlier_months.NAME, earlier_months.TITLE, part.earlier.table)


def _write_joined(folder: Path, pages: Sequence[str], config: Config) -> None:
    """Write all pages as one file."""
    both = (month_page.summary_href(config), month_page.analyst_href(config))
    first, second = sorted(both, key=lambda name: name != "index.html")
    (folder / "report.html").write_text(single_file.join(folder, first, [second, *pages]), encoding="utf-8")


def _print_summary(folder: Path, config: Config) -> None:
    """Write the summary as PDF."""
    summary = month_page.summary_href(config)
    single_file.to_pdf(single_file.join(folder, summary, []), folder / "report.pdf")
