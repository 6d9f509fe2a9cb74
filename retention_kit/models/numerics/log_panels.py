"""Integrals over time on a logarithmic scale, where much happens soon and little late."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.numerics.arrays import Array

_RULES = {n: special.roots_legendre(n) for n in (5, 14)}
"""Gauss–Legendre nodes and weights: in a panel of length 2 on the log scale 14 nodes give ten digits, 5 give five."""


def log_panels(t: Any, scale: Array, panels: int, n: int) -> tuple[Array, Array]:
    """Nodes and weights on (0, t): n Gauss–Legendre nodes in each of so many equal panels of log(1 + u / scale)."""
    node, weight = _RULES[n]
    edges = np.linspace(0, np.log1p(t / scale), panels + 1, axis=-1)
    half = np.diff(edges)[..., None] / 2
    v = (edges[..., :-1, None] + half * (1 + node)).reshape(*scale.shape, -1)
    near = scale[..., None]
    return near * np.expm1(v), (half * weight).reshape(v.shape) * near * np.exp(v)
