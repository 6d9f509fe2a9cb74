"""Pareto/NBD's integral over the time of dropout, which nobody sees.

With f_x(y) = (α+y)^-(r+x) (β+y)^-(s+1), a row needs the integral of f_x over y from t_x to T. There are two ways to it:

* by table: rows share their frequencies and days, so the integral is summed up once per frequency over all days from
  the last one back; a row is then the difference of two entries. f_x falls, so nothing is lost in the difference
  beside what a row's likelihood holds.
* row by row: Gauss–Legendre nodes on a logarithmic scale for each row, where a table costs more or is not exact."""

from __future__ import annotations

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

_NODE, _WEIGHT = special.roots_legendre(6)
_WORTH = 40
"""Entries per row up to which the table is cheaper than an integral for each row."""
_STEEP, _DEEP = 2.5, 600.0
"""Between two days f_x may fall by e^-2.5 for 6 nodes to give 10 digits; over all days by e^-600 to stay in range."""

_NODES, _FALLS = (8, 16, 20, 36), (1.0, 5.0, 12.0)
"""Nodes for an integrand that falls by up to e^-1, e^-5, e^-12 and more, with a relative error below 1e-10."""
_RULES = {n: special.roots_legendre(n) for n in _NODES}
_CHUNK = 512
"""Rows × 36 nodes that fit in a processor's cache."""
_DROPPED = 46.0
"""Where the integrand has fallen by e^-46 the integral may end."""


def two_stories(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array]:
    """P(active at T); 'active at T' and 'lost before' together, relative to their value at t_x; and with `slopes` the
    means over the dropout time y, if lost, of log((α+y)/(α+t_x)), log((β+y)/(β+t_x)), 1/(α+y), 1/(β+y).

    Parameters may be columns; then each row has its own integral.
    """
    shared = _by_table(theta, rows, slopes) if np.ndim(theta) == 1 else None
    if shared:
        return shared
    r, alpha, s, beta = theta
    t_x = rows["recency"]
    cases = np.broadcast_arrays(r + rows["frequency"], alpha + t_x, s, beta + t_x, rows["T"] - t_x)
    R, A, s, B, gap = (case.ravel() for case in cases)
    alive, total, means = row_by_row(R, A, s, B, gap, slopes)
    return alive.reshape(cases[0].shape), total.reshape(cases[0].shape), means


def _by_table(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array] | None:
    """As `two_stories`; None where a table is not worth it or not exact."""
    r, alpha, s, beta = theta
    counts, _ = rows.levels("frequency")
    times, last, end = rows.moments
    if len(counts) * (len(times) - 1) * len(_NODE) > _WORTH * len(rows):
        return None
    a, b = np.log1p(times / alpha), np.log1p(times / beta)
    if not _exact(r + rows.most_by_moment, s + 1, min(alpha, beta), times) or (r + counts.max()) * a[-1] > _DEEP:
        return None
    R, B = r + rows["frequency"], beta + times[last]
    near_a, near_b = a[end] - a[last], b[end] - b[last]
    active = np.exp(-R * near_a - s * near_b)
    sums = [line[rows.ranks, last] - line[rows.ranks, end] for line in _upwards(theta, rows, slopes)]
    lost = s / B * sums[0] * np.exp(R * a[last] + (s + 1) * b[last])
    integral = np.where(sums[0] > 0, sums[0], 1.0)
    means = [line / integral for line in sums[1:]]
    if slopes:
        means[:2] = [means[0] - a[last], means[1] - b[last]]
    return active / (active + lost), active + lost, np.array(means).reshape(-1, len(R))


def _exact(R: Array, s: float, scale: float, times: Array) -> bool:
    """Whether f_x falls gently enough between neighbouring days, for the frequencies that occur there."""
    return bool((np.diff(times) * (R[:-1] + s) <= _STEEP * (scale + times[:-1])).all())


