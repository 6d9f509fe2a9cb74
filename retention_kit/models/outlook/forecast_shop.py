"""The forecast of a whole shop: the customers who are known, and those who will come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError, caution
from retention_kit.formats import count, count_of_three_digits, counted, percent, three_digits
from retention_kit.models.outlook.naive_rates import NAIVE_RATES
from retention_kit.models.outlook.newcomers import BEGIN, arrivals, closed_since
from retention_kit.models.outlook.own_record import graded, graded_rule, own_record_sentence
from retention_kit.models.outlook.shop_parts import COUNT, NEW, PARTS, STEP, WHOLE, Shop, shop_parts, steps_of
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.totals.early_customers import EarlyCustomers
from retention_kit.models.totals.request import LONGEST, MODELS, replayed
from retention_kit.models.totals.track_record import interval_name, summary_of, too_few_held
from retention_kit.summarise.common.calendar_periods import day_of

_ORIGINS, _YOUNGEST = 12, 60
_LEVELS = (0.5, 0.8, 0.9)
_NEARER = 0.9
"""A rule is called nearer where its mean absolute error is below this part of the forecast's."""


@dataclass(frozen=True)
class ShopForecast:
    """What a shop will sell within a horizon, by whom, and what the forecast rests on.

    Attributes
    ----------
    table : DataFrame
        One row per part ("known customers", "new customers", "whole shop"): end (the last day), customers (known, or
        expected to come, or both), expected, low, high. The parts add up to the whole; their intervals do not.
    newcomers : DataFrame
        One row: customers (expected to come), low, high, first and further (what they bring at their first purchase and
        later, in the measure).
    path : DataFrame
        One row per step of 30 days and level (0.5, 0.8, 0.9 and the one asked for): end, expected, level, low, high, of
        the whole shop within the step. The last step is up to 44 days long.
    cumulative : DataFrame
        One row per step: end, known, new, expected, low, high, from as_of to the end of the step.
    history : DataFrame
        One row per 30 days until as_of: end, value (of the whole shop).
    past : DataFrame
        Past forecasts of the steps that are over: origin, end, expected, low, high, value.
    record : DataFrame
        Past forecasts of the horizon: horizon, origin, end, forecast (a part, "number of new customers", or a naive
        rule for the whole shop), expected, low, high, actual, error (expected / actual - 1), inside. Rules have no
        interval.
    summary : DataFrame
        One row per horizon and forecast of the record: n, held, mean_error, mean_absolute_error.
    early : EarlyCustomers
        Whether customers of before the log are in it.
    last_new : date
        Day on which the last new customer came.
    closed : bool
        Whether so long ago that the log follows a fixed group of customers, and none are expected.

    Examples
    --------
    >>> from retention_kit import load
    >>> shop = forecast_shop(load.sample("cdnow_sample"), as_of="1997-12-31", horizon=30, models="MBGNBD")
    >>> shop.closed, shop.contradicted(), len(shop.history)
    (True, False, 12)
    """

    table: pd.DataFrame
    newcomers: pd.DataFrame = field(repr=False)
    path: pd.DataFrame = field(repr=False)
    cumulative: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    past: pd.DataFrame = field(repr=False)
    record: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    horizon: int
    level: float
    measure: str
    as_of: dt.date
    early: EarlyCustomers = field(repr=False)
    last_new: dt.date
    closed: bool

    def contradicted(self, forecast: str = WHOLE) -> bool:
        """Whether so few past intervals of a part held that they cannot be called by their level.

        Parameters
        ----------
        forecast : str
            A part, or "number of new customers".

        Returns
        -------
        bool
            True where as few would hold by chance with a probability below 5 %.
        """
        return too_few_held(self._past(forecast), self.horizon, self.level)

    def sentence(self) -> str:
        """The forecast in plain English.

        Returns
        -------
        str
            The whole shop with its interval, its parts, what is said of new customers, and the track record.
        """
        lines: Any = {line["part"]: line for line in self.table.to_dict("records")}
        known, new, shop = (lines[part] for part in PARTS)
        name = interval_name(self.level, contradicted=self.contradicted())
        is_money = self.measure == "revenue"
        expected, low, high = three_digits(shop["expected"], shop["low"], shop["high"])
        brings = f"bring a revenue of {count(expected)}" if is_money else f"have {counted(round(expected), 'purchase')}"
        text = (
            f"In the {counted(self.horizon, 'day')} until {shop['end'].date()} the shop is expected to {brings} "
            f"({name}: {count(low)} to {count(high)}): "
            f"{count_of_three_digits(known['expected'])} by {counted(known['customers'], 'known customer')}, "
            f"{count_of_three_digits(new['expected'])} by new ones."
        )
        what = f"the whole shop in {counted(self.horizon, 'day')}"
        record = own_record_sentence(self._past(WHOLE), self.horizon, self.level, what)
        return " ".join(filter(None, [text, self._new(), self.early.sentence, record, self._nearer()]))

    def _new(self) -> str:
        """How many will come, or why none are expected."""
        if self.closed:
            return (
                f"No new customer has come since {self.last_new}, so none are expected: the log follows the customers "
                "who came until then, or later ones are missing from it."
            )
        line: Any = self.newcomers.iloc[0]
        expected, low, high = three_digits(line["customers"], line["low"], line["high"])
        return (
            f"{count(expected)} new customers are expected ({percent(self.level)} interval: "
            f"{count(low)} to {count(high)})."
        )

    def _nearer(self) -> str:
        """A rule that was clearly nearer than the forecast of the whole shop."""
        errors = self.summary.set_index("forecast")["mean_absolute_error"].reindex([WHOLE, *NAIVE_RATES]).dropna()
        n = self.summary.set_index("forecast")["n"]
        errors = errors[n.loc[errors.index] == n.get(WHOLE, 0)]
        if errors.empty or not errors.min() < _NEARER * errors.get(WHOLE, np.nan):
            return ""
        off = f"{percent(errors.min())} off on average, the forecast {percent(errors[WHOLE])}"
        return f"Alone, '{errors.idxmin()}' was nearer: {off}."

    def _past(self, forecast: str) -> pd.DataFrame:
        return self.record[self.record["forecast"] == forecast]


