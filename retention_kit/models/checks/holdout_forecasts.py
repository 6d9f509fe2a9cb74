"""What a fitted model says of the customers of a holdout: expectations, intervals, and how likely was what they did."""

from __future__ import annotations

import numpy as np

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.drawn_futures import Purchases, for_rows_and_total, tails_of
from retention_kit.models.futures.sampled_futures import MANY_ROWS, forecast_sample, sample_customers
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.probability_transform import Predicted
from retention_kit.models.purchases.purchase_model import PurchaseModel


def forecast_cells(
    model: PurchaseModel, cells: Rows, t: float, level: float, draws: int, seed: int
) -> tuple[Array, dict[str, float]]:
    """The expectation of each cell, the interval of the total, and the share of customers inside theirs: from a sample
    of the customers where the cells are many."""
    question, drawn, title = Purchases(model.process, t), model.draws(draws, seed), type(model).__name__
    if len(cells) <= MANY_ROWS:
        each, total = for_rows_and_total(question, model.theta, drawn, cells, title=title, level=level, seed=seed)
        low, high, actual, people = each["predicted_low"], each["predicted_high"], cells["actual"], cells.weights
        expected, ends = each["expected"], (total["predicted_low"], total["predicted_high"])
    else:
        expected = question.expected(model.theta, cells)
        sample = sample_customers(np.zeros(len(cells), dtype=int), np.arange(len(cells)), cells.weights, expected)
        rng, centre = np.random.default_rng([seed, 1]), np.array([cells.weights @ expected])
        sampled = forecast_sample(question, model.theta, drawn, cells, sample, centre, tails_of(level), rng)
        low, high, actual, people = sampled.low, sampled.high, cells["actual"][sample.row], sample.stands_for
        ends = (float(sampled.answer["predicted_low"][0]), float(sampled.answer["predicted_high"][0]))
    inside = (actual >= low) & (actual <= high)
    return expected, {
        "total_low": ends[0],
        "total_high": ends[1],
        "coverage": float((people * inside).sum() / people.sum()),
    }


def predicted(model: PurchaseModel, cells: Rows, t: float) -> Predicted:
    """What the distributions of a model say about what each customer did."""
    actual = cells["actual"]
    below, at = np.zeros((2, len(cells)))
    for n in range(int(actual.max()) + 1):
        reached = np.flatnonzero(actual >= n)
        chance = model.process.probability_of_n(model.theta, cells.take(reached), n, t)
        here = actual[reached] == n
        at[reached[here]] = chance[here]
        below[reached[~here]] += chance[~here]
    with np.errstate(divide="ignore"):
        return Predicted(below, np.log(at))


def log_density(model: PurchaseModel, cells: Rows, t: float) -> Array:
    """Log probability of what each customer did."""
    out = np.empty(len(cells))
    for n in np.unique(cells["actual"]):
        at = cells["actual"] == n
        with np.errstate(divide="ignore"):
            out[at] = np.log(model.process.probability_of_n(model.theta, cells.take(at), int(n), t))
    return out