def _upwards(theta: Array, rows: Rows, slopes: bool) -> Array:
    """Integrals of f_x, by frequency in ascending order and day, from that day to the last; and those of f_x times each
    of the four functions."""
    r, alpha, s, beta = theta
    times, counts = rows.moments[0], np.sort(rows.levels("frequency")[0])
    half = np.diff(times)[:, None] / 2
    y = times[:-1, None] + half * (1 + _NODE)
    a, b = np.log1p(y / alpha), np.log1p(y / beta)
    functions = [np.ones_like(y), a, b, 1 / (alpha + y), 1 / (beta + y)] if slopes else [np.ones_like(y)]
    factors = np.stack([half * _WEIGHT * function for function in functions])
    f, down = np.exp(-(r + counts[0]) * a - (s + 1) * b), alpha / (alpha + y)
    out = np.zeros((len(functions), len(counts), len(times)))
    for i, step in enumerate(np.diff(counts, prepend=counts[0])):
        f = f * (down if step == 1 else down**step)
        out[:, i, :-1] = np.einsum("pmk,mk->pm", factors, f)
    return np.cumsum(out[:, :, ::-1], axis=2)[:, :, ::-1]


def row_by_row(R: Array, A: Array, s: Array, B: Array, gap: Array, slopes: bool) -> tuple[Array, Array, Array]:
    """P(active); both stories together, relative to their value at t_x; means over the dropout time y, if lost.

    R = r + x, A = α + t_x, B = β + t_x, gap = T - t_x. The means are those of `two_stories`. What lost customers add is
    s/B ∫ exp(-R log1p(z/A) - (s+1) log1p(z/B)) dz over (0, gap). The variable is v = log(1 + z/near) with near =
    min(A, B): both factors are smooth in it at any scale. The faster the integrand falls or grows, the more nodes: the
    relative error stays below 1e-10.
    """
    first, near, far = A <= B, np.minimum(A, B), np.maximum(A, B)
    p_near, p_far = np.where(first, R, s + 1), np.where(first, s + 1, R)
    reach = [scale * np.expm1(np.minimum(_DROPPED / power, 300)) for scale, power in ((near, p_near), (far, p_far))]
    half = np.log1p(np.minimum(gap, np.minimum(*reach)) / near) / 2
    staying = np.log1p(gap / B)
    fall = R * np.log1p(gap / A) + (s + 1) * staying
    growth = 3 * half * (1 - p_near)  # of the integrand in v, where R is small beside it
    kind, cases = np.searchsorted(_FALLS, np.maximum(fall, growth)), np.stack([near, far, p_near, p_far, half])
    sums = np.empty((5 if slopes else 1, len(fall)))
    for k, n in enumerate(_NODES):
        alike = np.flatnonzero(kind == k)
        for i in np.split(alike, range(_CHUNK, len(alike), _CHUNK)):
            if len(i):
                sums[:, i] = _integral(cases[:, i, None], n, slopes)
    active, lost = np.exp(staying - fall), s / B * sums[0]
    means = np.where(first, sums[1:], sums[[2, 1, 4, 3]]) if slopes else sums[1:]
    return active / (active + lost), active + lost, means


def _integral(cases: Array, n: int, slopes: bool) -> Array:
    """∫ exp(-p_near log1p(z/near) - p_far log1p(z/far)) dz per case; and the means under it of both logarithms and of
    1/(near + z), 1/(far + z)."""
    near, far, p_near, p_far, half = cases
    node, weight = _RULES[n]
    v = half * (1 + node)
    z = near * np.expm1(v)
    log_far = np.log1p(z / far)
    weight = half * weight * near * np.exp((1 - p_near) * v - p_far * log_far)
    integral: Array = weight.sum(axis=1)
    if not slopes:
        return integral
    weight /= np.where(integral > 0, integral, 1)[:, None]
    means = [(weight * logarithm).sum(axis=1) for logarithm in (v, log_far)]
    return np.stack([integral, *means, (weight / (near + z)).sum(axis=1), (weight / (far + z)).sum(axis=1)])
