"""How good forecasts of purchases were, on counts of customers who share forecast and outcome; and forecasts without a
model, which every model has to beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array


def scores(expected: Array, actual: Array, n: Array) -> dict[str, float]:
    """Bias of the total, mean absolute and root mean square error, rank correlation, lift of the best tenth.

    bias is a fraction of what happened; lift compares the tenth with the highest forecasts to an average tenth.
    """
    error, people, bought = expected - actual, n.sum(), float((n * actual).sum())
    return {
        "n": float(people),
        "actual": bought,
        "expected": float((n * expected).sum()),
        "bias": float((n * error).sum()) / bought if bought else np.nan,
        "mae": float((n * np.abs(error)).sum() / people),
        "rmse": float(np.sqrt((n * error**2).sum() / people)),
        "rank_correlation": rank_correlation(expected, actual, n),
        "top_tenth_lift": lift(expected, actual, n)[0],
    }


def rank_correlation(a: Array, b: Array, n: Array) -> float:
    """Spearman's coefficient with counts; NaN if one of the two is constant."""
    ra, rb = _midrank(a, n), _midrank(b, n)
    ra, rb = ra - (n * ra).sum() / n.sum(), rb - (n * rb).sum() / n.sum()
    scale = np.sqrt((n * ra**2).sum() * (n * rb**2).sum())
    return float((n * ra * rb).sum() / scale) if scale > 0 else np.nan


def lift(expected: Array, actual: Array, n: Array, bands: int = 10) -> Array:
    """Purchases per customer in each tenth, from the highest forecasts down, over the mean; equal forecasts share
    evenly."""
    tie, levels = pd.factorize(-expected, sort=True)
    people = np.bincount(tie, n, len(levels))
    bought = np.bincount(tie, n * actual, len(levels))
    edges = np.linspace(0, people.sum(), bands + 1)
    upto = np.interp(edges, np.append(0, np.cumsum(people)), np.append(0, np.cumsum(bought)))
    return np.diff(upto) * bands / bought.sum() if bought.sum() else np.full(bands, np.nan)


def by_frequency(frequency: Array, expected: Array, actual: Array, n: Array, top: int = 7) -> pd.DataFrame:
    """Mean forecast and mean outcome of customers with 0, 1, … purchases so far; the last band is open."""
    band = np.minimum(frequency, top).astype(int)
    people = np.bincount(band, n, top + 1)
    occurs = people > 0
    sums = {"expected": np.bincount(band, n * expected, top + 1), "actual": np.bincount(band, n * actual, top + 1)}
    means = {k: v[occurs] / people[occurs] for k, v in sums.items()}
    return pd.DataFrame({"frequency": np.flatnonzero(occurs), "n": people[occurs], **means})


def _midrank(values: Array, n: Array) -> Array:
    tie, levels = pd.factorize(values, sort=True)
    people = np.bincount(tie, n, len(levels))
    return (np.cumsum(people) - people / 2)[tie]


def same_again(cells: Rows, t: float) -> Array:  # noqa: ARG001
    """As many purchases as in the period of the same length before."""
    return cells["last_period"]


def mean_rate(cells: Rows, t: float) -> Array:
    """Everybody goes on at their own rate so far, x / T."""
    T = cells["T"]
    return np.where(T > 0, cells["frequency"] / np.where(T > 0, T, 1), 0.0) * t


def recency_rule(cells: Rows, t: float) -> Array:
    """Their own rate for those who bought in the last t, nothing for the others."""
    return np.where(cells["T"] - cells["recency"] <= t, mean_rate(cells, t), 0.0)


BASELINES: dict[str, Callable[[Rows, float], Array]] = {
    "same as last period": same_again,
    "mean rate": mean_rate,
    "recency rule": recency_rule,
}
