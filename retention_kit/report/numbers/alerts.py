"""Alerts: conditions on a month's numbers. They trip if the entire interval, or on request the value, satisfies
them."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from retention_kit import formats
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.numbers.measures import RELATIVE, Change, Measure, Missing, change, named, points
from retention_kit.report.settings.alert_settings import Alert

NAME: Final = "alerts.json"
SIGNS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_WORDS: Final = {
    "<": gettext_noop("below %(limit)s"),
    "<=": gettext_noop("at or below %(limit)s"),
    ">": gettext_noop("above %(limit)s"),
    ">=": gettext_noop("at or above %(limit)s"),
}


@dataclass(frozen=True)
class Record:
    """A checked alert, as written to alerts.json, mails, webhooks and the index.

    Value, low and high are those that the condition compares; label and reason are in one language.
    """

    metric: str
    label: str
    page: str
    condition: str
    on: str
    segment: str | None
    unit: str
    value: float | None
    low: float | None
    high: float | None
    state: str
    tripped: bool
    reason: str


@dataclass(frozen=True)
class Checked:
    """The result of an alert for all customers or for a segment; `compared` is the value or change it compares."""

    alert: Alert
    segment: str | None
    number: Measure
    compared: Measure | Change | None
    state: str
    missing: Missing | None = None

    @property
    def tripped(self) -> bool:
        """Whether the alert tripped."""
        return self.state == "tripped"

    def record(self, language: Language = ENGLISH) -> Record:
        """The alert with its reason in a language."""
        alert, number, made = self.alert, self.number, self.compared
        value, low, high = (None, None, None) if made is None else map(_plain, (made.value, made.low, made.high))
        identity = (alert.metric, number.label_in(language), number.page, alert.condition, alert.on, self.segment)
        return Record(*identity, number.unit, value, low, high, self.state, self.tripped, self.reason(language))

    def condition(self, language: Language = ENGLISH) -> str:
        """What trips the alert, in words."""
        about_change, sign, limit = self.alert.parts
        compared = language.gettext(_WORDS[sign], limit=_limit(limit, self.number.unit, about_change, language))
        return language.gettext("change on last month %(compared)s", compared=compared) if about_change else compared

    def reason(self, language: Language = ENGLISH) -> str:
        """The number or its change, and how it compares with the limit; or why that is not known."""
        if self.compared is None:
            return self.missing.text(language) if self.missing else ""
        made, number = self.compared, self.number
        about_change, sign, limit = self.alert.parts
        if isinstance(made, Change):
            statement = _changed(number, made, language)
        else:
            statement = language.gettext(
                "%(label)s is %(value)s", label=number.label_in(language), value=number.said(language)
            )
        compared = language.gettext(_WORDS[sign], limit=_limit(limit, number.unit, about_change, language))
        by_interval = self.alert.on == "interval" and bool(_bounds(made))
        verdict = language.gettext(
            _verdict(self.tripped, SIGNS[sign](made.value, limit), by_interval), compared=compared
        )
        return language.gettext("%(statement)s: %(verdict)s.", statement=statement, verdict=verdict)


def check(alert: Alert, numbers: Sequence[Measure], segment: str | None = None) -> Checked:
    """Check an alert against the numbers of a month.

    Parameters
    ----------
    alert : Alert
        With on="interval" it trips if every value in the 95 % interval satisfies the condition; without an interval
        the value itself decides.
    numbers : sequence of Measure
        Numbers of all customers, or of one segment.
    segment : str, optional
        Name of the segment.

    Returns
    -------
    Checked
        The result; if the number is missing, with the reason.

    Examples
    --------
    >>> made = check(Alert("orders", "> 100"), [Measure("orders", "Orders", "count", 120.0)])
    >>> made.tripped, made.reason()
    (True, 'Orders is 120: above 100.')
    """
    number = named(numbers, alert.metric, alert.page)
    unchecked = gettext_noop("not checked")
    if isinstance(number, Missing):
        return Checked(alert, segment, Measure(alert.metric, alert.metric, "number", math.nan), None, unchecked, number)
    about_change, sign, limit = alert.parts
    made = change(number) if about_change else number
    if math.isnan(made.value):
        text = gettext_noop("%(label)s has no earlier value to compare with.")
        return Checked(alert, segment, number, None, unchecked, Missing(text, {}, number.note, number))
    by_interval = all(SIGNS[sign](bound, limit) for bound in _bounds(made))
    tripped = SIGNS[sign](made.value, limit) and (by_interval or alert.on == "point")
    return Checked(alert, segment, number, made, gettext_noop("tripped") if tripped else gettext_noop("quiet"))


def _bounds(made: Measure | Change) -> list[float]:
    return [made.low, made.high] if made.low <= made.high else []


def _changed(number: Measure, made: Change, language: Language) -> str:
    """The change on last month with its interval."""
    by = {"label": number.label_in(language), "by": points(made.value, number.unit, language)}
    if made.value == 0:
        statement = language.gettext("%(label)s changed by %(by)s on last month", **by)
    elif made.value > 0:
        statement = language.gettext("%(label)s rose by %(by)s on last month", **by)
    else:
        statement = language.gettext("%(label)s fell by %(by)s on last month", **by)
    if not made.low <= made.high:
        return statement
    interval = _between(made.low, made.high, number.unit, language)
    return language.gettext(
        "%(statement)s (95\u00a0%% interval of the change %(interval)s)", statement=statement, interval=interval
    )


def _between(low: float, high: float, unit: str, language: Language) -> str:
    """The interval of a change; percentage points are said once."""
    if unit == "rate":
        ends = {"low": notebook_numbers.written(100 * low, "score", language)}
        ends["high"] = notebook_numbers.written(100 * high, "score", language)
        return language.gettext("%(low)s to %(high)s\u00a0points", **ends)
    return notebook_numbers.between(low, high, "rate" if unit in RELATIVE else unit, language)


def _verdict(tripped: bool, point: bool, by_interval: bool) -> str:
    if tripped:
        return gettext_noop("all of the interval is %(compared)s") if by_interval else "%(compared)s"
    return gettext_noop("not all of the interval is %(compared)s") if point else gettext_noop("not %(compared)s")


def _limit(x: float, unit: str, of_change: bool, language: Language) -> str:
    """A bound as precise as it was given (15 digits); a change of money is relative, of a rate in points."""
    share = unit == "rate" or (of_change and unit in RELATIVE)
    text = formats.significant(100 * x if share else x, 15)
    if unit == "rate" and of_change:
        return language.gettext("%(number)s\u00a0points", number=language.numerals(text))
    return language.numerals(f"{text}\u00a0%" if share else text)


def _plain(x: float) -> float | None:
    return None if math.isnan(x) else float(f"{x:.9g}")
