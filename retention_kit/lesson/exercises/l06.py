"""Exercises of lesson 6: how long subscribers stay."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.lesson.exercise import Exercise
from retention_kit.models import ShiftedBetaGeometric, renewals

_REGULAR = [0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241]


def _regular() -> ShiftedBetaGeometric:
    return ShiftedBetaGeometric.fit(renewals(_REGULAR), weights="weights")


def _derl(n: int) -> float:
    model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    return float(model.expected_renewals(pd.DataFrame({"periods": [n], "lost": [False]}), annual_discount_rate=0.1)[0])


EXERCISES: Final = {
    "constant_churn": Exercise(
        lambda: 0.869**12,
        hints=(
            (0.869**11, "A subscriber of twelve years has come up for renewal twelve times, not eleven."),
            (1 - 12 * 0.131, "Churn is a share of those who are still there: multiply, do not subtract."),
            (1 - 0.869**12, "That is the share that has left."),
        ),
        unit="rate",
        why="In truth 39 % were left: twice as many as a constant rate promises.",
        otherwise="Each year multiplies what is left by the same 0.869.",
    ),
    "retention_of_year_five": Exercise(
        lambda: ShiftedBetaGeometric(alpha=0.668, beta=3.806).retention_rate(5),
        hints=(
            (lambda: ShiftedBetaGeometric(alpha=0.668, beta=3.806).retention_rate(6), "The formula has t - 1 in it."),
            (
                lambda: ShiftedBetaGeometric(alpha=0.668, beta=3.806).survival(5),
                "That is survival, of the whole cohort; retention is the share of those who were there a year before.",
            ),
            (
                lambda: 1 - ShiftedBetaGeometric(alpha=0.668, beta=3.806).retention_rate(5),
                "That is the churn rate of year 5.",
            ),
        ),
        unit="rate",
        tolerance=0.002,
        why="Up from 85 % in year 1, and nobody has become more loyal.",
        otherwise="Put t = 5 into the formula of r(t).",
    ),
    "regular_in_year_twelve": Exercise(
        lambda: _regular().survival(12),
        hints=(
            (lambda: _regular().survival(11), "That is year 11."),
            (
                lambda: ShiftedBetaGeometric(alpha=0.668, beta=3.806).survival(12),
                "That is the High End cohort; fit the Regular one.",
            ),
            (0.241 ** (12 / 7), "That is a constant rate again. Fit the model."),
            (lambda: 1 - _regular().survival(12), "That is the share that has left."),
        ),
        unit="rate",
        why="The paper's data say 17.3 %: seven years of data, and the forecast of year 12 misses by a hair.",
        otherwise="Fit to the first seven years with models.renewals, then ask for survival(12).",
    ),
    "worth_of_a_renewal": Exercise(
        lambda: 100 * _derl(7),
        hints=(
            (lambda: _derl(7), "These are renewals; each of them is worth 100."),
            (lambda: 100 * _derl(0), "That is a new subscriber; this one has renewed seven times."),
        ),
        unit="money",
        tolerance=0.5,
        why="Constant churn would have said little more than half of it.",
        otherwise="Residual lifetime at n = 7, times the price.",
    ),
}
