"""Cells of a table and the functions that format them."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any, Final

import numpy as np
import pandas as pd
from great_tables import GT

from retention_kit import formats
from retention_kit.errors import ConfigError
from retention_kit.load import Dataset

PERIODS: Final = ("day", "week", "month", "quarter", "year")
UNITS: Final = (*formats.DIGITS, "expected", "points", "change", "p", "truth", "date", *PERIODS, "text")
"""Units of columns: those of numbers; expected (money, already rounded to three digits); points (a difference of
rates) and change (of scores), with their sign; p (a probability of chance);
truth (yes or no); and dates, as days or as the periods that begin on them."""


@dataclass(frozen=True)
class Cells:
    """The format of the cells of a column, or of some of its rows; missing values are handled elsewhere."""

    column: str
    write: Callable[[Any], str]
    rows: list[int] | None = None


def in_unit(column: str, unit: str, values: pd.Series, currency: str = "") -> list[Cells]:
    """The cells of a column, or of some of its rows, in a unit; text is unchanged.

    The index of `values` are the rows. Money of a column has the same number of digits in every row.
    """
    if unit not in UNITS:
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {unit!r} for {column}.")
    if unit == "text":
        return []
    write = _writer(unit, currency, _digits(unit, values, currency))
    return [Cells(column, write, [int(row) for row in values.index])]


def by_row(columns: Sequence[str], frame: pd.DataFrame, currency: str = "") -> list[Cells]:
    """The cells of columns whose unit is in the column `unit`; money of a row has the same number of digits."""
    rows: dict[tuple[str, int], list[int]] = {}
    for row, (unit, *values) in enumerate(frame[["unit", *columns]].itertuples(index=False)):
        digits = _digits(unit, values, currency)
        rows.setdefault((unit, digits), []).append(row)
    if wrong := {unit for unit, _ in rows} - set(UNITS):
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {', '.join(sorted(map(str, wrong)))}.")
    return [
        Cells(column, _writer(unit, currency, digits), these)
        for column in columns
        for (unit, digits), these in rows.items()
        if unit != "text"
    ]


def code(currency: Dataset | str | None, frame: pd.DataFrame) -> str:
    """The code of a currency: that of a Dataset or the code itself, otherwise the one that the frame carries."""
    given = currency.currency if isinstance(currency, Dataset) else currency
    return str(given or getattr(frame, "attrs", {}).get("currency") or "")


def _digits(unit: str, values: Iterable[Any], currency: str) -> int:
    """Digits after the decimal mark of money that is shown together; 0 for other units, which have their own."""
    if unit not in ("money", "expected"):
        return 0
    amounts = [float(x) for x in values if not pd.isna(x)]
    if unit == "expected" and max(map(abs, amounts), default=0.0) >= 100:
        return 0  # three digits end before the cents
    return formats.money_digits(amounts, currency)


def _writer(unit: str, currency: str, digits: int) -> Callable[[Any], str]:
    if unit in ("money", "expected"):
        return lambda x: plain(formats.money(float(x), currency, digits))
    if unit in ("date", *PERIODS):
        return lambda x: formats.period_name(pd.Timestamp(x), unit)
    special: dict[str, Callable[[Any], str]] = {
        "truth": formats.truth,
        "p": lambda x: html.escape(formats.p_value(x)),
        "points": formats.points,
        "change": lambda x: formats.signed(formats.number(x)),
    }
    return lambda x: plain(special[unit](x) if unit in special else formats.written(x, unit))


def plain(text: str) -> str:
    """A formatted number with ordinary spaces, since cells do not break their lines."""
    return text.replace(formats.SPACE, " ")


def keyed(cells: Cells) -> Cells:
    """The same cells with the value of each number in an attribute, by which a page sorts its tables."""

    def write(x: Any) -> str:
        text = cells.write(x)
        if isinstance(x, Real | Decimal | np.bool_):
            return f'<data value="{float(x):.15g}">{text}</data>'
        day = f"{x:%Y-%m-%d}" if isinstance(x, date) else text
        return text if text == day else f'<data value="{day}">{text}</data>'

    return replace(cells, write=write)


def rendered(frame: pd.DataFrame, cells: Iterable[Cells], blank: Collection[str], id: str) -> GT:
    """The frame as a great_tables object, with formatted cells."""
    gt = GT(frame, id=id)
    for these in cells:
        gt = gt.fmt(_unless_missing(these.write), columns=these.column, rows=these.rows)
    return gt.sub_missing([name for name in map(str, frame.columns) if name not in blank], missing_text=formats.MISSING)


def _unless_missing(write: Callable[[Any], str]) -> Callable[[Any], Any]:
    return lambda x: x if pd.isna(x) else write(x)
