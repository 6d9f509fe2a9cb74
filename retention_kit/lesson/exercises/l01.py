"""Exercises of lesson 1: events, grain, unit, as_of."""

from __future__ import annotations

from typing import Any, Final

from retention_kit import summarise
from retention_kit.lesson.example_data import five_customers
from retention_kit.lesson.exercise import Exercise
from retention_kit.schema import DAYS_PER_MONTH


def _customers(**settings: Any) -> Any:
    """The five customers, one row each."""
    return summarise.customers(five_customers(), **{"as_of": "2024-03-31", "unit": "day"} | settings)


def _cy() -> list[float]:
    row = _customers(as_of="2024-02-29").set_index("customer_id").loc["Cy"]
    return [row["frequency"], row["recency"], row["T"]]


def _february() -> list[int]:
    table = _customers(as_of="2024-02-29")
    return [len(table), int((table["frequency"] > 0).sum())]


EXERCISES: Final = {
    "cy_in_february": Exercise(
        _cy,
        hints=(
            ([2, 2, 22], "x counts the events after the first one, so it is one less than the number of dots."),
            ([1, 20, 22], "t_x runs from the first to the last event; you took the time from the last one to the end."),
            ([1, 2, 20], "T starts at the first event, not at the last."),
            ([1, 2, 21], "2024 is a leap year, and as_of itself is the end: from 7 to 29 February."),
            ([2, 49, 53], "That is the end of March. In February nobody knows of his order in March."),
        ),
        unit="days",
        why="One repeat, two days after the first, watched for twenty-two.",
        otherwise="Give three numbers: repeats, days from the first to the last event, days from the first to the end.",
    ),
    "repeats_by_week": Exercise(
        lambda: int(_customers(grain="week")["frequency"].sum()),
        hints=(
            (
                lambda: int((_customers(grain="week")["frequency"] + 1).sum()),
                "These are events; a first one is no repeat.",
            ),
            (lambda: int(_customers()["frequency"].sum()), "That is by the day. Which two orders share a week?"),
            (lambda: int(_customers(grain="month")["frequency"].sum()), "That is by the month."),
        ),
        unit="count",
        why="One fewer than by the day: Cy's two February orders share a week.",
        otherwise="Take 1 from the number of events of each customer, then add up.",
    ),
    "days_in_months": Exercise(
        lambda: 45 / DAYS_PER_MONTH,
        hints=(
            (45 / 30, "A month is a little longer than 30 days on average."),
            (45 / 31, "Not every month has 31 days; take the mean month."),
            (45 / 28, "Four weeks are less than a month."),
            (45 * DAYS_PER_MONTH, "A month is longer than a day, so there are fewer of them: divide."),
        ),
        unit="number",
        why="The same length of time as 45 days, only written otherwise.",
    ),
    "customers_in_february": Exercise(
        _february,
        hints=(
            ([5, 3], "That is the end of March. Which dots are hollow at the end of February?"),
            ([4, 3], "Dee's second order lies after February, and so is not known."),
            ([4, 1], "Cy has bought on two days of February, Ada on two days of January."),
            ([3, 2], "Dee bought on 20 February: she counts, even with one order."),
        ),
        unit="count",
        why="Eli is not there yet, and Bo and Dee have bought on one day only.",
        otherwise="Two numbers: rows of the table of that day, and rows with a frequency above 0.",
    ),
    "which_table": Exercise(
        lambda: ["cohorts", "periods", "customers"],
        hints=(
            (["periods", "periods", "customers"], "The first question follows those who began together."),
            (
                ["cohorts", "cohorts", "customers"],
                "Losses of a month are counted over everyone there at its start.",
            ),
            (["customers", "periods", "customers"], "A share of those who began in January is a row of another table."),
        ),
        unit="text",
        why="Those who began together: cohorts. The shop in a month: periods. A list of people: customers.",
        otherwise="Each word occurs once, in small letters.",
    ),
}
