"""The numbers of a month as numbers: found by name, with their change and what is known of its error."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.settings import value_types

__all__ = ["NOISE", "Change", "Measure", "Missing", "beyond_noise", "change", "find", "named", "points"]

Z: Final = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""
NOISE: Final = 2.5758293035489004
"""Changes of fewer standard errors are called noise: of numbers that nothing happened to, 99 in 100 change by less."""
RELATIVE: Final = ("money", "count")
"""Units whose change is relative; that of others is a difference."""


@dataclass(frozen=True)
class Measure:
    """One number of a page; NaN where something is not known."""

    name: str
    label: str
    unit: str
    value: float
    low: float = math.nan
    high: float = math.nan
    before: Mapping[str, float] = field(default_factory=dict)
    """Under previous, last_year: the earlier value. Where a notebook gives them: its interval, under previous_low and
    previous_high; the standard error of the change, under previous_error; the earlier value at the length of this
    period, under previous_expected."""
    page: str = ""
    title: str = ""
    note: str = ""
    """Why the value is missing, or not compared, in the lines of the notebook."""

    def label_in(self, language: Language) -> str:
        """What the number is called in a language."""
        return language.metric(self.name, self.label)

    @property
    def has_interval(self) -> bool:
        """Whether both bounds are known and in order."""
        return self.low <= self.high

    @property
    def error(self) -> float:
        """Standard error, from the interval; NaN without one, and where it has no width."""
        return _error(self.low, self.high)

    def said(self, language: Language = ENGLISH) -> str:
        """Value and interval in words."""
        value = notebook_numbers.written(self.value, self.unit, language)
        if not self.has_interval:
            return value
        interval = notebook_numbers.between(self.low, self.high, self.unit, language)
        return language.gettext("%(value)s (95\u00a0%% interval %(interval)s)", value=value, interval=interval)


@dataclass(frozen=True)
class Change:
    """Change of a number: relative for money and counts, a difference for the others; NaN where it is not known."""

    value: float
    low: float
    high: float
    errors: float
    """The change in units of its standard error: as it is, or next to what the days of the two periods let expect,
    whichever is less; 0 where the two point to different sides."""


def find(pages: Iterable[tuple[str, str, Any]]) -> tuple[Measure, ...]:
    """Every number of a month, in order, from the name, the title and the executed notebook of each page."""
    return tuple(_measure(item, page, title) for page, title, node in pages for item in notebook_numbers.numbers(node))


def _measure(item: Mapping[str, Any], page: str, title: str) -> Measure:
    name, note = str(item["name"]), item.get("note")
    keys = [key for key in item if key.startswith(("previous", "last_year"))]
    value, low, high = (_number(item, key) for key in ("value", "low", "high"))
    label, unit = str(item.get("label") or name), str(item.get("unit", "number"))
    before = {key: _number(item, key) for key in keys}
    return Measure(name, label, unit, value, low, high, before, page, title, note if isinstance(note, str) else "")


def _number(item: Mapping[str, Any], key: str) -> float:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value) if abs(value) < value_types.LARGEST else math.nan


@dataclass(frozen=True)
class Missing:
    """Why there is no number that could be meant: a message with its values, and what its notebook noted."""

    message: str
    values: Mapping[str, str]
    note: str = ""
    number: Measure | None = None
    """The number that the message calls by its label."""

    def text(self, language: Language = ENGLISH) -> str:
        """The reason in words."""
        label = {"label": self.number.label_in(language)} if self.number else {}
        reason = language.gettext(self.message, **self.values, **label)
        return f"{reason} {notebook_numbers.noted(self.note, language)}".rstrip()


def named(measures: Sequence[Measure], metric: str, page: str | None) -> Measure | Missing:
    """The number of that name; else the reason why there is none that could be meant."""
    found = [m for m in measures if m.name == metric and page in (None, m.page, re.sub(r"^\d+[_-]*", "", m.page))]
    if not found and page:
        text = gettext_noop("%(metric)s is not among the numbers of the page %(page)s.")
        return Missing(text, {"metric": metric, "page": page})
    if not found:
        return Missing(gettext_noop("%(metric)s is not among the numbers of this month."), {"metric": metric})
    if len(found) > 1:
        pages = {"n": str(len(found)), "pages": ", ".join(m.page for m in found)}
        text = gettext_noop("%(metric)s is on %(n)s pages (%(pages)s): say which with page.")
        return Missing(text, {"metric": metric, **pages})
    if math.isnan(found[0].value):
        return Missing(gettext_noop("%(metric)s is not known this month."), {"metric": metric}, found[0].note)
    return found[0]


def change(measure: Measure, against: Literal["previous", "last_year"] = "previous") -> Change:
    """Change of a number since an earlier period.

    Notes
    -----
    The standard error is the one the notebook gives for the change. Without it, it is that of a difference of two
    independent values; where the earlier value comes without an interval, its error is taken to be that of this
    month's; without any interval it is not known.

    Examples
    --------
    >>> made = change(Measure("nps", "NPS", "score", 30.0, 20.2, 39.8, {"previous": 20.0}))
    >>> round(made.value, 2), round(made.errors, 2)
    (10.0, 1.41)
    """
    before = measure.before.get(against, math.nan)
    scale = abs(before) if measure.unit in RELATIVE else 1.0
    absolute = _of_change(measure, against)
    errors = _in_errors(measure.value, (before, measure.before.get(f"{against}_expected", math.nan)), absolute)
    if scale == 0:
        return Change(math.nan, math.nan, math.nan, errors)
    value, error = (measure.value - before) / scale, absolute / scale
    return Change(value, value - Z * error, value + Z * error, errors)


def beyond_noise(measure: Measure, against: Literal["previous", "last_year"] = "previous") -> bool | None:
    """Whether a number changed by more than noise; None where that cannot be said.

    Examples
    --------
    >>> beyond_noise(Measure("nps", "NPS", "score", 30.0, 20.2, 39.8, {"previous": 20.0}))
    False
    """
    errors = change(measure, against).errors
    return None if math.isnan(errors) else errors >= NOISE


def _of_change(measure: Measure, against: str) -> float:
    known = measure.before.get(f"{against}_error", math.nan)
    if known > 0:
        return known
    own = measure.error
    earlier = _error(*(measure.before.get(f"{against}_{end}", math.nan) for end in ("low", "high")))
    return math.hypot(own, own if math.isnan(earlier) else earlier)


def _error(low: float, high: float) -> float:
    return (high - low) / (2 * Z) if high > low else math.nan


def _in_errors(value: float, earlier: tuple[float, float], error: float) -> float:
    """The smaller change from one of the earlier values; 0 where they lie on different sides."""
    changes = [value - x for x in earlier if not math.isnan(x)]
    if math.isnan(error) or not changes:
        return math.nan
    return 0.0 if min(changes) <= 0 <= max(changes) else min(map(abs, changes)) / error


def points(x: float, unit: str, language: Language = ENGLISH) -> str:
    """A change in words, without its sign.

    Examples
    --------
    >>> points(-0.012, "rate"), points(0.072, "money"), points(3, "score")
    ('1.2\\xa0points', '7.2\\xa0%', '3.0')
    """
    if unit == "rate":
        return notebook_numbers.points(abs(x), language)
    return notebook_numbers.written(abs(x), "rate" if unit in RELATIVE else unit, language)
