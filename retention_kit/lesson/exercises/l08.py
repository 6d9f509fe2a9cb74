"""Exercises of lesson 8: what will they spend?"""

from __future__ import annotations

from functools import cache
from typing import Final

import pandas as pd

from retention_kit import load, summarise
from retention_kit.lesson.exercise import Exercise
from retention_kit.models import GammaGamma

_ROUNDED: Final = GammaGamma(p=6.25, q=3.744, gamma=15.44)


def _expected(x: int, m: float) -> float:
    return float(_ROUNDED.expected_value(pd.DataFrame({"frequency": [x], "monetary_value": [m]})).iloc[0])


def _weight(x: int) -> float:
    """Weight of the own mean: the share that one unit of it adds to the expectation."""
    return _expected(x, 2.0) - _expected(x, 1.0)


@cache
def _customers() -> pd.DataFrame:
    return pd.DataFrame(summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30").to_pandas())


def _mean_of_means() -> float:
    table = _customers()
    return float(table["monetary_value"][(table["frequency"] > 0) & (table["monetary_value"] > 0)].mean())


EXERCISES: Final = {
    "weight_of_three": Exercise(
        lambda: _weight(3),
        hints=(
            (lambda: _weight(1), "That is after one purchase; put x = 3."),
            (lambda: 1 - _weight(3), "That is the weight of everybody's mean."),
            (3 / (3 + 3.744 - 1), "The shape p belongs to every x."),
        ),
        unit="rate",
        why="Three purchases, and the customer's own mean already has most of the say.",
        otherwise="w has p times x above the line, and p times x + q - 1 below it.",
    ),
    "one_purchase_of_ten": Exercise(
        lambda: _expected(1, 10),
        hints=(
            (10, "That is the own mean, as if one purchase were enough."),
            (lambda: _ROUNDED.mean, "That is everybody's mean, as if the purchase of 10 had not been."),
            (lambda: (10 + _ROUNDED.mean) / 2, "The two do not weigh the same."),
            (
                lambda: (1 - _weight(1)) * 10 + _weight(1) * _ROUNDED.mean,
                "The weights are the wrong way round: w belongs to the own mean.",
            ),
        ),
        unit="money",
        tolerance=0.02,
        why="Most of the way to the own 10, and still far above it.",
        otherwise="w times 10, plus 1 - w times everybody's mean.",
    ),
    "weight_of_95": Exercise(
        lambda: next(x for x in range(1, 100) if _weight(x) >= 0.95),
        hints=(
            (8, "Eight purchases come to a little less than 95 %."),
            (8.34, "Purchases are whole numbers."),
            (8.3, "Purchases are whole numbers."),
        ),
        unit="count",
        tolerance=0,
        why="Few customers of this shop ever come that far; for the others shrinkage matters.",
        otherwise="Solve p x / (p x + q - 1) = 0.95 for x, or try one x after another.",
    ),
    "nothing_known": Exercise(
        lambda: GammaGamma.fit(_customers()).mean,
        hints=(
            (_mean_of_means, "That is the mean of the means, in which one purchase counts as much as ten of another."),
            (0, "Nothing is known, but not nothing is expected."),
        ),
        unit="money",
        tolerance=0.01,
        why="It is the model's mean over customers.",
        otherwise="The mean of all is p gamma / (q - 1).",
    ),
}
