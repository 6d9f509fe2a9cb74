"""Past forecasts of totals beside what happened: how often their intervals held, and how far off they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from retention_kit.formats import counted, percent
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.totals.combination import effective, interval
from retention_kit.models.totals.early_customers import EarlyCustomers
from retention_kit.models.totals.replay import COMBINATION, SPREAD, Replay
from retention_kit.models.totals.request import MODELS, replayed
from retention_kit.models.totals.segment_totals import segments
from retention_kit.summarise.common.calendar_periods import day_of

_UNLIKELY = 0.05
"""Intervals are contradicted where so few of them would hold by chance with this probability."""
_NEARER = 0.9
"""A candidate is called nearer where its mean absolute error is below this part of the combination's."""


@dataclass(frozen=True)
class TrackRecord:
    """Forecasts of a total that would have been made at past dates, and what happened.

    Attributes
    ----------
    table : DataFrame
        One row per past forecast: horizon (days), origin (the last day that it knew), end (the last day it was for),
        forecast ("combination", a model or a naive rule), expected, low and high (its interval, with the model error
        that had been learnt by then), actual, error (expected / actual - 1; NaN where nothing happened), inside, and
        inside_by_chance (whether the interval of chance and parameters alone held; missing for rules).
    summary : DataFrame
        One row per horizon and forecast: n, held (share of intervals that held), held_by_chance, mean_error and
        mean_absolute_error (of error).
    segments : DataFrame or None
        The combination by segment, with `by`: horizon, origin, end, segment, expected, low, high, actual, error and
        inside.
    level : float
        Of the intervals.
    measure : str
        "purchases" or "revenue".
    horizons : tuple of int
        In days.
    as_of : date
        Last day that counts.
    early : EarlyCustomers
        Whether customers of before the log are in it, as seen at as_of.
    """

    table: pd.DataFrame
    summary: pd.DataFrame = field(repr=False)
    segments: pd.DataFrame | None = field(repr=False)
    level: float
    measure: str
    horizons: tuple[int, ...]
    as_of: dt.date
    early: EarlyCustomers = field(repr=False)

    def contradicted(self, horizon: int | None = None) -> bool:
        """Whether so few intervals of the combination held that they cannot be called by their level.

        Parameters
        ----------
        horizon : int, optional
            In days; the first of `horizons` if not given.

        Returns
        -------
        bool
            True where as few would hold by chance with a probability below 5 %. Forecasts that overlap count as fewer.

        Examples
        --------
        >>> from retention_kit import load
        >>> track_record(load.sample("cdnow_sample"), as_of="1997-12-31", horizon=30).contradicted()
        False
        """
        return too_few_held(*self._past(horizon), self.level)

    def sentence(self, horizon: int | None = None) -> str:
        """The record in plain English.

        Parameters
        ----------
        horizon : int, optional
            In days; the first of `horizons` if not given.

        Returns
        -------
        str
            How many intervals held, how far off the forecasts were, whether a single candidate was nearer, and whether
            the record contradicts the intervals.

        Examples
        --------
        >>> from retention_kit import load
        >>> print(track_record(load.sample("cdnow_sample"), as_of="1997-04-30").sentence())
        There is no record yet: no forecast of purchases in 91 days is over by 1997-04-30. The interval uses ...
        """
        past, days = self._past(horizon)
        what = f"{self.measure} in {counted(days, 'day')}"
        if past.empty:
            return (
                f"There is no record yet: no forecast of {what} is over by {self.as_of}. The interval uses the errors "
                f"of forecasts in other shops, with a standard deviation of {percent(SPREAD[self.measure])}."
            )
        return record_sentence(past, days, self.level, what, self._nearer(days))

    def _nearer(self, days: int) -> str:
        """A candidate that was clearly nearer than the combination."""
        errors = self.summary[self.summary["horizon"] == days].set_index("forecast")["mean_absolute_error"].dropna()
        if errors.empty or not errors.min() < _NEARER * errors.get(COMBINATION, np.nan):
            return ""
        off = f"{percent(errors.min())} off on average, the combination {percent(errors[COMBINATION])}"
        return f" Alone, {errors.idxmin()} was nearer: {off}."

    def _past(self, horizon: int | None) -> tuple[pd.DataFrame, int]:
        """The combination's past forecasts for a horizon."""
        days = self.horizons[0] if horizon is None else horizon
        return self.table[(self.table["forecast"] == COMBINATION) & (self.table["horizon"] == days)], days


