"""Tables as CSV in which a spreadsheet runs nothing, and as Parquet; the same table gives the same bytes."""

from __future__ import annotations

import csv
import io
import re
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
