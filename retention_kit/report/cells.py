"""Tables as CSV that a spreadsheet opens without running anything in it, and as Parquet; the same bytes every time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["guarded", "unguarded", "write_csv", "write_parquet"]

_UNSEEN: Final = r"\s\"'`\x00-\x20\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMULA: Final = re.compile(rf"[\t\r]|[{_UNSEEN}]*[=+\-@＝＋－＠]")
"""What a spreadsheet may take for a formula, also behind spaces, quotes and signs that are not seen."""


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


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV (RFC 4180) in UTF-8: text guarded, numbers as numbers, days as YYYY-MM-DD.

    Lines end with CR LF: so the writer also puts text in quotes that has a lone CR, after which a cell could begin.
    """
    shown = table.copy()
    for name, values in table.items():
        if pd.api.types.is_datetime64_any_dtype(values):
            continue
        if not pd.api.types.is_numeric_dtype(values):
            shown[name] = values.astype("object").map(guarded, na_action="ignore")
    shown.columns = [guarded(str(name)) for name in table.columns]
    path.write_bytes(shown.to_csv(index=False, lineterminator="\r\n").encode("utf-8", "backslashreplace"))


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet: text as it is, no moment of writing in the file."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), buffer, compression="zstd")
    path.write_bytes(buffer.getvalue())
