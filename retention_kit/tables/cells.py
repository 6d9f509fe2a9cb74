"""The cells of a table: which function writes them, and all of them written at once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from great_tables import GT

from retention_kit import formats
from retention_kit.errors import ConfigError

__all__ = ["UNITS", "Cells", "in_unit", "plain", "with_numbers", "with_texts"]

UNITS: Final = (*formats.DIGITS, "date", "text")
_LIKE_NUMBERS: Final = re.compile(r"[0-9 -/:\\.]*\n?")
"""Text that great_tables aligns as if it were numbers."""


@dataclass(frozen=True)
class Cells:
    """How the cells of a column are written, or those of some of its rows; what is missing is not their affair."""

    column: str
    write: Callable[[Any], str]
    rows: Sequence[int] | None = None


def in_unit(column: str, unit: str, rows: Sequence[int] | None = None) -> list[Cells]:
    """The cells of a column, or of some of its rows, in a unit; text is written as it is."""
    if unit not in UNITS:
        raise ConfigError(f"A unit is one of {', '.join(UNITS)}; got {unit!r} for {column}.")
    if unit == "text":
        return []
    write = _day if unit == "date" else lambda x: plain(formats.written(x, unit))
    return [Cells(column, write, rows)]


def plain(text: str) -> str:
    """A written number with ordinary spaces: cells do not break their lines."""
    return text.replace(formats.SPACE, " ")


def with_numbers(frame: pd.DataFrame, cells: Iterable[Cells], blank: Collection[str], id: str) -> GT:
    """The frame as great_tables takes it, to be written when it is shown."""
    gt = GT(frame, id=id)
    for these in cells:
        gt = gt.fmt(_unless_missing(these.write), columns=these.column, rows=these.rows)
    return gt.sub_missing([name for name in map(str, frame.columns) if name not in blank], missing_text=formats.MISSING)


def with_texts(frame: pd.DataFrame, cells: Iterable[Cells], blank: Collection[str], id: str) -> GT:
    """The same on the page, with every cell written already, in an Arrow table.

    Of a DataFrame great_tables would set and read each cell by itself, which takes longer than all the rest.
    """
    write = {str(name): [str] * len(frame) for name in frame.columns}
    for these in cells:
        for row in range(len(frame)) if these.rows is None else these.rows:
            write[these.column][row] = these.write
    columns = [(str(name), values) for name, values in frame.items()]
    texts = [_texts(values, write[name], None if name in blank else formats.MISSING) for name, values in columns]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PyArrow Table support", UserWarning)  # "experimental"; our tests watch it
        gt = GT(pa.table(texts, names=list(write)), id=id, auto_align=False)
    for side in ("left", "right"):
        gt = gt.cols_align(side, [name for name, values in columns if _side(values) == side])
    return gt


def _day(x: Any) -> str:
    return f"{pd.Timestamp(x):%Y-%m-%d}"


def _unless_missing(write: Callable[[Any], str]) -> Callable[[Any], Any]:
    return lambda x: x if pd.isna(x) else write(x)


def _texts(values: pd.Series, write: Iterable[Callable[[Any], str]], missing: str | None) -> pa.Array:
    cells = zip(values.array, values.isna().tolist(), write, strict=True)
    return pa.array([missing if is_missing else one(x) for x, is_missing, one in cells], pa.string())


def _side(values: pd.Series) -> str:
    """Where great_tables aligns a column of this type."""
    kind = str(values.dtype).lower()
    if kind.startswith(("int", "uint", "float", "date", "double")):
        return "right"
    if kind not in ("object", "string", "str"):
        return "center"
    return "right" if all(_LIKE_NUMBERS.fullmatch(x) for x in values if isinstance(x, str)) else "left"
