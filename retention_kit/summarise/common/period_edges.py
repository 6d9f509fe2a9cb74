"""Whether the rows of subscriptions or surveys cover a period to its ends, by the days on which they fall otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.summarise.common.calendar_periods import day_number, moment_after
from retention_kit.summarise.common.end_of_log import end_of_log
from retention_kit.summarise.common.order_log import Orders, as_table

__all__ = ["Edges", "subscription_edges", "survey_edges"]

_QUIET_DAYS: Final = 3
_UNLIKELY: Final = 0.01
_CALENDAR: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Edges:
    """How many rows fall on each day, and how far it is into its period.

    Notes
    -----
    Rows need not be spread evenly: surveys go out in waves, and some subscriptions start on the first of a month only.
    So a gap at the end of a period is judged by the share of rows of the earlier periods that fall as late; by its
    share of the days where there are none.
    """

    rows: pd.Series
    offsets: np.ndarray

    def ends_within(self, first_day: dt.date, days: int) -> bool:
        """Whether the rows end so early in a period that the rest of it is likely to be missing."""
        start = pd.Timestamp(first_day)
        last = pd.Timestamp(end_of_log(self.rows, first_day + dt.timedelta(days=days - 1)))
        gap = days - 1 - (last - start).days
        usual, as_late = self.rows.index < start, self.offsets > days - 1 - gap
        return self._unlikely(gap, days, usual, as_late, (self.rows.index >= start) & (self.rows.index <= last))

    def starts_within(self, first_day: dt.date, days: int) -> bool:
        """Whether the rows begin so late in a period that the days before are likely to be missing."""
        start, gap = pd.Timestamp(first_day), (self.rows.index.min() - pd.Timestamp(first_day)).days
        after = start + pd.Timedelta(days=days)
        return self._unlikely(gap, days, self.rows.index >= after, self.offsets < gap, self.rows.index < after)

    def _unlikely(self, gap: int, days: int, usual: np.ndarray, in_gap: np.ndarray, here: np.ndarray) -> bool:
        if gap <= _QUIET_DAYS or gap >= days:
            return gap >= days
        others = self.rows[usual].sum()
        share = self.rows[usual & in_gap].sum() / others if others else gap / days
        return bool((1 - share) ** float(self.rows[here].sum()) < _UNLIKELY)


def subscription_edges(subscriptions: Orders, as_of: dt.date, period: str) -> Edges:
    """By the days on which a subscription began or, up to as_of, ended: an end ahead says nothing of the log."""
    table = as_table(subscriptions, "subscriptions")
    ended = table.filter(table.ended_at < moment_after(as_of)).select(moment="ended_at")
    return _edges(table.filter(table.started_at.notnull()).select(moment="started_at").union(ended), period)


def survey_edges(surveys: Orders, kind: str, period: str) -> Edges:
    """By the days on which somebody answered, or was asked.

    Examples
    --------
    >>> asked = pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-02", "2024-02-02"]), "kind": "nps", "score": 9})
    >>> survey_edges(asked, "nps", "month").ends_within(dt.date(2024, 2, 1), 29)
    False
    """
    table = as_table(surveys, "surveys")
    asked = table.filter(table.kind.lower() == kind, table.answered_at.notnull())
    return _edges(asked.select(moment="answered_at"), period)


def _edges(moments: ir.Table, period: str) -> Edges:
    days = moments.select(day=day_number(moments.moment))
    counted = days.group_by("day").agg(rows=days.count()).to_pandas()
    index = pd.DatetimeIndex(counted["day"].to_numpy(dtype="int64").astype("datetime64[D]"))
    offsets = (index - index.to_period(_CALENDAR[period]).start_time).days
    return Edges(pd.Series(counted["rows"].to_numpy(dtype="int64"), index=index), np.asarray(offsets))
