"""Intervals for predictions of models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, caution
from retention_kit.formats import count, counted
from retention_kit.models.base.model import Model
from retention_kit.models.numerics.arrays import Array

_NEAR = 1e-9
"""Relative distance from an end of an interval that can be due to rounding."""


def interval(
    model: Model, prediction: str, *arguments: Any, level: float = 0.9, draws: int = 400, seed: int = 0, **named: Any
) -> pd.DataFrame:
    """Interval of a prediction of a model, from draws of its parameters.

    Parameters
    ----------
    model : fitted model
        Any model of this package.
    prediction : str
        Name of one of its methods that returns numbers, such as "probability_alive" or "survival".
    *arguments, **named
        Arguments of that method; customers as a DataFrame.
    level : float
        Level of the interval.
    draws, seed : int
        Number of draws of the parameters, and their seed.

    Returns
    -------
    DataFrame
        The prediction at the estimates, low and high; aligned to the customers if the prediction is.

    Notes
    -----
    It is the interval of an expectation or a probability; the behaviour of single customers varies more, see
    `forecast`. Draws come from the posterior under a weak prior, the prediction from the highest likelihood: if that
    lies at a boundary, the prediction may be outside its interval, which causes a warning.

    Examples
    --------
    >>> from retention_kit.models import ShiftedBetaGeometric, renewals
    >>> model = ShiftedBetaGeometric.fit(renewals([0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491]), weights="weights")
    >>> interval(model, "survival", [8]).round(2).to_dict("records")
    [{'survival': 0.46, 'low': 0.43, 'high': 0.49}]
    """
    with Arguments() as check:
        check.instance("model", model, Model, "a fitted model")
        level = check.level("level", level)
        draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
    if not isinstance(prediction, str) or prediction.startswith("_") or not callable(getattr(model, prediction, None)):
        raise ConfigError(f"{type(model).__name__} has no prediction {prediction!r}.")
    best = getattr(model, prediction)(*arguments, **named)
    if isinstance(best, pd.DataFrame) or np.asarray(best).dtype.kind not in "fiu":
        raise ConfigError(
            f"{type(model).__name__}.{prediction} returns {type(best).__name__}; an interval needs a method that "
            "returns numbers, and customers as a DataFrame."
        )
    predictions = [
        getattr(model.with_parameters(theta), prediction)(*arguments, **named) for theta in model.draws(draws, seed)
    ]
    low, high = np.quantile(
        np.stack([np.asarray(value, dtype=float) for value in predictions]), [(1 - level) / 2, (1 + level) / 2], axis=0
    )
    index = best.index if isinstance(best, pd.Series) else None
    columns = {prediction: np.atleast_1d(np.asarray(best)), "low": np.atleast_1d(low), "high": np.atleast_1d(high)}
    caution_outside(type(model).__name__, *columns.values())
    return pd.DataFrame(columns, index=index)


def caution_outside(name: str, best: Array, low: Array, high: Array, weights: Array | None = None) -> None:
    """Warn if an expectation lies outside its own interval.

    The expectation is computed at the highest likelihood, the interval from draws that a weak prior restricts. If the
    likelihood rises towards a boundary (nobody bought again: a rate of 0), no draw goes as far.
    """
    outside = (best < low - _NEAR * np.abs(low)) | (best > high + _NEAR * np.abs(high))
    if not outside.any():
        return
    weights = np.ones(len(best)) if weights is None else weights
    caution(
        f"{name}: the expectation is outside its own interval in {count(weights[outside].sum())} of "
        f"{counted(weights.sum(), 'row')}. It is taken where the likelihood is highest, the interval from draws of the "
        "parameters under a weak prior; the two lie apart where the data hardly settle the parameters. Trust neither: "
        "use more customers or a longer window."
    )