def forecast_shop(
    orders: Any,
    *,
    as_of: str | dt.date,
    horizon: int = 91,
    level: float = 0.9,
    models: str | type[PurchaseModel] | Sequence[str | type[PurchaseModel]] = MODELS,
    measure: str = "purchases",
    unit: str = "week",
    grain: str = "day",
) -> ShopForecast:
    r"""Purchases or revenue of a whole shop: of the customers known at a day and of those who will come.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : date
        Last day that counts.
    horizon : int
        Days ahead; 91 is a quarter.
    level : float
        Of the intervals.
    models : str, model class, or sequence of them
        As for `forecast_total`; the first takes part.
    measure : {"purchases", "revenue"}
        Purchase events (as `grain` tells them apart), or revenue with refunds taken off.
    unit, grain : str
        As for `summarise.customers`.

    Returns
    -------
    ShopForecast
        The three parts, the steps to the horizon, the record, and `sentence()`. A warning says so where the record
        contradicts the interval of the whole shop.

    Raises
    ------
    ConfigError
        If an argument is not one of those above.
    DataError
        If there is no purchase until as_of, or the log is younger than 60 days: customers of before it look new in the
        first 30, and `forecast_total` can forecast the known ones alone.

    See Also
    --------
    forecast_total : the known customers alone, by segment too.

    Notes
    -----
    Known customers are those of `forecast_total`. The number N of new customers in h days is a combination of "same as
    last period", "mean of the last year", "damped trend" and, from a year of record on, "same season last year", each
    moved by its shrunk mean error and weighted by its record as the candidates of `forecast_total` are. With m(a) what
    a new customer brings until age a, as seen in the last year, customers who come evenly bring
    :math:`N \frac{1}{h} \sum_{a=0}^{h-1} m(a)`. A log without a newcomer for 91 days is closed, and none are expected.

    The whole shop is the sum of both. Every part, the number of newcomers, the whole shop and each step of it have an
    interval by their own past errors: a t interval of the log with variance :math:`c^2 + \sigma^2`, where c² is chance
    and σ² the shrunk mean of e² - c² of this very forecast at past origins (see `forecast_total`). Without a record σ
    is .20 for purchases and .25 for revenue, and .35 for new customers. So errors that both parts share, such as a
    season, are in the interval of the whole. How often intervals held is in benchmarks/RESULTS.md.

    Examples
    --------
    >>> from retention_kit import load
    >>> shop = forecast_shop(load.sample("cdnow_sample"), as_of="1997-12-31", horizon=30, models="MBGNBD")
    >>> shop.table["part"].tolist()
    ['known customers', 'new customers', 'whole shop']
    >>> print(shop.sentence())
    In the 30 days until 1998-01-30 the shop is expected to have ... No new customer has come since 1997-03-25, so ...
    """
    with Arguments() as check:
        days = check.whole("horizon (in days)", horizon, least=1, most=LONGEST)
    steps = steps_of(days)
    past, level = replayed(
        orders,
        as_of=as_of,
        horizon=[*steps],
        origins=_ORIGINS,
        models=models,
        measure=measure,
        by=None,
        level=level,
        unit=unit,
        grain=grain,
    )
    age = int(past.origins[-1]) - past.past.start + 1
    if age < _YOUNGEST:
        raise DataError(
            f"The log is {counted(age, 'day')} old on {_day(past.origins[-1]).date()}, and customers of before it look "
            f"new in the first {BEGIN}: new customers can be forecast from {_YOUNGEST} days on. Choose a later as_of, "
            "or models.forecast_total for the known customers alone."
        )
    shop = shop_parts(past, steps)
    record = _record(shop, days, level)
    forecast = _answer(shop, steps, record, level)
    if forecast.contradicted():
        caution(f"The record contradicts the interval of the whole shop. {forecast.sentence()}")
    return forecast


