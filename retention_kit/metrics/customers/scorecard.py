"""The classic figures of a period, compared with the period before and the same period a year earlier."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from retention_kit import summarise
from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.metrics.changes.change_errors import YEAR, Earlier
from retention_kit.metrics.changes.comparable import compared, unobservable
from retention_kit.metrics.changes.comparison_notes import NOBODY_BOUGHT, NOBODY_THERE, NOT_OBSERVABLE, NOT_REACHED
from retention_kit.metrics.customers.scorecard_figures import AGE, FIGURES, SHARES, SO_FAR, as_it_is
from retention_kit.metrics.customers.scorecard_intervals import figure_interval
from retention_kit.summarise.by_period.period_table import check_lapse
from retention_kit.summarise.common.order_log import Orders, as_table, in_its_currency


def scorecard(
    orders: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    lapse_after: int | None = None,
    table: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The figures of the period that as_of lies in, with the period before and the same one a year earlier.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts.
    period : {"week", "month", "quarter", "year"}
        Calendar period.
    lapse_after : int, optional
        Days a purchase keeps a customer active; see `summarise.periods`.
    table : DataFrame, optional
        Result of `summarise.periods` for these orders, as_of and period, if it is available: it replaces lapse_after,
        and the orders are not counted again.

    Returns
    -------
    DataFrame
        One row per figure: name, label, value, unit (money, count, number or rate), low and high (95 % interval),
        n (people a share is of), previous, last_year. NaN where a figure
        does not exist: no such period in the log, or a share of nobody; and where it cannot be observed
        yet or not be compared, then note says why. previous_error, last_year_error: standard error of the change
        since; previous_expected, last_year_expected: the earlier value in a period of this length, with these
        weekdays; previous_p, last_year_p: chance of a change at least as large if nothing had changed, two-sided;
        season_step: relative change of a sum over the same step a year ago, season_p: chance that this one differs from
        it as much.
        inputs: the arguments of its formula, by the names of the function's parameters; empty for a plain sum.

    Raises
    ------
    DataError
        When there is no order up to as_of, the period is not one of the four, or the table does not end with as_of.

    Notes
    -----
    Not observable are retention, churn and growth as long as nobody can have lapsed, see observable in
    `summarise.periods`. Not compared are the repeat and loyal customers among all customers up to the end of the
    period, whose share only rises while a log grows (`repeat_rate_at_age` stands in for them); whatever grows with the
    length of a period, where the period is not over, or its earlier one is that in which the log begins; and new
    customers, as far as the log does not go back long enough before the earlier period to know them.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> table = scorecard(log, as_of="2024-02-29").set_index("name")
    >>> table.loc[["revenue", "retention_rate"], ["value", "previous"]]
                    value  previous
    name
    revenue          50.0      25.0
    retention_rate    0.5       NaN
    """
    refuse(table=(table, "table?"))
    table = _with_shares(orders, as_of, period, lapse_after, table, 1)
    values = {name: _values(name, table) for name in FIGURES}
    backs = (1, YEAR[period])
    previous, last_year = compared(orders, table, values, as_of=as_of, period=period, backs=backs)
    earlier = {name: {"previous": previous[name], "last_year": last_year[name]} for name in values}
    rows = [_figure(name, table, values[name], earlier[name]) for name in values]
    return in_its_currency(pd.DataFrame(rows), orders)


