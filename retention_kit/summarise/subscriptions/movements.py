"""Movements: the customers behind each figure of a subscription business."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.summarise.by_period.period_table import check_lapse
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.subscriptions.exchange_rates import boundary_rates
from retention_kit.summarise.subscriptions.ledger import ledger
from retention_kit.summarise.subscriptions.subscription_periods import counted_events, start_rates
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_TRUNCATE: Final = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def movements(
    subscriptions: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    lapse_after: int | None = None,
    by: str | None = None,
    rules: SubscriptionRules | None = None,
    rates: pd.DataFrame | None = None,
) -> ir.Table | pd.DataFrame:
    """The customers behind the MRR movements of `periods`: those who were new, paid more or less, left or came back.

    Parameters
    ----------
    subscriptions, as_of, period, lapse_after, by, rules, rates
        As for `periods`.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per customer and period with a movement, or per moment with the rule changes="each": customer_id, by,
        period (its first day), moved_at (the first change in it), movement (new, expansion, reactivation, contraction,
        churn, joined_and_left, returned_and_left), mrr (the change with its sign, as a float).

    Raises
    ------
    DataError, ConfigError
        As for `periods`.

    Notes
    -----
    The sums by period and movement are the figures of `periods`.

    Examples
    --------
    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "subscription_id": ["s1", "s1", "s2"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-01-20"]),
    ...         "ended_at": pd.to_datetime(["2024-02-05", None, "2024-02-20"]),
    ...         "mrr": [10, 25, 8],
    ...     }
    ... )
    >>> movements(plans, as_of="2024-02-29").drop(columns="moved_at")
      customer_id     period   movement   mrr
    0         ada 2024-01-01        new  10.0
    1          bo 2024-01-01        new   8.0
    2         ada 2024-02-01  expansion  15.0
    3          bo 2024-02-01      churn  -8.0
    """
    refuse(by=(by, "name?"))
    check_period(period)
    check_lapse(lapse_after)
    day, how = as_day(as_of), rules or SubscriptionRules()
    happened, currencies, checked = counted_events(subscriptions, day, period, lapse_after, by, how, rates)
    valued = None if checked is None else _rates(happened, checked, currencies, period, day)
    moves = ledger(happened, valued, every_change=how.changes == "each").filter(lambda t: t.movement != "unchanged")
    change = moves.worth.cast("float64")
    started = moves.moment.truncate(_TRUNCATE[period]).cast("date")
    table = moves.select(
        "customer_id", *([by] if by else []), "movement", period=started, moved_at=moves.moment, mrr=change
    ).relocate("period", "moved_at", before="movement")
    if not isinstance(subscriptions, pd.DataFrame):
        return table
    frame = table.order_by(["moved_at", "customer_id"]).to_pandas()
    frame = frame.assign(period=pd.to_datetime(frame["period"]))
    return frame.sort_values(["period", "customer_id", "moved_at"], ignore_index=True)


def _rates(
    happened: ir.Table, checked: pd.DataFrame, currencies: list[str], period: str, day: dt.date
) -> pd.DataFrame | None:
    """The rates at the start of each period in which something happened."""
    first = happened.number.min().execute()
    if pd.isna(first):
        raise DataError(f"no paid subscription up to {day}; as_of must be later than the first paid day")
    numbers = np.arange(int(first), number_of(day, period) + 1)
    return start_rates(boundary_rates(checked, currencies, numbers, period, day), numbers)
