"""The figures of a scorecard: labels, units and formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from retention_kit.metrics.customers.customer_rates import (
    churn_rate,
    customer_growth_rate,
    loyal_customer_rate,
    repeat_purchase_rate,
    repeat_rate_at_age,
    retention_rate,
)
from retention_kit.metrics.customers.order_averages import arpu, average_order_value, purchase_frequency

AGE: Final = 90
"""The repeat rate counts second orders within this many days of the first."""
SO_FAR: Final = ("repeat_purchase_rate", "loyal_customer_rate")
"""Shares of all customers so far."""
SUMS: Final = ("revenue", "customers", "orders", "new_customers")
"""Totals of a period, which grow with every day of it."""
Inputs = Callable[[pd.DataFrame], dict[str, pd.Series]]


@dataclass(frozen=True)
class Figure:
    """Label and unit of a figure, its formula, and the columns of the period table that are its inputs."""

    label: str
    unit: str
    formula: Callable[..., Any]
    inputs: Inputs

    def values(self, table: pd.DataFrame) -> pd.Series:
        series: pd.Series = self.formula(**self.inputs(table))
        return series


def as_it_is(column: pd.Series) -> pd.Series:
    return column


FIGURES = {
    "revenue": Figure("Revenue, refunds taken off", "money", as_it_is, lambda t: {"column": t.revenue}),
    "customers": Figure("Customers who bought", "count", as_it_is, lambda t: {"column": t.customers}),
    "retention_rate": Figure(
        "Retention rate", "rate", retention_rate, lambda t: {"start": t.start, "end": t.end, "new": t.new + t.returned}
    ),
    "orders": Figure("Orders", "count", as_it_is, lambda t: {"column": t.orders}),
    "average_order_value": Figure(
        "Average order value", "money", average_order_value, lambda t: {"revenue": t.revenue, "orders": t.orders}
    ),
    "repeat_rate_at_age": Figure(
        f"Repeat rate within {AGE} days of the first order",
        "rate",
        repeat_rate_at_age,
        lambda t: {"reached": t.reached, "repeated": t.repeated},
    ),
    "new_customers": Figure("New customers", "count", as_it_is, lambda t: {"column": t.new + t.joined_and_left}),
    "active_customers": Figure("Active customers at the end", "count", as_it_is, lambda t: {"column": t.end}),
    "churn_rate": Figure("Churn rate", "rate", churn_rate, lambda t: {"start": t.start, "lost": t.lost}),
    "customer_growth_rate": Figure(
        "Growth of active customers", "rate", customer_growth_rate, lambda t: {"start": t.start, "end": t.end}
    ),
    "repeat_purchase_rate": Figure(
        "Repeat purchase rate, all customers so far",
        "rate",
        repeat_purchase_rate,
        lambda t: {"customers": t.ever, "repeat_customers": t.ever_twice},
    ),
    "loyal_customer_rate": Figure(
        "Loyal customer rate (3 or more orders), all customers so far",
        "rate",
        loyal_customer_rate,
        lambda t: {"customers": t.ever, "loyal_customers": t.ever_thrice},
    ),
    "purchase_frequency": Figure(
        "Orders per customer", "number", purchase_frequency, lambda t: {"orders": t.orders, "customers": t.customers}
    ),
    "arpu": Figure(
        "Revenue per customer who bought", "money", arpu, lambda t: {"revenue": t.revenue, "customers": t.customers}
    ),
}
SHARES = {
    "retention_rate": ("kept", "start"),
    "churn_rate": ("lost", "start"),
    "repeat_rate_at_age": ("repeated", "reached"),
    "repeat_purchase_rate": ("ever_twice", "ever"),
    "loyal_customer_rate": ("ever_thrice", "ever"),
}
