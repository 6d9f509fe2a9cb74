"""Days that exist, by arithmetic that every engine knows."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from retention_kit.load.reading import nothing

__all__ = ["as_iso", "month_number"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def as_iso(part: Mapping[str, ir.StringValue], month: ir.StringValue, day: ir.StringValue) -> ir.StringValue:
    """Written parts of a moment as 2024-05-01 10:00:00; null where there is no such day or time."""
    year = _four_digits(part["year"])
    month, day = month.cast("int64"), day.cast("int64")
    hour, half = part["hour"].cast("int64").fill_null(0), part["half"].lower()
    minute, second = part["minute"].fill_null("00"), part["second"].fill_null("00")
    clock = ibis.cases((half == "p", hour % 12 + 12), (half == "a", hour % 12), else_=hour)
    fits = month.between(1, 12) & (day >= 1) & (day <= _last_day(year.cast("int64"), month))
    fits = fits & ibis.ifelse(half.isnull(), hour <= 23, (hour >= 1) & (hour <= 12)) & (minute < "60") & (second < "60")
    iso = year + "-" + _two(month) + "-" + _two(day) + " " + _two(clock) + ":" + minute + ":" + second
    return ibis.ifelse(fits, iso, nothing())


def month_number(name: ir.StringValue) -> ir.StringValue:
    """'1' to '12' for the English names of months, '0' for another word."""
    months = ((name.lower() == month, str(i)) for i, month in enumerate(_MONTHS, start=1))
    return ibis.cases((name.isnull(), nothing()), *months, else_="0")


def _four_digits(year: ir.StringValue) -> ir.StringValue:
    """A year of two digits lies between 1970 and 2069."""
    return ibis.ifelse(year.length() == 2, ibis.ifelse(year < "70", "20", "19") + year, year)


def _two(number: ir.IntegerValue) -> ir.StringValue:
    return number.cast("string").lpad(2, "0")


def _last_day(year: ir.IntegerValue, month: ir.IntegerValue) -> ir.IntegerValue:
    """The number of days in a month of the Gregorian calendar."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return ibis.cases((month.isin([4, 6, 9, 11]), 30), (month == 2, ibis.ifelse(leap, 29, 28)), else_=31)
