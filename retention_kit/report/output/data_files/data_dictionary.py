"""The data dictionary: every file of a data folder, every column with its meaning."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

_COLUMNS: Final = Path(__file__).parent / "columns.toml"
_ENDS: Final = {
    "_low": "lower end of the interval of {}",
    "_high": "upper end of the interval of {}",
    "_share": "share of all {}, a fraction",
    "_rate": "{} as a rate, a fraction",
    "_before": "{} at the earlier date",
    "_after": "{} at the later date",
    "_per_customer": "{} per customer",
}
_HEAD: Final = """\
# Data of this month

Each table is stored twice with the same rows: as CSV (RFC 4180, UTF-8, header line) and as Parquet. Rates and shares
are fractions (0.25 is 25 %), money is in the report's currency, days are YYYY-MM-DD; an empty cell is not known.
Numbers have nine significant digits. In the CSV, text that a spreadsheet could take for a formula has an apostrophe
before it; in the Parquet file it is unchanged.
"""


def text(tables: Iterable[Any]) -> str:
    """The dictionary of these tables, as Markdown."""
    return "\n".join([_HEAD, *(_of(table) for table in tables)])


def _of(table: Any) -> str:
    source = f"Behind a table or figure of the page {table.page}." if table.page else ""
    said = " ".join(sentence for sentence in (_line(table.title), source) if sentence)
    lines = [f"## {table.name}.csv, {table.name}.parquet", "", said, "", "| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| {_code(column.name)} | {_kind(column.type)} | {meaning(column.name) or _unknown(table)} |"
        for column in table.arrow.schema
    ]
    return "\n".join([*lines, ""])


def meaning(column: str) -> str:
    """Meaning of a column, with its unit; empty if it is not known.

    Examples
    --------
    >>> meaning("customers"), meaning("customers_low")
    ('number of customers', 'lower end of the interval of number of customers')
    >>> meaning("shoe_size")
    ''
    """
    meanings = _meanings()
    if column in meanings:
        return meanings[column]
    for end, pattern in _ENDS.items():
        if column.endswith(end) and (base := meanings.get(column.removesuffix(end))):
            return pattern.format(base)
    return ""


def _unknown(table: Any) -> str:
    return f"as the page {table.page} has it" if table.page else ""


@functools.cache
def _meanings() -> dict[str, str]:
    return tomllib.loads(_COLUMNS.read_text(encoding="utf-8"))


def _kind(values: pa.DataType) -> str:
    if pa.types.is_timestamp(values):
        return "date"
    if pa.types.is_boolean(values):
        return "true or false"
    if pa.types.is_integer(values):
        return "whole number"
    return "number" if pa.types.is_floating(values) else "text"


def _code(name: str) -> str:
    """A column's name as code on one line."""
    return "`" + " ".join(name.split()).replace("`", "'").replace("|", "\\|") + "`"


def _line(text: str) -> str:
    plain = " ".join(text.split())
    for sign in "\\`*_[]<>":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
