"""Gaps between the orders of a customer, counted in the engine; the gap since the last order is censored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.summarise.common.calendar_periods import EPOCH, as_day, day_number, number_of
from retention_kit.summarise.common.events import events_until
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.products.affinity import baskets

_KEYS: Final = ["group", "days", "observed"]


def order_gaps(
    orders: Orders,
    *,
    as_of: str | dt.date,
    order: int | None = 2,
    since: str = "previous",
    by: str | None = None,
    lines: Orders | None = None,
) -> pd.DataFrame:
    """Gaps between orders with their numbers of customers: the input of `survival` and `logrank`.

    Parameters
    ----------
    orders, as_of, order, since, by, lines
        As for `time_to_order`.

    Returns
    -------
    DataFrame
        group ("all" without by), days, observed: whether the order came (False: not by as_of), customers: their number.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> order_gaps(log, as_of="2024-01-31")
      group  days  observed  customers
    0   all    10      True          1
    1   all    25     False          1
    """
    refuse(by=(by, "name?"))
    if not _is_order(order) or since not in ("previous", "first") or (order is None and since == "first"):
        raise ConfigError(
            "order is 2, 3 … with since='previous' or 'first', or None for every reorder with since='previous'; "
            f"got order={order!r}, since={since!r}"
        )
    day = as_day(as_of)
    days, last = _order_gaps(orders, day, by, lines), number_of(day, "day")
    if order is None:
        gaps = _gaps(days, last)
    elif since == "previous":
        gaps = _gaps(days, last).filter(lambda t: t.position == order - 1)
    else:
        gaps = _since_first(days, int(order), last)
    return _sorted(gaps.group_by(_KEYS).agg(customers=gaps.count()).to_pandas())


def gaps_of_each(
    orders: Orders, as_of: str | dt.date, order_by_name: Mapping[str, int | None], lines: Orders | None
) -> list[pd.DataFrame]:
    """Result of `order_gaps` for each of the orders, with the name as group, from one query."""
    if not order_by_name or not all(map(_is_order, order_by_name.values())):
        raise ConfigError(f"order names orders, each 2, 3 … or None for every reorder; got {dict(order_by_name)}")
    day = as_day(as_of)
    gaps = _gaps(_order_gaps(orders, day, None, lines), number_of(day, "day"))
    last = max((order for order in order_by_name.values() if order), default=1)
    position = ibis.least(gaps.position, int(last))  # orders after the last requested one are counted together
    counts = gaps.group_by(*_KEYS, position=position).agg(customers=gaps.count()).to_pandas()
    chosen = {name: counts if n is None else counts[counts["position"] == n - 1] for name, n in order_by_name.items()}
    summed = {name: rows.groupby(_KEYS, as_index=False)["customers"].sum() for name, rows in chosen.items()}
    return [_sorted(rows.assign(group=name)) for name, rows in summed.items()]


def _is_order(order: object) -> bool:
    """Whether an order can follow another: the second or a later one, or any."""
    return order is None or (isinstance(order, int | np.integer) and not isinstance(order, bool) and int(order) >= 2)


def _sorted(gaps: pd.DataFrame) -> pd.DataFrame:
    return gaps.sort_values(_KEYS, ascending=[True, True, False], ignore_index=True).astype({"days": "int64"})


def _order_gaps(orders: Orders, as_of: dt.date, by: str | None, lines: Orders | None) -> ir.Table:
    """Every day of a customer (and product) with an order: group, position among the customer's days, day, first day
    and next one."""
    if lines is not None:
        return _product_gaps(orders, lines, as_of, by)
    events = events_until(orders, as_of)
    days = events.days.select("customer", "day", "next", "first", position=events.days.number)
    if by is None:
        return days.mutate(group=ibis.literal("all"))
    return days.join(events.first_values(by).rename(group=by), "customer")


def _product_gaps(orders: Orders, lines: Orders, as_of: dt.date, by: str | None) -> ir.Table:
    """The same for orders of one product; a customer is then a customer of that product."""
    if by not in (None, "product"):
        raise ConfigError(f"with lines, by is 'product' or None; got {by!r}")
    days = baskets(orders, lines, as_of).select("customer_id", "product", "day").distinct()
    days = days.mutate(day=ibis.date(EPOCH.isoformat()) + days["day"].as_interval("D"))
    own = ["customer_id", "product"]
    in_order = ibis.window(group_by=own, order_by="day")
    return days.select(
        "day",
        group=days["product"] if by else ibis.literal("all"),
        position=ibis.row_number().over(in_order) + 1,
        first=days["day"].min().over(ibis.window(group_by=own)),
        next=days["day"].lead().over(in_order),
    )


def _gaps(days: ir.Table, last: int) -> ir.Table:
    """Every order day with its position among the customer's and the days to the next one, or to as_of."""
    waited = day_number(days.next).fill_null(last) - day_number(days.day)
    return days.select("group", "position", observed=days.next.notnull(), days=waited)


def _since_first(days: ir.Table, order: int, last: int) -> ir.Table:
    """Days of every customer from the first order to the given one, or to as_of."""
    reached = days.filter(days.position == order)
    waiting = days.filter(days.next.isnull() & (days.position < order))
    since = {"days": day_number(reached.day) - day_number(reached["first"])}
    reached = reached.select("group", observed=ibis.literal(True), **since)
    return reached.union(
        waiting.select("group", observed=ibis.literal(False), days=last - day_number(waiting["first"]))
    )
