"""Numbers, dates and tables as text for figures."""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator

from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import DIGITS, compact, number, percent

UNITS = tuple(DIGITS)
Periods: TypeAlias = Sequence[pd.Timestamp] | pd.Series | pd.DatetimeIndex
_THIN: Final = "\u200a"  # a hair space


def need(table: pd.DataFrame, plot: str, *columns: str) -> pd.DataFrame:
    """Return the table if it has these columns and at least one row; raise DataError otherwise."""
    if not isinstance(table, pd.DataFrame):
        raise DataError(f"plots.{plot} needs a DataFrame; got {type(table).__name__}. Call .to_pandas() first.")
    missing = [c for c in columns if c not in table.columns]
    if missing:
        headers = ", ".join(map(str, table.columns))
        raise DataError(
            f"plots.{plot} needs the columns {', '.join(columns)}; missing: {', '.join(missing)}. Found: {headers}."
        )
    if table.empty:
        raise DataError(
            f"plots.{plot} needs at least one row; the table is empty. Check as_of and the filters before it."
        )
    return table


def rows_of(table: pd.DataFrame) -> Iterable[Any]:
    """The rows of a table as named tuples."""
    return table.itertuples()


def first_middle_last(length: int) -> list[int]:
    """Positions of the first, the middle and the last of so many rows, each once; none for no rows."""
    return list(dict.fromkeys((0, length // 2, length - 1))) if length else []


def integer_ticks(axis: Axis) -> None:
    """Ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True, steps=[1, 2, 2.5, 5, 10]))


def value(x: float, unit: str, *, exact: bool = True) -> str:
    """A number in the format of its unit: rate, money, count, score, days or number."""
    if unit not in UNITS:
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {unit!r}.")
    if unit == "rate":
        return percent(x, 1 if exact else 0)
    if unit == "money":
        return number(x, 0 if abs(x) >= 1000 else 2)
    return number(x, 0 if unit == "count" else 1)


def short(name: object, most: int = 32) -> str:
    """A name from data for a figure: on one line, and not longer than `most` letters.

    The middle is left out, because names often differ at their end. matplotlib leaves out of a legend what begins with
    an underscore, so an invisibly thin space is put before one.

    Examples
    --------
    >>> short("A yearly plan with\\neverything and 24 months of service", most=24)
    'A yearly plan w … service'
    >>> short("")
    '(empty)'
    """
    text = " ".join(str(name).split()) or "(empty)"
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    most = most * len(text) // (len(text) + wide)  # a Chinese sign is as wide as two letters
    if len(text) > most:
        end = most // 3
        text = f"{text[: most - end - 1].rstrip()} … {text[-end:].lstrip()}"
    return f"{_THIN}{text}" if text.startswith("_") else text


def number_axis(axis: Axis, unit: str) -> None:
    """Few round ticks, written in the unit."""
    low, high = sorted(axis.get_view_interval())
    fine = unit == "rate" and high - low <= 0.06
    steps = [1, 2, 5, 10] if fine else [1, 2, 2.5, 5, 10]
    axis.set_major_locator(MaxNLocator(nbins=6, integer=unit == "count", steps=steps))
    written = (lambda x, _: percent(x, 1 if fine else 0)) if unit == "rate" else (lambda x, _: compact(x))
    axis.set_major_formatter(FuncFormatter(written))
    exact = functools.partial(value, unit=unit)
    if axis is axis.axes.yaxis:
        axis.axes.fmt_ydata = exact
    else:
        axis.axes.fmt_xdata = exact


def period_kind(periods: Periods) -> str:
    """Day, week, month, quarter or year, derived from the distance of the periods' first days."""
    starts = pd.DatetimeIndex(pd.unique(pd.Series(periods))).sort_values()
    if len(starts) < 2:
        return "month" if starts[0].day == 1 else "day"
    days = np.diff(starts.to_numpy()).min() / np.timedelta64(1, "D")
    return next(
        kind
        for least, kind in ((360, "year"), (89, "quarter"), (28, "month"), (7, "week"), (0, "day"))
        if days >= least
    )


def period_name(start: pd.Timestamp, kind: str, *, long: bool = False) -> str:
    """The name of one period: 1997-01, or January 1997 in a sentence."""
    if not isinstance(start, pd.Timestamp):
        return str(start)
    if kind == "quarter":
        return f"{start.year}-Q{start.quarter}"
    patterns = {"year": "%Y", "month": "%B %Y" if long else "%Y-%m"}
    return start.strftime(patterns.get(kind, "%Y-%m-%d"))


def period_axis(ax: Axes, periods: Periods) -> None:
    """Ticks 0, 1, 2 … named after periods, the year once under its first tick, thinned to fit."""
    starts = list(pd.DatetimeIndex(list(periods)))
    kind = period_kind(starts)
    chosen = _thinned(starts, kind)
    names, year = [], None
    for i in chosen:
        names.append(_tick(starts[i], kind, new_year=starts[i].year != year))
        year = starts[i].year
    ax.set_xticks(chosen, names)
    ax.set_xlim(-0.6, len(starts) - 0.4)
    ax.fmt_xdata = lambda x: period_name(starts[min(max(round(x), 0), len(starts) - 1)], kind, long=True)


def day_axis(ax: Axes, days: Periods) -> np.ndarray:
    """Ticks at the first days of months, as `period_axis` has them, for points on any day; returns the positions of
    these days in months."""
    chosen = pd.DatetimeIndex(list(days))
    starts = pd.date_range(chosen.min().replace(day=1), chosen.max(), freq="MS")
    period_axis(ax, starts)
    months = 12 * (chosen.year - starts[0].year) + chosen.month - starts[0].month
    positions = np.asarray(months + (chosen.day - 1) / chosen.days_in_month, dtype="float64")
    ax.set_xlim(min(positions.min() - 0.6, -0.2), positions.max() + 0.6)  # with the first tick, which has the year
    ax.fmt_xdata = lambda x: chosen[int(np.abs(positions - x).argmin())].date().isoformat()
    return positions


def _thinned(starts: list[pd.Timestamp], kind: str) -> list[int]:
    if kind == "month" and len(starts) > 12:
        every = 3 if len(starts) <= 36 else 12
        return [i for i, s in enumerate(starts) if (s.month - 1) % every == 0]
    most = {"year": 12, "quarter": 12, "month": 12}.get(kind, 7)
    return list(range(0, len(starts), math.ceil(len(starts) / most)))


def _tick(start: pd.Timestamp, kind: str, *, new_year: bool) -> str:
    if kind == "year":
        return str(start.year)
    name = {"quarter": f"Q{start.quarter}", "month": start.strftime("%b")}.get(kind, start.strftime("%d %b"))
    return f"{name}\n{start.year}" if new_year else name


def span(periods: Periods) -> str:
    """'by month, January 1997 to June 1998', for alternative texts."""
    starts = pd.DatetimeIndex(list(periods)).sort_values()
    kind = period_kind(starts)
    first, last = (period_name(s, kind, long=True) for s in (starts[0], starts[-1]))
    return f"by {kind}, {first} to {last}"
