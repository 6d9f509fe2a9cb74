"""The numbers of a month, read from the executed notebooks, so that pages and index always agree."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from retention_kit import formats
from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.numbers.formulas import Formula, behind

MIME: Final = "application/vnd.retention-kit.numbers+json"
_RELATIVE: Final = ("money", "count")


@dataclass(frozen=True)
class Row:
    """One number as it is printed; empty text for what is missing."""

    name: str
    label: str
    value: str
    interval: str
    n: str
    change: str
    change_year: str
    formula: Formula | None = None
    note: str = ""
    """Why the value is missing or not compared."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Sort keys of the columns value, interval, n, change and change_year."""


def numbers(node: Any) -> list[dict[str, Any]]:
    """The numbers that an executed notebook displayed for the report, in their order.

    Examples
    --------
    >>> numbers({"cells": []})
    []
    """
    outputs = [output for cell in node["cells"] for output in cell.get("outputs", [])]
    bundles = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    lists = [json.loads(bundle) if isinstance(bundle, str) else bundle for bundle in bundles]
    return [dict(item) for items in lists for item in items if isinstance(item, Mapping) and "name" in item]


def row(item: Mapping[Any, Any], language: Language = ENGLISH) -> Row:
    """One number of `numbers`, formatted for readers.

    Examples
    --------
    >>> shown = row({"name": "churn", "label": "Churn", "value": 0.1, "unit": "rate", "previous": 0.12})
    >>> shown.value, shown.change
    ('10.0\\xa0%', '−2.0\\xa0points')
    >>> row({"name": "revenue", "value": 39210.75, "unit": "money", "currency": "EUR"}).value
    '€39,211'
    """
    currency = currency_of(item)
    unit = str(item.get("unit", "number"))
    low, high, n = _number(item, "low"), _number(item, "high"), _number(item, "n")
    value = _number(item, "value")
    has_interval = not (math.isnan(low) or math.isnan(high))
    change, change_year = (_difference(value, _number(item, earlier), unit) for earlier in ("previous", "last_year"))
    figures = {"value": value, "interval": low if has_interval else math.nan, "n": n}
    return Row(
        name=str(item["name"]),
        label=language.metric(str(item["name"]), str(item.get("label") or item["name"])),
        value=written(value, unit, language, currency, together=(low, high)),
        interval=between(low, high, unit, language, currency, together=(value,)) if has_interval else "",
        n="" if math.isnan(n) else written(n, "count", language),
        change=_change(change, unit, language),
        change_year=_change(change_year, unit, language),
        formula=behind(item, language),
        note=noted(item.get("note"), language),
        keys=sort_keys(**figures, change=change, change_year=change_year),
    )


def sort_keys(**figures: float) -> dict[str, str]:
    """Sort keys for the script of a page; unknown values are sorted last.

    Examples
    --------
    >>> sort_keys(value=0.1, n=float("nan"))
    {'value': '0.1', 'n': ''}
    """
    return {name: "" if math.isnan(x) else f"{x:.15g}" for name, x in figures.items()}


def currency_of(item: Mapping[Any, Any]) -> str:
    """Code of the currency of a number; empty where it is not known, as in reports of earlier versions."""
    currency = item.get("currency")
    return currency if isinstance(currency, str) else ""


def noted(note: Any, language: Language = ENGLISH) -> str:
    """A notebook's notes on a number, line by line: why it is missing or not compared."""
    return str(language.together(*map(language.translated, note.splitlines()))) if isinstance(note, str) else ""


def written(
    x: float, unit: str, language: Language = ENGLISH, currency: str = "", *, together: Iterable[float] = ()
) -> str:
    """A number with its unit; a dash if it is not known.

    Money that is shown `together` with other amounts has as many digits as these.

    Examples
    --------
    >>> written(1234.5, "money"), written(-5, "score"), written(float("nan"), "rate")
    ('1,234', '−5.0', '–')
    >>> written(987.65, "money", currency="EUR"), written(987.65, "money", currency="EUR", together=[800, 1100])
    ('€987.65', '€988')
    """
    if unit == "money":
        return language.money(x, currency, formats.money_digits([x, *together], currency))
    text = language.numerals(formats.written(x, unit))
    if unit != "days" or math.isnan(x):
        return text
    rounded = round(abs(x)) if math.isfinite(x) else 0
    return language.ngettext("%(n)s\u00a0day", "%(n)s\u00a0days", rounded, n=text)


def between(
    low: float,
    high: float,
    unit: str,
    language: Language = ENGLISH,
    currency: str = "",
    *,
    together: Iterable[float] = (),
) -> str:
    """An interval in words."""
    amounts = [low, high, *together]
    ends = [written(x, unit, language, currency, together=amounts) for x in (low, high)]
    return language.gettext("%(low)s to %(high)s", low=ends[0], high=ends[1])


def points(x: float, language: Language = ENGLISH) -> str:
    """A difference of two rates, in percentage points."""
    return language.gettext("%(number)s\u00a0points", number=written(100 * x, "score", language))


def _difference(value: float, before: float, unit: str) -> float:
    """Difference to an earlier value, relative for money and counts; NaN if there is none."""
    if unit not in _RELATIVE:
        return value - before
    return (value - before) / abs(before) if before else math.nan


def _change(difference: float, unit: str, language: Language) -> str:
    if math.isnan(difference):
        return ""
    if unit in _RELATIVE:
        return formats.signed(written(difference, "rate", language))
    return formats.signed(points(difference, language) if unit == "rate" else written(difference, unit, language))


def _number(item: Mapping[str, Any], key: str) -> float:
    value = item.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