def track_record(
    orders: Any,
    *,
    as_of: str | dt.date,
    horizon: int | Sequence[int] = 91,
    origins: int = 12,
    models: str | type[PurchaseModel] | Sequence[str | type[PurchaseModel]] = MODELS,
    measure: str = "purchases",
    by: str | None = None,
    level: float = 0.9,
    unit: str = "week",
    grain: str = "day",
) -> TrackRecord:
    r"""What would have been forecast at past dates, what happened, and whether the intervals held.

    Parameters
    ----------
    orders : Dataset, Ibis table, DataFrame or PastOrders
        The order log; as PastOrders it is counted once for several forecasts.
    as_of : date
        Last day that counts.
    horizon : int or sequence of int
        Days ahead; 91 is a quarter.
    origins : int
        Past forecasts at most, the latest ones that are over. They lie 30 days apart, from 60 days after the first
        purchase.
    models : str, model class, or sequence of them
        As for `holdout`. The first takes part in the combination, all are graded. So are
        the naive rules "same as last period", "recency rule" (who bought within the horizon goes on at their own rate)
        and "mean rate".
    measure : {"purchases", "revenue"}
        Purchase events of the customers known at the origin, or their revenue with refunds taken off.
    by : str, optional
        A column of the log that puts customers into segments, by the value in their first row.
    level : float
        Of the intervals.
    unit, grain : str
        As for `summarise.customers`.

    Returns
    -------
    TrackRecord
        The table of past forecasts, a summary, and `sentence()`.

    Raises
    ------
    ConfigError
        If an argument is not one of those above.
    DataError
        If there is no purchase until as_of.

    See Also
    --------
    forecast_total : the forecast that this is the record of, with the method.

    Notes
    -----
    At each origin everything rests on what was known there: fits, naive rules, weights, mean errors, the spread of the
    errors, and whether early customers had been noticed. Customers who come later are in neither the forecasts nor
    what happened. One pass over the orders serves all origins.

    Examples
    --------
    >>> from retention_kit import load
    >>> record = track_record(load.sample("cdnow_sample"), as_of="1998-06-30", horizon=91, models="MBGNBD")
    >>> print(record.sentence())
    Of the last 12 forecasts of purchases in 91 days, 12 lay within their ...
    """
    past, level = replayed(
        orders,
        as_of=as_of,
        horizon=horizon,
        origins=origins,
        models=models,
        measure=measure,
        by=by,
        level=level,
        unit=unit,
        grain=grain,
    )
    return record_of(past, level, origins, by)


def record_of(past: Replay, level: float, origins: int, by: str | None) -> TrackRecord:
    """The record of the last `origins` forecasts that are over."""
    lines, parts = [], []
    for h in past.horizons:
        over = np.flatnonzero(past.origins + h <= past.origins[-1])[-origins:]
        lines += [_line(past, i, h, name, level) for i in over for name in past.learnt[h]]
        parts += _segment_lines(past, over, h, level) if by is not None else []
    columns = ["horizon", "origin", "end", "forecast", "expected", "low", "high", "actual", "error", "inside"]
    table = pd.DataFrame([line for line in lines if line], columns=[*columns, "inside_by_chance"])
    columns[columns.index("forecast")] = "segment"
    return TrackRecord(
        table,
        summary_of(table),
        pd.concat(parts, ignore_index=True)[columns] if parts else None,
        level,
        past.measure,
        tuple(past.horizons),
        _date(past.origins[-1]).date(),
        past.early[-1],
    )


