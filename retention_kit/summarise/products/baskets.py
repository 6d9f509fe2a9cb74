"""What was in an order: orders and their lines brought together."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from retention_kit.errors import DataError
from retention_kit.summarise.common.calendar_periods import day_number
from retention_kit.summarise.common.matching_ids import warn_where_few_meet
from retention_kit.summarise.common.order_log import Orders, as_table, orders_until, purchases

__all__ = ["baskets"]


def baskets(orders: Orders, lines: Orders, as_of: dt.date, *, placed: bool = False) -> ir.Table:
    """One row per line of an order up to as_of: customer_id, order_id, day (number), product; where it is asked for
    place: 1 on the customer's first day with an order, 2 on the next …

    Refunds are no orders, and lines with a negative quantity or amount are returns: neither is a purchase. A product
    may come twice in an order.
    """
    bought = purchases(orders_until(orders, as_of))
    if "order_id" not in bought.columns:
        raise DataError(f"orders need the column order_id to be joined to lines; found {', '.join(bought.columns)}")
    rows = as_table(lines, "order_lines")
    warn_where_few_meet(bought, rows, "order_id", whose="orders", where="the lines")
    for name in ("quantity", "amount"):
        if name in rows.columns:
            rows = rows.filter(rows[name].isnull() | (rows[name] >= 0))
    dated = bought.select("customer_id", "order_id", day=day_number(bought.ordered_at))
    if placed:
        dated = dated.mutate(place=ibis.dense_rank().over(ibis.window(group_by="customer_id", order_by="day")) + 1)
    return dated.join(rows.select("order_id", "product"), "order_id")
