"""Combines the tables of several sources into one, with their refused rows and a description of the sources."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd

from retention_kit import schema
from retention_kit.errors import DataError
from retention_kit.load.dataset import Dataset, Note, Source
from retention_kit.load.sources.raw_table import FILE, ROW, free_name
from retention_kit.load.values.reader import written
from retention_kit.load.verdicts import refusals
from retention_kit.load.verdicts.oddities import odd_rows


def together(
    table: schema.Table,
    name: str,
    names: Sequence[str],
    datasets: Sequence[Dataset],
    zone: str,
    currency: str | None,
    notes: Sequence[Note],
    compared: Sequence[str],
) -> Dataset:
    """The tables as one dataset."""
    rows = _union(table, names, datasets, currency)
    sources = [data.source for data in datasets]
    refused = _refused(names, datasets)
    kept_rows = sum(source.rows_kept for source in sources)
    if not kept_rows:
        read = sum(source.rows_read for source in sources)
        raise DataError(refusals.nothing_left(name, refused, read))
    own = [
        replace(note, text=f"{label}: {note.text}")
        for label, s in zip(names, sources, strict=True)
        for note in s.warnings
    ]
    said = [f"{label}: {text}" for label, s in zip(names, sources, strict=True) for text in s.assumptions]
    sums = [s.sha256 or s.version for s in sources]
    lines = "".join(f"{total}  {s.name}\n" for total, s in zip(sums, sources, strict=True))
    source = Source(
        table=table.name,
        name=name,
        kind="several sources",
        rows_read=sum(s.rows_read for s in sources),
        rows_kept=kept_rows,
        rows_refused=len(refused),
        sha256=hashlib.sha256(lines.encode()).hexdigest() if all(sums) else None,
        preset=", ".join(dict.fromkeys(s.preset for s in sources if s.preset)) or None,
        columns=_columns(names, sources),
        assumptions=(f"{len(names)} sources were read and put together: {', '.join(names)}", *compared, *said),
        warnings=(*own, *notes, *odd_rows(table.name, rows, stays=False)),
        parts=tuple(replace(s, label=label) for label, s in zip(names, sources, strict=True)),
    )
    return Dataset(rows, refused, source, zone, currency)


def _union(table: schema.Table, names: Sequence[str], datasets: Sequence[Dataset], currency: str | None) -> ir.Table:
    """The rows of all parts with the column `source`; a column that a part lacks is empty there."""
    tables = [_with_source(name, data, currency) for name, data in zip(names, datasets, strict=True)]
    spelled: dict[str, str] = {}
    for column in (c for member in tables for c in member.columns):
        spelled.setdefault(column.lower(), column)
    order = [c.name for c in table.columns if c.name in spelled] + ["source"]
    order += [spelling for lower, spelling in spelled.items() if lower not in order]
    schemas = [{name.lower(): kind.copy(nullable=True) for name, kind in member.schema().items()} for member in tables]
    kinds = {column: {kind[column.lower()] for kind in schemas if column.lower() in kind} for column in order}
    numbered = [
        member.select(**_filled(member, order, kinds), **{FILE: ibis.literal(number), ROW: ibis.row_number()})
        for number, member in enumerate(tables)
    ]
    return ibis.union(*numbered).order_by(FILE, ROW).drop(FILE, ROW).cache()


def _filled(table: ir.Table, order: Sequence[str], kinds: Mapping[str, set[dt.DataType]]) -> dict[str, ir.Value]:
    """The columns in that order; as text where sources have it in several types, empty where this one lacks it."""
    have = {column.lower(): table[column] for column in table.columns}
    values = {}
    for column in order:
        only = next(iter(kinds[column])) if len(kinds[column]) == 1 else None
        value = have.get(column.lower())
        if value is None:
            values[column] = ibis.null(only or "string")
        else:
            values[column] = written(value) if only is None else value
    return values


def _with_source(name: str, data: Dataset, currency: str | None) -> ir.Table:
    """A part's table with its name; a column that was called so keeps its values under another name."""
    table = data.table
    taken = next((column for column in table.columns if column.lower() == "source"), None)
    if taken is not None:
        table = table.rename({free_name("source_as_read", table.columns): taken})
    table = table.mutate(source=ibis.literal(name))
    if currency and "currency" not in table.columns and data.source.table in ("orders", "subscriptions"):
        table = table.mutate(currency=ibis.literal(currency))
    return table


def _refused(names: Sequence[str], datasets: Sequence[Dataset]) -> pd.DataFrame:
    """The refused rows of all parts, with the column `source`."""
    frames = []
    for name, data in zip(names, datasets, strict=True):
        frame = data.refused
        taken = [column for column in frame.columns if column.lower() == "source"]
        frame = frame.rename(columns={column: free_name("source_as_read", frame.columns) for column in taken})
        frame.insert(0, "source", pd.Series(name, index=frame.index, dtype="str"))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _columns(names: Sequence[str], sources: Sequence[Source]) -> dict[str, str]:
    """Each column and the headers it was read from, by source."""
    columns: dict[str, dict[str, list[str]]] = {}
    for name, source in zip(names, sources, strict=True):
        for column, header in source.columns.items():
            columns.setdefault(column, {}).setdefault(header, []).append(name)
    return {
        column: next(iter(headers))
        if len(headers) == 1
        else "; ".join(f"{header} ({', '.join(who)})" for header, who in headers.items())
        for column, headers in columns.items()
    }
