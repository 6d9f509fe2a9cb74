"""Repeat purchases period by period: what happened, and what the model expects of the same customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, caution
from retention_kit.models.base.rows import PURCHASES, Rows, read
from retention_kit.models.covariates.covariate_table import with_covariates
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import check_clock, times
from retention_kit.summarise.common.calendar_periods import (
    as_day,
    day_number,
    ends_period,
    number_of,
    period_number,
    period_start,
)
from retention_kit.summarise.common.order_log import orders_until, purchases


def tracking(
    model: PurchaseModel,
    orders: Any,
    *,
    start: str | dt.date,
    as_of: str | dt.date,
    split: str | dt.date | None = None,
    grain: str = "day",
    covariates: Any = None,
) -> pd.DataFrame:
    """Repeat purchases per unit of the model, actual against expected, incremental and cumulative.

    Parameters
    ----------
    model : fitted model of purchases
        Its unit is the length of a period; for BGBB a period is one opportunity.
    orders : Dataset, Ibis table or DataFrame
        The order log.
    start : date
        First day of period 1. Both curves count from here: what lies before is in neither, so a start after the first
        purchases, such as the first day of a holdout, is allowed.
    as_of : date
        Last day; a last period that is not complete is left out.
    split : date, optional
        Last day the model was fitted on: customers who came later are not counted.
    grain : str
        As for `summarise.customers`; for BGBB its unit.
    covariates : DataFrame or Ibis table, optional
        For a model with covariates, one row per customer: customer_id and these columns.

    Returns
    -------
    DataFrame
        period (from 1), end (its last day), actual, expected, cumulative_actual, cumulative_expected, fitted (whether
        the model has seen the period).

    Notes
    -----
    A customer who came at time s is expected to have made E[X(t - s)] repeat purchases by t; the sum over customers,
    less the same sum at `start`, is the cumulative curve (Fader, Hardie & Lee 2005, fig. 2). BGBB counts whole
    opportunities: its periods are calendar periods of the unit, start is the first day of one and split the last, and a
    customer's opportunities begin with the period after the first purchase.

    Examples
    --------
    >>> from retention_kit import load
    >>> from retention_kit.models import BGNBD
    >>> model = BGNBD(r=0.2425945, alpha=4.4136019, a=0.7929199, b=2.4258881)
    >>> table = tracking(model, load.sample("cdnow_sample"), start="1997-01-01", as_of="1997-05-27", split="1997-09-30")
    >>> table.query("period == 20")[["actual", "expected"]].round(2).values.tolist()
    [[73.0, 76.87]]
    """
    with Arguments() as check:
        check.instance("model", model, PurchaseModel, "a fitted model of purchases, such as BGNBD")
    known_until = as_day(as_of) if split is None else as_day(split, "split")
    check_clock(model.unit, grain)
    if (fitted_on := model.evidence.grain if model.evidence else "") not in ("", grain):
        caution(
            f"The model was fitted to purchases told apart by {fitted_on}, and grain={grain!r} counts at most one a "
            f"{grain}: actual and expected are not comparable. Pass grain={fitted_on!r}."
        )
    first = as_day(start, "start")
    clock = _opportunities if model.process.counts_opportunities else _times
    starts, came_before = clock(first, as_day(as_of), known_until, model.unit, grain)
    periods = len(starts) - 1
    if periods < 1:
        raise ConfigError(f"From {start} to {as_of} there is no complete {model.unit}.")
    columns = [column for column in model.process.columns if column not in PURCHASES]
    rows = _ages(orders_until(orders, known_until), known_until, model.unit, grain, covariates, columns)
    events = _repeat_events(orders_until(orders, as_day(as_of)), number_of(known_until, "day"), grain)
    table = pd.DataFrame({"period": range(1, periods + 1), "end": starts[1:] - pd.Timedelta(days=1)})
    table["actual"] = _by_period(events, starts)
    wait = np.maximum(np.arange(periods + 1)[:, None] - came_before(rows["T"]), 0.0)
    since_first = np.zeros(periods + 1)
    for position, process, theta in model.process.alike(model.theta, rows):
        some = wait[:, position]
        since_first += process.expected_new(theta, some.ravel()).reshape(some.shape) @ rows.weights[position]
    table["cumulative_expected"] = since_first[1:] - since_first[0]
    table["expected"] = np.diff(since_first)
    table["cumulative_actual"] = table["actual"].cumsum()
    order = ["period", "end", "actual", "expected", "cumulative_actual", "cumulative_expected"]
    return table[order].assign(fitted=table["end"] <= pd.Timestamp(known_until))


_Clock = tuple[pd.DatetimeIndex, Callable[[Array], Array]]
"""First days of the periods and of the one after; and from T at the split, periods from the start to the first
purchase."""


def _times(start: dt.date, as_of: dt.date, known_until: dt.date, unit: str, grain: str) -> _Clock:  # noqa: ARG001
    """Periods of one length, from `start`."""
    first, days = pd.Timestamp(start), UNIT_DAYS[unit]
    periods = max(int(((pd.Timestamp(as_of) - first).days + 1) // days), 0)
    starts = pd.DatetimeIndex([first + pd.Timedelta(days=round(k * days)) for k in range(periods + 1)])
    known = (pd.Timestamp(known_until) - first).days / days
    return starts, lambda T: known - T


def _opportunities(start: dt.date, as_of: dt.date, known_until: dt.date, unit: str, grain: str) -> _Clock:
    """Calendar periods; a customer who came in one of them has the first opportunity in the next."""
    before = start - dt.timedelta(days=1)
    if grain != unit or not (ends_period(before, unit) and ends_period(known_until, unit)):
        raise ConfigError(
            f"BGBB counts whole opportunities: tracking needs grain={unit!r}, start on the first day of a {unit} and "
            f"the split (or as_of without one) on the last; got grain={grain!r}, {start} and {known_until}."
        )
    first, last = number_of(start, unit), number_of(as_of + dt.timedelta(days=1), unit)
    known = number_of(known_until, unit) - first
    return period_start(np.arange(first, last + 1), unit), lambda T: known - T + 1


def _by_period(events: pd.DataFrame, starts: pd.DatetimeIndex) -> Array:
    """Events in each of the periods."""
    days = np.array([number_of(day.date(), "day") for day in starts])
    period = np.searchsorted(days, events["day"].to_numpy(), side="right") - 1
    inside = (period >= 0) & (period < len(starts) - 1)
    counts: Array = np.bincount(period[inside], events["n"][inside], len(starts) - 1)
    return counts


def _ages(log: ir.Table, as_of: dt.date, unit: str, grain: str, covariates: Any, columns: Sequence[str]) -> Rows:
    """How many customers have each T of `summarise.customers`, and covariates; counted by the engine."""
    bought = purchases(log)
    joined = bought.group_by("customer_id").agg(moment=bought.ordered_at.min())
    first = period_number(joined.moment, grain)
    ages = joined.select(
        joined.customer_id, T=times(first, first, ibis.literal(number_of(as_of, grain)), unit, grain)["T"]
    )
    return read(with_covariates(ages, covariates, columns), ("T", *columns), ())


def _repeat_events(log: ir.Table, known_until: int, grain: str) -> pd.DataFrame:
    """Repeat purchase events per day, of customers who came no later than a day; counted by the engine."""
    bought = purchases(log)
    bought = bought.select(
        "customer_id", day=day_number(bought.ordered_at), event=period_number(bought.ordered_at, grain)
    )
    events = bought.group_by(["customer_id", "event"]).agg(day=bought.day.min())
    events = events.mutate(first=events.day.min().over(ibis.window(group_by="customer_id")))
    repeat = events.filter((events.day > events["first"]) & (events["first"] <= known_until))
    table: pd.DataFrame = repeat.group_by("day").agg(n=repeat.count()).order_by("day").to_pandas()
    return table
