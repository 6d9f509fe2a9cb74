"""Excel files: one sheet, whose cells carry types of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from retention_kit.errors import DataError
from retention_kit.load.files.header_lines import ROWS, cells_below, header_row, names, skipped, zones_below
from retention_kit.load.files.textfile import sha256
from retention_kit.load.sources import frames
from retention_kit.load.sources.raw_table import DAYS_FROM_1900, DAYS_FROM_1904, Raw, headers_of


def read(path: Path, *, sheet: str | int | None = None, header_rows: int = 1) -> Raw:
    """One sheet of an Excel file; its cells carry types of their own."""
    try:
        with pd.ExcelFile(path, engine="openpyxl") as file:
            book = pd.read_excel(
                file, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[""]
            )
            days_to_1970 = DAYS_FROM_1904 if file.book.epoch == CALENDAR_MAC_1904 else DAYS_FROM_1900
    except Exception as fault:
        said = " ".join(str(fault).split())
        raise DataError(f"{path} cannot be read as Excel ({said}); save it as .xlsx again") from fault
    sheets = list(book)
    chosen = sheets[0] if sheet is None else sheet
    chosen = sheets[chosen] if isinstance(chosen, int) and chosen < len(sheets) else chosen
    if chosen not in book:
        raise DataError(f"{path} has no sheet {sheet!r}; sheets are {', '.join(sheets)}")
    notes = (f"sheet '{chosen}' was read, of {', '.join(sheets)}",) if len(sheets) > 1 else ()
    cells = book[chosen]
    if cells.empty:
        raise DataError(f"sheet '{chosen}' of {path} is empty; it needs a row of headers and rows below it")
    first = [["" if pd.isna(cell) else str(cell) for cell in row] for row in cells.head(ROWS).itertuples(index=False)]
    at = header_row(first)
    lines = first[at : at + header_rows]
    headers = headers_of(names(lines))
    below = cells_below(headers, lines[1:])
    frame = cells.iloc[at + header_rows :].set_axis(headers, axis=1)
    properties = {
        "sha256": sha256(path),
        "assumptions": notes + skipped(first[:at]),
        "first_row": at + 1 + header_rows,
    }
    raw = frames.read(frame.infer_objects(), str(path), "excel", **properties)
    return replace(raw, below=below, zones={**raw.zones, **zones_below(below)}, days_to_1970=days_to_1970)