def _line(past: Replay, i: int, horizon: int, name: str, level: float) -> dict[str, Any]:
    """One past forecast beside what happened; nothing where it could not be made."""
    series, half = past.learnt[horizon][name], past.half(i)
    if not np.isfinite(series.log[i]):
        return {}
    spread, df = past.spread(i, horizon, name)
    low, high = interval(series.log[i], spread + series.variance[i], df, level)
    error, actual = series.errors[i], past.actual[horizon][i].sum()
    by_chance = interval(0.0, series.variance[i], np.inf, level)[1]
    expected = max(np.exp(series.log[i]) - half, 0.0)
    return {
        **_when(past, i, horizon),
        "forecast": name,
        "expected": expected,
        "low": max(np.exp(low) - half, 0.0),
        "high": np.exp(high) - half,
        "actual": actual,
        "error": expected / actual - 1 if actual > 0 else np.nan,
        "inside": bool(low <= series.log[i] + error <= high),
        "inside_by_chance": float(abs(error) <= by_chance) if name in past.models else np.nan,
    }


def _segment_lines(past: Replay, over: Array, horizon: int, level: float) -> list[pd.DataFrame]:
    answer, lines = segments(past, horizon), []
    for i in over:
        low, high = answer.ends(i, level, past.half(i))
        actual = past.actual[horizon][i]
        table = pd.DataFrame({"segment": past.past.groups, "expected": answer.expected[i], "low": low, "high": high})
        table = table.assign(actual=actual, inside=(low <= actual) & (actual <= high), **_when(past, i, horizon))
        lines.append(table.assign(error=(table["expected"] / table["actual"].where(table["actual"] > 0)) - 1))
    return lines


def _when(past: Replay, i: int, horizon: int) -> dict[str, Any]:
    return {"horizon": horizon, "origin": _date(past.origins[i]), "end": _date(past.origins[i] + horizon)}


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(day_of(day))


def too_few_held(past: pd.DataFrame, days: float, level: float) -> bool:
    """Whether as few intervals would hold by chance with a probability below 5 %; overlapping ones count as fewer."""
    if past.empty:
        return False
    n = effective((past["origin"] - past["origin"].min()).dt.days.to_numpy(), days)
    held = float(past["inside"].mean()) * n
    return held < n and float(special.betainc(n - held, held + 1, 1 - level)) < _UNLIKELY


def summary_of(table: pd.DataFrame) -> pd.DataFrame:
    """Per horizon and forecast of a record: n, held, held_by_chance where the record has it, mean_error and
    mean_absolute_error; held is NaN for those without intervals."""
    by_chance = {"held_by_chance": ("inside_by_chance", "mean")} if "inside_by_chance" in table else {}
    columns: dict[str, Any] = {
        "n": ("expected", "size"),
        "held": ("inside", "mean"),
        **by_chance,
        "mean_error": ("error", "mean"),
        "mean_absolute_error": ("error", lambda error: error.abs().mean()),
    }
    summary: pd.DataFrame = table.groupby(["horizon", "forecast"], sort=False).agg(**columns).reset_index()
    return summary


def interval_name(level: float, *, contradicted: bool) -> str:
    """What an interval is called: by its level, unless its record contradicts that."""
    if contradicted:
        return f"interval meant to hold {percent(level)}, which its record contradicts"
    return f"{percent(level)} interval"


def record_sentence(past: pd.DataFrame, days: float, level: float, what: str, nearer: str = "") -> str:
    """How many intervals of past forecasts held, how far off they were, what was nearer, and whether the record
    contradicts the interval."""
    n, held, name = len(past), int(past["inside"].sum()), interval_name(level, contradicted=False)
    text = f"Of the last {n} forecasts of {what}, {held} {'lies' if held == 1 else 'lay'} within their {name}"
    if n == 1:
        text = f"The only forecast of {what} that is over {'lay' if held else 'did not lie'} within its {name}"
    doubt = ""
    if too_few_held(past, days, level):
        doubt = f" So few would hardly happen by chance: the interval is too narrow to be called {percent(level)}."
    return f"{text}{_mean_error_phrase(past['error'])}.{nearer}{doubt}"


def _mean_error_phrase(errors: pd.Series) -> str:
    """The mean error in words, to be put after how many intervals held; empty where nothing happened."""
    mean = float(errors.mean())
    if not np.isfinite(mean):
        return ""
    who = "on average they were" if len(errors) > 1 else "it was"
    if abs(mean) < 0.005:
        return f"; {who} neither too high nor too low"
    return f"; {who} {percent(abs(mean))} too {'high' if mean > 0 else 'low'}"
