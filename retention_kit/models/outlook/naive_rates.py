r"""How a series of amounts goes on, by rules that cost nothing: as it was of late or in the last year, with its trend,
or with last year's season.

A series is an amount A per exposure E: new customers per day, or churned revenue per revenue at the start of a month.
With rate(s, t) the sum of A over that of E in (s, t], horizon h, and one year y:

==========================  ====================================================================================
same as last period         rate(now - h, now)
mean of the last year       rate(now - y, now)
damped trend                the first rule, times the root of its ratio to the period before
same season last year       rate(now - y, now - y + h), times the root of the ratio of rate(now - h, now) to the same a
                            year before, where that is known
==========================  ====================================================================================

The roots halve a change on the scale of logarithms: half of what a short period says of growth is chance (Gardner 1985,
"Exponential smoothing: the state of the art", on damped trends)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.totals.candidates import LAST_PERIOD

LAST_YEAR, TREND, SEASON = "mean of the last year", "damped trend", "same season last year"
NAIVE_RATES = (LAST_PERIOD, LAST_YEAR, TREND, SEASON)
_DAMPED = 0.5
_MOST = 2.0
"""A trend or a year's growth changes a rate by no more than this factor."""


@dataclass(frozen=True)
class Series:
    """Amounts and exposures summed from the start, so that the sum over (s, t] is a difference.

    Attributes
    ----------
    amounts, exposures : array
        Sums over the first t steps at position t; position 0 is 0.
    begin : int
        Steps of the start that say nothing of later ones.
    year : int
        Steps of a year.
    """

    amounts: Array
    exposures: Array
    begin: int
    year: int

    def rate(self, after: int, until: int) -> float:
        """Amount per exposure in (after, until], as far as it is of use; NaN where nothing is."""
        after = max(after, self.begin)
        exposure = self.exposures[until] - self.exposures[after] if until > after else 0.0
        return float((self.amounts[until] - self.amounts[after]) / exposure) if exposure > 0 else np.nan


def naive_rates(series: Series, now: int, horizon: int) -> dict[str, float]:
    """The rate over the next `horizon` steps by each rule, from what is known at step `now`; NaN where a rule lacks
    data.

    Examples
    --------
    Three quarters with 10, 20 and 40 new customers in 90 days each:

    >>> days = np.append(0, np.cumsum(np.repeat([10 / 90, 20 / 90, 40 / 90], 90)))
    >>> shop = Series(days, np.arange(271.0), begin=0, year=364)
    >>> {name: round(90 * rate, 1) for name, rate in naive_rates(shop, 270, 90).items()}
    {'same as last period': 40.0, 'mean of the last year': 23.3, 'damped trend': 56.6, 'same season last year': nan}
    """
    last = series.rate(now - horizon, now)
    before = series.rate(now - 2 * horizon, now - horizon) if now - 1.5 * horizon >= series.begin else np.nan
    ago = now - series.year
    season = series.rate(ago, min(ago + horizon, now)) if ago >= series.begin else np.nan
    year_before = series.rate(ago - horizon, ago) if ago - horizon / 2 >= series.begin else np.nan
    growth = _root(last, year_before)
    return {
        LAST_PERIOD: last,
        LAST_YEAR: series.rate(now - series.year, now),
        TREND: last * _root(last, before),
        SEASON: season * (1.0 if np.isnan(growth) else growth),
    }


def _root(later: float, earlier: float) -> float:
    """The damped growth from one rate to another; NaN where there is no earlier one."""
    if not earlier > 0 or not later >= 0:
        return np.nan
    return float(np.clip((later / earlier) ** _DAMPED, 1 / _MOST, _MOST))
