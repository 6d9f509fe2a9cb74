"""A source that has been opened: its columns as they are, before any rule is applied."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd

ROW = "__row"
"""Column that numbers the rows of a source that was copied into the engine."""

FILE = "__file"
"""Column that names the file of each row, where there are several."""

PART = "__part"
"""Column that numbers the rows that were made of one row of the source; 0 is the row itself."""

DAYS_FROM_1900 = 25569
"""Days from 1899-12-30, Excel's day 0, to 1970-01-01."""

DAYS_FROM_1904 = 24107
"""Days from 1904-01-01, day 0 of workbooks made by the older Excel for Mac, to 1970-01-01."""


def united(columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Notes on the number of files that were combined, and on columns that some of them lack."""
    if len(columns) == 1:
        return ()
    uneven = sorted({c for names in columns for c in names if any(c not in others for others in columns)})
    notes = (f"{len(columns)} files were read as one table",)
    return (*notes, f"not in every file, and empty there: {', '.join(uneven)}") if uneven else notes


ID = "__id"
"""Column that numbers all rows of a source that is read beside others."""


def free_name(preferred: str, taken: Iterable[str]) -> str:
    """The name, numbered where it is taken already; capitals make no difference to an engine."""
    used = {name.lower() for name in taken}
    names = itertools.chain([preferred], (f"{preferred}_{i}" for i in itertools.count(2)))
    return next(name for name in names if name.lower() not in used)


def distinct(headers: Sequence[str]) -> tuple[str, ...]:
    """Distinct headers: empty and repeated ones are numbered, and a leading '__', reserved for our columns, is
    removed."""
    names: list[str] = []
    for i, header in enumerate(headers, start=1):
        header = header.replace("\0", "")
        own = header.lstrip("_") if header.startswith("__") else header
        names.append(free_name(own or f"column_{i}", names))
    return tuple(names)


def headers_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Distinct headers of one line each, without a leading '__', which is reserved for our columns."""
    return distinct([" ".join(str(cell).split()) for cell in cells])


@dataclass(frozen=True)
class Raw:
    """An opened source.

    `table` holds the original columns, and `ROW` where the rows have an order. `stays` marks data that is left where it
    is (Parquet, a database); everything else is copied once, after cleaning. `broken` holds the lines of a text file
    that could not be cut into cells. `decimal` is the decimal sign where the format fixes it, `first_row` the number
    that a spreadsheet shows for the first row, `zones` the time zone of each column that names one, `below` what
    further lines of headers say, `days_to_1970` what a spreadsheet that counts days has as 1970-01-01.
    """

    table: ir.Table
    name: str
    kind: str
    stays: bool = False
    sha256: str | None = None
    version: str | None = None
    query: str | None = None
    decimal: str | None = None
    broken: pd.DataFrame | None = None
    assumptions: tuple[str, ...] = ()
    first_row: int = 0
    zones: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days_to_1970: int = DAYS_FROM_1900

    @property
    def in_memory(self) -> bool:
        """Whether the rows are those of a DataFrame or an Arrow table, without a step of a preset."""
        return isinstance(self.table.op(), ops.InMemoryTable)

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns that were found."""
        return tuple(c for c in self.table.columns if not c.startswith("__"))

    def row_ids(self) -> ir.IntegerColumn:
        """A number for each row, over all files."""
        order = [self.table[c] for c in (FILE, ROW, PART) if c in self.table.columns]
        return ibis.row_number().over(order_by=order)
