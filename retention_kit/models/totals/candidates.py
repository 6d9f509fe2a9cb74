"""What each candidate forecasts at an origin: fitted models, and rules that cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.errors import DataError, FitError
from retention_kit.models.base.rows import PURCHASE_RULES, Rows, read
from retention_kit.models.futures.drawn_futures import Purchases
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.spend.customer_value import Value
from retention_kit.models.spend.gamma_gamma import GammaGamma
from retention_kit.models.spend.spend_model import ConstantSpend, SpendModel
from retention_kit.models.totals.chance import Chance, chance
from retention_kit.models.totals.early_customers import EARLY_DAYS
from retention_kit.models.totals.past_customers import PastCustomers
from retention_kit.schema import UNIT_DAYS

LAST_PERIOD, RECENCY_RULE, MEAN_RATE = RULES = ("same as last period", "recency rule", "mean rate")
LATER_ONLY = ", later customers"
"""Added to a model's name where customers of the log's first days were left out of its fit."""
_OLDEST = 60
"""So many days after the last early customer the others can be fitted alone, as a whole log can be at that age."""
_MOST_ROWS = 20_000
"""Distinct rows that a fit reads: with more every second, third … one serves. A total then moves by a per cent or so,
which is a tenth of the error of the model, and the time of a large shop's record stays that of a small one's."""
_FEWEST = 30
"""Customers that a fit needs: with fewer its parameters are guesses."""


@dataclass(frozen=True)
class Forecasts:
    """Totals that candidates forecast at one origin, per segment.

    Attributes
    ----------
    totals : dict
        By horizon in days, then by candidate: (segments,).
    chances : dict
        By horizon, then by fitted model.
    worth : float
        Of one purchase in the measure: 1, or its mean revenue so far.
    verdicts : dict
        By fitted model, "converged" or what is doubtful about its fit.
    faults : dict
        By model, why it could not be fitted.
    """

    totals: dict[int, dict[str, Array]]
    chances: dict[int, dict[str, Chance]]
    worth: float
    verdicts: dict[str, str]
    faults: dict[str, str]


def forecasts_at(
    past: PastCustomers,
    origin: int,
    horizons: Sequence[int],
    models: Sequence[type[PurchaseModel]],
    *,
    money: bool,
    later_too: bool,
) -> Forecasts:
    """All candidates at one origin, from what was known there; with `later_too` the models are also fitted without the
    customers of the log's first days."""
    states, everybody = past.known_at(origin), past.everybody
    worth = _worth(past, origin) if money else 1.0
    totals = {
        h: dict(past.once((origin, h, money), partial(_by_rules, past, states, origin, h, money))) for h in horizons
    }
    chances: dict[int, dict[str, Chance]] = {h: {} for h in horizons}
    read_once: dict[Sequence[str], Rows] = {}  # for all horizons, and not kept longer: they are large
    verdicts: dict[str, str] = {}
    faults: dict[str, str] = {}
    spend = everybody.once((origin, "spend"), partial(_spend, past, origin, worth)) if money else None
    known = everybody.known_at(origin)
    later = known[known["T"] < (origin - past.start - EARLY_DAYS) / UNIT_DAYS[past.unit]]
    tables = {"": known}
    if later_too and origin - past.start >= EARLY_DAYS + _OLDEST:
        tables[LATER_ONLY] = later
    for model in models:
        for suffix, table in tables.items():
            name = model.__name__ + suffix
            try:
                _refuse(table, no_value=money and spend is None)
                fitted = everybody.once((origin, model, suffix), partial(_fitted, model, table))
            except FitError as error:
                faults[name] = str(error)
                continue
            verdicts[name] = fitted.verdict
            for h in horizons:
                totals[h][name], chances[h][name] = past.once(
                    (origin, model, suffix, h, money),
                    partial(_by_model, past, states, read_once, fitted, spend, h, (origin, model, suffix)),
                )
    return Forecasts(totals, chances, worth, verdicts, faults)


def _refuse(table: pd.DataFrame, *, no_value: bool) -> None:
    """FitError where there are too few customers for a model, or what they buy is worth nothing."""
    if no_value:
        raise FitError("Purchases have brought no revenue so far.")
    if table["n"].sum() < _FEWEST:
        raise FitError(f"There are fewer than {_FEWEST} customers.")


