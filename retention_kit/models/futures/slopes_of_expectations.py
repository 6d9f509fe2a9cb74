"""Intervals of the expectations of very many customers, from how each changes with the parameters.

With very many customers the parameters are known so well that the logarithm of an expectation is nearly linear in the
logarithms of the parameters over all draws. Its slopes need two evaluations per parameter in place of one per draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.drawn_futures import Question, expectations
from retention_kit.models.numerics.arrays import Array

_STEP = 1e-3
"""Step in a log parameter."""
_CHECKED = 500
"""Rows of which the interval is also computed from every draw."""
_LARGEST_ERROR = 0.05
"""Largest difference from the interval by all draws, as a share of its half width: root mean square over the expected
total."""
_AT_ONCE = 50_000
"""Rows whose expectations at all draws are held at a time."""


def ends_by_slopes(question: Question, best: Array, drawn: Array, rows: Rows, tails: Sequence[float]) -> Array | None:
    """(2, rows): ends of the interval over the expectation; None where slopes do not give it."""
    if drawn.ndim != 2:
        return None
    steps = np.log(drawn / best)
    expected = question.expected(best, rows, rough=True)
    share = np.cumsum(rows.weights * expected)
    if not share[-1] > 0:
        return None
    chosen = np.searchsorted(share, (np.arange(_CHECKED) + 0.5) / _CHECKED * share[-1])
    checked = rows.take(np.minimum(chosen, len(rows) - 1))
    by_draws = expectations(question, drawn, checked)[1] / question.expected(best, checked, rough=True)
    exact = np.quantile(by_draws, tails, axis=0)
    near = _ends(_slopes(question, best, checked), steps, tails)
    width = (exact[1] - exact[0]) / 2
    if not np.sqrt((((near - exact) / np.maximum(width, 1e-12)) ** 2).mean()) <= _LARGEST_ERROR:
        return None
    ends = np.empty((2, len(rows)))
    for first in range(0, len(rows), _AT_ONCE):
        chunk = slice(first, first + _AT_ONCE)
        ends[:, chunk] = _ends(_slopes(question, best, rows.take(chunk)), steps, tails)
    return ends


def _slopes(question: Question, best: Array, rows: Rows) -> Array:
    """(parameters, rows): of the logarithm of the expectation."""
    moved = [best * np.exp(step) for step in np.concatenate([np.eye(len(best)), -np.eye(len(best))]) * _STEP]
    up, down = np.split(np.stack([question.expected(theta, rows, rough=True) for theta in moved]), 2)
    slopes: Array = np.log(np.maximum(up, 1e-300) / np.maximum(down, 1e-300)) / (2 * _STEP)
    return slopes


def _ends(slopes: Array, steps: Array, tails: Sequence[float]) -> Array:
    ends: Array = np.exp(np.quantile(steps @ slopes, tails, axis=0))
    return ends
