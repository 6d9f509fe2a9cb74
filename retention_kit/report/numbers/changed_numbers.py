"""Numbers of a month that differ from its last run, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from retention_kit import formats
from retention_kit.report.execution.execute import Executed
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers

NAME: Final = "restated"
TITLE: Final = "Numbers of this month that differ from its last run, beyond rounding"
_COLUMNS: Final = ("page", "name", "label", "unit", "currency", "state", "before", "after", "difference", "relative")
_FIGURES: Final = ("before", "after", "difference", "relative")
_DIGITS: Final = 6
"""Significant digits of a number on a page (tables.numbers)."""

_STATES: Final = {
    (False, True): gettext_noop("new"),
    (True, False): gettext_noop("gone"),
    (True, True): gettext_noop("changed"),
}
"""State of a number by whether it existed before and whether it exists now."""

Numbers = Mapping[tuple[str, str], Mapping[Any, Any]]
"""Numbers by page and name."""


@dataclass(frozen=True)
class Row:
    """One number that differs, formatted for readers; `state` is changed, new or gone."""

    page: str
    label: str
    state: str
    before: str
    after: str
    difference: str
    relative: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """Sort keys of the columns before, after, difference and relative."""


def compare(before: Numbers | None, pages: Sequence[Executed]) -> pd.DataFrame | None:
    """The numbers that differ, for the data folder; None if there are none.

    Only pages that finished in this run and had numbers `before` are compared.

    Notes
    -----
    Counts differ if they are not equal. Other numbers differ if the difference exceeds one unit of their sixth
    significant digit: numbers are printed with six digits, so a smaller difference is rounding.
    """
    finished = [page for page in pages if page.failure is None]
    items = ((page.notebook.name, item) for page in finished for item in notebook_numbers.numbers(page.node))
    differences = list(_differences(before or {}, by_name(items), [page.notebook.name for page in finished]))
    if not differences:
        return None
    frame = pd.DataFrame(differences, columns=_COLUMNS)
    return frame.astype(dict.fromkeys(_FIGURES, "float64"))


def rows(table: pd.DataFrame | None, language: Language = ENGLISH) -> list[Row]:
    """The table as its page shows it."""
    return [_row(row, language) for row in table.to_dict("records")] if table is not None else []


def by_name(items: Iterable[tuple[str, Mapping[Any, Any]]]) -> Numbers:
    """Numbers by page and name; of a name that occurs twice on a page the first is used."""
    first_items: dict[tuple[str, str], Mapping[Any, Any]] = {}
    for page, item in items:
        first_items.setdefault((str(page), str(item["name"])), item)
    return first_items


def _differences(before: Numbers, after: Numbers, pages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Differences in the order of the pages: current numbers in their order, then those that are gone."""
    pages_before = {page for page, _ in before}
    for page in pages:
        if page not in pages_before:
            continue
        keys = dict.fromkeys(key for key in (*after, *before) if key[0] == page)
        for key in keys:
            old, new = before.get(key), after.get(key)
            state = _STATES[old is not None, new is not None]
            x, y = _value(old), _value(new)
            if state != "changed" or _differ(x, y, _unit(new)):
                yield _difference(key, new or old or {}, state, x, y)


def _difference(key: tuple[str, str], item: Mapping[str, Any], state: str, x: float, y: float) -> dict[str, Any]:
    relative = (y - x) / abs(x) if x else math.nan
    label = str(item.get("label") or key[1])
    figures = {"before": x, "after": y, "difference": y - x, "relative": relative}
    return {"page": key[0], "name": key[1], "label": label, **_in_unit(item), "state": state, **figures}


def _differ(x: float, y: float, unit: str) -> bool:
    """Whether two values differ beyond rounding; becoming known or unknown is a difference.

    Examples
    --------
    >>> _differ(0.123456, 0.123457, "rate"), _differ(0.123456, 0.123458, "rate"), _differ(100000, 100001, "count")
    (False, True, True)
    """
    if x == y or (math.isnan(x) and math.isnan(y)):
        return False
    if unit == "count" or not (math.isfinite(x) and math.isfinite(y)):
        return True
    step = 10.0 ** (math.floor(math.log10(max(abs(x), abs(y)))) - _DIGITS + 1)
    return abs(x - y) > 1.001 * step


def _unit(item: Mapping[str, Any] | None) -> str:
    return str((item or {}).get("unit") or "number")


def _in_unit(item: Mapping[str, Any]) -> dict[str, str]:
    return {"unit": _unit(item), "currency": notebook_numbers.currency_of(item)}


def _value(item: Mapping[str, Any] | None) -> float:
    value = (item or {}).get("value")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def _row(row: Mapping[Any, Any], language: Language) -> Row:
    unit = row["unit"]
    before, after = (exactly(row[name], unit, language, row["currency"]) for name in ("before", "after"))
    difference = language.numerals(signed((100 if unit == "rate" else 1) * row["difference"], ""))
    if unit == "rate":
        difference = language.gettext("%(number)s\u00a0points", number=difference)
    elif unit == "days":
        days = row["difference"]
        rounded = round(abs(days)) if math.isfinite(days) else 0
        difference = language.ngettext("%(n)s\u00a0day", "%(n)s\u00a0days", rounded, n=difference)
    relative = language.numerals(signed(100 * row["relative"], "\u00a0%"))
    label = language.metric(row["name"], row["label"])
    return Row(row["page"], label, row["state"], before, after, difference, relative, sort_keys(row))


def exactly(x: float, unit: str, language: Language, currency: str = "") -> str:
    """A number as it was stated: money with both digits of its cents, which may be all that differs."""
    return language.money(x, currency, 2) if unit == "money" else notebook_numbers.written(x, unit, language)


def sort_keys(row: Mapping[str, Any]) -> dict[str, str]:
    """Sort keys of the figures of a row."""
    return notebook_numbers.sort_keys(**{name: float(row[name]) for name in _FIGURES})


def signed(x: float, name: str) -> str:
    """A difference with three significant digits, so that a small change is not shown as zero.

    Examples
    --------
    >>> signed(-0.00123, ""), signed(1234.5, ""), signed(float("nan"), " %")
    ('−0.00123', '+1,234.5', '–')
    """
    if not math.isfinite(x):
        return formats.MISSING
    digits = min(max(2 - math.floor(math.log10(abs(x))), 0), 12) if x else 0
    return formats.signed(formats.number(x, digits if abs(x) < 1000 else 2, zeros=False)) + name
