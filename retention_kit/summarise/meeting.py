"""Do the ids of two tables meet? Written in two ways (7 and 7.0, Ann@… and ann@…) they join to nothing, silently."""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.errors import caution

__all__ = ["warn_where_few_meet"]

FEW = 0.5
"""Below this share of ids that are found in the other table, something is probably wrong with how they are written."""


def warn_where_few_meet(rows: ir.Table, others: ir.Table, column: str, *, whose: str, where: str) -> None:
    """Warn if less than half of the ids of one table are in the other.

    Examples
    --------
    >>> import ibis, warnings
    >>> answers, orders = (ibis.memtable({"customer_id": ids}) for ids in (["1.0", "2.0"], ["1", "2"]))
    >>> with warnings.catch_warnings(record=True) as notes:
    ...     warn_where_few_meet(answers, orders, "customer_id", whose="customers who answered", where="the orders")
    >>> str(notes[0].message)
    '0 of 2 customers who answered are in the orders; customer_id must be written alike in both tables.'
    """
    ids = rows.select(id=rows[column].cast("string")).filter(lambda t: t.id.notnull()).distinct()
    known = others.select(id=others[column].cast("string")).distinct()
    counted = ids.aggregate(n=ids.count()).cross_join(ids.semi_join(known, "id").aggregate(met=lambda t: t.count()))
    seen = counted.to_pyarrow().to_pylist()[0]
    if seen["met"] < FEW * seen["n"]:
        caution(
            f"{seen['met']:,} of {seen['n']:,} {whose} are in {where}; {column} must be written alike in both tables."
        )
