"""The log-likelihood of very many rows near its optimum, at a cost that does not grow with the rows.

Near the optimum û the log-likelihood of a row is a quadratic in u = log θ plus a small remainder. The quadratics of all
rows together are known exactly, from a few gradients of all rows; for the remainders a sample of the rows is enough.
This is the difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, ch. 6), used for posteriors by
Quiroz, Kohn, Villani & Tran (2019), JASA 114. Remainders are cubic: with n customers the error of the estimate falls as
1/√n, so it is small where it is needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

__all__: list[str] = []

STEP = 1e-4
"""Step in a log parameter for curvatures, as in the Hessian of the fit."""
_LEAST = 0.01
"""Least curvature by which the influence of a row is judged: the prior keeps directions that the data leave open."""
_GROUPS = 8
"""Parts of the sample whose differences say how far the estimate is off."""


@dataclass(frozen=True)
class Quadratic:
    """Slope and curvature of a log-likelihood in the log parameters at a point."""

    at: Array
    slope: Array
    curvature: Array

    def change(self, u: Array) -> Array:
        """From the point to each line of log parameters."""
        step = u - self.at
        values: Array = step @ self.slope + 0.5 * np.einsum("...i,ij,...j", step, self.curvature, step)
        return values


@dataclass(frozen=True)
class SampledLikelihood:
    """Log-likelihood of all rows, less that at the optimum, estimated near it.

    Attributes
    ----------
    whole : Quadratic
        Of all rows.
    rows : Rows
        The sample.
    shares : array
        (rows, groups): for how many customers each row of the sample stands in each part of it; every part stands for
        all customers.
    own : list of Quadratic
        Of each part.
    """

    process: Process
    whole: Quadratic
    rows: Rows
    shares: Array
    own: list[Quadratic]

    def estimates(self, u: Array) -> Array:
        """(lines of log parameters, parts): the estimate of each part of the sample."""
        best = self.process.log_likelihood(np.exp(self.whole.at), self.rows, slopes=False)[0]
        lines = (self.process.log_likelihood(theta, self.rows, slopes=False)[0] for theta in np.exp(u))
        changes = np.array([(line - best) @ self.shares for line in lines])
        remainders = changes - np.stack([part.change(u) for part in self.own], axis=1)
        values: Array = self.whole.change(u)[:, None] + remainders
        return values


def error_of(estimates: Array, weight: Array) -> float:
    """Standard error of the log weights, on average over the posterior; what all proposals share does not count."""
    apart = estimates - estimates.mean(axis=1, keepdims=True)
    apart = apart - weight @ apart
    variance = (apart**2).sum(axis=1) / (_GROUPS * (_GROUPS - 1))
    return float(np.sqrt(weight @ variance))


def slopes(process: Process, u: Array, rows: Rows, shares: Array) -> Array:
    """Slope of the log-likelihood in the log parameters u, of the sums of rows with the weights in each column of
    `shares`: (parameters, columns)."""
    theta = np.exp(u)
    gradient: Array = theta[:, None] * (process.log_likelihood(theta, rows)[1] @ shares)
    return gradient


def slope_and_curvature(process: Process, at: Array, rows: Rows, shares: Array) -> list[Quadratic]:
    """Of the sums of rows with the weights in each column of `shares`, (rows, columns)."""
    centre = slopes(process, at, rows, shares)
    steps = STEP * np.eye(len(at))
    ends = [(slopes(process, at + step, rows, shares), slopes(process, at - step, rows, shares)) for step in steps]
    lines = np.stack([(up - down) / (2 * STEP) for up, down in ends])
    curvatures = (lines + lines.transpose(1, 0, 2)) / 2
    return [Quadratic(at, centre[:, k], curvatures[:, :, k]) for k in range(shares.shape[1])]


def sample_likelihood(
    process: Process, whole: Quadratic, rows: Rows, size: int, pilots: Array | None = None
) -> SampledLikelihood:
    """The estimate from a sample of so many rows, taken evenly along all rows: they are sorted by how often customers
    bought, so the sample has every kind of customer. Customers to whom the parameters matter more are taken more often:
    by their slopes at the optimum, or by their changes from it to `pilots`, lines of log parameters.
    """
    theta = np.exp(whole.at)
    score = theta[:, None] * process.log_likelihood(theta, rows)[1]
    spread = np.linalg.inv(_LEAST * np.eye(len(theta)) - whole.curvature)
    influence = np.sqrt(np.maximum(np.einsum("in,ij,jn->n", score, spread, score), 0.0))
    if pilots is not None:
        influence = _changes(process, whole, rows, score, pilots)
    chance = rows.weights * (influence + rows.weights @ influence / rows.n)
    steps = np.cumsum(chance)
    taken = np.searchsorted(steps, (np.arange(size) + 0.5) / size * steps[-1])
    chosen, place = np.unique(np.minimum(taken, len(rows) - 1), return_inverse=True)
    counts = np.zeros((len(chosen), _GROUPS))
    np.add.at(counts, (place, np.arange(size) % _GROUPS), 1.0)
    shares = counts * (rows.weights * steps[-1] / chance)[chosen, None] / (size / _GROUPS)
    some = rows.take(chosen)
    return SampledLikelihood(process, whole, some, shares, slope_and_curvature(process, whole.at, some, shares))


def _changes(process: Process, whole: Quadratic, rows: Rows, score: Array, pilots: Array) -> Array:
    """Root mean square of each row's change to the pilots, beyond its slope."""
    best = process.log_likelihood(np.exp(whole.at), rows, slopes=False)[0]
    squares = np.zeros(len(rows))
    for u in pilots:
        squares += (process.log_likelihood(np.exp(u), rows, slopes=False)[0] - best - (u - whole.at) @ score) ** 2
    changes: Array = np.sqrt(squares / len(pilots))
    return changes
