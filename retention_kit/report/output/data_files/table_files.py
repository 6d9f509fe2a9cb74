"""Tables as CSV and xlsx in which a spreadsheet runs nothing, and as Parquet; the same table gives the same bytes."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_UNSEEN: Final = r"\s\"'`\x00-\x20\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Characters that do not show: spaces, quotes, control characters, soft hyphens, zero-width and direction marks."""
_FORMULA: Final = re.compile(rf"[\t\r]|[{_UNSEEN}]*[=+\-@＝＋－＠]")
"""Beginning of text that a spreadsheet may treat as a formula, also after characters that do not show."""
_MIDNIGHT: Final = " 00:00:00"
"""Time of a moment without a time of day, which is left out of a CSV."""
_ROWS: Final = 2**20 - 1
"""Rows below the header that a sheet of a workbook can hold."""
_UNPRINTED: Final = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot contain, which a workbook writes as _xHHHH_, and text that looks like such a code."""
_CLOCK: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
"""The moments of writing in the properties of a workbook."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip file can store."""


def guarded(text: Any) -> Any:
    """Text that no spreadsheet treats as a formula: an apostrophe is put before text that could be one.

    Examples
    --------
    >>> guarded("=HYPERLINK(1)"), guarded("loyal"), guarded(-3)
    ("'=HYPERLINK(1)", 'loyal', -3)
    """
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def unguarded(text: Any) -> Any:
    """The text that was `guarded`.

    Examples
    --------
    >>> [unguarded(guarded(text)) for text in ("=1", "'=1", "'tis")]
    ['=1', "'=1", "'tis"]
    """
    return text[1:] if isinstance(text, str) and text.startswith("'") and _FORMULA.match(text[1:]) else text


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV (RFC 4180) in UTF-8: text guarded, numbers as numbers, days as YYYY-MM-DD.

    Lines end with CR LF, so that the writer also quotes text with a lone CR, after which a cell could begin.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(map(guarded, table.column_names))
    writer.writerows(zip(*map(_written, table.columns), strict=True))
    path.write_bytes(lines.getvalue().encode("utf-8", "backslashreplace"))


def _written(column: pa.ChunkedArray) -> list[Any]:
    """A column's values for a CSV: moments are written as days if all moments of the column are at midnight."""
    values = [guarded(value) for value in column.to_pylist()]
    if not pa.types.is_timestamp(column.type):
        return values
    moments = ["" if value is None else value.isoformat(" ") for value in values]
    days_only = all(moment.endswith(_MIDNIGHT) for moment in moments if moment)
    return [moment.removesuffix(_MIDNIGHT) for moment in moments] if days_only else moments


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet: text unchanged, without the moment of writing."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    path.write_bytes(buffer.getvalue())


def write_xlsx(path: Path, table: pa.Table) -> None:
    """Write a table as a workbook: text is text and never a formula, numbers are numbers, moments are dates.

    A table that is longer than a sheet continues on the next one. What XML cannot contain is written in the format's
    code (``_x0001_``), so that a spreadsheet shows the text as it is.
    """
    import openpyxl  # takes a third of a second to import, which a report without action lists saves

    book = openpyxl.Workbook(write_only=True)
    for start in range(0, max(table.num_rows, 1), _ROWS):
        piece = table.slice(start, _ROWS)
        sheet = book.create_sheet()
        sheet.append([_cell(sheet, name) for name in piece.column_names])
        for row in zip(*(column.to_pylist() for column in piece.columns), strict=True):
            sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(_without_clock(buffer))


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _UNPRINTED.sub(_escaped, value))
        cell.data_type, cell.number_format = "s", "@"  # openpyxl treats text that begins with = as a formula
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd" if value.time() == datetime.min.time() else "yyyy-mm-dd hh:mm:ss"
        return cell
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _escaped(match: re.Match[str]) -> str:
    text = match[0]
    return f"_x005F{text}" if len(text) > 1 else f"_x{ord(text):04X}_"


def _without_clock(file: io.BytesIO) -> bytes:
    """A workbook without the moment of writing, which its properties and the entries of its zip file contain."""
    copy = io.BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z", before.read(name))
            after.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return copy.getvalue()


def only_for_the_owner(path: Path) -> None:
    """Make a file, or a folder with its files, readable by its owner only, whatever the umask is.

    Nothing happens if it does not exist. It is called while the month is built in a folder that is private already.
    """
    if path.is_dir():
        for file in path.iterdir():
            only_for_the_owner(file)
        path.chmod(0o700)
    elif path.exists():
        path.chmod(0o600)
