"""How a column is read, in steps: the cell as text, evidence on how it is written, its parts, its value, its faults.

Every step is one set of columns over the step before, so that the engine computes each of them once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

Row = Mapping[str, ir.Value]
"""The columns of one reader so far: `cell`, then those of its stages, then its parts, then `value`."""

Stage = Callable[[Row], dict[str, ir.Value]]
"""Columns that are computed from those before. Each stage is a query around the one before, so that the SQL
holds an expression once even where later stages use it several times."""

EMPTY = ("", "nan", "null", "none", "n/a", "#n/a", "\\n", "<na>", "nat")
"""Cells that mean 'nothing', in lower case."""

_LONGEST = 40
"""Characters of a value that a message quotes."""
_LONGEST_EMPTY = max(map(len, EMPTY))
_SPACES = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Every space of Unicode beyond ASCII, among them the one that a Chinese or Japanese keyboard types."""
_NOTHING = "\u200b\u2060\ufeff"
"""Marks of no width that mean nothing wherever they are: zero width space, word joiner, byte order mark."""
_JOINERS = "\u00ad\u061c\u180e\u200c-\u200f\u202a-\u202e\u2061-\u2064\u2066-\u2069"
"""Marks of no width that join letters or turn their direction: at the ends of a cell they have no effect."""
_CONTROLS = "\x01- "
"""White space and control characters of ASCII. (Ibis's own `strip` removes the letters v and f on Spark, where the
backslashes of its vertical tab and form feed are lost.)"""
_OUTER = f"^[{_CONTROLS}]+|[{_CONTROLS}]+$"
_OUTER_MARKS = f"^[{_CONTROLS}{_NOTHING}{_JOINERS}]+|[{_CONTROLS}{_NOTHING}{_JOINERS}]+$|[{_NOTHING}]"
_MARK = f"[{_SPACES}{_NOTHING}{_JOINERS}]"


@ibis.udf.scalar.builtin(name="bit_length")  # type: ignore[untyped-decorator]
def _bits(text: str) -> int:  # type: ignore[empty-body]
    """Bits of a text: eight for each character of ASCII, more for any other."""


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

    `doubtful` marks moments with an offset that does not tell the business time zone; `as_is` and `marked` are
    results of `dirt`: no value needs cleaning; some values hold spaces or marks beyond ASCII.
    """

    name: str
    assumptions: tuple[str, ...] = ()
    as_is: bool = False
    marked: bool = False
    case: str | None = None
    doubtful: bool = False

    def dirt(self, column: ir.Value) -> dict[str, ir.BooleanValue]:
        """Which original values would be changed by `cell`; empty where none can be changed.

        Each source is asked this once, for all columns together; where the answer is 'no value', the column is read as
        it is, which takes a fraction of the time.
        """
        if not column.type().is_string():
            return {}
        short = ibis.ifelse(column.length() <= _LONGEST_EMPTY, column.lower().isin(EMPTY), ibis.literal(False))
        return {"dirty": short | _has_outer(column), "marked": has_marks(column)}

    def informed(self, seen: Mapping[str, bool]) -> Reader:
        """The reader that knows what `dirt` found in any value."""
        return replace(self, as_is=not any(seen.values()), marked=bool(seen.get("marked")))

    @property
    def only_cast(self) -> bool:
        """Whether no value needs more than a cast."""
        return self.as_is

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value, trimmed."""
        return written(column) if self.as_is else text(column, marked=self.marked)

    def stages(self) -> tuple[Stage, ...]:
        """The steps that split a cell, whatever its column holds."""
        return ()

    def evidence(self, row: Row) -> dict[str, ir.Scalar]:  # noqa: ARG002
        """Counts over the column that show how it is written."""
        return {}

    def settle(self, seen: Mapping[str, Any]) -> Reader:  # noqa: ARG002
        """The reader that knows how the column is written; DataError where that is undecided."""
        return self

    def parts(self, row: Row) -> dict[str, ir.Value]:  # noqa: ARG002
        """The parts from which the value is computed."""
        return {}

    def vanishes(self, row: Row) -> ir.BooleanValue | None:  # noqa: ARG002
        """Which values are not 0 as written and 0 as kept; None where that is impossible."""
        return None

    def value(self, row: Row) -> ir.Value:
        """The value in the type of the schema, null where it cannot be read."""
        return getattr(row["cell"], self.case)() if self.case else row["cell"]

    def faults(self, row: Row) -> tuple[Fault, ...]:  # noqa: ARG002
        """Reasons to refuse a row."""
        return ()


@dataclass(frozen=True)
class CurrencyReader(Reader):
    """Reads a column of currencies, in capitals."""

    case: str | None = "upper"

    def evidence(self, row: Row) -> dict[str, ir.Scalar]:
        """The currencies that occur."""
        return {"codes": row["cell"].upper().collect(distinct=True)}


def written(column: ir.Value) -> ir.StringValue:
    """A column as text; whole numbers are written without decimals whatever their type: 7.0 is 7.

    Above 2^53 one binary number represents several whole numbers, and is left as the engine writes it.
    """
    kind = column.type()
    if kind.is_floating():
        number = ibis.ifelse(column.isnan(), ibis.null(kind), column)
        integer = ibis.ifelse(number.abs() <= 2**53, number, ibis.null(kind)).cast("int64")
        return ibis.ifelse(number == integer, integer.cast("string"), number.cast("string"))
    if kind.is_decimal() and kind.scale != 0:
        integer = ibis.ifelse(column.abs() < 10**18, column, ibis.null(kind)).cast("int64")
        return ibis.ifelse(column == integer, integer.cast("string"), column.cast("string"))
    return column.cast("string")


def text(column: ir.Value, *, marked: bool = True) -> ir.StringValue:
    """A column as text without outer white space; empty cells and their many spellings are null.

    Where `marked`, spaces beyond ASCII are plain spaces, and marks of no width are taken off.
    """
    if column.type().is_integer():
        return column.cast("string")
    clean = unmarked(written(column)) if marked else trimmed(written(column))
    return ibis.ifelse(clean.lower().isin(EMPTY), nothing(), clean)


def compared(cell: ir.Value) -> ir.StringValue:
    """A cell for comparison: without outer space, in lower case; an empty cell is an empty text."""
    return text(cell).lower().fill_null("")


def quoted(value: str) -> str:
    """A value for a message, shortened if it is long."""
    return repr(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")


def trimmed(column: ir.StringValue) -> ir.StringValue:
    """Text without white space of ASCII at its ends."""
    return ibis.ifelse(_has_outer(column), column.re_replace(_OUTER, ""), column)


def unmarked(column: ir.StringValue) -> ir.StringValue:
    """Text without white space at its ends or marks of no width, every space a plain one."""
    plain = column.re_replace(f"[{_SPACES}]", " ").re_replace(_OUTER_MARKS, "")
    return ibis.ifelse(has_marks(column), plain, trimmed(column))


def has_marks(column: ir.StringValue) -> ir.BooleanValue:
    """Whether a text holds a space or a mark of no width beyond ASCII; texts in ASCII are recognised by their
    length."""
    return ibis.ifelse(_bits(column) > 8 * column.length(), column.re_search(_MARK), ibis.literal(False))


def _has_outer(column: ir.StringValue) -> ir.BooleanValue:
    """Whether the first or the last character is white space of ASCII, or there is none."""
    return (column.ascii_str() <= 32) | (column.right(1).ascii_str() <= 32)


def nothing() -> ir.StringScalar:
    """The null of texts."""
    return ibis.null("string")
