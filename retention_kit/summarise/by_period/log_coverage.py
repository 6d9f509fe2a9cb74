"""Which days an order log covers, how many orders each weekday has, and how far back customers are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.summarise.common.calendar_periods import (
    EPOCH,
    day_number,
    moment_after,
    number_of,
    period_start,
)
from retention_kit.summarise.common.end_of_log import end_of_log, unlikely_gap
from retention_kit.summarise.common.events import events_until
from retention_kit.summarise.common.order_log import Orders, as_table, purchases


@dataclass(frozen=True)
class Coverage:
    """The days of a log: its first and its last order, and the orders up to as_of by weekday, Monday first."""

    first: dt.date
    last: dt.date
    until: dt.date
    """Last day that counts."""
    weekdays: tuple[float, ...]
    by_day: pd.Series
    """Orders of each day with any, up to `until`; the index is the day's number, see `calendar_periods`."""

    def orders_in(self, first_day: dt.date, days: int) -> float:
        """Orders in some consecutive days."""
        first = (first_day - EPOCH).days
        return float(self.by_day[(self.by_day.index >= first) & (self.by_day.index < first + days)].sum())

    def starts_within(self, first_day: dt.date, days: int, orders: float) -> bool:
        """Whether the log begins so long after a period's first day that earlier orders of it are probably missing."""
        gap = (self.first - first_day).days
        return unlikely_gap(gap, days, gap / days, orders)

    def ends_within(self, last_day: dt.date, days: int, orders: float) -> bool:
        """Whether the log ends so long before a period's last day that later orders of it are probably missing."""
        gap = (last_day - self.last).days
        return unlikely_gap(gap, days, gap / days, orders)

    def expected(self, first_day: dt.date, days: int) -> float:
        """Orders to expect from the weekdays of a period; only the ratio of two periods has a meaning."""
        counts = np.bincount((first_day.weekday() + np.arange(days)) % 7, minlength=7)
        return float(counts @ np.array(self._per_weekday()))

    def _per_weekday(self) -> list[float]:
        """Orders of an average Monday, Tuesday …; all equal if the log holds fewer than four of each."""
        days = (self.until - self.first).days + 1
        if days < 28:
            return [1.0] * 7
        seen = np.bincount((self.first.weekday() + np.arange(days)) % 7, minlength=7)
        return list(np.array(self.weekdays) / seen)


def coverage(orders: Orders, as_of: dt.date) -> Coverage:
    """First and last day of a log (see `end_of_log`), and its orders up to as_of by weekday.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": ["ada"], "ordered_at": pd.to_datetime(["2024-01-05"]), "amount": [10]})
    >>> coverage(log, dt.date(2024, 1, 31)).starts_within(dt.date(2024, 1, 1), 31, orders=1)
    False
    """
    bought = purchases(as_table(orders))
    days = bought.select(day=day_number(bought.ordered_at), counts=bought.ordered_at < moment_after(as_of))
    counted = days.group_by("day", "counts").agg(orders=days.count()).to_pandas()
    until = counted[counted["counts"].astype(bool)]
    if until.empty:
        raise DataError(f"no order up to {as_of}; as_of must be later than the first order")
    by_weekday = np.bincount((until["day"] + 3) % 7, until["orders"], minlength=7)
    by_day = counted.groupby("day")["orders"].sum()
    by_day.index = pd.DatetimeIndex(by_day.index.to_numpy(dtype="int64").astype("datetime64[D]"))
    seen = until.set_index("day")["orders"]
    return Coverage(by_day.index[0].date(), end_of_log(by_day, as_of), as_of, tuple(map(float, by_weekday)), seen)


def period_days(number: int, period: str) -> tuple[dt.date, int]:
    """First day and length of a numbered period.

    Examples
    --------
    >>> period_days(number_of(dt.date(2024, 2, 10), "month"), "month")
    (datetime.date(2024, 2, 1), 29)
    """
    start, after = period_start(np.array([number, number + 1]), period)
    return start.date(), (after - start).days


def returned_after_silence(orders: Orders, as_of: dt.date, period: str, silences: Sequence[int]) -> list[int]:
    """Per number of days: customers of the period of as_of whose previous order was longer ago at its start."""
    now = number_of(as_of, period)
    start, _ = period_days(now, period)
    days = events_until(orders, as_of).days
    first = days.filter(days.day >= ibis.literal(start), (days.previous < ibis.literal(start)))
    silent = (start - EPOCH).days - day_number(first.previous)
    counts = {f"n{i}": (silent > int(days)).sum() for i, days in enumerate(silences)}
    row = first.agg(**counts).to_pandas().fillna(0).iloc[0]
    return [int(row[f"n{i}"]) for i in range(len(silences))]
