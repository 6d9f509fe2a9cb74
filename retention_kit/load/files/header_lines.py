"""Where a table begins: the row of headers below titles and empty rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

ROWS = 100
"""First rows of a file among which the headers are looked for."""

# a date: 2024年, 1. Mai 2024, May 1, 2024
_MOMENT = re.compile(
    r"\W*\d{4}年|\W*\d{1,2}[-./ ]+[^\W\d]{3,}[-./ ]+\d{2,4}\b|[^\W\d]{3,9}[-./ ]+\d{1,2}[-,./ ]+\d{2,4}\b"
)
# an amount with decimals, with or without a currency
_AMOUNT = re.compile(r"[^\W\d]{0,3}\W*[\d.,'’\s]*\d[.,]\d{1,2}\W*[^\W\d]{0,3}")

_YEAR = re.compile(r"\d{1,4}")
"""A header may be a year or a number of at most four digits."""


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The index of the headers among the first rows of a table.

    The first row that is not empty has the headers, unless it cannot: because the rows have another number of cells,
    because most of its cells are empty (a title), or because most hold dates, numbers or addresses. Then they are in
    the next row that can have them; where none can, in the first after all, so that nothing is passed over that might
    be data. Notes of several cells end with an empty row, and the headers below fill more columns.

    Examples
    --------
    >>> header_row([["Orders of May", ""], ["Email", "Total"], ["ann@shop.example", "10.00"]])
    1
    >>> header_row([["Email", "Total"], ["ann@shop.example", "10.00"]])
    0
    >>> header_row([["ann@shop.example", "10.00"], ["ben@shop.example", "5.00"]])
    0
    """
    filled = [i for i, row in enumerate(rows) if not is_empty(row)]
    if not filled:
        return 0
    widths = Counter(len(rows[i]) for i in filled)
    width = max(widths, key=lambda w: (widths[w], w))
    able = [i for i in filled if len(rows[i]) == width and _may_be_headers(rows[i], is_first=i == filled[0])]
    if not able:
        return filled[0]
    first = _columns(rows[able[0]])
    below = (i for i in able if first < _columns(rows[i]) and any(map(is_empty, rows[able[0] : i])))
    return next(below, able[0])


def names(lines: Sequence[Sequence[str]]) -> list[str]:
    """The headers of one or several lines: where a line is empty, the next one has the name."""
    return [next((line[i] for line in lines if i < len(line) and line[i].strip()), "") for i in range(len(lines[0]))]


def cells_below(headers: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """For each header the cells of the further lines of headers."""
    return (
        {h: tuple(line[i] if i < len(line) else "" for line in lines) for i, h in enumerate(headers)} if lines else {}
    )


def zones_below(cells: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The time zone of each column whose lines of headers name one, as Qualtrics does.

    Examples
    --------
    >>> zones_below({"EndDate": ("End Date", '{"ImportId":"endDate","timeZone":"America/Denver"}'), "Q1": ("Why?", "")})
    {'EndDate': 'America/Denver'}
    """
    zones: dict[str, str] = {}
    for header, texts in cells.items():
        for text in texts:
            try:
                zone = json.loads(text).get("timeZone") if text.startswith("{") else None
            except json.JSONDecodeError:
                continue
            if isinstance(zone, str):
                zones[header] = "UTC" if zone == "Z" else zone
    return zones


def is_empty(row: Sequence[str]) -> bool:
    """Whether all cells of a row are blank."""
    return not any(cell.strip() for cell in row)


def skipped(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """A sentence on the rows above the headers, none where there are none.

    Examples
    --------
    >>> skipped([["Orders of May", ""], ["", ""]])
    ("2 rows above the headers were not read: 'Orders of May'",)
    """
    if not rows:
        return ()
    count = "1 row above the headers was" if len(rows) == 1 else f"{len(rows)} rows above the headers were"
    texts = [" ".join(" ".join(row).split())[:80] for row in rows]
    shown = [repr(text) for text in texts if text]
    names = ", ".join(shown[:5]) + (", …" if len(shown) > 5 else "")
    return (f"{count} not read: {names}",) if names else (f"{count} not read: empty",)


def _columns(row: Sequence[str]) -> set[int]:
    """The columns that a row fills."""
    return {i for i, cell in enumerate(row) if cell.strip()}


def _may_be_headers(row: Sequence[str], *, is_first: bool) -> bool:
    """Whether at least two cells, and half of them, are filled, and none is data; in the first row, less than half."""
    cells = [cell.strip() for cell in row if cell.strip()]
    data = sum(_is_data(cell) and not (is_first and _YEAR.fullmatch(cell)) for cell in cells)
    return len(cells) >= max(2, len(row) / 2) and (2 * data < len(cells) if is_first else data == 0)


def _is_data(cell: str) -> bool:
    """Whether a cell is a date, a number, an amount or an address."""
    if any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell)):
        return True
    return "@" in cell or "://" in cell or bool(_MOMENT.match(cell) or _AMOUNT.fullmatch(cell))
