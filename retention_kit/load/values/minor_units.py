"""Amounts in minor units, as programs hand them over: 1005 cents are 10.05, 1005 yen are 1005."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import ConfigError

UNITS = ("cents",)
"""Units of amounts that can be named."""

_TABLES = ("orders", "subscriptions", "order_lines")
"""Tables with money in them."""


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
        integer = ibis.ifelse(number == number.floor(), number, ibis.null(number.type())).cast(schema.MONEY)
        return (integer * unit).cast(schema.MONEY)


def _unit(digits: int) -> ir.DecimalValue:
    """The value of one minor unit, with the decimals that rates have."""
    return ibis.literal(f"{10**-digits:.4f}").cast("decimal(18, 10)")


def check_unit(unit: str | None, table: str) -> None:
    """Raise where there is no unit of that name, or the table has no money."""
    if unit is not None and unit not in UNITS:
        raise ConfigError(f"unit must be 'cents', the minor unit of the currency, or left out; came {unit!r}")
    if unit is not None and table not in _TABLES:
        raise ConfigError(f"unit is the unit of money, and {table} have none; leave it out")
