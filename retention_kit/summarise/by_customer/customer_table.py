"""One row per customer: what the models and RFM read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments, refuse
from retention_kit.errors import ConfigError
from retention_kit.load.shared_answers import writes_tables
from retention_kit.schema import DAYS_PER_MONTH, DAYS_PER_YEAR, MONEY, UNIT_DAYS
from retention_kit.summarise.common.calendar_periods import as_day, check_period, day_number, number_of, period_number
from retention_kit.summarise.common.events import Events, events_until
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases

GRAIN_DAYS = {
    "day": 1.0,
    "week": 7.0,
    "month": DAYS_PER_MONTH,
    "quarter": 3 * DAYS_PER_MONTH,
    "year": DAYS_PER_YEAR,
}


_SMALLEST = 10 ** ibis.dtype(MONEY).scale
"""Number of smallest amounts that the log can hold in one unit of money."""


class CustomerFrame(pd.DataFrame):
    """A customer table in pandas; with `to_pandas` it can be used like an Ibis table."""

    @property
    def _constructor(self) -> type[CustomerFrame]:
        return CustomerFrame

    def to_pandas(self) -> pd.DataFrame:
        """The same rows as a plain DataFrame."""
        return pd.DataFrame(self)


def customers(
    orders: Orders,
    *,
    as_of: str | dt.date,
    unit: str = "week",
    grain: str = "day",
    log_gaps: bool = False,
    by: str | Sequence[str] | None = None,
) -> ir.Table | CustomerFrame:
    r"""Recency, frequency, age and money of each customer up to a day.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    unit : {"day", "week", "month", "year"}
        What recency and T are measured in.
    grain : {"day", "week", "month", "quarter", "year"}
        Purchases of a customer in the same day, week … are one event.
    log_gaps : bool
        Whether to add the column log_gaps: the sum of the natural logarithms of the gaps between a customer's events,
        in the unit; 0 without a repeat event. `BGCNBD.fit` and `MBGCNBD.fit` choose their k by it.
    by : str or sequence of str, optional
        Columns of the log to add, such as country: their value in the customer's first order, as text, or "(none)".

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per customer who bought up to as_of, in no order, with the columns of
        `schema.CUSTOMERS`: customer_id, frequency, recency, T, monetary_value, orders, revenue,
        first_order, last_order, days_since_last, unit, grain, as_of. Money in the log's currency;
        monetary_value is NaN for customers without a repeat event.

    Raises
    ------
    DataError
        When required columns, or those of `by`, are missing.
    ConfigError
        When as_of, unit, grain, log_gaps or by cannot be read.

    Notes
    -----
    With events :math:`t_1 < … < t_n` and the end of observation :math:`\tau`, all counted in whole grains:

    .. math:: x = n - 1, \quad t_x = t_n - t_1, \quad T = \tau - t_1

    Fader, Hardie and Lee (2005). monetary_value is the mean value of the repeat events, as Gamma-Gamma
    needs it. Refunds never make or move an event. They lower the revenue, and the value of the events they
    follow: a refund from before the second event belongs to the first event, a later one to the repeats.
    Customers with refunds alone have no row.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-01-08"]),
    ...         "amount": [10, 20, 40, 15],
    ...     }
    ... )
    >>> table = customers(log, as_of="2024-02-05", unit="week").sort_values("customer_id")
    >>> table[["customer_id", "frequency", "recency", "T", "monetary_value"]]
      customer_id  frequency  recency    T  monetary_value
    0         ada          2      4.0  5.0            30.0
    1          bo          0      0.0  4.0             NaN
    """
    check_clock(unit, grain)
    with Arguments() as check:
        check.instance("log_gaps", log_gaps, bool, "True or False")
    refuse(by=(by, "column"))
    day = as_day(as_of)
    columns = [by] if isinstance(by, str) else list(by or [])
    if writes_tables(orders) and not log_gaps:
        return rows_of_events(events_until(orders, day), day, unit, grain, columns)
    log = orders_until(orders, day)
    table = rows_of(log, day, unit, grain, log_gaps)
    if columns:
        table = table.join(first_rows(purchases(log), columns, "ordered_at"), "customer_id")
    if isinstance(orders, pd.DataFrame):
        return CustomerFrame(table.order_by("customer_id").to_pandas())
    return table


def rows_of(log: ir.Table, day: dt.date, unit: str, grain: str, log_gaps: bool = False) -> ir.Table:
    """The customer table of a log that ends with a day, or of some of its customers."""
    events = _events(purchases(log), grain, log_gaps)
    return _customer_rows(_with_refunds(events, log, grain), day, unit, grain)


def rows_of_events(events: Events, day: dt.date, unit: str, grain: str, by: Sequence[str] = ()) -> ir.Table:
    """The customer table of a run's events up to a day."""
    days = events.days
    number, before, first = (period_number(days[name], grain) for name in ("day", "previous", "first"))
    sums = days.group_by("customer").agg(
        frequency=(before < number).fill_null(False).ifelse(1, 0).sum(),
        gross=days.money.sum(),
        first_value=(number == first).ifelse(days.money, 0).sum(),
        orders=days.orders.sum(),
        last_order=days.last_at.max(),
    )
    seconds = days.filter((before == first) & (number > first)).select("customer", second=days.day)
    dated = events.refunds.left_join(seconds, "customer")
    late = (period_number(dated.day, grain) >= period_number(dated.second, grain)).fill_null(False)
    refunds = dated.group_by("customer").agg(
        refunds=dated.amount.sum(), repeat_refunds=late.ifelse(dated.amount, 0).sum()
    )
    table = sums.left_join(refunds, "customer").drop("customer_right")
    for column in by:
        table = table.join(events.first_values(column), "customer")
    return _customer_rows(events.with_ids(table), day, unit, grain, by)


