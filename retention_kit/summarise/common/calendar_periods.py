"""Calendar periods as whole numbers: the same arithmetic in the engine and in pandas.

A period's number counts days, ISO weeks (Monday first), months, quarters or years since 1970,
so that ages and gaps are differences of integers and no month is ever "30 days".
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import described
from retention_kit.errors import ConfigError

PERIODS: Final = ("day", "week", "month", "quarter", "year")
_ISO_DAY: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}($|[T ])")
"""Year, month and day of the month, and perhaps a time of day after them."""
EPOCH: Final = dt.date(1970, 1, 1)
"""Day number 0."""
FREQUENCIES: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
"""Names of the periods in pandas."""
# months in a period; days and weeks are counted from day numbers
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def check_period(period: str, name: str = "period") -> str:
    """Return the period if it is one of `PERIODS`; raise ConfigError otherwise."""
    if period not in PERIODS:
        raise ConfigError(f"{name} is one of {', '.join(PERIODS)}; got {period!r}")
    return period


def as_day(day: str | dt.date | pd.Timestamp, name: str = "as_of") -> dt.date:
    """The calendar day of a date, Timestamp or ISO string.

    Text must begin with the year: 1.3.2021 is 3 January for some readers and 1 March for others.
    """
    if isinstance(day, str) and not _ISO_DAY.match(day.strip()):
        raise ConfigError(f"{name} is a day such as 2026-03-31: year, month, day; got {day!r}")
    try:
        stamp = pd.Timestamp(day) if isinstance(day, str | dt.date | np.datetime64) else None
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{name} is a day such as 2026-03-31; got {day!r}") from error
    if stamp is None or pd.isna(stamp):
        raise ConfigError(f"{name} is a day such as 2026-03-31; got {described(day)}")
    return stamp.date()


def moment_after(day: dt.date) -> ir.TimestampScalar:
    """The first moment of the next day."""
    return ibis.timestamp((day + dt.timedelta(days=1)).isoformat())


def day_number(moment: ir.Value) -> ir.IntegerValue:
    """Whole days from 1970-01-01 to the day of a date or timestamp column."""
    return moment.cast("date").delta(ibis.date(EPOCH.isoformat()), unit="day")


def period_number(moment: ir.Value, period: str) -> ir.IntegerValue:
    """Number of the period that a date or timestamp column falls in.

    Floored before the cast: a cast of 0.5, 1.5, 2.7 gives 0, 2, 3 in DuckDB and PostgreSQL, 0, 1, 2 in Spark. Months
    come from year and month: `delta(unit="month")` from 31 January to 28 February is 1 in DuckDB and 0 in the others.
    """
    if period == "day":
        return day_number(moment)
    if period == "week":
        return ((day_number(moment) + 3) / 7).floor().cast("int64")
    months = (moment.year().cast("int64") - 1970) * 12 + moment.month().cast("int64") - 1
    return months if period == "month" else (months / _MONTHS[period]).floor().cast("int64")


def day_of(number: int) -> dt.date:
    """The day with a number, as `number_of` gives it for days.

    Examples
    --------
    >>> day_of(number_of(dt.date(2026, 3, 31), "day"))
    datetime.date(2026, 3, 31)
    """
    return EPOCH + dt.timedelta(days=int(number))


def number_of(day: dt.date, period: str) -> int:
    """Number of the period that a Python date falls in."""
    days = (day - EPOCH).days
    if period == "day":
        return days
    if period == "week":
        return (days + 3) // 7
    return ((day.year - 1970) * 12 + day.month - 1) // _MONTHS[period]


def ends_period(day: dt.date, period: str) -> bool:
    """Whether a day is the last one of its period.

    Examples
    --------
    >>> ends_period(dt.date(2026, 2, 28), "month"), ends_period(dt.date(2026, 2, 28), "week")
    (True, False)
    """
    return number_of(day, period) < number_of(day + dt.timedelta(days=1), period)


def period_start(numbers: pd.Series | np.ndarray, period: str) -> pd.DatetimeIndex:
    """First day of each numbered period."""
    values = np.asarray(numbers, dtype="int64")
    if period in ("day", "week"):
        days = values if period == "day" else values * 7 - 3
        return pd.DatetimeIndex(days.astype("datetime64[D]")).as_unit("us")
    return pd.DatetimeIndex((values * _MONTHS[period]).astype("datetime64[M]")).as_unit("us")
