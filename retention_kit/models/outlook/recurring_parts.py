r"""The movements of recurring revenue at every past month end, and the revenue that follows from them.

Movements are rates: new revenue per month, and expansion, reactivation, contraction and churn per revenue at the start
of a month, since a larger business has more to lose and to win back. Each rate r over the horizon is a combination of
naive rates. Revenue R then follows month by month, :math:`R_{t+1} = R_t (1 + r_{expansion} + r_{reactivation} -
r_{contraction} - r_{churn}) + r_{new}`, so that start and movements add up to the end.

The first month of the books is left out of all rates: customers of before it look new there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.outlook.naive_rates import LAST_YEAR, NAIVE_RATES, SEASON, TREND, Series, naive_rates
from retention_kit.models.outlook.own_record import Quantity
from retention_kit.models.totals.candidates import LAST_PERIOD
from retention_kit.models.totals.combination import Candidates, combine

SIGNS = {"new": 1, "expansion": 1, "reactivation": 1, "contraction": -1, "churn": -1}
MOVEMENTS = tuple(SIGNS)
END = "end"
MONTH = 30.4375
"""Days of a month, so that months are counted like days elsewhere."""
YEAR = 12
BEGIN = 1
_PER_REVENUE = ("expansion", "reactivation", "contraction", "churn")
_PRIORS = {LAST_PERIOD: 0.10, LAST_YEAR: 0.10, TREND: 0.20, SEASON: 0.20}
"""Mean squared errors of naive rates of a movement in other businesses."""
_SPREAD = 0.30
"""Standard deviation of the log of a movement beyond chance in businesses without a record."""
_NOTHING = 1e-9
_DISPERSED = 1.5
"""Customers pay different prices, so that sums of money scatter more than counts."""


@dataclass(frozen=True)
class Recurring:
    """Movements and the end at all month ends.

    Attributes
    ----------
    months : array
        Months of the books that each origin knows.
    start : array
        Revenue at each origin.
    quantities : dict
        `MOVEMENTS` and `END`; horizons and origins in days of `MONTH`.
    shares : dict
        By movement, the weights of its naive rates at the last origin.
    """

    months: Array
    start: Array
    quantities: Mapping[str, Quantity]
    shares: Mapping[str, Mapping[str, float]]


def recurring(books: pd.DataFrame, months: int) -> Recurring:
    """All origins of the books, which have a row per complete month (mrr_start, mrr_new …, mrr_end, start, end)."""
    now = np.arange(BEGIN + 1, len(books) + 1)
    at = books["mrr_end"].to_numpy()[now - 1]
    half = 0.5 * _price(books)[now - 1]
    combined = {name: _combined(books, name, months, now, at, half) for name in MOVEMENTS}
    rates = {name: rate for name, (rate, _) in combined.items()}
    expected: dict[str, dict[float, Array]] = {name: {} for name in (*MOVEMENTS, END)}
    actual: dict[str, dict[float, Array]] = {name: {} for name in (*MOVEMENTS, END)}
    for h in range(1, months + 1):
        sums = _followed(at, rates, h)
        for name in expected:
            expected[name][h * MONTH] = sums[name]
            actual[name][h * MONTH] = _happened(books, name, h, now)
    chance, prior = _chance_and_prior(expected, half)
    quantities = {
        name: Quantity(
            now * MONTH, expected[name], actual[name], chance[name], prior[name], half, {}, np.inf, at + half
        )
        for name in expected
    }
    return Recurring(now, at, quantities, {name: shares for name, (_, shares) in combined.items()})


def _price(books: pd.DataFrame) -> Array:
    """Mean revenue of a customer until the end of each month; 1 before there is any."""
    revenue, customers = books["mrr_end"].to_numpy().cumsum(), books["end"].to_numpy().cumsum()
    price = np.divide(revenue, customers, out=np.zeros(len(books)), where=customers > 0)
    return np.where(price > 0, price, 1.0)


def _combined(
    books: pd.DataFrame, name: str, months: int, now: Array, at: Array, half: Array
) -> tuple[Array, dict[str, float]]:
    """The rate of a movement over the next months at each origin, and the weights at the last one.

    Rates are compared as what they bring from today's revenue in these months."""
    amounts = books[f"mrr_{name}"].to_numpy()
    exposures = books["mrr_start"].to_numpy() if name in _PER_REVENUE else np.ones(len(books))
    series = Series(np.append(0.0, amounts.cumsum()), np.append(0.0, exposures.cumsum()), BEGIN, YEAR)
    scale = months * (at if name in _PER_REVENUE else np.ones(len(at)))
    each = [naive_rates(series, int(t), months) for t in now]
    logs = {rule: np.log(np.array([rate[rule] for rate in each]) * scale + half) for rule in NAIVE_RATES}
    came = np.array([series.rate(int(t), int(t) + months) if t + months <= len(books) else np.nan for t in now])
    pools = [[rule for rule in NAIVE_RATES if np.isfinite(logs[rule][i])] for i in range(len(now))]
    happened = np.log(came * scale + half)
    combined = combine(Candidates(now * MONTH, months * MONTH, logs, happened, _PRIORS, pools))
    brought = np.nan_to_num(np.exp(combined.forecast) - half)
    brought = np.where(brought > _NOTHING * half, brought, 0.0)
    rate = np.divide(brought, scale, out=np.zeros(len(now)), where=scale > 0)
    return rate, dict(combined.shares[-1])


