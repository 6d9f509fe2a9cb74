"""Text files with one row per line: cut into cells here, all of them text."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.files.header_lines import ROWS, cells_below, header_row, names, skipped, zones_below
from retention_kit.load.files.lines import with_one_line_end
from retention_kit.load.files.textfile import CHUNK, as_utf8_file, inspect
from retention_kit.load.sources.engine import answer
from retention_kit.load.sources.raw_table import ROW, Raw, headers_of

# signs that separate cells, in the order in which a tie is decided
_DELIMITERS = (",", ";", "\t", "|")
_EMPTY = re.compile(r"[\s,;|]*")
"""A row that holds only white space and signs that separate cells."""


@dataclass(frozen=True)
class Start:
    """Where a table begins in a text file: characters and rows above its headers, and what separates cells.

    `agrees` says whether most of the first rows have as many cells as the headers.
    """

    delimiter: str
    offset: int
    above: list[list[str]]
    cells: int
    agrees: bool


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None, header_rows: int = 1) -> Raw:
    """A CSV or TSV file, also compressed by gzip, as a table of text in the engine."""
    text = inspect(path, encoding)
    with as_utf8_file(path, text.encoding) as utf8:
        start = _start(_head(utf8, path), path)
        with (
            _from_headers(utf8, start.offset) as begun,
            with_one_line_end(begun, start.delimiter, header_rows, uneven=text.uneven) as even,
        ):
            headers, below = _headers(_head(even.path, path), start.delimiter, header_rows, path)
            table, broken = _cut(path, even.path, headers, start.delimiter, header_rows, backend)
    above = len(start.above)
    separated = () if start.delimiter == "," else (f"cells are separated by {start.delimiter!r}",)
    return Raw(
        table,
        str(path),
        "csv",
        sha256=text.sha256,
        broken=broken.assign(row=broken["row"] + above),
        assumptions=separated + text.assumptions + even.notes + skipped(start.above),
        first_row=above + header_rows + 1,
        zones=zones_below(below),
        below=below,
    )


def headers_in(head: str, path: Path) -> tuple[str, ...]:
    """The first line of headers in the first characters of a file."""
    start = _start(head, path)
    headers, _ = _headers(head[start.offset :], start.delimiter, 1, path)
    return headers


def _head(path: Path, name: Path) -> str:
    """The first characters of a file in UTF-8; DataError where there is nothing but white space."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.read(CHUNK)
    if not head.strip():
        raise DataError(f"{name} is empty; it needs a line of headers and rows below it")
    return head


def _start(head: str, path: Path) -> Start:
    """The sign that cuts the headers into the most cells, and where they are; those that come first win."""
    if "\0" in head:
        raise DataError(f"{path} is not a text file; give a CSV, TSV, Parquet, JSON-lines or Excel file")
    starts = [_start_by(head, delimiter) for delimiter in _DELIMITERS]
    return max(starts, key=lambda start: (start.cells > 1 and start.agrees, -len(start.above), start.cells))


def _start_by(head: str, delimiter: str) -> Start:
    """Where the headers are if a sign separates the cells."""
    lines = (match[0] for match in re.finditer("[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+$", head))
    read = 0
    rows: list[list[str]] = []
    offsets: list[int] = []

    def counted() -> Iterator[str]:
        nonlocal read
        for line in lines:
            read += len(line)
            yield line

    with contextlib.suppress(csv.Error):  # a cell of more than 131,072 characters: what was cut until there is enough
        reader = csv.reader(counted(), delimiter=delimiter)
        while len(rows) < ROWS:
            before = read
            row = next(reader, None)
            if row is None:
                break
            rows.append([] if _EMPTY.fullmatch("".join(row)) else row)
            offsets.append(before)
    if not rows:
        return Start(delimiter, 0, [], 1, agrees=False)
    at = header_row(rows)
    widths = [len(row) for row in rows if row]
    return Start(
        delimiter, offsets[at], rows[:at], len(rows[at]), agrees=2 * widths.count(len(rows[at])) >= len(widths)
    )


@contextlib.contextmanager
def _from_headers(path: Path, offset: int) -> Iterator[Path]:
    """The file itself, or a temporary copy without the characters above the headers."""
    if not offset:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="retention_kit_") as folder:
        copy = Path(folder) / "below.txt"
        with (
            path.open(encoding="utf-8-sig", newline="") as stream,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            stream.read(offset)
            shutil.copyfileobj(stream, out, CHUNK)
        yield copy


def _headers(head: str, delimiter: str, rows: int, path: Path) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The headers, and the cells of their further lines."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    try:
        lines = [next(row for row in reader if row), *(next(reader, []) for _ in range(rows - 1))]
    except csv.Error as fault:
        raise DataError(f"{path}: the line of headers cannot be cut into cells ({fault}); repair that line") from fault
    headers = headers_of(names(lines))
    return headers, cells_below(headers, lines[1:])


def _cut(
    name: Path, path: Path, headers: tuple[str, ...], delimiter: str, skip: int, backend: ibis.BaseBackend
) -> tuple[ir.Table, pd.DataFrame]:
    """Cells by DuckDB, every one as text; lines with too few or too many cells are returned as broken."""
    rejects, scans = ibis.util.gen_name("rejects"), ibis.util.gen_name("scans")
    columns = {f"c{i}": "VARCHAR" for i in range(len(headers))}
    lines = backend.read_csv(
        path,
        columns=columns,
        auto_detect=False,
        header=False,
        skip=skip,
        delim=delimiter,
        quote='"',
        escape='"',
        compression="none",
        max_line_size=100_000_000,
        store_rejects=True,
        rejects_table=rejects,
        rejects_scan=scans,
    )
    named = lines.rename(dict(zip(headers, columns, strict=True)))
    table = named.mutate(**{ROW: ibis.row_number()}).cache()
    details = ["line", "error_message", "csv_line"]
    broken = pd.DataFrame(
        answer(backend, f'SELECT {", ".join(details)} FROM "{rejects}" ORDER BY line'), columns=details
    )
    for leftover in (rejects, scans):
        backend.raw_sql(f'DROP TABLE IF EXISTS "{leftover}"')
    backend.drop_view(lines.get_name(), force=True)
    return table, _broken(broken, name)


def _broken(rejects: pd.DataFrame, path: Path) -> pd.DataFrame:
    """One row per line that could not be cut, numbered as a text editor does."""
    unclosed = rejects[rejects["error_message"].str.contains("unterminated", na=False)]
    unclosed = unclosed[unclosed["csv_line"].str.count('"') % 2 == 1]
    if len(unclosed):
        raise DataError(
            f"{path}: a quotation mark that opens near line {unclosed['line'].iloc[0]} is never closed; close it"
        )
    by_line = rejects.drop_duplicates("line")
    message = (
        by_line["error_message"]
        .str.replace("Expected Number of Columns", "cells expected")
        .str.replace("Found", "found")
    )
    return pd.DataFrame({"row": by_line["line"], "rule": "broken_line", "reason": message, "line": by_line["csv_line"]})
