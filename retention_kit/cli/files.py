"""Commands that write files to begin with: a first report.toml, a sample as CSV."""

from __future__ import annotations

import os
from pathlib import Path

import click

from retention_kit.cli.answers import one_line_errors
from retention_kit.errors import ConfigError
from retention_kit.schema import TABLES

__all__ = ["init", "sample"]


@click.command()
@click.argument("csv", required=False, type=click.Path(path_type=Path))
@one_line_errors
def init(csv: Path | None) -> None:
    """Write a commented report.toml from a look at the orders in CSV; one that is there stays as it is.

    \b
    Examples:
      retention-kit init
      retention-kit init orders.csv
    """
    from retention_kit import report

    click.echo(report.init(csv))


@click.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@one_line_errors
def sample(name: str, folder: Path) -> None:
    """Write the tables of the sample NAME into FOLDER as CSV files.

    \b
    Examples:
      retention-kit sample cdnow my-data
      retention-kit sample store my-data
    """
    from retention_kit import load

    loaded = load.sample(name)
    parts = {table: getattr(loaded, table, None) for table in TABLES}
    datasets = {table: part for table, part in parts.items() if part is not None} or {loaded.source.table: loaded}
    there = [str(folder / f"{table}.csv") for table in datasets if os.path.lexists(folder / f"{table}.csv")]
    if there:
        raise ConfigError(f"{', '.join(there)} is already there; give another folder or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    for table, dataset in datasets.items():
        path = folder / f"{table}.csv"
        dataset.to_pandas().to_csv(path, index=False, mode="x")
        click.echo(path)
