"""The 95 % interval of each figure of the scorecard, by period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from retention_kit.metrics.changes.change_errors import half_width
from retention_kit.metrics.common.count_intervals import poisson_interval
from retention_kit.metrics.common.ratios import ratio
from retention_kit.metrics.common.share_intervals import Interval, wilson_interval
from retention_kit.metrics.customers.scorecard_figures import FIGURES, SHARES

Ends = Interval[pd.Series]
COUNTS: Final = ("customers", "new_customers", "active_customers")
"""Counts of people, of whom each counts once: Poisson."""


def figure_interval(name: str, table: pd.DataFrame) -> Ends:
    """Ends of the interval of a figure, one per row of the period table; NaN where it is not known.

    Shares of people have the Wilson interval and counts of people the exact Poisson interval. Orders and money have the
    error of independent customers from `summarise.period_products`, whose columns the table needs, averages by the
    delta method, both with a t quantile for the number of customers. The growth of active customers has the
    Poisson error of those who became active or stopped being so.
    """
    if name in SHARES:
        part, people = (table[column].astype("float64") for column in SHARES[name])
        return wilson_interval(part, people)
    values = FIGURES[name].values(table).astype("float64")
    if name in COUNTS:
        return poisson_interval(values)
    if name == "customer_growth_rate":
        moved = (table["new"] + table["returned"] + table["lost"]).astype("float64") ** 0.5
        return _around(values, half_width() * ratio(moved, table["start"].astype("float64")))
    freedom = (table["customers"] - 1).astype("float64")
    half = freedom.map(half_width) * np.sqrt(_VARIANCES[name](table, values).clip(lower=0))
    low, high = _around(values, half.where(half > 0))
    return Interval(low.clip(lower=0) if name == "orders" else low, high)


def _around(values: pd.Series, half: pd.Series) -> Ends:
    return Interval(values - half, values + half)


def _of_ratio(top: pd.Series, both: pd.Series, bottom: pd.Series, mean: pd.Series, total: pd.Series) -> pd.Series:
    """Variance of a ratio of sums, from the sums of squares and of products of its two sides."""
    return ratio(top - 2 * mean * both + mean**2 * bottom, total.astype("float64") ** 2)


_VARIANCES: Final[dict[str, Callable[[pd.DataFrame, pd.Series], pd.Series]]] = {
    "revenue": lambda t, _: t["revenue_revenue"],
    "orders": lambda t, _: t["orders_orders"],
    "average_order_value": lambda t, x: _of_ratio(
        t["revenue_revenue"], t["orders_revenue"], t["orders_orders"], x, t["orders"]
    ),
    "purchase_frequency": lambda t, x: _of_ratio(t["orders_orders"], t["orders"], t["customers"], x, t["customers"]),
    "arpu": lambda t, x: _of_ratio(t["revenue_revenue"], t["customers_revenue"], t["customers"], x, t["customers"]),
}
