"""Spells: the stretches of time over which a customer counts as active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.calendar import day_number, number_of, period_number

__all__ = ["spells"]

_BOUNDARIES: Final = ("first_boundary", "last_boundary", "joined")


def spells(
    bought: ir.Table, as_of: dt.date, period: str, lapse_after: int | None, groups: Sequence[str] = ()
) -> pd.DataFrame:
    """Counts of spells by the period boundaries between which they show.

    Parameters
    ----------
    bought : Ibis table
        Purchases up to as_of: customer_id, ordered_at.
    as_of : date
        Last day that counts.
    period : str
        Calendar period.
    lapse_after : int or None
        Days a purchase keeps a customer active; None: until the end of the next period begins.
    groups : sequence of str
        Columns of `bought` that are the same in all rows of a customer.

    Returns
    -------
    DataFrame
        The groups, and first_boundary, last_boundary: numbers of the first and last period whose first moment lies
        in the spell (first > last: the spell shows at none); joined: number of the period of the customer's first
        purchase; is_first: the customer's first spell; is_new: shows at the end of the period of that first
        purchase; gap_inside: the gap before it began and ended within one period; customers: how many. The boundary
        after as_of stands for the end of the last, perhaps incomplete, period.
    """
    who = ["customer_id", *groups]
    events = _events(bought, period, lapse_after, who)
    rows = _spell_rows(events, 1 if lapse_after is None else lapse_after, who)
    shown = _boundaries(rows, _last_boundary(rows, as_of, period, lapse_after), groups)
    return shown.group_by(*groups, *_BOUNDARIES, **_marks(shown)).agg(customers=shown.count()).to_pandas()


def _events(bought: ir.Table, period: str, lapse_after: int | None, who: list[str]) -> ir.Table:
    """Distinct purchase times per customer: `step` on the scale of lapse_after, `number` of the period."""
    number = period_number(bought.ordered_at, period)
    step = number if lapse_after is None else day_number(bought.ordered_at)
    events = bought.select(*who, step=step, number=number, day=bought.ordered_at.date())
    return events.group_by([*who, "step", "number"]).agg(day=events.day.max())


def _spell_rows(events: ir.Table, lapse: int, who: list[str]) -> ir.Table:
    """One row per spell: purchases chained by gaps of at most `lapse` steps."""
    ordered = ibis.window(group_by="customer_id", order_by="step")
    starts = events.mutate(begins=(events.step - events.step.lag().over(ordered) > lapse).fill_null(True).ifelse(1, 0))
    running = ibis.cumulative_window(group_by="customer_id", order_by="step")
    numbered = starts.mutate(spell=starts.begins.sum().over(running))
    return numbered.group_by([*who, "spell"]).agg(
        first_number=numbered.number.min(), last_number=numbered.number.max(), last_day=numbered.day.max()
    )


def _last_boundary(rows: ir.Table, as_of: dt.date, period: str, lapse_after: int | None) -> ir.IntegerValue:
    """Number of the last boundary at which the spell shows."""
    final = number_of(as_of, period) + 1
    if lapse_after is None:
        return rows.last_number + 1
    last = rows.last_day.cast("date") + ibis.interval(days=int(lapse_after))
    after = ibis.date((as_of + dt.timedelta(days=1)).isoformat())
    return (last >= after).ifelse(final, period_number(last, period))


def _boundaries(rows: ir.Table, last: ir.IntegerValue, groups: Sequence[str]) -> ir.Table:
    """Between which boundaries each spell shows, and those before it of the same customer last did."""
    first = rows.first_number + 1
    earlier = ibis.window(group_by="customer_id", order_by="spell", preceding=(None, 1))
    end_shown = (first <= last).ifelse(last, ibis.null("int64"))
    return rows.select(
        *groups,
        "spell",
        first_boundary=first,
        last_boundary=last,
        joined=rows.first_number.min().over(ibis.window(group_by="customer_id")),
        previous=end_shown.max().over(earlier),
    )


def _marks(shown: ir.Table) -> dict[str, ir.BooleanValue]:
    """Which spells are a customer's first, show the customer as new, or follow a gap inside one period."""
    return {
        "is_first": shown.spell == 1,
        "is_new": shown.first_boundary == shown.joined + 1,
        "gap_inside": (shown.previous == shown.first_boundary - 1).fill_null(False),
    }
