"""What was given, and how it is opened."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.load import files, frames
from retention_kit.load.raw import Raw

__all__ = ["local_engine", "open_source"]


def local_engine(connection: ibis.BaseBackend | None) -> ibis.BaseBackend:
    """The DuckDB that reads files: the one that was given, or Ibis's own default."""
    if connection is not None and connection.name == "duckdb":
        return connection
    backend = ibis.get_backend()
    return backend if backend.name == "duckdb" else ibis.duckdb.connect()


def open_source(
    source, connection: ibis.BaseBackend | None, *, encoding: str | None = None, header_rows: int = 1
) -> Raw:
    """Open a file, a DataFrame or an Ibis table."""
    if isinstance(source, pd.DataFrame):
        return frames.read(source)
    if isinstance(source, ir.Table):
        return Raw(
            source, source.get_name() if _named(source) else "Ibis table", "ibis", stays=True, query=_sql(source)
        )
    if not isinstance(source, str | Path):
        raise ConfigError(
            f"a source is a path, a sample name, a DataFrame or an Ibis table; came {type(source).__name__}"
        )
    path = Path(source)
    if not path.exists():
        raise DataError(f"there is no file or folder {source}; working folder is {Path.cwd()}")
    return files.read(path, local_engine(connection), encoding=encoding, header_rows=header_rows)


def _named(table: ir.Table) -> bool:
    return table.op().__class__.__name__ in ("DatabaseTable", "UnboundTable")


def _sql(table: ir.Table) -> str:
    """The query behind a table."""
    return " ".join(str(ibis.to_sql(table)).split())
