"""The forecasts of one quantity at every past origin, its own errors, and the intervals that rest on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.totals.combination import are_alike, interval, learnt_spread
from retention_kit.models.totals.track_record import record_sentence

_FACTOR = 4.0
"""A start-up's errors say little of the business that it became, nor those of a shop whose newcomers stay away."""


@dataclass(frozen=True)
class Quantity:
    """What was forecast of one quantity, and what happened; times in days.

    Attributes
    ----------
    origins : array
        In order; the last one is now.
    expected, actual, chance, prior : dict
        By horizon, one value per origin: the forecast (NaN where it could not be made), what happened (NaN where it is
        not over), the variance of its log by chance and parameters, and the standard deviation beyond that in
        businesses without a record.
    half : array
        Half an event in the unit of the quantity, which keeps logarithms of small amounts finite.
    others : dict
        By other horizon whose errors count too, their weight.
    since : float
        Origin from which they do.
    size : array
        How large the business was at each origin, in a measure of its own: errors of times when it was four times as
        large or a quarter as large do not count.
    """

    origins: Array
    expected: Mapping[float, Array]
    actual: Mapping[float, Array]
    chance: Mapping[float, Array]
    prior: Mapping[float, Array]
    half: Array
    others: Mapping[float, float]
    since: float
    size: Array

    def errors(self, horizon: float) -> Array:
        """Log of what happened less that of the forecast, both with half an event added."""
        happened = np.maximum(self.actual[horizon], 0.0) + self.half
        errors: Array = np.log(happened) - np.log(self.expected[horizon] + self.half)
        return errors

    def spread(self, i: int, horizon: float) -> tuple[float, float]:
        """Variance beyond chance and its degrees of freedom, as learnt at the i-th origin."""
        others = self.others if self.origins[i] >= self.since else {}
        weights = [(horizon, 1.0), *((h, w) for h, w in others.items() if not are_alike(h, horizon))]
        same_size = np.abs(np.log(self.size / self.size[i])) <= np.log(_FACTOR)
        series = ((h, w, np.where(same_size, self.errors(h), np.nan), self.chance[h]) for h, w in weights)
        return learnt_spread(float(self.prior[horizon][i]), self.origins, i, series)

    def ends(self, i: int, horizon: float, level: float) -> tuple[float, float]:
        """Ends of the interval at the i-th origin."""
        variance, df = self.spread(i, horizon)
        log = float(np.log(self.expected[horizon][i] + self.half[i]))
        low, high = interval(log, variance + float(self.chance[horizon][i]), df, level)
        return max(float(np.exp(low) - self.half[i]), 0.0), float(np.exp(high) - self.half[i])


def graded(quantity: Quantity, name: str, horizon: float, level: float, last: int) -> pd.DataFrame:
    """The last forecasts that are over beside what happened, one row each: their position, expected, low, high, actual,
    error (expected / actual - 1, NaN where nothing happened) and inside."""
    over = np.flatnonzero(np.isfinite(quantity.errors(horizon)))[-last:]
    ends = np.array([quantity.ends(i, horizon, level) for i in over]).reshape(-1, 2)
    expected, actual = quantity.expected[horizon][over], quantity.actual[horizon][over]
    low, high = ends.T
    error = np.divide(expected, actual, out=np.full(len(over), np.nan), where=actual > 0) - 1
    inside = (low <= np.maximum(actual, 0.0)) & (actual <= high)
    table = {"expected": expected, "low": low, "high": high, "actual": actual, "error": error, "inside": inside}
    return pd.DataFrame({"position": over, "forecast": name, **table})


def graded_rule(forecasts: pd.DataFrame, name: str, expected: Array) -> pd.DataFrame:
    """What a rule without intervals would have forecast in place of these past forecasts, where it could."""
    error = expected / forecasts["actual"].where(forecasts["actual"] > 0) - 1
    rule = forecasts.assign(forecast=name, expected=expected, low=np.nan, high=np.nan, error=error, inside=np.nan)
    return rule[np.isfinite(expected)]


def own_record_sentence(past: pd.DataFrame, days: float, level: float, what: str) -> str:
    """How many intervals held, how far off the forecasts were, and whether they are contradicted."""
    if past.empty:
        return (
            f"There is no record yet: no forecast of {what} is over. The interval uses the errors of other businesses."
        )
    return record_sentence(past, days, level, what)
