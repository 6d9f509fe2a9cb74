"""Exercises of lesson 7: will they return?"""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from retention_kit.lesson.exercise import Exercise
from retention_kit.models import BGNBD
from retention_kit.schema import DAYS_PER_YEAR

_PAPER: Final = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
_YEAR: Final = DAYS_PER_YEAR / 7


def _alive(x: int, t_x: float, T: float) -> float:
    row = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})
    return float(_PAPER.probability_alive(row).iloc[0])


def _two_stories(silence: float) -> float:
    there = 0.9 * math.exp(-0.4 * silence)
    return there / (there + 0.1)


EXERCISES: Final = {
    "yearly_rate": Exercise(
        lambda: 0.243 / 4.414 * _YEAR,
        hints=(
            (0.243 / 4.414, "That is per week."),
            (4.414 / 0.243, "Turn it round: alpha is a time, r / alpha a rate."),
            (0.243 / 4.414 * 12, "The parameters are in weeks, not in months."),
        ),
        tolerance=0.03,
        why="While there: the average over a life is smaller, because people leave.",
        otherwise="Rate per week, times the weeks of a year.",
    ),
    "two_stories": Exercise(
        lambda: _two_stories(5),
        hints=(
            (lambda: 1 - _two_stories(5), "That is the other story."),
            (0.9 * math.exp(-2), "That is the weight of story one; divide it by the weights of both."),
            (math.exp(-2), "That is the chance of five silent weeks of somebody who is there."),
            (0.9, "That is how sure one is at the moment of the purchase; five weeks have passed since."),
        ),
        unit="rate",
        why="Five weeks of silence, where two or three purchases a month were usual, make it a toss-up.",
        otherwise="Story one as a share of story one and story two.",
    ),
    "purchases_in_a_year": Exercise(
        lambda: _PAPER.expected_purchases_new(_YEAR),
        hints=(
            (lambda: _PAPER.expected_purchases_new(12), "That is twelve weeks: the model counts in weeks."),
            (lambda: _PAPER.expected_purchases_new(1), "That is one week."),
            (lambda: _PAPER.expected_purchases_new(365.25), "That is 365 weeks: the model counts in weeks."),
            (0.243 / 4.414 * _YEAR, "That is the rate of somebody who never leaves."),
        ),
        tolerance=0.01,
        why="Half of what it would be if nobody ever left.",
        otherwise="A year has 365.25 / 7 weeks, and the method is expected_purchases_new.",
    ),
    "alive_by_hand": Exercise(
        lambda: _alive(3, 20, 39),
        hints=(
            (lambda: 1 - _alive(3, 20, 39), "That is the probability of having left."),
            (
                lambda: 1 / _alive(3, 20, 39) - 1,
                "These are the odds of having left; the probability of being there is 1 / (1 + odds).",
            ),
        ),
        unit="rate",
        why="Nineteen silent weeks after three repeats: rather gone than not.",
        otherwise="The odds are a / (b + x - 1), times ((alpha + T) / (alpha + t_x)) to the power of r + x.",
    ),
}
