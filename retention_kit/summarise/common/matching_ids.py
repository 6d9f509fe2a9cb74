"""Warn if the ids of two tables do not match: written in two ways (7 and 7.0) they would silently join to nothing."""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.errors import caution

FEW = 0.5
"""If fewer of the ids than this share are in the other table, they are probably written differently."""
SHOWN = 3
"""How many ids of each table a message shows as examples."""


def warn_where_few_meet(rows: ir.Table, others: ir.Table, column: str, *, whose: str, where: str) -> None:
    """Warn if less than half of the ids of one table are in the other.

    Examples
    --------
    >>> import ibis, warnings
    >>> answers, orders = (ibis.memtable({"customer_id": ids}) for ids in (["1.0", "2.0"], ["1", "2"]))
    >>> with warnings.catch_warnings(record=True) as notes:
    ...     warn_where_few_meet(answers, orders, "customer_id", whose="customers who answered", where="the orders")
    >>> print(notes[0].message)
    0 of 2 customers who answered (0%) are in the orders; customer_id must be written alike in both tables:
    '1.0', '2.0' here, '1', '2' in the orders.
    """
    sentence = few_meet(rows, others, column, whose=whose, where=where)
    if sentence is not None:
        caution(sentence)


def few_meet(
    rows: ir.Table, others: ir.Table, column: str, *, whose: str, where: str, least: float = FEW, examples: bool = True
) -> str | None:
    """A sentence if less than the share `least` of the ids of one table are in the other; None otherwise.

    `examples`: whether the sentence shows ids of both tables; pages that must not show ids pass False.
    """
    ids = rows.select(id=rows[column].cast("string")).filter(lambda t: t.id.notnull()).distinct()
    other_ids = others.select(id=others[column].cast("string")).distinct()
    counted = ids.aggregate(n=ids.count()).cross_join(ids.semi_join(other_ids, "id").aggregate(met=lambda t: t.count()))
    seen = counted.to_pyarrow().to_pylist()[0]
    if seen["met"] >= least * seen["n"]:
        return None
    share = f"{seen['met']:,} of {seen['n']:,} {whose} ({seen['met'] / seen['n']:.0%}) are in {where}"
    alike = f"{column} must be written alike in both tables"
    if not examples:
        return f"{share}; {alike}."
    return f"{share}; {alike}: {_first(ids.anti_join(other_ids, 'id'))} here, {_first(other_ids)} in {where}."


def _first(ids: ir.Table) -> str:
    """The first ids of a table as text."""
    shown = ids.filter(ids.id.notnull()).order_by("id").limit(SHOWN).to_pyarrow().to_pydict()["id"]
    return ", ".join(repr(id if len(id) <= 40 else f"{id[:39]}…") for id in shown) or "none"
