"""One row per period: who was there, who came, who left, and the money."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.calendar import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.log import Orders, orders_until, purchases
from retention_kit.summarise.spells import spells

__all__ = ["periods"]


def periods(
    orders: Orders, *, as_of: str | dt.date, period: str = "month", lapse_after: int | None = None
) -> pd.DataFrame:
    """Customer movements and money per period.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    lapse_after : int, optional
        A customer is active at a moment when the last order is at most this many days old.
        None: active at the end of a period means having bought in it.

    Returns
    -------
    DataFrame
        One row per period from the first order to as_of, none left out.

        - period: its first day; complete: whether it had ended by as_of. The end of an incomplete
          period is taken at the end of as_of.
        - start, end: active customers at its first and last moment. kept, lost: those of start who are
          active at its end or not. new: first order in the period and active at its end. returned: active at the end,
          not at the start, first order earlier. joined_and_left: first order in the period, not active at its end.
        - customers: who bought in the period; orders: how many; revenue: money with refunds taken off;
          refunds: as a positive number; first_time_revenue: orders of each customer's first day;
          repeat_revenue: all other orders. Money in the log's currency.

    Raises
    ------
    DataError
        When there is no order up to as_of.
    ConfigError
        When as_of, period or lapse_after cannot be read.

    Notes
    -----
    In every row: start = kept + lost; end = kept + new + returned; the end is the next start;
    revenue = first_time_revenue + repeat_revenue - refunds.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> table = periods(log, as_of="2024-02-29")
    >>> table[["period", "start", "kept", "new", "returned", "lost", "end"]]
          period  start  kept  new  returned  lost  end
    0 2024-01-01      0     0    2         0     0    2
    1 2024-02-01      2     1    1         0     1    2
    """
    check_period(period)
    day = as_day(as_of)
    if lapse_after is not None and (
        isinstance(lapse_after, bool) or lapse_after != int(lapse_after) or lapse_after < 1
    ):
        raise ConfigError(f"lapse_after is a whole number of days, 1 or more, or None; got {lapse_after!r}")
    log = orders_until(orders, day)
    money = _money(log, period)
    if money.empty:
        raise DataError(f"no order up to {day}; as_of must be later than the first order")
    numbers = np.arange(money.index.min(), number_of(day, period) + 1)
    moves = _movements(spells(purchases(log), day, period, lapse_after), numbers)
    table = moves.join(money.reindex(numbers, fill_value=0))
    table.insert(0, "period", period_start(numbers, period))
    table["complete"] = numbers < number_of(day + dt.timedelta(days=1), period)
    return table.reset_index(drop=True)


def _check_lapse(lapse_after: int | None) -> None:
    whole = lapse_after is None or (isinstance(lapse_after, int) and not isinstance(lapse_after, bool))
    if not whole or (lapse_after is not None and lapse_after < 1):
        raise ConfigError(f"lapse_after is a whole number of days, 1 or more, or None; got {lapse_after!r}")


def _movements(spells: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """Counts per period from counts of spells by their first and last boundary.

    Boundary k is the first moment of period k, so a period runs from boundary k to k + 1.
    """
    visible = spells[spells.first_boundary <= spells.last_boundary]
    bounds = np.arange(numbers[0], numbers[-1] + 2)

    def count(rows: pd.DataFrame, key: str) -> pd.Series:
        return rows.groupby(key)["customers"].sum().reindex(bounds, fill_value=0).astype("int64")

    appear, vanish = count(visible, "first_boundary"), count(visible, "last_boundary")
    active = appear.cumsum() - vanish.shift(fill_value=0).cumsum()
    new = count(visible[visible.is_new], "first_boundary")
    gap_inside = count(visible[visible.gap_inside], "first_boundary")
    joined = spells[spells.is_first].groupby("joined")["customers"].sum().reindex(numbers, fill_value=0)

    def at_end(series: pd.Series) -> np.ndarray:
        return series.reindex(numbers + 1).to_numpy()

    start, lost = active.reindex(numbers).to_numpy(), vanish.reindex(numbers).to_numpy() - at_end(gap_inside)
    return pd.DataFrame(
        {
            "start": start,
            "kept": start - lost,
            "new": at_end(new),
            "returned": at_end(appear) - at_end(new) - at_end(gap_inside),
            "lost": lost,
            "joined_and_left": joined.to_numpy() - at_end(new),
            "end": at_end(active),
        },
        index=numbers,
    )


def _money(log: ir.Table, period: str) -> pd.DataFrame:
    """Customers, orders and money per period, indexed by its number."""
    rows = log.mutate(number=period_number(log.ordered_at, period), day=log.ordered_at.date())
    bought = rows.filter(rows.amount >= 0)
    first = bought.group_by("customer_id").agg(first_day=bought.day.min())
    rows = rows.left_join(first, "customer_id")
    is_order = rows.amount >= 0
    first_time = is_order & (rows.day == rows.first_day)
    sums = rows.group_by("number").agg(
        customers=rows.customer_id.nunique(where=is_order),
        orders=is_order.sum(),
        revenue=rows.amount.sum(),
        refunds=-is_order.ifelse(ibis.literal(0), rows.amount).sum(),
        first_time_revenue=first_time.ifelse(rows.amount, 0).sum(),
        repeat_revenue=(is_order & ~first_time).ifelse(rows.amount, 0).sum(),
    )
    money = ["revenue", "refunds", "first_time_revenue", "repeat_revenue"]
    table = sums.cast(dict.fromkeys(money, "float64")).to_pandas().set_index("number").sort_index()
    return table.astype({"customers": "int64", "orders": "int64"})
