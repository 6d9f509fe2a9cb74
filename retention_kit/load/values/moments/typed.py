"""Columns that already hold moments: moved to the business time zone, without infinite ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError
from retention_kit.load.values.moments.zones import is_finite, is_instant, local, session_zone
from retention_kit.load.values.reader import Fault, Reader, Row

ENDLESS = ("ended_at", "trial_ended_at", "canceled_at")
"""Moments that may never come: in them PostgreSQL's infinity is an empty cell."""
_UTC = ("UTC", "Etc/UTC", "GMT", "Z")
"""Names of UTC that a Spark session may hold."""


@dataclass(frozen=True)
class MomentReader(Reader):
    """Reads a column that holds moments already."""

    timezone: str = "UTC"
    engine: str = "duckdb"
    type: str = "timestamp"
    aware: bool = False
    days: bool = False
    zone: str | None = None

    def dirt(self, column: ir.Value) -> dict[str, ir.BooleanValue]:
        """Which moments are infinite."""
        return {"dirty": ~is_finite(column, self.engine)}

    @property
    def only_cast(self) -> bool:
        """Whether no moment is infinite or moved to another time zone."""
        return self.as_is and not self.aware

    def cell(self, column: ir.Value) -> ir.Value:
        """The original moment."""
        return column

    def evidence(self, row: Row) -> dict[str, ir.Scalar]:
        """How many moments are instants, where only the engine knows."""
        cell = row["cell"]
        asked = self.engine == "pyspark" and cell.type().is_timestamp()
        return {"instants": is_instant(cell).sum(), "session_zone": session_zone()} if asked else {}

    def settle(self, seen: Mapping[str, Any]) -> MomentReader:
        """Decide whether to move the moments to the business time zone."""
        if seen.get("instants") and seen["session_zone"] not in _UTC:
            raise ConfigError(
                f"{self.name}: the Spark session shows instants in {seen['session_zone']}, but Ibis reads them as UTC, "
                "which it sets when it connects; run SET TIME ZONE 'UTC' in the session and pass timezone= for the "
                "business time zone."
            )
        if not (self.aware or seen.get("instants")):
            return self if self.days else replace(self, assumptions=(as_local(self.name, self.timezone),))
        note = f"{self.name}: moments with an offset are shown in {self.timezone}"
        return replace(self, aware=True, assumptions=(note,), doubtful=self.zone != "UTC")

    def value(self, row: Row) -> ir.Value:
        """The moment in the business time zone; null where it is infinite."""
        cell = row["cell"]
        if not self.as_is:
            cell = ibis.ifelse(is_finite(cell, self.engine), cell, ibis.null(cell.type()))
        return (local(cell, self.timezone, self.engine) if self.aware else cell).cast("timestamp").cast(self.type)

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """Infinite moments; an end that never comes is empty and no fault."""
        if self.as_is:
            return ()
        endless = ~is_finite(row["cell"], self.engine)
        if self.name in ENDLESS:
            endless = endless & (row["cell"].cast("date") < ibis.date("1970-01-01"))
        return (Fault(f"endless_{self.name}", self.name, endless, "{header} is {value}, which is no moment"),)


def as_local(name: str, zone: str) -> str:
    """A sentence on moments without a time zone."""
    return f"{name}: times without an offset are taken as local, {zone}"


def that_come(column: ir.Value, engine: str) -> ir.Value:
    """A column of a result without the infinite moments of PostgreSQL, which no file and no DataFrame can hold."""
    moments = column.type().is_timestamp() or column.type().is_date()
    if engine != "postgres" or not moments:
        return column
    return ibis.ifelse(is_finite(column, engine), column, ibis.null(column.type()))


def never(rows: ir.Table, already_read: Iterable[str]) -> tuple[str, ...]:
    """A sentence on the further columns from which `that_come` removes infinite moments."""
    kinds = rows.drop(*(name for name in already_read if name in rows.columns)).schema().items()
    names = [name for name, kind in kinds if kind.is_timestamp() or kind.is_date()]
    if rows.get_backend().name != "postgres" or not names:
        return ()
    return (f"{', '.join(names)}: infinity, where PostgreSQL has it, is empty in the result",)
