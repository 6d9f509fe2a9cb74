"""Repeat customers by period: how many had placed two or more orders, and how many had bought again by an age."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.events import events_until
from retention_kit.summarise.common.order_log import Orders


def orders_so_far(orders: Orders, *, as_of: str | dt.date, period: str = "month", most: int = 3) -> pd.DataFrame:
    """Customers with at least one, two, three … orders up to the end of each period.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts; the last period ends with it.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    most : int
        Largest number of orders.

    Returns
    -------
    DataFrame
        One row per period from the first order to as_of, none left out: period (its first day), at_least_1,
        at_least_2, … : numbers of customers.

    Raises
    ------
    DataError
        When there is no order up to as_of.
    ConfigError
        When as_of, period or most cannot be read.

    Notes
    -----
    A later order never makes anybody a repeat customer of an earlier period. Refunds are no orders.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-03-10", "2024-01-20"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> orders_so_far(log, as_of="2024-03-31", most=2)
          period  at_least_1  at_least_2
    0 2024-01-01           2           0
    1 2024-02-01           2           0
    2 2024-03-01           2           1
    """
    refuse(most=(most, "size"))
    check_period(period)
    _require_positive("most is a number of orders", most)
    day = as_day(as_of)
    days = events_until(orders, day).days
    days = days.mutate(number=period_number(days.day, period), after=days.orders_before + days.orders)
    ranks = {f"r{n}": ((days.orders_before < n) & (days.after >= n)).sum() for n in range(1, int(most) + 1)}
    counts = days.group_by("number").agg(**ranks).to_pandas().set_index("number")
    counts.columns = range(1, int(most) + 1)
    numbers = _numbers(counts.index, day, period)
    table = counts.reindex(numbers).fillna(0).cumsum().astype("int64")
    return _by_period(table.add_prefix("at_least_"), numbers, period)


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
    _require_positive("age is a number of days", age)
    last = as_day(as_of)
    days = events_until(orders, last).days
    first = days.filter(days.number == 1)
    lived = first.day.cast("date") + ibis.interval(days=int(age))
    first = first.select(
        number=period_number(first.day, period),
        reached_in=period_number(lived, period),
        reached=lived <= ibis.date(last.isoformat()),
        repeated=(first.next.cast("date") <= lived).fill_null(False),
    )
    grouped = first.group_by("number", "reached_in", "reached", "repeated").agg(customers=first.count()).to_pandas()
    numbers = _numbers(grouped["number"], last, period)
    old = grouped[grouped["reached"].astype(bool)]
    reached = old.groupby("reached_in")["customers"].sum()
    repeated = old[old["repeated"].astype(bool)].groupby("reached_in")["customers"].sum()
    counts = {"reached": reached, "repeated": repeated}
    table = pd.DataFrame({name: count.reindex(numbers, fill_value=0) for name, count in counts.items()}).astype("int64")
    return _by_period(table, numbers, period)


def _require_positive(what: str, number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise ConfigError(f"{what}, 1 or more; got {number!r}")


def _numbers(numbers: pd.Series | pd.Index, day: dt.date, period: str) -> np.ndarray:
    """All periods from the first of the given ones to that of as_of."""
    if not len(numbers):
        raise DataError(f"no order up to {day}; as_of must be later than the first order")
    return np.arange(int(numbers.min()), number_of(day, period) + 1)


def _by_period(table: pd.DataFrame, numbers: np.ndarray, period: str) -> pd.DataFrame:
    table = table.reset_index(drop=True).rename_axis(columns=None)
    table.insert(0, "period", period_start(numbers, period))
    return table
