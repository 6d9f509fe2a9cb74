"""Overdue customers: their last order is longer ago than is usual for them."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.events import Events, events_until
from retention_kit.summarise.common.order_log import Orders

_COLUMNS = (
    "customer_id", "gaps", "mean_gap", "longest_gap", "last_order", "days_since_last", "exceeded", "times_usual",
    "revenue",
)  # fmt: skip


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
    events = events_until(orders, day)
    rows = _habits(events, number_of(day, "day"), int(min_gaps))
    late = events.with_ids(rows.filter(rows.exceeded >= p - 1e-12)).select(*_COLUMNS)
    if not isinstance(orders, pd.DataFrame):
        return late
    table = late.to_pandas().astype(dict.fromkeys(("gaps", "longest_gap", "days_since_last"), "int64"))
    return table.sort_values(["times_usual", "customer_id"], ascending=[False, True], ignore_index=True)


def _habits(events: Events, last: int, min_gaps: int) -> ir.Table:
    """Past gaps of every customer with so many, and the time since the last order."""
    days = events.days
    final = days.filter(days.next.isnull() & (days.number > min_gaps))
    final = final.select("customer", "last_at", gaps=final.number - 1, last_day=final.day)
    rows = days.join(final, "customer")
    gap = day_number(rows.day) - day_number(rows.previous)
    silence = ibis.literal(last) - day_number(rows.last_day)
    habits = rows.group_by("customer", "gaps", days_since_last=silence, last_order=rows.last_at_right).agg(
        span=(day_number(rows.last_day) - day_number(rows["first"])).max(),
        longest_gap=gap.max(),
        shorter=(gap < silence).fill_null(False).sum(),
        money=rows.money.sum(),
    )
    refunds = events.refunds.group_by("customer").agg(refunds=events.refunds.amount.sum())
    habits = habits.left_join(refunds, "customer").drop("customer_right")
    habits = habits.mutate(mean_gap=habits.span.cast("float64") / habits.gaps)
    return habits.select(
        "customer",
        "gaps",
        "mean_gap",
        "longest_gap",
        "last_order",
        "days_since_last",
        exceeded=habits.shorter.cast("float64") / habits.gaps,
        times_usual=habits.days_since_last / habits.mean_gap,
        revenue=(habits.money + habits.refunds.fill_null(0)).cast("float64"),
    )
