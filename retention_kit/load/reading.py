"""How a column is read, in steps: the cell as text, evidence on how it is written, its parts, its value, its faults.

Every step is one set of columns over the step before, so that the engine computes each of them once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

__all__ = ["Fault", "Reader", "Row", "nothing", "text", "written"]

Row = Mapping[str, ir.Value]
"""The columns of one reader so far: `cell`, then its parts, then `value`."""

EMPTY = ("", "nan", "null", "none", "n/a", "#n/a", "\\n", "<na>", "nat")
"""Cells that stand for 'nothing', in small letters."""

_LONGEST_EMPTY = max(map(len, EMPTY))
_HARD_SPACE = "\u00a0"
_EDGES = f"^\\s|\\s$|{_HARD_SPACE}"


@dataclass(frozen=True)
class Fault:
    """A named reason to refuse a row: `when` is true in the engine, `reason` speaks of {header} and {value}."""

    rule: str
    column: str
    when: ir.BooleanValue
    reason: str


@dataclass(frozen=True)
class Reader:
    """Reads a column of text as it is; the other readers add their steps to this.

    `doubtful` marks moments with an offset that does not tell the business time zone.
    """

    name: str
    assumptions: tuple[str, ...] = ()
    as_is: bool = False
    case: str | None = None
    doubtful: bool = False

    def dirt(self, column: ir.Value) -> ir.BooleanValue | None:
        """Which original values would be changed by `cell`; None where none can be.

        Data that stays in its place is asked this once; where the answer is 'no value', later queries read the column
        as it is, which takes a fraction of the time.
        """
        if not column.type().is_string():
            return None
        short = ibis.ifelse(column.length() <= _LONGEST_EMPTY, column.lower().isin(EMPTY), ibis.literal(False))
        return short | column.re_search(_EDGES)

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value, trimmed."""
        return written(column) if self.as_is else text(column)

    def evidence(self, cell: ir.Value) -> dict[str, ir.IntegerScalar]:  # noqa: ARG002
        """Counts over the column that tell how it is written."""
        return {}

    def settle(self, seen: Mapping[str, int]) -> Reader:  # noqa: ARG002
        """The reader that knows how the column is written; DataError where nobody can know."""
        return self

    def parts(self, cell: ir.Value) -> dict[str, ir.Value]:  # noqa: ARG002
        """What is cut out of the cell."""
        return {}

    def value(self, row: Row) -> ir.Value:
        """The value in the type of the schema, null where it cannot be read."""
        return getattr(row["cell"], self.case)() if self.case else row["cell"]

    def faults(self, row: Row) -> tuple[Fault, ...]:  # noqa: ARG002
        """Reasons to refuse a row."""
        return ()


def written(column: ir.Value) -> ir.StringValue:
    """A column as text; a number that is whole is written so, whatever its type: 7.0 is 7."""
    if column.type().is_floating():
        whole = ibis.ifelse(column.abs() < 1e15, column, ibis.null("float64")).cast("int64")
        return ibis.ifelse(column == whole, whole.cast("string"), column.cast("string"))
    return column.cast("string")


def text(column: ir.Value) -> ir.StringValue:
    """A column as text without outer white space; empty cells and their many spellings are null."""
    if column.type().is_integer():
        return column.cast("string")
    trimmed = written(column).replace(_HARD_SPACE, " ").strip()
    return ibis.ifelse(trimmed.lower().isin(EMPTY), nothing(), trimmed)


def nothing() -> ir.StringScalar:
    """No text."""
    return ibis.null("string")
