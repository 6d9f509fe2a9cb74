"""Every past origin once more: what each candidate would have forecast then, what happened, and what was learnt."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_kit.errors import RetentionKitWarning
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.totals.candidates import (
    LAST_PERIOD,
    LATER_ONLY,
    MEAN_RATE,
    RECENCY_RULE,
    RULES,
    Forecasts,
    forecasts_at,
)
from retention_kit.models.totals.chance import Chance
from retention_kit.models.totals.combination import MEMORY, Candidates, Combined, are_alike, combine, learnt_spread
from retention_kit.models.totals.early_customers import EarlyCustomers, early_customers
from retention_kit.models.totals.past_customers import PastCustomers
from retention_kit.models.totals.past_orders import PastOrders, customers_of, until
from retention_kit.summarise.common.calendar_periods import EPOCH

COMBINATION = "combination"
STEP, FIRST = 30, 60
"""Origins lie 30 days apart; the first one 60 days after the first purchase."""
LEARNT_HORIZONS = (30, 91, 182)
"""Errors at these horizons say how large errors of the shop are, whatever horizon is asked for."""
_OTHER = 0.5
"""Weight of errors at another horizon: the standard deviation beyond chance was nearly the same at 30, 91 and 182 days
(.15 to .20, .14 to .17, .14 to .17 in six logs)."""
_FROM = 365
"""Age of the log in days from which other horizons count: their errors in the first year share its one season."""
SPREAD = {"purchases": 0.20, "revenue": 0.25}
"""Standard deviation of the log of a total beyond chance in shops without a record. Leaving out one log at a time, six
logs gave .14 to .20 for purchases; the value is slightly cautious."""
_MODEL = "model"
_PRIORS: Mapping[str, tuple[float, float, float]] = {
    _MODEL: (0.04, 0.03, 0.03),
    LAST_PERIOD: (0.10, 0.12, 0.20),
    RECENCY_RULE: (0.15, 0.07, 0.09),
    MEAN_RATE: (0.15, 0.15, 0.15),
}
"""Mean squared errors of moved candidates at 30, 91 and 182 days: means over six logs."""
_NO_MODEL = 2.0
"""Dispersion in purchases where no model could be fitted: customers' counts scatter about twice as much as Poisson."""


@dataclass(frozen=True)
class Learnt:
    """One forecast at one horizon, at all origins, for everybody.

    Attributes
    ----------
    log : array
        Of the total and half a purchase; NaN where it could not be made.
    errors : array
        Log of what happened less that; NaN where it is not over.
    variance : array
        Of the log by chance and parameters.
    """

    log: Array
    errors: Array
    variance: Array


@dataclass(frozen=True)
class Replay:
    """All origins of a log, the last of which is as_of.

    Attributes
    ----------
    past : PastCustomers
        What was known when.
    origins : array
        Days since 1970.
    forecasts, early : list
        What was forecast, and what was seen of early customers, at each origin.
    actual : dict
        By horizon: (origins, segments), NaN where it is not over.
    combined : dict
        By horizon: the combination of everybody's totals.
    learnt : dict
        By horizon, then by forecast: combination, models and rules.
    """

    past: PastCustomers
    origins: Array
    horizons: Sequence[int]
    measure: str
    models: Sequence[str]
    forecasts: Sequence[Forecasts]
    early: Sequence[EarlyCustomers]
    actual: Mapping[int, Array]
    combined: Mapping[int, Combined]
    learnt: Mapping[int, Mapping[str, Learnt]]

    def spread(self, i: int, horizon: int, name: str) -> tuple[float, float]:
        """Variance of the model's error and degrees of freedom, as learnt at the i-th origin."""
        old = self.origins[i] - self.past.start >= _FROM
        others = [h for h in LEARNT_HORIZONS if old and not are_alike(h, horizon)]
        weights = [(horizon, 1.0), *((h, _OTHER) for h in others)]
        series = ((h, weight, self.learnt[h][name].errors, self.learnt[h][name].variance) for h, weight in weights)
        return learnt_spread(SPREAD[self.measure], self.origins, i, series)

    def used(self, i: int, model: str) -> str:
        """Under which name a model is used at an origin: where early customers are sure, that without them."""
        return _in_use(self.forecasts[i], self.early[i], model)

    def variance(self, i: int, horizon: int, totals: Array) -> Array:
        """Of the logs of totals at an origin, by chance and parameters of the first model."""
        return _variance(self.forecasts[i], horizon, self.used(i, self.models[0]), totals)

    def half(self, i: int) -> float:
        """Half a purchase in the measure, which keeps logarithms of small totals finite."""
        return 0.5 * max(self.forecasts[i].worth, 1e-9)


