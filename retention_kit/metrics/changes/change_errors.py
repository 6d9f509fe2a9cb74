"""Standard errors of the change of a figure between two periods: one rule for every page of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from retention_kit.metrics.common.ratios import ratio
from retention_kit.metrics.common.share_intervals import wilson_interval, z_of

YEAR: Final = {"week": 52, "month": 12, "quarter": 4, "year": 1}
"""Number of periods in a year."""
_LEVEL: Final = 0.95


@dataclass(frozen=True)
class Earlier:
    """An earlier value of a figure; NaN if there is no comparable period.

    `error` is the standard error of the change since (NaN if unknown), `expected` the value in a period as long as this
    one with the same weekdays, and `note` says why the figure is not compared although there was such a period.
    `freedom` are the degrees of freedom of the error. `step` is the relative change over the same step a year ago, and
    `step_p` the chance that this one differs from it as much by chance.
    """

    value: float = math.nan
    error: float = math.nan
    expected: float = math.nan
    note: str = ""
    freedom: float = math.inf
    step: float = math.nan
    step_p: float = math.nan

    def chance(self, now: float) -> float:
        """Chance of a change at least as large if nothing had changed, two-sided; NaN if the error is not known.

        The change is that from the earlier value or from the expected one, whichever is smaller; if these have
        different signs, the chance is 1.

        Examples
        --------
        >>> round(Earlier(100.0, error=10.0).chance(130.0), 4), round(Earlier(100.0, 10.0, 110.0).chance(130.0), 4)
        (0.0027, 0.0455)
        """
        changes = [now - self.value] * 2 if math.isnan(self.expected) else [now - self.value, now - self.expected]
        return two_sided(smaller(*changes) / self.error, self.freedom) if self.error > 0 else math.nan


def smaller(first: float, second: float) -> float:
    """Of two differences the one nearer to 0; 0 if they have different signs, NaN if one is."""
    if math.isnan(first + second):
        return math.nan
    return 0.0 if first * second <= 0 else min(first, second, key=abs)


def two_sided(t: float, freedom: float = math.inf) -> float:
    """Chance of a t at least as far from 0, on both sides; of a normal number without degrees of freedom.

    Examples
    --------
    >>> round(two_sided(-2.0, 10), 4), round(two_sided(1.96), 3)
    (0.0734, 0.05)
    """
    return float(2 * (ndtr(-abs(t)) if math.isinf(freedom) else stdtr(freedom, -abs(t))))


def half_width(freedom: float = math.inf, level: float = _LEVEL) -> float:
    """Half of an interval in standard errors; NaN without a degree of freedom.

    Examples
    --------
    >>> round(half_width(), 2), round(half_width(1), 2)
    (1.96, 12.71)
    """
    upper = (1 + level) / 2
    if math.isinf(freedom):
        return float(ndtri(upper))
    return float(stdtrit(freedom, upper)) if freedom >= 1 else math.nan


def share_error(shares: Sequence[tuple[float, float]]) -> float:
    """Standard error of the difference of two shares of different people, from the Wilson intervals of both.

    Examples
    --------
    >>> round(share_error([(10, 100), (12, 100)]), 3)
    0.045
    """
    widths = (high - low for low, high in (wilson_interval(count, n, _LEVEL) for count, n in shares))
    return math.hypot(*widths) / (2 * z_of(_LEVEL))


def linear_error(products: pd.DataFrame, weights: Mapping[tuple[int, str], float]) -> float:
    """Standard error of a weighted sum of what independent customers did; NaN unless the variance is positive.

    `products` comes from `summarise.customer_products`; `weights` by (periods back, figure) are 0 unless given.
    """
    c = pd.Series(weights).reindex(products.index, fill_value=0.0).to_numpy()
    variance = float(c @ products.to_numpy() @ c)
    return math.sqrt(variance) if variance > 0 else math.nan


def ratio_weights(
    top: Mapping[str, float], bottom: Mapping[str, float], rows: Mapping[int, Mapping[str, float] | pd.Series]
) -> dict[tuple[int, str], float]:
    """Weights of each customer's figures in the change of a ratio of sums: its gradient (delta method).

    `top` and `bottom` weight the figures of the numerator and of the denominator; `rows` holds the sums of the last
    period under 0 and those of the earlier one under the number of periods back. A weight is NaN if its denominator is
    0.

    Examples
    --------
    >>> ratio_weights({"revenue": 1}, {"orders": 1}, {0: {"revenue": 50, "orders": 5}})
    {(0, 'revenue'): 0.2, (0, 'orders'): -2.0}
    """
    weights: dict[tuple[int, str], float] = {}
    for back, row in rows.items():
        sign = 1.0 if back == 0 else -1.0
        above, below = (sum(w * float(row[name]) for name, w in side.items()) for side in (top, bottom))
        for name, weight in top.items():
            weights[(back, name)] = ratio(sign * weight, below)
        for name, weight in bottom.items():
            weights[(back, name)] = weights.get((back, name), 0.0) - ratio(sign * weight * above, below**2)
    return weights
