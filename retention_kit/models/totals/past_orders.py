"""An order log whose past is counted once, for several forecasts of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir

from retention_kit.models.numerics.arrays import Array
from retention_kit.models.totals.past_customers import PastCustomers, first_day, past_customers
from retention_kit.summarise.common.order_log import orders_until


@dataclass(frozen=True)
class PastOrders:
    """Orders for several forecasts, which count them and fit their models only once.

    Forecasts of purchases and of revenue, for known customers and for the whole shop, read the same past: pass one such
    object to each in place of the orders. The numbers are the same. The orders must not change in the meantime, so make
    a new one for each report.

    Attributes
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    counted : dict
        What forecasts have counted so far.

    Examples
    --------
    >>> from retention_kit import load, models
    >>> past = models.PastOrders(load.sample("cdnow_sample"))
    >>> request = {"as_of": "1997-12-31", "horizon": 30, "models": "MBGNBD"}
    >>> revenue = models.forecast_total(past, measure="revenue", **request)
    >>> purchases = models.forecast_total(past, **request)  # in a fraction of the time
    >>> purchases.record.measure, revenue.record.measure
    ('purchases', 'revenue')
    """

    orders: Any
    counted: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


def until(past: PastOrders, as_of: dt.date) -> tuple[ir.Table, int]:
    """The orders until a day, and the day of the first purchase, as days since 1970."""
    if as_of not in past.counted:
        log = orders_until(past.orders, as_of)
        past.counted[as_of] = log, first_day(log, as_of)
    log, start = past.counted[as_of]
    return log, start


def customers_of(
    past: PastOrders, as_of: dt.date, origins: Array, *, by: str | None, unit: str, grain: str, money: bool
) -> PastCustomers:
    """Customers at each origin; those with money serve forecasts of purchases as well."""
    question = (as_of, tuple(origins.tolist()), by, unit, grain)
    money = money or (*question, True) in past.counted
    if (*question, money) not in past.counted:
        log, _ = until(past, as_of)
        by_segment = _counted_by_segment(past, question, money) if by is None else None
        past.counted[*question, money] = (
            by_segment.everybody
            if by_segment
            else past_customers(log, origins, by=by, unit=unit, grain=grain, money=money)
        )
    customers: PastCustomers = past.counted[*question, money]
    return customers


def _counted_by_segment(past: PastOrders, question: tuple[Any, ...], money: bool) -> PastCustomers | None:
    """The same customers, where some segments of them were counted before."""
    as_of, origins, _, unit, grain = question
    for key, customers in past.counted.items():
        alike = isinstance(key, tuple) and (key[:2], key[3:5]) == ((as_of, origins), (unit, grain))
        if alike and key[5] >= money:
            return customers  # type: ignore[no-any-return]
    return None
