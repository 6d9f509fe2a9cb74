"""The forecasts that would have been made then, graded by what happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models.base.rows import PURCHASES, Rows, read
from retention_kit.models.checks.forecast_scores import BASELINES, by_frequency, lift, scores
from retention_kit.models.checks.holdout_forecasts import forecast_cells, predicted
from retention_kit.models.checks.holdout_split import opportunities_between
from retention_kit.models.checks.rule_spread import spread_of
from retention_kit.models.covariates.covariate_fit import fit_covariates
from retention_kit.models.covariates.covariate_model import CovariateModel
from retention_kit.models.covariates.covariate_table import with_covariates
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.probability_transform import Predicted, transform
from retention_kit.models.purchases.beta_geometric import BGNBD, MBGNBD
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.purchases.regular_buyers import BGCNBD, MBGCNBD
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import (
    GRAIN_DAYS,
    check_clock,
    log_gap_of,
    log_gaps_in_unit,
    numbered,
    times,
)
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.order_log import orders_until, purchases

_MODELS: dict[str, type[PurchaseModel]] = {m.__name__: m for m in (BGNBD, MBGNBD, ParetoNBD, BGCNBD, MBGCNBD)}
_CELL = (*PURCHASES, "last_period", "actual")
_OF_RULES = "last_period"
"""What only naive rules need."""


_OF_MODELS = ("total_low", "total_high", "coverage")
"""Columns of the table that naive forecasts do not fill; they are there even if no model could be fitted."""


@dataclass(frozen=True)
class Scorecard:
    """Grades of forecasts made at one or several past dates.

    Attributes
    ----------
    table : DataFrame
        One row per split and forecast: n, actual, expected, bias, mae, rmse, rank_correlation, top_tenth_lift; for
        models also total_low and total_high (interval of the total that holds chance and parameters only, not the
        error of the model, for which see `models.track_record`) and coverage (share of customers inside theirs; whole
        numbers cannot keep a level, so right intervals hold more than it); and for all log_density (mean log
        probability given to what each customer did), pit_distance and pit_p_value (below) and verdict.
    calibration : DataFrame
        split, model, frequency, n, expected, actual: means by purchases so far, the last band open.
    lift : DataFrame
        split, model, tenth, lift: purchases per customer over the mean, from the highest forecasts down.
    pit : DataFrame
        split, model, low, high, share, drawn: histogram of the randomised probability integral transform (PIT) of
        single customers, ten bins; share is 0.1 in each where the predicted distributions are right, drawn the number
        of customers in the draw that the test takes. Highest at both ends: customers scatter more than predicted; in
        the middle: less; falling: they bought less than predicted.
    winner : str
        Highest log density over all splits, among those that could be fitted at every split.
    margin : float
        How far ahead of the second, in log density per customer.
    fits : dict
        By name, the models as they were fitted at the last split.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame = field(repr=False)
    lift: pd.DataFrame = field(repr=False)
    pit: pd.DataFrame = field(repr=False)
    winner: str
    margin: float
    fits: dict[str, PurchaseModel] = field(default_factory=dict, repr=False, compare=False)


