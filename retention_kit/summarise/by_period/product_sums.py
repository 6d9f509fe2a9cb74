"""Sums of products of customers' figures in two or more periods: the basis of the standard error of a change."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.summarise.by_period.customer_windows import customer_windows
from retention_kit.summarise.by_period.period_table import is_subscriptions
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_start
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.subscriptions.subscription_periods import counted_events
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_FIGURES = ("orders", "revenue", "customers")
_SUBSCRIBED = (
    "start",
    "lost",
    "end",
    *(f"mrr_{n}" for n in ("start", "new", "expansion", "contraction", "churn", "end")),
)


def customer_products(
    orders_or_subscriptions: Orders, *, as_of: str | dt.date, period: str = "month", back: Sequence[int] = (1,)
) -> pd.DataFrame:
    r"""Sums over customers of the products of what each did in the period of as_of and in earlier ones.

    Parameters
    ----------
    orders_or_subscriptions : Dataset, Ibis table or DataFrame
        The order log, or subscriptions in one currency, distinguished as by `summarise.periods`.
    as_of : str or date
        Last day that counts; the last period ends with it. Orders of a period that is not over are compared with the
        same days of the earlier ones.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    back : sequence of int
        Numbers of periods from the earlier periods to that of as_of.

    Returns
    -------
    DataFrame
        Symmetric. Rows and columns are (periods back, figure) with 0 for the period of as_of; figures are, of
        orders: orders, revenue (refunds taken off) and customers (1 for who bought); of subscriptions: start, lost and
        end (1 for whom that holds), mrr_start, mrr_new, mrr_expansion, mrr_contraction, mrr_churn and mrr_end, whose
        sums over customers are the columns of `summarise.periods`.

    Raises
    ------
    DataError
        When there is no order or paid subscription up to as_of, or subscriptions are in several currencies.
    ConfigError
        When as_of or period cannot be read.

    Notes
    -----
    Customers act independently of each other; the months of one customer are not independent. With :math:`v_i` what
    customer i did, the variance of a weighted sum :math:`\sum_i c^T v_i` over a Poisson number of customers is
    estimated without bias by :math:`c^T M c`, where :math:`M = \sum_i v_i v_i^T` is this table. A difference of two
    periods has c = (1, -1); a ratio takes the gradient (delta method).

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> float(customer_products(log, as_of="2024-02-29").loc[(0, "revenue"), (1, "revenue")])
    200.0
    """
    day = as_day(as_of)
    now = number_of(day, check_period(period))
    periods = list(dict.fromkeys((0, *(int(k) for k in back))))
    if not is_subscriptions(orders_or_subscriptions):
        rows = customer_windows(orders_or_subscriptions, as_of=day, period=period, back=periods)
        return products_of(rows[[(k, figure) for k in periods for figure in _FIGURES]])
    figures, by_customer = _SUBSCRIBED, _of_subscriptions(orders_or_subscriptions, day, period, now, periods)
    names = [(k, figure) for k in periods for figure in figures]
    columns = [f"{figure}_{k}" for k, figure in names]
    pairs = list(itertools.combinations_with_replacement(range(len(names)), 2))
    products = {f"p{i}_{j}": (by_customer[columns[i]] * by_customer[columns[j]]).sum() for i, j in pairs}
    row = by_customer.agg(**products).to_pandas().fillna(0.0).iloc[0]
    table = np.zeros((len(names), len(names)))
    for i, j in pairs:
        table[i, j] = table[j, i] = row[f"p{i}_{j}"]
    labels = pd.MultiIndex.from_tuples(names, names=["back", "figure"])
    return pd.DataFrame(table, index=labels, columns=labels)


def products_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums over customers of the products of all columns: one row per customer, from `customer_windows`."""
    values = rows.to_numpy()
    return pd.DataFrame(values.T @ values, index=rows.columns, columns=rows.columns)


