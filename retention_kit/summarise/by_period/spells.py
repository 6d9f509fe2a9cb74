"""Spells: the stretches of time over which a customer counts as active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.common.calendar_periods import day_number, number_of, period_number

_BOUNDARIES: Final = ("first_boundary", "last_boundary", "joined")


def spells(
    bought: ir.Table, as_of: dt.date, period: str, lapses: Sequence[int | None], groups: Sequence[str] = ()
) -> list[pd.DataFrame]:
    """Counts of spells by the period boundaries between which they show, a table for each lapse.

    Parameters
    ----------
    bought : Ibis table
        Purchases up to as_of: customer_id, ordered_at.
    as_of : date
        Last day that counts.
    period : str
        Calendar period.
    lapses : sequence of int or None
        Days a purchase keeps a customer active; None: until the end of the next period begins.
    groups : sequence of str
        Columns of `bought` that are the same in all rows of a customer.

    Returns
    -------
    list of DataFrame
        The groups, and first_boundary, last_boundary: numbers of the first and last period whose first moment lies
        in the spell (first > last: the spell shows at none); joined: number of the period of the customer's first
        purchase; is_first: the customer's first spell; is_new: shows at the end of the period of that first
        purchase; gap_inside: the gap before it began and ended within one period; customers: how many. The boundary
        after as_of stands for the end of the last, perhaps incomplete, period.
    """
    days = sorted({lapse for lapse in lapses if lapse is not None})
    tables: dict[int | None, pd.DataFrame] = {}
    if None in lapses:
        tables[None] = _counted(bought, as_of, period, None, groups)
    if len(days) == 1:
        tables[days[0]] = _counted(bought, as_of, period, days[0], groups)
    elif days:
        tables |= _counted_for_each(bought, as_of, period, days, groups)
    return [tables[lapse] for lapse in lapses]


def _counted(
    bought: ir.Table, as_of: dt.date, period: str, lapse_after: int | None, groups: Sequence[str]
) -> pd.DataFrame:
    """The spells of one lapse."""
    events = _events(bought, period, lapse_after, groups)
    rows = _spell_rows(events, 1 if lapse_after is None else lapse_after, groups)
    if lapse_after is None:
        last = rows.last_number + 1
    else:
        last = _last_boundary(rows, as_of, period, ibis.interval(days=int(lapse_after)))
    return _by_boundary(rows, last, ["customer_id"], groups)


def _counted_for_each(
    bought: ir.Table, as_of: dt.date, period: str, days: Sequence[int], groups: Sequence[str]
) -> dict[int | None, pd.DataFrame]:
    """The spells of several lapses in one query: the spells of the shortest lapse, chained again for each.

    The log is read and sorted once; only spells, not purchases, are multiplied by the number of lapses.
    """
    shortest = _spell_rows(_events(bought, period, days[0], groups), days[0], groups)
    by_lapse = shortest.drop("spell").mutate(lapse_after=ibis.array([int(day) for day in days]).unnest())
    rows = _joined_spells(by_lapse, groups)
    last = _last_boundary(rows, as_of, period, rows.lapse_after.as_interval("D"))
    table = _by_boundary(rows, last, ["customer_id", "lapse_after"], ["lapse_after", *groups])
    return {day: table[table["lapse_after"] == day].drop(columns="lapse_after") for day in days}


def _by_boundary(rows: ir.Table, last: ir.IntegerValue, own: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """How many spells show between which boundaries, with their marks."""
    shown = _boundaries(rows, last, own, groups)
    counts = shown.group_by(*groups, *_BOUNDARIES, **_marks(shown)).agg(customers=shown.count())
    table: pd.DataFrame = counts.to_pandas()
    return table


def _events(bought: ir.Table, period: str, lapse_after: int | None, groups: Sequence[str]) -> ir.Table:
    """Distinct purchase times per customer: `step` on the scale of lapse_after, `number` of the period."""
    number = period_number(bought.ordered_at, period)
    step = number if lapse_after is None else day_number(bought.ordered_at)
    who = ["customer_id", *groups]
    events = bought.select(*who, step=step, number=number, day=bought.ordered_at.date())
    return events.group_by([*who, "step", "number"]).agg(day=events.day.max())


def _spell_rows(events: ir.Table, lapse: int, groups: Sequence[str]) -> ir.Table:
    """One row per spell: purchases chained by gaps of at most `lapse` steps."""
    numbered = _chained(events, "step", "step", lapse, ["customer_id"])
    return numbered.group_by(["customer_id", *groups, "spell"]).agg(
        first_step=numbered.step.min(),
        last_step=numbered.step.max(),
        first_number=numbered.number.min(),
        last_number=numbered.number.max(),
        last_day=numbered.day.max(),
    )


def _joined_spells(spells: ir.Table, groups: Sequence[str]) -> ir.Table:
    """One row per lapse and spell: the spells of a shorter lapse chained by gaps of at most `lapse_after` days."""
    own = ["customer_id", "lapse_after"]
    numbered = _chained(spells, "first_step", "last_step", spells.lapse_after, own)
    return numbered.group_by([*own, *groups, "spell"]).agg(
        first_number=numbered.first_number.min(),
        last_number=numbered.last_number.max(),
        last_day=numbered.last_day.max(),
    )


def _chained(rows: ir.Table, first: str, last: str, lapse: int | ir.IntegerValue, own: Sequence[str]) -> ir.Table:
    """With the number of the spell, from 1: a new one begins where more than `lapse` steps lie before a row."""
    ordered = ibis.window(group_by=own, order_by=first)
    starts = rows.mutate(begins=(rows[first] - rows[last].lag().over(ordered) > lapse).fill_null(True).ifelse(1, 0))
    return starts.mutate(spell=starts.begins.sum().over(ibis.cumulative_window(group_by=own, order_by=first)))


def _last_boundary(rows: ir.Table, as_of: dt.date, period: str, lapse: ir.IntervalValue) -> ir.IntegerValue:
    """Number of the last boundary at which the spell shows, so long after its last purchase."""
    last = rows.last_day.cast("date") + lapse
    after = ibis.date((as_of + dt.timedelta(days=1)).isoformat())
    return (last >= after).ifelse(number_of(as_of, period) + 1, period_number(last, period))


def _boundaries(rows: ir.Table, last: ir.IntegerValue, own: Sequence[str], groups: Sequence[str]) -> ir.Table:
    """Between which boundaries each spell shows, and those before it of the same customer last did."""
    first = rows.first_number + 1
    earlier = ibis.window(group_by=own, order_by="spell", preceding=(None, 1))
    end_shown = (first <= last).ifelse(last, ibis.null("int64"))
    return rows.select(
        *groups,
        "spell",
        first_boundary=first,
        last_boundary=last,
        joined=rows.first_number.min().over(ibis.window(group_by=own)),
        previous=end_shown.max().over(earlier),
    )


def _marks(shown: ir.Table) -> dict[str, ir.BooleanValue]:
    """Which spells are a customer's first, show the customer as new, or follow a gap inside one period."""
    return {
        "is_first": shown.spell == 1,
        "is_new": shown.first_boundary == shown.joined + 1,
        "gap_inside": (shown.previous == shown.first_boundary - 1).fill_null(False),
    }