def scorecard_history(
    orders: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    lapse_after: int | None = None,
    periods: int = 13,
    table: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The figures of `scorecard` by period, for small trend lines.

    Parameters
    ----------
    orders, as_of, period, lapse_after, table
        As for `scorecard`.
    periods : int
        Number of periods, ending with that of as_of; fewer if the log begins later.

    Returns
    -------
    DataFrame
        One row per figure and period: name, label, unit, period (its first day), value, low and high (95 % interval);
        NaN where a figure does not exist or cannot be observed yet. The last value of each figure is its value on
        the scorecard. Shares of all customers so far have no history: they would rise whatever happens.

    Raises
    ------
    DataError
        As for `scorecard`.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> table = scorecard_history(log, as_of="2024-02-29")
    >>> table.loc[table["name"] == "revenue", ["period", "value"]]
          period  value
    0 2024-01-01   25.0
    1 2024-02-01   50.0
    """
    refuse(periods=(periods, "size"), table=(table, "table?"))
    table = _with_shares(orders, as_of, period, lapse_after, table, periods)
    figures = [_history(name, table.tail(periods)) for name in FIGURES if name not in SO_FAR]
    history = pd.concat(figures, ignore_index=True).astype(dict.fromkeys(("value", "low", "high"), "float64"))
    return in_its_currency(history, orders)


_UNDEFINED: Final = {
    "retention_rate": NOBODY_THERE,
    "churn_rate": NOBODY_THERE,
    "customer_growth_rate": NOBODY_THERE,
    "repeat_rate_at_age": NOT_REACHED,
    "average_order_value": NOBODY_BOUGHT,
    "purchase_frequency": NOBODY_BOUGHT,
    "arpu": NOBODY_BOUGHT,
}
"""Why an observable figure does not exist: its denominator is 0."""


def _history(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A figure by period, with its interval."""
    figure, values = FIGURES[name], _values(name, table)
    low, high = (end.where(values.notna()) for end in figure_interval(name, table))
    head = {"name": name, "label": figure.label, "unit": figure.unit, "period": table["period"]}
    return pd.DataFrame(head | {"value": values, "low": low, "high": high})


def _with_shares(
    orders: Orders, as_of: str | dt.date, period: str, lapse_after: int | None, table: pd.DataFrame | None, last: int
) -> pd.DataFrame:
    """The period table with the customers up to each end with one, two or three orders, those of the fixed age, and
    for the last few periods the sums of products behind intervals."""
    if not isinstance(period, str) or period not in YEAR:
        raise DataError(f"a scorecard is by {', '.join(YEAR)}; got {period!r}")
    orders = as_table(orders)
    if table is None:
        check_lapse(lapse_after)
        table = summarise.periods(orders, as_of=as_of, period=period, lapse_after=lapse_after)
    so_far = summarise.orders_so_far(orders, as_of=as_of, period=period)
    fits = "period" in table.columns and table["period"].is_unique
    if not fits or (list(table["period"].tail(len(so_far))) != list(so_far["period"])):
        raise DataError(f"the table needs one row for each {period} up to {as_of}; make it with the same arguments")
    so_far = so_far.set_axis(["period", "ever", "ever_twice", "ever_thrice"], axis="columns")
    aged = summarise.repeats_at_age(orders, as_of=as_of, period=period, age=AGE)
    products = summarise.period_products(orders, as_of=as_of, period=period, periods=last)
    for more in (so_far, aged, products):
        table = table.merge(more, on="period", how="left")
    return table.fillna(dict.fromkeys(("ever", "ever_twice", "ever_thrice", "reached", "repeated"), 0))


def _values(name: str, table: pd.DataFrame) -> pd.Series:
    """A figure by period, NaN where it cannot be observed yet."""
    return FIGURES[name].values(table).astype("float64").mask(unobservable(name, table))


def _figure(name: str, table: pd.DataFrame, series: pd.Series, earlier: dict[str, Earlier]) -> dict[str, object]:
    figure, value = FIGURES[name], series.iloc[-1]
    low = high = n = float("nan")
    hidden = bool(unobservable(name, table).iloc[-1])
    if name in SHARES and not hidden:
        n = float(table[SHARES[name][1]].iloc[-1])
    if pd.notna(value):
        low, high = (float(end.iloc[0]) for end in figure_interval(name, table.tail(1)))
    plain = figure.formula is as_it_is or hidden
    inputs = {} if plain else {k: float(v.iloc[-1]) for k, v in figure.inputs(table).items()}
    notes = list(dict.fromkeys(past.note for past in earlier.values() if past.note))
    if hidden:
        notes = [NOT_OBSERVABLE]
    elif pd.isna(value):
        notes = [_UNDEFINED[name]]
    row = {"name": name, "label": figure.label, "value": value, "unit": figure.unit, "low": low, "high": high, "n": n}
    for key, past in earlier.items():
        shown = Earlier() if hidden else past
        row |= {key: shown.value, f"{key}_error": shown.error, f"{key}_expected": shown.expected}
        row |= {f"{key}_p": shown.chance(float(value))}
    step = Earlier() if hidden else earlier["previous"]
    row |= {"season_step": step.step, "season_p": step.step_p}
    return row | {"inputs": inputs, "note": "\n".join(notes)}
