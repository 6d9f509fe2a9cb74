"""The engine that reads files and DataFrames where the user named none."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.common.exceptions import IbisError

from retention_kit.errors import DataError, caution


def answer(backend: ibis.BaseBackend, query: str) -> list[tuple[Any, ...]]:
    """The rows of a short query of DuckDB.

    They belong to the query, not to the connection as after `raw_sql`: Python may collect an unused temporary table at
    any moment, Ibis drops it through the same connection, and rows that were not fetched yet are lost.
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


TESTED = ("duckdb", "postgres", "pyspark")
"""Engines that compute where the data is: on these every function of `summarise` is tested cell by cell."""

_OF_DATABASES = ("psycopg", "pyspark", "py4j")
"""Packages of engines that may not be installed."""


@contextlib.contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn the error of an engine or a parser on data that it cannot read into one DataError.

    A full or read-only disk is no fault of the data: it is raised as the system's own error.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except (duckdb.Error, pa.ArrowException, IbisError, csv.Error, UnicodeError) as fault:
        raise of_the_system(fault) or _unreadable(name, fault) from fault
    except Exception as fault:
        if type(fault).__module__.partition(".")[0] not in _OF_DATABASES:
            raise
        raise _unreadable(name, fault) from fault


def _unreadable(name: str, fault: Exception) -> DataError:
    """The first line of an error, and advice."""
    first = next((line.strip() for line in str(fault).splitlines() if line.strip()), type(fault).__name__)
    way_out = "repair it, or write it again where it comes from"
    if "cached plan must not change result type" in first:  # PostgreSQL's words, of a query that it has prepared
        way_out = "a column has another type than when this connection first asked for it; open a new connection"
    return DataError(f"{name} cannot be read ({first[:200]}); {way_out}")


def of_the_system(fault: Exception) -> OSError | None:
    """The engine's error as the system's own, where a disk is full or cannot be written."""
    codes = [code for code in (errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EDQUOT) if os.strerror(code) in str(fault)]
    return OSError(codes[0], os.strerror(codes[0])) if codes and isinstance(fault, duckdb.IOException) else None


def where_tested(table: ir.Table) -> ir.Table:
    """The table where it is, or a copy in DuckDB with a warning where its engine is not tested.

    Engines differ in unexpected places: ClickHouse 26.9 numbers ties apart in `dense_rank` with the frame that Ibis 12
    writes, and cuts where others round when a float becomes a decimal.
    """
    engine = table.get_backend().name
    if engine in TESTED:
        return table
    caution(
        f"The table is in {engine}, on which the numbers are not tested; its rows were copied into DuckDB. "
        f"Tables are used in place in {', '.join(TESTED)}."
    )
    default_engine()
    return ibis.memtable(table.to_pyarrow())


def beside(table: ir.Table, numbers: pd.DataFrame) -> ir.Table:
    """A DataFrame of numbers as a table that can be joined with another one."""
    put = getattr(table.get_backend(), "put", None)
    return ibis.memtable(numbers) if put is None else put(numbers)


def default_engine() -> ibis.BaseBackend:
    """Ibis's own default back end, so that tables of two loads can be joined; DuckDB without its progress bar."""
    backend = ibis.get_backend()
    if backend.name == "duckdb" and _has_progress_bar(backend):
        backend.raw_sql("SET enable_progress_bar = false")
    return backend


def limit(memory: int, folder: Path | None = None) -> None:
    """Let the default engine use so many bytes, and write what needs more into a folder, if it is DuckDB."""
    backend = default_engine()
    if backend.name == "duckdb":
        backend.raw_sql(f"SET memory_limit = '{memory // 10**6}MB'")
        if folder is not None:
            backend.raw_sql("SET temp_directory = '{}'".format(str(folder).replace("'", "''")))


def memory_limit() -> int:
    """Bytes that the default engine may use."""
    backend = default_engine()
    if backend.name != "duckdb":
        return sys.maxsize
    number, unit = str(answer(backend, "SELECT current_setting('memory_limit')")[0][0]).split()
    return int(float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


@contextlib.contextmanager
def limited(memory: int, folder: Path) -> Iterator[None]:
    """Let the default engine use so many bytes while a run lasts.

    Where no default engine existed, the run has one of its own, which writes into the folder of the run. The engine of
    a session that has used one gets its limit back; its folder is not changed: DuckDB keeps the one that it has used.
    """
    if ibis.options.default_backend is None:
        try:
            limit(memory, folder)
            yield
        finally:
            ibis.options.default_backend = None
        return
    backend = default_engine()
    before = answer(backend, "SELECT current_setting('memory_limit')")[0][0] if backend.name == "duckdb" else ""
    try:
        limit(memory)
        yield
    finally:
        if before:  # DuckDB rounds what it shows down, and would again
            number, unit = str(before).split()
            backend.raw_sql(f"SET memory_limit = '{float(number) + 0.01} {unit}'")


def _has_progress_bar(backend: ibis.BaseBackend) -> bool:
    """Whether DuckDB would print a bar into notebooks and reports. Without ipywidgets it has none there and refuses
    to have the setting touched."""
    return bool(answer(backend, "SELECT current_setting('enable_progress_bar')")[0][0])
