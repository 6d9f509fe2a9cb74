"""Commands that write files to start with: a first report.toml, a sample as CSV."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from retention_kit.advice import COMMAND, Place, said
from retention_kit.cli.answers import one_line_errors
from retention_kit.cli.sources import described, of_sources
from retention_kit.errors import ConfigError
from retention_kit.schema import TABLES


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("-o", "--output", default="report.toml", metavar="FILE", help="The file to write. Default: report.toml.")
@of_sources
@one_line_errors
def init(files: tuple[str, ...], output: str, **options: Any) -> None:
    """Write a commented report.toml that describes FILE; an existing one is not overwritten.

    Prints which column is the customer, the date and the amount, what could be read in two ways, and what is missing.
    No questions are asked. Several files may be several tables, or several sources of one table. With several files,
    --columns, --keep, --preset, --unit and --ends apply to the orders; for another table, write its name in front:
    --columns surveys.score=Q1, --ends subscriptions=inclusive.

    \b
    Examples:
      retention-kit init
      retention-kit init orders.csv
      retention-kit init orders.csv surveys.csv -o shop.toml
      retention-kit init shop.csv paypal.csv --currency EUR --rates rates.csv
      retention-kit init orders.csv --month-first --keep Status=completed
      retention-kit init charges.csv --unit cents --identities accounts.csv
      retention-kit init orders.csv contracts.csv --ends subscriptions=inclusive
    """
    from retention_kit.report.inputs.first_report import descriptions, inspection, scaffold

    if os.path.lexists(output):
        raise ConfigError(f"{output} already exists and is not overwritten; remove it or name another file with -o.")
    if options["sheet"] and len(files) > 1:
        raise ConfigError("--sheet applies to one workbook; give only that file.")
    given = {name: value for name, value in options.items() if value not in (None, ())}
    of_tables = described(given, tuple(TABLES) if len(files) > 1 else (inspection.ANY,))
    looks = scaffold.looked_at(files, of_tables, **given)
    reader = Place("command", tuple(dict.fromkeys(look.table for look in looks)) or COMMAND.tables)
    for look in looks:
        lines = descriptions.sentences(look, reader)
        click.echo("\n  ".join([f"{look.file}:", *lines]) if lines else f"{look.file}: a sample")
        if look.missing:
            click.echo(f"  Missing: {said(look.missing, Place('toml'), look.table)}")
    path = scaffold.write(looks, output, **given)
    missing = any(look.missing for look in looks)
    config = "" if path.name == "report.toml" and path.parent == Path() else f" --config {path}"
    choices = any(look.choices for look in looks)
    then = (
        "choose one of its lines, then run" if choices else "fill in what is missing, then run" if missing else "next"
    )
    click.echo(f"{then}: retention-kit report{config}", err=True)
    click.echo(path)


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
    if isinstance(loaded, load.Dataset):
        datasets = {loaded.source.table: loaded}
    else:
        parts = {table: getattr(loaded, table, None) for table in TABLES}
        datasets = {table: dataset for table, dataset in parts.items() if dataset is not None}
    there = [str(folder / f"{table}.csv") for table in datasets if os.path.lexists(folder / f"{table}.csv")]
    if there:
        raise ConfigError(f"{', '.join(there)} already exists; give another folder or remove the file.")
    _make(folder)
    for table, dataset in datasets.items():
        path = folder / f"{table}.csv"
        dataset.to_pandas().to_csv(path, index=False, mode="x")
        click.echo(path)


def _make(folder: Path) -> None:
    """Create a folder to write into, or raise with the reason why not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next((str(path) for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), folder)
        raise ConfigError(f"{file} is a file, not a folder; give another folder.") from None
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made ({error.strerror}); give another folder.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder} cannot be written to; give another folder.")
