"""Values that can be read in two ways, and what the file itself says about them: `init` states what decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from babel.numbers import get_currency_precision

LANGUAGES: Final = {
    "de": "German", "fr": "French", "es": "Spanish", "pl": "Polish", "zh": "Chinese", "ja": "Japanese"
}  # fmt: skip
DAY_FIRST: Final = ("de", "fr", "es", "pl")
"""Languages in which nobody writes the month first."""
THOUSANDS: Final = {"de": ".", "pl": ".", "zh": ",", "ja": ","}
"""Thousands separators by language. Spanish uses either sign and French spaces; English headers occur everywhere."""
_DATE: Final = r"^(?P<a>\d{1,2})[-/](?P<b>\d{1,2})[-/](?P<year>\d{4}|\d{2})(?!\d)\s*(?P<rest>.*)$"
_NUMBER: Final = r"(?P<body>\d[\d.,]*)"
_IN_ORDER: Final = 0.98
"""Least share of steps in one direction for rows in order of time; exports contain a few late entries."""
_NOT_IN_ORDER: Final = 0.9
"""The other reading must put fewer rows than this in order, otherwise the order decides nothing."""
_ENOUGH: Final = 5
"""Least number of values from which a conclusion is drawn."""


@dataclass(frozen=True)
class Doubt:
    """An undecided option: its two values with the meaning of an example under each, and the decided one with the
    reason.

    `value` is None if nothing in the file decides.
    """

    option: str
    example: str
    meanings: tuple[tuple[Any, str], ...]
    value: bool | str | None = None
    reason: str = ""

    @property
    def meaning(self) -> str:
        """The meaning of the example under the decided value."""
        return next((meaning for value, meaning in self.meanings if value == self.value), "")


def of_dates(values: pd.Series, language: str) -> Doubt:
    """Whether the day is first in dates such as 3/4/2024.

    The rows of an export are nearly always in order of time: if only one reading puts them in order, it is the right
    one. Otherwise headers in a language that never writes the month first decide.

    Examples
    --------
    >>> doubt = of_dates(pd.Series(["03/04/2024", "05/04/2024", "02/05/2024", "07/05/2024", "01/06/2024"]), "en")
    >>> doubt.value, doubt.meaning
    (True, '3 April 2024')
    >>> of_dates(pd.Series(["03/04/2024"]), "en").value is None
    True
    """
    parts = values.astype("str").str.strip().str.extract(_DATE).dropna(subset=["a"])
    apart = parts[parts["a"].astype(int) != parts["b"].astype(int)]
    first = (apart if len(apart) else parts).iloc[0]
    example = values.loc[parts.index[0] if apart.empty else apart.index[0]]
    year = int(first["year"]) + (2000 if len(first["year"]) == 2 else 0)
    days = {True: (int(first["b"]), int(first["a"])), False: (int(first["a"]), int(first["b"]))}
    meanings = tuple((key, f"{pair[1]} {date(year, *pair):%B %Y}") for key, pair in days.items())
    doubt = Doubt("day_first", str(example), meanings)
    order = {True: _in_order(parts, "b", "a"), False: _in_order(parts, "a", "b")}
    for value in order:
        if order[value] >= _IN_ORDER and order[not value] < _NOT_IN_ORDER and len(parts) >= _ENOUGH:
            which = "day" if value else "month"
            return Doubt(
                "day_first", str(example), meanings, value, f"only with the {which} first are the rows in order of time"
            )
    if language in DAY_FIRST:
        return Doubt("day_first", str(example), meanings, True, f"the headers are {LANGUAGES[language]}")
    return doubt


def _in_order(parts: pd.DataFrame, month: str, day: str) -> float:
    """The share of steps from row to row that go in one direction."""
    key = parts["year"].astype(int) * 10000 + parts[month].astype(int) * 100 + parts[day].astype(int)
    steps = key.diff().dropna()
    return max((steps >= 0).mean(), (steps <= 0).mean()) if len(steps) else 0.0


def of_currencies(header: str, rows: Mapping[str, int]) -> Doubt:
    """Which rows to keep where a column has several currencies, with their numbers of rows; only the user can decide.

    Examples
    --------
    >>> of_currencies("Currency", {"EUR": 30, "USD": 6}).meanings
    (({'Currency': ['EUR']}, 'EUR 30 rows'), ({'Currency': ['USD']}, 'USD 6 rows'))
    """
    return Doubt("keep", header, tuple(({header: [code]}, f"{code} {n:,} rows") for code, n in rows.items()))


def of_numbers(values: pd.Series, language: str, currency: str | None) -> Doubt:
    """Whether 1,234 is thousands or a decimal number.

    Numbers below a thousand that have no separator, while all above have one, show that it separates thousands. So does
    a currency that has two decimals or none, and the habit of the language of the headers.

    Examples
    --------
    >>> doubt = of_numbers(pd.Series(["1,250", "980", "12,400", "700", "650"]), "en", None)
    >>> doubt.value, doubt.meaning
    ('.', '1250')
    >>> of_numbers(pd.Series(["1,250", "2,980"]), "en", None).value is None
    True
    """
    body = values.astype("str").str.extract(_NUMBER)["body"].dropna()
    separated = body[body.str.fullmatch(r"\d{1,3}[.,]\d{3}")]
    example = separated.iloc[0]
    separator = "," if "," in example else "."
    other = "." if separator == "," else ","
    meanings = ((other, example.replace(separator, "")), (separator, example.replace(separator, ".")))
    doubt = Doubt("decimal", example, meanings)
    plain = body[body.str.fullmatch(r"\d+")].astype(float)
    digits = get_currency_precision(currency) if currency else None
    if digits == 3:
        return doubt
    if (plain < 1000).sum() >= 3 and not (plain >= 1000).any():
        reason = f"numbers below 1000 have no {separator!r}, all others have one"
    elif digits is not None:
        reason = f"{currency} has {digits or 'no'} decimals, never three"
    elif separator == THOUSANDS.get(language):
        reason = f"the headers are {LANGUAGES[language]}"
    else:
        return doubt
    return Doubt("decimal", example, meanings, other, reason)