def _answer(shop: Shop, steps: Sequence[int], record: pd.DataFrame, level: float) -> ShopForecast:
    past, h, came = shop.past, float(steps[-1]), shop.came[float(steps[-1])]
    series, now = arrivals(past.past), int(past.origins[-1]) - past.past.start + 1
    first = float(came.customers[-1] * came.first[-1])
    new = float(shop.quantities[NEW].expected[h][-1])
    low, high = shop.quantities[COUNT].ends(-1, h, level)
    line = {"customers": came.customers[-1], "low": low, "high": high, "first": first, "further": new - first}
    return ShopForecast(
        _parts(shop, h, level),
        pd.DataFrame([line]).astype(float),
        _path(shop, steps, level),
        _cumulative(shop, steps, level),
        _history(shop),
        _past_steps(shop, steps, level),
        record,
        summary_of(record),
        int(h),
        level,
        past.measure,
        _day(past.origins[-1]).date(),
        past.early[-1],
        _day(past.past.newcomers(int(past.origins[-1]))[0][-1]).date(),
        bool(closed_since(series, now)),
    )


def _parts(shop: Shop, horizon: float, level: float) -> pd.DataFrame:
    known, new = float(shop.past.past.known_at(shop.past.origins[-1])["n"].sum()), shop.came[horizon].customers[-1]
    customers, lines = dict(zip(PARTS, (known, new, known + new), strict=True)), []
    for part in PARTS:
        quantity = shop.quantities[part]
        line = {"part": part, "end": _end(shop, horizon), "customers": customers[part]}
        low, high = quantity.ends(-1, horizon, level)
        lines.append({**line, "expected": quantity.expected[horizon][-1], "low": low, "high": high})
    return pd.DataFrame(lines)


def _path(shop: Shop, steps: Sequence[int], level: float) -> pd.DataFrame:
    lines = []
    for step in map(float, steps):
        for one in sorted({*_LEVELS, level}):
            low, high = shop.steps.ends(-1, step, one)
            lines.append((_end(shop, step), shop.steps.expected[step][-1], one, low, high))
    return pd.DataFrame(lines, columns=["end", "expected", "level", "low", "high"])


def _cumulative(shop: Shop, steps: Sequence[int], level: float) -> pd.DataFrame:
    lines = []
    for step in map(float, steps):
        expected = [shop.quantities[part].expected[step][-1] for part in PARTS]
        lines.append((_end(shop, step), *expected, *shop.quantities[WHOLE].ends(-1, step, level)))
    return pd.DataFrame(lines, columns=["end", "known", "new", "expected", "low", "high"])


def _history(shop: Shop) -> pd.DataFrame:
    """Totals of 30 days each, as many as lie within the log."""
    totals = shop.daily.amounts
    ends = np.arange(len(totals) - 1, STEP - 1, -STEP)[::-1]
    start = shop.past.past.start
    return pd.DataFrame({"end": [_day(start + t - 1) for t in ends], "value": totals[ends] - totals[ends - STEP]})


def _past_steps(shop: Shop, steps: Sequence[int], level: float) -> pd.DataFrame:
    """The forecasts of single steps, of the origins in the record."""
    tables = [_dated(shop, graded(shop.steps, WHOLE, float(h), level, _ORIGINS), float(h)) for h in steps]
    past = pd.concat(tables, ignore_index=True).sort_values(["origin", "end"], ignore_index=True)
    return past.rename(columns={"actual": "value"})[["origin", "end", "expected", "low", "high", "value"]]


def _record(shop: Shop, horizon: int, level: float) -> pd.DataFrame:
    h = float(horizon)
    tables = [graded(shop.quantities[name], name, h, level, _ORIGINS) for name in (*PARTS, COUNT)]
    totals = tables[PARTS.index(WHOLE)]
    at = totals["position"].to_numpy()
    tables += [graded_rule(totals, name, by_horizon[h][at]) for name, by_horizon in shop.rules.items()]
    return pd.concat([_dated(shop, table, h) for table in tables if len(table)] or [_dated(shop, totals, h)])[
        ["horizon", "origin", "end", "forecast", "expected", "low", "high", "actual", "error", "inside"]
    ].reset_index(drop=True)


def _dated(shop: Shop, table: pd.DataFrame, horizon: float) -> pd.DataFrame:
    days = shop.past.origins[table["position"].to_numpy(dtype=int)]
    origins, ends = (pd.to_datetime([_day(day) for day in days + shift]) for shift in (0, int(horizon)))
    return table.assign(horizon=int(horizon), origin=origins, end=ends)


def _end(shop: Shop, horizon: float) -> pd.Timestamp:
    return _day(int(shop.past.origins[-1]) + int(horizon))


def _day(day: int) -> pd.Timestamp:
    return pd.Timestamp(day_of(day))
