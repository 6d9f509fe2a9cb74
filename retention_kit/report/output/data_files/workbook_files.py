"""Tables as workbooks: text is text, never a formula; numbers are numbers; the same table gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

_ROWS: Final = 2**20 - 1
"""Rows below the header that a sheet of a workbook can hold."""
_UNITS: Final = 2**15 - 1
"""UTF-16 units that a cell can hold."""
_DIGITS: Final = 10**15
"""Whole numbers from here on lose digits in a spreadsheet, so they are written as text."""
_MADE: Final = datetime(1980, 1, 1)
"""Moment of writing that every workbook states."""

Formats = dict[str, Any]
Cell = Callable[[Worksheet, int, int, Any, Formats], object]


def write_xlsx(path: Path, table: pa.Table) -> None:
    """Write a table as a workbook.

    A table that is longer than a sheet continues on the next one. Characters that XML cannot contain are written in
    the format's code (``_x0001_``), so that a spreadsheet shows the text as it is; text that is longer than a cell can
    hold ends with an ellipsis. Whole numbers of more than 15 digits and days before 1900, which a spreadsheet does not
    know, are text; what is not known or not finite is an empty cell.

    Parameters
    ----------
    path : Path
        File to write; rows pass through temporary files in its folder, which nobody else can read where it is private.
    table : Table
        Columns of text, numbers, truth values, days and moments without a time zone.
    """
    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        book.set_properties({"created": _MADE})
        codes = {"text": "@", "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss"}
        formats = {name: book.add_format({"num_format": code}) for name, code in codes.items()}
        for start in range(0, max(table.num_rows, 1), _ROWS):
            _write_sheet(book.add_worksheet(), table.slice(start, _ROWS), formats)


def _write_sheet(sheet: Worksheet, table: pa.Table, formats: Formats) -> None:
    """Write the header and the rows of a sheet, row by row."""
    for i in range(table.num_columns):
        _text(sheet, 0, i, table.column_names[i], formats)
    writers = [_writer(column.type) for column in table.columns]
    for number, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
        for i, value in enumerate(row):
            if value is not None:
                writers[i](sheet, number, i, value, formats)


def _writer(kind: pa.DataType) -> Cell:
    if pa.types.is_boolean(kind):
        return _truth
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _moment
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return _number if numeric else _text


def _text(sheet: Worksheet, row: int, column: int, value: Any, formats: Formats) -> None:
    """Write text; what the library would take for its own markup of styled text is passed to it in two pieces."""
    text = str(value)
    if len(text) > _UNITS // 2 and len(text.encode("utf-16-le", "surrogatepass")) > 2 * _UNITS:
        text = text[: _UNITS // 2] + "…"
    if text.startswith("<r>") and text.endswith("</r>"):
        sheet.write_rich_string(row, column, text[0], formats["text"], text[1:], formats["text"])
    else:
        sheet.write_string(row, column, text, formats["text"])


def _number(sheet: Worksheet, row: int, column: int, value: Any, formats: Formats) -> None:
    if isinstance(value, int) and abs(value) >= _DIGITS:
        _text(sheet, row, column, value, formats)
    elif math.isfinite(value):
        sheet.write_number(row, column, value)


def _truth(sheet: Worksheet, row: int, column: int, value: bool, _formats: Formats) -> None:
    sheet.write_boolean(row, column, value)


def _moment(sheet: Worksheet, row: int, column: int, value: Any, formats: Formats) -> None:
    """Write a day or a moment; moments at midnight are shown as days."""
    if value.year < 1900:
        _text(sheet, row, column, value.isoformat(), formats)
    else:
        day = not isinstance(value, datetime) or value.time() == time.min
        sheet.write_datetime(row, column, value, formats["day" if day else "moment"])
