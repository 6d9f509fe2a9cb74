"""Text to timestamps in the business time zone: the many ways in which exports write a moment.

Each way is one shape. A column is first asked which shapes it holds; only those are then looked for. A date such as
3/4/2024 can be read in two ways: the other dates of its column decide; where they do not, the user is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from retention_kit.errors import DataError
from retention_kit.load.calendar import as_iso, month_number
from retention_kit.load.reading import Fault, Reader, Row, nothing
from retention_kit.load.zones import is_instant, local

__all__ = ["MomentReader", "TextMomentReader"]

_TIME = "(?:[T ,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:[.][0-9]+)?))? ?([AaPp])?(?:[.]?[Mm][.]?)?)?"
_ZONE = " ?(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{0,2})?(?: UTC)?$"
_REST = _TIME + _ZONE
_DMY = f"^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}|[0-9]{{2}}){_REST}"
_SHAPES = {
    "ymd": (f"^([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?{_REST}", (1, 2, 3)),
    "compact": (f"^((?:19|20)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_REST}", (1, 2, 3)),
    "day_name": (
        f"^(?:[A-Za-z]{{3,9}},? )?([0-9]{{1,2}})[ -]([A-Za-z]{{3}})[a-z]*[.]?,?[ -]([0-9]{{4}}|[0-9]{{2}}){_REST}",
        (3, 2, 1),
    ),
    "name_day": (f"^(?:[A-Za-z]{{3,9}}, )?([A-Za-z]{{3}})[a-z]*[.]? ([0-9]{{1,2}}),? ([0-9]{{4}}){_REST}", (3, 1, 2)),
    "dmy": (_DMY, (3, 2, 1)),
}
_NAMED = ("day_name", "name_day")
_SERIAL = "^[2-7][0-9]{4}([.][0-9]+)?$"
_OFFSET = "[0-9]:[0-9]{2}.*(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{0,2})$"
_AHEAD = "[0-9]:[0-9]{2}.*[+-][0-9]{2}:?[0-9]{0,2}$"
_CLOCK = "[0-9]:[0-9]{2}"
_EPOCH = "^[0-9]{10}([0-9]{3})?$"
_MIXED = "mixed"


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
            return self if self.days else replace(self, assumptions=(_as_local(self.name, self.timezone),))
        note = f"{self.name}: moments with an offset are shown in {self.timezone}"
        return replace(self, aware=True, assumptions=(note,), doubtful=self.zone != "UTC")

    def value(self, row: Row) -> ir.Value:
        """The moment on a clock of the business time zone."""
        cell = local(row["cell"], self.timezone, self.engine) if self.aware else row["cell"]
        return cell.cast("timestamp").cast(self.type)


@dataclass(frozen=True)
class TextMomentReader(Reader):
    """Reads a column of moments written as text or numbers."""

    timezone: str = "UTC"
    engine: str = "duckdb"
    type: str = "timestamp"
    day_first: bool | str | None = None
    shapes: tuple[str, ...] = ()
    counts: bool = False
    offsets: bool = False
    unclear: bool | None = None
    utc: bool = False

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value, trimmed; the Chinese words for am and pm go behind the hour."""
        cell = super().cell(column)
        return cell.re_replace("上午 ?([0-9:]+)", "\\1 AM").re_replace("下午 ?([0-9:]+)", "\\1 PM")

    def evidence(self, cell: ir.StringValue) -> dict[str, ir.IntegerScalar]:
        """How many cells have each shape, and what tells the day from the month."""
        first, second = (cell.re_extract(_DMY, i).nullif("").cast("int64") for i in (1, 2))
        shapes = {name: cell.re_search(pattern).sum() for name, (pattern, _) in _SHAPES.items()}
        return shapes | {
            "serial": cell.re_search(_SERIAL).sum(),
            "epoch": cell.re_search(_EPOCH).sum(),
            "day_first": ((first > 12) | cell.re_search("^[0-9]+[.][0-9]+[.]")).sum(),
            "month_first": (second > 12).sum(),
            "offsets": cell.re_search(_OFFSET).sum(),
            "ahead": (cell.re_search(_AHEAD) & ~cell.re_search("[+-]00:?0{0,2}$")).sum(),
            "times": cell.re_search(_CLOCK).sum(),
        }

    def settle(self, seen: Mapping[str, int]) -> TextMomentReader:
        """Know the shapes, and whether the day or the month comes first."""
        shapes = tuple(name for name in _SHAPES if seen[name])
        known, notes = self._order(seen) if seen["dmy"] else (self.day_first, ())
        if seen["serial"]:
            notes += (f"{self.name}: five-digit numbers are Excel's days since 1899-12-30",)
        if seen["offsets"] or self.utc:
            notes += (f"{self.name}: moments with an offset are shown in {self.timezone}",)
        if seen["times"] > seen["offsets"] and not self.utc:
            notes += (_as_local(self.name, self.timezone),)
        if seen["epoch"]:
            notes += (f"{self.name}: ten or thirteen digits are seconds or milliseconds since 1970, UTC",)
        counts = bool(seen["serial"] or seen["epoch"])
        offsets = bool(seen["offsets"])
        doubtful = bool(seen["ahead"]) and not self.utc
        return replace(
            self, day_first=known, shapes=shapes, counts=counts, offsets=offsets, assumptions=notes, doubtful=doubtful
        )

    def _order(self, seen: Mapping[str, int]) -> tuple[bool | str, tuple[str, ...]]:
        """Whether the day comes first, and a sentence on it."""
        known = self.day_first
        if known is None and not seen["day_first"] and not seen["month_first"] and self.unclear is not None:
            known = self.unclear
        if known is None and not seen["day_first"] and not seen["month_first"]:
            raise DataError(
                f"{self.name}: every date looks like 3/4/2024, which may be 3 April or 4 March; "
                "pass day_first=True or day_first=False"
            )
        if known is None and seen["day_first"] and seen["month_first"]:
            return _MIXED, (f"{self.name}: day-first and month-first dates are mixed, each read as written",)
        known = bool(seen["day_first"]) if known is None else known
        return known, (f"{self.name}: the {'day' if known else 'month'} is first",)

    def parts(self, cell: ir.StringValue) -> dict[str, ir.Value]:
        """Year, month, day, hour … as they are written."""
        if not self.shapes:
            return {}
        names = ("year", "month", "day", "hour", "minute", "second", "half", "zone")
        found = {name: [] for name in names}
        for shape in self.shapes:
            pattern, order = _SHAPES[shape]
            if shape == "dmy" and self.day_first is False:
                order = (3, 1, 2)
            for name, group in zip(names, (*order, 4, 5, 6, 7, 8), strict=True):
                part = cell.re_extract(pattern, group).nullif("")
                found[name].append(month_number(part) if name == "month" and shape in _NAMED else part)
        return {name: ibis.coalesce(nothing(), *parts) for name, parts in found.items()}

    def value(self, row: Row) -> ir.Value:
        """The moment on a clock of the business time zone; null where it cannot be read."""
        value = self._written(row) if self.shapes else ibis.null("timestamp")
        if self.counts:
            value = value.fill_null(_serial(row["cell"])).fill_null(
                local(_epoch(row["cell"]), self.timezone, self.engine)
            )
        return value.cast(self.type)

    def _written(self, row: Row) -> ir.TimestampValue:
        """What is written as a date, moved to the business time zone where an offset is written too."""
        month, day = row["month"], row["day"]
        if self.day_first == _MIXED:
            swap = (month.cast("int64") > 12) & row["cell"].re_search(_DMY)
            month, day = ibis.ifelse(swap, day, month), ibis.ifelse(swap, month, day)
        naive = as_iso(row, month, day).cast("timestamp")
        zone = row["zone"]
        if self.utc:
            return local(naive - _ahead(zone).fill_null(0).as_interval("m"), self.timezone, self.engine)
        if not self.offsets:
            return naive
        utc = naive - _ahead(zone).as_interval("m")
        return ibis.ifelse(zone.isnull(), naive, local(utc, self.timezone, self.engine))

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """A date that is there and cannot be read, or that could be two dates."""
        lost = row["cell"].notnull() & row["value"].isnull()
        plain = Fault(f"unreadable_{self.name}", self.name, lost, "{header} must be a date that exists, came {value}")
        if self.day_first != _MIXED:
            return (plain,)
        first, second = (row["cell"].re_extract(_DMY, i).nullif("").cast("int64") for i in (1, 2))
        doubtful = (first <= 12) & (second <= 12) & (first != second)
        reason = "{header} {value} may be day or month first; pass day_first=True or day_first=False"
        return Fault(f"ambiguous_{self.name}", self.name, doubtful, reason), plain


