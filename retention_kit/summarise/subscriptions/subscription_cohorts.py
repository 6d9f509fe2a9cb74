"""One row per cohort of subscribers and age: active subscribers and their remaining revenue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.common.wilson import wilson
from retention_kit.summarise.subscriptions.paid_stretches import rows_until, stretches
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_SUMS = ["active", "returned", "revenue", "returned_mrr", "kept_mrr"]
_SHOWN = ["active", "rate", "low", "high", "revenue", "returned", "returned_mrr"]
_REVENUE = ["net_revenue_retention", "gross_revenue_retention"]
_CURRENCIES = {"_first_currency": "min", "_last_currency": "max"}
"""First and last currency by name: if they are equal, everybody pays in one currency."""


def subscription_cohorts(
    subscriptions: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    by: str | Sequence[str] | None = None,
    reactivation: bool = False,
    rules: SubscriptionRules | None = None,
    min_size: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Customer, net and gross revenue retention of each cohort of subscribers by age.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        Stretches of subscriptions: customer_id, subscription_id, started_at, ended_at, mrr.
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; a cohort is the customers whose first paid day fell in one.
    by : str or sequence of str, optional
        Columns; a customer belongs to their values in the first row.
    reactivation : bool
        Whether customers who had been gone at the end of an earlier period count in net and gross revenue retention.
    rules : SubscriptionRules, optional
        What counts as a running paid subscription.
    min_size : int
        Cells that rest on fewer customers are suppressed: NaN and marked.
    level : float
        Confidence level of low and high, in (0, 1).

    Returns
    -------
    DataFrame
        One row per (group,) cohort and age, every combination, seen at the last moment of each period:

        - cohort: first day of its period; age: periods since, 0 for that period itself;
        - size: customers of the cohort; active: those with a running paid subscription; rate: active / size with its
          Wilson interval low, high;
        - revenue: their MRR; complete: whether the period had ended by as_of. The last, incomplete period is seen at
          the end of as_of; a period that had not begun is NaN;
        - returned: active customers who had been gone at the end of an earlier period; returned_mrr: their MRR;
        - starting_mrr: MRR of the cohort at each customer's first paid moment;
        - net_revenue_retention, gross_revenue_retention; suppressed: whether the cell is hidden for its size.

    Raises
    ------
    DataError
        When there is no paid subscription up to as_of, or rows contradict themselves or name several currencies.
    ConfigError
        When as_of, period, min_size or level cannot be read.

    Notes
    -----
    With a customer's starting MRR :math:`m_0` and MRR :math:`m_k` at the end of period k, 0 for those returned:

    .. math:: NRR_k = \frac{\sum m_k}{\sum m_0}, \quad GRR_k = \frac{\sum \min(m_k, m_0)}{\sum m_0} \le 1

    Each customer is compared with their own start, so that gains from one never hide losses from another. Customers who
    joined and left within one period are in size and starting_mrr, but not active at age 0.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "bo", "bo"],
    ...         "subscription_id": ["1", "2", "2"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-02-20"]),
    ...         "ended_at": pd.to_datetime(["2024-02-05", "2024-02-20", None]),
    ...         "mrr": [10, 20, 25],
    ...     }
    ... )
    >>> table = subscription_cohorts(rows, as_of="2024-02-29")
    >>> table[["age", "rate", "revenue", "net_revenue_retention", "gross_revenue_retention"]].round(3)
       age  rate  revenue  net_revenue_retention  gross_revenue_retention
    0    0   1.0     30.0                  1.000                    1.000
    1    1   0.5     25.0                  0.833                    0.667
    """
    refuse(by=(by, "column"), reactivation=(reactivation, "flag"), min_size=(min_size, "count"), level=(level, "level"))
    check_period(period)
    if not min_size >= 0 or not 0 < level < 1:
        raise ConfigError(f"min_size is 0 or more and level between 0 and 1; got {min_size!r} and {level!r}")
    day, groups = as_day(as_of), [by] if isinstance(by, str) else list(by or [])
    counted, members = _members(subscriptions, day, period, groups, rules or SubscriptionRules())
    keys = [*groups, "cohort"]
    sizes = _sizes(members, keys)
    if sizes.empty:
        raise DataError(f"no paid subscription up to {day}; as_of must be later than the first paid day")
    numbers = np.arange(sizes["cohort"].min(), number_of(day, period) + 1)
    table = sizes.merge(pd.DataFrame({"age": numbers - numbers[0]}), how="cross")
    table = table.merge(_at_ends(counted, members, keys, numbers, period), on=[*keys, "age"], how="left")
    table = table.sort_values([*keys, "age"], ignore_index=True).fillna(dict.fromkeys(_SUMS, 0.0))
    table["complete"] = table["cohort"] + table["age"] < number_of(day + dt.timedelta(days=1), period)
    begun = table["cohort"] + table["age"] <= numbers[-1]
    table["suppressed"] = begun & (table["size"] < min_size)
    table = _rates(table, reactivation, level, begun & ~table["suppressed"])
    table["cohort"] = period_start(table["cohort"], period)
    front = [*groups, "cohort", "age", "size", "active", "rate", "low", "high", "revenue", "complete"]
    return table[[*front, "returned", "starting_mrr", "returned_mrr", *_REVENUE, "suppressed"]]


