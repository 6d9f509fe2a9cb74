"""Exercises of lesson 10: is the model right?"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import pandas as pd

from retention_kit import load
from retention_kit.lesson.exercise import Exercise
from retention_kit.models import Scorecard, holdout


@cache
def _card() -> Scorecard:
    """Grades of all forecasts; the models' intervals are not asked for, so a few draws do."""
    return holdout(load.sample("cdnow_sample"), split="1997-09-30", as_of="1998-06-30", draws=5)


def _bands() -> pd.DataFrame:
    calibration = _card().calibration
    bands = calibration[calibration["model"] == "BGNBD"].set_index("frequency")
    return bands.assign(bought=bands["n"] * bands["actual"])


def _bias() -> float:
    bands = _bands()
    return float((bands["n"] * bands["expected"]).sum() / bands["bought"].sum() - 1)


def _share() -> float:
    return float(_bands()["bought"][0] / _bands()["bought"].sum())


EXERCISES: Final = {
    "bias_of_the_total": Exercise(
        _bias,
        hints=(
            (lambda: -_bias(), "The forecast was too low: the sign says so."),
            (lambda: 1 - 1 / (1 + _bias()), "The error is a fraction of what happened, not of what was expected."),
            (lambda: 1 + _bias(), "That is the ratio; the bias is what is missing to 1."),
        ),
        unit="rate",
        tolerance=0.003,
        why="An eighth of the purchases was not foreseen.",
        otherwise="Expected minus actual, divided by actual.",
    ),
    "share_of_nonbuyers": Exercise(
        _share,
        hints=(
            (lambda: float(_bands()["actual"][0]), "That is purchases per customer; asked is their part of the sum."),
            (lambda: float(_bands()["n"][0] / _bands()["n"].sum()), "That is their share of the customers."),
            (lambda: 1 - _share(), "That is everybody else."),
        ),
        unit="rate",
        why="Little each, and together a sixth of the business: do not write them off.",
        otherwise="Their purchases in the hidden months, divided by everybody's.",
    ),
    "density_of_two": Exercise(
        lambda: 2 * math.log(0.5) - 0.5 - math.log(2),
        hints=(
            (0.5**2 * math.exp(-0.5) / 2, "That is the probability; take its logarithm."),
            (2 * math.log(0.5) - 0.5, "The factor 1 / 2! is missing."),
            (math.log(0.5) - 0.5, "That is for one purchase."),
        ),
        tolerance=0.01,
        why="One such customer costs as much as several ordinary ones.",
        otherwise="Poisson: mean to the power of k, times e to the minus mean, over k factorial; then the logarithm.",
    ),
    "nearest_total": Exercise(
        lambda: str(_card().table.set_index("model")["bias"].abs().idxmin()),
        hints=(
            ("BGNBD", "Close, but another model was closer."),
            ("MBGNBD", "It has the best log density, which grades customers; asked is the total."),
            ("mean rate", "It is more than half too high."),
        ),
        unit="text",
        why="By a hair: one split does not prove one model better than its sisters.",
        otherwise="Which bias is nearest to 0?",
    ),
}
