"""Repeat purchases period by period: what happened, and what the model expects of the same customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, caution
from retention_kit.models.base.rows import Rows, read
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import check_clock, times
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of, period_number
from retention_kit.summarise.common.order_log import orders_until, purchases

__all__ = ["tracking"]


def tracking(
    model: PurchaseModel,
    orders: Any,
    *,
    start: str | dt.date,
    as_of: str | dt.date,
    split: str | dt.date | None = None,
    grain: str = "day",
) -> pd.DataFrame:
    """Repeat purchases per unit of the model, actual against expected, incremental and cumulative.

    Parameters
    ----------
    model : fitted model of purchases
        Its unit is the length of a period.
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
        As for `summarise.customers`.

    Returns
    -------
    DataFrame
        period (from 1), end (its last day), actual, expected, cumulative_actual, cumulative_expected, fitted (whether
        the model has seen the period).

    Notes
    -----
    A customer who came at time s is expected to have made E[X(t - s)] repeat purchases by t; the sum over customers,
    less the same sum at `start`, is the cumulative curve (Fader, Hardie & Lee 2005, fig. 2). BGBB is refused: its time
    goes in opportunities.

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
        check.fault("tracking counts in continuous time, BGBB in opportunities; use holdout", when=_discrete(model))
    first, days = pd.Timestamp(as_day(start, "start")), UNIT_DAYS[model.unit]
    periods = int(((pd.Timestamp(as_day(as_of)) - first).days + 1) // days)
    if periods < 1:
        raise ConfigError(f"From {start} to {as_of} there is no complete {model.unit}.")
    check_clock(model.unit, grain)
    if (fitted_on := model.evidence.grain if model.evidence else "") not in ("", grain):
        caution(
            f"The model was fitted to purchases told apart by {fitted_on}, and grain={grain!r} counts at most one a "
            f"{grain}: actual and expected are not comparable. Pass grain={fitted_on!r}."
        )
    known_until = as_day(as_of) if split is None else as_day(split, "split")
    rows = _ages(orders_until(orders, known_until), known_until, model.unit, grain)
    came = (pd.Timestamp(known_until) - first).days / days - rows["T"]
    table = pd.DataFrame({"period": range(1, periods + 1)})
    table["end"] = [first + pd.Timedelta(days=round(k * days) - 1) for k in table["period"]]
    events = _repeat_events(orders_until(orders, as_day(as_of)), number_of(known_until, "day"), grain)
    day = events["day"].to_numpy() - number_of(as_day(start), "day")
    events, day = events[day >= 0], day[day >= 0]
    which = np.minimum(np.floor(day / days).astype(int), periods)
    table["actual"] = np.bincount(which, events["n"], periods + 1)[:periods]
    wait = np.maximum(np.arange(periods + 1)[:, None] - came, 0.0)
    since_first = model.process.expected_new(model.theta, wait.ravel()).reshape(wait.shape) @ rows.weights
    table["cumulative_expected"] = since_first[1:] - since_first[0]
    table["expected"] = np.diff(since_first)
    table["cumulative_actual"] = table["actual"].cumsum()
    order = ["period", "end", "actual", "expected", "cumulative_actual", "cumulative_expected"]
    return table[order].assign(fitted=table["end"] <= pd.Timestamp(known_until))


def _discrete(model: PurchaseModel) -> bool:
    return isinstance(model, PurchaseModel) and model.process.counts_opportunities


def _ages(log: ir.Table, as_of: dt.date, unit: str, grain: str) -> Rows:
    """How many customers have each T of `summarise.customers`; counted by the engine."""
    bought = purchases(log)
    joined = bought.group_by("customer_id").agg(moment=bought.ordered_at.min())
    first = period_number(joined.moment, grain)
    return read(
        joined.select(T=times(first, first, ibis.literal(number_of(as_of, grain)), unit, grain)["T"]), ("T",), ()
    )


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
