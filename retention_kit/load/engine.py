"""The engine that reads files and DataFrames where the user named none."""

from __future__ import annotations

import ibis

__all__ = ["default_engine"]


def default_engine() -> ibis.BaseBackend:
    """Ibis's own default back end, so that tables of two loads can be joined; DuckDB without its progress bar."""
    backend = ibis.get_backend()
    if backend.name == "duckdb" and _has_progress_bar(backend):
        backend.raw_sql("SET enable_progress_bar = false")
    return backend


def _has_progress_bar(backend: ibis.BaseBackend) -> bool:
    """Whether DuckDB would print a bar into notebooks and reports. Without ipywidgets it has none there and refuses
    to have the setting touched."""
    return bool(backend.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()[0])
