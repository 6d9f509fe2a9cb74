"""What each customer did in a period and in the same days of earlier ones: the basis of every error of a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.shared_answers import writes_tables
from retention_kit.summarise.by_period.log_coverage import period_days
from retention_kit.summarise.common.calendar_periods import as_day, check_period, ends_period, number_of
from retention_kit.summarise.common.events import Events, events_until
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases

_SUMS: Final = ("customers", "new_customers", "orders", "sales", "first_time_revenue", "refunds")
FIGURES: Final = (*_SUMS, "repeat_revenue", "revenue")
"""Figures of each customer in a window; sales are orders, of which refunds are not taken off."""


@dataclass(frozen=True)
class Window:
    """Consecutive days: the first one, and how many."""

    first: dt.date
    days: int

    def holds(self, moment: ir.TimestampValue) -> ir.BooleanValue:
        """Whether a moment lies in these days."""
        after = self.first + dt.timedelta(days=self.days)
        return (moment >= ibis.timestamp(self.first.isoformat())) & (moment < ibis.timestamp(after.isoformat()))


def same_days(as_of: dt.date, period: str, back: Sequence[int]) -> dict[int, Window]:
    """The period of as_of up to that day, under 0, and under each number of periods back the same days of that one.

    Whole periods are taken if as_of ends its period; otherwise as many first days of each as have passed, or all of
    them if it has fewer.

    Examples
    --------
    >>> [(w.first.isoformat(), w.days) for w in same_days(dt.date(2024, 3, 30), "month", [1]).values()]
    [('2024-03-01', 30), ('2024-02-01', 29)]
    >>> [(w.first.isoformat(), w.days) for w in same_days(dt.date(2024, 3, 31), "month", [2, 12]).values()]
    [('2024-03-01', 31), ('2024-01-01', 31), ('2023-03-01', 31)]
    """
    number = number_of(as_of, check_period(period))
    start, _ = period_days(number, period)
    passed = (as_of - start).days + 1
    windows = {0: Window(start, passed)}
    for k in dict.fromkeys(int(k) for k in back if k):
        first, length = period_days(number - k, period)
        windows[k] = Window(first, length if ends_period(as_of, period) else min(passed, length))
    return windows


def customer_windows(
    orders: Orders, *, as_of: str | dt.date, period: str = "month", back: Sequence[int] = (1,)
) -> pd.DataFrame:
    """What each customer did in the period of as_of and in the same days of earlier ones.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts; the last period ends with it. If that period is not over, its days so far are compared
        with as many first days of the earlier ones.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    back : sequence of int
        Numbers of periods from the earlier periods to that of as_of.

    Returns
    -------
    DataFrame
        One row per customer with an order or refund in any of these days, without an id; columns are
        (periods back, figure), all float64, 0 where nothing happened: customers (1 for who bought), new_customers (1
        for whose first order it was), orders, sales (money of orders), first_time_revenue (orders of the customer's
        first day), refunds (as a positive number), repeat_revenue (all other orders) and revenue (refunds taken off).

    Raises
    ------
    DataError
        When there is no order up to as_of.
    ConfigError
        When as_of or period cannot be read.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> customer_windows(log, as_of="2024-02-29").sum()[[(0, "revenue"), (1, "revenue"), (1, "new_customers")]].tolist()
    [20.0, 25.0, 2.0]
    """
    day = as_day(as_of)
    windows = same_days(day, period, back)
    rows = _of_log(orders_until(orders, day)) if not writes_tables(orders) else _of_events(events_until(orders, day))
    names = [f"{figure}_{k}" for k in windows for figure in _SUMS]
    frame = _by_customer(rows, windows).select(names).to_pandas()
    if frame.empty and not rows.count().execute():
        raise DataError(f"no order up to {day}; as_of must be later than the first order")
    values = {(k, figure): frame[f"{figure}_{k}"].to_numpy("float64") for k in windows for figure in _SUMS}
    values |= {(k, "repeat_revenue"): values[k, "sales"] - values[k, "first_time_revenue"] for k in windows}
    values |= {(k, "revenue"): values[k, "sales"] - values[k, "refunds"] for k in windows}
    columns = pd.MultiIndex.from_tuples([(k, f) for k in windows for f in FIGURES], names=["back", "figure"])
    return pd.DataFrame(np.column_stack([values[column] for column in columns]), columns=columns)


def _of_log(log: ir.Table) -> ir.Table:
    """One row per order or refund: customer, moment, amount, how many orders, and whether it is of the first day."""
    bought = purchases(log)
    first = bought.group_by("customer_id").agg(first_day=bought.ordered_at.date().min())
    rows = log.left_join(first, "customer_id")
    is_order = rows.amount >= 0
    return rows.select(
        customer=rows.customer_id,
        moment=rows.ordered_at,
        amount=rows.amount.cast("float64"),
        orders=is_order.ifelse(1.0, 0.0),
        is_first=(is_order & (rows.ordered_at.date() == rows.first_day)).fill_null(False),
    )


def _of_events(events: Events) -> ir.Table:
    """The same by day."""
    days, refunds = events.days, events.refunds
    bought = days.select(
        "customer",
        moment=days.day.cast("timestamp"),
        amount=days.money.cast("float64"),
        orders=days.orders.cast("float64"),
        is_first=days.day == days["first"],
    )
    back = refunds.select(
        "customer",
        moment=refunds.day.cast("timestamp"),
        amount=refunds.amount.cast("float64"),
        orders=ibis.literal(0.0),
        is_first=ibis.literal(False),
    )
    return bought.union(back)


def _by_customer(rows: ir.Table, windows: Mapping[int, Window]) -> ir.Table:
    """One row per customer: the figures of each window."""
    rows = rows.filter(in_any(rows.moment, windows))
    sums: dict[str, ir.Value] = {}
    for k, window in windows.items():
        within = window.holds(rows.moment)
        ordered = within & (rows.orders > 0)
        sums |= {
            f"customers_{k}": ordered.ifelse(1.0, 0.0).max(),
            f"new_customers_{k}": (within & rows.is_first).ifelse(1.0, 0.0).max(),
            f"orders_{k}": ordered.ifelse(rows.orders, 0.0).sum(),
            f"sales_{k}": ordered.ifelse(rows.amount, 0.0).sum(),
            f"first_time_revenue_{k}": (within & rows.is_first).ifelse(rows.amount, 0.0).sum(),
            f"refunds_{k}": (within & (rows.orders == 0)).ifelse(-rows.amount, 0.0).sum(),
        }
    return rows.group_by("customer").agg(**sums)


def in_any(moment: ir.TimestampValue, windows: Mapping[int, Window]) -> ir.BooleanValue:
    """Whether a moment lies in one of the windows."""
    held = [window.holds(moment) for window in windows.values()]
    return ibis.or_(*held)
