"""The command `retention-kit`: the same work as the package, for a terminal or a scheduler."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from retention_kit import __version__, load, report
from retention_kit.errors import ConfigError, DataError
from retention_kit.schema import TABLES

__all__ = ["main"]

REFUSED = 2
"""Exit status of a request or of data that cannot be used: nothing was made."""
FAILED = 1
"""Exit status of a report in which a notebook failed."""


def _one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ConfigError, DataError, OSError) as error:
            _refuse(" ".join(str(error).split()))

    return wrapped


def _refuse(message: str) -> NoReturn:
    click.echo(f"retention-kit: {message}", err=True)
    sys.exit(REFUSED)


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    wrong = [value for value in values if "=" not in value]
    if wrong:
        raise ConfigError(f"{option} needs NAME=VALUE; got {', '.join(wrong)}.")
    return dict(value.split("=", 1) for value in values)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="retention-kit")
def main() -> None:
    """Customer retention from an order log: a monthly report from notebooks.

    \b
    Examples:
      retention-kit report --month 1998-06
      retention-kit report --month 2026-10 --orders orders.csv
      retention-kit sample cdnow my-data
    """


@main.command("report")
@click.option("--month", required=True, metavar="YYYY-MM", help="Month of the report.")
@click.option("--orders", metavar="PATH|NAME", help="Orders: a file, folder, URL or sample. Default: cdnow.")
@click.option("--surveys", metavar="PATH|NAME", help="Survey answers; a sample brings its own.")
@click.option("--columns", multiple=True, metavar="NAME=HEADER", help="Our column name and the header in your orders.")
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="Value for a notebook's parameter.")
@click.option("--notebooks", type=click.Path(path_type=Path), metavar="DIR", help="Folder of your own notebooks.")
@click.option("--only", multiple=True, metavar="NAME", help="Run only this notebook; may be repeated.")
@click.option("--output", type=click.Path(path_type=Path), default="reports", show_default=True, metavar="DIR")
@click.option("--title", metavar="TEXT", help="Title of the report.")
@click.option("--timezone", metavar="ZONE", help="Business time zone, as in Europe/Warsaw.")
@click.option("--currency", metavar="CODE", help="Currency, as in EUR.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Notebooks at the same time. Default: processors."
)
@_one_line_errors
def make_report(
    month: str, jobs: int | None, columns: tuple[str, ...], parameter: tuple[str, ...], **options: Any
) -> None:
    """Make the report of a month; without more options that of the CDNOW sample.

    \b
    Examples:
      retention-kit report --month 1998-06
      retention-kit report --month 2026-10 --orders orders.csv --columns customer_id=Email
      retention-kit report --month 1998-06 --only cohorts -p months=12

    Exit status: 0 whole, 1 a notebook failed, 2 the request or the data cannot be used (nothing is made).
    """
    given = {name: value for name, value in options.items() if value not in (None, ())}
    config = report.Config(**given, columns=_pairs(columns, "--columns"))
    assigned = report.read_parameters(_pairs(parameter, "-p"), config)
    made = report.run(replace(config, parameters=assigned), months=month, jobs=jobs, progress=True)
    for result in made:
        click.echo(result.index)
        for name, failure in result.failures.items():
            click.echo(f"retention-kit: {name} failed in cell {failure.cell}: {failure.cause}", err=True)
    if any(result.failures for result in made):
        sys.exit(FAILED)


@main.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@_one_line_errors
def sample(name: str, folder: Path) -> None:
    """Write the tables of the sample NAME into FOLDER as CSV files.

    \b
    Examples:
      retention-kit sample cdnow my-data
      retention-kit sample store my-data
    """
    loaded = load.sample(name)
    parts = {table: getattr(loaded, table, None) for table in TABLES}
    datasets = {table: part for table, part in parts.items() if part is not None} or {loaded.source.table: loaded}
    there = [str(folder / f"{table}.csv") for table in datasets if (folder / f"{table}.csv").exists()]
    if there:
        raise ConfigError(f"{', '.join(there)} is already there; give another folder or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    for table, dataset in datasets.items():
        path = folder / f"{table}.csv"
        dataset.to_pandas().to_csv(path, index=False)
        click.echo(path)
