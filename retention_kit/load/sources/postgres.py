"""Columns of PostgreSQL whose types Ibis takes for others, as what they hold.

Ibis 12 calls an ENUM and a citext a string, so its cast to a string changes nothing and PostgreSQL 15 refuses what is
asked of them; a domain has no type for Ibis; money is a decimal for Ibis, and PostgreSQL has no abs(money).
"""

from __future__ import annotations

import contextlib

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from retention_kit.load.sources.engine import from_sql

_TEXT = (25, 1043, 1042, 19)
"""Type numbers (pg_type.oid) of text, varchar, char and name, which no release changes."""

# type number of money
_MONEY = 790
_PLAIN = {
    16: "boolean", 20: "bigint", 21: "smallint", 23: "integer", 700: "real", 701: "double precision", 1700: "numeric",
    1082: "date", 1114: "timestamp", 1184: "timestamptz",
}  # fmt: skip
"""Types that a domain may be made of; whatever else Ibis does not know is read as text."""


def of_plain_types(table: ir.Table) -> ir.Table:
    """The table with every ENUM, citext and domain as the type that it is made of, and money as an exact number."""
    if table.get_backend().name != "postgres" or table.op().find(ops.InMemoryTable):
        return table
    backend, query = table.get_backend(), f"({ibis.to_sql(table)}) AS source"
    with contextlib.closing(backend.raw_sql(f"SELECT * FROM {query} LIMIT 0")) as cursor:
        types = {column.name: column.type_code for column in cursor.description}
    casts = {name: _cast_to(table[name].type(), number) for name, number in types.items()}
    if not any(casts.values()):
        return table
    cells = (f"CAST({_quoted(n)} AS {kind}) AS {_quoted(n)}" if kind else _quoted(n) for n, kind in casts.items())
    return from_sql(backend, f"SELECT {', '.join(cells)} FROM {query}")


def _cast_to(kind: ibis.DataType, number: int) -> str | None:
    """The type to which a column is cast, or None where Ibis knows its type."""
    if number == _MONEY:
        return "numeric(19, 4)"
    if kind.is_string() and number not in _TEXT:
        return "text"
    return _PLAIN.get(number, "text") if kind.is_unknown() else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
