"""The request for a cohort table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from retention_kit.summarise.common.calendar_periods import number_of


@dataclass(frozen=True)
class CohortPlan:
    """A checked request for a cohort table.

    `length` is the number of days of a customer's own period, 0 for calendar periods; `on_or_after` counts customers
    who are active at an age or later; `brackets` are spans (first, last) of ages, none for every age by itself; `start`
    is a date column that puts a customer into a cohort; with `recurring` every purchase makes a customer a member, not
    only the first; `groups` are the columns to split by.
    """

    day: dt.date
    period: str
    length: int
    on_or_after: bool
    brackets: tuple[tuple[int, int], ...]
    start: str | None
    recurring: bool
    groups: tuple[str, ...]

    @property
    def plain(self) -> bool:
        """Whether each customer has one cohort, that of the first order, and each calendar period is an age."""
        return not (self.length or self.brackets or self.start or self.recurring)

    @property
    def scale(self) -> str:
        """Unit in which ages are counted before they are rounded down: days for a customer's own periods."""
        return "day" if self.length else self.period

    @property
    def last(self) -> int:
        """Number of the day or period that as_of falls in."""
        return number_of(self.day, self.scale)

    @property
    def edges(self) -> tuple[int, ...]:
        """First ages of all brackets and of the gaps between them; none for every age by itself."""
        ends = {edge for first, last in self.brackets for edge in (first, last + 1)}
        return tuple(sorted(ends | {0})) if ends else ()

    def ages(self, oldest: int) -> np.ndarray:
        """First ages of all columns of the table, gaps between brackets included."""
        return np.array(self.edges) if self.edges else np.arange(oldest + 1)
