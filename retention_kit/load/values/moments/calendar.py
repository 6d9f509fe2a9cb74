"""Which days exist, by arithmetic that every engine supports."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from retention_kit.load.values.reader import nothing


def as_iso(
    pieces: Mapping[str, ir.StringValue], month: ir.StringValue, day: ir.StringValue, *, twelve: bool
) -> ir.StringValue:
    """Written parts of a moment as 2024-05-01 10:00:00; null where there is no such day or time.

    `twelve` says that AM and PM belong to the hours 1 to 12. Magento writes them behind 24 hours: 14:03 PM, 00:15 AM.
    """
    year = _four_digits(pieces["year"])
    month, day = month.cast("int64"), day.cast("int64")
    hour, half = pieces["hour"].cast("int64").fill_null(0), pieces["half"].lower()
    minute, second = pieces["minute"].fill_null("00"), pieces["second"].fill_null("00")
    clock = ibis.cases((half == "p", hour % 12 + 12), (half == "a", hour % 12), else_=hour)
    fits = month.between(1, 12) & (day >= 1) & (day <= _last_day(year.cast("int64"), month))
    fits = fits & _is_hour(hour, half, twelve=twelve) & (minute < "60") & (second < "60")
    iso = year + "-" + _two(month) + "-" + _two(day) + " " + _two(clock) + ":" + minute + ":" + second
    return ibis.ifelse(fits, iso, nothing())


def month_number(name: ir.StringValue, months: Mapping[str, int]) -> ir.StringValue:
    """'1' to '12' for the names of months as they are written in a column, '0' for another word."""
    numbers = ((name == word, str(number)) for word, number in months.items())
    return ibis.cases((name.isnull(), nothing()), *numbers, else_="0")


def _is_hour(hour: ir.IntegerValue, half: ir.StringValue, *, twelve: bool) -> ir.BooleanValue:
    """Whether a clock shows that hour."""
    halved = hour.between(1, 12)
    if not twelve:
        halved = halved | ((half == "p") & hour.between(13, 23)) | ((half == "a") & (hour == 0))
    return ibis.ifelse(half.isnull(), hour <= 23, halved)


def _four_digits(year: ir.StringValue) -> ir.StringValue:
    """A year of two digits lies between 1970 and 2069."""
    return ibis.ifelse(year.length() == 2, ibis.ifelse(year < "70", "20", "19") + year, year)


def _two(number: ir.IntegerValue) -> ir.StringValue:
    return number.cast("string").lpad(2, "0")


def _last_day(year: ir.IntegerValue, month: ir.IntegerValue) -> ir.IntegerValue:
    """The number of days in a month of the Gregorian calendar."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return ibis.cases((month.isin([4, 6, 9, 11]), 30), (month == 2, ibis.ifelse(leap, 29, 28)), else_=31)
