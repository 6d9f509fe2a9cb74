"""One row per period: active, new and lost customers, and money."""

from __future__ import annotations

import datetime as dt
from numbers import Integral

import pandas as pd

from retention_kit import load
from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.by_period.order_periods import order_periods
from retention_kit.summarise.common.calendar_periods import as_day, check_period
from retention_kit.summarise.common.order_log import Orders, in_its_currency
from retention_kit.summarise.subscriptions.subscription_periods import subscription_periods
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules


def periods(
    orders_or_subscriptions: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    lapse_after: int | list[int] | tuple[int, ...] | None = None,
    by: str | None = None,
    rules: SubscriptionRules | None = None,
    rates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Customer movements and money per period, of a shop or of a subscription business.

    Parameters
    ----------
    orders_or_subscriptions : Dataset, Ibis table or DataFrame
        The order log (customer_id, ordered_at, amount, negative for refunds), or subscriptions: a table with the
        columns subscription_id and mrr counts as subscriptions.
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks start on Monday.
    lapse_after : int or list of int, optional
        Orders: a customer is active at a moment when the last order is at most this many days old. None: active at
        the end of a period means having bought in it. Several: a table for each, one under the other, with the column
        lapse_after in front. Subscriptions: for how many days after the last paid moment a
        customer still counts, at the last price; customers who are back within them were never lost. None: no days.
    by : str, optional
        A column to split by. A customer belongs to its value in the first order or subscription row, so that groups
        add up to all customers; missing values are "(none)".
    rules : SubscriptionRules, optional
        Subscriptions only: see `SubscriptionRules` for the differences between vendors.
    rates : DataFrame, optional
        Subscriptions in several currencies: day, currency, rate; what one unit of the currency is worth in the
        currency of the result from that day on, which itself has the rate 1. Without rates money stays at what
        `load.subscriptions(..., rates=...)` exchanged it to on the first day of each stretch.

    Returns
    -------
    DataFrame
        One row per (group and) period from the first order or paid day to as_of, none left out.

        - period: its first day; complete: whether it had ended by as_of. The end of an incomplete
          period is taken at the end of as_of.
        - observable, of orders: whether the log reaches so far back before the period that everybody who could be
          active at its start is in it: its first order, or the group's, lies lapse_after days or more before the
          first day (None: in an earlier period). Where it does not, nobody can have lapsed yet: start, kept, lost and
          returned count only those whom the log has seen so far, and rates of them say nothing.
        - start, end: active customers at its first and last moment. kept, lost: those of start who are
          active at its end or not. new: never active before the period and active at its end. returned: active at the
          end, not at the start, active before. joined_and_left: first active in the period, not active at its end.
        - customers: who bought in the period, or had a paid subscription at some time in it.
        - of orders: orders: how many; revenue: money with refunds taken off;
          refunds: as a positive number; first_time_revenue: orders of each customer's first day;
          repeat_revenue: all other orders. Money in the log's currency.
        - of subscriptions: mrr_start, mrr_end: monthly recurring revenue of the customers of start and end; mrr_new,
          mrr_expansion, mrr_reactivation: gains from new customers, customers who pay more, and returned customers;
          mrr_contraction, mrr_churn: losses from customers who pay less and from lost customers, as positive numbers;
          mrr_exchange: what the running subscriptions at the end gained by exchange rates since the start.

    Raises
    ------
    DataError
        When there is no order or paid subscription up to as_of, no such column, or rows contradict each other; the
        message names the customers.
    ConfigError
        When as_of, period, lapse_after or rules cannot be read.

    Notes
    -----
    The table carries the currency of a Dataset in `attrs["currency"]`, by which `tables` write its money.

    In every row, checked before the table is returned: start = kept + lost; end = kept + new + returned; the end
    is the next start; revenue = first_time_revenue + repeat_revenue - refunds; mrr_end = mrr_start + mrr_new +
    mrr_expansion + mrr_reactivation - mrr_contraction - mrr_churn + mrr_exchange. Money is summed in exact
    decimals.

    Subscriptions count by customer: all that one customer runs is added up, so a second subscription is expansion,
    and cancelling one of two is contraction. What happens at the first moment of a period belongs to it. A plan
    change is a new row of the same subscription; two such rows may not run at once. Movements are at the rates of
    the period's start, so gross retention stays in [0, 1] whatever exchange rates do.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> table = periods(log, as_of="2024-02-29")
    >>> table[["period", "start", "kept", "new", "returned", "lost", "end"]]
          period  start  kept  new  returned  lost  end
    0 2024-01-01      0     0    2         0     0    2
    1 2024-02-01      2     1    1         0     1    2
    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "subscription_id": ["s1", "s1", "s2"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-01-20"]),
    ...         "ended_at": pd.to_datetime(["2024-02-05", None, "2024-02-20"]),
    ...         "mrr": [10, 25, 8],
    ...     }
    ... )
    >>> table = periods(plans, as_of="2024-02-29")
    >>> table[["start", "lost", "end", "mrr_start", "mrr_new", "mrr_expansion", "mrr_churn", "mrr_end"]]
       start  lost  end  mrr_start  mrr_new  mrr_expansion  mrr_churn  mrr_end
    0      0     0    2        0.0     18.0            0.0        0.0     18.0
    1      2     1    1       18.0      0.0           15.0        8.0     25.0
    """
    refuse(by=(by, "name?"))
    check_period(period)
    day = as_day(as_of)
    if is_subscriptions(orders_or_subscriptions):
        how = rules or SubscriptionRules()
        table = subscription_periods(orders_or_subscriptions, day, period, check_lapse(lapse_after), by, how, rates)
        return in_its_currency(table, orders_or_subscriptions)
    if rules is not None or rates is not None:
        raise ConfigError("rules and rates belong to subscriptions, which have the columns subscription_id and mrr")
    if not isinstance(lapse_after, list | tuple) or not lapse_after:
        table = order_periods(orders_or_subscriptions, day, period, [check_lapse(lapse_after)], by)[0]
        return in_its_currency(table, orders_or_subscriptions)
    tables = order_periods(orders_or_subscriptions, day, period, [check_lapse(days) for days in lapse_after], by)
    labelled = pd.concat(tables, keys=lapse_after, names=["lapse_after"])
    return in_its_currency(labelled.reset_index("lapse_after").reset_index(drop=True), orders_or_subscriptions)


def is_subscriptions(data: Orders) -> bool:
    """Whether a table is one of subscriptions; DataError for a dataset that is neither that nor orders."""
    if isinstance(data, load.Dataset):
        if data.as_read.table not in ("orders", "subscriptions"):
            raise DataError(f"period tables are made from orders or subscriptions; got {data.as_read.table}")
        return data.as_read.table == "subscriptions"
    return {"subscription_id", "mrr"} <= set(getattr(data, "columns", ()))


def check_lapse(lapse_after: object) -> int | None:
    """Return the days if they are a whole number or None; raise ConfigError otherwise."""
    if lapse_after is None:
        return None
    if not isinstance(lapse_after, Integral) or isinstance(lapse_after, bool) or int(lapse_after) < 1:
        raise ConfigError(f"lapse_after is a whole number of days, 1 or more, or None; got {lapse_after!r}")
    return int(lapse_after)
