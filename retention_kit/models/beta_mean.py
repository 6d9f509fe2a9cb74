"""Means over a beta distribution, without hypergeometric functions.

In the BG/NBD family the dropout probability p of a customer who is still there follows a beta distribution, and every
prediction is a mean over it of a smooth positive function of p. Writing it so avoids the differences of
hypergeometric functions that lose all digits near a = 1 and turn negative for a + b < 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from retention_kit.models.rows import Array

__all__: list[str] = []

_GAUSS = 24
_STEP = 1 / 40
_S = np.arange(-6.6, 6.6, _STEP)
_LOG_P = np.maximum(special.log_expit(np.pi * np.sinh(_S)), -650.0)
_LOG_Q = special.log_expit(-np.pi * np.sinh(_S))
_LOG_DS = np.log(np.pi * np.cosh(_S) * _STEP)
_CHUNK = 2_000

Integrand = Callable[[Array, npt.NDArray[np.intp]], Array]
"""(p with one row per case, which cases) -> values of the same shape, or with more axes after."""


def beta_mean(f: Integrand, a: float, b: Array, power: Array, tau: Array) -> Array:
    """E[f(p)] for p ~ Beta(a, b), for many b at once.

    f is to behave like (1 + p τ)^(-power). Where that is gentle on the scale of the distribution, 24 Gauss–Jacobi
    nodes give 12 digits; elsewhere the double exponential rule (tanh–sinh) copes with any scale. Both are held
    against 40-digit arithmetic in the tests."""
    gentle = (tau <= 4) & (power * tau <= 2 * (a + b) + 4)
    parts = [(np.flatnonzero(gentle), gauss_jacobi), (np.flatnonzero(~gentle), _double_exponential)]
    out: Array | None = None
    for cases, rule in parts:
        for chunk in np.split(cases, range(_CHUNK, len(cases), _CHUNK)):
            if len(chunk):
                p, weight = rule(a, b[chunk])
                mean = np.einsum("ik,ik...->i...", weight, f(p, chunk))
                out = np.empty((len(b), *mean.shape[1:])) if out is None else out
                out[chunk] = mean
    assert out is not None
    return out


def gauss_jacobi(a: float, b: Array, n: int = _GAUSS) -> tuple[Array, Array]:
    """Nodes and weights (summing to 1) of Gauss's rule for Beta(a, b): eigenvalues of the Jacobi matrix (Golub,
    Welsch 1969)."""
    levels, index = np.unique(b, return_inverse=True)
    k, s = np.arange(1, n)[None, :], (a + levels)[:, None] - 2
    alpha, beta = levels[:, None] - 1, a - 1
    centre = np.empty((len(levels), n))
    centre[:, 0] = a / (a + levels)
    centre[:, 1:] = 0.5 + (beta - alpha) * (beta + alpha) / (2 * (2 * k + s) * (2 * k + s + 2))
    edge = k * (k + alpha) * (k + beta) / ((2 * k + s) ** 2 * (2 * k + s + 1))
    edge[:, 1:] *= (k[:, 1:] + s) / (2 * k[:, 1:] + s - 1)
    jacobi = np.zeros((len(levels), n, n))
    i = np.arange(n)
    jacobi[:, i, i] = centre
    jacobi[:, i[1:], i[:-1]] = np.sqrt(edge)
    p, vectors = np.linalg.eigh(jacobi)
    return p[index], (vectors[:, 0, :] ** 2)[index]


def _double_exponential(a: float, b: Array) -> tuple[Array, Array]:
    log_weight = a * _LOG_P + b[:, None] * _LOG_Q - special.betaln(a, b)[:, None] + _LOG_DS
    return np.broadcast_to(np.exp(_LOG_P), log_weight.shape), np.exp(log_weight)
