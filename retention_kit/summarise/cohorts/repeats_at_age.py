"""Of the customers who reached an age in each period, how many had bought again by then."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases

__all__ = ["repeats_at_age"]


def repeats_at_age(orders: Orders, *, as_of: str | dt.date, period: str = "month", age: int = 90) -> pd.DataFrame:
    """Customers by the period in which they were `age` days old, and how many of them had bought again by that day.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    age : int
        Days since the day of the first order, 1 or more.

    Returns
    -------
    DataFrame
        One row per period from the first order to as_of, none left out: period (its first day); reached: customers
        whose day number `age` after their first order lies in the period, not after as_of; repeated: those of them
        with another order on a later day, at most `age` days after the first.

    Raises
    ------
    DataError
        When there is no order up to as_of.
    ConfigError
        When as_of, period or age cannot be read.

    Notes
    -----
    Everybody has had the same time, so periods can be compared, which the share of all customers so far cannot: it
    rises as long as a log grows. Orders of the first day are one occasion. Refunds are no orders. A customer whose
    first order lies before the log counts from the first order in it.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-01-10", "2024-02-29", "2024-02-20"]),
    ...         "amount": [10, 20, 15, 8, 30],
    ...     }
    ... )
    >>> repeats_at_age(log, as_of="2024-02-29", age=30)
          period  reached  repeated
    0 2024-01-01        0         0
    1 2024-02-01        2         1
    """
    check_period(period)
    if isinstance(age, bool) or not isinstance(age, int | np.integer) or age < 1:
        raise ConfigError(f"age is a number of days, 1 or more; got {age!r}")
    last = as_day(as_of)
    bought = purchases(orders_until(orders, last))
    days = bought.select("customer_id", day=bought.ordered_at.date()).distinct()
    in_order = ibis.window(group_by="customer_id", order_by="day")
    visits = days.mutate(visit=ibis.row_number().over(in_order), following=days.day.lead().over(in_order))
    first = visits.filter(visits.visit == 0)
    lived = first.day.cast("date") + ibis.interval(days=int(age))
    first = first.select(
        number=period_number(first.day, period),
        reached_in=period_number(lived, period),
        reached=lived <= ibis.date(last.isoformat()),
        repeated=(first.following.cast("date") <= lived).fill_null(False),
    )
    grouped = first.group_by("number", "reached_in", "reached", "repeated").agg(customers=first.count()).to_pandas()
    if grouped.empty:
        raise DataError(f"no order up to {last}; as_of must be later than the first order")
    numbers = np.arange(int(grouped["number"].min()), number_of(last, period) + 1)
    old = grouped[grouped["reached"].astype(bool)]
    reached = old.groupby("reached_in")["customers"].sum()
    repeated = old[old["repeated"].astype(bool)].groupby("reached_in")["customers"].sum()
    counts = {"reached": reached, "repeated": repeated}
    table = pd.DataFrame({name: count.reindex(numbers, fill_value=0) for name, count in counts.items()}).astype("int64")
    return table.reset_index(drop=True).assign(period=period_start(numbers, period))[["period", "reached", "repeated"]]
