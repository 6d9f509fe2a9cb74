"""Targets: the value that a number is to reach by a day, and its progress."""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from retention_kit import formats
from retention_kit.metrics.customers.scorecard_figures import SUMS
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.numbers.measures import Measure, Missing, named
from retention_kit.report.settings.target_settings import Target, reached

_AIMS: Final = {"at_least": gettext_noop("at least %(limit)s"), "at_most": gettext_noop("at most %(limit)s")}


@dataclass(frozen=True)
class Shown:
    """A target with this month's number, in a language."""

    label: str
    page: str
    aim: str
    now: str
    percent: int
    state: str
    owner: str
    due: str


@dataclass(frozen=True)
class Measured:
    """A target with this month's number, or the reason why the number is not known."""

    target: Target
    number: Measure | Missing
    as_of: date

    @property
    def days(self) -> int:
        """Days of the month of the last day that counts."""
        return calendar.monthrange(self.as_of.year, self.as_of.month)[1]

    @property
    def is_open(self) -> bool:
        """Whether the days of the month that are not in the data can still change if a total of it meets the target."""
        number, target = self.number, self.target
        if isinstance(number, Missing) or number.name not in SUMS or self.as_of.day == self.days:
            return False
        return reached(number.value, target.value, target.direction) == (target.direction == "at_most")

    @property
    def progress(self) -> float:
        """From 0 to 1; NaN where the number is not known."""
        return progress(self.number.value, self.target) if isinstance(self.number, Measure) else math.nan

    @property
    def percent(self) -> int:
        """Progress in whole per cent, which is 100 only if the target is reached."""
        return 0 if math.isnan(self.progress) else math.floor(100 * self.progress + 1e-9)

    @property
    def state(self) -> str:
        """Met, not met, undecided if the interval contains the target, or not over if days to come decide."""
        if isinstance(self.number, Missing):
            return gettext_noop("not known")
        if self.is_open:
            return gettext_noop("month not over")
        bounds = (self.number.low, self.number.high) if self.number.has_interval else (self.number.value,)
        reaches = {reached(bound, self.target.value, self.target.direction) for bound in bounds}
        if len(reaches) > 1:
            return gettext_noop("undecided")
        return gettext_noop("met") if reaches.pop() else gettext_noop("not met")

    def shown(self, language: Language = ENGLISH) -> Shown:
        """The target in a language."""
        target, number = self.target, self.number
        if isinstance(number, Measure):
            label, page, now = number.label_in(language), number.page, number.said(language)
            limit = notebook_numbers.written(target.value, number.unit, language, number.currency)
        else:
            label, page, now = target.metric, "", number.text(language)
            limit = language.numerals(formats.number(target.value, 6, zeros=False))
        aim = language.gettext(_AIMS[target.direction], limit=limit)
        return Shown(label, page, aim, now, self.percent, self.state, target.owner, self._due(language))

    def _due(self, language: Language) -> str:
        if self.target.due is None:
            return ""
        days, when = (self.target.due - self.as_of).days, language.day(self.target.due)
        if days < 0:
            return language.ngettext("%(when)s, %(n)s day ago", "%(when)s, %(n)s days ago", -days, when=when)
        if days == 0:
            return language.gettext("%(when)s, the last day of this report", when=when)
        return language.ngettext("%(when)s, in %(n)s day", "%(when)s, in %(n)s days", days, when=when)


def measured(targets: Sequence[Target], numbers: Sequence[Measure], as_of: date) -> tuple[Measured, ...]:
    """Each target with its number."""
    return tuple(Measured(target, named(numbers, target.metric, target.page), as_of) for target in targets)


def progress(value: float, target: Target) -> float:
    """Share of the way to the target, 0 to 1.

    Parameters
    ----------
    value : float
        The number of this month.
    target : Target
        With `start`, progress is measured from there. Without it, it is the smaller of value and target over the
        larger; 0 where they lie on different sides of zero.

    Returns
    -------
    float

    Examples
    --------
    >>> progress(0.2, Target("churn_rate", 0.1, "at_most"))
    0.5
    >>> progress(0.25, Target("churn_rate", 0.0, "at_most", start=0.5))
    0.5
    >>> progress(-20, Target("nps", 30, "at_least"))
    0.0
    """
    if math.isnan(value):
        return math.nan
    if reached(value, target.value, target.direction):
        return 1.0
    if target.start is not None:
        return min(max((value - target.start) / (target.value - target.start), 0.0), 1.0)
    if value * target.value <= 0:
        return 0.0
    small, large = sorted((abs(value), abs(target.value)))
    return small / large
