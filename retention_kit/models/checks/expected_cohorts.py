"""Cohort curves that a fitted model of purchases expects, to lay over the observed ones and carry on beyond them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models.futures.buying import BuyingProcess
from retention_kit.models.futures.drawn_futures import columns_of
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.common.calendar_periods import (
    as_day,
    check_period,
    day_number,
    number_of,
    period_number,
    period_start,
)
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases


def expected_cohorts(
    model: PurchaseModel,
    orders: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    ages: int = 24,
    pooled: bool = False,
    level: float = 0.9,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Share of each cohort that a model expects to buy in each period after the first, with intervals.

    Parameters
    ----------
    model : BGNBD, MBGNBD, BGCNBD, MBGCNBD or ParetoNBD
        Fitted on events of one day (grain "day").
    orders : Dataset, Ibis table or DataFrame
        The order log, for the day on which each customer came.
    as_of : str or date
        Cohorts up to this day.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods, as in `summarise.cohorts`.
    ages : int
        Last age to project to, from 0.
    pooled : bool
        One curve over all cohorts together, in place of one for each.
    level : float
        Confidence level of the intervals, in (0, 1).
    draws : int
        Draws of the parameters from their posterior.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    DataFrame
        One row per (cohort and) age: cohort, age, size; expected: share of the cohort that buys in the period, to be
        compared with the rate counted "on"; expected_low, expected_high: how sure the model is of it (NaN for a model
        built from published parameters); predicted_low, predicted_high: where the observed rate should lie, with
        the chance of single customers in it.

    Raises
    ------
    ConfigError
        When the model has no such curve, or ages, level or draws cannot be used.
    DataError
        When nobody had ordered by as_of.

    Notes
    -----
    For a customer who came s before the period and stays unknown otherwise, with the period of length h:

    .. math:: P = E[e^{-\lambda p s}(1 - e^{-\lambda h})]
                = E_p[(1 + ps/\alpha)^{-r} - (1 + (ps + h)/\alpha)^{-r}]

    for BG/NBD (MBG/NBD: times 1 - p, the chance to outlast the first purchase), and for Pareto/NBD
    :math:`\int_0^h E[\lambda e^{-\lambda u}] \, E[e^{-\mu(s+u)}] \, du`. The share of a cohort is the mean over the
    days on which its customers came. Derived here; a test holds it against simulated customers. The
    spread over the draws is taken at the mean day.

    Examples
    --------
    >>> from retention_kit import load
    >>> from retention_kit.models import BGNBD
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> table = expected_cohorts(model, load.sample("cdnow_sample"), as_of="1997-09-30", ages=2)
    >>> table[["cohort", "age", "size", "expected"]].round(3).head(3)
          cohort  age  size  expected
    0 1997-01-01    0   781     1.000
    1 1997-01-01    1   781     0.133
    2 1997-01-01    2   781     0.123
    """
    check_period(period)
    with Arguments() as check:
        level, ages = check.level("level", level), check.whole("ages", ages, least=0)
        draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
        pooled = check.flag("pooled", pooled)
    if not isinstance(model, PurchaseModel):
        raise ConfigError(
            f"expected_cohorts needs BGNBD, MBGNBD, BGCNBD, MBGCNBD or ParetoNBD; got {type(model).__name__}."
        )
    cells = _cells(_arrivals(orders, as_of_day := as_day(as_of), period), period, ages)
    if cells.empty:
        raise DataError(f"Nobody had ordered by {as_of_day}; take a later as_of.")
    keys = ["age"] if pooled else ["cohort", "age"]
    sizes = cells.groupby(keys)["customers"].sum()
    process, per_day = model.process, 1 / UNIT_DAYS[model.unit]
    exact, near = _times(cells, keys, per_day), _times(_middle(cells), keys, per_day)
    best = _shares(process, model.theta, exact)
    drawn = model.draws(draws, seed) if model.evidence is not None else np.empty((0, len(model.theta)))
    scale = best / _shares(process, model.theta, near, rough=True)
    blocks = (theta for _, theta in columns_of(process, drawn, len(near.until)))
    curves = [line * scale for theta in blocks for line in np.atleast_2d(_shares(process, theta, near, rough=True))]
    table = sizes.rename("size").reset_index()
    table = table.assign(**bands(best, curves, sizes, level, seed))
    if not pooled:
        table["cohort"] = period_start(table["cohort"], period)
    return table


