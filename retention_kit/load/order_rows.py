"""Orders of several rows, one for each product: their amounts as one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.convert import Converted
from retention_kit.load.raw import FILE, ROW
from retention_kit.load.reading import Fault

__all__ = ["further_rows", "summed"]

_FURTHER = "__further"


def summed(converted: Converted, key: str, refused: Sequence[ir.BooleanValue], headers: Sequence[str]) -> Converted:
    """The first row of each order with the sum of the order; the further ones are marked.

    A row counts if no rule of the preset refuses it, its customer, moment and amount can be read, and it is no copy of
    another: what is refused otherwise has its own reason.
    """
    t, values = converted.table, converted.values()
    place = [t[c] for c in (FILE, ROW) if c in t.columns]
    copy = ibis.row_number().over(group_by=[t[h] for h in headers], order_by=place or None) > 0
    needed = [values[c].notnull() for c in ("customer_id", "ordered_at", "amount", key) if c in values]
    t = t.mutate(__counts=ibis.and_(*needed, *(~rule for rule in refused)) & ~copy)
    amount, order = t["__amount__value"], t[f"__{key}__value"]
    counted = ibis.ifelse(t["__counts"], amount, ibis.null(schema.MONEY))
    place = [t["__counts"].ifelse(0, 1), *(t[c] for c in (FILE, ROW) if c in t.columns)]
    first = ibis.row_number().over(group_by=order, order_by=place)
    total = counted.sum().over(group_by=order).cast(schema.MONEY)
    t = t.mutate(
        __amount__value=ibis.ifelse(t["__counts"] & (first == 0), total, amount),
        **{_FURTHER: t["__counts"] & (first > 0)},
    ).drop("__counts")
    return replace(converted, table=t)


def further_rows(converted: Converted) -> list[Fault]:
    """The rows whose amounts were added to the first row of their order."""
    if _FURTHER not in converted.table.columns:
        return []
    reason = "a further product of an order; its amount {value} is in the sum on the first row of the order"
    return [Fault("line_item", "amount", converted.table[_FURTHER], reason)]