def _fitted(model: type[PurchaseModel], table: pd.DataFrame) -> PurchaseModel:
    """A model of these customers."""
    return model.fit(table.iloc[:: -(-len(table) // _MOST_ROWS)], weights="n")


def _by_rules(past: PastCustomers, states: pd.DataFrame, origin: int, days: int, money: bool) -> dict[str, Array]:
    """What goes on as before: the last period again, and everybody at their own rate x / T so far, or those alone who
    bought within the last period; in money with the mean revenue of a purchase of the last period."""
    bought, paid = (past.sums(column, origin - days, origin, origin) for column in ("purchases", "money"))
    value = max(paid.sum() / bought.sum(), 0.0) if money and bought.sum() else 1.0
    t, x, T = days / UNIT_DAYS[past.unit], states["frequency"].to_numpy(), states["T"].to_numpy()
    rate = np.divide(x, T, out=np.zeros(len(T)), where=T > 0) * t * value
    recent = T - states["recency"].to_numpy() <= t
    return {
        LAST_PERIOD: np.maximum(paid, 0.0) if money else bought,
        RECENCY_RULE: past.sums_of(states, rate * recent),
        MEAN_RATE: past.sums_of(states, rate),
    }


def _by_model(
    past: PastCustomers,
    states: pd.DataFrame,
    read_once: dict[Sequence[str], Rows],
    model: PurchaseModel,
    spend: SpendModel | None,
    days: int,
    key: tuple[Any, ...],
) -> tuple[Array, Chance]:
    """Total per segment, and its uncertainty by chance and parameters."""
    t, columns = days / UNIT_DAYS[past.unit], model.process.columns
    if columns not in read_once:
        read_once[columns] = model.process.read(states, weights="n", unit=model.unit)
    rows = read_once[columns]
    # segments have the same distinct rows as everybody
    of_rows = past.everybody.once((*key, days), partial(model.process.expected, model.theta, rows, t))
    each = of_rows[rows.inverse]
    if spend is None:
        known = past.everybody.once(
            (*key, days, "chance"),
            partial(chance, Purchases(model.process, t), model.theta, model.log_covariance, rows, expected=of_rows),
        )
        return past.sums_of(states, each), known
    events = (states["n"] * states["frequency"]).to_numpy()
    mean = np.divide(states["spent"].to_numpy(), events, out=np.zeros(len(events)), where=events > 0)
    value = Value(model.process, spend.process, t, force=0.0, margin=1.0)
    worth = spend.process.expected(spend.theta, states["frequency"].to_numpy(), mean)
    if value.columns not in read_once:
        table = states.assign(**{value.spent: mean})
        read_once[value.columns] = read(table, value.columns, PURCHASE_RULES, weights="n", unit=model.unit)
    paid = read_once[value.columns]
    best = np.concatenate([model.theta, spend.theta])
    return past.sums_of(states, each * worth), chance(value, best, _joint_covariance(model, spend), paid)


def _joint_covariance(model: PurchaseModel, spend: SpendModel) -> Array:
    """Of the log parameters of both, which are fitted apart; a constant spend has none."""
    k, n = len(model.theta), len(spend.theta)
    joint = np.zeros((k + n, k + n))
    joint[:k, :k] = model.log_covariance
    if spend.evidence is not None:
        joint[k:, k:] = spend.log_covariance
    return joint


def _worth(past: PastCustomers, origin: int) -> float:
    """Mean revenue of a purchase until a day."""
    bought, paid = (past.sums(column, past.start - 1, origin, origin).sum() for column in ("purchases", "money"))
    return max(float(paid / bought), 0.0) if bought else 0.0


def _spend(past: PastCustomers, origin: int, worth: float) -> SpendModel | None:
    """What a purchase brings: Gamma-Gamma, or where it has no mean the same for everybody."""
    try:
        spend = GammaGamma.fit(past.spend_at(origin), weights="n")
        if spend.process.has_mean(spend.theta):
            return spend
    except (FitError, DataError):
        pass
    return ConstantSpend(value=worth) if worth > 0 else None
