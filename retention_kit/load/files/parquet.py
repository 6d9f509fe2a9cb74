"""Parquet files, left where they are; instants are distinguished from moments that a local clock showed.

Parquet has three kinds of moments: with a zone, which are instants; without one, which a local clock showed; and
INT96, which by definition counts from midnight UTC (parquet-format, LogicalTypes.md) and which Spark writes by default.
DuckDB shows INT96 without a zone, and where files differ it reads the local ones in the time zone of its session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from retention_kit.errors import DataError
from retention_kit.load.sources import frames
from retention_kit.load.sources.engine import from_sql
from retention_kit.load.sources.raw_table import Raw, united
from retention_kit.load.values.moments.zones import local, of_utc

_BY_NAME = {"duckdb": {"union_by_name": True}}
"""The option by which an engine accepts that a column is missing in some of the files."""

_SIGNS = re.compile(r"[\\{}\[\],*?]")
"""Signs that mean something in a pattern of Hadoop's."""

_LOCAL, _ZONED, _INT96 = "local", "zoned", "int96"


def read(paths: Sequence[Path], name: str, backend: ibis.BaseBackend, *, sha256: str) -> Raw:
    """Parquet files as one table of the engine."""
    footers = [_footer(path, name) for path in paths]
    moments = [_moments(footer) for footer in footers]
    kinds: dict[str, set[str]] = {}
    for column, kind in (item for file in moments for item in file.items()):
        kinds.setdefault(column, set()).add(kind)
    mixed = {column for column, seen in kinds.items() if len(seen) > 1}
    if mixed and backend.name != "duckdb":
        raise DataError(
            f"{name}: {', '.join(sorted(mixed))} has moments with a zone in some files and without in others; "
            "write the files alike, or load them with DuckDB, where each is read as it is written"
        )
    try:
        table = _united(paths, moments, kinds, mixed, backend) if mixed else _opened(paths, backend)
    except Exception as fault:
        raise _unreadable(name, fault) from fault
    if backend.name == "duckdb":
        table = table.mutate(**{column: of_utc(table[column]) for column, seen in kinds.items() if seen == {_INT96}})
    arrow = [footer.schema.to_arrow_schema() for footer in footers]
    zones = [frames.zones_of(columns) for columns in arrow]
    return Raw(
        table,
        name,
        "parquet",
        stays=True,
        sha256=sha256,
        assumptions=united([columns.names for columns in arrow]),
        zones=zones[0] if all(zone == zones[0] for zone in zones) else {},
    )


def _footer(path: Path, name: str) -> pq.FileMetaData:
    try:
        return pq.read_metadata(path)
    except (pa.ArrowException, OSError) as fault:
        raise _unreadable(name, fault) from fault


def _unreadable(name: str, fault: Exception) -> DataError:
    first = next(iter(str(fault).splitlines()), type(fault).__name__)
    return DataError(f"{name} cannot be read as Parquet ({first}); write it again")


def _moments(footer: pq.FileMetaData) -> dict[str, str]:
    """The kind of moment of each column that holds moments."""
    columns = (footer.schema.column(i) for i in range(len(footer.schema)))
    old = {column.path for column in columns if column.physical_type == "INT96"}
    kinds = {}
    for field in footer.schema.to_arrow_schema():
        if pa.types.is_timestamp(field.type):
            kinds[field.name] = _INT96 if field.name in old else _ZONED if field.type.tz else _LOCAL
    return kinds


def _opened(paths: Sequence[Path], backend: ibis.BaseBackend) -> ir.Table:
    if backend.name == "pyspark":
        return _in_spark(paths, backend)
    return backend.read_parquet([str(path) for path in paths], **_BY_NAME.get(backend.name, {}))


def _in_spark(paths: Sequence[Path], backend: ibis.BaseBackend) -> ir.Table:
    """Files as a view of Spark: Ibis 12 passes it one path and no list, and Spark takes each path for a pattern.

    One pattern for all files, `{a,b/c}`, is no way: where a name in it has a slash, Spark 4 leaves out files whose
    names need a backslash, without an error.
    """
    files = [_SIGNS.sub(r"\\\g<0>", path.absolute().as_posix()) for path in paths]
    name = ibis.util.gen_name("parquet")
    session = backend.raw_sql("SELECT 1").sparkSession
    session.read.option("mergeSchema", True).parquet(*files).createOrReplaceTempView(name)
    return backend.table(name)


def _united(
    paths: Sequence[Path],
    moments: Sequence[Mapping[str, str]],
    kinds: Mapping[str, set[str]],
    mixed: set[str],
    backend: ibis.BaseBackend,
) -> ir.Table:
    """Files whose columns hold several kinds of moments: as text that says which have an offset, or all as instants."""
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for path, file in zip(paths, moments, strict=True):
        groups.setdefault(tuple(sorted(file.items())), []).append(path)
    queries = []
    for column_types, members in groups.items():
        table = _opened(members, backend)
        spelled = {
            column: _spelled(table[column], kind, as_text=_LOCAL in kinds[column])
            for column, kind in column_types
            if column in mixed
        }
        queries.append(f"SELECT * FROM ({ibis.to_sql(table.mutate(**spelled), dialect='duckdb')})")
    return from_sql(backend, " UNION ALL BY NAME ".join(queries))


def _spelled(column: ir.TimestampValue, kind: str, *, as_text: bool) -> ir.Value:
    """A moment in a form that can be combined with moments of another kind."""
    if not as_text:
        return of_utc(column) if kind == _INT96 else column
    clock = local(column.cast("timestamp('UTC', 6)"), "UTC", "duckdb") if kind == _ZONED else column
    written = clock.cast("timestamp(6)").cast("string")
    return written if kind == _LOCAL else written + "+00:00"
