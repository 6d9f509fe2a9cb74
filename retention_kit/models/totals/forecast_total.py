"""The forecast of a total: what all customers together will buy, with an interval that holds in real shops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.errors import caution
from retention_kit.formats import count, counted, percent, three_digits
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.totals.candidates import RULES
from retention_kit.models.totals.combination import interval
from retention_kit.models.totals.early_customers import EarlyCustomers
from retention_kit.models.totals.replay import COMBINATION, Replay
from retention_kit.models.totals.request import MODELS, replayed
from retention_kit.models.totals.segment_totals import segments
from retention_kit.models.totals.track_record import TrackRecord, interval_name, record_of
from retention_kit.summarise.common.calendar_periods import day_of

_ORIGINS = 12
"""Past forecasts in the record that comes with a forecast."""


@dataclass(frozen=True)
class TotalForecast:
    """What customers will buy together, and what it rests on.

    Attributes
    ----------
    table : DataFrame
        One row per horizon: horizon (days), end (the last day), n (customers), expected, low and high (the interval:
        chance, parameters and the model's error), chance_low and chance_high (chance and parameters alone).
    segments : DataFrame or None
        With `by`, one row per horizon and segment: horizon, end, segment, n, expected, low, high. They add up to the
        table's expected.
    candidates : DataFrame
        One row per horizon and candidate: forecast (its name), expected (as it is), moved (expected after its past mean
        error and last year's season), share (of the combination), verdict ("naive", or that of the model's fit).
    record : TrackRecord
        The last twelve such forecasts that are over.
    early : EarlyCustomers
        Whether customers of before the log are in it.
    faults : dict
        By model that could not be fitted, why.
    """

    table: pd.DataFrame
    segments: pd.DataFrame | None = field(repr=False)
    candidates: pd.DataFrame = field(repr=False)
    record: TrackRecord = field(repr=False)
    early: EarlyCustomers = field(repr=False)
    faults: dict[str, str] = field(repr=False)

    def sentence(self, horizon: int | None = None) -> str:
        """The forecast in plain English.

        Parameters
        ----------
        horizon : int, optional
            In days; the first asked for if not given.

        Returns
        -------
        str
            The forecast with its interval, what carries it, early customers, and the track record.

        Examples
        --------
        >>> from retention_kit import load
        >>> print(forecast_total(load.sample("cdnow_sample"), as_of="1998-03-31").sentence())
        In the 91 days until 1998-06-30 the 2,357 customers known on 1998-03-31 are expected to make 561 purchases...
        """
        record = self.record
        days = record.horizons[0] if horizon is None else horizon
        row: Any = self.table.set_index("horizon").loc[days]
        n, values = float(row["n"]), [float(row[c]) for c in ("expected", "low", "high")]
        expected, low, high = three_digits(*values)
        until = pd.Timestamp(row["end"]).date()
        who = f"{counted(n, 'customer')} known on {record.as_of} {'is' if n == 1 else 'are'}"
        name = interval_name(record.level, contradicted=record.contradicted(days))
        purchases = f"make {counted(round(expected), 'purchase')}"
        brings = purchases if record.measure == "purchases" else f"bring a revenue of {count(expected)}"
        text = (
            f"In the {counted(days, 'day')} until {until} the {who} expected to {brings} "
            f"({name}: {count(low)} to {count(high)})."
        )
        return " ".join(filter(None, [text, self._carried(days), self.early.sentence, record.sentence(days)]))

    def _carried(self, days: int) -> str:
        """Where a naive rule has more weight than the models."""
        shares = self.candidates[self.candidates["horizon"] == days].set_index("forecast")["share"]
        best = shares.idxmax()
        if best not in RULES or set(shares.index) <= set(RULES):
            return ""
        return f"It rests on '{best}' for {percent(shares[best])}, which was nearer than the fitted model so far."


def forecast_total(
    orders: Any,
    *,
    as_of: str | dt.date,
    horizon: int | Sequence[int] = 91,
    level: float = 0.9,
    models: str | type[PurchaseModel] | Sequence[str | type[PurchaseModel]] = MODELS,
    measure: str = "purchases",
    by: str | None = None,
    unit: str = "week",
    grain: str = "day",
) -> TotalForecast:
    r"""Purchases or revenue of all customers known at a day, with an interval that includes the error of the model.

    Parameters
    ----------
    orders : Dataset, Ibis table, DataFrame or PastOrders
        The order log; as PastOrders it is counted once for several forecasts.
    as_of : date
        Last day that counts.
    horizon : int or sequence of int
        Days ahead.
    level : float
        Of the intervals.
    models : str, model class, or sequence of them
        As for `holdout`, and "BGCNBD" and "MBGCNBD". The first takes part in the combination, the others are graded in
        the record.
    measure : {"purchases", "revenue"}
        Purchase events (as `grain` tells them apart), or revenue with refunds taken off.
    by : str, optional
        A column of the log that puts customers into segments, by the value in their first row.
    unit, grain : str
        As for `summarise.customers`.

    Returns
    -------
    TotalForecast
        The total per horizon, segments, candidates with their weights, the record, and `sentence()`. A warning says so
        where the record contradicts the interval, and where no model could be fitted.

    Raises
    ------
    ConfigError
        If an argument is not one of those above.
    DataError
        If there is no purchase until as_of.

    See Also
    --------
    track_record : the past forecasts alone, with all models and rules.

    Notes
    -----
    Candidates are the model, "same as last period" and "recency rule" (customers who bought within the horizon go on at
    their own rate). Every 30 days from 60 days after the first purchase it is asked what each would have forecast then,
    and :math:`e = \log(A / F)` is kept once the outcome is known. With n independent past forecasts (those that overlap
    count as fewer) and m the mean squared error of such a candidate in other shops:

    1. each candidate is moved by its mean error, :math:`\bar e \, n / (n + 8 v / m)` with v the (shrunk) variance of e,
       and from one year of record on by half of last year's error in the same season, or by as much as would have
       helped in the past;
    2. weights are :math:`w \propto M^{-2}`, where M is the mean square of the errors that the moved candidates had,
       shrunk to m as if that were worth 4 forecasts;
    3. the variance of the log total is that by chance and parameters, c², plus
       :math:`\sigma^2 = (4 s^2 + \sum_h \omega_h n_h v_h) / (4 + \sum_h \omega_h n_h)` with :math:`v_h` the mean of
       e² - c² that the combination had at horizon h. Other horizons (30, 91, 182 days) count a half from the second
       year on, s is .20 for purchases and .25 for revenue, and the interval is that of t with the denominator as its
       degrees of freedom.

    So without a record a 90 % interval is about ±43 % wide, and the sentence says that it rests on other shops. Where
    the first month of the log holds far too many newcomers, they are customers of before it: the fit leaves out those
    of the first 91 days and forecasts everybody. Constants, and how they hold on logs that were not used for them, are
    in benchmarks/RESULTS.md.

    Examples
    --------
    >>> from retention_kit import load
    >>> forecast = forecast_total(load.sample("cdnow_sample"), as_of="1998-03-31", horizon=91)
    >>> forecast.table[["n", "expected", "low", "high"]].round(-1).values.tolist()
    [[2360.0, 560.0, 400.0, 780.0]]
    """
    past, level = replayed(
        orders,
        as_of=as_of,
        horizon=horizon,
        origins=_ORIGINS,
        models=models,
        measure=measure,
        by=by,
        level=level,
        unit=unit,
        grain=grain,
    )
    record = record_of(past, level, _ORIGINS, by)
    table = pd.DataFrame([_line(past, h, level) for h in past.horizons])
    faults = past.forecasts[-1].faults
    if missing := [f"{name}: {faults[name]}" for name in past.models if name in faults]:
        caution(f"Not every model could be fitted, and what is left forecasts the total. {'; '.join(missing)}")
    for h in past.horizons:
        if record.contradicted(h):
            caution(f"The record contradicts the interval of the total. {record.sentence(h)}")
    parts = pd.concat([_segments(past, h, level) for h in past.horizons], ignore_index=True) if by else None
    return TotalForecast(table, parts, _candidates(past), record, past.early[-1], faults)


def _line(past: Replay, horizon: int, level: float) -> dict[str, Any]:
    """The total and its two intervals."""
    series, half = past.learnt[horizon][COMBINATION], past.half(-1)
    log, variance = series.log[-1], series.variance[-1]
    spread, df = past.spread(len(past.origins) - 1, horizon, COMBINATION)
    ends = [*interval(log, spread + variance, df, level), *interval(log, variance, np.inf, level)]
    names = ("expected", "low", "high", "chance_low", "chance_high")
    totals = dict(zip(names, np.maximum(np.exp([log, *ends]) - half, 0.0).tolist(), strict=True))
    n = float(past.past.known_at(past.origins[-1])["n"].sum())
    return {"horizon": horizon, "end": _end(past, horizon), "n": n, **totals}


def _segments(past: Replay, horizon: int, level: float) -> pd.DataFrame:
    answer, states = segments(past, horizon), past.past.known_at(past.origins[-1])
    low, high = answer.ends(-1, level, past.half(-1))
    n = past.past.sums_of(states, np.ones(len(states)))
    return pd.DataFrame(
        {
            "horizon": horizon,
            "end": _end(past, horizon),
            "segment": past.past.groups,
            "n": n,
            "expected": answer.expected[-1],
            "low": low,
            "high": high,
        }
    )


def _candidates(past: Replay) -> pd.DataFrame:
    lines = []
    for h in past.horizons:
        combined = past.combined[h]
        for name, share in combined.shares[-1].items():
            expected = float(past.forecasts[-1].totals[h][name].sum())
            moved = max((expected + past.half(-1)) * np.exp(combined.moves[name][-1]) - past.half(-1), 0.0)
            verdict = past.forecasts[-1].verdicts.get(name, "naive")
            lines.append((h, name, expected, moved, share, verdict))
    return pd.DataFrame(lines, columns=["horizon", "forecast", "expected", "moved", "share", "verdict"])


def _end(past: Replay, horizon: int) -> pd.Timestamp:
    return pd.Timestamp(day_of(past.origins[-1] + horizon))
