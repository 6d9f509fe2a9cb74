"""Totals of segments: they add up to everybody's, borrow the shop's error, and learn their own beside it.

Symbols: d is a segment's error less the shop's, log(actual / forecast) of both; c² the variance of the segment's log
total by chance; δ the standard deviation of d beyond chance. A segment's own mean of d is worth n forecasts of variance
δ² + c², so it moves the segment's forecast by n / (n + κ (1 + c²/δ²)) of itself: hardly at all where the segment is
small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.totals.combination import LEVEL_PRIOR, PRIOR, effective, past_errors
from retention_kit.models.totals.replay import COMBINATION, Replay

APART = 0.10
"""δ in shops without a record: half of a shop's own error. Estimated on countries and channels, see benchmarks."""


@dataclass(frozen=True)
class Segments:
    """The combined forecast per segment and origin, (origins, segments): totals, and the variance of their logs."""

    expected: Array
    variance: Array
    df: Array

    def ends(self, i: int, level: float, half: float) -> tuple[Array, Array]:
        """Ends of the intervals at the i-th origin."""
        reach = special.stdtrit(self.df[i], (1 + level) / 2) * np.sqrt(self.variance[i])
        total = self.expected[i] + half
        return np.maximum(total * np.exp(-reach) - half, 0.0), total * np.exp(reach) - half


def segments(replay: Replay, horizon: int) -> Segments:
    """Forecasts of all segments at all origins, each from what was known then."""
    shop = replay.learnt[horizon][COMBINATION]
    half = np.array([replay.half(i) for i in range(len(replay.origins))])
    everybody = np.exp(shop.log) - half
    parts = np.array([_parts(replay, i, horizon) for i in range(len(half))])
    parts = _adding_up(parts, everybody)
    chance = np.array([_chance(replay, i, horizon, parts[i]) for i in range(len(half))])
    happened = np.log(np.maximum(replay.actual[horizon], 0.0) + half[:, None])
    apart = happened - np.log(parts + half[:, None]) - shop.errors[:, None]
    expected, variance, df = parts.copy(), np.full(parts.shape, np.nan), np.full(len(half), np.nan)
    for i in range(len(half)):
        known = past_errors(replay.origins, i, horizon, shop.errors)
        own, df[i] = replay.spread(i, horizon, COMBINATION)
        n = effective(replay.origins[known], horizon)
        move, excess = _learnt(apart[known], chance[known], n)
        expected[i] = _adding_up(parts[i] * np.exp(move), everybody[i])
        variance[i] = own + (PRIOR * APART**2 + n * excess) / (PRIOR + n) + chance[i]
    return Segments(expected, variance, df)


def _learnt(apart: Array, chance: Array, n: float) -> tuple[Array, Array]:
    """By how much each segment is moved for its own mean error, and what is left beyond chance then."""
    if not len(apart):
        nothing = np.zeros(apart.shape[1])
        return nothing, nothing
    slowness = LEVEL_PRIOR * (1 + chance.mean(axis=0) / APART**2)
    move = n / (n + slowness) * apart.mean(axis=0)
    return move, np.maximum(((apart - move) ** 2 - chance).mean(axis=0), 0.0)


def _parts(replay: Replay, i: int, horizon: int) -> Array:
    """The candidates' totals per segment, with the weights and moves that the shop's have."""
    totals, combined = replay.forecasts[i].totals[horizon], replay.combined[horizon]
    parts = [share * np.exp(combined.moves[name][i]) * totals[name] for name, share in combined.shares[i].items()]
    return np.sum(parts, axis=0) if parts else np.full(len(replay.past.groups), np.nan)


def _adding_up(parts: Array, everybody: Array) -> Array:
    """Scaled so that the segments add up to everybody."""
    total = parts.sum(axis=-1)
    scale = np.divide(everybody, total, out=np.zeros_like(total), where=total > 0)
    scaled: Array = parts * scale[..., None]
    return scaled


def _chance(replay: Replay, i: int, horizon: int, totals: Array) -> Array:
    """Variance of the log totals by chance and parameters."""
    return replay.variance(i, horizon, totals + replay.half(i))
