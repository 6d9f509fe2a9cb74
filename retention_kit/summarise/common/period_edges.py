"""Whether the rows of subscriptions or surveys cover a period from its first to its last day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.summarise.common.calendar_periods import FREQUENCIES, day_number, moment_after
from retention_kit.summarise.common.end_of_log import end_of_log, unlikely_gap
from retention_kit.summarise.common.order_log import Orders, as_table


@dataclass(frozen=True)
class Edges:
    """How many rows fall on each day (`rows`), and how many days after the start of its period it is (`offsets`).

    Notes
    -----
    Rows need not be spread evenly: surveys are sent in waves, some subscriptions start only on the first of a month.
    So a gap at the end of a period is judged by the share of the rows of earlier periods that fall as late in their
    period, or by its share of the days if there are no earlier periods.
    """

    rows: pd.Series
    offsets: np.ndarray

    def ends_within(self, first_day: dt.date, days: int) -> bool:
        """Whether the rows end so early in a period that rows after them are probably missing."""
        start = pd.Timestamp(first_day)
        last = pd.Timestamp(end_of_log(self.rows, first_day + dt.timedelta(days=days - 1)))
        gap = days - 1 - (last - start).days
        usual, as_late = self.rows.index < start, self.offsets > days - 1 - gap
        return self._unlikely(gap, days, usual, as_late, (self.rows.index >= start) & (self.rows.index <= last))

    def starts_within(self, first_day: dt.date, days: int) -> bool:
        """Whether the rows begin so late in a period that rows before them are probably missing."""
        start, gap = pd.Timestamp(first_day), (self.rows.index.min() - pd.Timestamp(first_day)).days
        after = start + pd.Timedelta(days=days)
        return self._unlikely(gap, days, self.rows.index >= after, self.offsets < gap, self.rows.index < after)

    def _unlikely(self, gap: int, days: int, usual: np.ndarray, in_gap: np.ndarray, here: np.ndarray) -> bool:
        others = self.rows[usual].sum()
        share = self.rows[usual & in_gap].sum() / others if others else gap / days
        return bool(unlikely_gap(gap, days, float(share), float(self.rows[here].sum())))


def subscription_edges(subscriptions: Orders, as_of: dt.date, period: str) -> Edges:
    """The days on which subscriptions began or, up to as_of, ended: an end in the future says nothing about the log."""
    table = as_table(subscriptions, "subscriptions")
    ended = table.filter(table.ended_at < moment_after(as_of)).select(moment="ended_at")
    return _edges(table.filter(table.started_at.notnull()).select(moment="started_at").union(ended), period)


def survey_edges(surveys: Orders, kind: str, period: str) -> Edges:
    """The days on which somebody answered or was asked.

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
    offsets = (index - index.to_period(FREQUENCIES[period]).start_time).days
    return Edges(pd.Series(counted["rows"].to_numpy(dtype="int64"), index=index), np.asarray(offsets))
