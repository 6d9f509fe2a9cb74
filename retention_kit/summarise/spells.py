"""Spells: the stretches of time over which a customer counts as active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.calendar import day_number, number_of, period_number

__all__ = ["spells"]


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
    joined = _spell_rows(events, 1 if lapse_after is None else lapse_after, who)
    joined = joined.mutate(
        first_boundary=joined.first_number + 1,
        last_boundary=_last_boundary(joined, as_of, period, lapse_after),
    )
    marked = _marks(joined)
    keys = [*groups, "first_boundary", "last_boundary", "joined", "is_first", "is_new", "gap_inside"]
    return marked.group_by(keys).agg(customers=marked.count()).to_pandas()


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
    rows = numbered.group_by([*who, "spell"]).agg(
        first_number=numbered.number.min(), last_number=numbered.number.max(), last_day=numbered.day.max()
    )
    return rows.mutate(joined=rows.first_number.min().over(ibis.window(group_by="customer_id")))


def _last_boundary(rows: ir.Table, as_of: dt.date, period: str, lapse_after: int | None) -> ir.IntegerValue:
    """Number of the last boundary at which the spell shows."""
    final = number_of(as_of, period) + 1
    if lapse_after is None:
        return rows.last_number + 1
    last = rows.last_day.cast("date") + ibis.interval(days=int(lapse_after))
    after = ibis.date((as_of + dt.timedelta(days=1)).isoformat())
    return (last >= after).ifelse(final, period_number(last, period))


def _marks(rows: ir.Table) -> ir.Table:
    """Which spells are a customer's first, show the customer as new, or follow a gap inside one period."""
    shown = rows.mutate(
        end_shown=(rows.first_boundary <= rows.last_boundary).ifelse(rows.last_boundary, ibis.null("int64"))
    )
    before = ibis.window(group_by="customer_id", order_by="spell", preceding=(None, 1))
    shown = shown.mutate(previous=shown.end_shown.max().over(before))
    return shown.mutate(
        is_first=shown.spell == 1,
        is_new=shown.first_boundary == shown.joined + 1,
        gap_inside=(shown.previous == shown.first_boundary - 1).fill_null(False),
    )
