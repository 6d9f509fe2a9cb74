"""A source that has been opened: its columns as they are, before any rule is applied."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir
import pandas as pd

__all__ = ["FILE", "PART", "ROW", "Raw", "distinct", "free_name"]

ROW = "__row"
"""Column that numbers the rows of a source that was copied into the engine."""

FILE = "__file"
"""Column that names the file of each row, where there are several."""

PART = "__part"
"""Column that numbers the rows that were made of one row of the source; 0 is the row itself."""


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """The name, numbered where it is taken already; capitals make no difference to an engine."""
    used = {name.lower() for name in taken}
    names = itertools.chain([wanted], (f"{wanted}_{i}" for i in itertools.count(2)))
    return next(name for name in names if name.lower() not in used)


def distinct(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers that can be told apart: empty and repeated ones are numbered, and the '__' of our columns is cut off."""
    names: list[str] = []
    for i, header in enumerate(headers, start=1):
        header = header.replace("\0", "")
        own = header.lstrip("_") if header.startswith("__") else header
        names.append(free_name(own or f"column_{i}", names))
    return tuple(names)


@dataclass(frozen=True)
class Raw:
    """An opened source.

    `table` holds the original columns, and `ROW` where the rows have an order. `stays` marks data that is left where it
    is (Parquet, a database); everything else is copied once, after cleaning. `broken` holds the lines of a text file
    that could not be cut into cells. `decimal` is the decimal sign where the format fixes it, `first_row` what a person
    calls the first row, `zones` the time zone of each column that names one, `below` what further lines of headers say.
    """

    table: ir.Table
    name: str
    kind: str
    stays: bool = False
    sha256: str | None = None
    query: str | None = None
    decimal: str | None = None
    broken: pd.DataFrame | None = None
    assumptions: tuple[str, ...] = ()
    first_row: int = 0
    zones: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns that were found."""
        return tuple(c for c in self.table.columns if not c.startswith("__"))
