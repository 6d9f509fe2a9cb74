"""Text files with one row per line: cut into cells here, all of them text."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import hashlib
import io
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.raw import ROW, Raw, own_name

__all__ = ["as_utf8_file", "fingerprint", "headers_of", "read"]

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None, header_rows: int = 1) -> Raw:
    """A CSV or TSV file, also compressed by gzip, as a table of text in the engine."""
    sha256, encoding = fingerprint(path, encoding)
    with open_bytes(path) as stream:
        head = io.TextIOWrapper(stream, encoding=encoding, newline="").read(_CHUNK)
    if not head.strip():
        raise DataError(f"{path} is empty; it needs a line of headers and rows below it")
    delimiter = _delimiter(head, path)
    headers, lines = _headers(head, delimiter, header_rows)
    with as_utf8_file(path, encoding) as utf8:
        table, broken = _cut(path, utf8, headers, delimiter, lines, backend)
    assumptions = () if delimiter == "," else (f"cells are separated by {delimiter!r}",)
    assumptions += () if encoding == "utf-8-sig" else (f"text is encoded in {encoding}",)
    return Raw(table, str(path), "csv", sha256=sha256, broken=broken, assumptions=assumptions, first_row=lines + 1)


def headers_of(cells: list[str]) -> tuple[str, ...]:
    """Headers that can be told apart: empty ones are numbered, and so are repeated ones; '__' in front is ours."""
    headers: list[str] = []
    for i, cell in enumerate(cells, start=1):
        wanted = own_name(" ".join(str(cell).split())) or f"column_{i}"
        taken = {h.lower() for h in headers}
        name, copy = wanted, 2
        while name.lower() in taken:
            name, copy = f"{wanted}_{copy}", copy + 1
        headers.append(name)
    return tuple(headers)


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, uncompressed."""
    return gzip.open(path, "rb") if is_zipped(path) else path.open("rb")


def is_zipped(path: Path) -> bool:
    """Whether a file is compressed by gzip, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def fingerprint(path: Path, encoding: str | None) -> tuple[str, str]:
    """The SHA-256 of the file as it lies there, and the encoding in which every byte of it can be read."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            digest.update(chunk)
    try:
        return digest.hexdigest(), _checked(path, encoding)
    except LookupError as fault:
        raise DataError(f"no encoding is called {encoding!r}; pass encoding='utf-8', 'cp1250', 'cp1252' …") from fault
    except (OSError, EOFError, zlib.error) as fault:
        raise DataError(f"{path} is not a whole gzip file ({fault}); fetch it again") from fault


def _checked(path: Path, encoding: str | None) -> str:
    """The encoding that was named, or the one that the file begins with, if all of the file is in it."""
    with open_bytes(path) as stream:
        wide = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = encoding or ("utf-16" if wide else "utf-8-sig")
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    try:
        with open_bytes(path) as stream:
            for chunk in _chunks(stream):
                line += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        raise DataError(
            f"{path} is not text in {encoding} (after line {line:,}); "
            "save it as UTF-8 or pass encoding='cp1252', 'cp1250' …"
        ) from fault
    return encoding


def _delimiter(head: str, path: Path) -> str:
    """The sign that cuts the first line into the most cells."""
    if "\0" in head:
        raise DataError(f"{path} is not a text file; give a CSV, TSV, Parquet, JSON-lines or Excel file")
    first = next(iter(head.splitlines()), "")
    count = {d: len(next(csv.reader([first], delimiter=d), [])) for d in _DELIMITERS}
    return max(_DELIMITERS, key=lambda d: count[d])


def _headers(head: str, delimiter: str, rows: int) -> tuple[tuple[str, ...], int]:
    """The headers, and how many lines they take; where the first row is empty, the second has the name."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    cells = next(row for row in reader if row)
    for second in [next(reader, []) for _ in range(rows - 1)]:
        cells = [first.strip() or other for first, other in zip(cells, [*second, *cells], strict=False)]
    return headers_of(cells), reader.line_num


@contextlib.contextmanager
def as_utf8_file(path: Path, encoding: str) -> Iterator[Path]:
    """The file itself, or a copy for a while when it is compressed or in another encoding."""
    with path.open("rb") as stream:
        plain = stream.read(3) != codecs.BOM_UTF8 and encoding == "utf-8-sig" and not is_zipped(path)
    if plain:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="retention_kit_") as folder:
        copy = Path(folder) / "utf8.txt"
        with open_bytes(path) as stream, copy.open("w", encoding="utf-8", newline="") as out:
            reader = io.TextIOWrapper(stream, encoding=encoding, newline="")
            while text := reader.read(_CHUNK):
                out.write(text)
        yield copy


def _cut(
    name: Path, path: Path, headers: tuple[str, ...], delimiter: str, skip: int, backend: ibis.BaseBackend
) -> tuple[ir.Table, pd.DataFrame]:
    """Cells by DuckDB, every one as text; lines with too few or too many cells come back as broken."""
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
    broken = backend.raw_sql(f'SELECT line, error_type, error_message, csv_line FROM "{rejects}" ORDER BY line').df()
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
    one = rejects.drop_duplicates("line")
    message = (
        one["error_message"].str.replace("Expected Number of Columns", "cells expected").str.replace("Found", "found")
    )
    return pd.DataFrame({"row": one["line"], "rule": "broken_line", "reason": message, "line": one["csv_line"]})
