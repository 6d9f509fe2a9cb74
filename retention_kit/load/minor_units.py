"""Amounts in minor units, as programs hand them over: 1005 cents are 10.05, 1005 yen are 1005."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import ConfigError
from retention_kit.load.currency_signs import digits_of
from retention_kit.load.dataset import Note
from retention_kit.load.mapping import Match, plain

__all__ = ["UNITS", "Minor", "check_unit", "looks_minor"]

UNITS = ("cents",)
"""Units of amounts that can be named."""

_MONEY = {"orders": ("amount", "ordered_at"), "subscriptions": ("mrr", "started_at"), "order_lines": ("amount", None)}
_NAMED = re.compile("(^|_)(cents?|centy|centimes|centimos|minor|pence|grosze?|groszy|minor_units?)(_|$)")


@dataclass(frozen=True)
class Minor:
    """Decimals of the minor unit, for all rows or by the currency of the row."""

    digits: int = 2
    by_code: Mapping[str, int] = field(default_factory=dict)

    def major(self, number: ir.NumericValue, code: ir.StringValue | None) -> ir.DecimalValue:
        """A whole number of minor units as money; null where it is not whole."""
        parts = {digits: [c for c, d in self.by_code.items() if d == digits] for digits in set(self.by_code.values())}
        unit = _unit(self.digits)
        if code is not None and parts:
            rows = ((code.isin(codes), _unit(digits)) for digits, codes in parts.items())
            unit = ibis.cases(*rows, else_=unit)
        whole = ibis.ifelse(number == number.floor(), number, ibis.null(number.type())).cast(schema.MONEY)
        return (whole * unit).cast(schema.MONEY)


def _unit(digits: int) -> ir.DecimalValue:
    """What one minor unit is worth, with the decimals that rates have."""
    return ibis.literal(f"{10**-digits:.4f}").cast("decimal(18, 10)")


def check_unit(unit: str | None, table: str) -> None:
    """Raise where there is no unit of that name, or the table has no money."""
    if unit is not None and unit not in UNITS:
        raise ConfigError(f"unit must be 'cents', the minor unit of the currency, or left out; came {unit!r}")
    if unit is not None and table not in _MONEY:
        raise ConfigError(f"unit is the unit of money, and {table} have none; leave it out")


def looks_minor(table: str, match: Match, rows: ir.Table, currency: str | None) -> tuple[Note, ...]:
    """A warning where all amounts are whole and the headers are those of a program that counts cents."""
    money, moment = _MONEY.get(table, (None, None))
    header = plain(match.labels.get(match.headers.get(money, ""), match.headers.get(money, "")))
    named = _NAMED.search(header)
    of_a_program = moment is not None and plain(match.headers.get(moment, "")) == "created"
    if not (named or of_a_program) or not digits_of(currency) or money not in rows.columns:
        return ()
    broken = rows.aggregate(rows=(rows[money] != rows[money].floor()).sum()).to_pyarrow().to_pylist()[0]["rows"]
    if broken:
        return ()
    why = f"the header {header}" if named else "the header created is that of an API"
    text = (
        f"every {money} is whole and {why}: if amounts are in cents, as Stripe's API has them, each is 100 times too "
        "high; pass unit='cents'"
    )
    return (Note("minor_units", 0, text),)
