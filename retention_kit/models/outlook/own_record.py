"""The forecasts of one quantity at every past origin, its own errors, and the intervals that rest on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_kit.formats import percent
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.totals.combination import MEMORY, effective, excess, interval, spread
from retention_kit.models.totals.track_record import mean_error_phrase, too_few_held

_ALIKE = 1.3
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
        parts = []
        for h, weight in [(horizon, 1.0), *((h, w) for h, w in others.items() if not _alike(h, horizon))]:
            errors = self.errors(h)
            alike = np.isfinite(errors) & (np.abs(np.log(self.size / self.size[i])) <= np.log(_FACTOR))
            over = np.flatnonzero((self.origins + h <= self.origins[i]) & alike)[-MEMORY:]
            n = effective(self.origins[over], h)
            parts.append((weight * n, excess(errors[over], self.chance[h][over])))
        return spread(float(self.prior[horizon][i]), parts)

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


def summary_of(table: pd.DataFrame) -> pd.DataFrame:
    """Per horizon and forecast: n, held, mean_error, mean_absolute_error; held is NaN for those without intervals."""
    return (
        table.groupby(["horizon", "forecast"], sort=False)
        .agg(
            n=("expected", "size"),
            held=("inside", "mean"),
            mean_error=("error", "mean"),
            mean_absolute_error=("error", lambda error: error.abs().mean()),
        )
        .reset_index()
    )


def record_sentence(past: pd.DataFrame, days: float, level: float, what: str) -> str:
    """How many intervals held, how far off the forecasts were, and whether they are contradicted."""
    name = f"{percent(level)} interval"
    if past.empty:
        return (
            f"There is no record yet: no forecast of {what} is over. The interval uses the errors of other businesses."
        )
    n, held = len(past), int(past["inside"].sum())
    text = f"Of the last {n} forecasts of {what}, {held} {'lies' if held == 1 else 'lay'} within their {name}"
    if n == 1:
        text = f"The only forecast of {what} that is over {'lay' if held else 'did not lie'} within its {name}"
    doubt = ""
    if too_few_held(past, days, level):
        doubt = f" So few would hardly happen by chance: the interval is too narrow to be called {percent(level)}."
    return f"{text}{mean_error_phrase(past['error'])}.{doubt}"


def _alike(first: float, second: float) -> bool:
    """Whether two horizons are nearly the same, so that the errors of one say nothing new."""
    return max(first, second) <= _ALIKE * min(first, second)