def replay(
    orders: Any,
    *,
    as_of: dt.date,
    horizons: Sequence[int],
    models: Sequence[type[PurchaseModel]],
    measure: str,
    by: str | None,
    origins: int,
    unit: str,
    grain: str,
) -> Replay:
    """All past origins that can matter for the last ones, from one pass over the orders."""
    shared = orders if isinstance(orders, PastOrders) else PastOrders(orders)
    (_, start), end, money = until(shared, as_of), (as_of - EPOCH).days, measure == "revenue"
    every = sorted({*LEARNT_HORIZONS, *horizons})
    grid = np.arange(start + FIRST, end, STEP)[-(MEMORY + origins + max(every) // STEP + 1) :]
    days = np.append(grid, end).astype(int)
    past = customers_of(shared, as_of, days, by=by, unit=unit, grain=grain, money=money)
    early = [early_customers(*past.newcomers(day), start, day) for day in days]
    later_too = any(seen.verdict != "no" for seen in early)
    with warnings.catch_warnings():  # of fits that are compared; the verdict of the last ones is kept
        warnings.simplefilter("ignore", RetentionKitWarning)
        forecasts = [forecasts_at(past, int(day), every, models, money=money, later_too=later_too) for day in days]
    column = "money" if money else "purchases"
    nothing = np.full(len(past.groups), np.nan)
    actual = {
        h: np.array([past.sums(column, day, day + h, day) if day + h <= end else nothing for day in days])
        for h in every
    }
    names = [model.__name__ for model in models]
    combined, learnt = {}, {}
    for h in every:
        combined[h], learnt[h] = _learn(days, h, forecasts, early, actual[h].sum(axis=1), names)
    return Replay(past, days, horizons, measure, names, forecasts, early, actual, combined, learnt)


def _learn(
    days: Array,
    horizon: int,
    forecasts: Sequence[Forecasts],
    early: Sequence[EarlyCustomers],
    actual: Array,
    models: Sequence[str],
) -> tuple[Combined, dict[str, Learnt]]:
    """The combination at each origin, and all forecasts with their errors, for everybody."""
    half = np.array([0.5 * max(f.worth, 1e-9) for f in forecasts])
    names = [*models, *(name + LATER_ONLY for name in models), *RULES]
    totals = {name: np.array([_total(f, horizon, name) for f in forecasts]) for name in names}
    logs = {name: np.log(total + half) for name, total in totals.items()}
    happened = np.log(np.maximum(actual, 0.0) + half)
    pools = [[*_fits(f, seen, models[0]), LAST_PERIOD, RECENCY_RULE] for f, seen in zip(forecasts, early, strict=True)]
    in_pool = {name: logs[name] for name in dict.fromkeys(name for pool in pools for name in pool)}
    priors = {name: _prior(name, horizon) for name in in_pool}
    combined = combine(Candidates(days, horizon, in_pool, happened, priors, pools))
    shown = {COMBINATION: combined.forecast}
    for model in models:
        used = [_in_use(f, seen, model) for f, seen in zip(forecasts, early, strict=True)]
        shown[model] = np.array([logs[name][i] for i, name in enumerate(used)])
    shown |= {rule: logs[rule] for rule in RULES}
    learnt = {}
    for name, log in shown.items():
        own = name if name in models else models[0]
        variance = [
            _variance(f, horizon, _in_use(f, seen, own), np.array(np.exp(total)))
            for f, seen, total in zip(forecasts, early, log, strict=True)
        ]
        learnt[name] = Learnt(log, happened - log, np.array(variance))
    return combined, learnt


def _total(forecasts: Forecasts, horizon: int, name: str) -> float:
    total = forecasts.totals[horizon].get(name)
    return np.nan if total is None else float(total.sum())


def _variance(forecasts: Forecasts, horizon: int, name: str, totals: Array) -> Array:
    """Of the logs of totals by chance and parameters; without a model by chance alone."""
    worth = max(forecasts.worth, 1e-9)
    return forecasts.chances[horizon].get(name, Chance(_NO_MODEL * worth, 0.0)).variance(totals)


def _in_use(forecasts: Forecasts, early: EarlyCustomers, model: str) -> str:
    later = model + LATER_ONLY
    any_horizon = next(iter(forecasts.totals.values()))
    return later if early.verdict == "yes" and later in any_horizon else model


def _fits(forecasts: Forecasts, early: EarlyCustomers, model: str) -> list[str]:
    """The fits that take part: of all customers, of the later ones, or both where that is not sure."""
    return [model, model + LATER_ONLY] if early.verdict == "unsure" else [_in_use(forecasts, early, model)]


def _prior(name: str, horizon: int) -> float:
    """Mean squared error in other shops, between the horizons on the logarithm."""
    values = _PRIORS.get(name, _PRIORS[_MODEL])
    return float(np.interp(np.log(horizon), np.log(LEARNT_HORIZONS), values))
