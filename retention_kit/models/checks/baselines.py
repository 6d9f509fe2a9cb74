"""Forecasts without a model: what every model has to beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from retention_kit.models.base.rows import Array, Rows

__all__ = ["BASELINES"]


def same_again(cells: Rows, t: float) -> Array:  # noqa: ARG001
    """As many purchases as in the period of the same length before."""
    return cells["last_period"]


def mean_rate(cells: Rows, t: float) -> Array:
    """Everybody goes on at her own rate so far, x / T."""
    T = cells["T"]
    return np.where(T > 0, cells["frequency"] / np.where(T > 0, T, 1), 0.0) * t


def recency_rule(cells: Rows, t: float) -> Array:
    """The own rate if she bought in the last t, nothing if not."""
    return np.where(cells["T"] - cells["recency"] <= t, mean_rate(cells, t), 0.0)


BASELINES: dict[str, Callable[[Rows, float], Array]] = {
    "same as last period": same_again,
    "mean rate": mean_rate,
    "recency rule": recency_rule,
}
