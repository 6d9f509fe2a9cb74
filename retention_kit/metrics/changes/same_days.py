"""Which days of two periods may be compared: whole ones, or as many first days of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retention_kit.summarise.by_period.customer_windows import same_days
from retention_kit.summarise.by_period.log_coverage import Coverage, coverage, returned_after_silence
from retention_kit.summarise.common.calendar_periods import ends_period
from retention_kit.summarise.common.order_log import Orders


@dataclass(frozen=True)
class Comparison:
    """The last period beside an earlier one."""

    day: dt.date
    """Last day of the last period that counts."""
    days: int
    """Days of the last period that count."""
    partial: bool
    """Whether the last period is not over, or the log ends within it."""
    longer: float
    """Orders to be expected from these days, over those of the earlier period: their number and their weekdays."""
    returned: int = 0
    """Customers who would be new, if the log began as long before the last period as it does before the earlier one."""


def comparisons(
    orders: Orders, as_of: dt.date, period: str, back: Sequence[int], covered: Coverage | None = None
) -> dict[int, Comparison]:
    """The last period beside each earlier one, by periods back, if the log covers the days of both."""
    covered = covered or coverage(orders, as_of)
    day = last_day(covered, as_of, period)
    if day is None:
        return {}
    windows = same_days(day, period, back)
    now = windows.pop(0)
    partial, covered = not ends_period(day, period), replace(covered, until=day)
    whole = {
        k: w
        for k, w in windows.items()
        if not covered.starts_within(w.first, w.days, covered.orders_in(w.first, w.days))
    }
    silences = [(w.first - covered.first).days for w in whole.values()]
    returned = returned_after_silence(orders, day, period, silences) if whole else []
    expected = covered.expected(now.first, now.days)
    return {
        k: Comparison(day, now.days, partial, expected / covered.expected(w.first, w.days), again)
        for (k, w), again in zip(whole.items(), returned, strict=True)
    }


def reaches_back(new: float, returned: float) -> bool:
    """Whether the log goes back far enough before the earlier period to know its new customers from its old ones.

    It does if of the last period, seen with as short a past, at most one customer in twenty, or a single one, would be
    taken for new without being so.
    """
    return returned <= max(1.0, 0.05 * new)


def last_day(covered: Coverage, as_of: dt.date, period: str) -> dt.date | None:
    """The last day of the period of as_of whose orders are in the log; None if none of its days is."""
    now = same_days(as_of, period, [])[0]
    if not covered.ends_within(as_of, now.days, covered.orders_in(now.first, now.days)):
        return as_of
    return covered.last if covered.last >= now.first else None
