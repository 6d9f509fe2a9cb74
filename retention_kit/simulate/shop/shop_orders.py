"""Orders and refunds of the shop's customers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.order_amounts import order_amounts
from retention_kit.simulate.order_moments import order_moments
from retention_kit.simulate.shop import truth

COLUMNS: Final = ("order_id", "customer_id", "ordered_at", "amount", "currency", "country", "channel")
HOURS: Final = np.array([1, 0, 0, 0, 0, 1, 3, 6, 8, 9, 10, 10, 12, 11, 9, 8, 9, 11, 14, 17, 18, 15, 9, 4], dtype=float)
"""Relative number of orders in each hour of the day."""


def orders(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every order and refund, by time; refunds are negative and have the order's number with "-R"."""
    rng = np.random.default_rng([seed, 2])
    bought = _purchases(people, rng)
    both = pd.concat([bought, _refunds(bought, rng)], ignore_index=True)
    both = both.sort_values(["ordered_at", "order_id"], kind="stable", ignore_index=True)
    return both.assign(currency=truth.CURRENCY)[list(COLUMNS)]


def moment(day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A time of day, by how busy the hours are, for each day counted from the shop's first."""
    hour = rng.choice(24, size=len(day), p=HOURS / HOURS.sum())
    second = hour * 3600 + rng.integers(0, 3600, len(day))
    moments: np.ndarray = truth.START.astype("datetime64[s]") + (np.asarray(day) * 86_400 + second).astype(
        "timedelta64[s]"
    )
    return moments


def _purchases(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    owner, since_first = order_moments(people, rng)
    day = np.floor(people["first_day"].to_numpy()[owner] + 0.5 + since_first * 7).astype(int)
    amount = order_amounts(owner, **truth.GAMMA_GAMMA, seed=rng).round(2)
    usual = people["channel"].to_numpy()[owner]
    other = np.where(usual == "app", "web", "app")
    log = pd.DataFrame(
        {
            "customer_id": people["customer_id"].take(owner).array,
            "ordered_at": moment(day, rng),
            "amount": np.maximum(amount, 0.5),
            "country": people["country"].take(owner).array,
            "channel": np.where(rng.random(len(owner)) < 0.85, usual, other),
        }
    )
    log = log.sort_values(["ordered_at", "customer_id"], kind="stable", ignore_index=True)
    return log.assign(order_id="S" + (10_001 + pd.Series(log.index)).astype("str"))


def _refunds(bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some orders are paid back some days later, in whole or in part."""
    back = bought[rng.random(len(bought)) < truth.REFUND_SHARE]
    n = len(back)
    day = (back["ordered_at"].to_numpy().astype("datetime64[D]") - truth.START).astype(int) + rng.integers(3, 25, n)
    share = np.where(rng.random(n) < 0.6, 1.0, rng.uniform(0.2, 0.8, n))
    back = back.assign(
        order_id=back["order_id"] + "-R", ordered_at=moment(day, rng), amount=-(back["amount"] * share).round(2)
    )
    return back[day < truth.DAYS]
