"""Options that describe a source, the same for `init` and `report`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from retention_kit.advice import EVERY_FILE
from retention_kit.cli.answers import pairs
from retention_kit.errors import ConfigError
from retention_kit.schema import TABLES

if TYPE_CHECKING:
    from retention_kit.load import Source

_OF_ONE_TABLE: Final = ("preset", "query", "sheet", "unit", "ends")
"""Options with one value per table, which may have the table's name in front: surveys=typeform."""

_OPTIONS: Final = (
    click.option(
        "--preset", multiple=True, metavar="NAME", help="A vendor's export; auto recognises it, none reads without one."
    ),
    click.option("--columns", multiple=True, metavar="NAME=HEADER", help="Our column name and the header of yours."),
    click.option("--keep", multiple=True, metavar="HEADER=VALUE", help="Only rows with this value; may be repeated."),
    click.option("--day-first/--month-first", default=None, help="Whether 3/4/2026 is 3 April or 4 March."),
    click.option("--decimal", metavar="SIGN", help="The decimal sign of amounts: . or ,"),
    click.option("--unit", multiple=True, metavar="NAME", help="cents, where 1005 is 10.05."),
    click.option("--ends", multiple=True, metavar="WORD", help="inclusive, where ended_at is the last day."),
    click.option("--encoding", metavar="NAME", help="Of a text file that is not UTF-8, as in cp1250."),
    click.option("--sheet", multiple=True, metavar="NAME", help="Of a workbook."),
    click.option("--timezone", metavar="ZONE", help="Business time zone, as in Europe/Warsaw."),
    click.option("--currency", metavar="CODE", help="Currency, as in EUR."),
    click.option("--rates", metavar="FILE", help="Exchange rates to the currency: day, currency, rate."),
    click.option("--identities", metavar="FILE", help="Accounts of one customer: alias, customer_id."),
)


def of_sources(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of sources."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _by_table(values: Iterable[str], main: str | None, sign: str, option: str) -> dict[str, list[str]]:
    """Values of an option by table; a value may begin with the name of its table and a sign.

    Examples
    --------
    >>> _by_table(["customer_id=Email", "surveys.score=Q1"], "orders", ".", "--columns")
    {'orders': ['customer_id=Email'], 'surveys': ['score=Q1']}
    """
    by_table: dict[str, list[str]] = {}
    for value in values:
        table, has_sign, rest = value.partition(sign)
        if has_sign and table in TABLES:
            by_table.setdefault(table, []).append(rest)
        elif main is None:
            raise ConfigError(f"{option} needs the table in front, as in {option} surveys{sign}{value}.")
        else:
            by_table.setdefault(main, []).append(value)
    return by_table


def keeps(pairs: Iterable[str]) -> dict[str, list[str]]:
    """Headers and their values that count, from HEADER=VALUE.

    Examples
    --------
    >>> keeps(["Status=paid", "Status=completed"])
    {'Status': ['paid', 'completed']}
    """
    by_header: dict[str, list[str]] = {}
    for pair in pairs:
        header, sign, value = pair.partition("=")
        if not sign:
            raise ConfigError(f"--keep needs HEADER=VALUE; got {pair}.")
        by_header.setdefault(header, []).append(value)
    return by_header


def described(given: dict[str, Any], tables: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The options of each table, as `retention_kit.load` takes them; they are removed from `given`.

    Examples
    --------
    >>> described({"columns": ("surveys.score=Q1",), "decimal": ",", "title": "Shop"}, ("orders", "surveys"))
    {'surveys': {'columns': {'score': 'Q1'}, 'decimal': ','}, 'orders': {'decimal': ','}}
    """
    main = tables[0] if len(tables) == 1 else "orders" if "orders" in tables or not tables else None
    by_table: dict[str, dict[str, Any]] = {}
    for table, values in _by_table(given.pop("columns", ()), main, ".", "--columns").items():
        by_table.setdefault(table, {})["columns"] = pairs(tuple(values), "--columns")
    for table, values in _by_table(given.pop("keep", ()), main, ".", "--keep").items():
        by_table.setdefault(table, {})["keep"] = keeps(values)
    for name in _OF_ONE_TABLE:
        for table, values in _by_table(given.pop(name, ()), main, "=", f"--{name}").items():
            by_table.setdefault(table, {})[name] = values[-1]
    for name in EVERY_FILE:
        if name in given:
            value = given.pop(name)
            for table in tables or ("orders",):
                by_table.setdefault(table, {})[name] = value
    return by_table


def recognised(source: Source) -> list[str]:
    """One line on what was read, as which export or from which columns, and one for each warning.

    Warnings that are given while a source is read are not repeated.
    """
    counts = f"{source.rows_read:,} rows read, {source.rows_kept:,} kept, {source.rows_refused:,} refused"
    renamed = [f"{ours} from {header}" for ours, header in source.columns.items() if ours != header]
    how = f"an export of {source.preset}" if source.preset else ", ".join(renamed)
    first = f"{source.table} from {source.name}: {counts}" + (f"; {how}" if how else "")
    from retention_kit.load.one_source.judging import SAID_AT_ONCE  # the engine is not imported for a command's help

    notes = [note for note in source.warnings if note.name not in SAID_AT_ONCE]
    return [first, *(f"{source.table}: {note.text}{f' (rows: {note.rows:,})' if note.rows else ''}" for note in notes)]
