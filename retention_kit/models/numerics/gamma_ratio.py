"""Ratios of gamma and beta functions without the difference of two large logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.numerics.arrays import Array

__all__: list[str] = []

_FAR = 30.0
"""From here on five terms of Stirling's series give all digits."""
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
"""Of 1/z, 1/z³, 1/z⁵ … in Stirling's series."""


def log_rise(z: Any, s: Any) -> Array:
    """log Γ(z + s) / Γ(z), for z > 0 and s from 0."""
    z, s = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(s, dtype=float))
    far = np.maximum(z, _FAR)
    by_series = (far - 0.5) * np.log1p(s / far) + s * (np.log(far + s) - 1) + _stirling(far + s) - _stirling(far)
    ratio: Array = np.where(z < _FAR, special.gammaln(z + s) - special.gammaln(z), by_series)
    return ratio


def log_beta_ratio(a: Any, b: Any, k: Any) -> Array:
    """log B(a, b + k) / B(a, b), where exp of it is the mean of (1 - p)^k for p ~ Beta(a, b)."""
    small, large = np.minimum(a, k), np.maximum(a, k)
    return log_rise(b, small) - log_rise(b + large, small)


def _stirling(z: Array) -> Array:
    z = np.minimum(z, 1e30)  # beyond, its powers would overflow and the terms are 0 anyway
    series = np.zeros(np.shape(z))
    for i, c in enumerate(_SERIES):
        series += c / z ** (2 * i + 1)
    return series
