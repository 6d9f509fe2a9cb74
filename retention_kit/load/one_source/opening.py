"""Opens whatever was given as a source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from retention_kit.errors import ConfigError
from retention_kit.load.files import kinds
from retention_kit.load.files.groups import Group
from retention_kit.load.sources import database, frames, lake_tables
from retention_kit.load.sources.engine import TESTED, default_engine
from retention_kit.load.sources.lake_tables import is_lake_table
from retention_kit.load.sources.postgres import of_plain_types
from retention_kit.load.sources.raw_table import ROW, Raw, distinct


def local_engine(connection: ibis.BaseBackend | None) -> ibis.BaseBackend:
    """The DuckDB that reads files: the one that was given, or Ibis's own default."""
    if connection is not None and connection.name == "duckdb":
        return connection
    backend = default_engine()
    return backend if backend.name == "duckdb" else ibis.duckdb.connect()


def name_of(source: object) -> str:
    """The name of a source in an error before it is opened; a URL never shows its password."""
    if isinstance(source, Group):
        return source.name
    if not isinstance(source, str | Path):
        return type(source).__name__ if isinstance(source, pd.DataFrame) else "the table"
    if database.is_url(source):
        return source if source.startswith("env:") else database.shown(source)
    return str(source)


def open_source(source: Any, connection: ibis.BaseBackend | None, query: str | None, layout: kinds.Layout) -> Raw:
    """Open a file, a folder, a database, a DataFrame or an Ibis table."""
    raw = _opened(source, connection, query, layout)
    return _usable(raw) if raw.stays else raw


def _opened(source: Any, connection: ibis.BaseBackend | None, query: str | None, layout: kinds.Layout) -> Raw:
    """The source, opened and otherwise unchanged."""
    if isinstance(source, pd.DataFrame):
        return frames.read(source)
    if isinstance(source, ir.Table):
        named = type(source.op()).__name__ == "DatabaseTable"
        return Raw(
            source,
            source.get_name() if named else "Ibis table",
            "ibis",
            stays=True,
            query=_sql(source),
            zones=_zones(source),
        )
    if frames.is_arrow(source):
        return frames.read_arrow(source)
    if isinstance(source, Group):
        local = local_engine(connection)
        raw = kinds.read_paths(source.paths, source.name, local, local, layout)
        return replace(raw, assumptions=raw.assumptions + source.notes)
    if not isinstance(source, str | Path) or not str(source).strip():
        raise ConfigError(
            f"a source is a path, a URL, a sample's name, a DataFrame, an Arrow or Ibis table, or a list of these; "
            f"came {type(source).__name__}"
        )
    if is_lake_table(source):
        return lake_tables.read(str(source), local_engine(connection))
    if database.is_url(source):
        return database.read_url(source, query)
    if connection is not None and database.is_of_engine(source):
        return database.read_connection(connection, str(source))
    local = local_engine(connection)
    keeps_files = connection is not None and connection.name in ("duckdb", "pyspark")
    return kinds.read(source, connection if keeps_files else local, local, layout)


def copied(raw: Raw, connection: ibis.BaseBackend | None) -> Raw:
    """A source whose rows are in the local engine: as it is where they are copied anyway, else a copy of it."""
    if not raw.stays:
        return raw
    local = local_engine(connection)
    if raw.table.get_backend() is local:
        table = raw.table.mutate(**{ROW: ibis.row_number()}).cache()
    else:
        arrow = raw.table.to_pyarrow()
        numbers = pa.array(np.arange(arrow.num_rows))
        table = ibis.memtable(arrow.append_column(ROW, numbers))
    return replace(raw, table=table, stays=False)


def _usable(raw: Raw) -> Raw:
    """Data that stays where it is if its engine can evaluate the rules; otherwise a copy of it."""
    engine = raw.table.get_backend().name
    if engine not in TESTED:
        as_text = {
            c: "string" for c, kind in raw.table.schema().items() if not (kind.is_floating() or kind.is_decimal())
        }
        note = f"rows were copied out of {engine}"
        return frames.read(
            raw.table.cast(as_text).to_pandas(),
            raw.name,
            raw.kind,
            query=raw.query,
            assumptions=(*raw.assumptions, note),
        )
    table = of_plain_types(raw.table)
    names = zip(table.columns, distinct(table.columns), strict=True)
    table = table.rename({new: old for old, new in names if new != old})
    return replace(raw, table=table.mutate(**{c: table[c].cast("timestamp('UTC', 6)") for c in _fine_instants(table)}))


def _fine_instants(table: ir.Table) -> list[str]:
    """Columns of moments with an offset in nanoseconds, a type that Ibis has no name for."""
    return [c for c, kind in table.schema().items() if "TIMESTAMPTZ_NS" in str(kind)]


def _zones(table: ir.Table) -> dict[str, str]:
    """The time zone of each column of moments that names one; UTC is what every database says."""
    zones = {name: kind.timezone for name, kind in table.schema().items() if kind.is_timestamp()}
    in_memory = type(table.op()).__name__ == "InMemoryTable"
    return {name: zone for name, zone in zones.items() if zone and (zone != "UTC" or in_memory)}


def _sql(table: ir.Table) -> str:
    """The query behind a table."""
    return " ".join(str(ibis.to_sql(table)).split())
