"""Customers who came back early beside those who did not: what each brought in the time after the first order."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases

_BANDS = 4
_KEYS = ["since", "band", "returned"]


def early_returns(orders: Orders, *, as_of: str | dt.date, within: int = 30, horizon: int = 365) -> pd.DataFrame:
    r"""Money after the first order, of customers who returned early and of those who did not, by like and like.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    within : int
        Days after that of the first order in which a second one makes an early return; less than `horizon`.
    horizon : int
        Days after that of the first order whose money is added up, the early return itself included.

    Returns
    -------
    DataFrame
        One row per stratum and outcome, of the customers whose horizon had ended by as_of:

        - since: 91-day span of the first order, counted back from the last one that could be observed, 0 the latest;
        - band: 1 to 4, the quarter of these customers by the money of the first day, 4 the highest;
        - returned: whether a second order came 1 to `within` days after the day of the first;
        - customers; mean, variance: of the money of days 1 to `horizon` per customer, refunds taken off (variance with
          n - 1, NaN for one customer).

    Raises
    ------
    DataError
        When there is no order up to as_of, or no customer was observed for `horizon` days.
    ConfigError
        When as_of, within or horizon cannot be read.

    Notes
    -----
    Orders of the first day are one event, as for the models. Customers from before the log look new in its first weeks,
    and return sooner than new ones: they make the difference between the two groups too large, if there are many.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-01", "2025-02-01"]),
    ...         "amount": [10, 20, 10, 15],
    ...     }
    ... )
    >>> early_returns(log, as_of="2025-02-01")[["since", "returned", "customers", "mean"]]
       since  returned  customers  mean
    0      0      True          1  20.0
    1      0     False          1   0.0
    """
    with Arguments() as check:
        horizon = check.whole("horizon", horizon, least=2)
        within = check.whole("within", within, least=1, most=max(horizon - 1, 1))
    day = as_day(as_of)
    now = number_of(day, "day")
    lives = _lives(orders_until(orders, day), within, horizon)
    seen = lives.filter(lives.start <= now - horizon)
    seen = seen.mutate(
        since=((now - horizon - seen.start) / 91).floor().cast("int64"),
        band=ibis.ntile(_BANDS).over(order_by=[seen.first_money, seen.customer_id]) + 1,
    )
    sums = seen.group_by(_KEYS).agg(customers=seen.count(), total=seen.later.sum(), squares=(seen.later**2).sum())
    table: pd.DataFrame = sums.order_by(_KEYS).to_pandas()
    if table.empty:
        raise DataError(f"No customer has been observed for {horizon} days after the first order by {day}.")
    n = table["customers"].astype("int64")
    mean = table["total"] / n
    variance = (table["squares"] - n * mean**2).clip(lower=0) / (n - 1).where(n > 1)
    return table[_KEYS].assign(customers=n, mean=mean, variance=variance)


def _lives(log: ir.Table, within: int, horizon: int) -> ir.Table:
    """One row per customer: day of the first order, its money, whether they returned, the money of the days after."""
    rows = log.select("customer_id", "amount", day=day_number(log.ordered_at), bought=log.amount >= 0)
    bought = purchases(log)
    starts = bought.group_by("customer_id").agg(start=day_number(bought.ordered_at.min()))
    rows = rows.join(starts, "customer_id")
    age, money = rows.day - rows.start, rows.amount.cast("float64")
    return rows.group_by("customer_id").agg(
        start=rows.start.min(),
        first_money=(age == 0).ifelse(money, 0.0).sum(),
        returned=(rows.bought & age.between(1, within)).any(),
        later=age.between(1, horizon).ifelse(money, 0.0).sum(),
    )