def check_clock(unit: str, grain: str) -> None:
    """ConfigError unless time can be measured in the unit, and events be told apart by the grain."""
    if not isinstance(unit, str) or unit not in UNIT_DAYS:
        raise ConfigError(f"unit is one of {', '.join(UNIT_DAYS)}; got {unit!r}")
    check_period(grain, "grain")


def _events(bought: ir.Table, grain: str, log_gaps: bool) -> ir.Table:
    """One row per customer, from the purchases; if asked for with the sum of the logs of the gaps, in grains.

    Numbering the events of each customer sorts the log once and lets the engine spill. Grouping by customer and event
    would need a table of nearly as many groups as orders; counting distinct events keeps the same table.
    """
    ranked = numbered(bought, grain)
    ranked = ranked.mutate(**log_gap_of(ranked, log_gaps)) if log_gaps else ranked
    gaps = {"log_gaps": ranked.log_gap.sum()} if log_gaps else {}
    return ranked.group_by("customer_id").agg(
        frequency=ranked["rank"].max(),
        gross=ranked.amount.sum(),
        first_value=(ranked["rank"] == 0).ifelse(ranked.amount, 0).sum(),
        second=(ranked["rank"] == 1).ifelse(ranked.event, ibis.null("int64")).min(),
        orders=ranked.count(),
        first_order=ranked.ordered_at.min(),
        last_order=ranked.ordered_at.max(),
        **gaps,
    )


def log_gap_of(ranked: ir.Table, asked: bool) -> dict[str, ir.FloatingValue]:
    """If asked for, the column log_gap: the logarithm of the gap, in grains, to the event that a purchase begins; 0 for
    the first purchase and within an event."""
    if not asked:
        return {}
    gap = ranked.event - ranked.event.lag().over(group_by="customer_id", order_by=ranked.ordered_at)
    return {"log_gap": (gap > 0).ifelse(gap, 1).fill_null(1).cast("float64").ln()}


def log_gaps_in_unit(total: ir.Value, frequency: ir.Value, unit: str, grain: str) -> ir.FloatingValue:
    """A sum of so many logs of gaps in grains, as gaps in the unit."""
    return total + frequency.cast("float64") * float(np.log(GRAIN_DAYS[grain] / UNIT_DAYS[unit]))


def numbered(bought: ir.Table, grain: str) -> ir.Table:
    """The purchases with the number of their event among the customer's own, `rank`, from 0."""
    rows = bought.select("customer_id", "ordered_at", "amount", event=period_number(bought.ordered_at, grain))
    return rows.mutate(rank=ibis.dense_rank().over(group_by="customer_id", order_by=rows.event))


def times(
    first: ir.IntegerValue, last: ir.IntegerValue, now: ir.IntegerValue, unit: str, grain: str
) -> dict[str, ir.FloatingValue]:
    """recency and T in the unit, from the numbers of a customer's first and last event and of the day that counts."""

    def units(grains: ir.IntegerValue) -> ir.FloatingValue:
        return grains.cast("float64") * GRAIN_DAYS[grain] / UNIT_DAYS[unit]

    return {"recency": units(last - first), "T": units(now - first)}


def _with_refunds(events: ir.Table, log: ir.Table, grain: str) -> ir.Table:
    """With the refunds of each customer, and the part of them that follows the second event; empty without any."""
    refunds = log.filter(log.amount < 0)
    refunds = refunds.select("customer_id", "amount", event=period_number(refunds.ordered_at, grain))
    dated = refunds.inner_join(events.select("customer_id", "second"), "customer_id")
    late = (dated.event >= dated.second).fill_null(False)
    per_customer = dated.group_by("customer_id").agg(
        refunds=dated.amount.sum(), repeat_refunds=late.ifelse(dated.amount, 0).sum()
    )
    return events.left_join(per_customer, "customer_id").drop("customer_id_right")


def _customer_rows(table: ir.Table, day: dt.date, unit: str, grain: str, by: Sequence[str] = ()) -> ir.Table:
    """The columns of `schema.CUSTOMERS` from the sums per customer."""
    first_event, last_event = period_number(table.first_order, grain), period_number(table.last_order, grain)
    repeat_value = table.gross - table.first_value + table.repeat_refunds.fill_null(0)
    columns: dict[str, Any] = {
        "customer_id": table.customer_id,
        "frequency": table.frequency.cast("int64"),
        **times(first_event, last_event, ibis.literal(number_of(day, grain)), unit, grain),
        "monetary_value": (table.frequency > 0).ifelse(
            _mean_money(repeat_value, table.frequency), ibis.null("float64")
        ),
        "orders": table.orders.cast("int64"),
        "revenue": (table.gross + table.refunds.fill_null(0)).cast("float64"),
        "first_order": table.first_order,
        "last_order": table.last_order,
        "days_since_last": ibis.literal(number_of(day, "day")) - day_number(table.last_order),
        "unit": ibis.literal(unit),
        "grain": ibis.literal(grain),
        "as_of": ibis.literal(day.isoformat()).cast("date"),
    }
    if "log_gaps" in table.columns:
        columns["log_gaps"] = log_gaps_in_unit(table.log_gaps, table.frequency, unit, grain)
    return table.select(**columns, **{name: table[name] for name in by})


def _mean_money(total: ir.Value, n: ir.Value) -> ir.FloatingValue:
    """A mean of exact amounts that is equal wherever the amounts are: 139.93 / 7 and 39.98 / 2 differ in the last bit,
    13993 / 7 and 3998 / 2 do not. So whole numbers of the smallest money are divided."""
    return (total * _SMALLEST).cast("float64") / n / _SMALLEST
