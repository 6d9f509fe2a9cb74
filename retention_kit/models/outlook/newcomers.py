r"""Customers who will come: how many, and what they will bring until the end of the horizon.

With N the new customers of the next h days and m(a) what one brings until age a (in days, 0 is the day of the first
purchase), customers who come evenly bring :math:`N \, \frac{1}{h} \sum_{a=0}^{h-1} m(a)`.

N is the combination (`totals.combination`) of four rules for the daily number of newcomers. m is the sum of what was
brought at each age over the customers who had reached it, from those of the last year. The first 30 days of a log say
nothing of either: customers of before the log look new there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.outlook.naive_rates import LAST_YEAR, NAIVE_RATES, SEASON, TREND, Series, naive_rates
from retention_kit.models.totals.candidates import LAST_PERIOD
from retention_kit.models.totals.combination import Candidates, combine
from retention_kit.models.totals.past_customers import PastCustomers

BEGIN = 30
"""Days at the start of a log in which customers of before it look new."""
YEAR = 364
"""Days of a year of whole weeks."""
CLOSED = 91
"""A log without a newcomer for so many days follows a fixed group of customers."""
_PRIORS = {LAST_PERIOD: 0.08, LAST_YEAR: 0.15, TREND: 0.15, SEASON: 0.15}
"""Mean squared errors of the rules in other shops."""
_TAIL = 30
"""Ages whose mean stands for older ones that nobody has reached."""


@dataclass(frozen=True)
class Newcomers:
    """New customers of one horizon at every origin.

    Attributes
    ----------
    customers : array
        Expected; 0 where the log is closed.
    closed : array
        Whether nobody had come for a quarter.
    came : array
        Who came; NaN where the horizon is not over.
    first, each : array
        What one brings at the first purchase, and until the end of the horizon on average, in the measure.
    shares : list
        Weights of the rules at each origin.
    """

    customers: Array
    closed: Array
    came: Array
    first: Array
    each: Array
    shares: list[dict[str, float]]


def arrivals(past: PastCustomers) -> Series:
    """New customers per day since the start of the log."""
    days, counts = past.newcomers(int(past.origins[-1]))
    new = np.zeros(int(past.origins[-1]) - past.start + 1)
    np.add.at(new, days - past.start, counts)
    return Series(np.append(0.0, np.cumsum(new)), np.arange(len(new) + 1.0), BEGIN, YEAR)


def newcomers(past: PastCustomers, horizon: int, column: str) -> Newcomers:
    """The forecast at every origin, from what was known there; `column` is "purchases" or "money"."""
    series, origins = arrivals(past), past.origins
    now = origins - past.start + 1
    rates = [_rates(series, int(t), horizon) for t in now]
    logs = {name: np.log(np.array([rate[name] for rate in rates]) * horizon + 0.5) for name in NAIVE_RATES}
    total, last = series.amounts, now[-1]
    came = np.array([total[t + horizon] - total[t] if t + horizon <= last else np.nan for t in now])
    pools = [[name for name in NAIVE_RATES if np.isfinite(rate[name])] for rate in rates]
    combined = combine(Candidates(origins, horizon, logs, np.log(came + 0.5), _PRIORS, pools))
    closed = np.array([closed_since(series, int(t)) for t in now])
    customers = np.where(closed, 0.0, np.maximum(np.exp(combined.forecast) - 0.5, 0.0))
    curves = [brought(past, int(day), horizon, column) for day in origins]
    first, each = np.array([(curve[0], curve.mean()) for curve in curves]).T
    return Newcomers(customers, closed, came, first, each, [dict(share) for share in combined.shares])


def closed_since(series: Series, now: int) -> bool:
    """Whether nobody has come for a quarter, as far as it was watched."""
    return not series.rate(now - CLOSED, now) > 0


def _rates(series: Series, now: int, horizon: int) -> dict[str, float]:
    return dict.fromkeys(NAIVE_RATES, 0.0) if closed_since(series, now) else naive_rates(series, now, horizon)


def brought(past: PastCustomers, day: int, horizon: int, column: str) -> Array:
    """What a new customer brings until each age from 0 to horizon - 1, as known on a day."""
    table = past.days
    recent = (table["first"] > max(day - YEAR, past.start + BEGIN - 1)) & (table["first"] <= day)
    table = table[recent & (table["day"] <= day) & (table["day"] >= table["first"])]
    age = (table["day"] - table["first"]).to_numpy()
    old = np.minimum(day - table["first"].to_numpy(), horizon - 1)
    reached = np.bincount(old, table["new"], horizon)[::-1].cumsum()[::-1]
    sums = np.bincount(age[age < horizon], table[column].to_numpy()[age < horizon], horizon)
    steps = np.divide(sums, reached, out=np.zeros(horizon), where=reached > 0)
    seen = int((reached > 0).sum())
    if 1 < seen < horizon:
        steps[seen:] = steps[max(seen - _TAIL, 1) : seen].mean()
    curve: Array = np.cumsum(steps)
    return curve
