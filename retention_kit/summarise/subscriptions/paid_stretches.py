"""Paid stretches: subscription rows reduced by the rules to the time over which they count."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.summarise.common.calendar_periods import moment_after
from retention_kit.summarise.common.end_of_log import note_silence
from retention_kit.summarise.common.order_log import Orders, as_table
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_NAMED: Final = 5
"""Most customers that a message names."""
_FAR: Final = ibis.timestamp("9000-01-01")
"""End of a stretch that still runs, so that moments can be compared."""
_ORDER: Final = ["began", "until", "subscription_id", "mrr"]


def rows_until(subscriptions: Orders, as_of: dt.date, rules: SubscriptionRules, *, as_read: bool = False) -> ir.Table:
    """Subscription rows that had begun by the end of as_of; DataError names customers with impossible rows.

    A column that the rules need and the table lacks is a DataError too. as_read: money in the currencies in which it
    was read, not in the currency to which `load` converted it.
    """
    table = _as_read(subscriptions) if as_read else as_table(subscriptions, "subscriptions")
    missing = [c for c in _needs(rules) if c not in table.columns]
    if missing:
        described = ", ".join(f"{rule}={value!r}" for rule, value in rules.differences.items())
        raise DataError(
            f"with {described} subscriptions need the column {', '.join(missing)}; found {', '.join(table.columns)}"
        )
    ended = table.filter(table.ended_at < moment_after(as_of)).select(moment="ended_at")
    note_silence(table.select(moment="started_at").union(ended), as_of, "start or end of a subscription")
    rows = table.filter(table.started_at.isnull() | (table.started_at < moment_after(as_of)))
    faulty = {
        "have a row without customer_id, subscription_id, started_at or mrr": _any_null(rows),
        "have a stretch that ends before it starts": rows.ended_at < rows.started_at,
        "have a negative mrr": rows.mrr < 0,
        "share a subscription_id with another customer": rows.customer_id
        != rows.customer_id.min().over(ibis.window(group_by="subscription_id")),
    }
    _refuse(rows, faulty)
    return rows


def stretches(
    rows: ir.Table, as_of: dt.date, rules: SubscriptionRules, lapse_after: int | None = None, *, hold: bool = False
) -> ir.Table:
    """The time over which each row counts.

    Parameters
    ----------
    rows : Ibis table
        From `rows_until`.
    as_of : date
        Last day that counts.
    rules : SubscriptionRules
        Rules of counting.
    lapse_after : int, optional
        Days for which a customer keeps counting after the last paid moment.
    hold : bool
        Whether to keep the paid rows in the engine while the result is in use, for several queries.

    Returns
    -------
    Ibis table
        customer_id, subscription_id, began, until (null: still counts at the end of as_of), mrr, and currency where
        the source has it. began < until.
    """
    counted = _paid(rows, rules)
    counted = counted.cache() if hold else counted
    if rules.several == "add":
        _refuse_overlaps(counted)
    if rules.pauses == "kept":
        goes_on = counted.began.lead().over(_in_order("subscription_id")).fill_null(_FAR)
        counted = counted.mutate(until=counted.paused.ifelse(goes_on, counted.until))
    if rules.several == "last":
        counted = _one_at_a_time(counted)
    if lapse_after:
        counted = _with_grace(counted, lapse_after)
    after = moment_after(as_of)
    counted = counted.filter(counted.began < after).drop("paused")
    return counted.mutate(until=(counted.until >= after).ifelse(ibis.null("timestamp"), counted.until))


def _needs(rules: SubscriptionRules) -> list[str]:
    return [rules.ends] + (["status"] if rules.pauses == "kept" else [])


def _as_read(subscriptions: Orders) -> ir.Table:
    """The table with mrr and currency as they were before `load` converted them."""
    if isinstance(subscriptions, pd.DataFrame) and "currency" in subscriptions:
        subscriptions = subscriptions.rename(columns={"currency": "currency_as_read"})
    table = as_table(subscriptions, "subscriptions")
    originals = {name: table[f"{name}_as_read"] for name in ("mrr", "currency") if f"{name}_as_read" in table.columns}
    table = table.mutate(**originals)
    if "currency" not in table.columns:
        raise DataError(f"rates need the column currency in subscriptions; found {', '.join(table.columns)}")
    return table.mutate(currency=table.currency.upper())


def _any_null(rows: ir.Table) -> ir.BooleanValue:
    return rows.customer_id.isnull() | rows.subscription_id.isnull() | rows.started_at.isnull() | rows.mrr.isnull()


def _refuse(rows: ir.Table, faulty: dict[str, ir.BooleanValue]) -> None:
    """DataError with every fault that occurs and the first customers it concerns."""
    marked = rows.select(
        "customer_id", **{f"fault_{i}": flag.fill_null(False) for i, flag in enumerate(faulty.values())}
    )
    counts = marked.aggregate(**{name: marked[name].sum() for name in marked.columns[1:]}).to_pandas().iloc[0]
    faults = []
    for (name, count), what in zip(counts.items(), faulty, strict=True):
        if count and count > 0:
            hit = marked.filter(marked[str(name)]).select("customer_id").distinct().order_by("customer_id")
            who = ["(none)" if c is None else str(c) for c in hit.limit(_NAMED).to_pandas()["customer_id"]]
            faults.append(f"customers {', '.join(who)} {what} ({counted(int(count), 'row')})")
    if faults:
        raise DataError(join_faults(faults) + "; load.subscriptions refuses most such rows, with the reason")


def _paid(rows: ir.Table, rules: SubscriptionRules) -> ir.Table:
    """Rows with began, until (far in the future while they run) and paused, without time that does not count."""
    if rules.trials == "leave_out":
        rows = _without_trials(rows)
    began, until = rows.started_at, rows.ended_at.fill_null(_FAR)
    if rules.ends != "ended_at":
        until = ibis.least(rows[rules.ends].cast("timestamp").fill_null(_FAR), until)
    paused = (rows.status.lower() == "paused").fill_null(False) if "status" in rows.columns else ibis.literal(False)
    keep = ["currency"] if "currency" in rows.columns else []
    paid = rows.select("customer_id", "subscription_id", "mrr", *keep, began=began, until=until, paused=paused)
    if rules.free == "lost":
        paid = paid.filter(paid.mrr > 0)
    else:
        paying = (paid.mrr > 0).ifelse(paid.began, _FAR).min().over(ibis.window(group_by="customer_id"))
        paid = paid.mutate(began=ibis.greatest(paid.began, paying))
    return paid.filter(paid.until > paid.began)


def _without_trials(rows: ir.Table) -> ir.Table:
    """Rows from their first paid moment; a row whose trial began later becomes one row before and one row after it."""
    if "trial_ended_at" not in rows.columns:
        return rows
    started, ended = rows.started_at, rows.trial_ended_at
    kinds = rows.schema()
    after = rows.mutate(started_at=ibis.greatest(started, ended.fill_null(started)).cast(kinds["started_at"]))
    if "trial_started_at" not in rows.columns:
        return after
    trial = rows.trial_started_at
    before = rows.filter((trial > started) & (ended > trial) & (rows.ended_at.isnull() | (rows.ended_at > started)))
    end = ibis.least(before.trial_started_at, before.ended_at.fill_null(_FAR))
    return before.mutate(ended_at=end.cast(kinds["ended_at"])).union(after)


def _in_order(of: str) -> ir.builders.WindowBuilder:
    return ibis.window(group_by=of, order_by=_ORDER)


def _refuse_overlaps(counted: ir.Table) -> None:
    """Raise DataError if a subscription has two prices at a time."""
    next_start = counted.began.lead().over(_in_order("subscription_id"))
    what = "have a subscription with two stretches at once: end the earlier where the later starts, or use several=last"
    _refuse(counted, {what: next_start < counted.until})


def _one_at_a_time(counted: ir.Table) -> ir.Table:
    """End each stretch at the next start of the same customer."""
    next_start = counted.began.lead().over(_in_order("customer_id")).fill_null(_FAR)
    counted = counted.mutate(until=ibis.least(counted.until, next_start))
    return counted.filter(counted.until > counted.began)


def _with_grace(counted: ir.Table, days: int) -> ir.Table:
    """Extend the last stretch before a gap by some days, at most until the customer is back."""
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=_ORDER)
    rows = counted.mutate(
        reach=counted.until.max().over(so_far),
        back=counted.began.lead().over(_in_order("customer_id")).fill_null(_FAR),
    )
    rows = rows.mutate(gap=(rows.back > rows.reach).ifelse(1, 0))
    rows = rows.mutate(run=rows.gap.sum().over(so_far) - rows.gap)
    run = ibis.window(group_by=["customer_id", "run"])
    rows = rows.mutate(last=rows.reach.max().over(run), back=rows.back.max().over(run))
    longer = ibis.least(rows.until + ibis.interval(days=days), rows.back)
    return rows.mutate(until=(rows.until == rows.last).ifelse(longer, rows.until)).select(*counted.columns)
