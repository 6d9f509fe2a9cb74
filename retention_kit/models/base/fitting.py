"""Maximum likelihood for every model.

A model supplies a function for the log-likelihood of each distinct row and its gradient; parameters are positive, so
the search runs on their logarithms. scipy's L-BFGS-B finds the optimum, Newton steps with the numerical derivative of
the exact gradient refine it, and the same Hessian gives the covariance and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize
from threadpoolctl import ThreadpoolController

from retention_kit.errors import FitError, caution
from retention_kit.formats import counted
from retention_kit.models.base.evidence import Evidence
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

Likelihood = Callable[[Array, Rows], tuple[Array, Array]]
"""(parameters, rows) -> log-likelihood per row, gradient (parameters × rows)."""
Loss = Callable[[Array], tuple[float, Array]]

_REACH = 14.0
"""Largest change of a log parameter from its start: a factor of a million in both directions."""
_FLAT = 3.0
"""Standard error above which the data do not determine a log parameter (a factor of 20 in both directions)."""
_SLOPE = 1e-6
"""Largest slope of the mean log-likelihood per unit of a log parameter at an optimum."""
_SHARE = 0.1
"""Share above which a parameter counts as part of a direction that the data do not determine."""
_LONGEST = 0.5
"""Longest Newton step in a log parameter that refines an optimum: a longer step means that the search has not ended."""
_MANY, _FEW = 20_000, 4_000
"""Number of distinct rows above which the search begins on a sample of them; size of it where fits are compared."""
_GAIN = 1e-9
"""Gain in the mean log-likelihood of a customer that is not worth a further step where fits are compared: what they
are compared by has a standard error of 1e-5 and more."""
_STEPS = 6
"""Such steps at most."""
_SETTLED = 1e-4
"""Least curvature, per customer, from which such steps are taken: with less a fit may wander along a plateau."""


@dataclass(frozen=True)
class Peak:
    """An optimum: parameters, log-likelihood, Hessian of the mean on log parameters, largest slope."""

    theta: Array
    log_likelihood: float
    hessian: Array
    slope: float

    @property
    def sound(self) -> bool:
        """Whether the slope is nearly 0 and the curvature is negative in every direction."""
        return self.slope < _SLOPE and bool(np.linalg.eigvalsh(self.hessian).max() < 0)


def maximise(likelihood: Likelihood, rows: Rows, starts: Sequence[Sequence[float]]) -> Peak:
    """The best optimum over the starts; later starts are only tried if no earlier one was sound."""
    best: Peak | None = None
    # with matrices of four rows threads would only wait for each other
    with libraries().limit(limits=1, user_api="blas"):
        for start in starts:
            peak = _climb(likelihood, rows, np.log(np.asarray(start, dtype=float)))
            if peak is not None and (best is None or peak.log_likelihood > best.log_likelihood):
                best = peak
            if best is not None and best.sound:
                break
    if best is None:
        raise FitError(
            f"No finite likelihood from {len(starts)} starts with {counted(rows.n, 'customer')}; check for extreme "
            "values."
        )
    return best


@cache
def libraries() -> ThreadpoolController:
    """The numerical libraries of numpy and scipy, cached because finding them searches all loaded libraries."""
    return ThreadpoolController()


def settled(peak: Peak, n: float) -> bool:
    """Whether the search ended at an optimum, or at a point where the data do not determine a parameter."""
    return peak.sound or bool(np.linalg.eigvalsh(-n * peak.hessian).min() < 1 / _FLAT**2)


def evidence_of(
    name: str,
    names: Sequence[str],
    peak: Peak,
    rows: Rows,
    advice: Mapping[str, str],
    shown: Sequence[float] | None = None,
) -> Evidence:
    """Covariance and verdict of an optimum; warns if a parameter diverged, raises if the search failed.

    `shown` are the parameters that users see, if they differ from those of the peak."""
    doubts = _doubts(names, peak, rows.n, advice, peak.theta if shown is None else shown)
    if not doubts and not peak.sound:
        raise FitError(
            f"{name} found no optimum for {counted(rows.n, 'customer')} (slope {peak.slope:.2g}); look for extreme "
            "rows or try another model."
        )
    verdict = "; ".join(doubts) or "converged"
    if doubts:
        caution(f"{name}: {verdict}")
    covariance = np.outer(peak.theta, peak.theta) * _inverse(-rows.n * peak.hessian)
    grain, as_of = rows.about.get("grain", ""), rows.about.get("as_of", "")
    table = tuple(tuple(map(float, line)) for line in covariance)
    return Evidence(rows.n, peak.log_likelihood, table, verdict, peak.slope, grain, as_of, rows)


def near_the_peak(likelihood: Likelihood, rows: Rows, start: Sequence[float]) -> Array | None:
    """Parameters of very many rows whose mean log-likelihood is as good as at the optimum, for fits that are only
    compared: a search on some of the rows, then Newton steps on all of them with the Hessian of those. None where the
    data do not determine a parameter, or the steps do not lead there."""
    with libraries().limit(limits=1, user_api="blas"):
        mean, rough = _mean_loss(likelihood, rows), _mean_loss(likelihood, _some(rows, _FEW))
        u = _search(rough, np.log(np.asarray(start, dtype=float)))
        hessian = _hessian(rough, u)
        if not np.linalg.eigvalsh(hessian).min() > _SETTLED:
            return None
        for _ in range(_STEPS):
            slope = mean(u)[1]
            step = np.linalg.solve(hessian, slope)
            u = u - step
            if slope @ step / 2 < _GAIN:
                return np.exp(u)
            if not np.abs(step).max() < 1:
                return None
    return None


def _climb(likelihood: Likelihood, rows: Rows, start: Array) -> Peak | None:
    mean = _mean_loss(likelihood, rows)
    if not np.isfinite(mean(start)[0]):
        return None
    u = _search(mean, start) if len(rows) <= _MANY else _from_some_rows(likelihood, rows, mean, start)
    hessian, (value, slope) = _hessian(mean, u), mean(u)
    for _ in range(8):  # Newton's method doubles the digits at each step: two or three steps are sufficient
        if np.abs(slope).max() < 1e-9 or np.linalg.eigvalsh(hessian).min() <= 0:
            break
        step = np.linalg.solve(hessian, slope)
        if not np.abs(step).max() <= _LONGEST or not (next_loss := mean(u - step))[0] <= value + 1e-12:
            break
        u, (value, slope) = u - step, next_loss  # value may rise by 1e-12, which is rounding
        hessian = _hessian(mean, u) if np.abs(step).max() > 1e-3 else hessian
    return Peak(np.exp(u), -value * rows.n, -hessian, float(np.abs(slope).max())) if np.isfinite(value) else None


def _mean_loss(likelihood: Likelihood, rows: Rows) -> Loss:
    """Minus the mean log-likelihood of a customer, and its slope, in the log parameters."""

    def mean(u: Array) -> tuple[float, Array]:
        theta = np.exp(u)
        ll, slopes = likelihood(theta, rows)
        return -float(rows.weights @ ll) / rows.n, -theta * (slopes @ rows.weights) / rows.n

    return mean


def _search(mean: Loss, start: Array) -> Array:
    box = optimize.Bounds(start - _REACH, start + _REACH)
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-6}
    optimum: Array = optimize.minimize(mean, start, jac=True, method="L-BFGS-B", bounds=box, options=options).x
    return optimum


def _from_some_rows(likelihood: Likelihood, rows: Rows, mean: Loss, start: Array) -> Array:
    """Search on every k-th row, then take a few steps on all rows with the Hessian of the sample, because evaluating
    all rows takes most of the time. A step above 0.3 means that the sample was misleading."""
    rough = _mean_loss(likelihood, _some(rows, _MANY))
    u = _search(rough, start)
    hessian = _hessian(rough, u)
    for _ in range(4):
        step = np.linalg.lstsq(hessian, mean(u)[1])[0]
        if not np.abs(step).max() < 0.3:
            return _search(mean, start)
        u = u - step
    return u


def _some(rows: Rows, most: int) -> Rows:
    """Every k-th row."""
    return rows.take(slice(None, None, len(rows) // most + 1))


def _hessian(mean: Loss, u: Array, h: float = 1e-4) -> Array:
    """Central differences of the exact slope: h = 1e-4 balances their error (h²) and rounding (1e-16 / h)."""
    steps = h * np.eye(len(u))
    lines = np.array([(mean(u + s)[1] - mean(u - s)[1]) / (2 * h) for s in steps])
    hessian: Array = (lines + lines.T) / 2
    return hessian


def _inverse(information: Array) -> Array:
    """Covariance of log parameters; NaN for a parameter that the data do not determine."""
    values, vectors = np.linalg.eigh(information)
    flat = values < 1 / _FLAT**2
    spread: Array = vectors[:, ~flat] / values[~flat] @ vectors[:, ~flat].T
    lost = (np.abs(vectors[:, flat]) > _SHARE).any(axis=1)
    spread[lost, :] = spread[:, lost] = np.nan
    return spread


def _doubts(
    names: Sequence[str], peak: Peak, n: float, advice: Mapping[str, str], shown: Sequence[float] | Array
) -> list[str]:
    values, vectors = np.linalg.eigh(-n * peak.hessian)
    flat = vectors[:, values < 1 / _FLAT**2]
    doubts = []
    for i, name in enumerate(names):
        if (np.abs(flat[i]) > _SHARE).any():
            tail = advice.get(name, "the data do not settle it; use more customers or a longer window")
            doubts.append(f"{name} = {shown[i]:.3g} is at a boundary or not settled by the data: {tail}")
    return doubts
