"""The forecasts that would have been made then, graded by what happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import special

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models.base.rows import PURCHASES, Rows, read
from retention_kit.models.checks.forecast_scores import BASELINES, by_frequency, lift, scores
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.beta_geometric import BGNBD, MBGNBD
from retention_kit.models.purchases.forecast import Purchases, for_rows_and_total
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import check_clock, numbered, times
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.order_log import orders_until, purchases

__all__ = ["Scorecard", "holdout", "known_model", "log_density", "outcome_rows", "outcomes", "outcomes_of"]

_MODELS: dict[str, type[PurchaseModel]] = {"BGNBD": BGNBD, "MBGNBD": MBGNBD, "ParetoNBD": ParetoNBD}
_CELL = (*PURCHASES, "last_period", "actual")


_OF_MODELS = ("total_low", "total_high", "coverage")
"""Columns of the table that naive forecasts do not fill; they are there even if no model could be fitted."""


@dataclass(frozen=True)
class Scorecard:
    """Grades of forecasts made at one or several past dates.

    Attributes
    ----------
    table : DataFrame
        One row per split and forecast: n, actual, expected, bias, mae, rmse, rank_correlation, top_tenth_lift; for
        models also total_low and total_high (prediction interval of the total), coverage (share of customers inside
        theirs), and for all log_density (mean log probability given to what each customer did) and verdict.
    calibration : DataFrame
        split, model, frequency, n, expected, actual: means by purchases so far, the last band open.
    lift : DataFrame
        split, model, tenth, lift: purchases per customer over the mean, from the highest forecasts down.
    winner : str
        Highest log density over all splits, among those that could be fitted at every split.
    margin : float
        How far ahead of the second, in log density per customer.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame = field(repr=False)
    lift: pd.DataFrame = field(repr=False)
    winner: str
    margin: float


def holdout(
    orders: Any,
    *,
    split: str | dt.date | Sequence[str | dt.date],
    as_of: str | dt.date,
    models: Sequence[str | type[PurchaseModel]] = ("BGNBD", "MBGNBD", "ParetoNBD"),
    unit: str = "week",
    grain: str = "day",
    level: float = 0.9,
    draws: int = 200,
    seed: int = 0,
) -> Scorecard:
    """Fit on what was known at `split`, forecast until `as_of`, and compare with what happened.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    split : date or sequence of dates
        Last day that the models see; several make a rolling origin.
    as_of : date
        Last day of the outcome.
    models : sequence of str or model class
        "BGNBD", "MBGNBD", "ParetoNBD", or classes with the same contract. Three naive forecasts are always added. BGBB
        needs grain and unit alike, and split and as_of on last days of such a unit, as it counts whole opportunities.
    unit, grain : str
        As for `summarise.customers`.
    level, draws, seed
        Of the prediction intervals.

    Returns
    -------
    Scorecard
        Table of grades, calibration, lift, and the winner with its margin.

    Raises
    ------
    ConfigError
        If a split is not before as_of or a model is not known.

    Notes
    -----
    Naive forecasts have no probabilities of their own; their log density is that of a Poisson variable with the
    forecast as mean, never below half a purchase of all customers together.

    Examples
    --------
    >>> from retention_kit import load
    >>> card = holdout(load.sample("cdnow_sample"), split="1997-09-30", as_of="1998-06-30", models=["BGNBD"], draws=50)
    >>> card.table.set_index("model").loc["BGNBD", ["actual", "expected"]].round().tolist()
    [1882.0, 1653.0]
    """
    splits = [as_day(day, "split") for day in (split if isinstance(split, list | tuple) else [split])]  # type: ignore[arg-type]
    if not splits:
        raise ConfigError("holdout needs at least one split; got none.")
    with Arguments() as check:
        level = check.level("level", level)
        draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
    check_clock(unit, grain)
    chosen = [known_model(m) for m in ([models] if isinstance(models, str | type) else models)]
    graded: list[_Grade] = []
    for day in splits:
        days = (as_day(as_of) - day).days
        if days <= 0:
            raise ConfigError(f"Every split must be before as_of; got split {day} and as_of {as_of}.")
        known, cells = outcomes(orders, day, days, unit, grain)
        t, label = days / UNIT_DAYS[unit], pd.Timestamp(day)
        for model in chosen:
            counts = model.process.counts_opportunities
            ahead = _opportunities(day, as_day(as_of), unit, grain) if counts else t
            graded.append(_grade_model(model, known, cells, ahead, label, level, draws, seed))
        graded += [_grade_rule(name, rule(cells, t), cells, label) for name, rule in BASELINES.items()]
    return _card(graded)


@dataclass(frozen=True)
class _Grade:
    line: dict[str, Any]
    calibration: pd.DataFrame
    lift: pd.DataFrame


def _opportunities(split: dt.date, as_of: dt.date, unit: str, grain: str) -> float:
    """Whole opportunities from a split to as_of."""
    ends = [number_of(day, unit) + 1 == number_of(day + dt.timedelta(days=1), unit) for day in (split, as_of)]
    if grain != unit or not all(ends):
        raise ConfigError(
            f"BGBB counts whole opportunities: holdout needs grain={unit!r} for unit={unit!r}, and split and as_of on "
            f"the last day of a {unit}; got grain={grain!r}, split {split}, as_of {as_of}."
        )
    return float(number_of(as_of, unit) - number_of(split, unit))


def known_model(model: str | type[PurchaseModel]) -> type[PurchaseModel]:
    if isinstance(model, type) and issubclass(model, PurchaseModel):
        return model
    if model not in _MODELS:
        raise ConfigError(f"Model {model!r} is not known; use one of {', '.join(_MODELS)}, or a model class.")
    return _MODELS[str(model)]


