"""Exercises of lesson 3: cohorts."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from retention_kit import load, metrics, summarise
from retention_kit.lesson.example_data import five_customers
from retention_kit.lesson.exercise import Exercise


def _shop() -> pd.DataFrame:
    """Cohorts of the simulated shop, in the middle of September 2025."""
    store: Any = load.sample("store")
    return summarise.cohorts(store.orders, as_of="2025-09-18")


def _complete_at_three() -> int:
    table = _shop()
    return int(table.loc[table["age"] == 3, "complete"].sum())


def _february() -> list[float]:
    table = summarise.cohorts(five_customers(), as_of="2024-03-31", counting="on_or_after")
    return table.loc[table["cohort"] == "2024-02-01", "rate"].dropna().tolist()


def _averages() -> list[float]:
    sizes, active = pd.Series([100, 100, 800]), pd.Series([50, 40, 160])
    rates = metrics.kept_rate(sizes, active)
    table = {"cohort": range(3), "age": 1, "size": sizes, "active": active, "rate": rates, "complete": True}
    row = summarise.pooled_curve(pd.DataFrame(table)).iloc[0]
    return [float(row["pooled_mean"]), float(row["mean_of_rates"])]


def _march() -> float:
    groups: dict[str, Any] = {"channel": ["app", "web"], "size": [20, 80]}
    before, after = (pd.DataFrame(groups | {"active": active}) for active in ([12, 20], [10, 24]))
    return float(summarise.decompose(before, after, by="channel")["change"].iloc[-1])


EXERCISES: Final = {
    "rate_of_november": Exercise(
        lambda: metrics.kept_rate(start=103, kept=39),
        hints=(
            (103 / 39, "The cohort belongs below the line."),
            (39, "That is how many. A rate is their share of the cohort."),
            (64 / 103, "That is the share of those who did not buy."),
        ),
        unit="rate",
        why="The heat map shows it rounded to whole percents.",
    ),
    "complete_at_age_three": Exercise(
        _complete_at_three,
        hints=(
            (9, "One of these is in its third month right now; that month is not over."),
            (12, "That is how many cohorts there are."),
            (11, "That is age 1. At age 3 fewer cohorts are old enough."),
            (7, "The cohort of May 2025 reached age 3 in August, and August is over."),
        ),
        unit="count",
        why="October 2024 to May 2025: the youngest of them was three months old in August.",
        otherwise="For each cohort add three months to its own: is that month over on 18 September?",
    ),
    "february_on_or_after": Exercise(
        _february,
        hints=(
            ([1, 0.5], "Look at the picture again: Cy and Dee both bought in March."),
            ([2, 2], "These are customers. A rate is their share of the cohort."),
            ([1, 0], "On or after counts March for age 1."),
        ),
        unit="rate",
        why="Both bought in March, so both were back at age 1 or later.",
        otherwise="Cohort of two. Age 0 is February or later, age 1 is March or later.",
    ),
    "two_averages": Exercise(
        _averages,
        hints=(
            (lambda: _averages()[::-1], "Both numbers are right, in the other order."),
            ([0.25, 0.25], "The mean of rates gives each cohort the same weight, whatever its size."),
            (lambda: [_averages()[1]] * 2, "The pooled rate adds up customers first and divides once."),
        ),
        unit="rate",
        why="The large cohort pulls the pooled rate down, and counts for one in three in the mean.",
    ),
    "total_in_march": Exercise(
        _march,
        hints=(
            (-0.02, "Look at the sign: the web is much larger than the app."),
            (0.34, "That is the new total. How far is it from February's?"),
            (0.0, "The app loses ten points and the web wins five, but they have not the same weight."),
            (-0.05, "You took the plain mean of two changes; weigh them with the shares."),
            (0.4 - 0.32, "You took the plain mean of the two rates; weigh them with the shares."),
        ),
        tolerance=0.002,
        unit="rate",
        why="No mix effect this time: the shares stayed, only rates changed.",
    ),
}
