"""DataFrames, and everything that is read into one first, as tables of the engine."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from retention_kit.errors import DataError
from retention_kit.load.sources.engine import default_engine
from retention_kit.load.sources.raw_table import ROW, Raw, headers_of


def read(frame: pd.DataFrame, name: str = "DataFrame", kind: str = "dataframe", **properties: Any) -> Raw:
    """A DataFrame as it is; columns of mixed objects become text."""
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(
            f"{name} has {frame.columns.nlevels} levels of headers; give it one, for example by reset_index()"
        )
    cells = pd.DataFrame({i: _cells(frame.iloc[:, i]) for i in range(frame.shape[1])})
    headers = headers_of(list(frame.columns))
    cells.columns = list(headers)
    return _of_arrow(pa.Table.from_pandas(cells, preserve_index=False), name, kind, **properties)


def is_arrow(source: object) -> bool:
    """Whether an object hands out its columns by Arrow's own protocol, as tables of pyarrow, polars and DuckDB do."""
    return hasattr(source, "__arrow_c_stream__")


def read_arrow(source: Any) -> Raw:
    """The columns of an Arrow table or a frame of polars, without a copy; dictionaries become their values."""
    table = source if isinstance(source, pa.Table) else pa.table(source)
    name = "Arrow table" if table is source else f"{type(source).__module__.split('.')[0].lstrip('_')} table"
    plain = pa.schema((f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in table.schema)
    table = table.cast(plain) if plain.types != table.schema.types else table
    return _of_arrow(table.rename_columns(list(headers_of(table.column_names))), name, "dataframe")


def _of_arrow(table: pa.Table, name: str, kind: str, **properties: Any) -> Raw:
    """The table with numbered rows, as one that Ibis reads where it is."""
    default_engine()
    numbered = table.append_column(ROW, pa.array(np.arange(len(table))))
    return Raw(ibis.memtable(numbered), name, kind, zones=zones_of(numbered.schema), **properties)


def zones_of(kinds: pa.Schema) -> dict[str, str]:
    """The time zone of each column of moments that names one."""
    return {field.name: field.type.tz for field in kinds if pa.types.is_timestamp(field.type) and field.type.tz}


def _is_exact(cell: object) -> bool:
    """Whether a cell is a decimal number of a size that the engine holds."""
    if not isinstance(cell, decimal.Decimal) or cell.is_nan():
        return isinstance(cell, decimal.Decimal)
    exponent = cell.as_tuple().exponent  # a letter for infinity
    return isinstance(exponent, int) and exponent > -18 and abs(cell.adjusted()) < 18


def _text(cell: object) -> str:
    """A cell among others of another type as text; a whole number is written so, 7.0 as 7."""
    if isinstance(cell, float) and abs(cell) <= 2**53 and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _cells(column: pd.Series) -> pd.Series:
    """A column that Arrow can hold: text, numbers, dates or exact decimals."""
    column = column.reset_index(drop=True)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.Series(column.dt.to_timestamp())
    if column.dtype != object:
        return column
    present = column.dropna()
    if present.map(_is_exact).all() and len(present):
        return column
    zones = {getattr(cell, "tzinfo", None) if isinstance(cell, dt.datetime) else None for cell in present}
    if len(zones) == 1 and None not in zones:
        return pd.Series(pd.DatetimeIndex(column.where(column.notna(), pd.NaT)))
    return column.where(column.isna(), column.map(_text)).where(column.notna(), None).astype("string")
