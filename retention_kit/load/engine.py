"""The engine that reads files and DataFrames where the user named none."""

from __future__ import annotations

import ibis

__all__ = ["default_engine"]


def default_engine() -> ibis.BaseBackend:
    """Ibis's own default back end, so that tables of two loads can be joined; DuckDB without its progress bar."""
    backend = ibis.get_backend()
    if backend.name == "duckdb":
        backend.raw_sql("SET enable_progress_bar = false")  # it would be printed into notebooks and reports
    return backend
