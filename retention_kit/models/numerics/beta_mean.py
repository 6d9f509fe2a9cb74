"""Means over a beta distribution, without hypergeometric functions.

In the BG/NBD family the dropout probability p of an active customer follows a beta distribution, and every
prediction is a mean over it of a smooth positive function of p. Writing it so avoids the differences of
hypergeometric functions that lose all digits near a = 1 and turn negative for a + b < 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise

__all__: list[str] = []

_GAUSS = ((12, 0.5), (16, 1.0), (24, 2.0))
"""Gauss–Jacobi nodes, and how hard the integrand may be for them."""
_GONE = 37.0
"""e^-37 is below the last digit: so far beyond its peak an integrand has ended."""
_CELLS = 60_000
"""Nodes × cases evaluated together: arrays of half a megabyte."""
_NEXT_TO_0 = 1e-30
"""Stands for p = 0, at which an integrand may divide by p."""
_NARROWEST = 1e12
"""With a larger a b / (a + b), numbers are too coarse for a distribution that narrow: it is taken as wider, with
a standard deviation of log(p / (1 - p)) of a millionth."""

Integrand = Callable[[Array, npt.NDArray[np.intp]], Array]
"""(p, nodes × cases, which cases) -> values of the same shape. Cases come last: numpy is slow on short last axes."""


def beta_mean(f: Integrand, a: Any, b: Array, power: Any, tau: Any, *, rough: bool = False) -> Array:
    """E[f(p)] for p ~ Beta(a, b), for many b at once; where a is a column, b has a line for each.

    f is to be positive and to fall in p, no faster than (1 + p τ)^(-power). Where it is gentle on the scale of the
    distribution, at both ends of it and over its width, 12 to 24 Gauss–Jacobi nodes do; elsewhere sums of equal steps
    of log(p / (1 - p)), at any scale. For a and b from 1e-8 to 1e6 the relative error is below 1e-9, and below 2e-5
    with `rough`, which is half the nodes: `benchmarks/beta_means.py` holds both against 40 digits."""
    shape, coarser = b.shape, 1 + rough
    a, b, power, tau = (np.broadcast_to(v, shape).ravel().astype(float) for v in (a, b, power, tau))
    narrow = np.maximum(a * (b / (a + b)) / _NARROWEST, 1.0)
    a, b = (np.minimum(v / narrow, 1 / _NEXT_TO_0) for v in (a, b))
    fall, n = power * tau, a + b
    steep = np.maximum(fall - 2, 0) / (n + 1)
    swing = np.minimum(fall, power * n / a) * np.sqrt(a / n * (b / n) / (n + 1))
    rise = fall / (1 + tau) * (a / n) / n
    hard = np.where(tau <= 4, np.max([steep, swing, 3 * rise], axis=0), np.inf)
    kind = np.searchsorted([limit for _, limit in _GAUSS], hard)
    out = np.empty(len(b))
    for k, (nodes, _) in enumerate(_GAUSS):
        cases = np.flatnonzero(kind == k)
        for chunk in _chunks(cases, nodes):
            p, weight = _gauss_jacobi(a[chunk], b[chunk], nodes // coarser)
            out[chunk] = np.einsum("pi,pi->i", weight, f(p, chunk))
    cases = np.flatnonzero(kind == len(_GAUSS))
    if len(cases):
        out[cases] = _by_steps(lambda p, i: f(p, cases[i]), a[cases], b[cases], power[cases], fall[cases], coarser)
    return out.reshape(shape)


def _gauss_jacobi(a: Array, b: Array, n: int) -> tuple[Array, Array]:
    """Nodes and weights (summing to 1) of Gauss's rule for Beta(a, b): eigenvalues of the Jacobi matrix (Golub,
    Welsch 1969), once per distinct pair."""
    index, pairs = pd.factorize(b + 1j * a)
    a, b = pairs.imag[:, None], pairs.real[:, None]
    k, both = np.arange(n - 1)[None, :], a + b
    centre = np.empty((len(pairs), n))
    centre[:, :1] = a / both
    centre[:, 1:] = 0.5 + (a - b) * (both - 2) / (2 * (2 * k + both) * (2 * k + 2 + both))
    edge = (k + 1) * (k + b) * (k + a) / ((2 * k + both) ** 2 * (2 * k + 1 + both))
    edge[:, 1:] *= (k[:, 1:] - 1 + both) / (2 * k[:, 1:] - 1 + both)
    jacobi = np.zeros((len(pairs), n, n))
    i = np.arange(n)
    jacobi[:, i, i] = centre
    jacobi[:, i[1:], i[:-1]] = np.sqrt(edge)
    p, vectors = np.linalg.eigh(jacobi)
    p = np.maximum(p, 1e-30)  # what rounding leaves of a node next to 0 must not be 0 itself
    return np.take(p.T, index, axis=1), np.take(vectors[:, 0].T ** 2, index, axis=1)


def _by_steps(f: Integrand, a: Array, b: Array, power: Array, fall: Array, coarser: int) -> Array:
    """Equal steps in x = log(p / (1 - p)), in which the density is p^a (1 - p)^b / B(a, b): the sum over an analytic
    function is exact but for the last digits once a step is short beside the peak.

    With a or b below 1 the integrand would run on for 37/a or 37/b. There f is taken as f(0) (1 - p)^m + f(1) p + the
    rest: the means of the first two are known, and the rest ends within 37 on both sides. Both are below f, so that
    nothing is lost in the difference."""
    left, right, m = a < 1, b < 1, np.maximum(fall, 1.0)
    low = np.where(left, -np.log(b + m + 1) - _GONE / (1 + a), _lower_end(a, b, m, power))
    high = np.where(right, np.log(a + power + 1) + _GONE / (1 + b), -_lower_end(b, a))
    peaked = np.where(power > a + b, a, a * b / (a + b))
    step = coarser * 2 * np.pi / np.sqrt(468 + 68 * coarser * peaked)
    many = 16 * np.maximum(np.ceil((high - low) / step / 16), 1).astype(int) + 1
    out = np.empty(len(a))
    for n in np.unique(many):
        cases = np.flatnonzero(many == n)
        for i in _chunks(cases, n):
            width = (high[i] - low[i]) / (n - 1)
            x = low[i] + np.arange(n)[:, None] * width
            p, log_rest = special.expit(x), -np.logaddexp(0.0, x)
            log_weight = a[i] * (log_rest + x) + b[i] * log_rest
            weight = np.exp(log_weight - np.where(left[i] | right[i], 0.0, log_weight.max(axis=0)))
            out[i] = _total(f, i, p, log_rest, weight, width, a[i], b[i], m[i])
    return out


def _chunks(cases: npt.NDArray[np.intp], nodes: int) -> list[npt.NDArray[np.intp]]:
    return np.split(cases, range(0, len(cases), max(_CELLS // nodes, 1))[1:])


def _total(
    f: Integrand, i: Any, p: Array, log_rest: Array, weight: Array, width: Array, a: Array, b: Array, m: Array
) -> Array:
    """The sum over the nodes, with what is known of both ends."""
    left, right, value = a < 1, b < 1, f(p, i)
    if not (left | right).any():
        plain: Array = np.einsum("pi,pi->i", weight, value) / weight.sum(axis=0)
        return plain
    at_0 = np.where(left, f(np.full((1, len(a)), _NEXT_TO_0), i)[0], 0.0)
    at_1 = np.where(right, f(np.ones((1, len(a))), i)[0], 0.0)
    small = np.minimum(np.where(left, a, b), 1)
    by_formula = width * np.exp(log_rise(np.where(left, b, a), small) - special.gammaln(small))
    scale = np.where(left | right, by_formula, 1 / weight.sum(axis=0))
    known = at_0 * np.exp(log_beta_ratio(a, b, m)) + at_1 * a / (a + b)
    total: Array = known + scale * np.einsum("pi,pi->i", weight, value - at_0 * np.exp(m * log_rest) - at_1 * p)
    return total


def _lower_end(a: Array, b: Array, m: Any = 0.0, power: Any = 0.0) -> Array:
    """x = log(p / (1 - p)) below which Beta(a, b) has less than e^-37 (Chernoff's bound), also when it is weighted with
    a function that falls no faster than (1 - p)^m and p^(-power): it then lies above Beta(a, b + m) and
    Beta(a - power, b)."""
    end = _quantile(a, b + m)
    by_power = a > power
    return np.where(by_power, np.maximum(end, _quantile(np.where(by_power, a - power, a), b)), end)


def _quantile(a: Array, b: Array) -> Array:
    """Where Chernoff's bound is e^-37, from below by Newton's steps: every one of them is on the safe side."""
    n, reach = a + b, _GONE / a + _GONE / b
    # Both are upper bounds; for a tiny b the first is so large that the steps would lose all digits of the end.
    d = np.minimum(reach + np.sqrt(2 * reach), (_GONE + n * np.log(n / b)) / a)
    for _ in range(8):
        down, fall = np.exp(-d), -np.expm1(-d)  # 1 - exp(-d) is 0 where a and b are so large that d is below 1e-16
        stays = (b + a * down) / n
        log_stays = np.where(fall < 0.5, np.log1p(-np.minimum(a / n * fall, 0.5)), np.log(stays))
        d -= (a * d + n * log_stays - _GONE) / (a * fall * (b / n) / stays)
    return np.log(a / b) - d
