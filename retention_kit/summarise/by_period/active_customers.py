"""Active customers at the boundaries of periods, and who stopped being active between two of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.common.calendar_periods import number_of, period_number

_LONGEST: Final = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days of the longest period of each kind."""


def active_stretches(
    days: ir.Table, as_of: dt.date, period: str, lapses: Sequence[int | None], groups: Sequence[str] = ()
) -> list[pd.DataFrame]:
    """Between which boundaries customers are active by one of their days with an order, a table for each lapse.

    Parameters
    ----------
    days : Ibis table
        The days of `common.events.Events` up to as_of.
    as_of : date
        Last day that counts.
    period : str
        Calendar period.
    lapses : sequence of int or None
        For how many days an order keeps a customer active; None: until the end of its period.
    groups : sequence of str
        Columns of `days` that are the same in all rows of a customer.

    Returns
    -------
    list of DataFrame
        The groups, and

        - number: the period of the days; boundary k is the first moment of period k;
        - last_boundary: number of the last boundary at which these days are what keeps a customer active: a later order
          takes over from the first boundary after it. They do from boundary number + 1 on; if last_boundary is smaller,
          at none. The boundary after as_of stands for the end of the last, perhaps incomplete, period;
        - stops: whether customers are no longer active at the next boundary, if they were at this one;
        - in_first, is_first: whether it is the period, and the day, of the customer's first order;
        - customers: how many;
        - inside: customers who were active when the period began, bought in it and were no longer active at its end, of
          whom `stops` cannot tell. Rows with them have no other customers.
    """
    lengths = [lapse for lapse in dict.fromkeys(lapses) if lapse is not None]
    tables: dict[int | None, pd.DataFrame] = {}
    pairs = _pairs(days, period, groups)
    if None in lapses:
        ended = pairs.mutate(end=pairs.number + 1, lapse_after=ibis.null("int64"))
        tables[None] = _counted(ended, period, groups)
    if lengths:
        each = pairs.mutate(lapse_after=ibis.array([int(days) for days in lengths]).unnest())
        counted = _counted(each.mutate(end=_boundary(each, "day", as_of, period)), period, groups)
        short = [days for days in lengths if days < _LONGEST[period]]
        if short:
            counted = pd.concat([counted, _inside(days, as_of, period, short, groups)], ignore_index=True)
        tables |= {days: counted[counted["lapse_after"] == days] for days in lengths}
    return [_typed(tables[lapse].drop(columns="lapse_after")) for lapse in lapses]


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    counts = dict.fromkeys(("number", "last_boundary", "customers", "inside"), "int64")
    flags = ["stops", "in_first", "is_first"]
    if "inside" not in table.columns:
        table = table.assign(inside=0)
    filled = table.fillna({"customers": 0, "inside": 0, "last_boundary": table["number"]})
    filled[flags] = filled[flags].eq(True)
    return filled.astype(counts)


def _pairs(days: ir.Table, period: str, groups: Sequence[str]) -> ir.Table:
    """How many customers have an order on one day and the next one on another: one row per pair of days."""
    number = period_number(days.day, period)
    pairs = days.group_by(
        *groups,
        "day",
        "next",
        is_first=days.day == days["first"],
        in_first=number == period_number(days["first"], period),
    ).agg(customers=days.count())
    return pairs.mutate(number=period_number(pairs.day, period), next_number=period_number(pairs.next, period))


def _boundary(rows: ir.Table, day: str, as_of: dt.date, period: str) -> ir.IntegerValue:
    """Number of the last boundary that is no later than `lapse_after` days after a day."""
    end = rows[day].cast("date") + rows.lapse_after.as_interval("D")
    after = ibis.literal(as_of + dt.timedelta(days=1))
    return (end >= after).ifelse(number_of(as_of, period) + 1, period_number(end, period))


def _counted(pairs: ir.Table, period: str, groups: Sequence[str]) -> pd.DataFrame:  # noqa: ARG001
    """The pairs added up by the boundaries between which they keep customers active."""
    is_last = pairs.next_number.isnull() | (pairs.next_number > pairs.end)
    rows = pairs.mutate(last_boundary=ibis.least(pairs.end, pairs.next_number.fill_null(pairs.end)), stops=is_last)
    keys = [*groups, "lapse_after", "number", "last_boundary", "stops", "in_first", "is_first"]
    table: pd.DataFrame = rows.group_by(keys).agg(customers=rows.customers.sum()).to_pandas()
    return table


def _inside(days: ir.Table, as_of: dt.date, period: str, lapses: Sequence[int], groups: Sequence[str]) -> pd.DataFrame:
    """Customers who were active when a period began, bought in it and were no longer active at its end."""
    rows = days.mutate(lapse_after=ibis.array([int(days) for days in lapses]).unnest())
    number = period_number(rows.day, period)
    before = period_number(rows.previous, period) < number
    after = (period_number(rows.next, period) > number).fill_null(True)
    entered = (before & (_boundary(rows, "previous", as_of, period) >= number)).fill_null(False)
    left = after & (_boundary(rows, "day", as_of, period) <= number)
    rows = rows.select("customer", "lapse_after", *groups, number=number, entered=entered, left=left)
    rows = rows.filter(rows.entered | rows.left)
    keys = [*groups, "lapse_after", "number"]
    visits = rows.group_by("customer", *keys).agg(entered=rows.entered.any(), left=rows.left.any())
    visits = visits.filter(visits.entered & visits.left)
    table: pd.DataFrame = visits.group_by(keys).agg(inside=visits.count()).to_pandas()
    return table
