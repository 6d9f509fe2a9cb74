"""Sums of products of customers' figures within each period: the basis of the intervals of its sums and averages."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.order_log import Orders, orders_until

PRODUCTS = ("orders_orders", "orders_revenue", "revenue_revenue", "customers_revenue")
"""Columns of `period_products` beside the period; customers × customers and × orders are the sums themselves."""


def period_products(orders: Orders, *, as_of: str | dt.date, period: str = "month", periods: int = 13) -> pd.DataFrame:
    """Sums over customers of the products of what each did in a period, for the last periods up to as_of.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts; the last period ends with it.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    periods : int
        Number of periods.

    Returns
    -------
    DataFrame
        One row per period, 0 where nothing happened: period (its first day), and of the orders, the revenue (refunds
        taken off) and customers (1 for who bought) of each customer the sums of products orders_orders,
        orders_revenue, revenue_revenue and customers_revenue.

    Notes
    -----
    With independent customers, of whom a Poisson number acts, the variance of a weighted sum of figures is estimated by
    the weights around this table, as in `customer_products`.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-01-10", "2024-01-20"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> period_products(log, as_of="2024-01-31", periods=1)
          period  orders_orders  orders_revenue  revenue_revenue  customers_revenue
    0 2024-01-01            5.0            75.0           1125.0               45.0
    """
    refuse(periods=(periods, "size"))
    day = as_day(as_of)
    last = number_of(day, check_period(period))
    log = orders_until(orders, day)
    numbers = np.arange(last - int(periods) + 1, last + 1)
    rows = log.select("customer_id", amount=log.amount.cast("float64"), number=period_number(log.ordered_at, period))
    rows = rows.filter(rows.number >= ibis.literal(int(numbers[0])))
    each = rows.group_by("customer_id", "number").agg(
        orders=(rows.amount >= 0).ifelse(1.0, 0.0).sum(), revenue=rows.amount.sum()
    )
    sums = each.group_by("number").agg(
        orders_orders=(each.orders * each.orders).sum(),
        orders_revenue=(each.orders * each.revenue).sum(),
        revenue_revenue=(each.revenue * each.revenue).sum(),
        customers_revenue=(each.orders > 0).ifelse(each.revenue, 0.0).sum(),
    )
    table: pd.DataFrame = sums.to_pandas().set_index("number").reindex(numbers, fill_value=0.0)[list(PRODUCTS)]
    table.insert(0, "period", period_start(numbers, period))
    return table.astype(dict.fromkeys(PRODUCTS, "float64")).reset_index(drop=True)
