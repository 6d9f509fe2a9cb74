"""The order log as every summary reads it: an Ibis table up to a day, with purchases and refunds separated."""

from __future__ import annotations

import datetime as dt
import math
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt_
import ibis.expr.types as ir
import pandas as pd

from retention_kit import load, schema
from retention_kit.errors import DataError, caution, join_faults
from retention_kit.formats import counted
from retention_kit.load.shared_answers import FRAME, answer, folder_of
from retention_kit.load.sources.engine import where_tested
from retention_kit.load.sources.postgres import of_plain_types
from retention_kit.summarise.common.calendar_periods import day_number, moment_after
from retention_kit.summarise.common.end_of_log import note_silence, note_silence_of_days

Orders: TypeAlias = load.Dataset | ir.Table | pd.DataFrame


def as_table(data: Orders, table: str = "orders") -> ir.Table:
    """A Dataset, Ibis table or DataFrame as one checked Ibis table; rows that cannot be used are warned about.

    A DataFrame is loaded, and so is an Ibis table whose moments have an offset or whose engine is not tested: loading
    brings moments to one time zone and copies tables of engines that are not tested.
    """
    if isinstance(data, load.Dataset):
        return data.table
    if isinstance(data, ir.Table):
        data = of_plain_types(where_tested(data))
        if not _has_offsets(data, table):
            return _typed(data, table)
    loaded = getattr(load, table)(data)
    if len(loaded.refused):
        caution(
            f"{len(loaded.refused):,} of {counted(loaded.as_read.rows_read, 'row')} were refused; "
            f"load.{table}(frame).refused has the reasons"
        )
    for note in loaded.as_read.warnings:
        if note.name == "taken_in_utc":
            caution(f"{note.text}, as in load.{table}(frame, timezone='Europe/Warsaw').")
    return loaded.table


def _has_offsets(data: ir.Table, table: str) -> bool:
    """Whether a moment of the table is an instant, which a clock shows only in some time zone."""
    moments = [c.name for c in schema.TABLES[table].columns if c.type == "timestamp" and c.name in data.columns]
    kinds = [data[name].type() for name in moments]
    return any(kind.is_timestamp() and kind.timezone is not None for kind in kinds)


def _typed(data: ir.Table, table: str) -> ir.Table:
    """An Ibis table with the types of the schema; DataError if columns are missing."""
    needed = schema.TABLES[table]
    missing = [name for name in needed.required if name not in data.columns]
    if missing:
        raise DataError(
            join_faults([f"{table} need the column {name}" for name in missing])
            + f"; found {', '.join(data.columns)}; load.{table}(table, columns={{...}}) names them"
        )
    # a float becomes exact money by the engine's own rule: 0.00015 is 0.0001 in DuckDB, 0.0002 in PostgreSQL and Spark
    types = {c.name: ibis.dtype(c.type) for c in needed.columns if c.name in data.columns and c.type != "string"}
    return data.cast({name: kind for name, kind in types.items() if not _is_already(data[name].type(), kind)})


def _is_already(kind: dt_.DataType, target: dt_.DataType) -> bool:
    """Whether a cast would change nothing: the precision of a naive timestamp does not matter."""
    both_naive = kind.is_timestamp() and target.is_timestamp() and kind.timezone is None
    return kind == target or both_naive


def orders_until(orders: Orders, as_of: dt.date) -> ir.Table:
    """Orders and refunds up to the end of the day as_of; warns if the log ends long before it."""
    table = as_table(orders)
    note_end(orders, table, as_of)
    return table.filter(table.ordered_at < moment_after(as_of))


def note_end(orders: Orders, table: ir.Table, as_of: dt.date) -> None:
    """Warn if a log ends long before as_of; the notebooks of a run count its days once."""
    bought = purchases(table)
    if folder_of(orders) is None:
        note_silence(bought.select(moment="ordered_at"), as_of, "order")
        return
    days = bought.filter(bought.ordered_at.notnull()).select(day=day_number(bought.ordered_at))
    counts = days.group_by("day").agg(rows=days.count()).order_by("day")
    frame = answer(orders, "orders by day", {}, lambda: counts.to_pandas(), FRAME)
    note_silence_of_days(frame.set_index("day")["rows"], as_of, "order")


def in_its_currency(frame: pd.DataFrame, data: Orders) -> pd.DataFrame:
    """The same result, which carries the currency of its data, where it is known, in `attrs["currency"]`."""
    if isinstance(data, load.Dataset) and data.currency:
        frame.attrs["currency"] = data.currency
    return frame


def most_rows(orders: Orders) -> float:
    """How many rows the log can have, as far as that is known without asking the engine."""
    if isinstance(orders, load.Dataset):
        return orders.as_read.rows_kept
    return len(orders) if isinstance(orders, pd.DataFrame) else math.inf


def purchases(log: ir.Table) -> ir.Table:
    """The rows that are orders, without refunds: a refund changes the value of orders, never their timing."""
    return log.filter(log.amount >= 0)
