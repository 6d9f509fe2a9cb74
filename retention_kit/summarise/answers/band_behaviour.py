"""Survey answers and behaviour: what promoters, passives and detractors did after they answered."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.summarise.answers.survey_answers import BAND_NAMES, one_per_customer, require_people
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number
from retention_kit.summarise.common.matching_ids import warn_where_few_meet
from retention_kit.summarise.common.order_log import Orders, orders_until
from retention_kit.summarise.common.wilson import wilson


def band_behaviour(
    surveys: Orders,
    orders: Orders,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    period: str = "month",
    periods: int = 6,
    since: str | dt.date | None = None,
    scale: int | None = None,
) -> pd.DataFrame:
    r"""Retention and spend of each band in the periods after the answer.

    Parameters
    ----------
    surveys, orders : Dataset, Ibis table or DataFrame
        The answers, with customer_id, and the order log.
    as_of : str or date
        Last day that counts.
    kind : {"nps", "csat", "ces"}
        Kind of survey.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; the first one followed is the one after the answer's.
    periods : int
        Number of periods to follow.
    since : str or date, optional
        First day of answers that count.
    scale : int, optional
        Highest score of the question: csat 3 to 10, usually 5; ces 5 or 7, usually 7.

    Returns
    -------
    DataFrame
        One row per band, best first, and age (1 to `periods`):

        - customers: those whose period of that age has ended by as_of; fewer at higher ages;
        - active: how many of them bought in it; rate with its 95 % Wilson interval low, high;
        - revenue: their money in it, refunds taken off; revenue_per_customer with its 95 % interval
          revenue_low, revenue_high, including customers who bought nothing. NaN where nobody has reached this age.

    Raises
    ------
    DataError
        When no answer has a customer.
    ConfigError
        When a request cannot be read.

    Notes
    -----
    .. math:: \bar v \pm t_{n-1} \, s / \sqrt{n}

    A customer counts once, in the band of the first answer since `since`, so that later behaviour does not influence
    which answer is chosen.
    Bands differ in behaviour before the answer too: the table shows associations, not causes.

    Examples
    --------
    >>> asked = pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-05", "2024-01-09"]), "score": [10, 3]})
    >>> asked = asked.assign(kind="nps", customer_id=["ada", "bo"])
    >>> log = pd.DataFrame({"customer_id": ["ada"], "ordered_at": pd.to_datetime(["2024-02-10"]), "amount": [20]})
    >>> table = band_behaviour(asked, log, as_of="2024-02-29", periods=1)
    >>> table[["band", "age", "customers", "active", "rate"]]
             band  age  customers  active  rate
    0   promoters    1          1     1.0   1.0
    1    passives    1          0     NaN   NaN
    2  detractors    1          1     0.0   0.0
    """
    refuse(periods=(periods, "size"))
    check_period(period)
    if periods < 1:
        raise ConfigError(f"periods is a whole number, 1 or more; got {periods!r}")
    day = as_day(as_of)
    people = one_per_customer(surveys, as_of=day, kind=kind, since=since, which="first", scale=scale)
    people = people.select("customer_id", "band", asked=period_number(people.answered_at, period))
    last = number_of(day + dt.timedelta(days=1), period) - 1
    sizes = people.group_by(["band", "asked"]).agg(customers=people.count()).to_pandas()
    require_people(len(sizes))
    table = _sizes(sizes, BAND_NAMES[kind], periods, last)
    log = orders_until(orders, day)
    warn_where_few_meet(people, log, "customer_id", whose="customers who answered", where="the orders")
    behaviour = _behaviour(people, log, period, periods, last)
    table = table.merge(behaviour, on=["band", "age"], how="left")
    sums = ["active", "revenue", "squares"]
    table[sums] = table[sums].fillna(0.0).where(table["customers"] > 0)
    return _with_intervals(table)


def mean_interval(
    total: pd.Series, squares: pd.Series, n: pd.Series, level: float = 0.95
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Mean with its t interval, from a sum, a sum of squares and a number; the interval is NaN for fewer than two."""
    from scipy.stats import t as t_distribution

    size = n.where(n > 0).astype("float64")
    mean = total / size
    spread = ((squares - size * mean**2) / (size - 1).where(size > 1)).clip(lower=0) ** 0.5
    half = t_distribution.ppf((1 + level) / 2, (size - 1).where(size > 1)) * spread / size**0.5
    return mean, mean - half, mean + half


def _sizes(sizes: pd.DataFrame, bands: tuple[str, ...], periods: int, last: int) -> pd.DataFrame:
    """Customers of each band whose period of each age has ended."""
    table = pd.DataFrame({"band": bands}).merge(pd.DataFrame({"age": np.arange(1, periods + 1)}), how="cross")
    reached = sizes.merge(table, on="band")
    reached = reached[reached["asked"] + reached["age"] <= last]
    customers = reached.groupby(["band", "age"])["customers"].sum()
    return table.join(customers, on=["band", "age"]).fillna({"customers": 0}).astype({"customers": "int64"})


def _behaviour(people: ir.Table, log: ir.Table, period: str, periods: int, last: int) -> pd.DataFrame:
    """Per band and age: customers who bought, money, and the sum of squares of their money."""
    rows = log.select("customer_id", "amount", number=period_number(log.ordered_at, period))
    rows = rows.filter(rows.number <= last)
    by_customer = rows.group_by(["customer_id", "number"]).agg(
        money=rows.amount.sum().cast("float64"), bought=(rows.amount >= 0).any()
    )
    both = by_customer.join(people, "customer_id")
    both = both.mutate(age=both.number - both.asked).filter(lambda t: t.age.between(1, ibis.literal(periods)))
    sums = both.group_by(["band", "age"]).agg(
        active=both.bought.sum().cast("float64"), revenue=both.money.sum(), squares=(both.money * both.money).sum()
    )
    table: pd.DataFrame = sums.to_pandas()
    return table


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson(table["active"], table["customers"])
    mean, mean_low, mean_high = mean_interval(table["revenue"], table["squares"], table["customers"])
    people = table["customers"].where(table["customers"] > 0)
    table = table.assign(rate=table["active"] / people, low=low, high=high)
    table = table.assign(revenue_per_customer=mean, revenue_low=mean_low, revenue_high=mean_high)
    front = ["band", "age", "customers", "active", "rate", "low", "high"]
    return table[[*front, "revenue", "revenue_per_customer", "revenue_low", "revenue_high"]]
