"""How a column is read, in steps: the cell as text, evidence on how it is written, its parts, its value, its faults.

Every step is one set of columns over the step before, so that the engine computes each of them once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

__all__ = ["Fault", "Reader", "Row", "nothing", "text"]

Row = Mapping[str, ir.Value]
"""The columns of one reader so far: `cell`, then its parts, then `value`."""

EMPTY = ("", "nan", "null", "none", "n/a", "#n/a", "\\n", "<na>", "nat")
"""Cells that stand for 'nothing', in small letters."""


@dataclass(frozen=True)
class Fault:
    """A named reason to refuse a row: `when` is true in the engine, `reason` speaks of {header} and {value}."""

    rule: str
    column: str
    when: ir.BooleanValue
    reason: str


@dataclass(frozen=True)
class Reader:
    """Reads a column of text as it is; the other readers add their steps to this."""

    name: str
    assumptions: tuple[str, ...] = ()

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value, trimmed."""
        return text(column)

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
        return row["cell"]

    def faults(self, row: Row) -> tuple[Fault, ...]:  # noqa: ARG002
        """Reasons to refuse a row."""
        return ()


def text(column: ir.Value) -> ir.StringValue:
    """A column as text without outer white space; empty cells and their many spellings are null."""
    if column.type().is_floating():
        whole = ibis.ifelse(column.abs() < 1e15, column, ibis.null("float64")).cast("int64")
        column = ibis.ifelse(column == whole, whole.cast("string"), column.cast("string"))
    trimmed = column.cast("string").replace("\u00a0", " ").strip()
    return ibis.ifelse(trimmed.lower().isin(EMPTY), nothing(), trimmed)


def nothing() -> ir.StringScalar:
    """No text."""
    return ibis.null("string")
