"""The monthly box: the plan of every subscriber at each renewal, as a table of customers by months."""

from __future__ import annotations

from typing import Final

import numpy as np

from retention_kit.simulate.shop import truth

MONTHS: Final = 25
"""Number of months for which renewals are drawn, including the first."""

PAUSED: Final = -1
GONE: Final = -2


def courses(first: np.ndarray, renewals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Plan number of each subscriber at each renewal; PAUSED or GONE if there is none.

    `first` is the plan at the start and `renewals` the day of each renewal, one row per subscriber.
    """
    n = len(first)
    leaving = rng.beta(**_beta(), size=n)
    course = np.empty((n, MONTHS), dtype=int)
    course[:, 0] = now = first
    before_pause = first.copy()
    rest = np.zeros(n, dtype=int)
    for k in range(1, MONTHS):
        chance = leaving * np.where(_price_rises(renewals, k, now), truth.PRICE_SHOCK, 1.0)
        now, before_pause, rest = _step(k, now, before_pause, rest, chance, rng)
        course[:, k] = now
    return course


def _beta() -> dict[str, float]:
    return {"a": truth.SHIFTED_BETA_GEOMETRIC["alpha"], "b": truth.SHIFTED_BETA_GEOMETRIC["beta"]}


def _price_rises(renewals: np.ndarray, k: int, now: np.ndarray) -> np.ndarray:
    """Whether this renewal is the first at the new price."""
    last = np.where(now >= 3, max(k - 12, 0), k - 1)
    before = renewals[np.arange(len(now)), last]
    return (before < truth.PRICE_RISE) & (renewals[:, k] >= truth.PRICE_RISE)


def _step(
    k: int, now: np.ndarray, before_pause: np.ndarray, rest: np.ndarray, chance: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One renewal of all subscribers: cancel, pause, change, come back, or continue."""
    u, back, length = rng.random(len(now)), rng.random(len(now)), rng.integers(1, 4, len(now))
    yearly = now >= 3
    due = (now >= 0) & (~yearly | (k % 12 == 0))
    chance = np.where(yearly, np.minimum(4 * chance, 0.6), np.minimum(chance, 0.9))
    edges = chance + np.cumsum([truth.PAUSE, truth.UPGRADE, truth.DOWNGRADE])[:, None]
    size = now % 3
    then = now.copy()
    then[due & (u < chance)] = GONE
    pausing = due & ~yearly & (u >= chance) & (u < edges[0])
    then[pausing] = PAUSED
    then[due & (u >= edges[0]) & (u < edges[1]) & (size < 2)] += 1
    then[due & (u >= edges[1]) & (u < edges[2]) & (size > 0)] -= 1
    resumes = (now == PAUSED) & (rest <= 1)
    then[resumes] = before_pause[resumes]
    won_back = (now == GONE) & (back < truth.WIN_BACK)
    then[won_back] = before_pause[won_back] % 3
    return then, np.where(now >= 0, now, before_pause), np.where(pausing, length, rest - 1)
