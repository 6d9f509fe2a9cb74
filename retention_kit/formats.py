"""Formats of numbers for readers, used by figures, tables and the report.

Every number passes through `_separated`, which inserts the marks between digits.
"""

from __future__ import annotations

import math
from typing import Final

SPACE: Final = "\u00a0"
"""Space between a number and its unit, at which no line breaks."""
MINUS: Final = "\u2212"
MISSING: Final = "–"
DIGITS: Final = {"rate": 1, "money": 2, "count": 0, "score": 1, "days": 0, "number": 2}
"""Digits after the decimal mark of each unit in tables and in the report."""


def number(x: float, digits: int = 1, *, zeros: bool = True) -> str:
    """A number with a given number of digits after the decimal mark, with or without zeros at the end; a dash for NaN.

    Examples
    --------
    >>> number(1234.5), number(-5, 0), number(-0.001), number(float("nan"))
    ('1,234.5', '−5', '0.0', '–')
    >>> number(2.50, 3, zeros=False), number(100, 1, zeros=False)
    ('2.5', '100')
    """
    if math.isnan(x):
        return MISSING
    text = f"{x:,.{digits}f}"
    return _separated(text if zeros or "." not in text else text.rstrip("0").rstrip("."))


def count(x: float) -> str:
    """A whole number.

    Examples
    --------
    >>> count(1234)
    '1,234'
    """
    return number(x, 0)


def counted(x: float, noun: str, plural: str = "") -> str:
    """A whole number with the noun it counts, in the singular for 1; `plural` if that is not the noun with an s.

    Examples
    --------
    >>> counted(1, "row"), counted(2, "row"), counted(1200, "expectation lies", "expectations lie")
    ('1 row', '2 rows', '1,200 expectations lie')
    """
    return f"{count(x)} {noun if x == 1 else plural or noun + 's'}"


def percent(x: float, digits: int = 0) -> str:
    """A fraction as per cent.

    Examples
    --------
    >>> percent(0.1234), percent(0.1234, 1), percent(float("nan"))
    ('12\\xa0%', '12.3\\xa0%', '–')
    """
    return MISSING if math.isnan(x) else f"{number(100 * x, digits)}{SPACE}%"


def significant(x: float, digits: int = 6) -> str:
    """A number with at most a given number of significant digits, and no zeros at its end.

    Examples
    --------
    >>> significant(1234.5), significant(-0.25), significant(1234567, 3)
    ('1,234.5', '−0.25', '1.23e+06')
    """
    return MISSING if math.isnan(x) else _separated(f"{x:,.{digits}g}")


def compact(x: float) -> str:
    """Three significant digits and a letter for thousands, millions or billions.

    Examples
    --------
    >>> compact(1234567), compact(999.6), compact(12.34)
    ('1.23M', '1k', '12.3')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(x) >= 0.9995 * size:
            return significant(float(f"{x / size:.3g}")) + letter
    return significant(float(f"{x:.3g}"))


def written(x: float, unit: str) -> str:
    """A number in its unit, a key of `DIGITS`; other units are written as a number. A dash for NaN.

    Examples
    --------
    >>> written(1234.5, "money"), written(-5, "score"), written(0.123, "rate"), written(float("nan"), "rate")
    ('1,234.50', '−5.0', '12.3\\xa0%', '–')
    """
    digits = DIGITS.get(unit, DIGITS["number"])
    return percent(x, digits) if unit == "rate" else number(x, digits)


def signed(text: str) -> str:
    """A formatted number, with a plus sign if it is above zero as displayed.

    Examples
    --------
    >>> signed(number(2.0)), signed(number(-2.0)), signed(number(0.01))
    ('+2.0', '−2.0', '0.0')
    """
    return f"+{text}" if text[:1].isdigit() and any(digit in text for digit in "123456789") else text


def _separated(text: str) -> str:
    """Python's digits with typographic marks: a real minus sign, and none before zero."""
    is_zero = not text.strip("-0.,")
    return text.removeprefix("-") if is_zero else text.replace("-", MINUS)
