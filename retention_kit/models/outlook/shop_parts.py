"""The parts of a shop at every origin: known customers, new customers, and both together, which has its own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.outlook.naive_rates import NAIVE_RATES, Series, naive_rates
from retention_kit.models.outlook.newcomers import BEGIN, YEAR, Newcomers, newcomers
from retention_kit.models.outlook.own_record import Quantity
from retention_kit.models.totals.past_customers import PastCustomers
from retention_kit.models.totals.replay import COMBINATION, LEARNT_HORIZONS, SPREAD, Replay

KNOWN, NEW, WHOLE = PARTS = ("known customers", "new customers", "whole shop")
COUNT = "number of new customers"
STEP, _SHORTEST = 30, 15
_NEW_SPREAD = 0.35
"""Standard deviation beyond chance of the log of the number of new customers, and of what they bring, in shops without
a record: they come and go far more than known customers do. Two logs gave .2 to .5."""
_DISPERSED = 2.0
"""Purchases of customers scatter about twice as much as Poisson."""
_YEAR = 365.0


@dataclass(frozen=True)
class Shop:
    """All parts at all origins.

    Attributes
    ----------
    quantities : dict
        `PARTS` and `COUNT`, over the horizons from each origin.
    steps : Quantity
        The whole shop in the days since the step before, by the end of the step.
    rules : dict
        By naive rule, then by horizon, what it alone forecasts of the whole shop.
    came : dict
        By horizon, the new customers.
    daily : Series
        The whole shop's total per day.
    """

    past: Replay
    quantities: Mapping[str, Quantity]
    steps: Quantity
    rules: Mapping[str, Mapping[float, Array]]
    came: Mapping[float, Newcomers]
    daily: Series


def steps_of(horizon: int) -> list[int]:
    """Ends of steps of 30 days; a last one below 15 days belongs to the one before.

    Examples
    --------
    >>> steps_of(91), steps_of(45), steps_of(20)
    ([30, 60, 91], [30, 45], [20])
    """
    return [*range(STEP, horizon - _SHORTEST + 1, STEP), horizon]


def shop_parts(past: Replay, steps: Sequence[int]) -> Shop:
    """Forecasts of known customers, of those who will come and of both, at every origin and horizon."""
    column = "money" if past.measure == "revenue" else "purchases"
    horizons = [float(h) for h in sorted({*steps, *LEARNT_HORIZONS})]
    half = np.array([past.half(i) for i in range(len(past.origins))])
    came = {h: newcomers(past.past, int(h), column) for h in horizons}
    known = {h: np.maximum(np.exp(past.learnt[int(h)][COMBINATION].log) - half, 0.0) for h in horizons}
    new = {h: np.maximum(came[h].customers * came[h].each, 0.0) for h in horizons}
    count = {h: came[h].customers for h in horizons}
    expected = {KNOWN: known, NEW: new, WHOLE: {h: known[h] + new[h] for h in horizons}, COUNT: count}
    by_known = {h: past.actual[int(h)].sum(axis=1) for h in horizons}
    by_new = {h: _by_later(past, h, column) for h in horizons}
    both = {h: by_known[h] + by_new[h] for h in horizons}
    actual = {KNOWN: by_known, NEW: by_new, WHOLE: both, COUNT: {h: came[h].came for h in horizons}}
    halves = {KNOWN: half, NEW: half, WHOLE: half, COUNT: np.full(len(half), 0.5)}
    chance = _chance(past, expected, half)
    others = dict.fromkeys(map(float, LEARNT_HORIZONS), 0.5)
    size = dict.fromkeys((NEW, WHOLE, COUNT), came[horizons[0]].customers + 0.5)
    quantities = {
        name: Quantity(
            past.origins,
            expected[name],
            actual[name],
            chance[name],
            dict.fromkeys(horizons, np.full(len(half), _prior(name, past.measure))),
            halves[name],
            others,
            past.past.start + _YEAR,
            size.get(name, np.ones(len(half))),
        )
        for name in (*PARTS, COUNT)
    }
    daily = _daily(past.past, column)
    rules = {name: {h: _by_rule(past, daily, h, name) for h in horizons} for name in NAIVE_RATES}
    return Shop(past, quantities, _per_step(quantities[WHOLE], steps), rules, came, daily)


def _by_later(past: Replay, horizon: float, column: str) -> Array:
    """What customers brought who came after each origin, until the end of the horizon."""
    first, day, amount = (past.past.days[name].to_numpy() for name in ("first", "day", column))
    sums = [amount[(first > s) & (day > s) & (day <= s + horizon)].sum() for s in past.origins]
    return np.where(past.origins + horizon <= past.origins[-1], sums, np.nan)


def _daily(past: PastCustomers, column: str) -> Series:
    total = np.zeros(int(past.origins[-1]) - past.start + 1)
    day = (past.days["day"] - past.start).to_numpy()
    np.add.at(total, day[day >= 0], past.days[column].to_numpy()[day >= 0])
    return Series(np.append(0.0, np.cumsum(total)), np.arange(len(total) + 1.0), BEGIN, YEAR)


def _by_rule(past: Replay, daily: Series, horizon: float, name: str) -> Array:
    rates = [naive_rates(daily, int(t), int(horizon))[name] for t in past.origins - past.past.start + 1]
    return np.maximum(horizon * np.array(rates), 0.0)


def _chance(past: Replay, expected: Mapping[str, Mapping[float, Array]], half: Array) -> dict[str, dict[float, Array]]:
    """Variances of the logs by chance and parameters: known and new customers are independent."""
    chance: dict[str, dict[float, Array]] = {name: {} for name in expected}
    for h, known in expected[KNOWN].items():
        new, count = expected[NEW][h], expected[COUNT][h]
        chance[COUNT][h] = np.minimum(1 / (count + 0.5), 1.0)
        chance[NEW][h] = np.minimum(_DISPERSED / (count + 0.5), 1.0)
        chance[KNOWN][h] = past.learnt[int(h)][COMBINATION].variance
        squares = chance[KNOWN][h] * (known + half) ** 2 + chance[NEW][h] * (new + half) ** 2
        chance[WHOLE][h] = squares / (known + new + 2 * half) ** 2
    return chance


def _prior(name: str, measure: str) -> float:
    """Standard deviation of the log beyond chance in other shops; the whole as if both parts erred like the known."""
    return _NEW_SPREAD if name in (NEW, COUNT) else SPREAD[measure]


def _per_step(whole: Quantity, steps: Sequence[int]) -> Quantity:
    """The whole shop step by step: differences of the totals until the ends of two steps."""
    nothing = np.zeros(len(whole.half))
    expected, actual, chance, before = {}, {}, {}, (nothing, nothing)
    for step in map(float, steps):
        until = whole.expected[step], whole.actual[step]
        expected[step], actual[step] = np.maximum(until[0] - before[0], 0.0), until[1] - before[1]
        share = (until[0] + whole.half) / (expected[step] + whole.half)
        chance[step] = np.minimum(whole.chance[step] * share, 1.0)
        before = until
    return Quantity(whole.origins, expected, actual, chance, whole.prior, whole.half, {}, np.inf, whole.size)
