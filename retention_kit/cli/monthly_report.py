"""The command that makes the report of one month or of several months."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retention_kit import extras, signals, warm_kernels
from retention_kit.advice import Place
from retention_kit.cli.answers import one_line_errors, pairs, spelled
from retention_kit.cli.sources import described, of_sources, recognised
from retention_kit.errors import ConfigError
from retention_kit.schema import TABLES

if TYPE_CHECKING:
    from retention_kit import report
    from retention_kit.report.inputs.workspace import Workspace

FAILED = 1
"""Exit status of a report in which a notebook failed."""
ALERTED = 3
"""Exit status of a complete report with an alert, with --fail-on-alert."""


@click.command("report")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Default: report.toml, if no source is named.",
)
@click.option("--month", metavar="YYYY-MM", help="Default: the last complete one.")
@click.option("--from", "first", metavar="YYYY-MM", help="First of several months.")
@click.option("--to", "last", metavar="YYYY-MM", help="Last of several months.")
@click.option(
    "--orders", multiple=True, metavar="PATH|NAME", help="Orders: a file, folder, URL or sample; may be repeated."
)
@click.option("--order-lines", metavar="PATH|NAME", help="The products in the orders.")
@click.option("--subscriptions", metavar="PATH|NAME", help="Subscriptions; orders are not needed.")
@click.option("--surveys", metavar="PATH|NAME", help="Survey answers; orders are not needed.")
@click.option("--visits", metavar="PATH|NAME", help="Visits by day.")
@of_sources
@click.option(
    "--query", multiple=True, metavar="TABLE", help="A table or SELECT, where a source is the URL of a database."
)
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="Value for a notebook's parameter.")
@click.option("--notebooks", type=click.Path(path_type=Path), metavar="DIR", help="Folder of your own notebooks.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Rebuild only this page and keep the others; may be repeated."
)
@click.option("--split-by", metavar="COLUMN", help="Also a report for each value of this column of the orders.")
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="Default: reports.")
@click.option("--title", metavar="TEXT", help="Title of the report.")
@click.option("--customer-ids", metavar="MODE", help="shown, hashed or none: what pages and files show of them.")
@click.option("--audience", metavar="WHO", help="summary or analyst: for whom index.html is written.")
@click.option("--paper", metavar="SIZE", help="auto, a4 or letter: paper of printed pages.")
@click.option("--pdf", is_flag=True, default=None, help="Also the summary as PDF, where Chromium is installed.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Notebooks at a time. Default: processors + 2, by memory."
)
@click.option("--memory", metavar="SIZE", help="Memory of the whole run, as in 2GB. Default: 4/5 of the machine's.")
@click.option(
    "--force",
    is_flag=True,
    help="Also rebuild months that are unchanged; nothing is posted twice.",
)
@click.option("--fail-on-alert", is_flag=True, help="Exit status 3 if there is an alert.")
@signals.stoppable(warm_kernels.stop)
@one_line_errors
def make_report(
    file: Path | None,
    month: str | None,
    first: str | None,
    last: str | None,
    parameter: tuple[str, ...],
    jobs: int | None,
    memory: str | None,
    force: bool,
    fail_on_alert: bool,
    **options: Any,
) -> None:
    """Make the report of a month or of several, from the report.toml of this folder or from named tables.

    If no table is named and no report.toml exists, it is the report of the CDNOW sample. Pages whose tables are not
    named are left out. Exports of shops and payment providers are recognised by their headers. Options of sources
    (--columns, --keep, --preset, --unit, --ends, --query, --sheet) are those of the orders, or of the only table;
    another table is named in front: --columns surveys.score=Q1, --preset surveys=typeform.
    A finished month whose data, parameters, code and versions are unchanged is not rebuilt.

    \b
    Examples:
      retention-kit report
      retention-kit report --month 1998-06
      retention-kit report --month 2026-10 --orders orders.csv --columns customer_id=Email
      retention-kit report --orders orders.csv --keep Status=completed --day-first
      retention-kit report --orders charges.csv --unit cents --identities accounts.csv
      retention-kit report --month 2026-10 --subscriptions subscriptions.csv --ends inclusive
      retention-kit report --orders orders.csv --surveys typeform.csv --preset surveys=typeform
      retention-kit report --config report.toml --from 2026-01 --to 2026-10 --jobs 2 --memory 4GB

    \b
    Exit status:
      0  the report is complete
      1  a notebook failed; the rest of the report is written
      2  the request or the data cannot be used, or nothing can be written; earlier months are untouched
      3  there is an alert (with --fail-on-alert)
      129, 130, 143  stopped by SIGHUP, Ctrl+C, SIGTERM: finished months are complete, others unchanged
    """
    extras.require("report")
    warm_kernels.warm_up()  # the report is imported while the process of its kernels does its own imports
    from retention_kit import report

    months = _months(month, first, last)
    file = file_of_this_folder(file, options)
    config = config_of(file, options)
    assigned = report.read_parameters(pairs(parameter, "-p"), config)
    config = replace(config, parameters={**config.parameters, **assigned})
    said_first = partial(_say_what_was_read, asked=bool(months))
    made = report.run(
        config, months=months or None, jobs=jobs, memory=memory, force=force, progress=True, once_read=said_first
    )
    for result in made:
        if not result.made:
            click.echo(f"{result.month} is unchanged; --force rebuilds it", err=True)
        click.echo(result.index)
        for name, failure in result.failures.items():
            line = f"{result.month} {name} failed in cell {failure.cell}: {failure.cause}"
            click.echo(f"retention-kit: {line}", err=True)
        for alert in result.alerts:
            where = f" in {alert['segment']}" if alert.get("segment") else ""
            line = f"{result.month} alert on {alert['metric']}{where}: {alert['reason']}"
            click.echo(f"retention-kit: {' '.join(line.split())}", err=True)
    if any(result.failures for result in made):
        sys.exit(FAILED)
    if fail_on_alert and any(result.alerts for result in made):
        sys.exit(ALERTED)


def file_of_this_folder(file: Path | None, options: dict[str, Any]) -> Path | None:
    """The report.toml to use: the one that is named, or that of the working folder if no table is named."""
    here = Path("report.toml")
    if file is not None or not here.is_file():
        return file
    if any(options.get(name) for name in TABLES):
        click.echo(
            "report.toml of this folder is not read, as a source is named; --config report.toml reads it", err=True
        )
        return None
    return here


def _say_what_was_read(data: Workspace, months: tuple[str, ...], *, asked: bool) -> None:
    """One line for each source and for each of its warnings, and the month of the report if none was named."""
    for table, source in data.facts.items():
        if source.kind != "sample":
            for line in recognised(source):
                click.echo(spelled(line, table), err=True)
    if not asked:
        (month,) = months
        last = data.last_before(month)
        complete = f"the last complete one, as the data go to {last}"
        incomplete = f"as far as the data go, to {last}: no month of them is complete"
        click.echo(f"no month was named: {month} is made, {complete if data.covers(month) else incomplete}", err=True)


def _months(month: str | None, first: str | None, last: str | None) -> tuple[str, ...]:
    from retention_kit import report

    if month is None and first is not None and last is not None:
        return report.month_range(first, last)
    if first is not None or last is not None:
        raise ConfigError("Give either --month YYYY-MM or both --from YYYY-MM and --to YYYY-MM.")
    return () if month is None else (month,)


def config_of(file: Path | None, options: dict[str, Any]) -> report.Config:
    """The settings of the file; options take precedence over them."""
    from retention_kit import report

    orders = options["orders"]
    options["orders"] = orders if len(orders) > 1 else next(iter(orders), None)
    tables = tuple(name for name in TABLES if options.get(name) is not None)
    reader = Place("command", tables or ("orders",)) if file is None else Place("toml")
    click.get_current_context().obj = reader
    config = report.Config() if file is None else report.read_config(file)
    given = {name: value for name, value in options.items() if value not in (None, ())}
    of_source = described(given, tables)
    config = replace(config, **given)
    for table, own in of_source.items():
        source = config.sources.get(table) if tables or file is not None else None
        if source is None:
            raise ConfigError(f"{table} are not named, so {', '.join(own)} has nothing to describe; pass {table}='…'")
        changed = {name: own.pop(name) for name in ("columns", "preset") if name in own}
        parts = tuple(replace(part, **changed, options={**part.options, **own}) for part in source.parts)
        sources: dict[str, Any] = {table: report.Source(parts) if len(parts) > 1 else parts[0]}
        config = replace(config, **sources)
    return config
