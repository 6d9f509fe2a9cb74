"""Exercises of lesson 2: the classic rates."""

from __future__ import annotations

from typing import Any, Final

from retention_kit import metrics, summarise
from retention_kit.lesson.example_data import ten_members, ten_shoppers
from retention_kit.lesson.exercise import Exercise


def _march() -> Any:
    """March of the ten members, one row of the period table."""
    return summarise.periods(ten_members(), as_of="2024-03-31").iloc[-1]


def _march_with_three_neds() -> dict[str, Any]:
    month: dict[str, Any] = _march().to_dict()
    return month | {"joined_and_left": 3}


def _others() -> Any:
    """The ten shoppers without Gil."""
    return ten_shoppers().query("customer_id != 'Gil'")


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
        lambda: metrics.by_definition("churn_rate", "stripe", _march_with_three_neds()),
        hints=(
            (
                lambda: metrics.by_definition("churn_rate", "stripe", _march()),
                "That is March as it was, with Ned alone.",
            ),
            (0.3, "This is the textbook's. People like Ned left too."),
            (0.6, "The numerator is right. Who else could have left? Look at the denominator."),
            (3 / 17, "The denominator is right. Those who came and went count among the lost."),
            (6 / 14, "Everyone who joined belongs in the denominator, also those who left again."),
            (6 / 13, "Oz joined again: he belongs in the denominator, and so do those who left again."),
            (6 / 16, "Everyone who joined belongs in the denominator, Oz too."),
        ),
        unit="rate",
        why="Each of them is above the line and below it.",
    ),
    "net_revenue_retention_with_jo": Exercise(
        lambda: metrics.net_revenue_retention(start=200, expansion=30, contraction=20, churn=30),
        hints=(
            (0.8, "That is March as it was. Which of the five amounts changes when Jo stays?"),
            (0.75, "This is gross: it leaves out what Dee pays more."),
            (0.95, "Oz was not there at the start: what he brings belongs to neither NRR nor GRR."),
            (1.15, "The end of March holds new members and Oz. NRR follows the members of the start only."),
            (0.7, "Jo's 20 are no longer lost: they are taken off the churn, not added to it."),
            (180, "That is the money. Divide by what the same members paid at the start."),
        ),
        unit="rate",
        why="One member of ten, ten points.",
    ),
    "mean_order_without_gil": Exercise(
        lambda: metrics.average_order_value(revenue=_others()["revenue"].sum(), orders=_others()["orders"].sum()),
        hints=(
            (50, "That is with Gil: his money and his orders both go."),
            (
                lambda: metrics.arpu(revenue=500, customers=9),
                "You divided by customers. An order value is money per order.",
            ),
            (
                lambda: (_others()["revenue"] / _others()["orders"]).mean(),
                "This is the mean of each customer's own mean; all orders should have the same weight.",
            ),
            (500 / 18, "Gil's money is out, his five orders are still in."),
        ),
        unit="money",
        why="All money over all orders. Gil ordered often and large, so without him the mean falls.",
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