def _members(
    subscriptions: Orders, day: dt.date, period: str, groups: list[str], rules: SubscriptionRules
) -> tuple[ir.Table, ir.Table]:
    """Paid stretches, and one row per customer: cohort, MRR at the first paid moment, first and last currency by name,
    groups."""
    rows = rows_until(subscriptions, day, rules)
    counted = stretches(rows, day, rules, hold=True)
    first = counted.began.min().over(ibis.window(group_by="customer_id"))
    starting = counted.mutate(first=counted.began == first)
    ends = _CURRENCIES if "currency" in starting.columns else {}
    members = starting.group_by("customer_id").agg(
        cohort=period_number(starting.began.min(), period),
        start_mrr=starting.mrr.sum(where=starting["first"]),
        **{name: getattr(starting.currency, end)() for name, end in ends.items()},
    )
    members = members.join(first_rows(rows, groups, "started_at"), "customer_id") if groups else members
    return counted, members.cache()


def _sizes(members: ir.Table, keys: list[str]) -> pd.DataFrame:
    """Customers and starting MRR per cohort; DataError where the money is in several currencies."""
    names = [name for name in _CURRENCIES if name in members.columns]
    ends = {name: getattr(members[name], _CURRENCIES[name])() for name in names}
    sums = members.group_by(keys).agg(size=members.count(), starting_mrr=members.start_mrr.sum(), **ends)
    sizes: pd.DataFrame = sums.to_pandas()
    if sizes[names].melt()["value"].nunique() > 1:
        raise DataError("subscriptions are in several currencies; take one at a time")
    return sizes.drop(columns=names).astype({"cohort": "int64", "size": "int64", "starting_mrr": "float64"})


def _at_ends(counted: ir.Table, members: ir.Table, keys: list[str], numbers: np.ndarray, period: str) -> pd.DataFrame:
    """Sums per cohort and age over the customers who are active at the end of each period."""
    last = int(numbers[-1])
    spans = counted.select(
        "customer_id",
        "mrr",
        first=period_number(counted.began, period),
        final=(period_number(counted.until, period) - 1).fill_null(last),
    )
    ends = ibis.memtable(pd.DataFrame({"number": numbers.astype("int64")}))
    there = spans.join(ends, [ends.number >= spans["first"], ends.number <= spans.final])
    there = there.group_by(["customer_id", "number"]).agg(mrr=there.mrr.sum())
    rows = there.join(members.select("customer_id", *keys, "start_mrr"), "customer_id").mutate(
        age=lambda t: t.number - t.cohort
    )
    position = ibis.row_number().over(ibis.window(group_by="customer_id", order_by="number"))
    rows = rows.mutate(returned=(position < rows.age).ifelse(1, 0))
    sums = rows.group_by([*keys, "age"]).agg(
        active=rows.count(),
        returned=rows.returned.sum(),
        revenue=rows.mrr.sum(),
        returned_mrr=(rows.mrr * rows.returned).sum(),
        kept_mrr=ibis.least(rows.mrr, rows.start_mrr).sum(),
        returned_kept=(ibis.least(rows.mrr, rows.start_mrr) * rows.returned).sum(),
    )
    types = {**dict.fromkeys([*_SUMS, "returned_kept"], "float64"), "age": "int64", "cohort": "int64"}
    table: pd.DataFrame = sums.to_pandas()
    return table.astype(types)


def _rates(table: pd.DataFrame, reactivation: bool, level: float, shown: pd.Series) -> pd.DataFrame:
    """Rates and their intervals; NaN if nothing was observed or the cell is too small to show."""
    table["rate"] = table["active"] / table["size"]
    table["low"], table["high"] = wilson(table["active"], table["size"], level=level)
    start = table["starting_mrr"].where(table["starting_mrr"] > 0)
    apart = 0.0 if reactivation else 1.0
    table["net_revenue_retention"] = (table["revenue"] - apart * table["returned_mrr"]) / start
    table["gross_revenue_retention"] = (table["kept_mrr"] - apart * table["returned_kept"].fillna(0.0)) / start
    columns = [*_SHOWN, *_REVENUE]
    table[columns] = table[columns].where(shown, axis=0)
    return table
