"""Pareto/NBD's integral over the time of dropout for many rows at once.

With f_x(y) = (α+y)^-(r+x) (β+y)^-(s+1), a row needs the integral of f_x from t_x to T. Rows share their frequencies and
days, so the integral is summed up once per frequency over all days from the last one back; a row is then the
difference of two entries. f_x falls, so nothing is lost in the difference beside what a row's likelihood holds."""

from __future__ import annotations

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Array, Rows

__all__: list[str] = []

_NODE, _WEIGHT = special.roots_legendre(6)
_WORTH = 40
"""Entries per row up to which the table is cheaper than an integral for each row."""
_STEEP, _DEEP = 2.5, 600.0
"""Between two days f_x may fall by e^-2.5 for 6 nodes to give 10 digits; over all days by e^-600 to stay in range."""


def two_stories(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array] | None:
    """P(alive); both stories together, relative to their value at t_x; means over the dropout time y, if lost, of
    log((α+y)/(α+t_x)), log((β+y)/(β+t_x)), 1/(α+y), 1/(β+y). None where a table is not worth it or not exact."""
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
    there = np.exp(-R * near_a - s * near_b)
    sums = [line[rows.ranks, last] - line[rows.ranks, end] for line in _upwards(theta, rows, slopes)]
    lost = s / B * sums[0] * np.exp(R * a[last] + (s + 1) * b[last])
    whole = np.where(sums[0] > 0, sums[0], 1.0)
    means = [line / whole for line in sums[1:]]
    if slopes:
        means[:2] = [means[0] - a[last], means[1] - b[last]]
    return there / (there + lost), there + lost, np.array(means).reshape(-1, len(R))


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
    parts = [np.ones_like(y), a, b, 1 / (alpha + y), 1 / (beta + y)] if slopes else [np.ones_like(y)]
    factors = np.stack([half * _WEIGHT * part for part in parts])
    f, down = np.exp(-(r + counts[0]) * a - (s + 1) * b), alpha / (alpha + y)
    out = np.zeros((len(parts), len(counts), len(times)))
    for i, step in enumerate(np.diff(counts, prepend=counts[0])):
        f = f * (down if step == 1 else down**step)
        out[:, i, :-1] = np.einsum("pmk,mk->pm", factors, f)
    return np.cumsum(out[:, :, ::-1], axis=2)[:, :, ::-1]
