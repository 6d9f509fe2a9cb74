"""Columns that hold moments already: on a clock of the business time zone, without what never comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis.expr.types as ir

from retention_kit.load.reading import Reader, Row
from retention_kit.load.zones import is_instant, local

__all__ = ["MomentReader", "as_local"]


@dataclass(frozen=True)
class MomentReader(Reader):
    """Reads a column that holds moments already."""

    timezone: str = "UTC"
    engine: str = "duckdb"
    type: str = "timestamp"
    aware: bool = False
    days: bool = False
    zone: str | None = None

    def dirt(self, column: ir.Value) -> None:
        """No moment needs cleaning."""

    def cell(self, column: ir.Value) -> ir.Value:
        """The original moment."""
        return column

    def evidence(self, cell: ir.Value) -> dict[str, ir.IntegerScalar]:
        """How many moments are instants of the world, where only the engine can tell."""
        asked = self.engine == "pyspark" and cell.type().is_timestamp()
        return {"instants": is_instant(cell).sum()} if asked else {}

    def settle(self, seen: Mapping[str, int]) -> MomentReader:
        """Know whether to move the moments to the business time zone."""
        if not (self.aware or seen.get("instants")):
            return self if self.days else replace(self, assumptions=(as_local(self.name, self.timezone),))
        note = f"{self.name}: moments with an offset are shown in {self.timezone}"
        return replace(self, aware=True, assumptions=(note,), doubtful=self.zone != "UTC")

    def value(self, row: Row) -> ir.Value:
        """The moment on a clock of the business time zone."""
        cell = local(row["cell"], self.timezone, self.engine) if self.aware else row["cell"]
        return cell.cast("timestamp").cast(self.type)


def as_local(name: str, zone: str) -> str:
    """A sentence on moments that say nothing of their zone."""
    return f"{name}: times without an offset are taken as local, {zone}"
