"""Months as people write them, and their last days."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from retention_kit.errors import ConfigError
from retention_kit.formats import counted

_MOST: Final = 12
"""Most months that a message lists one by one."""


def parse_month(text: str) -> str:
    """The month as ``YYYY-MM``, or a ConfigError that shows how a month is written.

    Examples
    --------
    >>> parse_month("1998-06")
    '1998-06'
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(text), flags=re.ASCII):
        raise ConfigError(f"A month is written YYYY-MM, as in 1998-06; got {text!r}.")
    return str(text)


def last_day(month: str) -> date:
    """Last day of a month ``YYYY-MM``.

    Examples
    --------
    >>> last_day("2024-02").isoformat()
    '2024-02-29'
    """
    year, number = (int(part) for part in parse_month(month).split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def month_range(first: str, last: str) -> tuple[str, ...]:
    """All months from the first to the last, both included.

    Parameters
    ----------
    first, last : str
        ``"YYYY-MM"``.

    Returns
    -------
    tuple of str
        Months in order.

    Raises
    ------
    ConfigError
        The range runs backwards, or a month is not written as YYYY-MM.

    Examples
    --------
    >>> month_range("1997-11", "1998-02")
    ('1997-11', '1997-12', '1998-01', '1998-02')
    """
    start, end = (last_day(month) for month in (first, last))
    if start > end:
        raise ConfigError(f"The range of months runs backwards: {first} to {last}.")
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in numbers)


def named(months: Sequence[str]) -> str:
    """Months for a message: all of them, or, if there are many, their number, the first and the last.

    Examples
    --------
    >>> named(["2026-01", "2026-02"])
    '2026-01, 2026-02'
    >>> named(month_range("0001-01", "9999-12"))
    '119,988 months (first 0001-01, last 9999-12)'
    """
    if len(months) <= _MOST:
        return ", ".join(months)
    return f"{counted(len(months), 'month')} (first {months[0]}, last {months[-1]})"
