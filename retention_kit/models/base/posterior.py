"""Draws of a model's parameters from their posterior: importance resampling around the mode.

The target is the likelihood of the fitted rows times a prior on the logarithms of the parameters. Proposals come from
a multivariate t around the optimum, at the points of a scrambled Sobol sequence, which cover it more evenly than
random ones. Where it fits the target badly, the first round only corrects its centre and spread."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special
from scipy.stats import qmc

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.models.base.rows import Array, Rows
from retention_kit.models.numerics.pareto_smoothing import smooth

if TYPE_CHECKING:
    from retention_kit.models.base.model import Model

__all__: list[str] = []

PRIOR_SD = 3.0
"""Weak prior: 95 % of a log parameter within a factor of 360 of its centre, which is 1, or the mean time or money."""
_FREEDOM = 4.0
_FEWEST, _PILOT = 9, 10
"""Proposals are powers of 2 (Sobol's points are even only then): at least 2^9, and 2^10 before more than these."""

_FEW, _CELLS = 1_000, 8_000
"""Up to so many rows, parameters are looked at together: so many rows × lines of parameters at a time."""


def draw(model: Model, n: int, seed: int, prior: str) -> pd.DataFrame:
    """n draws, one per row; `.attrs` has ess (effective sample size), pareto_k and prior."""
    with Arguments() as check:
        n, seed = check.whole("n", n, least=1), check.whole("seed", seed, least=0)
        check.choice("prior", prior, ("weak", "flat"))
    fit = model._fit
    if fit.rows is None:
        return _from_covariance(model, n, np.random.default_rng(seed))
    proposals = (max(int(n - 1).bit_length(), _FEWEST), seed, prior)
    if proposals not in fit.drawn:
        fit.drawn[proposals] = _weighted(model, fit.rows, *proposals)
    u, weight, k, state = fit.drawn[proposals]
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    ess = float(1 / (weight**2).sum())
    _warn(type(model).__name__, ess, k)
    table = pd.DataFrame(np.exp(u[_systematic(weight, n, rng)]), columns=list(model._names))
    table.attrs = {"ess": ess, "pareto_k": k, "prior": prior}
    return table


def _weighted(model: Model, rows: Rows, most: int, seed: int, prior: str) -> tuple[Array, Array, float, Any]:
    """Log parameters of the last round (2^most), their smoothed weights, Pareto's k, and where the generator then
    stands."""
    rng, mode = np.random.default_rng(seed), np.log(model._theta)
    centre, precision = _prior(model._scales, model._names, rows, prior)

    def target(u: Array) -> Array:
        value = _log_likelihoods(model, np.exp(u), rows) - 0.5 * precision * ((u - centre) ** 2).sum(axis=1)
        return np.where(np.isfinite(value), value, -np.inf)

    spread = np.linalg.inv(_information(model) + max(precision, 1e-4) * np.eye(len(mode)))
    mode = mode - spread @ (precision * (mode - centre))
    for size in (min(most, _PILOT), most):
        u, log_q = _proposals(mode, spread, size, rng)
        weight, k = smooth(target(u) - log_q)
        if size == most and k < 0.5 and (weight**2).sum() * len(u) < 2:
            break
        mode = weight @ u
        spread = ((u - mode) * weight[:, None]).T @ (u - mode) * 1.1 + 1e-12 * np.eye(len(mode))
    return u, weight, k, rng.bit_generator.state


def _log_likelihoods(model: Model, thetas: Array, rows: Rows) -> Array:
    """Of all rows together, for each line of parameters. With few rows a single line would be all overhead.

    Each line is summed alone, as without blocks: where the data hardly settle a parameter, the last bit decides which
    proposals are drawn.
    """
    size = at_once(model, len(rows))
    if size == 1:
        return np.array([model._log_likelihood(line, rows, slopes=False)[0] @ rows.weights for line in thetas])
    blocks = [thetas[i : i + size].T[:, :, None] for i in range(0, len(thetas), size)]
    looked = (model._log_likelihood(block, rows, slopes=False)[0] for block in blocks)
    return np.array([line @ rows.weights for block in looked for line in block])


def at_once(model: Model, rows: int) -> int:
    """How many lines of parameters to look at together."""
    return max(_CELLS // max(rows, 1), 1) if model._broadcasts and rows <= _FEW else 1


def _prior(scales: Mapping[str, str], names: tuple[str, ...], rows: Rows, prior: str) -> tuple[Array, float]:
    """Centre of the log parameters and the precision around it; 0 is flat."""
    centre = [np.log(max(rows.mean(scales[k]), 1e-9)) if k in scales else 0.0 for k in names]
    return np.array(centre), PRIOR_SD**-2 if prior == "weak" else 0.0


def _information(model: Model) -> Array:
    """Curvature of the log-likelihood in the log parameters at the optimum; directions that curve upwards count as
    flat."""
    rows, u, h = model._fit.rows, np.log(model._theta), 1e-4
    assert rows is not None

    def slope(v: Array) -> Array:
        theta = np.exp(v)
        return theta * (model._log_likelihood(theta, rows)[1] * rows.weights).sum(axis=1)

    lines = np.array([(slope(u - s) - slope(u + s)) / (2 * h) for s in h * np.eye(len(u))])
    values, vectors = np.linalg.eigh((lines + lines.T) / 2)
    return (vectors * np.maximum(values, 0)) @ vectors.T


def _proposals(mode: Array, spread: Array, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """2^most draws of a multivariate t, and their log density up to a constant."""
    d = len(mode)
    even = qmc.Sobol(d + 1, rng=rng).random_base2(most)
    stretch = np.sqrt(_FREEDOM / special.chdtri(_FREEDOM, even[:, d]))
    z = special.ndtri(even[:, :d]) * stretch[:, None]
    log_q = -0.5 * (_FREEDOM + d) * np.log1p((z**2).sum(axis=1) / _FREEDOM)
    return mode + z @ np.linalg.cholesky(spread).T, log_q


def _systematic(weight: Array, n: int, rng: np.random.Generator) -> Array:
    """n places drawn in proportion to the weights with a single random number, then shuffled."""
    steps = (np.arange(n) + rng.random()) / n
    return rng.permutation(np.minimum(np.searchsorted(np.cumsum(weight), steps), len(weight) - 1))


def _from_covariance(model: Model, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Without the rows (a model read from JSON): normal on the logarithms, with the stored covariance."""
    relative = model._log_covariance
    if not np.isfinite(relative).all():
        raise ConfigError(
            "The stored covariance has gaps and the rows are not in the JSON; fit the model again to sample."
        )
    warnings.warn(
        f"{type(model).__name__}: the rows are not in the JSON, so draws use the normal approximation.",
        RetentionKitWarning,
        stacklevel=4,
    )
    z = rng.multivariate_normal(np.zeros(len(relative)), relative, n)
    table = pd.DataFrame(model._theta * np.exp(z), columns=list(model._names))
    table.attrs = {"ess": float(n), "pareto_k": float("nan"), "prior": "normal approximation"}
    return table


def _warn(name: str, ess: float, k: float) -> None:
    if k > 0.7 or ess < 100:
        warnings.warn(
            f"{name}: posterior draws are not reliable (Pareto k {k:.2f}, effective sample size {ess:.0f}); "
            "the data hardly settle the parameters, use more customers or a longer window.",
            RetentionKitWarning,
            stacklevel=4,
        )
