"""Tables as CSV that a spreadsheet opens without running anything in it, and as Parquet; the same bytes every time."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["guarded", "unguarded", "write_csv", "write_parquet"]

_UNSEEN: Final = r"\s\"'`\x00-\x20\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMULA: Final = re.compile(rf"[\t\r]|[{_UNSEEN}]*[=+\-@＝＋－＠]")
"""What a spreadsheet may take for a formula, also behind spaces, quotes and signs that are not seen."""
_MIDNIGHT: Final = " 00:00:00"


def guarded(text: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what could be one.

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

    Lines end with CR LF: so the writer also puts text in quotes that has a lone CR, after which a cell could begin.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(map(guarded, table.column_names))
    writer.writerows(zip(*map(_written, table.columns), strict=True))
    path.write_bytes(lines.getvalue().encode("utf-8", "backslashreplace"))


def _written(column: pa.ChunkedArray) -> list[Any]:
    """A column's values as the CSV has them: a moment at midnight is a day, where all of its column are."""
    values = [guarded(value) for value in column.to_pylist()]
    if not pa.types.is_timestamp(column.type):
        return values
    moments = ["" if value is None else value.isoformat(" ") for value in values]
    days_only = all(moment.endswith(_MIDNIGHT) for moment in moments if moment)
    return [moment.removesuffix(_MIDNIGHT) for moment in moments] if days_only else moments


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet: text as it is, no moment of writing in the file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    path.write_bytes(buffer.getvalue())
