"""The distribution of single customers around a naive forecast, from how it would have done one period earlier.

A rule such as "as many as in the last period" has no probabilities of its own. Poisson's would grade it too low, as
customers scatter far more than that; so it gets a negative binomial, whose shape is learnt from what is known at the
split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.probability_transform import Predicted

Rule = Callable[[Rows, float], Array]

_PRIOR_SD = 3.0
"""Weak prior of the logarithm of a shape, as in the posterior of every model; it decides where nothing is known."""
_REACH = 9.0
"""How far the logarithm of a shape is looked for either way: beyond, the distribution is Poisson's, or all is luck."""


@dataclass(frozen=True)
class Spread:
    """How customers scatter around what a rule says: negative binomial with variance mean + mean² / shape.

    Attributes
    ----------
    rate_of_none : float
        Purchases per unit of time of customers of whom the rule expects none.
    shape_of_none : float
        Their shape.
    shape : float
        That of all others.
    """

    rate_of_none: float
    shape_of_none: float
    shape: float

    def predicted(self, expected: Array, actual: Array, t: float) -> Predicted:
        """The distribution that a rule's forecasts for a time t give to what happened."""
        none = expected <= 0
        mean = np.where(none, self.rate_of_none * t, expected)
        shape = np.where(none, self.shape_of_none, self.shape)
        below = np.where(actual > 0, special.betainc(shape, np.maximum(actual, 1), shape / (shape + mean)), 0.0)
        return Predicted(below, log_density(mean, shape, actual))


def spread_of(rule: Rule, past: Rows | None, t: float) -> Spread:
    """What is known of a rule's errors from how it would have done in the last t.

    Customers of whom it expects nothing get the rate of those of whom it would have expected nothing then, with half a
    purchase more than was counted, so that no purchase is impossible. Without a past the shapes are 1 (geometric
    distributions), and there is nothing but the half purchase.
    """
    if past is None:
        return Spread(0.5 / t, 1.0, 1.0)
    expected, actual, n = rule(past, t), past["actual"], past.weights
    none = expected <= 0
    rate = ((n * actual)[none].sum() + 0.5) / max(n[none].sum(), 1.0) / t
    few = _shape(np.full(int(none.sum()), rate * t), actual[none], n[none])
    return Spread(float(rate), few, _shape(expected[~none], actual[~none], n[~none]))


def log_density(mean: Array, shape: Array | float, actual: Array) -> Array:
    """Log probability of a count under the negative binomial."""
    choose = special.gammaln(actual + shape) - special.gammaln(shape) - special.gammaln(actual + 1)
    value: Array = choose - shape * np.log1p(mean / shape) + special.xlogy(actual, mean / (mean + shape))
    return value


def _shape(mean: Array, actual: Array, n: Array) -> float:
    """Shape of highest likelihood under the weak prior, at given means."""

    def loss(u: float) -> float:
        return float(0.5 * (u / _PRIOR_SD) ** 2 - n @ log_density(mean, np.exp(u), actual))

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-_REACH, _REACH), method="bounded").x))
