"""How far a model's own total may be off by chance and by the uncertainty of its parameters.

Of a total E = Σ n e of independent customers the variance by chance is Σ n v, so its relative variance is the mean of
v/e, taken with the weights n e, over E. The relative change of the total with a parameter is the mean of that of e,
with the same weights. So a few hundred customers, chosen in proportion to what is expected of them, say it for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.drawn_futures import Question, columns_of
from retention_kit.models.numerics.arrays import Array

_CHOSEN, _FUTURES = 300, 30
"""Customers chosen, and futures drawn of each: dispersion to about 5 %, and models err ten times as much."""
_STEP = 1e-3
"""Step in a log parameter for the slope of the total."""
_MOST = 1.0
"""Largest standard deviation of a log total that parameters may add: beyond it they are not settled at all."""


@dataclass(frozen=True)
class Chance:
    """Variance of the log of a total: by chance `dispersion` over the total, and by the parameters.

    dispersion is in purchases or in money: the variance of one customer over their expectation.
    """

    dispersion: float
    parameters: float

    def variance(self, total: Array) -> Array:
        """Of the log of a total; chance alone cannot be less than that of one purchase."""
        return self.parameters + self.dispersion / np.maximum(total, self.dispersion / 4)


def chance(
    question: Question,
    best: Array,
    covariance: Array,
    rows: Rows,
    seed: int = 0,
    expected: Array | None = None,
) -> Chance:
    """Dispersion and variance by the parameters of what is asked; `covariance` is that of the log parameters, and
    `expected` what is expected of each row, where that is known already."""
    expected = question.expected(best, rows, rough=True) if expected is None else expected
    share = np.cumsum(rows.weights * expected)
    if not share[-1] > 0:
        return Chance(0.0, 0.0)
    steps = (np.arange(_CHOSEN) + 0.5) / _CHOSEN * share[-1]
    chosen = rows.take(np.minimum(np.searchsorted(share, steps), len(share) - 1))
    rng = np.random.default_rng([seed, 2])
    many = chosen.take(np.repeat(np.arange(_CHOSEN), _FUTURES))
    each = question.expected(best, chosen, rough=True)
    error = question.future(best, many, rng).reshape(_CHOSEN, _FUTURES) - each[:, None]
    dispersion = float(((error**2).mean(axis=1) / each).mean())
    ends = best * np.exp(np.concatenate([np.eye(len(best)), -np.eye(len(best))]) * _STEP)
    moved = [question.expected(theta, chosen, rough=True) for _, theta in columns_of(question.process, ends, _CHOSEN)]
    up, down = np.split(np.log(np.vstack(moved)), 2)
    slope = (up - down).mean(axis=1) / (2 * _STEP)
    return Chance(dispersion, min(float(slope @ np.nan_to_num(covariance) @ slope), _MOST**2))