def outcomes(orders: Any, split: dt.date, days: int, unit: str, grain: str) -> tuple[pd.DataFrame, Rows]:
    """Customers known at the split, counted by history, purchases in the period before, and purchases since."""
    log = orders_until(orders, split + dt.timedelta(days=days))
    (table,) = outcomes_of(log, [(split, days)], unit, grain)
    if table.empty:
        raise DataError(f"Nobody had bought until {split}: the split must be after the first purchase.")
    return table, outcome_rows(table)


def outcome_rows(table: pd.DataFrame) -> Rows:
    """The cells of outcomes as rows that models can be asked about."""
    return read(table, _CELL, (), weights="n")


def outcomes_of(log: ir.Table, periods: Sequence[tuple[dt.date, int]], unit: str, grain: str) -> list[pd.DataFrame]:
    """The outcomes of several splits, each given with the days that follow it, by one query. (The number of an event is
    the frequency that a customer has from then on, so one numbering serves every split.)"""
    events = numbered(purchases(log), grain)
    events = events.mutate(day=day_number(events.ordered_at))
    splits = [(i, number_of(split, "day"), number_of(split, grain), days) for i, (split, days) in enumerate(periods)]
    table = ibis.memtable(pd.DataFrame(splits, columns=["period", "split", "now", "days"]).astype("int64"))
    events = events.inner_join(table, events.day <= table.split + table.days)
    seen, past = events.day <= events.split, events.day <= events.split - events.days
    rank, event = events["rank"], events.event
    counted = events.group_by("period", "now", "customer_id").agg(
        first=event.min(),
        last=event.max(where=seen),
        frequency=rank.max(where=seen),
        was=rank.max(where=past),
        will=rank.max(),
    )
    known = counted.filter(counted.frequency.notnull())
    cells = known.select(
        "period",
        "frequency",
        **times(known["first"], known["last"], known.now, unit, grain),
        last_period=known.frequency - known.was.fill_null(-1),
        actual=known.will - known.frequency,
    )
    keys = ["period", *_CELL]
    table = cells.group_by(keys).agg(n=cells.count()).order_by(keys).to_pandas()
    answers = []
    for i, (split, _) in enumerate(periods):
        rows = table[table["period"] == i].drop(columns="period").reset_index(drop=True)
        answers.append(rows.assign(unit=unit, grain=grain, as_of=split.isoformat()))
    return answers


def _grade_model(
    model: type[PurchaseModel],
    known: pd.DataFrame,
    cells: Rows,
    t: float,
    split: pd.Timestamp,
    level: float,
    draws: int,
    seed: int,
) -> _Grade:
    name = model.__name__
    try:
        fitted = model.fit(known, weights="n")
    except FitError as error:
        empty = pd.DataFrame()
        return _Grade({"split": split, "model": name, "verdict": str(error)}, empty, empty)
    question, drawn = Purchases(fitted.process, t), fitted.draws(draws, seed)
    each, total = for_rows_and_total(question, fitted.theta, drawn, cells, title=name, level=level, seed=seed)
    inside = (cells["actual"] >= each["predicted_low"]) & (cells["actual"] <= each["predicted_high"])
    extra = {
        "total_low": total["predicted_low"],
        "total_high": total["predicted_high"],
        "coverage": float((cells.weights * inside).sum() / cells.n),
        "verdict": fitted.verdict,
    }
    return _grade(name, each["expected"], log_density(fitted, cells, t), cells, split, extra)


def log_density(model: PurchaseModel, cells: Rows, t: float) -> Array:
    """Log probability of what each customer did."""
    out = np.empty(len(cells))
    for n in np.unique(cells["actual"]):
        at = cells["actual"] == n
        with np.errstate(divide="ignore"):
            out[at] = np.log(model.process.probability_of_n(model.theta, cells.take(at), int(n), t))
    return out


def _grade_rule(name: str, expected: Array, cells: Rows, split: pd.Timestamp) -> _Grade:
    actual, mean = cells["actual"], np.maximum(expected, 0.5 / cells.n)
    density = special.xlogy(actual, mean) - mean - special.gammaln(actual + 1)
    return _grade(name, expected, density, cells, split, {"verdict": "naive"})


def _grade(
    name: str, expected: Array, density: Array, cells: Rows, split: pd.Timestamp, extra: dict[str, Any]
) -> _Grade:
    actual, n = cells["actual"], cells.weights
    about: dict[str, Any] = {"split": split, "model": name}
    mean_density = {"log_density": float((n * density).sum() / cells.n)}
    calibration = by_frequency(cells["frequency"], expected, actual, n)
    tenths = pd.DataFrame({"tenth": range(1, 11), "lift": lift(expected, actual, n)})
    line = {**about, **scores(expected, actual, n), **mean_density, **extra}
    return _Grade(line, calibration.assign(**about), tenths.assign(**about))


def _card(graded: list[_Grade]) -> Scorecard:
    table = pd.DataFrame([g.line for g in graded])
    table = table.reindex(columns=list(dict.fromkeys([*table.columns, *_OF_MODELS])))
    calibration = pd.concat([g.calibration for g in graded], ignore_index=True)
    tenths = pd.concat([g.lift for g in graded], ignore_index=True)
    graded_everywhere = table.groupby("model")["log_density"].agg(lambda each: each.mean(skipna=False))
    ranking = graded_everywhere.dropna().sort_values(ascending=False)
    margin = float(ranking.iloc[0] - ranking.iloc[1]) if len(ranking) > 1 else np.nan
    order = ["split", "model"]
    calibration = calibration[[*order, *calibration.columns.difference(order, sort=False)]]
    tenths = tenths[[*order, "tenth", "lift"]]
    return Scorecard(table, calibration, tenths, str(ranking.index[0]), margin)
