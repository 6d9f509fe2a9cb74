"""Overdue customers: their last order is longer ago than is usual for them."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases


def overdue(orders: Orders, *, as_of: str | dt.date, p: float = 0.9, min_gaps: int = 3) -> ir.Table | pd.DataFrame:
    r"""Customers whose time since the last order exceeds a share p of their own past gaps.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    p : float
        Share of a customer's past gaps that the time since the last order must exceed, in (0, 1].
    min_gaps : int
        Customers with fewer past gaps have no habit to compare with and are left out.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per overdue customer; a DataFrame is sorted by times_usual, largest first. customer_id; gaps: number of
        past gaps; mean_gap, longest_gap: days; last_order: moment; days_since_last: whole days to as_of; exceeded:
        share of the gaps that were shorter than the silence; times_usual: days_since_last / mean_gap; revenue: money
        so far, refunds taken off.

    Raises
    ------
    ConfigError
        When as_of, p or min_gaps cannot be read.

    Notes
    -----
    Orders of one day count as one. The rule uses only a customer's own habit; a model's probability_alive also learns
    from other customers and is more reliable for customers with few orders.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-02", "2024-02-20"])
    >>> log = pd.DataFrame({"customer_id": ["ada"] * 4 + ["bo"] * 2, "ordered_at": days, "amount": 10})
    >>> overdue(log, as_of="2024-02-29")[["customer_id", "gaps", "mean_gap", "days_since_last", "exceeded"]]
      customer_id  gaps  mean_gap  days_since_last  exceeded
    0         ada     3       7.0               38       1.0
    """
    refuse(p=(p, "level"), min_gaps=(min_gaps, "size"))
    if not 0 < p <= 1:
        raise ConfigError(f"p is a share above 0 and up to 1, such as 0.9; got {p!r}")
    if not min_gaps >= 1:
        raise ConfigError(f"min_gaps is a number of gaps, 1 or more; got {min_gaps!r}")
    day = as_day(as_of)
    log = orders_until(orders, day)
    rows = _habits(log, number_of(day, "day"))
    late = rows.filter((rows.gaps >= int(min_gaps)) & (rows.exceeded >= p - 1e-12))
    if not isinstance(orders, pd.DataFrame):
        return late
    table = late.to_pandas().astype(dict.fromkeys(("gaps", "longest_gap", "days_since_last"), "int64"))
    return table.sort_values(["times_usual", "customer_id"], ascending=[False, True], ignore_index=True)


def _habits(log: ir.Table, last: int) -> ir.Table:
    """Past gaps of every customer with any, and the time since the last order."""
    bought = purchases(log)
    days = bought.select("customer_id", day=day_number(bought.ordered_at)).distinct()
    by_customer = ibis.window(group_by="customer_id")
    gaps = days.mutate(
        gap=days.day - days.day.lag().over(ibis.window(group_by="customer_id", order_by="day")),
        silence=ibis.literal(last) - days.day.max().over(by_customer),
    )
    gaps = gaps.filter(gaps.gap.notnull())
    habits = gaps.group_by("customer_id").agg(
        gaps=gaps.count(),
        mean_gap=gaps.gap.cast("float64").mean(),
        longest_gap=gaps.gap.max(),
        days_since_last=gaps.silence.max(),
        shorter=(gaps.gap < gaps.silence).sum(),
    )
    habits = habits.join(_money(log), "customer_id")
    return habits.select(
        "customer_id",
        "gaps",
        "mean_gap",
        "longest_gap",
        "last_order",
        "days_since_last",
        exceeded=habits.shorter.cast("float64") / habits.gaps,
        times_usual=habits.days_since_last / habits.mean_gap,
        revenue=habits.revenue.cast("float64"),
    )


def _money(log: ir.Table) -> ir.Table:
    """Moment of the last order and money so far."""
    moment = (log.amount >= 0).ifelse(log.ordered_at, ibis.null("timestamp"))
    rows = log.select("customer_id", "amount", moment=moment)
    return rows.group_by("customer_id").agg(last_order=rows.moment.max(), revenue=rows.amount.sum())
