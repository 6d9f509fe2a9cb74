"""A first report.toml from an inspection of the user's files: everything recognised, and every key with its meaning."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from retention_kit import advice
from retention_kit.errors import ConfigError
from retention_kit.load.one_source.samples import CURRENCY, NAMES
from retention_kit.report.inputs.first_report import descriptions, inspection
from retention_kit.report.inputs.first_report.column_roles import Column
from retention_kit.report.inputs.first_report.inspection import Look
from retention_kit.schema import TABLES

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
    """Write a commented report.toml from an inspection of a file; an existing one is never overwritten.

    Parameters
    ----------
    orders : path or sample name, optional
        File to inspect; by default the sample cdnow. A file of subscriptions, surveys, order lines or visits is
        recognised.
    path : path
        The file to write. The orders are named in it relative to its folder, where they lie below it.
    **options
        What `retention_kit.load` takes: columns, preset, keep, timezone, currency, rates, identities, encoding,
        decimal, day_first, unit, ends, sheet. They take precedence over what is recognised.

    Returns
    -------
    Path
        The file. A report can be made from it at once, or its first lines say what is missing.

    Raises
    ------
    ConfigError
        The file already exists, or the orders do not.
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
    """Inspect each file, with options of single tables in `of_tables`, under `inspection.ANY` of every file."""
    absent = [str(file) for file in files if str(file) not in NAMES and not Path(file).exists()]
    if absent:
        raise ConfigError(f"There is no file {' and no file '.join(absent)}.")
    looks = [
        _sample(str(file)) if str(file) in NAMES else inspection.at(Path(file), of_tables, **options) for file in files
    ]
    for table in TABLES:
        several = [look for look in looks if look.table == table]
        if len(several) > 1 and (fault := inspection.together(several, **options)):
            looks[looks.index(several[-1])] = replace(several[-1], missing=fault)
    return tuple(looks)


def _sample(name: str) -> Look:
    return Look(Path(name), "surveys" if name == "cdnow_surveys" else "orders", currency=CURRENCY[name])


def write(looks: Sequence[Look], path: str | Path = "report.toml", **options: Any) -> Path:
    """Write the results of inspections as a report.toml; an existing one is never overwritten.

    Raises
    ------
    ConfigError
        The file already exists.
    """
    path = Path(path)
    text = _written(looks or (_sample("cdnow"),), path.parent, options)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} already exists and is not overwritten; remove it or give another name.") from None
    return path


def _written(looks: Sequence[Look], folder: Path, options: Mapping[str, Any]) -> str:
    first = looks[0]
    currency_of_file = next((look.data.currency if look.data is not None else look.currency for look in looks), None)
    currency, timezone = options.get("currency") or currency_of_file, options.get("timezone")
    tables = [look.table for look in looks]
    could = ", ".join(f"{_comment(name)} ({count} values)" for name, count in first.dimensions.items())
    others = [table for table in TABLES if table not in tables]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        missing="".join(f"# {line}\n" for look in looks for line in _what_is_missing(look)),
        sources="\n".join(line for look in looks for line in _source(look, folder, tables.count(look.table) > 1)),
        currency=f"currency = {_text(currency)}" if currency else '# currency = "EUR"',
        timezone=f"timezone = {_text(timezone)}" if timezone else '# timezone = "Europe/Warsaw"  ',
        rates=_file(options.get("rates"), folder, '# rates = "rates.csv"', "rates"),
        identities=_file(options.get("identities"), folder, '# identities = "accounts.csv"', "identities"),
        could=f"Could split it: {could}." if could else "No column of the orders looks like a dimension.",
        split_by=_text(next(iter(first.dimensions), "country")),
        other=next(iter(others), "surveys") if "surveys" not in others else "surveys",
    )


def _what_is_missing(look: Look) -> list[str]:
    """The first lines of a report.toml with which no report can be made yet."""
    if not look.missing:
        return []
    line = "Remove the # before the line that is right" if look.choices else "Repair this, then make the report"
    return [f"MISSING: {_comment(advice.said(look.missing, advice.Place('toml'), look.table))}", f"{line}.", ""]


def _file(given: str | None, folder: Path, otherwise: str, key: str) -> str:
    """The line for a further file (rates, identities), commented out if none was given."""
    return f"{key} = {_text(_relative(Path(given), folder))}" if given else otherwise


def _source(look: Look, folder: Path, is_one_of_several: bool) -> list[str]:
    """The lines of a source: its location, its format and its columns."""
    notes = [f"#   {_comment(line)}" for line in descriptions.sentences(look, place=advice.Place("toml"))] or [
        "#   a sample"
    ]
    lines = [
        "# Recognised in the file:",
        *notes,
        f"[[sources.{look.table}]]" if is_one_of_several else f"[sources.{look.table}]",
        f"from = {_text(_path_of(look, folder))}",
    ]
    if look.preset and not look.file.is_dir():  # each file of a folder has its own preset
        lines.append(f"preset = {_text(look.preset)}")
    if is_one_of_several and look.currency and "currency" not in look.columns:
        lines.append(f"currency = {_text(look.currency)}")
    decided = {doubt.option: doubt for doubt in look.doubts}
    for name, value in look.options.items():
        doubt = decided.get(name)
        why = f"   # {_comment(doubt.example)} is {doubt.meaning}: {_comment(doubt.reason)}" if doubt else ""
        lines.append(f"{name} = {_value(value)}{why}")
    for doubt in (doubt for doubt in look.doubts if doubt.value is None):
        is_ = "" if doubt.option == "keep" else f"{_comment(doubt.example)} is "
        lines += [f"# {doubt.option} = {_value(value)}   # {is_}{_comment(m)}" for value, m in doubt.meanings]
    return [*lines, *_columns(look), *_states(look), ""]


def _columns(look: Look) -> list[str]:
    """Each column with its header, and candidates for missing columns."""
    named = [f"{_key(ours)} = {_text(header)}" for ours, header in look.columns.items() if ours != header]
    maybe = [
        f"# {_key(ours)} = {_text(column.header)}   # {_MEANINGS.get(ours, ours)}? such as {_comment(_masked(column))}"
        for ours, columns in look.possible.items()
        for column in columns
    ]
    if not named and not maybe:
        return ['# columns = { customer_id = "Client", amount = "Total" }'] if look.file.name in NAMES else []
    return ["", f"[sources.{look.table}.columns]", *named, *maybe]


def _states(look: Look) -> list[str]:
    """Optional lines with which only rows of some status count."""
    lines = []
    for header, values in look.states.items():
        lines.append(f"# {_key(header)} = [{', '.join(_text(value) for value in values)}]")
    if not lines:
        return []
    return [
        "",
        f"# [sources.{look.table}.keep]   # list the values that count; other rows are refused with the reason",
        *lines,
    ]


def _masked(column: Column) -> str:
    """An example of a column that shows its kind but nobody's name or address."""
    if column.header.startswith("="):
        return column.example
    if column.mail or column.spaced or not any(map(str.isdigit, column.example)):
        return f"{column.example[:2]}…"
    return column.example


def _path_of(look: Look, folder: Path) -> str:
    """The path of the file, relative to the folder of report.toml if it is inside that folder."""
    if str(look.file) in NAMES:
        return str(look.file)
    return _relative(look.file, folder)


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
    """A TOML string: as in JSON, except for characters beyond 16 bits, which JSON would split in two, and DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Text on one line, without the control characters that TOML forbids."""
    return "".join(character for character in " ".join(text.split()) if unicodedata.category(character) != "Cc")


def _key(name: str) -> str:
    return name if name and name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _text(name)
