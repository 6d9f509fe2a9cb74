"""The figures of a subscription business, compared with earlier periods, and standard errors of the changes."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Final

import pandas as pd

from retention_kit import summarise
from retention_kit.arguments import Arguments, refuse
from retention_kit.errors import DataError
from retention_kit.metrics.changes.change_errors import (
    YEAR,
    Earlier,
    half_width,
    linear_error,
    ratio_weights,
    share_error,
)
from retention_kit.metrics.changes.comparison_notes import FIRST_PERIOD, NOBODY_LEFT, NOBODY_THERE, NOTES, NOTHING_LOST
from retention_kit.metrics.common.count_intervals import poisson_interval
from retention_kit.metrics.common.share_intervals import wilson_interval
from retention_kit.metrics.customers.customer_rates import churn_rate
from retention_kit.metrics.customers.order_averages import arpu
from retention_kit.metrics.subscriptions.recurring_revenue import quick_ratio
from retention_kit.metrics.subscriptions.revenue_retention import gross_revenue_retention, net_revenue_retention
from retention_kit.summarise.by_period.log_coverage import period_days
from retention_kit.summarise.common.calendar_periods import as_day, number_of
from retention_kit.summarise.common.order_log import Orders, in_its_currency
from retention_kit.summarise.common.period_edges import subscription_edges

_FIGURES: Final = {
    "mrr_end": ("MRR at the end", "money"),
    "end": ("Paying customers", "count"),
    "churn_rate": ("Customer churn", "rate"),
    "grr": ("GRR", "rate"),
    "nrr": ("NRR", "rate"),
    "quick_ratio": ("Quick ratio", "number"),
    "arpa": ("ARPA", "money"),
}
_LOST: Final = {"mrr_contraction": 1.0, "mrr_churn": 1.0}
_KEPT: Final = {"mrr_start": 1.0, "mrr_contraction": -1.0, "mrr_churn": -1.0}
_RATIOS: Final = {
    "grr": (_KEPT, {"mrr_start": 1.0}),
    "nrr": (_KEPT | {"mrr_expansion": 1.0}, {"mrr_start": 1.0}),
    "quick_ratio": ({"mrr_new": 1.0, "mrr_expansion": 1.0}, _LOST),
    "arpa": ({"mrr_end": 1.0}, {"end": 1.0}),
}
_MOVEMENTS: Final = ("churn_rate", "grr", "nrr", "quick_ratio")
"""Figures of movements within the period; the others are levels at its end."""

_NEEDED: Final = frozenset(
    {
        "period",
        "start",
        "lost",
        "end",
        "mrr_start",
        "mrr_new",
        "mrr_expansion",
        "mrr_contraction",
        "mrr_churn",
        "mrr_end",
    }
)
"""Columns of the period table from which the figures are computed."""


def subscription_numbers(
    subscriptions: Orders, *, as_of: str | dt.date, period: str = "month", table: pd.DataFrame | None = None
) -> pd.DataFrame:
    r"""MRR, paying customers, churn, GRR, NRR, quick ratio and ARPA of the period that as_of lies in.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        Stretches of subscriptions, in one currency.
    as_of : str or date
        Last day that counts.
    period : {"week", "month", "quarter", "year"}
        Calendar period.
    table : DataFrame, optional
        Result of `summarise.periods` for these subscriptions, as_of and period, if it is available.

    Returns
    -------
    DataFrame
        Rows as `tables.numbers` takes them: name, label, value, unit (money, count, rate or number), low and high (95 %
        interval), n (the customers that churn is of), previous and last_year. NaN where a figure does not exist,
        cannot be observed yet or not be compared, then note says why. previous_error, last_year_error: standard error
        of the change since; previous_expected, last_year_expected: the earlier value in a period of this length;
        previous_p, last_year_p: chance of a change at least as large if nothing had changed, two-sided.

    Raises
    ------
    DataError
        When there is no paid subscription up to as_of, the period is not one of the four, the table does not end with
        as_of, or subscriptions are in several currencies.

    Notes
    -----
    Customers are assumed to act independently, but not the periods of one customer: the variance of a change is
    :math:`c^T M c` with M from `summarise.customer_products` and c the gradient of the change (delta method). For
    MRR at the end that is the sum of the squared changes of each customer's MRR. The change of churn has its error from
    the Wilson intervals of both periods. In the first period of the table everybody is new, so that churn, retention
    and quick ratio say nothing, and later ones are not compared with it.

    Examples
    --------
    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "bo", "cy"],
    ...         "subscription_id": ["s1", "s2", "s3"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-02-03"]),
    ...         "ended_at": pd.to_datetime([None, "2024-02-20", None]),
    ...         "mrr": [10, 8, 12],
    ...     }
    ... )
    >>> table = subscription_numbers(plans, as_of="2024-02-29").set_index("name")
    >>> table.loc[["subscriptions_mrr_end", "subscriptions_grr"], ["value", "previous", "previous_error"]].round(2)
                           value  previous  previous_error
    name
    subscriptions_mrr_end  22.00      18.0           14.42
    subscriptions_grr       0.56       NaN             NaN
    """
    refuse(table=(table, "table?"))
    if not isinstance(period, str) or period not in YEAR:
        raise DataError(f"these figures are by {', '.join(YEAR)}; got {period!r}")
    day = as_day(as_of)
    if table is None:
        table = summarise.periods(subscriptions, as_of=day, period=period)
    start, _ = period_days(number_of(day, period), period)
    fits = set(table.columns) >= _NEEDED and table["period"].is_unique
    if not fits or list(table["period"].tail(1)) != [pd.Timestamp(start)]:
        raise DataError(f"the table needs one row for each {period} up to {as_of}; make it with the same arguments")
    values = _values(table)
    available = [back for back in (1, YEAR[period]) if back < len(table)]
    products = summarise.customer_products(subscriptions, as_of=day, period=period, back=available)
    earlier = _earlier(subscriptions, table, values, day, period, products)
    rows = pd.DataFrame([_row(name, table, values[name], earlier, products) for name in _FIGURES])
    return in_its_currency(rows, subscriptions)


def _values(table: pd.DataFrame) -> pd.DataFrame:
    """The figures by period; NaN where they do not exist or cannot be observed."""
    start, lost = table["mrr_start"], {"contraction": table["mrr_contraction"], "churn": table["mrr_churn"]}
    values = pd.DataFrame({"mrr_end": table["mrr_end"], "end": table["end"]}).astype("float64")
    values["churn_rate"] = churn_rate(table["start"], table["lost"])
    values["grr"] = gross_revenue_retention(start, **lost)
    values["nrr"] = net_revenue_retention(start, table["mrr_expansion"], **lost)
    values["quick_ratio"] = quick_ratio(table["mrr_new"], table["mrr_expansion"], **lost)
    values["arpa"] = arpu(table["mrr_end"], table["end"])
    values.loc[values.index[0], list(_MOVEMENTS)] = math.nan
    return values


def _row(
    name: str, table: pd.DataFrame, series: pd.Series, earlier: dict[str, dict[str, Earlier]], products: pd.DataFrame
) -> dict[str, object]:
    (label, unit), value, now = _FIGURES[name], float(series.iloc[-1]), table.iloc[-1]
    low, high = (math.nan, math.nan) if math.isnan(value) else _interval(name, value, now, products)
    n = float(now["start"]) if name == "churn_rate" and not math.isnan(value) else math.nan
    before = {key: past[name] for key, past in earlier.items()}
    notes = list(dict.fromkeys(past.note for past in before.values() if past.note))
    if math.isnan(value):
        notes = [_missing(name, table)]
        before = dict.fromkeys(before, Earlier())
    row = {"name": f"subscriptions_{name}", "label": label, "value": value, "unit": unit, "low": low, "high": high}
    row |= {"n": n}
    for key, past in before.items():
        row |= {key: past.value, f"{key}_error": past.error, f"{key}_expected": past.expected}
        row |= {f"{key}_p": past.chance(value)}
    return row | {"note": "\n".join(notes)}


def _interval(name: str, value: float, now: pd.Series, products: pd.DataFrame) -> tuple[float, float]:
    """Ends of the interval: Wilson for churn, Poisson for customers, of independent customers for money and ratios."""
    if name == "churn_rate":
        return wilson_interval(now["lost"], now["start"])
    if name == "end":
        return poisson_interval(value)
    half = half_width(max(float(now["start"]), float(now["end"])) - 1) * _error(name, {0: now}, products)
    return value - half, value + half


def _missing(name: str, table: pd.DataFrame) -> str:
    if name not in _MOVEMENTS:
        return NOBODY_LEFT
    if len(table) == 1:
        return FIRST_PERIOD
    return NOTHING_LOST if name == "quick_ratio" else NOBODY_THERE


def _earlier(
    subscriptions: Orders,
    table: pd.DataFrame,
    values: pd.DataFrame,
    day: dt.date,
    period: str,
    products: pd.DataFrame,
) -> dict[str, dict[str, Earlier]]:
    """Under previous and last_year, the earlier value of each figure, if it can be compared."""
    backs = {"previous": 1, "last_year": YEAR[period]}
    nothing = dict.fromkeys(_FIGURES, Earlier())
    available = [back for back in backs.values() if back < len(table)]
    if not available:
        return dict.fromkeys(backs, nothing)
    number = number_of(day, period)
    now, days = period_days(number, period)
    end = now + dt.timedelta(days=days - 1)
    cut = day < end or subscription_edges(subscriptions, day, period).ends_within(now, days)

    def value_before(name: str, back: int) -> Earlier:
        if name in _MOVEMENTS and cut:
            return Earlier(note=NOTES["cut"])
        if name in _MOVEMENTS and back == len(table) - 1:
            return Earlier(note=NOTES["cut before"])
        value = float(values[name].iloc[-1 - back])
        longer = days / period_days(number - back, period)[1]
        error = _error(name, {0: table.iloc[-1], back: table.iloc[-1 - back]}, products)
        return replace(Earlier(value), error=error, expected=_expected(name, value, longer))

    return {
        key: {n: value_before(n, back) for n in _FIGURES} if back in available else nothing
        for key, back in backs.items()
    }


def _error(name: str, rows: dict[int, pd.Series], products: pd.DataFrame) -> float:
    """Standard error of the change, or of the value itself if there is only the last period."""
    if name == "churn_rate":
        return share_error([(row["lost"], row["start"]) for row in rows.values()])
    if name in _RATIOS:
        return linear_error(products, ratio_weights(*_RATIOS[name], rows))
    return linear_error(products, {(back, name): 1.0 if back == 0 else -1.0 for back in rows})


def _expected(name: str, value: float, longer: float) -> float:
    """The earlier value, adjusted to the length of this period."""
    if name == "churn_rate":
        return value * longer
    return 1 + (value - 1) * longer if name in ("grr", "nrr") else value


def mrr_history(table: pd.DataFrame, squares: pd.DataFrame) -> pd.DataFrame:
    """MRR at the end of each period with its interval.

    Parameters
    ----------
    table : DataFrame
        From `summarise.periods` of subscriptions.
    squares : DataFrame
        From `summarise.recurring_squares`; periods that it lacks have no interval.

    Returns
    -------
    DataFrame
        One row per period: name ("mrr"), period (its first day), value, low and high (95 % interval of independent
        customers, with a t quantile for their number), complete.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.to_datetime(["2024-01-01"]), "mrr_end": [18.0], "complete": True})
    >>> squares = months[["period"]].assign(customers=2, squares=164.0)
    >>> mrr_history(months, squares)[["value", "low", "high"]].round(1)
       value    low   high
    0   18.0 -144.7  180.7
    """
    with Arguments(DataError) as check:
        check.frame("table", table, ("period", "mrr_end", "complete"), maker="summarise.periods")
        check.frame("squares", squares, ("period", "customers", "squares"), maker="summarise.recurring_squares")
    rows = table[["period", "mrr_end", "complete"]].merge(squares, on="period", how="left")
    half = (rows["customers"] - 1).map(half_width, na_action="ignore") * rows["squares"] ** 0.5
    value = rows["mrr_end"].astype("float64")
    history = pd.DataFrame({"name": "mrr", "period": rows["period"], "value": value})
    return history.assign(low=value - half, high=value + half, complete=rows["complete"])
