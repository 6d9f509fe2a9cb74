"""Pairs of rows of two sources: near in time, most in common, and one-to-one pairs of rows that are alike."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

FEW_MINUTES = 30
"""Minutes that may lie between an order and its payment.

A shop writes an order when the buyer presses the button, a provider the payment when the buyer has confirmed it, or the
other way round; shops cancel orders that stay unpaid for an hour. Two hours apart are two purchases.
"""

PAIR = {
    "part": "int64",
    "id": "int64",
    "of_part": "int64",
    "of_id": "int64",
    "how": "string",
    "minutes": "int64",
}
"""A row, the row that it repeats, the evidence for that, and the minutes between them."""

ROW_KEY = ["part", "id"]
OF_KEY = ["of_part", "of_id"]


def of(rows: ir.Table) -> ir.Table:
    """The table with `of_` in front of the names of its columns."""
    return rows.rename({f"of_{name}": name for name in rows.columns})


def minutes_between(pairs: ir.Table) -> ir.IntegerValue:
    """Minutes between the two rows of a pair."""
    return ((pairs.moment.epoch_seconds() - pairs.of_moment.epoch_seconds()).abs() / 60).floor().cast("int64")


def near_in_time(pairs: ir.Table) -> ir.BooleanValue:
    """Whether two rows are near in time: minutes apart, or on the same day where one of them has no time of day."""
    days = pairs.moment.date() == pairs.of_moment.date()
    return ibis.ifelse(pairs.days | pairs.of_days, days, pairs.minutes <= FEW_MINUTES).fill_null(False)


def best(pairs: ir.Table) -> ir.Table:
    """For each row the row with which it has most in common; an order may have been paid in several payments."""
    order = [pairs.score.desc(), pairs.minutes, pairs.of_part, pairs.of_id]
    position = ibis.row_number().over(group_by=ROW_KEY, order_by=order)
    return pairs_of(pairs.mutate(position=position).filter(_.position == 0), "reference")


def pairs_of(pairs: ir.Table, how: str) -> ir.Table:
    return pairs.select(*ROW_KEY, *OF_KEY, how=ibis.literal(how), minutes=pairs.minutes)


def without(rows: ir.Table, pairs: ir.Table, names: list[str]) -> ir.Table:
    """The rows that are not in any pair."""
    return rows.anti_join(pairs.select(*names), names)


def not_repeated(rows: ir.Table, pairs: ir.Table) -> ir.Table:
    """The rows that no pair repeats."""
    return rows.anti_join(pairs.select(part=_.of_part, id=_.of_id), ROW_KEY)


def alike(rows: ir.Table, others: ir.Table) -> ir.Table:
    """Pairs with the same customer, amount and currency that are near in time.

    Where only days are known, the first of a day belongs to the first, the second to the second: of a thousand equal
    sales to a till there are a thousand pairs, not a million.
    """
    rows, theirs = _numbered(rows.filter(_.gross != 0)), of(_numbered(others.filter(_.gross != 0)))
    same = [rows[name] == theirs[f"of_{name}"] for name in ("customer", "currency", "gross")]
    pairs = rows.inner_join(theirs, same)
    pairs = pairs.filter(~(pairs.days | pairs.of_days) | (pairs.position == pairs.of_position))
    pairs = pairs.mutate(minutes=minutes_between(pairs))
    return pairs.filter(near_in_time(pairs))


def _numbered(rows: ir.Table) -> ir.Table:
    same = ["customer", "currency", "gross", rows.moment.date().name("day")]
    return rows.mutate(position=ibis.row_number().over(group_by=same, order_by=["moment", "part", "id"]))


def nearest(candidates: ir.Table) -> ir.Table:
    """One-to-one pairs: those that are nearest for both, then the same among the rest, until none is left."""
    left, chosen = candidates.cache(), ibis.memtable([], schema=PAIR)
    while True:
        first = ibis.row_number().over(group_by=ROW_KEY, order_by=["minutes", "of_part", "of_id"])
        first_of = ibis.row_number().over(group_by=OF_KEY, order_by=["minutes", "id"])
        mutual = left.mutate(first=first, first_of=first_of).filter((_.first == 0) & (_.first_of == 0))
        mutual = pairs_of(mutual, "facts").cache()
        if not mutual.count().to_pyarrow().as_py():
            return chosen
        chosen = chosen.union(mutual).cache()
        left = without(without(left, mutual, ROW_KEY), mutual, OF_KEY).cache()