def _followed(at: Array, rates: Mapping[str, Array], months: int) -> dict[str, Array]:
    """Sums of the movements over the months, and the revenue at their end."""
    revenue, sums = at.copy(), {name: np.zeros(len(at)) for name in MOVEMENTS}
    for _ in range(months):
        moved = {name: rates[name] * (revenue if name in _PER_REVENUE else 1.0) for name in MOVEMENTS}
        lost = moved["contraction"] + moved["churn"]
        within = np.divide(revenue, lost, out=np.ones(len(at)), where=lost > revenue)
        for name in ("contraction", "churn"):
            moved[name] = moved[name] * within
        for name in MOVEMENTS:
            sums[name] += moved[name]
            revenue = revenue + SIGNS[name] * moved[name]
    return {**sums, END: revenue}


def _happened(books: pd.DataFrame, name: str, months: int, now: Array) -> Array:
    """The sum of a movement over the months after each origin, or the revenue at their end; NaN where not over."""
    over = now + months <= len(books)
    until = np.minimum(now + months, len(books))
    if name == END:
        return np.where(over, books["mrr_end"].to_numpy()[until - 1], np.nan)
    total = np.append(0.0, books[f"mrr_{name}"].to_numpy().cumsum())
    return np.where(over, total[until] - total[now], np.nan)


def _chance_and_prior(
    expected: Mapping[str, Mapping[float, Array]], half: Array
) -> tuple[dict[str, dict[float, Array]], dict[str, dict[float, Array]]]:
    """Variances of the logs by chance, and standard deviations beyond it in other businesses; those of the end follow
    from its movements, as if these were independent."""
    chance: dict[str, dict[float, Array]] = {name: {} for name in expected}
    prior: dict[str, dict[float, Array]] = {name: {} for name in expected}
    for h, end in expected[END].items():
        by_chance, beyond = np.zeros(len(half)), np.zeros(len(half))
        for name in MOVEMENTS:
            amount = expected[name][h] + half
            chance[name][h] = np.minimum(_DISPERSED * 2 * half / amount, 1.0)
            prior[name][h] = np.full(len(half), _SPREAD)
            by_chance, beyond = by_chance + chance[name][h] * amount**2, beyond + (_SPREAD * amount) ** 2
        chance[END][h] = np.minimum(by_chance / (end + half) ** 2, 1.0)
        prior[END][h] = np.minimum(np.sqrt(beyond) / (end + half), 1.0)
    return chance, prior
