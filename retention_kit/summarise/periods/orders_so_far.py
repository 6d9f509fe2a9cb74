"""How many customers had placed one, two, three orders by the end of each period."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases

__all__ = ["orders_so_far"]


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
        Up to how many orders.

    Returns
    -------
    DataFrame
        One row per period from the first order to as_of, none left out: period (its first day), at_least_1,
        at_least_2, … : how many customers.

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
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        raise ConfigError(f"most is a number of orders, 1 or more; got {most!r}")
    day = as_day(as_of)
    bought = purchases(orders_until(orders, day))
    in_order = ibis.window(group_by="customer_id", order_by="ordered_at")
    placed = bought.select(place=ibis.row_number().over(in_order) + 1, number=period_number(bought.ordered_at, period))
    placed = placed.filter(placed.place <= int(most))
    counted = placed.group_by(["number", "place"]).agg(customers=placed.count())
    counts = counted.to_pandas().pivot(index="number", columns="place", values="customers")
    if counts.empty:
        raise DataError(f"no order up to {day}; as_of must be later than the first order")
    numbers = np.arange(int(counts.index.min()), number_of(day, period) + 1)
    table = counts.reindex(numbers, columns=range(1, int(most) + 1)).fillna(0).cumsum().astype("int64")
    table.columns = [f"at_least_{place}" for place in table.columns]
    return table.reset_index(drop=True).assign(period=period_start(numbers, period))[["period", *table.columns]]
