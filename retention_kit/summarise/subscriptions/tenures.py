"""How long subscriptions lasted, or have lasted so far: the input of survival curves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_period.period_table import check_lapse
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.subscriptions.paid_stretches import rows_until, stretches
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules


def tenures(
    subscriptions: Orders,
    *,
    as_of: str | dt.date,
    unit: str = "month",
    lapse_after: int | None = None,
    by: str | None = None,
    rules: SubscriptionRules | None = None,
) -> ir.Table | pd.DataFrame:
    """How long each customer paid until leaving for the first time, or has paid so far.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        The subscriptions.
    as_of : str or date
        Last day that counts.
    unit : {"day", "week", "month", "year"}
        What durations are measured in.
    lapse_after, rules
        As for `periods`: a gap that is no more than lapse_after days, or a pause that is kept, ends nothing.
    by : str, optional
        A column to keep, such as plan: its value in the customer's first row.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per customer who ever paid: customer_id, by, began (first paid day), duration (in units, from whole
        days; to the end of as_of for active customers), ended (whether the customer left). A month is 30.4375 days, so
        customers who leave at the first of twelve monthly renewals lasted 0.92 to 1.02 months: for contracts that end
        on renewal days, count renewals instead, with `renewals` or `subscription_cohorts`.

    Raises
    ------
    DataError
        As for `periods`.
    ConfigError
        When unit, as_of, lapse_after or rules cannot be read.

    Notes
    -----
    `survival(table.duration, table.ended, table.plan)` computes curves from it. Active customers are censored, not
    dropped. Customers who come back have no second tenure: its distribution would differ from that of first tenures.

    Examples
    --------
    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "bo"],
    ...         "subscription_id": ["s1", "s2"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-02-20"]),
    ...         "ended_at": pd.to_datetime(["2024-03-05", None]),
    ...         "mrr": [10, 8],
    ...         "plan": ["small", "large"],
    ...     }
    ... )
    >>> tenures(plans, as_of="2024-02-29", unit="day", by="plan")
      customer_id   plan      began  duration  ended
    0         ada  small 2024-01-05      56.0  False
    1          bo  large 2024-02-20      10.0  False
    >>> tenures(plans, as_of="2024-03-31", unit="day", by="plan")
      customer_id   plan      began  duration  ended
    0         ada  small 2024-01-05      60.0   True
    1          bo  large 2024-02-20      41.0  False
    """
    refuse(by=(by, "name?"))
    if not isinstance(unit, str) or unit not in UNIT_DAYS:
        raise ConfigError(f"unit is one of {', '.join(UNIT_DAYS)}; got {unit!r}")
    check_lapse(lapse_after)
    day, how = as_day(as_of), rules or SubscriptionRules()
    rows = rows_until(subscriptions, day, how)
    first_runs = _first_runs(stretches(rows, day, how, lapse_after))
    left = day_number(first_runs.until).fill_null(number_of(day, "day") + 1)
    columns: dict[str, Any] = {
        "began": first_runs.began.cast("date"),
        "duration": (left - day_number(first_runs.began)).cast("float64") / UNIT_DAYS[unit],
        "ended": first_runs.until.notnull(),
    }
    table = first_runs.select("customer_id", **columns)
    if by is not None:
        table = table.join(first_rows(rows, [by], "started_at"), "customer_id").relocate(by, after="customer_id")
    if isinstance(subscriptions, pd.DataFrame):
        frame = table.order_by("customer_id").to_pandas()
        return frame.assign(began=pd.to_datetime(frame["began"]))
    return table


def _first_runs(counted: ir.Table) -> ir.Table:
    """The first time over which each customer counted without a gap: customer_id, began, until."""
    far = ibis.timestamp("9000-01-01")
    rows = counted.select("customer_id", "subscription_id", "began", ends=counted.until.fill_null(far))
    order = ["began", "ends", "subscription_id"]
    earlier = ibis.window(group_by="customer_id", order_by=order, preceding=(None, 1))
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=order)
    rows = rows.mutate(gap=(rows.began > rows.ends.max().over(earlier)).fill_null(False).ifelse(1, 0))
    rows = rows.mutate(gaps=rows.gap.sum().over(so_far)).filter(lambda t: t.gaps == 0)
    runs = rows.group_by("customer_id").agg(began=rows.began.min(), ends=rows.ends.max())
    return runs.mutate(until=(runs.ends == far).ifelse(ibis.null("timestamp"), runs.ends))
