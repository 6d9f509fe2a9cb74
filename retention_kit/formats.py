"""Formats of numbers for readers, used by figures, tables and the report.

Every number passes through `_separated`, which inserts the marks between digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Final

SPACE: Final = "\u00a0"
"""Space between a number and its unit, at which no line breaks."""
MINUS: Final = "\u2212"
MISSING: Final = "–"
DIGITS: Final = {"rate": 1, "money": 2, "count": 0, "score": 1, "days": 0, "number": 2}
"""Digits after the decimal mark of each unit in tables and in the report; those of money are at most these."""
SYMBOLS: Final = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "ILS": "₪", "INR": "₹",
    "JPY": "¥", "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "PHP": "₱", "TWD": "NT$", "USD": "$", "VND": "₫",
}  # fmt: skip
"""Signs of currencies in English, by the Unicode locale data (CLDR); other currencies keep their code."""
_NO_CENTS: Final = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
"""Currencies without a smaller unit (ISO 4217)."""
_UNUSED_CENTS: Final = frozenset(("HUF", "TWD"))
"""Currencies whose smaller unit is no longer in use: only amounts below ten are written with it."""
WHOLE_MONEY: Final = 1000
"""From this amount on, money is written without cents."""


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


def points(x: float) -> str:
    """A difference of two fractions in percentage points, with its sign.

    Examples
    --------
    >>> points(0.047), points(-0.004)
    ('+4.7\\xa0points', '−0.4\\xa0points')
    """
    return MISSING if math.isnan(x) else f"{signed(number(100 * x))}{SPACE}points"


def significant(x: float, digits: int = 6) -> str:
    """A number with at most a given number of significant digits, and no zeros at its end.

    Examples
    --------
    >>> significant(1234.5), significant(-0.25), significant(1234567, 3)
    ('1,234.5', '−0.25', '1.23e+06')
    """
    return MISSING if math.isnan(x) else _separated(f"{x:,.{digits}g}")


def money(x: float, currency: str = "", digits: int | None = None) -> str:
    """An amount with the sign of its currency in front, or its code where there is no common sign.

    Without `digits`, it has those of `money_digits`.

    Examples
    --------
    >>> money(39210.75, "EUR"), money(-41.2, "USD"), money(1250, "PLN"), money(980.4, "JPY"), money(41.2)
    ('€39,211', '−$41.20', 'PLN\\xa01,250', '¥980', '41.20')
    """
    if math.isnan(x):
        return MISSING
    text = number(x, money_digits([x], currency) if digits is None else digits)
    sign = SYMBOLS.get(currency, currency)
    sign += SPACE if sign[-1:].isalpha() else ""
    return f"{MINUS}{sign}{text.removeprefix(MINUS)}" if text.startswith(MINUS) else f"{sign}{text}"


def money_digits(amounts: Iterable[float], currency: str = "") -> int:
    """Digits after the decimal mark for amounts that are shown together, such as those of a column.

    None for large amounts, for amounts that are all whole, and for currencies without a smaller unit.

    Examples
    --------
    >>> money_digits([12.5, 999.9]), money_digits([12.5, 1200]), money_digits([12.5], "JPY")
    (2, 0, 0)
    """
    known = [abs(x) for x in amounts if math.isfinite(x)]
    largest, has_cents = max(known, default=0.0), any(round(x, 2) % 1 for x in known)
    whole = (
        not has_cents
        or largest >= WHOLE_MONEY
        or currency in _NO_CENTS
        or (currency in _UNUSED_CENTS and largest >= 10)
    )
    return 0 if whole else DIGITS["money"]


def three_digits(value: float, low: float, high: float) -> tuple[float, float, float]:
    """An expected value to three digits, and both ends of its interval to the third digit of the larger one.

    Examples
    --------
    >>> three_digits(118357, 96123, 145990), three_digits(0.12345, 0.0987, 0.2), three_digits(5, float("nan"), 7.123)
    ((118000.0, 96000.0, 146000.0), (0.123, 0.099, 0.2), (5.0, nan, 7.12))
    """
    largest = max((abs(x) for x in (low, high) if math.isfinite(x)), default=0.0)
    places = 2 - math.floor(math.log10(largest)) if largest else 0
    low, high = (float(round(x, places)) if math.isfinite(x) else x for x in (low, high))
    return float(f"{value:.3g}"), low, high


def count_of_three_digits(x: float) -> str:
    """An expected number of things, to three digits.

    Examples
    --------
    >>> count_of_three_digits(5781.3), count_of_three_digits(97.4)
    ('5,780', '97')
    """
    return count(float(f"{x:.3g}"))


def p_value(p: float) -> str:
    """A probability of chance: two digits, and never 0.

    Examples
    --------
    >>> p_value(0.0001), p_value(0.04), p_value(1.0), p_value(float("nan"))
    ('<\\xa00.01', '0.04', '1.00', '–')
    """
    return f"<{SPACE}0.01" if p < 0.005 else number(p, 2)


def p_equation(p: float) -> str:
    """A probability of chance with its letter, for sentences.

    Examples
    --------
    >>> p_equation(0.0001), p_equation(0.04)
    ('p\\xa0<\\xa00.01', 'p\\xa0=\\xa00.04')
    """
    text = p_value(p)
    return f"p{SPACE}{text}" if text.startswith("<") else f"p{SPACE}={SPACE}{text}"


def truth(x: object) -> str:
    """A truth value in words.

    Examples
    --------
    >>> truth(True), truth(0)
    ('yes', 'no')
    """
    return "yes" if x else "no"


def period_kind(starts: Iterable[date]) -> str:
    """Day, week, month, quarter or year, derived from the least distance of the periods' first days.

    One period alone is a month if it begins on the first day of one, otherwise a day.

    Examples
    --------
    >>> period_kind([date(1998, 5, 1), date(1998, 6, 1)]), period_kind([date(1998, 1, 5), date(1998, 1, 12)])
    ('month', 'week')
    """
    days = sorted({start.toordinal() for start in starts})
    if len(days) < 2:
        return "month" if days and date.fromordinal(days[0]).day == 1 else "day"
    least = min(after - before for before, after in pairwise(days))
    lengths = ((360, "year"), (89, "quarter"), (28, "month"), (7, "week"), (0, "day"))
    return next(kind for length, kind in lengths if least >= length)


def period_name(start: date, kind: str) -> str:
    """The name of a period in English; weeks are named after their first day.

    Examples
    --------
    >>> [period_name(date(1998, 4, 6), kind) for kind in ("month", "quarter", "year", "week", "day")]
    ['April 1998', 'Q2 1998', '1998', 'week of 1998-04-06', '1998-04-06']
    """
    named = {"month": f"{start:%B} {start.year}", "quarter": f"Q{(start.month + 2) // 3} {start.year}"}
    named |= {"year": f"{start.year}", "week": f"week of {start:%Y-%m-%d}"}
    return named.get(kind, f"{start:%Y-%m-%d}")


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


def written(x: float, unit: str, currency: str = "") -> str:
    """A number in its unit, a key of `DIGITS`; other units are written as a number. A dash for NaN.

    Examples
    --------
    >>> written(1234.56, "money", "EUR"), written(-5, "score"), written(0.123, "rate"), written(float("nan"), "rate")
    ('€1,235', '−5.0', '12.3\\xa0%', '–')
    """
    if unit == "money":
        return money(x, currency)
    digits = DIGITS.get(unit, DIGITS["number"])
    return percent(x, digits) if unit == "rate" else number(x, digits)


def signed(text: str) -> str:
    """A formatted number, with a plus sign if it is above zero as displayed.

    Examples
    --------
    >>> signed(number(2.0)), signed(number(-2.0)), signed(number(0.01)), signed(money(5.5, "EUR"))
    ('+2.0', '−2.0', '0.0', '+€5.50')
    """
    return f"+{text}" if text[:1] != MINUS and any(digit in text for digit in "123456789") else text


def _separated(text: str) -> str:
    """Python's digits with typographic marks: a real minus sign, and none before zero."""
    is_zero = not text.strip("-0.,")
    return text.removeprefix("-") if is_zero else text.replace("-", MINUS)
