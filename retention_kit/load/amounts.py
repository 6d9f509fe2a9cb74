"""Text to exact amounts: currency signs, thousands, decimal commas, negative numbers in brackets.

A number such as 1,234 can be read in two ways. The other numbers of its column decide; where they do not, the user is
asked. Nothing is read through binary floating point, so 10.05 stays 10.05.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError
from retention_kit.load.reading import Fault, Reader, Row, nothing

__all__ = ["NumberReader", "TextNumberReader"]

_SIGN = "(?:[A-Z]{3}|[A-Z]{0,2} ?[$€£¥₩₹₺₴₽฿₫₪元円]|zł|kr[.]?|Kč|Ft|lei|Fr[.]?)"
_SPACE = "[ '’\u202f]"
_CELLS = "[0-9.,'’\u202f ]*[0-9]"
_SHAPE = f"^[(]?-? ?{_SIGN}? ?-?({_CELLS})-? ?{_SIGN}?[)]?$"
_POINT = f"^([0-9]+|[0-9]*[.][0-9]+|[1-9][0-9]{{0,2}}((,[0-9]{{3}})+|({_SPACE}[0-9]{{3}})+)([.][0-9]+)?)$"
_COMMA = f"^([0-9]+|[0-9]*,[0-9]+|[1-9][0-9]{{0,2}}(([.][0-9]{{3}})+|({_SPACE}[0-9]{{3}})+)(,[0-9]+)?)$"
_EITHER = "^[1-9][0-9]{0,2}[.,][0-9]{3}$"
_DIGITS = "^[0-9]{0,14}([.][0-9]+)?$"
_NEGATIVE = "^[^0-9]*-|-[^0-9]*$|^[(].*[)]$"


@dataclass(frozen=True)
class NumberReader(Reader):
    """Reads a column that is numeric already."""

    type: str = schema.MONEY

    def dirt(self, column: ir.Value) -> dict[str, ir.BooleanValue]:
        """Which numbers are not finite, too large or not whole."""
        if column.type().is_floating():
            return {"dirty": column.isnan() | ~self._fits(column)}
        return {"dirty": ~self._fits(column)}

    def _fits(self, number: ir.NumericValue) -> ir.BooleanValue:
        fits = number.abs() < 10**14
        return fits & (number == number.floor()) if self.type == "int64" else fits

    def cell(self, column: ir.Value) -> ir.Value:
        """The original number; not-a-number stands for empty."""
        if column.type().is_floating() and not self.as_is:
            return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)
        return column

    def value(self, row: Row) -> ir.Value:
        """The number in its own type; null where it is not finite, too large or not whole."""
        number = row["cell"]
        if self.as_is:
            return number.cast(self.type)
        return ibis.ifelse(self._fits(number), number, ibis.null(number.type())).cast(self.type)

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """A number that is there and cannot be used."""
        if self.as_is:
            return ()
        what = "a whole number" if self.type == "int64" else "finite and below 10^14"
        lost = row["cell"].notnull() & row["value"].isnull()
        return (Fault(f"unreadable_{self.name}", self.name, lost, f"{{header}} must be {what}, came {{value}}"),)


@dataclass(frozen=True)
class TextNumberReader(Reader):
    """Reads a column of numbers written as text."""

    type: str = schema.MONEY
    decimal: str | None = None

    def evidence(self, cell: ir.StringValue) -> dict[str, ir.IntegerScalar]:
        """Counts that tell a decimal point from a decimal comma, and how many currency signs there are."""
        body = cell.replace("−", "-").re_extract(_SHAPE, 1).nullif("")
        point, comma, either = body.re_search(_POINT), body.re_search(_COMMA), body.re_search(_EITHER)
        return {
            "point": (point & ~comma & ~either).sum(),
            "comma": (comma & ~point & ~either).sum(),
            "either": either.sum(),
            "signs": ibis.ifelse(body.notnull(), cell.re_extract(_SIGN, 0).nullif(""), nothing()).nunique(),
        }

    def settle(self, seen: Mapping[str, int]) -> TextNumberReader:
        """Know the decimal sign."""
        if seen["signs"] > 1:
            raise DataError(
                f"{self.name}: numbers carry {seen['signs']} different currency signs; put the currency into a column "
                "of its own and pass rates=…, or load each currency by itself"
            )
        if self.decimal is not None:
            return self
        if seen["point"] and seen["comma"]:
            note = f"{self.name}: decimal points and decimal commas are mixed, each read as written"
            return replace(self, decimal="mixed", assumptions=(note,))
        if not seen["point"] and not seen["comma"] and seen["either"]:
            raise DataError(
                f"{self.name}: every number with a separator looks like 1,234, thousands or decimals; "
                "pass decimal='.' or decimal=','"
            )
        if seen["comma"]:
            return replace(self, decimal=",", assumptions=(f"{self.name}: the comma is the decimal sign",))
        return replace(self, decimal=".")

    def parts(self, cell: ir.StringValue) -> dict[str, ir.Value]:
        """The digits and separators, and whether the number is negative."""
        number = cell.replace("−", "-")
        return {"body": number.re_extract(_SHAPE, 1).nullif(""), "negative": number.re_search(_NEGATIVE)}

    def value(self, row: Row) -> ir.Value:
        """The number; null where it cannot be read."""
        digits = self._digits(row["body"])
        digits = ibis.ifelse(digits.re_search(_DIGITS), digits, nothing())
        size = digits.cast("float64" if self.type == "float64" else schema.MONEY)
        number = ibis.ifelse(row["negative"], -size, size)
        if self.type == "int64":
            number = ibis.ifelse(number == number.floor(), number, ibis.null(schema.MONEY))
        return number.cast(self.type)

    def _digits(self, body: ir.StringValue) -> ir.StringValue:
        """The body with a decimal point and without thousands."""
        point = ibis.ifelse(body.re_search(_POINT), body.re_replace(f"{_SPACE}|,", ""), nothing())
        comma = body.re_replace(f"{_SPACE}|[.]", "").replace(",", ".")
        comma = ibis.ifelse(body.re_search(_COMMA), comma, nothing())
        if self.decimal == "mixed":
            return ibis.ifelse(body.re_search(_EITHER), nothing(), point.fill_null(comma))
        return comma if self.decimal == "," else point

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """A number that is there and cannot be read, or that could be two numbers."""
        what = "a whole number" if self.type == "int64" else "a number below 10^14"
        lost = row["cell"].notnull() & row["value"].isnull()
        plain = Fault(f"unreadable_{self.name}", self.name, lost, f"{{header}} must be {what}, came {{value}}")
        if self.decimal != "mixed":
            return (plain,)
        doubtful = row["body"].re_search(_EITHER)
        reason = "{header} {value} may be thousands or decimals; pass decimal='.' or decimal=','"
        return Fault(f"ambiguous_{self.name}", self.name, doubtful, reason), plain
