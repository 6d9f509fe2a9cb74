"""Order lines, with products that are often bought together."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.shop import truth

MOST_LINES: Final = 7
MONEY_PER_LINE: Final = 22.0
"""An order has one line and, on average, one more for each of these amounts."""


def order_lines(orders: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row per product and order; the amounts of an order's lines add up to its amount, refunds have none."""
    rng = np.random.default_rng([seed, 3])
    sales = orders[orders["amount"] > 0].reset_index(drop=True)
    amount = sales["amount"].to_numpy()
    lines_per_order = np.minimum(1 + rng.poisson(amount / MONEY_PER_LINE), MOST_LINES)
    basket = _baskets(len(sales), rng)
    kept = (np.arange(MOST_LINES) < lines_per_order[:, None]) & _first_time(basket)
    cents = _shares(np.rint(amount * 100).astype(int), kept, rng)
    order, slot = np.nonzero(cents > 0)
    product, line = basket[order, slot], cents[order, slot] / 100
    price = np.array([p for p, _ in truth.CATALOGUE.values()])[product]
    return pd.DataFrame(
        {
            "order_id": sales["order_id"].take(order).array,
            "product": np.array(list(truth.CATALOGUE))[product],
            "quantity": np.maximum((line / price).round(2), 0.01),
            "amount": line,
        }
    )


def _baskets(n: int, rng: np.random.Generator) -> np.ndarray:
    """Product numbers of the most lines an order can have: each follows from the one before, or from popularity."""
    names = list(truth.CATALOGUE)
    popular = np.array([weight for _, weight in truth.CATALOGUE.values()], dtype=float)
    partner = np.full(len(names), -1)
    for product, partner_product in truth.AFFINITIES:
        partner[names.index(product)], partner[names.index(partner_product)] = (
            names.index(partner_product),
            names.index(product),
        )
    basket = rng.choice(len(names), size=(n, MOST_LINES), p=popular / popular.sum())
    follows = rng.random((n, MOST_LINES)) < truth.AFFINITY
    for k in range(1, MOST_LINES):
        goes_with = partner[basket[:, k - 1]]
        basket[:, k] = np.where(follows[:, k] & (goes_with >= 0), goes_with, basket[:, k])
    return basket


def _first_time(basket: np.ndarray) -> np.ndarray:
    """Whether no earlier line of the order has the same product."""
    new = np.ones(basket.shape, dtype=bool)
    for k in range(1, basket.shape[1]):
        new[:, k] = (basket[:, :k] != basket[:, [k]]).all(axis=1)
    return new


def _shares(cents: np.ndarray, kept: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Split whole cents over the kept lines, without losing any."""
    weight = rng.gamma(3.0, size=kept.shape) * kept
    upto = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    ends = np.floor(upto * cents[:, None] + 1e-9).astype(int)
    ends[:, -1] = cents
    return np.diff(ends, axis=1, prepend=0)
