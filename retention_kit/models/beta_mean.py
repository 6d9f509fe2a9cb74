"""Means over a beta distribution, without hypergeometric functions.

In the BG/NBD family the dropout probability p of a customer who is still there follows a beta distribution, and every
prediction is a mean over it of a smooth positive function of p. Writing it so avoids the differences of
hypergeometric functions that lose all digits near a = 1 and turn negative for a + b < 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from retention_kit.models.rows import Array

__all__: list[str] = []

_GAUSS = ((12, 0.5), (16, 1.0), (24, 2.0))
"""Gauss–Jacobi nodes, and how often the scale of the distribution may hold that of the integrand."""
_FINEST, _END, _GONE = 1 / 40, 6.6, 42.0
_CHUNK = 2_000

Integrand = Callable[[Array, npt.NDArray[np.intp]], Array]
"""(p, nodes × cases, which cases) -> values of the same shape. Cases come last: numpy is slow on short last axes."""
Rule = Callable[[Array, Array, Array], tuple[Array, Array]]
"""(a, b, line of each case) -> p and weights, nodes × cases."""


def beta_mean(f: Integrand, a: Any, b: Array, power: Any, tau: Any, *, rough: bool = False) -> Array:
    """E[f(p)] for p ~ Beta(a, b), for many b at once; where a is a column, b has a line for each. Cases are the entries
    of b, line after line.

    f is to behave like (1 + p τ)^(-power). Where that is gentle on the scale of the distribution, 12 to 24 Gauss–Jacobi
    nodes give 10 digits and mostly 12; elsewhere the double exponential rule (tanh–sinh) copes with any scale. Both are
    held against 40-digit arithmetic in the tests. `rough` is half the nodes, and about half the digits."""
    shape, coarser = b.shape, 1 + rough
    a, b, power, tau = (np.broadcast_to(v, shape).ravel() for v in (a, b, power, tau))
    steep = np.where(tau <= 4, np.maximum(power * tau - 2, 0) / (a + b + 1), np.inf)
    kind = np.searchsorted([limit for _, limit in _GAUSS], steep)
    line, out = np.arange(len(b)) // shape[-1], np.empty(len(b))
    for k in np.unique(kind):
        cases = np.flatnonzero(kind == k)
        if k < len(_GAUSS):
            rule: Rule = partial(_gauss_jacobi, n=_GAUSS[k][0] // coarser)
        else:
            rule = _double_exponential(a[cases], b[cases], (power * tau)[cases], line[cases], coarser)
        for first in range(0, len(cases), _CHUNK):
            chunk = cases[first : first + _CHUNK]
            p, weight = rule(a[chunk], b[chunk], line[chunk])
            out[chunk] = np.einsum("pi,pi->i", weight, f(p, chunk))
    return out.reshape(shape)


def _gauss_jacobi(a: Array, b: Array, line: Array, n: int) -> tuple[Array, Array]:  # noqa: ARG001
    """Nodes and weights (summing to 1) of Gauss's rule for Beta(a, b): eigenvalues of the Jacobi matrix (Golub,
    Welsch 1969), once per distinct pair."""
    index, pairs = pd.factorize(b + 1j * a)
    a, b = pairs.imag[:, None], pairs.real[:, None]
    alpha, beta, k, s = b - 1, a - 1, np.arange(1, n)[None, :], a + b - 2
    centre = np.empty((len(pairs), n))
    centre[:, :1] = a / (a + b)
    centre[:, 1:] = 0.5 + (beta - alpha) * (beta + alpha) / (2 * (2 * k + s) * (2 * k + s + 2))
    edge = k * (k + alpha) * (k + beta) / ((2 * k + s) ** 2 * (2 * k + s + 1))
    edge[:, 1:] *= (k[:, 1:] + s) / (2 * k[:, 1:] + s - 1)
    jacobi = np.zeros((len(pairs), n, n))
    i = np.arange(n)
    jacobi[:, i, i] = centre
    jacobi[:, i[1:], i[:-1]] = np.sqrt(edge)
    p, vectors = np.linalg.eigh(jacobi)
    return np.take(p.T, index, axis=1), np.take(vectors[:, 0].T ** 2, index, axis=1)


def _double_exponential(a: Array, b: Array, fall: Array, line: Array, coarser: int) -> Rule:
    """Nodes p = 1 / (1 + e^(-π sinh s)), s in equal steps per line: from where p^a, and to where (1 - p)^b, ends the
    integral.

    log p is wanted down to -far, where the integrand is largest, and e^-42 beyond; steps are as fine as the peak there
    is narrow. Lines that need fewer steps than others get nodes without weight."""
    lines, first = np.unique(line, return_index=True)
    a = a[first]
    far = np.log1p(np.maximum.reduceat(b + fall, first) / a)
    step = np.maximum(np.minimum(0.3, 0.75 / np.sqrt(a)) / np.hypot(np.pi, far), _FINEST) * coarser
    low, high = (np.arcsinh(reach / np.pi) for reach in (far + _GONE / a, _GONE / np.minimum.reduceat(b, first)))
    start, end = np.maximum(-low, -_END), np.minimum(high, _END) + step
    many = np.ceil((end - start) / step)
    i = np.arange(many.max())
    s = start[:, None] + i * step[:, None]
    log_p = np.maximum(special.log_expit(np.pi * np.sinh(s)), -650.0)
    log_rest = special.log_expit(-np.pi * np.sinh(s))
    log_ds = np.where(i < many[:, None], np.log(np.pi * np.cosh(s) * step[:, None]), -np.inf)

    def rule(_: Array, b: Array, line: Array) -> tuple[Array, Array]:
        at = np.searchsorted(lines, line)
        index, pairs = pd.factorize(b + 1j * at)
        levels, own = pairs.real[:, None], pairs.imag.astype(int)
        through = a[own, None] * log_p[own] + levels * log_rest[own]
        weight = np.exp(through - special.betaln(a[own, None], levels) + log_ds[own])
        return np.take(np.exp(log_p).T, at, axis=1), np.take(weight.T, index, axis=1)

    return rule
