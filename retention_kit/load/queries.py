"""SQL of the user's or our own as a table of the engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

__all__ = ["from_sql", "tables_of"]


def from_sql(backend: ibis.BaseBackend, query: str) -> ir.Table:
    """A query as a table. (Ibis's own way asks DuckDB for a method that its version 2 does not have.)"""
    if backend.name != "duckdb":
        return backend.sql(query)
    name = ibis.util.gen_name("view")
    backend.raw_sql(f'CREATE TEMP VIEW "{name}" AS {query.strip().rstrip(";")}')
    return backend.table(name)


def tables_of(backend: ibis.BaseBackend) -> str:
    """The first tables of a database, for an error."""
    if backend.name == "duckdb":
        names = [row[0] for row in backend.raw_sql("SHOW TABLES").fetchall()]
    else:
        names = backend.list_tables()
    return ", ".join(sorted(names)[:20]) or "none"
