"""Whether predicted distributions of counts fit what happened: the probability integral transform of single customers.

A customer with a purchases, whose predicted distribution function is F, has a value drawn evenly between F(a - 1) and
F(a). If the predictions are right these values are uniform, although purchases are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.models.numerics.arrays import Array

BINS = 10


@dataclass(frozen=True)
class Predicted:
    """What predicted distributions say about what happened: F(a - 1), and the logarithm of the probability of a."""

    below: Array
    log_density: Array


@dataclass(frozen=True)
class Transform:
    """Distribution of the transformed values.

    Attributes
    ----------
    table : DataFrame
        One row per tenth of the probability: low, high, share (of the customers, expected over all draws; 0.1 where
        predictions are right) and drawn (customers, in the draw that was tested).
    distance : float
        Largest distance from the uniform distribution function, 0 to 1.
    p_value : float
        Of the chi-square test that the drawn values are uniform.
    """

    table: pd.DataFrame
    distance: float
    p_value: float


def transform(predicted: Predicted, n: Array, seed: int) -> Transform:
    """The transformed values of rows that stand for n customers each."""
    low = np.minimum(predicted.below, 1.0)
    width = np.maximum(np.exp(predicted.log_density), 1e-300)
    edges = np.linspace(0, 1, 10 * BINS + 1)
    upto = np.array([n @ np.clip((u - low) / width, 0, 1) for u in edges]) / n.sum()
    upto[-1] = 1.0  # where rounding has put F(a) beyond 1
    shares = np.diff(upto[::BINS])
    bounds = edges[::BINS]
    inside = np.diff(np.clip((bounds - low[:, None]) / width[:, None], 0, 1), axis=1)
    inside[:, -1] = np.maximum(1 - inside[:, :-1].sum(axis=1), 0)
    drawn = np.random.default_rng([seed, 2]).multinomial(np.rint(n).astype(int), inside).sum(axis=0)
    table = pd.DataFrame({"low": bounds[:-1], "high": bounds[1:], "share": shares, "drawn": drawn})
    return Transform(table, float(np.abs(upto - edges).max()), float(stats.chisquare(drawn).pvalue))
