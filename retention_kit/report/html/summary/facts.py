"""What the first page of a month knows: plain values, read by `reading` and judged by the rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from retention_kit.report.html.summary.sentences import Sentence

Against = Literal["previous", "last_year"]
AGAINST: Final[tuple[Against, ...]] = ("previous", "last_year")


@dataclass(frozen=True)
class Change:
    """A number in an earlier period, and whether it changed by more than chance since; None where that is not known."""

    before: float
    sure: bool | None = None
    p: float = math.nan
    from_days: float = math.nan
    """The part of the change that is only a different number of days."""
    seasonal: bool = False
    """Whether the same step a year ago was as large, as far as can be seen."""


@dataclass(frozen=True)
class Point:
    """A number in one month of its history."""

    month: str
    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Target:
    """The value that a number is to reach, and the state of that."""

    value: float
    state: Literal["met", "not met", "undecided", "month not over"]
    day: int = 0
    """The last day of the month that counts, and its days, if the month is not over."""
    days: int = 0


@dataclass(frozen=True)
class Number:
    """A headline number with its interval, its changes, its history and its target."""

    name: str
    label: str
    unit: str
    value: float
    low: float = math.nan
    high: float = math.nan
    changes: Mapping[Against, Change] = field(default_factory=dict)
    history: tuple[Point, ...] = ()
    target: Target | None = None
    page: str = ""
    note: str = ""
    how: str = ""
    """How it is computed, in words."""


@dataclass(frozen=True)
class Cause:
    """A part of the change of revenue."""

    name: str
    change: float
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    sure: bool | None = None
    n: float = math.nan


@dataclass(frozen=True)
class Causes:
    """The change of revenue since an earlier period, split in several ways by name of the split; each adds up."""

    splits: Mapping[str, tuple[Cause, ...]]
    days: int | None = None
    """Days compared, if only the beginning of both periods is."""
    from_days: float = math.nan
    """How much of the change is only a different number of days."""

    @property
    def total(self) -> float:
        """The whole change."""
        return sum(part.change for part in next(iter(self.splits.values()), ()))

    def dimensions(self) -> dict[str, tuple[Cause, ...]]:
        """The splits by a column of the orders."""
        return {name.partition(":")[2]: parts for name, parts in self.splits.items() if name.startswith("dimension:")}


@dataclass(frozen=True)
class Customer:
    """One customer on a list."""

    customer_id: str
    why: str
    value: float
    href: str = ""


@dataclass(frozen=True)
class CustomerList:
    """A list of customers with what is expected of them."""

    name: str
    title: str
    customers: int
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    write_to: int = 0
    control: int = 0
    href: str = ""
    top: tuple[Customer, ...] = ()
    of_segments: bool = False
    """Whether the customers come from the segments of the report and no list was made."""


@dataclass(frozen=True)
class Step:
    """One step of the future or of a past forecast: half and nine in ten."""

    end: date
    expected: float
    low: float
    high: float
    half_low: float = math.nan
    half_high: float = math.nan


@dataclass(frozen=True)
class Outlook:
    """The next quarter: revenue of the whole shop, or recurring revenue."""

    kind: Literal["revenue", "mrr"]
    days: int
    end: date
    expected: float
    low: float
    high: float
    known: float = math.nan
    new: float = math.nan
    past: int = 0
    held: int = 0
    error: float = math.nan
    """Mean error of past forecasts, relative."""
    history: tuple[tuple[date, float], ...] = ()
    path: tuple[Step, ...] = ()
    earlier: tuple[tuple[Step, ...], ...] = ()


@dataclass(frozen=True)
class Cell:
    """A cohort some months after its first order; `active` is NaN where it is not over."""

    age: int
    rate: float
    active: float
    low: float = math.nan
    high: float = math.nan
    money: float = math.nan
    so_far: float = math.nan


@dataclass(frozen=True)
class Cohort:
    """Customers by the month of their first order; without a month, all of them."""

    month: str
    size: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Returning:
    """The cohorts of the last year, all together, and whether the share of the first month moves."""

    cohorts: tuple[Cohort, ...]
    pooled: Cohort
    """All cohorts of the log; its size is that of the cohorts whose first month is over."""
    first: str
    last: str
    """First and last month of a first order in `pooled`."""
    trend: float = math.nan
    trend_p: float = math.nan


@dataclass(frozen=True)
class WhatIf:
    """What two points more early returns would be worth in a year, and the most that a new customer may cost."""

    returns: Number | None = None
    customer: Number | None = None
    newcomers: int = 0
    """New customers of the last 365 days, for whom the first holds; if there are none, it holds for 1,000."""
    href: str = ""
    """The table of both, with what they rest on."""
    by_group: str = ""
    """The table of the most that a new customer may cost, by the values of a column."""


@dataclass(frozen=True)
class Restated:
    """A number of the page that differs from what an earlier report said of it, in the language of the report."""

    month: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Trust:
    """What was read, and what is missing."""

    rows: int = 0
    refused: int = 0
    odd: int = 0
    customers: int = 0
    first: date | None = None
    last: date | None = None
    holdout_expected: float = math.nan
    holdout_actual: float = math.nan
    notes: tuple[str, ...] = ()
    """What has changed in earlier months since their reports, in the language of the report."""
    missing: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Facts:
    """A month as its first page sees it."""

    month: str
    title: str
    segment: str = ""
    currency: str | None = None
    age: int = 1
    """Which month of the log this is; 1 is the first."""
    days: int | None = None
    """Days of the month that the data cover, if they do not cover it to its end."""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    tiles: tuple[str, ...] = ()
    causes: Mapping[Against, Causes] = field(default_factory=dict)
    lists: tuple[CustomerList, ...] = ()
    overdue: int = 0
    overdue_value: float = math.nan
    horizon: int = 12
    """Months ahead for which customers are valued."""
    outlook: Outlook | None = None
    returning: Returning | None = None
    what_if: WhatIf = field(default_factory=WhatIf)
    trust: Trust = field(default_factory=Trust)
    alerts: tuple[str, ...] = ()
    """Reasons of alerts that tripped, in the language of the report."""
    restated: tuple[Restated, ...] = ()
    """Numbers of the page that earlier reports gave otherwise, those of the first tiles first."""
    compared: int = 0
    """Comparisons whose verdicts the page says."""

    @property
    def previous(self) -> str:
        """The month before."""
        return _shifted(self.month, -1)

    @property
    def last_year(self) -> str:
        """The same month a year ago."""
        return _shifted(self.month, -12)

    def before(self, against: Against) -> str:
        """The month that is compared with."""
        return self.previous if against == "previous" else self.last_year


def _shifted(month: str, months: int) -> str:
    at = int(month[:4]) * 12 + int(month[5:7]) - 1 + months
    return f"{at // 12:04d}-{at % 12 + 1:02d}"