def _of_subscriptions(subscriptions: Orders, day: dt.date, period: str, now: int, periods: list[int]) -> ir.Table:
    """One row per customer: the figures of each period, from the subscriptions at its two ends."""
    happened, *_ = counted_events(subscriptions, day, period, None, None, SubscriptionRules(), None)
    if not happened.count().execute():
        raise DataError(f"no paid subscription up to {day}; as_of must be later than the first paid day")
    ends = sorted({k + more for k in periods for more in (0, 1)})
    sums = {"first": happened.number.min()}
    for k in ends:
        before = happened.number <= now - k
        sums[f"mrr_{k}"] = happened.amount_0.sum(where=before).cast("float64").fill_null(0.0)
        sums[f"runs_{k}"] = happened.step.sum(where=before).fill_null(0)
    by_customer = happened.group_by("customer_id").agg(**sums)
    figures: dict[str, ir.Value] = {}
    for k in periods:
        was, stays, nothing = by_customer[f"runs_{k + 1}"] > 0, by_customer[f"runs_{k}"] > 0, ibis.literal(0.0)
        start, end = by_customer[f"mrr_{k + 1}"], by_customer[f"mrr_{k}"]
        figures |= {
            f"start_{k}": was.ifelse(1.0, 0.0),
            f"lost_{k}": (was & ~stays).ifelse(1.0, 0.0),
            f"end_{k}": stays.ifelse(1.0, 0.0),
            f"mrr_start_{k}": start,
            f"mrr_new_{k}": (stays & (by_customer["first"] == now - k)).ifelse(end, nothing),
            f"mrr_expansion_{k}": (was & stays & (end > start)).ifelse(end - start, nothing),
            f"mrr_contraction_{k}": (was & stays & (end < start)).ifelse(start - end, nothing),
            f"mrr_churn_{k}": (was & ~stays).ifelse(start, nothing),
            f"mrr_end_{k}": end,
        }
    return by_customer.select("customer_id", **figures)


def recurring_squares(
    subscriptions: Orders, *, as_of: str | dt.date, period: str = "month", periods: int = 13
) -> pd.DataFrame:
    """Sum over customers of the square of their MRR at the ends of the last periods.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        Subscriptions in one currency.
    as_of : str or date
        Last day that counts; the last period ends with it.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    periods : int
        Number of periods.

    Returns
    -------
    DataFrame
        One row per period: period (its first day), customers (with a paid subscription at its end) and squares: with
        independent customers, whose number is Poisson, the variance of the MRR.

    Examples
    --------
    >>> plans = pd.DataFrame({"customer_id": ["ada", "bo"], "subscription_id": ["s1", "s2"], "ended_at": [None, None],
    ...                       "started_at": pd.to_datetime(["2024-01-05", "2024-02-20"]), "mrr": [10, 8]})
    >>> recurring_squares(plans.astype({"ended_at": "datetime64[us]"}), as_of="2024-02-29", periods=2)
          period  customers  squares
    0 2024-01-01          1    100.0
    1 2024-02-01          2    164.0
    """
    refuse(periods=(periods, "size"))
    day = as_day(as_of)
    now = number_of(day, check_period(period))
    happened, *_ = counted_events(subscriptions, day, period, None, None, SubscriptionRules(), None)
    numbers = range(now - int(periods) + 1, now + 1)
    levels = {f"mrr_{k}": happened.amount_0.sum(where=happened.number <= k).cast("float64") for k in numbers}
    runs = {f"runs_{k}": happened.step.sum(where=happened.number <= k) for k in numbers}
    each = happened.group_by("customer_id").agg(**levels, **runs)
    squares = {f"squares_{k}": (each[f"mrr_{k}"] * each[f"mrr_{k}"]).sum() for k in numbers}
    counts = {f"customers_{k}": (each[f"runs_{k}"] > 0).sum() for k in numbers}
    row = each.agg(**squares, **counts).to_pandas().fillna(0).iloc[0]
    table = pd.DataFrame({"period": period_start(np.array(numbers), period)})
    table["customers"] = [int(row[f"customers_{k}"]) for k in numbers]
    table["squares"] = [float(row[f"squares_{k}"]) for k in numbers]
    return table
