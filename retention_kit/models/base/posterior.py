"""Draws of a model's parameters from their posterior: importance resampling around the mode.

The target is the likelihood of the fitted rows times a prior on the logarithms of the parameters. Proposals come from
a multivariate t around the optimum, at the points of a scrambled Sobol sequence, which cover it more evenly than random
points. If the proposals fit the target badly, a first round corrects their centre and spread. With very many rows the
likelihood of proposals is estimated from a sample of them (`sampled_likelihood`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from scipy.stats import qmc

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, caution
from retention_kit.models.base.evidence import Evidence
from retention_kit.models.base.process import Fitted, Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.base.sampled_likelihood import (
    Quadratic,
    SampledLikelihood,
    error_of,
    sample_likelihood,
    slopes,
)
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.pareto_smoothing import smooth

__all__: list[str] = []

PRIOR_SD = 3.0
"""Weak prior: 95 % of a log parameter within a factor of 360 of its centre, which is 1, or the mean time or money."""
_FREEDOM = 4.0
"""Degrees of freedom of the proposals, whose tails must cover those of the posterior."""
_FEWEST, _PILOT = 9, 10
"""Binary logarithms of numbers of proposals (Sobol points are only even for powers of 2): the smallest number, and the
number of the first round if more are needed."""

_FEW, _CELLS = 1_000, 8_000
"""Up to this many rows, draws of the parameters are evaluated as a batch, with at most this many rows × draws."""
_MANY, _SAMPLE = 20_000, 2_048
"""Above this many rows proposals are weighed by a sample of the rows, at first of this size."""
_LARGEST_ERROR = 0.01
"""Largest standard error of the log weights by sampling: it moves a mean by at most as many standard deviations."""
_LARGEST_AT_A_BOUNDARY, _PILOTS = 0.2, 16
"""The same where the data do not settle a parameter, whose draws range over powers of ten; and the draws of a first
sample by which the rows of the next one are chosen, as slopes at the optimum say little about them."""
_WIDER = 1.1
"""Factor by which proposals are wider than the estimate of the first round, because narrow ones miss the tails."""


def draw(model: Fitted, evidence: Evidence, n: int, seed: int, prior: str) -> pd.DataFrame:
    """n draws, one per row; `.attrs` has ess (effective sample size), pareto_k and prior."""
    with Arguments() as check:
        n, seed = check.whole("n", n, least=1), check.whole("seed", seed, least=0)
        check.choice("prior", prior, ("weak", "flat"))
    if evidence.rows is None:
        return _from_covariance(model, n, np.random.default_rng(seed))
    bits = int(n - 1).bit_length()
    proposals = _sampled(model, evidence, max(bits, _PILOT), seed, prior)
    if proposals is None:
        proposals = _exact(model, evidence, max(bits, _FEWEST), seed, prior)
        rng = np.random.default_rng()
        rng.bit_generator.state = proposals.state
        chosen = _systematic(proposals.weight, n, rng)
    else:  # the first of one list, so that few draws are a part of many
        rng = np.random.default_rng()
        rng.bit_generator.state = proposals.state
        chosen = _systematic(proposals.weight, len(proposals.weight), rng)[:n]
    ess = float(1 / (proposals.weight**2).sum())
    _warn(type(model).__name__, ess, proposals.k)
    return _table(model, np.exp(proposals.u[chosen]), ess, proposals.k, prior)


def _table(model: Fitted, draws: Array, ess: float, k: float, prior: str) -> pd.DataFrame:
    table = pd.DataFrame(draws, columns=list(model.process.names))
    table.attrs = {"ess": ess, "pareto_k": k, "prior": prior}
    return table


@dataclass(frozen=True)
class _Proposals:
    """Log parameters of the last round, their smoothed weights, Pareto's k, and the generator's state after them."""

    u: Array
    weight: Array
    k: float
    state: Any


def _exact(model: Fitted, evidence: Evidence, bits: int, seed: int, prior: str) -> _Proposals:
    """2^bits proposals, each weighed by the likelihood of all rows."""
    rows, key = evidence.rows, (bits, seed, prior)
    assert rows is not None
    if key not in evidence.drawn:
        process, mode = model.process, np.log(model.theta)
        curvature = _information(process, mode, rows)
        evidence.drawn[key] = _weighted(
            model, rows, curvature, lambda u: log_likelihoods(process, np.exp(u), rows), bits, seed, prior
        )
    proposals: _Proposals = evidence.drawn[key]
    return proposals


def _sampled(model: Fitted, evidence: Evidence, bits: int, seed: int, prior: str) -> _Proposals | None:
    """2^bits proposals of a fit to very many rows, weighed by an estimate from some of them; None where rows are few,
    or where the weights would be off by too much."""
    rows, key = evidence.rows, ("sampled", bits, seed, prior)
    if rows is None or len(rows) <= _MANY:
        return None
    if key not in evidence.drawn:
        evidence.drawn[key] = _from_some_rows(model, evidence, rows, bits, seed, prior)
    proposals: _Proposals | None = evidence.drawn[key]
    return proposals


def _from_some_rows(
    model: Fitted, evidence: Evidence, rows: Rows, bits: int, seed: int, prior: str
) -> _Proposals | None:
    """A larger sample where the first was too small, up to a quarter of the rows, which is much cheaper than all."""
    process = model.process
    if "whole" not in evidence.drawn:
        evidence.drawn["whole"] = _quadratic(model, evidence, rows)
    whole = evidence.drawn["whole"]
    size, boundary, pilots = _SAMPLE, evidence.verdict != "converged", None
    largest = _LARGEST_AT_A_BOUNDARY if boundary else _LARGEST_ERROR
    while size <= len(rows) // 4:
        some = sample_likelihood(process, whole, rows, size, pilots)
        parts: list[Array] = []  # the estimates of the last round

        def likelihood(u: Array, some: SampledLikelihood = some, parts: list[Array] = parts) -> Array:
            parts[:] = [some.estimates(u)]
            values: Array = parts[0].mean(axis=1)
            return values

        proposals = _weighted(model, rows, -whole.curvature, likelihood, bits, seed, prior)
        known = pilots is not None or not boundary
        if known and error_of(parts[0], proposals.weight) <= largest:
            return proposals
        if boundary:
            steps = (np.arange(_PILOTS) + 0.5) / _PILOTS
            pilots = proposals.u[np.searchsorted(np.cumsum(proposals.weight), steps)]
        size *= 2 if boundary else 4
    return None


def _quadratic(model: Fitted, evidence: Evidence, rows: Rows) -> Quadratic:
    """Slope and curvature of all rows at the optimum; where the fit has settled all directions, with its curvature."""
    mode = np.log(model.theta)
    if evidence.verdict == "converged":
        curvature = -np.linalg.inv(model.log_covariance)
    else:
        curvature = -_information(model.process, mode, rows)
    return Quadratic(mode, slopes(model.process, mode, rows, rows.weights[:, None])[:, 0], curvature)


def _weighted(
    model: Fitted,
    rows: Rows,
    curvature: Array,
    likelihood: Callable[[Array], Array],
    most: int,
    seed: int,
    prior: str,
) -> _Proposals:
    """Proposals of the last round (2^most) with their weights."""
    process, rng, mode = model.process, np.random.default_rng(seed), np.log(model.theta)
    precision = PRIOR_SD**-2 if prior == "weak" else 0.0
    centre = np.array([prior_centre(process, name, rows) for name in process.names])

    def target(u: Array) -> Array:
        value = likelihood(u) - 0.5 * precision * ((u - centre) ** 2).sum(axis=1)
        return np.where(np.isfinite(value), value, -np.inf)

    # 1e-4 keeps the spread finite if neither prior nor data determine a parameter
    spread = np.linalg.inv(curvature + max(precision, 1e-4) * np.eye(len(mode)))
    mode = mode - spread @ (precision * (mode - centre))
    for size in (min(most, _PILOT), most):
        u, log_q = _proposals(mode, spread, size, rng)
        weight, k = smooth(target(u) - log_q)
        if size == most and k < 0.5 and (weight**2).sum() * len(u) < 2:
            break
        mode = weight @ u
        spread = ((u - mode) * weight[:, None]).T @ (u - mode) * _WIDER + 1e-12 * np.eye(len(mode))
    return _Proposals(u, weight, k, rng.bit_generator.state)


def log_likelihoods(process: Process, thetas: Array, rows: Rows) -> Array:
    """Log-likelihood of all rows together for each line of parameters, (lines, parameters).

    With few rows lines are evaluated as a batch, because a single line would be mostly overhead. Each is summed
    separately, as with many rows: if the data hardly determine a parameter, the last bit decides which proposals are
    drawn.
    """
    size = at_once(process, len(rows))
    if size == 1:
        return np.array([process.log_likelihood(line, rows, slopes=False)[0] @ rows.weights for line in thetas])
    blocks = [thetas[i : i + size].T[:, :, None] for i in range(0, len(thetas), size)]
    values = (process.log_likelihood(block, rows, slopes=False)[0] for block in blocks)
    return np.array([line @ rows.weights for block in values for line in block])


def at_once(process: Process, rows: int) -> int:
    """Number of draws of the parameters to evaluate as a batch."""
    return max(_CELLS // max(rows, 1), 1) if process.takes_columns and rows <= _FEW else 1


def prior_centre(process: Process, name: str, rows: Rows | None) -> float:
    """Centre of the prior of a log parameter: 0, or the log of the mean time or money."""
    if rows is None or name not in process.scales:
        return 0.0
    return float(np.log(max(rows.mean(process.scales[name]), 1e-9)))


def _information(process: Process, u: Array, rows: Rows) -> Array:
    """Curvature of the log-likelihood in the log parameters at the optimum; directions with upward curvature are
    treated as flat."""
    h = 1e-4  # as in the Hessian of the fit

    def slope(v: Array) -> Array:
        theta = np.exp(v)
        gradient: Array = theta * (process.log_likelihood(theta, rows)[1] * rows.weights).sum(axis=1)
        return gradient

    lines = np.array([(slope(u - s) - slope(u + s)) / (2 * h) for s in h * np.eye(len(u))])
    values, vectors = np.linalg.eigh((lines + lines.T) / 2)
    curvature: Array = (vectors * np.maximum(values, 0)) @ vectors.T
    return curvature


def _proposals(mode: Array, spread: Array, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """2^most draws of a multivariate t, and their log density up to a constant."""
    d = len(mode)
    even = qmc.Sobol(d + 1, rng=rng).random_base2(most)
    stretch = np.sqrt(_FREEDOM / special.chdtri(_FREEDOM, even[:, d]))
    z = special.ndtri(even[:, :d]) * stretch[:, None]
    log_q = -0.5 * (_FREEDOM + d) * np.log1p((z**2).sum(axis=1) / _FREEDOM)
    return mode + z @ np.linalg.cholesky(spread).T, log_q


def _systematic(weight: Array, n: int, rng: np.random.Generator) -> Array:
    """n positions drawn in proportion to the weights with a single random number, then shuffled."""
    steps = (np.arange(n) + rng.random()) / n
    return rng.permutation(np.minimum(np.searchsorted(np.cumsum(weight), steps), len(weight) - 1))


def _from_covariance(model: Fitted, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draws without the rows (a model read from JSON): normal on the logarithms, with the stored covariance."""
    relative = model.log_covariance
    if not np.isfinite(relative).all():
        raise ConfigError(
            "The stored covariance has gaps and the rows are not in the JSON; fit the model again to sample."
        )
    caution(f"{type(model).__name__}: the rows are not in the JSON, so draws use the normal approximation.")
    z = rng.multivariate_normal(np.zeros(len(relative)), relative, n)
    return _table(model, model.theta * np.exp(z), float(n), float("nan"), "normal approximation")


def _warn(name: str, ess: float, k: float) -> None:
    if k > 0.7 or ess < 100:  # above 0.7 the error of a mean falls too slowly with the draws (Vehtari et al. 2024)
        caution(
            f"{name}: posterior draws are not reliable (Pareto k {k:.2f}, effective sample size {ess:.0f}); "
            "the data hardly settle the parameters, use more customers or a longer window."
        )
