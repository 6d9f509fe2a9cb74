"""Partial pooling: parameters per segment, pulled towards those of all segments by as much as the segments are alike.

The logarithms u of a segment's parameters vary between segments as a normal distribution, u ~ N(μ, Ω). Each segment's
peak of likelihood times this prior is found, and its likelihood there taken as the exponential of a parabola; μ and Ω
follow from all segments (empirical Bayes: the EM algorithm). Draws are then Gibbs' for u, μ and Ω together, so that
few segments, which do not settle Ω, give wide intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from retention_kit.models.base.posterior import PRIOR_SD
from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

BETWEEN = 0.3
"""Prior of the standard deviation of a log parameter between segments: it counts as one segment that far away."""
_ROUNDS, _STEADY = 25, 0.02
"""Rounds of the EM algorithm at the most, and the change of μ, and of Ω's standard deviations, that ends them."""
_BURN_IN, _THIN = 100, 5
"""Draws of Gibbs that are not kept: at the beginning, and between two that are."""
_REACH = 6.0
"""How far, in prior standard deviations and e-folds, a segment's peak is looked for."""
_MOST_TRIES = 50
"""Draws of a segment that are outside of the allowed region are drawn again so often."""


@dataclass(frozen=True)
class Pool:
    """The segments as a hierarchy: a parabola for each segment's log-likelihood, and the distribution between them.

    Attributes
    ----------
    peaks : array
        Logarithms of the parameters at each segment's peak, (segments, parameters).
    slopes : array
        Of the log-likelihood there, (segments, parameters).
    curvatures : array
        Of minus the log-likelihood there, no direction below 0, (segments, parameters, parameters).
    centre : array
        μ, (parameters,); its prior is normal with standard deviation 3 around `anchor`.
    between : array
        Ω, (parameters, parameters).
    anchor : array
        The logarithms of the shop's parameters, (parameters,).
    above : array
        Lower bounds of the parameters, (parameters,): 0, or 1 where a mean would be infinite below.
    """

    peaks: Array
    slopes: Array
    curvatures: Array
    centre: Array
    between: Array
    anchor: Array
    above: Array

    @property
    def best(self) -> Array:
        """Parameters of each segment, and in the last line of one about which nothing is known."""
        best: Array = np.exp(np.vstack([self.peaks, self.centre]))
        return best

    def draws(self, n: int, seed: int) -> Array:
        """Draws of the parameters of each segment and of an unknown one, (n, segments + 1, parameters)."""
        rng = np.random.default_rng([seed, 3])
        kept = np.empty((n, len(self.peaks) + 1, len(self.centre)))
        mu, omega = self.centre, self.between
        for i in range(-_BURN_IN, n * _THIN):
            u = self._segments(mu, omega, rng)
            precision = np.linalg.inv(omega)
            spread = np.linalg.inv(len(u) * precision + np.eye(len(mu)) / PRIOR_SD**2)
            middle = spread @ (precision @ u.sum(axis=0) + self.anchor / PRIOR_SD**2)
            mu = rng.multivariate_normal(middle, spread)
            omega = np.atleast_2d(stats.invwishart.rvs(len(mu) + 2 + len(u), _scatter(u - mu), random_state=rng))
            if i >= 0 and i % _THIN == 0:
                kept[i // _THIN, :-1] = u
                kept[i // _THIN, -1] = self._unknown(mu, omega, rng)
        theta: Array = np.exp(kept)
        return theta

    def _segments(self, mu: Array, omega: Array, rng: np.random.Generator) -> Array:
        """u of every segment, given μ and Ω."""
        precision = np.linalg.inv(omega)
        spread = np.linalg.inv(self.curvatures + precision)
        push = self.slopes - (self.peaks - mu) @ precision
        middle = self.peaks + (spread @ push[:, :, None])[:, :, 0]
        factor = np.linalg.cholesky((spread + np.swapaxes(spread, 1, 2)) / 2)
        u = middle + (factor @ rng.standard_normal((*middle.shape, 1)))[:, :, 0]
        for _ in range(_MOST_TRIES):
            wrong = np.flatnonzero((np.exp(u) <= self.above).any(axis=1))
            if not len(wrong):
                break
            u[wrong] = middle[wrong] + (factor[wrong] @ rng.standard_normal((len(wrong), len(mu), 1)))[:, :, 0]
        return np.maximum(u, _floor(self.above))

    def _unknown(self, mu: Array, omega: Array, rng: np.random.Generator) -> Array:
        """u of a segment about which nothing is known, within the bounds."""
        for _ in range(_MOST_TRIES):
            u = rng.multivariate_normal(mu, omega)
            if (np.exp(u) > self.above).all():
                break
        return np.maximum(u, _floor(self.above))


def pool(process: Process, segments: Sequence[Rows], shop: Array, above: Array) -> Pool:
    """The hierarchy of segments of a shop whose parameters, fitted to everybody, are `shop`; rows may be none."""
    k, anchor = len(shop), np.log(shop)
    mu, omega = anchor, np.eye(k) * BETWEEN**2
    u = np.tile(anchor, (len(segments), 1))
    for _ in range(_ROUNDS):
        precision = np.linalg.inv(omega)
        parts = [_peak(process, rows, start, mu, precision, above) for rows, start in zip(segments, u, strict=True)]
        u, slopes, curvatures = (np.stack(part) for part in zip(*parts, strict=True))
        spread = np.linalg.inv(curvatures + precision)
        before = mu, np.sqrt(np.diag(omega))
        mu = np.linalg.solve(
            len(u) * precision + np.eye(k) / PRIOR_SD**2, precision @ u.sum(axis=0) + anchor / PRIOR_SD**2
        )
        omega = (_scatter(u - mu) + spread.sum(axis=0)) / (len(u) + 1)
        change = np.abs(mu - before[0]).max(), np.abs(np.sqrt(np.diag(omega)) - before[1]).max()
        if max(change) < _STEADY:
            break
    return Pool(u, slopes, curvatures, mu, omega, anchor, above)


def _scatter(away: Array) -> Array:
    """Sum of squares and products of what lies away from μ, with the prior's one segment."""
    value: Array = away.T @ away + np.eye(away.shape[1]) * BETWEEN**2
    return value


def _floor(above: Array) -> Array:
    """The smallest logarithms that are allowed."""
    return np.where(above > 0, np.log(np.maximum(above, 1e-300)) + 1e-3, -np.inf)


def _peak(
    process: Process, rows: Rows, start: Array, mu: Array, precision: Array, above: Array
) -> tuple[Array, Array, Array]:
    """A segment's peak of likelihood times prior; slope and curvature of the log-likelihood there."""
    if not len(rows):
        return mu, np.zeros(len(mu)), np.zeros((len(mu), len(mu)))

    def slope(u: Array) -> tuple[float, Array]:
        theta = np.exp(u)
        value, gradient = process.log_likelihood(theta, rows)
        return float(rows.weights @ value), theta * (gradient @ rows.weights)

    def loss(u: Array) -> tuple[float, Array]:
        value, gradient = slope(u)
        pull = precision @ (u - mu)
        return -value + 0.5 * float((u - mu) @ pull), pull - gradient

    lowest = np.maximum(mu - _REACH, _floor(above))
    box = optimize.Bounds(lowest, mu + _REACH)
    options = {"maxiter": 200, "ftol": 1e-11, "gtol": 1e-5}
    u: Array = optimize.minimize(
        loss, np.maximum(start, lowest), jac=True, method="L-BFGS-B", bounds=box, options=options
    ).x
    steps = 1e-4 * np.eye(len(u))  # as in the Hessian of the fit
    lines = np.array([(slope(u - step)[1] - slope(u + step)[1]) / 2e-4 for step in steps])
    values, vectors = np.linalg.eigh((lines + lines.T) / 2)
    return u, slope(u)[1], (vectors * np.maximum(values, 0.0)) @ vectors.T