def _as_local(name: str, zone: str) -> str:
    return f"{name}: times without an offset are taken as local, {zone}"


def _ahead(zone: ir.StringValue) -> ir.IntegerValue:
    """Minutes ahead of UTC."""
    hours = zone.re_extract("^[+-]([0-9]{2})", 1).nullif("").cast("int64").fill_null(0)
    minutes = zone.re_extract("^[+-][0-9]{2}:?([0-9]{2})$", 1).nullif("").cast("int64").fill_null(0)
    return ibis.ifelse(zone.startswith("-"), -1, 1) * (hours * 60 + minutes)


def _serial(cell: ir.StringValue) -> ir.TimestampValue:
    """Excel's days since 1899-12-30, to the second.

    Of half a second engines make two things (2.5 is 3 in DuckDB and Spark, 2 in PostgreSQL); it is rounded before the
    cast, which rounds in DuckDB and PostgreSQL and cuts in Spark.
    """
    days = ibis.ifelse(cell.re_search(_SERIAL), cell, nothing()).cast("float64") - 25569
    return _since_1970((days * 86400).round().cast("int64"))


def _epoch(cell: ir.StringValue) -> ir.TimestampValue:
    """Seconds or milliseconds since 1970."""
    return _since_1970(ibis.ifelse(cell.re_search(_EPOCH), cell, nothing()).substr(0, 10).cast("int64"))


def _since_1970(seconds: ir.IntegerValue) -> ir.TimestampValue:
    """Days and seconds are added apart: an interval of seconds alone is too short a number in some engines."""
    days, rest = (seconds // 86400).cast("int32"), (seconds % 86400).cast("int32")
    return ibis.timestamp("1970-01-01 00:00:00") + days.as_interval("D") + rest.as_interval("s")
