"""Text to exact amounts: currency signs, thousands, decimal commas, negative numbers in brackets.

A number such as 1,234 can be read in two ways. The other numbers of its column decide; where they do not, the user is
asked. Nothing is read through binary floating point, so 10.05 stays 10.05.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError
from retention_kit.load.values import amount_shapes as shapes
from retention_kit.load.values.currency_signs import digits_of, known_signs, shows_no_decimals, written_without_decimals
from retention_kit.load.values.minor_units import Minor
from retention_kit.load.values.reader import Fault, Reader, Row, Stage, nothing


@dataclass(frozen=True)
class NumberReader(Reader):
    """Reads a column that is numeric already."""

    type: str = schema.MONEY
    minor: Minor | None = None

    def dirt(self, column: ir.Value) -> dict[str, ir.BooleanValue]:
        """Which numbers are not finite, too large or not whole."""
        if column.type().is_floating():
            return {"dirty": column.isnan() | ~self._fits(column)}
        return {"dirty": ~self._fits(column)}

    def _fits(self, number: ir.NumericValue) -> ir.BooleanValue:
        fits = number.abs() < 10**14
        return fits & (number == number.floor()) if self.type == "int64" else fits

    def cell(self, column: ir.Value) -> ir.Value:
        """The original number; not-a-number is empty."""
        if column.type().is_floating() and not self.as_is:
            return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)
        return column

    def value(self, row: Row) -> ir.Value:
        """The number in its own type; null where it is not finite, too large or not whole."""
        number = row["cell"]
        if not self.as_is:
            number = ibis.ifelse(self._fits(number), number, ibis.null(number.type()))
        return number.cast(self.type) if self.minor is None else self.minor.major(number, row.get("code"))

    def vanishes(self, row: Row) -> ir.BooleanValue | None:
        """Money below its smallest decimal."""
        holds_all = self.type != schema.MONEY or row["cell"].type().is_integer()
        return None if holds_all else (row.get("read", row["value"]) == 0) & (row["cell"] != 0)

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """Numbers that cannot be used."""
        if self.as_is and self.minor is None:
            return ()
        what = "a whole number" if self.type == "int64" else "finite and below 10^14"
        what = what if self.minor is None else "a whole number of cents, as unit='cents' says"
        lost = row["cell"].notnull() & row["value"].isnull()
        return (Fault(f"unreadable_{self.name}", self.name, lost, f"{{header}} must be {what}, came {{value}}"),)


@dataclass(frozen=True)
class TextNumberReader(Reader):
    """Reads a column of numbers written as text."""

    type: str = schema.MONEY
    decimal: str | None = None
    minor: Minor | None = None
    currency: str | None = None
    powers: bool = False
    no_signs: tuple[str, ...] = ()
    whole: tuple[str, ...] | bool = False
    thousandths: tuple[str, ...] | bool = False

    def stages(self) -> tuple[Stage, ...]:
        """A cell in ASCII, then the cell if it has the shape of a number with signs, then its digits and signs.

        A cell that holds only digits and separators needs none of these steps.
        """
        return self._in_ascii, self._shaped, self._cut, self._read_both_ways

    def _in_ascii(self, row: Row) -> dict[str, ir.Value]:
        odd = row["cell"].re_search(shapes.ODD)
        return {"odd": odd, "number": ibis.ifelse(odd, row["cell"], nothing())}

    def _shaped(self, row: Row) -> dict[str, ir.Value]:
        number = row["number"]
        number = ibis.ifelse(number.re_search(shapes.HAS_WIDE), number.translate(shapes.WIDE, shapes.NARROW), number)
        return {"number": ibis.ifelse(number.re_search(shapes.SHAPE), number, nothing())}

    def _cut(self, row: Row) -> dict[str, ir.Value]:
        number, odd = row["number"], row["odd"]
        body = ibis.ifelse(
            number.re_search(shapes.LED), number.re_extract(shapes.SHAPE, 1), number.re_extract(shapes.NUMBER, 0)
        )
        sign = number.re_extract(shapes.IN_FRONT, 1) + "|" + number.re_extract(shapes.BEHIND, 1)
        return {
            "body": ibis.ifelse(odd, body, row["cell"]),
            "negative": ibis.ifelse(odd, number.re_search(shapes.NEGATIVE), False),
            "sign": ibis.ifelse(number.notnull(), sign, nothing()),
        }

    def _read_both_ways(self, row: Row) -> dict[str, ir.Value]:
        names = {"point": shapes.POINT, "comma": shapes.COMMA, "either": shapes.EITHER}
        return {name: row["body"].re_search(pattern) for name, pattern in names.items()}

    def evidence(self, row: Row) -> dict[str, ir.Scalar]:
        """Counts that decide between decimal point and decimal comma, and the signs around the numbers."""
        point, comma, either = row["point"], row["comma"], row["either"]
        return {
            "point": (point & ~comma & ~either).sum(),
            "comma": (comma & ~point & ~either).sum(),
            "either": either.sum(),
            "powers": ibis.ifelse(row["odd"], row["body"].re_search("[eE]"), False).sum(),
            "signs": row["sign"].collect(distinct=True),
        }

    def settle(self, seen: Mapping[str, Any]) -> TextNumberReader:
        """Decide on the decimal sign, and on the currencies whose amounts have no decimals or three."""
        signs, unknown = known_signs(seen["signs"] or ())
        codes = tuple(seen.get("codes") or ()) or ((self.currency,) if self.currency else ())
        if len(set(signs.values())) > 1:
            raise DataError(
                f"{self.name}: numbers carry {len(set(signs.values()))} different currency signs; put the currency "
                "into a column of its own and pass rates=…, or load each currency by itself"
            )
        if signs and codes and not any(set(codes) & meant for meant in signs.values()):
            raise DataError(
                f"{self.name}: numbers carry the sign of {' or '.join(sorted(next(iter(signs.values()))))}, and the "
                f"currency is said to be {', '.join(sorted(codes))}; correct the one or the other"
            )
        reader = replace(self, no_signs=tuple(unknown), powers=bool(seen["powers"]))
        if self.decimal is not None:
            return reader
        undecided = not seen["point"] and not seen["comma"] and bool(seen["either"])
        reader = replace(reader, **self._decimals_of(codes, signs, undecided=undecided, by_row=bool(seen.get("codes"))))
        if seen["point"] and seen["comma"]:
            note = f"{self.name}: decimal points and decimal commas are mixed, each read as written"
            return replace(reader, decimal="mixed", assumptions=(note,))
        if undecided and not (reader.whole or reader.thousandths):
            raise DataError(
                f"{self.name}: every number with a separator looks like 1,234, thousands or decimals; "
                "pass decimal='.' or decimal=',', or the currency where it has no decimals or three, as currency='JPY'"
            )
        if seen["comma"]:
            return replace(reader, decimal=",", assumptions=(f"{self.name}: the comma is the decimal sign",))
        return replace(reader, decimal="mixed" if undecided else ".")

    def _decimals_of(
        self, codes: tuple[str, ...], signs: Mapping[str, frozenset[str]], *, undecided: bool, by_row: bool
    ) -> dict[str, Any]:
        """In which rows 1,234 is a whole number, and in which it has three decimals: those of a currency, all, or none.

        A currency of three decimals decides only where no other number of the column does.
        """
        if self.type != schema.MONEY:
            return {}
        without_decimals = tuple(code for code in codes if written_without_decimals(code))
        thousandths = tuple(code for code in codes if digits_of(code) == 3 and undecided)
        if not codes:
            own = bool(signs) and all(shows_no_decimals(pair) for pair in signs)
            meant = {digits_of(code) for codes_of in signs.values() for code in codes_of}
            return {"whole": own, "thousandths": meant == {3} and undecided}
        notes = tuple(
            f"{self.name}: 1,234 is a whole number in {code}, which has no decimals" for code in without_decimals
        )
        notes += tuple(f"{self.name}: 1,234 has three decimals in {code}, as all amounts in it" for code in thousandths)
        decimals = (
            {"whole": without_decimals, "thousandths": thousandths}
            if by_row
            else {"whole": bool(without_decimals), "thousandths": bool(thousandths)}
        )
        return decimals | {"assumptions": notes if undecided else ()}

    def parts(self, row: Row) -> dict[str, ir.Value]:
        """The digits and separators, and whether the number is negative."""
        body = row["body"]
        if self.no_signs:
            body = ibis.ifelse(row["sign"].isin(self.no_signs).fill_null(False), nothing(), body)
        return {"body": body, "negative": row["negative"]}

    def value(self, row: Row) -> ir.Value:
        """The number; null where it cannot be read."""
        digits = self._digits(row)
        digits = ibis.ifelse(digits.re_search(shapes.DIGITS), digits, nothing())
        kind = "float64" if self.type == "float64" else schema.MONEY
        size = digits.cast(kind)
        if self.powers:
            power = ibis.ifelse(row["body"].re_search(shapes.POWER), row["body"].replace(",", "."), nothing())
            size = size.fill_null(power.cast("decimal(38, 18)").cast(kind))
        number = ibis.ifelse(row["negative"], -size, size)
        if self.minor is not None:
            return self.minor.major(number, row.get("code"))
        if self.type == "int64":
            number = ibis.ifelse(number == number.floor(), number, ibis.null(schema.MONEY))
        return number.cast(self.type)

    def _digits(self, row: Row) -> ir.StringValue:
        """The body with a decimal point and without thousands."""
        body = row["body"]
        point = ibis.ifelse(body.re_search(shapes.POINT), body.re_replace(f"{shapes.SPACE}|,", ""), nothing())
        comma = body.re_replace(f"{shapes.SPACE}|[.]", "").replace(",", ".")
        comma = ibis.ifelse(body.re_search(shapes.COMMA), comma, nothing())
        if self.decimal == "mixed":
            digits = ibis.ifelse(body.re_search(shapes.EITHER), nothing(), point.fill_null(comma))
        else:
            digits = comma if self.decimal == "," else point
        if self.whole:
            digits = ibis.ifelse(self._among(row, self.whole), body.re_replace("[.,]", ""), digits)
        if self.thousandths:
            digits = ibis.ifelse(self._among(row, self.thousandths), body.replace(",", "."), digits)
        return digits

    def _among(self, row: Row, codes: tuple[str, ...] | bool) -> ir.BooleanValue:
        """Whether a number looks like 1,234 and is in one of the currencies."""
        either = row["body"].re_search(shapes.EITHER)
        return either if isinstance(codes, bool) else either & row["code"].isin(codes)

    def vanishes(self, row: Row) -> ir.BooleanValue | None:
        """Money below its smallest decimal; the digits are examined only where the result is 0."""
        if self.type != schema.MONEY:
            return None
        nothing_left = row.get("read", row["value"]) == 0
        return ibis.ifelse(nothing_left, row["body"].re_search("^[^eE]*[1-9]"), ibis.literal(False))

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """Cells that cannot be read as a number, or that could be two numbers."""
        what = "a whole number" if self.type == "int64" else "a number below 10^14"
        what = what if self.minor is None else "a whole number of cents, as unit='cents' says"
        lost = row["cell"].notnull() & row["value"].isnull()
        plain = Fault(f"unreadable_{self.name}", self.name, lost, f"{{header}} must be {what}, came {{value}}")
        if self.decimal != "mixed":
            return (plain,)
        doubtful = row["body"].re_search(shapes.EITHER) & row["value"].isnull()
        reason = "{header} {value} may be thousands or decimals; pass decimal='.' or decimal=','"
        return Fault(f"ambiguous_{self.name}", self.name, doubtful, reason), plain
