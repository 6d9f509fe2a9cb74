"""Cells of a table and the functions that format them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from typing import Any, Final

import pandas as pd
from great_tables import GT

from retention_kit import formats
from retention_kit.errors import ConfigError

UNITS: Final = (*formats.DIGITS, "date", "text")


@dataclass(frozen=True)
class Cells:
    """The format of the cells of a column, or of some of its rows; missing values are handled elsewhere."""

    column: str
    write: Callable[[Any], str]
    rows: list[int] | None = None


def in_unit(column: str, unit: str, rows: list[int] | None = None) -> list[Cells]:
    """The cells of a column, or of some of its rows, in a unit; text is unchanged."""
    if unit not in UNITS:
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {unit!r} for {column}.")
    if unit == "text":
        return []
    write = _day if unit == "date" else lambda x: plain(formats.written(x, unit))
    return [Cells(column, write, rows)]


def plain(text: str) -> str:
    """A formatted number with ordinary spaces, since cells do not break their lines."""
    return text.replace(formats.SPACE, " ")


def keyed(cells: Cells) -> Cells:
    """The same cells with the value of each number in an attribute, by which a page sorts its tables."""

    def write(x: Any) -> str:
        text = cells.write(x)
        return f'<data value="{x:.15g}">{text}</data>' if isinstance(x, (Real, Decimal)) else text

    return replace(cells, write=write)


def rendered(frame: pd.DataFrame, cells: Iterable[Cells], blank: Collection[str], id: str) -> GT:
    """The frame as a great_tables object, with formatted cells."""
    gt = GT(frame, id=id)
    for these in cells:
        gt = gt.fmt(_unless_missing(these.write), columns=these.column, rows=these.rows)
    return gt.sub_missing([name for name in map(str, frame.columns) if name not in blank], missing_text=formats.MISSING)


def _day(x: Any) -> str:
    return f"{pd.Timestamp(x):%Y-%m-%d}"


def _unless_missing(write: Callable[[Any], str]) -> Callable[[Any], Any]:
    return lambda x: x if pd.isna(x) else write(x)
