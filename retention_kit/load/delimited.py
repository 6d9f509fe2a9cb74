"""Text files with one row per line: cut into cells here, all of them text."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import hashlib
import io
import itertools
import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.lines import with_one_line_end
from retention_kit.load.raw import ROW, Raw, distinct

__all__ = ["Text", "as_utf8_file", "headers_of", "inspect", "read"]

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_CONTROLS = "".join(map(chr, (*range(1, 9), *range(14, 32))))
"""Characters that stand in no text: one that the file does not hold may separate what is not to be cut."""


@dataclass(frozen=True)
class Text:
    """What one pass over a text file finds: SHA-256, encoding, whether its lines end in several ways, a free sign."""

    sha256: str
    encoding: str
    uneven: bool
    unused: str | None


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None, header_rows: int = 1) -> Raw:
    """A CSV or TSV file, also compressed by gzip, as a table of text in the engine."""
    text = inspect(path, encoding)
    assumptions = () if text.encoding == "utf-8-sig" else (f"text is encoded in {text.encoding}",)
    with as_utf8_file(path, text.encoding) as utf8:
        delimiter = _delimiter(_head(utf8, path), path)
        with with_one_line_end(utf8, delimiter, header_rows, uneven=text.uneven) as even:
            headers = _headers(_head(even.path, path), delimiter, header_rows, path)
            table, broken = _cut(path, even.path, headers, delimiter, header_rows, backend)
    separated = () if delimiter == "," else (f"cells are separated by {delimiter!r}",)
    return Raw(
        table,
        str(path),
        "csv",
        sha256=text.sha256,
        broken=broken.assign(row=broken["row"] + even.blank),
        assumptions=separated + assumptions + even.notes,
        first_row=even.blank + header_rows + 1,
    )


def headers_of(cells: list[str]) -> tuple[str, ...]:
    """Headers on one line each that can be told apart; '__' in front is ours."""
    return distinct([" ".join(str(cell).split()) for cell in cells])


def _head(path: Path, name: Path) -> str:
    """The first characters of a file in UTF-8; DataError where there is nothing but white space."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.read(_CHUNK)
    if not head.strip():
        raise DataError(f"{name} is empty; it needs a line of headers and rows below it")
    return head


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


def inspect(path: Path, encoding: str | None) -> Text:
    """Read a text file once; DataError where a byte of it is not in its encoding."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            digest.update(chunk)
    try:
        encoding = _encoding(path, encoding)
        return Text(digest.hexdigest(), encoding, *_decoded(path, encoding))
    except (OSError, EOFError, zlib.error) as fault:
        raise DataError(f"{path} is not a whole gzip file ({fault}); fetch it again") from fault


def _encoding(path: Path, encoding: str | None) -> str:
    """The encoding that was named, or the one that the file begins with."""
    if encoding is not None:
        try:
            b" ".decode(encoding)
        except UnicodeError:
            return encoding  # there is one of that name, and the file itself is the test
        except (LookupError, ValueError, TypeError) as fault:
            raise DataError(
                f"no encoding of text is called {encoding!r}; "
                "pass encoding='utf-8', encoding='cp1250', encoding='cp1252' …"
            ) from fault
        return encoding
    with open_bytes(path) as stream:
        start = stream.read(1000)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(start) >= 20 and start[first::2].count(0) > 0.9 * len(start) / 2 and 0 not in start[1 - first :: 2]:
            raise DataError(f"{path} looks like text in UTF-16 without a mark of its own; pass encoding='{name}'")
    return "utf-8-sig"


def _decoded(path: Path, encoding: str) -> tuple[bool, str | None]:
    """Whether lines end in several ways, and a control character that is not in the text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    returns = feeds = pairs = 0
    unused, last = _CONTROLS, ""
    try:
        with open_bytes(path) as stream:
            for chunk in itertools.chain(_chunks(stream), [b""]):
                text = decoder.decode(chunk, final=not chunk)
                returns, feeds = returns + text.count("\r"), feeds + text.count("\n")
                pairs += text.count("\r\n") + (last == "\r" and text.startswith("\n"))
                unused = "".join(c for c in unused if c not in text)
                last = text[-1:] or last
    except UnicodeError as fault:
        reason = getattr(fault, "reason", str(fault))
        raise DataError(
            f"{path} is not text in {encoding} (after line {feeds + 1:,}: {reason}); "
            "save it as UTF-8 or pass encoding='cp1252', encoding='cp1250', encoding='utf-16-le' …"
        ) from fault
    return returns > 0 and not returns == feeds == pairs, unused[:1] or None


def _delimiter(head: str, path: Path) -> str:
    """The sign that cuts the first line into the most cells."""
    if "\0" in head:
        raise DataError(f"{path} is not a text file; give a CSV, TSV, Parquet, JSON-lines or Excel file")
    first = next(line for line in re.split("[\r\n]", head) if line.strip())
    count = {d: len(next(csv.reader([first], delimiter=d), [])) for d in _DELIMITERS}
    return max(_DELIMITERS, key=lambda d: count[d])


def _headers(head: str, delimiter: str, rows: int, path: Path) -> tuple[str, ...]:
    """The headers; where the first row is empty, the second has the name."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    try:
        cells = next(row for row in reader if row)
        for second in [next(reader, []) for _ in range(rows - 1)]:
            cells = [first.strip() or other for first, other in zip(cells, [*second, *cells], strict=False)]
    except csv.Error as fault:
        raise DataError(f"{path}: the line of headers cannot be cut into cells ({fault}); repair that line") from fault
    return headers_of(cells)


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