def bands(best: Array, drawn: list[Array], sizes: Any, level: float, seed: int) -> dict[str, Array]:
    """Expected shares with the interval of the expectation, and the interval of the observed share."""
    tails, rng = [(1 - level) / 2, (1 + level) / 2], np.random.default_rng([seed, 1])
    n = np.asarray(sizes, dtype="int64")
    curves = np.stack(drawn) if drawn else best[None]
    sure = np.quantile(curves, tails, axis=0) if drawn else np.full((2, len(best)), np.nan)
    if np.isnan(curves).any():
        raise FitError(
            "The model's parameters are too extreme for a curve: more customers or a longer window settle them."
        )
    many = np.repeat(curves, max(1, -(-1000 // len(curves))), axis=0)
    seen = np.quantile(rng.binomial(n, np.clip(many, 0, 1)) / n, tails, axis=0)
    names = ("expected_low", "expected_high", "predicted_low", "predicted_high")
    return {"expected": best, **dict(zip(names, [*sure, *seen], strict=True))}


def _arrivals(orders: Orders, as_of: dt.date, period: str) -> pd.DataFrame:
    """Customers by the day of the first order, counted in the engine."""
    bought = purchases(orders_until(orders, as_of))
    first = bought.group_by("customer_id").agg(moment=bought.ordered_at.min())
    days = first.select(day=day_number(first.moment), cohort=period_number(first.moment, period))
    table: pd.DataFrame = days.group_by(["cohort", "day"]).agg(customers=days.count()).to_pandas()
    return table.astype("int64").sort_values(["cohort", "day"], ignore_index=True)


def _cells(arrivals: pd.DataFrame, period: str, ages: int) -> pd.DataFrame:
    """One row per day of arrival and age: days until the period begins, and its length.

    Time is counted to the end of a day, as in T: an event on the j-th day after the first fell in (j - 1, j].
    """
    cells = arrivals.merge(pd.DataFrame({"age": np.arange(ages + 1)}), how="cross")
    number = cells["cohort"] + cells["age"]
    starts = {int(k): number_of(period_start(np.array([k]), period)[0].date(), "day") for k in {*number, *(number + 1)}}
    begin, end = number.map(starts), (number + 1).map(starts)
    return cells.assign(until=(begin - 1 - cells["day"]).clip(lower=0), length=end - begin)


def _middle(cells: pd.DataFrame) -> pd.DataFrame:
    """All customers of a cohort at their mean day of arrival: near enough to see what the parameters do to a share."""
    weighted = cells.assign(until=cells["until"] * cells["customers"])
    sums = weighted.groupby(["cohort", "age", "length"])[["until", "customers"]].sum().reset_index()
    return sums.assign(until=sums["until"] / sums["customers"])


@dataclass(frozen=True)
class _Times:
    """Distinct times until a period and lengths of it, in units of the model; customers per answer and time, at age 0,
    and in all."""

    until: Array
    length: Array
    counts: sparse.csr_matrix
    at_once: Array
    n: Array


def _times(cells: pd.DataFrame, keys: list[str], per_day: float) -> _Times:
    answer, n = cells.groupby(keys).ngroup().to_numpy(), cells["customers"].to_numpy(dtype=float)
    later = cells["age"].to_numpy() > 0
    code, pairs = pd.factorize(cells["until"].to_numpy() + 1j * cells["length"].to_numpy())
    counts = sparse.csr_matrix((n * later, (answer, code)))
    until, length = pairs.real * per_day, pairs.imag * per_day
    return _Times(until, length, counts, np.bincount(answer, n * ~later), np.bincount(answer, n))


def _shares(process: BuyingProcess, theta: Array, times: _Times, *, rough: bool = False) -> Array:
    """Expected share per answer; at age 0 everybody has bought. `rough` where six digits will do; where the parameters
    are columns, a line for each draw."""
    buys = process.buy_between(theta, times.until, times.length, rough)
    shares: Array = (times.at_once + (times.counts @ buys.T).T) / times.n
    return shares
