"""Exercises of lesson 2: the classic rates."""

from __future__ import annotations

from typing import Any, Final

from retention_kit import metrics, summarise
from retention_kit.lesson.exercise import Exercise
from retention_kit.lesson.small import ten_members, ten_shoppers

__all__ = ["EXERCISES"]


def _march() -> Any:
    """March of the ten members, one row of the period table."""
    return summarise.periods(ten_members(), as_of="2024-03-31").iloc[-1]


def _shop(function: Any, **columns: str) -> float:
    """A metric of the ten shoppers, from sums of their columns."""
    table = ten_shoppers()
    return float(function(**{name: table.eval(expression) for name, expression in columns.items()}))


EXERCISES: Final = {
    "retention_of_ten": Exercise(
        lambda: metrics.retention_rate(start=10, end=9, new=4),
        hints=(
            (0.9, "Those who joined are in your numerator: of the ten at the start, who is still there?"),
            (
                5 / 9,
                "You divided by the customers at the end. The question is about those who were there at the start.",
            ),
            (5 / 13, "Those who joined are in your denominator: they had no chance to stay since the start."),
            (0.4, "That is what the new ones are of the ten. How many of the nine at the end are not new?"),
            (5, "That is how many stayed. The rate is their share of those at the start."),
        ),
        unit="rate",
        why="Five of the nine at the end are old, of ten at the start.",
    ),
    "churn_by_stripe": Exercise(
        lambda: metrics.by_definition("churn_rate", "stripe", _march()),
        hints=(
            (
                lambda: metrics.by_definition("churn_rate", "textbook", _march()),
                "This is the textbook's. Ned left too.",
            ),
            (
                lambda: metrics.by_definition("churn_rate", "baremetrics", _march()),
                "The numerator is right. Who else could have left? Look at the denominator.",
            ),
            (lambda: _march()["lost"] / 15, "The denominator is right. Ned came and went, and counts among the lost."),
            (
                lambda: (_march()["lost"] + 1) / (_march()["start"] + 3),
                "Everyone who joined belongs in the denominator, also Ned and Oz.",
            ),
        ),
        unit="rate",
        why="One more lost than in the textbook, over everyone who was there at any time.",
    ),
    "net_revenue_retention_of_march": Exercise(
        lambda: metrics.net_revenue_retention(start=200, expansion=30, contraction=20, churn=50),
        hints=(
            (1.05, "The end of March holds new members and Oz. NRR follows the members of the start only."),
            (0.65, "This is gross: it leaves out what Dee pays more."),
            (0.85, "Oz was not there at the start: what he brings belongs to neither NRR nor GRR."),
            (160, "That is the money. Divide by what the same members paid at the start."),
        ),
        unit="rate",
        why="Of each euro at the start, 80 cents are still there, growth of those who stayed included.",
    ),
    "mean_order": Exercise(
        lambda: _shop(metrics.average_order_value, revenue="revenue.sum()", orders="orders.sum()"),
        hints=(
            (
                lambda: _shop(metrics.arpu, revenue="revenue.sum()", customers="customer_id.size"),
                "You divided by customers. An order value is money per order.",
            ),
            (
                lambda: (ten_shoppers()["revenue"] / ten_shoppers()["orders"]).mean(),
                "This is the mean over customers of their own mean orders; Gil's five orders count once in it.",
            ),
            (lambda: ten_shoppers()["orders"].mean(), "This is orders per customer."),
        ),
        unit="money",
        why="All money over all orders; every order has the same weight.",
    ),
    "repeat_without_gil": Exercise(
        lambda: metrics.repeat_purchase_rate(customers=9, repeat_customers=3),
        hints=(
            (0.4, "That is with Gil. He leaves both the numerator and the denominator."),
            (0.3, "Without Gil there are nine customers."),
            (4 / 9, "Gil ordered more than once: he leaves the numerator too."),
            (1 / 9, "More than two orders is the loyal customer rate. A repeat customer has two or more."),
        ),
        unit="rate",
        why="Losing one good customer in ten moves the rate by a lot: small numbers do that.",
    ),
    "which_churn_is_lower": Exercise(
        lambda: "stripe",
        hints=(
            ("textbook", "Compare it with the one that adds to the numerator and to the denominator."),
            ("baremetrics", "It adds to the numerator only, so it is never the lowest."),
            ("profitwell", "It is the textbook's figure; is there one below it?"),
        ),
        unit="text",
        why="A rule that puts everyone who joined below the line gets lower, the faster a firm grows.",
    ),
}
