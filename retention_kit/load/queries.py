"""SQL of the user's or our own as a table of the engine."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

__all__ = ["answer", "from_sql", "tables_of"]


def answer(backend: ibis.BaseBackend, query: str) -> list[tuple[Any, ...]]:
    """The rows of a short query of DuckDB.

    They belong to the query, not to the connection as after `raw_sql`: Python may collect a temporary table that nobody
    needs any more at any moment, Ibis drops it with the same connection, and what that had not handed out yet is lost.
    """
    rows: list[tuple[Any, ...]] = backend.con.sql(query).fetchall()
    return rows


def from_sql(backend: ibis.BaseBackend, query: str) -> ir.Table:
    """A query as a table. (Ibis's own way asks DuckDB for a method that its version 2 does not have.)"""
    if backend.name != "duckdb":
        return backend.sql(query)
    name = ibis.util.gen_name("view")
    backend.raw_sql(f'CREATE TEMP VIEW "{name}" AS {query.strip().rstrip(";")}')
    return backend.table(name)


def tables_of(backend: ibis.BaseBackend) -> str:
    """The first tables of a database, for an error."""
    named = (name for (name,) in answer(backend, "SHOW TABLES")) if backend.name == "duckdb" else backend.list_tables()
    return ", ".join(sorted(named)[:20]) or "none"
