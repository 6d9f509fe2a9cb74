"""Exercises of lesson 11: the monthly report."""

from __future__ import annotations

from typing import Any, Final

from retention_kit import load, metrics, summarise
from retention_kit.lesson.exercise import Exercise


def _sample() -> Any:
    return load.sample("cdnow_sample")


def _share(as_of: str) -> float:
    month = summarise.periods(_sample(), as_of=as_of).iloc[-1]
    return float(metrics.ratio(month["repeat_revenue"], month["revenue"]))


def _rise() -> float:
    return _share("1997-03-31") - _share("1997-02-28")


EXERCISES: Final = {
    "page_of_november": Exercise(
        lambda: "1997-11-30",
        hints=(
            ("1997-11-01", "as_of is the last day that counts; this page would know one day of November."),
            ("1997-11", "as_of is a day."),
            ("1997-12-01", "That day counts too: the page would be December's, with one day in it."),
            ("1997-11-31", "November has 30 days."),
            ("30-11-1997", "Dates are written year-month-day."),
        ),
        unit="text",
        why="The last day that counts; the page does not care when it is run.",
        otherwise="The last day of the month, as YYYY-MM-DD.",
    ),
    "rise_in_march": Exercise(
        _rise,
        hints=(
            (lambda: _share("1997-03-31"), "That is March alone."),
            (
                lambda: _share("1997-03-31") / _share("1997-02-28") - 1,
                "That is the relative change; asked is the difference of the two shares.",
            ),
            (lambda: _share("1997-04-30") - _share("1997-03-31"), "That is from March to April."),
        ),
        unit="rate",
        why="In percentage points: a difference of shares is not a percentage.",
        otherwise="Share of March minus share of February.",
    ),
    "rows_refused": Exercise(
        lambda: len(_sample().refused),
        hints=((lambda: _sample().source.rows_read, "That is how many were read."),),
        unit="count",
        tolerance=0,
        why="A clean sample. In your own data this number is the first one to look at.",
        otherwise="Rows read minus rows kept.",
    ),
    "proves_nothing": Exercise(
        lambda: "stripped",
        hints=(
            ("as_it_is", "It has outputs, and they were compared: that proves something."),
            ("changed", "That one was caught."),
        ),
        unit="text",
        why="Green tests are worth what they compare.",
        otherwise="Which of the three has nothing to compare?",
    ),
}
