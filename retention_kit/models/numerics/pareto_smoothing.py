"""Importance weights made stable, and a number that says whether they can be trusted."""

from __future__ import annotations

import numpy as np

from retention_kit.models.numerics.arrays import Array

__all__: list[str] = []


def smooth(log_ratio: Array) -> tuple[Array, float]:
    """Normalised weights with a Pareto-smoothed tail, and the tail's shape k: above 0.7 the weights are not reliable.

    Vehtari, Simpson, Gelman, Yao & Gabry (2024), Pareto Smoothed Importance Sampling, JMLR 25(72).
    """
    n = len(log_ratio)
    weight = np.exp(log_ratio - log_ratio.max())
    m = int(np.ceil(min(0.2 * n, 3 * np.sqrt(n))))  # the tail, as long as the paper takes it
    order = np.argsort(weight)
    tail, cut = order[-m:], weight[order[-m - 1]]
    excess = weight[tail] - cut
    if m < 5 or excess[-1] <= 1e-12:
        return weight / weight.sum(), 0.0 if m >= 5 else np.inf
    k, sigma = _generalised_pareto(np.maximum(excess, 1e-300))
    level = (np.arange(m) + 0.5) / m
    grown = -np.log1p(-level) if abs(k) < 1e-9 else np.expm1(np.minimum(-k * np.log1p(-level), 600.0)) / k
    weight[tail] = np.minimum(cut + sigma * grown, 1.0)
    return weight / weight.sum(), k


def _generalised_pareto(excess: Array) -> tuple[float, float]:
    """Shape and scale of sorted excesses (Zhang & Stephens 2009), the shape drawn a little towards 0.5."""
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    quarter = excess[int(n / 4 + 0.5) - 1]
    theta = 1 / excess[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quarter)
    k = np.log1p(-theta[:, None] * excess).mean(axis=1)
    fit = n * (np.log(-theta / k) - k - 1)
    share = np.exp(fit - fit.max())
    best = float((theta * share).sum() / share.sum())
    shape = float(np.log1p(-best * excess).mean())
    return (n * shape + 10 * 0.5) / (n + 10), -shape / best  # as if ten more weights had a shape of 0.5
