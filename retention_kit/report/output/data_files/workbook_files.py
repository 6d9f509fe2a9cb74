"""Tables as workbooks: text is text and never a formula, numbers are numbers, and the same table gives the same bytes.

The files are written here and not by openpyxl, which takes a second for 6,000 customers: a month has lists of all of
them. Every cell is text, a number or a date, so a workbook is one stream of cells in a zip file.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import pyarrow as pa

_ROWS: Final = 2**20 - 1
"""Rows below the header that a sheet of a workbook can hold."""
_UNPRINTED: Final = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot contain, which a workbook writes as _xHHHH_, and text that looks like such a code."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip file can store."""
_FIRST_DAY: Final = datetime(1899, 12, 30)
"""Day 0 of a workbook's dates."""
_GENERAL, _TEXT, _DAY, _MOMENT = range(4)
"""Positions of the formats in `_STYLES`."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts>'
    "<fonts count='1'><font/></fonts><fills count='2'><fill><patternFill patternType='none'/></fill>"
    "<fill><patternFill patternType='gray125'/></fill></fills><borders count='1'><border/></borders>"
    "<cellStyleXfs count='1'><xf/></cellStyleXfs><cellXfs count='4'>"
    + "".join(f'<xf numFmtId="{number}" xfId="0" applyNumberFormat="1"/>' for number in (0, 49, 164, 165))
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_xlsx(path: Path, table: pa.Table) -> None:
    """Write a table as a workbook.

    A table that is longer than a sheet continues on the next one. What XML cannot contain is written in the format's
    code (``_x0001_``), so that a spreadsheet shows the text as it is.
    """
    pieces = [table.slice(start, _ROWS) for start in range(0, max(table.num_rows, 1), _ROWS)]
    files = {
        **_frame(len(pieces)),
        **{f"xl/worksheets/sheet{i}.xml": _sheet(piece) for i, piece in enumerate(pieces, 1)},
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, text in files.items():
            book.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED, 4)


def _frame(sheets: int) -> dict[str, str]:
    """The files of a workbook other than its sheets."""
    numbers = range(1, sheets + 1)
    overrides = [(f"/xl/worksheets/sheet{i}.xml", "worksheet") for i in numbers]
    overrides += [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    kinds = "".join(f'<Override PartName="{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in overrides)
    relations = [(f"worksheets/sheet{i}.xml", "worksheet") for i in numbers] + [("styles.xml", "styles")]
    listed = "".join(f'<sheet name="Sheet{i}" sheetId="{i}" r:id="rId{i}"/>' for i in numbers)
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
        "_rels/.rels": _relations([("xl/workbook.xml", "officeDocument")]),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": _relations(relations),
        "xl/styles.xml": _STYLES,
    }


def _relations(targets: list[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATION}/{kind}" Target="{target}"/>'
        for i, (target, kind) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _sheet(table: pa.Table) -> str:
    heading = "".join(map(_text, table.column_names))
    columns = [list(_cells(column)) for column in table.columns]
    rows = "".join(f"<row>{''.join(cells)}</row>" for cells in zip(*columns, strict=True))
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData><row>{heading}</row>{rows}</sheetData></worksheet>'


def _cells(column: pa.ChunkedArray) -> Iterator[str]:
    """The cells of a column; text that repeats is written once."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        coded = column.combine_chunks().dictionary_encode()
        texts = [_text(text) for text in coded.dictionary.to_pylist()]
        return ("<c/>" if code is None else texts[code] for code in coded.indices.to_pylist())
    return map(_cell, column.to_pylist())


def _text(text: str) -> str:
    written = escape(_UNPRINTED.sub(_escaped, text))
    return f'<c s="{_TEXT}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "<c/>"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        days = value - _FIRST_DAY
        style = _DAY if value.time() == datetime.min.time() else _MOMENT
        return f'<c s="{style}"><v>{days.days + days.seconds / 86400:.15g}</v></c>'
    return f"<c><v>{value!r}</v></c>"


def _escaped(match: re.Match[str]) -> str:
    text = match[0]
    return f"_x005F{text}" if len(text) > 1 else f"_x{ord(text):04X}_"
