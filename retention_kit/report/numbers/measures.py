"""The numbers of a month as floats: found by name, with their change and its standard error."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.settings import value_types

Z: Final = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""
RELATIVE: Final = ("money", "count")
"""Units whose change is relative; for other units it is a difference."""


@dataclass(frozen=True)
class Measure:
    """One number of a page; NaN for what is not known."""

    name: str
    label: str
    unit: str
    value: float
    low: float = math.nan
    high: float = math.nan
    before: Mapping[str, float] = field(default_factory=dict)
    """Under previous and last_year the earlier value. If a notebook gives them: its interval under previous_low and
    previous_high, the standard error of the change under previous_error, the earlier value adjusted to the length
    of this period under previous_expected, and the chance of such a change under previous_p; the relative change over
    the same step a year ago under season_step, and the chance that the last one differs as much under season_p."""
    page: str = ""
    title: str = ""
    note: str = ""
    """Why the value is missing or not compared, as the notebook says it, one reason per line."""
    currency: str = ""
    """Code of the currency of money, where it is known."""

    def label_in(self, language: Language) -> str:
        """Name of the number in a language."""
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
        ends = (self.low, self.high) if self.has_interval else ()
        value = notebook_numbers.written(self.value, self.unit, language, self.currency, together=ends)
        if not self.has_interval:
            return value
        interval = notebook_numbers.between(
            self.low, self.high, self.unit, language, self.currency, together=(self.value,)
        )
        return language.gettext("%(value)s (95\u00a0%% interval %(interval)s)", value=value, interval=interval)


@dataclass(frozen=True)
class Change:
    """Change of a number: relative for money and counts, a difference for the others; NaN where it is not known."""

    value: float
    low: float
    high: float
    errors: float
    """The change in standard errors: from the earlier value, or from the value expected for the days of this period,
    whichever is smaller; 0 if the two changes have different signs."""


def find(pages: Iterable[tuple[str, str, Any]]) -> tuple[Measure, ...]:
    """Every number of a month, in order, from the name, the title and the executed notebook of each page."""
    return tuple(_measure(item, page, title) for page, title, node in pages for item in notebook_numbers.numbers(node))


def _measure(item: Mapping[str, Any], page: str, title: str) -> Measure:
    name, note = str(item["name"]), item.get("note")
    keys = [key for key in item if key.startswith(("previous", "last_year", "season"))]
    value, low, high = (_number(item, key) for key in ("value", "low", "high"))
    label, unit = str(item.get("label") or name), str(item.get("unit", "number"))
    before = {key: _number(item, key) for key in keys}
    note, currency = note if isinstance(note, str) else "", notebook_numbers.currency_of(item)
    return Measure(name, label, unit, value, low, high, before, page, title, note, currency)


def _number(item: Mapping[str, Any], key: str) -> float:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value) if abs(value) < value_types.LARGEST else math.nan


@dataclass(frozen=True)
class Missing:
    """Why no number matches: a message with its values, and the note of its notebook."""

    message: str
    values: Mapping[str, str | tuple[str, ...]]
    note: str = ""
    number: Measure | None = None
    """The number whose label the message uses."""

    def text(self, language: Language = ENGLISH) -> str:
        """The reason in words."""
        label = {"label": self.number.label_in(language)} if self.number else {}
        values = {name: language.listing(x) if isinstance(x, tuple) else x for name, x in self.values.items()}
        reason = language.gettext(self.message, **values, **label)
        return str(language.together(reason, notebook_numbers.noted(self.note, language)))


def named(measures: Sequence[Measure], metric: str, page: str | None) -> Measure | Missing:
    """The number with this name; otherwise the reason why none matches."""
    matches = [m for m in measures if m.name == metric and page in (None, m.page, re.sub(r"^\d+[_-]*", "", m.page))]
    if not matches and page:
        text = gettext_noop("%(metric)s is not among the numbers of the page %(page)s.")
        return Missing(text, {"metric": metric, "page": page})
    if not matches:
        return Missing(gettext_noop("%(metric)s is not among the numbers of this month."), {"metric": metric})
    if len(matches) > 1:
        pages: dict[str, str | tuple[str, ...]] = {"n": str(len(matches)), "pages": tuple(m.page for m in matches)}
        text = gettext_noop("%(metric)s is on %(n)s pages (%(pages)s): choose one of them with page.")
        return Missing(text, {"metric": metric, **pages})
    if math.isnan(matches[0].value):
        return Missing(gettext_noop("%(metric)s is not known this month."), {"metric": metric}, matches[0].note)
    return matches[0]


def change(measure: Measure, against: Literal["previous", "last_year"] = "previous") -> Change:
    """Change of a number since an earlier period.

    Notes
    -----
    The standard error is the one that the notebook gives for the change. Otherwise it is that of a difference of two
    independent values; if the earlier value has no interval, its error is assumed to equal this month's; without any
    interval it is not known.

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


def chance(measure: Measure, against: Literal["previous", "last_year"] = "previous") -> float:
    """Chance of a change at least as large if nothing had changed, two-sided; NaN if it is not known.

    The one that the notebook gives; otherwise that of a normal number so many standard errors from 0.

    Examples
    --------
    >>> round(chance(Measure("nps", "NPS", "score", 30.0, 20.2, 39.8, {"previous": 20.0})), 3)
    0.157
    """
    if math.isnan(measure.value - measure.before.get(against, math.nan)):
        return math.nan
    given = measure.before.get(f"{against}_p", math.nan)
    return math.erfc(change(measure, against).errors / math.sqrt(2)) if math.isnan(given) else given


def _of_change(measure: Measure, against: str) -> float:
    given = measure.before.get(f"{against}_error", math.nan)
    if given > 0:
        return given
    own = measure.error
    earlier = _error(*(measure.before.get(f"{against}_{end}", math.nan) for end in ("low", "high")))
    return math.hypot(own, own if math.isnan(earlier) else earlier)


def _error(low: float, high: float) -> float:
    return (high - low) / (2 * Z) if high > low else math.nan


def _in_errors(value: float, earlier: tuple[float, float], error: float) -> float:
    """The smaller change from the earlier values, in standard errors; 0 if the changes have different signs."""
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
