"""Columns with one value for all customers, which are read from the query instead of being fetched with every row."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.operations as ops


def stated(table: ibis.Table, columns: Iterable[str]) -> dict[str, list[str]]:
    """The least and the greatest value, as text, of those columns that the table has; "" where a value is missing.

    A column that the query gives a constant is not asked for; the others are, by one query over the table.
    """
    there = [c for c in columns if c in table.columns]
    known = {c: constant(table, c) for c in there}
    if asked := [c for c in there if known[c] is None]:
        texts = {c: table[c].cast("string").fill_null("") for c in asked}
        ends = {f"{end}_{i}": getattr(texts[c], end)() for i, c in enumerate(asked) for end in ("min", "max")}
        row = table.agg(**ends).to_pandas().iloc[0]
        seen = {c: sorted({row[f"min_{i}"], row[f"max_{i}"]}) for i, c in enumerate(asked)}
    return {c: seen[c] if (value := known[c]) is None else [value] for c in there}


def constant(table: ibis.Table, column: str) -> str | None:
    """The value, as text, that the query gives to this column of every row; None where it is read from data.

    Examples
    --------
    >>> table = ibis.memtable({"customer_id": ["ada", "bo"]}).mutate(unit=ibis.literal("week"))
    >>> constant(table.filter(table.customer_id == "bo"), "unit")
    'week'
    >>> constant(table, "customer_id")
    """
    relation: ops.Node = table.op()
    while True:
        if isinstance(relation, ops.Filter | ops.Sort | ops.Limit | ops.Distinct | ops.DropColumns | ops.JoinReference):
            relation = relation.parent
        elif isinstance(relation, ops.JoinChain) and _keeps_first(relation, column):
            relation, column = relation.first, relation.values[column].name
        elif isinstance(relation, ops.Project):
            value = relation.values[column]
            if not isinstance(value, ops.Field):
                return _text(value)
            relation, column = value.rel, value.name
        else:
            return None


def _keeps_first(joined: ops.JoinChain, column: str) -> bool:
    """Whether a column of a join is one of its first table, of which no row is made up by the join."""
    value = joined.values[column]
    of_first = isinstance(value, ops.Field) and value.rel == joined.first
    return of_first and all(link.how in ("inner", "left", "semi", "anti") for link in joined.rest)


def _text(value: ops.Node) -> str | None:
    """A constant as text: a literal, or one that is cast from text, as a day is; None for anything else."""
    if isinstance(value, ops.Cast):
        value = value.arg
    return value.value if isinstance(value, ops.Literal) and isinstance(value.value, str) else None
