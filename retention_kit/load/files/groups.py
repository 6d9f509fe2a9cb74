"""The files of a folder in groups of one export each, recognised by their headers alone."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from retention_kit.load.files import delimited, kinds
from retention_kit.load.files.header_lines import ROWS, header_row
from retention_kit.load.files.textfile import inspect, open_bytes
from retention_kit.load.sources.raw_table import headers_of

_HEAD = 1 << 16
"""Bytes in which the headers of a text file are looked for."""


@dataclass(frozen=True)
class Group:
    """Files that are read as one table: their common name, the export they are, and what was left out."""

    paths: tuple[Path, ...]
    name: str
    key: str | None = None
    notes: tuple[str, ...] = ()


def groups(source: str | Path, layout: kinds.Layout, recognise: Callable[[tuple[str, ...]], str | None]) -> list[Group]:
    """The files behind a folder or a pattern, in groups of one export each, by their first files.

    `recognise` names the export that has these headers; what it does not recognise is one group.
    """
    paths, notes = kinds.find(source)
    by_key: dict[str | None, list[Path]] = {}
    for path in paths:
        by_key.setdefault(recognise(_headers(path, layout)), []).append(path)
    return [
        Group(
            tuple(members), str(members[0]) if len(members) == 1 else f"{source} ({key or 'other files'})", key, notes
        )
        for key, members in by_key.items()
    ]


def _headers(path: Path, layout: kinds.Layout) -> tuple[str, ...]:
    """The headers of a file; none where it cannot be read, which reading it will report."""
    kind = kinds.kind_of(path)
    try:
        if kind == "parquet":
            return tuple(pq.read_schema(path).names)
        if kind == "excel":
            sheet = 0 if layout.sheet is None else layout.sheet
            cells = pd.read_excel(path, sheet_name=sheet, header=None, nrows=ROWS, dtype=object)
            rows = [["" if pd.isna(cell) else str(cell) for cell in row] for row in cells.itertuples(index=False)]
            return headers_of(rows[header_row(rows)]) if rows else ()
        head = _head(path, layout.encoding)
        if kind == "json lines":
            line = json.loads(next(line for line in head.splitlines() if line.strip()))
            return tuple(line) if isinstance(line, dict) else ()
        return delimited.headers_in(head, path)
    except (OSError, EOFError, ValueError, StopIteration):
        return ()


def _head(path: Path, encoding: str | None) -> str:
    """The first lines of a text file; only if they are not UTF-8 is the encoding determined from the entire file."""
    with open_bytes(path) as stream:
        start = stream.read(_HEAD)
    decoder = codecs.getincrementaldecoder(encoding or "utf-8-sig")()
    try:
        return decoder.decode(start)
    except UnicodeError:
        return codecs.getincrementaldecoder(inspect(path, encoding).encoding)().decode(start)
