"""A first report.toml from a look at the user's files: everything that was found, and every key with its meaning."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from retention_kit import advice
from retention_kit.errors import ConfigError
from retention_kit.load.samples import CURRENCY, NAMES
from retention_kit.report.inputs.first_report import descriptions, inspection
from retention_kit.report.inputs.first_report.column_roles import Column
from retention_kit.report.inputs.first_report.inspection import Look
from retention_kit.schema import TABLES

__all__ = ["init", "looked_at", "write"]

_TEMPLATE: Final = Path(__file__).parent / "first_report.txt"
_MEANINGS: Final = {
    "customer_id": "who bought",
    "ordered_at": "when",
    "amount": "the money",
    "order_id": "the order's number",
    "currency": "the currency of each amount",
    "mrr": "the price per month",
    "subscription_id": "the subscription",
    "kind": "the question",
}


def init(orders: str | Path | None = None, *, path: str | Path = "report.toml", **options: Any) -> Path:
    """Write a commented report.toml from a look at a file; one that is there is never overwritten.

    Parameters
    ----------
    orders : path or sample name, optional
        What to look at; without it the sample cdnow. A file of subscriptions, surveys, order lines or visits is
        recognised as such.
    path : path
        The file to write. The orders are named in it relative to its folder, where they lie below it.
    **options
        What `retention_kit.load` takes: columns, preset, keep, timezone, currency, rates, identities, encoding,
        decimal, day_first, unit, ends, sheet. They go before what is found.

    Returns
    -------
    Path
        The file. A report can be made from it at once, or it says on its first lines what is missing.

    Raises
    ------
    ConfigError
        The file is already there, or the orders are not.
    DataError
        The orders are no table, or headers without rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = init(path=Path(folder) / "report.toml")
    ...     written.read_text(encoding="utf-8").splitlines()[3]
    'title = "Customer retention"'
    """
    return write(looked_at([] if orders is None else [orders], **options), path, **options)


def looked_at(
    files: Sequence[str | Path], of_tables: Mapping[str, Mapping[str, Any]] | None = None, **options: Any
) -> tuple[Look, ...]:
    """A look at each file.

    Parameters
    ----------
    files : sequence of path or sample name
    of_tables : mapping of table name to options, optional
        Options that are those of one table alone; those under `inspection.ANY` are those of every file.
    **options
        As in `init`, for every file.

    Raises
    ------
    ConfigError
        A file is not there.
    DataError
        A file is no table, or headers without rows.
    """
    absent = [str(file) for file in files if str(file) not in NAMES and not Path(file).exists()]
    if absent:
        raise ConfigError(f"There is no {' and no '.join(absent)} to look at.")
    looks = [
        _sample(str(file)) if str(file) in NAMES else inspection.at(Path(file), of_tables, **options) for file in files
    ]
    for table in TABLES:
        several = [one for one in looks if one.table == table]
        if len(several) > 1 and (fault := inspection.together(several, **options)):
            looks[looks.index(several[-1])] = replace(several[-1], missing=fault)
    return tuple(looks)


def _sample(name: str) -> Look:
    return Look(Path(name), "surveys" if name == "cdnow_surveys" else "orders", currency=CURRENCY[name])


def write(looks: Sequence[Look], path: str | Path = "report.toml", **options: Any) -> Path:
    """Write what was found as a report.toml; one that is there is never overwritten.

    Raises
    ------
    ConfigError
        The file is already there.
    """
    path = Path(path)
    text = _written(looks or (_sample("cdnow"),), path.parent, options)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} is already there and is not overwritten; remove it or give another name.") from None
    return path


def _written(looks: Sequence[Look], folder: Path, options: Mapping[str, Any]) -> str:
    first = looks[0]
    found = next((one.data.currency if one.data is not None else one.currency for one in looks), None)
    currency, timezone = options.get("currency") or found, options.get("timezone")
    tables = [one.table for one in looks]
    could = ", ".join(f"{_comment(name)} ({count} values)" for name, count in first.dimensions.items())
    others = [table for table in TABLES if table not in tables]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        missing="".join(f"# {line}\n" for one in looks for line in _what_is_missing(one)),
        sources="\n".join(line for one in looks for line in _source(one, folder, tables.count(one.table) > 1)),
        currency=f"currency = {_text(currency)}" if currency else '# currency = "EUR"',
        timezone=f"timezone = {_text(timezone)}" if timezone else '# timezone = "Europe/Warsaw"  ',
        rates=_file(options.get("rates"), folder, '# rates = "rates.csv"', "rates"),
        identities=_file(options.get("identities"), folder, '# identities = "accounts.csv"', "identities"),
        could=f"Could split it: {could}." if could else "No column of the orders looks like a dimension.",
        split_by=_text(next(iter(first.dimensions), "country")),
        other=next(iter(others), "surveys") if "surveys" not in others else "surveys",
    )


def _what_is_missing(one: Look) -> list[str]:
    """The first lines of a file with which no report can be made yet."""
    if not one.missing:
        return []
    line = "Remove the # before the line that is right" if one.choices else "Mend this, then make the report"
    return [f"MISSING: {_comment(advice.said(one.missing, advice.Place('toml'), one.table))}", f"{line}.", ""]


def _file(given: str | None, folder: Path, otherwise: str, key: str) -> str:
    """The line of a file beside the tables, commented out where none was given."""
    return f"{key} = {_text(_relative(Path(given), folder))}" if given else otherwise


def _source(one: Look, folder: Path, is_one_of_several: bool) -> list[str]:
    """The lines of a source: where it is, how it is written, and its columns."""
    notes = [f"#   {_comment(line)}" for line in descriptions.about(one, place=advice.Place("toml"))] or [
        "#   a sample"
    ]
    lines = [
        "# What a look at the file found:",
        *notes,
        f"[[sources.{one.table}]]" if is_one_of_several else f"[sources.{one.table}]",
        f"from = {_text(_place(one, folder))}",
    ]
    if one.preset and not one.file.is_dir():  # each file of a folder has its own preset
        lines.append(f"preset = {_text(one.preset)}")
    if is_one_of_several and one.currency and "currency" not in one.columns:
        lines.append(f"currency = {_text(one.currency)}")
    decided = {doubt.option: doubt for doubt in one.doubts}
    for name, value in one.options.items():
        doubt = decided.get(name)
        why = f"   # {_comment(doubt.example)} is {doubt.meaning}: {_comment(doubt.reason)}" if doubt else ""
        lines.append(f"{name} = {_value(value)}{why}")
    for doubt in (doubt for doubt in one.doubts if doubt.value is None):
        is_ = "" if doubt.option == "keep" else f"{_comment(doubt.example)} is "
        lines += [f"# {doubt.option} = {_value(value)}   # {is_}{_comment(m)}" for value, m in doubt.meanings]
    return [*lines, *_columns(one), *_states(one), ""]


def _columns(one: Look) -> list[str]:
    """Each column with its header, and the headers that may be what is missing."""
    named = [f"{_key(ours)} = {_text(header)}" for ours, header in one.columns.items() if ours != header]
    maybe = [
        f"# {_key(ours)} = {_text(column.header)}   # {_MEANINGS.get(ours, ours)}? such as {_comment(_masked(column))}"
        for ours, columns in one.possible.items()
        for column in columns
    ]
    if not named and not maybe:
        return ['# columns = { customer_id = "Client", amount = "Total" }'] if one.file.name in NAMES else []
    return ["", f"[sources.{one.table}.columns]", *named, *maybe]


def _states(one: Look) -> list[str]:
    """Lines with which only rows of some status count, to be used or not."""
    lines = []
    for header, values in one.states.items():
        lines.append(f"# {_key(header)} = [{', '.join(_text(value) for value in values)}]")
    if not lines:
        return []
    return [
        "",
        f"# [sources.{one.table}.keep]   # leave only values that count; other rows are refused with the reason",
        *lines,
    ]


def _masked(column: Column) -> str:
    """An example of a column that tells its kind and nobody's name or address."""
    if column.header.startswith("="):
        return column.example
    if column.mail or column.spaced or not any(map(str.isdigit, column.example)):
        return f"{column.example[:2]}…"
    return column.example


def _place(one: Look, folder: Path) -> str:
    """The file relative to the folder of report.toml where it lies below it."""
    if str(one.file) in NAMES:
        return str(one.file)
    return _relative(one.file, folder)


def _relative(file: Path, folder: Path) -> str:
    here, there = folder.resolve(), file.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else str(there)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"[{', '.join(map(_text, value))}]"
        if isinstance(value, list)
        else _text(value)
    )


def _text(value: str) -> str:
    """As a TOML string: JSON's, but for characters beyond 16 bits, which it would split in two, and for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """On one line, without the control characters that TOML allows nowhere."""
    return "".join(character for character in " ".join(text.split()) if unicodedata.category(character) != "Cc")


def _key(name: str) -> str:
    return name if name and name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _text(name)