def holdout(
    orders: Any,
    *,
    split: str | dt.date | Sequence[str | dt.date],
    as_of: str | dt.date,
    models: Sequence[str | type[PurchaseModel] | CovariateModel] = ("BGNBD", "MBGNBD", "ParetoNBD"),
    covariates: Any = None,
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
    models : sequence of str, model class or CovariateModel
        "BGNBD", "MBGNBD", "ParetoNBD", "BGCNBD", "MBGCNBD" (these two choose their k at each split), or classes with
        the same contract. Three naive forecasts are always added. BGBB needs grain and unit alike, and split and as_of
        on last days of such a unit, as it counts whole opportunities.
        A CovariateModel stands for its class and its columns: it is fitted again at each split.
    covariates : DataFrame or Ibis table, optional
        One row per customer: customer_id and the columns that a CovariateModel needs, known from the start.
    unit, grain : str
        As for `summarise.customers`.
    level, draws, seed
        Of the prediction intervals; the seed is also that of the randomised transform.

    Returns
    -------
    Scorecard
        Table of grades, calibration, lift, and the winner with its margin.

    Raises
    ------
    ConfigError
        If a split is not before as_of, a model is not known, or a model's covariates are not passed.
    DataError
        If nobody had bought until a split, or covariates are missing for a customer or ambiguous.

    Notes
    -----
    Naive forecasts have no probabilities of their own. They get a negative binomial with the forecast as mean, whose
    shape is learnt from how the same rule would have done in the time before the split (as long as the holdout, or
    half of the log where it is shorter); customers of whom a rule expects nothing get the rate and the shape of those
    of whom it would have expected nothing then. Nothing of the holdout is in it. Shapes are of highest likelihood,
    under a weak prior (normal on the logarithm, standard deviation 3).

    The transform of a customer with a purchases is drawn evenly between F(a - 1) and F(a), F being the predicted
    distribution function; if predictions are right it is uniform, which is exact for counts too (Czado, Gneiting & Held
    2009, Biometrics 65; the column share is their nonrandomised version). pit_distance is the largest difference
    of its distribution function from the uniform one, and pit_p_value that of the chi-square test of ten bins. It
    takes the parameters as known, and thousands of customers find the smallest error of a model: look at the distance
    first.

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
    chosen = [_candidate(m) for m in ([models] if isinstance(models, str | type | CovariateModel) else models)]
    columns = list(dict.fromkeys(column for candidate in chosen for column in candidate.columns))
    graded: list[_Grade] = []
    for day in splits:
        days = (as_day(as_of) - day).days
        if days <= 0:
            raise ConfigError(f"Every split must be before as_of; got split {day} and as_of {as_of}.")
        log = orders_until(orders, day + dt.timedelta(days=days))
        before = _before(log, day, days, grain)
        parts = [(day, days), *([(day - dt.timedelta(days=before), before)] if before else [])]
        gaps = any(candidate.gaps for candidate in chosen)
        known, *earlier = outcomes_of(log, parts, unit, grain, covariates, columns, gaps)
        cells, *past = (outcome_rows(table, columns) for table in (known, *earlier))
        t, label = days / UNIT_DAYS[unit], pd.Timestamp(day)
        for model in chosen:
            ahead = opportunities_between(day, as_day(as_of), unit, grain) if model.counts_opportunities else t
            graded.append(_grade_model(model, known, cells, ahead, label, level, draws, seed))
        graded += _grade_rules(past[0] if past else None, (before or days) / UNIT_DAYS[unit], cells, t, label, seed)
    return _card(graded)


@dataclass(frozen=True)
class _Grade:
    line: dict[str, Any]
    calibration: pd.DataFrame
    lift: pd.DataFrame
    pit: pd.DataFrame
    fit: PurchaseModel | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class _Candidate:
    """A model that can be fitted at a split."""

    name: str
    fit: Callable[[pd.DataFrame], PurchaseModel]
    columns: Sequence[str] = ()
    counts_opportunities: bool = False
    gaps: bool = False


def _candidate(model: str | type[PurchaseModel] | CovariateModel) -> _Candidate:
    if not isinstance(model, CovariateModel):
        known = known_model(model)
        alone, counts = partial(known.fit, weights="n"), known.process.counts_opportunities
        return _Candidate(known.__name__, alone, (), counts, bool(known.process.sums))
    central, columns = type(model.central), model.process.covariates
    fit = partial(fit_covariates, central, purchase=[*model.purchase], dropout=[*model.dropout], weights="n")
    return _Candidate(f"{central.__name__} with {', '.join(columns)}", fit, columns)


def known_model(model: str | type[PurchaseModel]) -> type[PurchaseModel]:
    if isinstance(model, type) and issubclass(model, CovariateModel):
        raise ConfigError(
            "A model with covariates is named by a fitted one, from fit_covariates: it says which they are."
        )
    if isinstance(model, type) and issubclass(model, PurchaseModel):
        return model
    if not isinstance(model, str) or model not in _MODELS:
        raise ConfigError(f"Model {model!r} is not known; use one of {', '.join(_MODELS)}, or a model class.")
    return _MODELS[str(model)]


def outcomes(
    orders: Any,
    split: dt.date,
    days: int,
    unit: str,
    grain: str,
    covariates: Any = None,
    columns: Sequence[str] = (),
    gaps: bool = False,
) -> tuple[pd.DataFrame, Rows]:
    """Customers known at the split, counted by history, purchases in the period before and since, and covariates; with
    `gaps` also the mean of log_gaps."""
    log = orders_until(orders, split + dt.timedelta(days=days))
    (table,) = outcomes_of(log, [(split, days)], unit, grain, covariates, columns, gaps)
    if table.empty:
        raise DataError(f"Nobody had bought until {split}: the split must be after the first purchase.")
    return table, outcome_rows(table, columns)


def outcome_rows(table: pd.DataFrame, columns: Sequence[str] = ()) -> Rows:
    """The cells of outcomes as rows that models can be asked about."""
    cell = [column for column in _CELL if column in table.columns]
    return read(table, (*cell, *columns), (), weights="n")


def outcomes_of(
    log: ir.Table,
    periods: Sequence[tuple[dt.date, int]],
    unit: str,
    grain: str,
    covariates: Any = None,
    columns: Sequence[str] = (),
    gaps: bool = False,
    rules: bool = True,
) -> list[pd.DataFrame]:
    """The outcomes of several splits, each given with the days that follow it, by one query. (The number of an event is
    the frequency that a customer has from then on, so one numbering serves every split.) Without `rules` there is no
    last_period."""
    events = numbered(purchases(log), grain)
    events = events.mutate(day=day_number(events.ordered_at), **log_gap_of(events, gaps))
    splits = [(i, number_of(split, "day"), number_of(split, grain), days) for i, (split, days) in enumerate(periods)]
    table = ibis.memtable(pd.DataFrame(splits, columns=["period", "split", "now", "days"]).astype("int64"))
    events = events.inner_join(table, events.day <= table.split + table.days)
    seen, past = events.day <= events.split, events.day <= events.split - events.days
    rank, event = events["rank"], events.event
    counted = events.group_by("period", "now", "customer_id").agg(
        first=event.min(),
        last=event.max(where=seen),
        frequency=rank.max(where=seen),
        will=rank.max(),
        **({"was": rank.max(where=past)} if rules else {}),
        **({"gaps": events.log_gap.sum(where=seen)} if gaps else {}),
    )
    known = counted.filter(counted.frequency.notnull())
    cells = known.select(
        "period",
        "customer_id",
        "frequency",
        **times(known["first"], known["last"], known.now, unit, grain),
        **({_OF_RULES: known.frequency - known.was.fill_null(-1)} if rules else {}),
        actual=known.will - known.frequency,
        **({"gaps": log_gaps_in_unit(known.gaps, known.frequency, unit, grain)} if gaps else {}),
    )
    cells = with_covariates(cells, covariates, columns)
    keys = ["period", *(column for column in _CELL if column in cells.columns), *columns]
    means = {"log_gaps": cells.gaps.mean()} if gaps else {}
    table = cells.group_by(keys).agg(n=cells.count(), **means).order_by(keys).to_pandas()
    answers = []
    for i, (split, _) in enumerate(periods):
        rows = table[table["period"] == i].drop(columns="period").reset_index(drop=True)
        answers.append(rows.assign(unit=unit, grain=grain, as_of=split.isoformat()))
    return answers


def _grade_model(
    model: _Candidate,
    known: pd.DataFrame,
    cells: Rows,
    t: float,
    split: pd.Timestamp,
    level: float,
    draws: int,
    seed: int,
) -> _Grade:
    name = model.name
    try:
        fitted = model.fit(known)
    except FitError as error:
        return _Grade({"split": split, "model": name, "verdict": str(error)}, *[pd.DataFrame()] * 3)
    expected, of_total = forecast_cells(fitted, cells, t, level, draws, seed)
    extra = {**of_total, "verdict": fitted.verdict}
    return replace(_grade(name, expected, predicted(fitted, cells, t), cells, split, extra, seed), fit=fitted)


def _before(log: ir.Table, split: dt.date, days: int, grain: str) -> int:
    """How long before the split the naive forecasts learn their spread: as long as the holdout, or half of the log; 0
    where that is less than a grain."""
    first = purchases(log).ordered_at.min().to_pandas()
    if pd.isna(first) or first.date() > split:
        raise DataError(f"Nobody had bought until {split}: the split must be after the first purchase.")
    known = int((number_of(split, grain) - number_of(first.date(), grain)) * GRAIN_DAYS[grain])
    gap = min(days, known // 2)
    return gap if gap >= GRAIN_DAYS[grain] else 0


def _grade_rules(
    past: Rows | None, past_t: float, cells: Rows, t: float, split: pd.Timestamp, seed: int
) -> list[_Grade]:
    """Naive forecasts, with the spread that they would have had in the time `past_t` before the split."""
    grades = []
    for name, rule in BASELINES.items():
        expected = rule(cells, t)
        density = spread_of(rule, past, past_t).predicted(expected, cells["actual"], t)
        grades.append(_grade(name, expected, density, cells, split, {"verdict": "naive"}, seed))
    return grades


def _grade(
    name: str,
    expected: Array,
    predicted: Predicted,
    cells: Rows,
    split: pd.Timestamp,
    extra: dict[str, Any],
    seed: int,
) -> _Grade:
    actual, n = cells["actual"], cells.weights
    about: dict[str, Any] = {"split": split, "model": name}
    uniform = transform(predicted, n, seed)
    of_customers = {
        "log_density": float((n * predicted.log_density).sum() / cells.n),
        "pit_distance": uniform.distance,
        "pit_p_value": uniform.p_value,
    }
    calibration = by_frequency(cells["frequency"], expected, actual, n)
    tenths = pd.DataFrame({"tenth": range(1, 11), "lift": lift(expected, actual, n)})
    line = {**about, **scores(expected, actual, n), **of_customers, **extra}
    return _Grade(line, *(part.assign(**about) for part in (calibration, tenths, uniform.table)))


def _card(graded: list[_Grade]) -> Scorecard:
    table = pd.DataFrame([g.line for g in graded])
    table = table.reindex(columns=list(dict.fromkeys([*table.columns, *_OF_MODELS])))
    tables = [(g.calibration, g.lift, g.pit) for g in graded]
    parts = [pd.concat(several, ignore_index=True) for several in zip(*tables, strict=True)]
    graded_everywhere = table.groupby("model")["log_density"].agg(lambda each: each.mean(skipna=False))
    ranking = graded_everywhere.dropna().sort_values(ascending=False)
    margin = float(ranking.iloc[0] - ranking.iloc[1]) if len(ranking) > 1 else np.nan
    order = ["split", "model"]
    calibration, tenths, uniform = (part[[*order, *part.columns.difference(order, sort=False)]] for part in parts)
    last = {g.line["model"]: g.fit for g in graded if g.fit is not None and g.line["split"] == graded[-1].line["split"]}
    return Scorecard(table, calibration, tenths, uniform, str(ranking.index[0]), margin, last)
