"""One row per cohort and age: who came back, and the money."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.calendar import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.intervals import wilson
from retention_kit.summarise.log import Orders, first_values, orders_until

__all__ = ["COUNTINGS", "cohorts"]

COUNTINGS: Final = ("on", "on_or_after")


def cohorts(
    orders: Orders, *, as_of: str | dt.date, period: str = "month", counting: str = "on", by: str | None = None
) -> pd.DataFrame:
    """Retention of each first-order cohort by age, in customers and in money.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; a cohort is the customers whose first order fell in one.
    counting : {"on", "on_or_after"}
        Active at age k: bought in exactly the k-th period after the first, or in the k-th or any later one.
    by : str, optional
        A column of the log; a customer belongs to its value in the first order.

    Returns
    -------
    DataFrame
        One row per (group,) cohort and age, every combination:

        - cohort: first day of the period of the first order; age: periods since, 0 for that period;
        - size: customers of the cohort; active: how many of them were active; rate = active / size with
          its 95 % Wilson interval low, high;
        - revenue: money of the cohort in the period, refunds taken off;
        - complete: whether the period had ended by as_of. A period that had not begun is NaN throughout.

    Raises
    ------
    DataError
        When there is no order up to as_of, or no such column.
    ConfigError
        When as_of, period or counting cannot be read.

    Notes
    -----
    Counted `on_or_after`, the last ages are censored: a customer who will be back is not seen yet.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> cohorts(log, as_of="2024-02-29")[["cohort", "age", "size", "active", "rate", "complete"]]
          cohort  age  size  active  rate  complete
    0 2024-01-01    0     2     2.0   1.0      True
    1 2024-01-01    1     2     1.0   0.5      True
    2 2024-02-01    0     1     1.0   1.0      True
    3 2024-02-01    1     1     NaN   NaN     False
    """
    check_period(period)
    if counting not in COUNTINGS:
        raise ConfigError(f"counting is one of {', '.join(COUNTINGS)}; got {counting!r}")
    day = as_day(as_of)
    groups = [by] if by else []
    counts = _counts(orders_until(orders, day), period, groups)
    if counts.empty:
        raise DataError(f"no order up to {day}; as_of must be later than the first order")
    table = _rectangle(counts, groups, number_of(day, period), counting)
    table["complete"] = table["cohort"] + table["age"] < number_of(day + dt.timedelta(days=1), period)
    table["rate"] = table["active"] / table["size"]
    table["low"], table["high"] = wilson(table["active"], table["size"])
    table["cohort"] = period_start(table["cohort"], period)
    return table[[*groups, "cohort", "age", "size", "active", "rate", "low", "high", "revenue", "complete"]]


def _counts(log: ir.Table, period: str, groups: list[str]) -> pd.DataFrame:
    """Per group, cohort, age: customers active there, customers last active there, and revenue."""
    missing = [name for name in groups if name not in log.columns]
    if missing:
        raise DataError(f"orders have no column {missing[0]}; found {', '.join(log.columns)}")
    rows = log.select("customer_id", "amount", bought=log.amount >= 0, number=period_number(log.ordered_at, period))
    per_period = rows.group_by(["customer_id", "number"]).agg(revenue=rows.amount.sum(), bought=rows.bought.any())
    lives = per_period.filter(per_period.bought).group_by("customer_id")
    lives = lives.agg(cohort=lambda t: t.number.min(), last=lambda t: t.number.max())
    if groups:
        lives = lives.join(first_values(log, groups), "customer_id")
    joined = per_period.join(lives, "customer_id")
    joined = joined.mutate(age=(joined.number >= joined.cohort).ifelse(joined.number - joined.cohort, 0))
    return (
        joined.group_by([*groups, "cohort", "age"])
        .agg(
            active=joined.bought.sum(),
            ending=(joined.bought & (joined.number == joined.last)).sum(),
            revenue=joined.revenue.sum().cast("float64"),
        )
        .to_pandas()
    )


def _rectangle(counts: pd.DataFrame, groups: list[str], last: int, counting: str) -> pd.DataFrame:
    """Every cohort with every age; unobserved cells NaN, observed cells without activity 0."""
    cohorts = counts[[*groups, "cohort"]].drop_duplicates()
    ages = pd.DataFrame({"age": np.arange(last - counts["cohort"].min() + 1)})
    keys = [*groups, "cohort"]
    table = cohorts.merge(ages, how="cross").merge(counts, on=[*keys, "age"], how="left").sort_values([*keys, "age"])
    table = table.fillna({"active": 0, "ending": 0, "revenue": 0.0}).reset_index(drop=True)
    at_birth = table[table["age"] == 0].set_index(keys)["active"]
    table = table.join(at_birth.rename("size").astype("int64"), on=keys)
    if counting == "on_or_after":
        gone = table.groupby(keys)["ending"].cumsum() - table["ending"]
        table["active"] = table["size"] - gone
    unseen = table["cohort"] + table["age"] > last
    table[["active", "revenue"]] = table[["active", "revenue"]].astype("float64").mask(unseen)
    return table
