"""Text to timestamps in the business time zone: the many ways in which exports write a moment.

Each way is one shape. A column is first asked which shapes it holds; only those are then looked for. A date such as
3/4/2024 can be read in two ways: the other dates of its column decide; where they do not, the user is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit.errors import DataError
from retention_kit.load.sources.raw_table import DAYS_FROM_1900
from retention_kit.load.values.moments.calendar import as_iso, month_number
from retention_kit.load.values.moments.month_names import languages_of, months_of
from retention_kit.load.values.moments.spellings import (
    AFTER_CLOCK,
    BARE_HALVES,
    COLON,
    DMY,
    FOLLOWED,
    LETTERS,
    NAMED,
    NO_ZONES,
    ODD,
    REPUBLIC,
    REPUBLIC_BEGINS,
    SHAPES,
    TWELVE,
    in_ascii,
    month_of,
)
from retention_kit.load.values.moments.typed import ENDLESS, as_local
from retention_kit.load.values.moments.zone_names import Zones, zones_of
from retention_kit.load.values.moments.zones import local, moved
from retention_kit.load.values.reader import Fault, Reader, Row, Stage, nothing

# Excel's days: 20000 to 79999, from 1954 to 2119
_SERIAL = "^[2-7][0-9]{4}([.][0-9]+)?$"
_HOUR = f"[0-9]{COLON}[0-9]{{2}}"
# seconds or milliseconds since 1970, between 2001 and 2286
_EPOCH = "^[0-9]{10}([0-9]{3})?$"
_MIXED = "mixed"


@dataclass(frozen=True)
class TextMomentReader(Reader):
    """Reads a column of moments written as text or numbers; `zone` is that of moments that name none."""

    timezone: str = "UTC"
    engine: str = "duckdb"
    type: str = "timestamp"
    day_first: bool | str | None = None
    shapes: tuple[str, ...] = ()
    counts: bool = False
    zones: Zones | None = None
    bare_halves: bool = False
    twelve: bool = True
    months: Mapping[str, int] = field(default_factory=dict)
    unclear: bool | None = None
    utc: bool = False
    zone: str | None = None
    days_to_1970: int = DAYS_FROM_1900

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value, trimmed, with signs outside of ASCII translated."""
        cell = super().cell(column)
        if self.name in ENDLESS:
            cell = ibis.ifelse(cell.isin(("infinity", "Infinity", "INFINITY")), nothing(), cell)
        return ibis.ifelse(cell.re_search(ODD), in_ascii(cell, self.engine), cell)

    def stages(self) -> tuple[Stage, ...]:
        """The shape of each cell, then the columns that only cells of that shape need."""
        return self._shaped, self._cut

    def _shaped(self, row: Row) -> dict[str, ir.Value]:
        cell = row["cell"]
        letters = ibis.ifelse(cell.re_search(LETTERS), cell, nothing())
        of_three = ibis.ifelse(cell.substr(3, 1).isin(("-", "/", ".")), cell, nothing())
        able = {**dict.fromkeys(NAMED, letters), REPUBLIC: of_three}
        return {name: able.get(name, cell).re_search(pattern) for name, (pattern, _) in SHAPES.items()} | {
            "followed": ibis.ifelse(cell.re_search(FOLLOWED), cell, nothing())
        }

    def _cut(self, row: Row) -> dict[str, ir.Value]:
        month_names = [ibis.ifelse(row[name], row["cell"].re_extract(*month_of(name)), nothing()) for name in NAMED]
        return {
            "word": ibis.coalesce(*month_names),
            "two_ways": ibis.ifelse(row["dmy"], row["cell"], nothing()),
            "behind": row["followed"].re_extract(AFTER_CLOCK, 1).nullif(""),
        }

    def evidence(self, row: Row) -> dict[str, ir.Scalar]:
        """How many cells have each shape, evidence for day or month first, and the words for months and zones."""
        cell, dmy, zone = row["cell"], row["two_ways"], row["behind"]
        first, second = (dmy.re_extract(DMY, i).nullif("").cast("int64") for i in (1, 2))
        zone = ibis.ifelse(zone.lower().isin(NO_ZONES), nothing(), zone)
        return {name: row[name].sum() for name in SHAPES} | {
            "words": row["word"].collect(distinct=True),
            "serial": cell.re_search(_SERIAL).sum(),
            "epoch": cell.re_search(_EPOCH).sum(),
            "day_first": ((first > 12) | dmy.re_search("^[0-9]+[.][0-9]+[.]")).sum(),
            "month_first": (second > 12).sum(),
            "twelve": row["followed"].re_search(TWELVE).sum(),
            "zones": zone.collect(distinct=True),
            "offsets": (~zone.lower().isin(BARE_HALVES)).sum(),
            "times": cell.re_search(_HOUR).sum(),
        }

    def settle(self, seen: Mapping[str, Any]) -> TextMomentReader:
        """Decide on the shapes, the names of months and zones, and whether the day or the month comes first."""
        shapes = tuple(name for name in SHAPES if seen[name])
        if shapes != (REPUBLIC,):  # beside other dates a year of three digits is a slip
            shapes = tuple(name for name in shapes if name != REPUBLIC)
        day_first, notes = self._order(seen) if seen["dmy"] else (self.day_first, ())
        written = tuple(seen["zones"] or ())
        zones = zones_of((zone for zone in written if zone.lower() not in BARE_HALVES), self.timezone)
        month_words = tuple(seen["words"] or ())
        months = months_of(month_words)
        if shapes == (REPUBLIC,):
            notes += (f"{self.name}: years of three digits are counted from 1911, as in Taiwan: 114 is 2025",)
        if months and "English" not in (languages := languages_of(months)):
            notes += (f"{self.name}: names of months are {' or '.join(languages) or 'of several languages'}",)
        if seen["serial"]:
            notes += (f"{self.name}: five-digit numbers are Excel's days since {_first_day(self.days_to_1970)}",)
        if zones.minutes or zones.names or self.utc:
            notes += (f"{self.name}: moments with an offset are shown in {self.timezone}",)
        if seen["times"] > seen["offsets"] and not self.utc:
            elsewhere = f"{self.name}: times without an offset are those of {self.zone}, shown in {self.timezone}"
            notes += (elsewhere if self.zone else as_local(self.name, self.timezone),)
        if seen["epoch"]:
            notes += (f"{self.name}: ten or thirteen digits are seconds or milliseconds since 1970, UTC",)
        return replace(
            self,
            day_first=day_first,
            shapes=shapes,
            counts=bool(seen["serial"] or seen["epoch"]),
            zones=zones if written else None,
            twelve=bool(seen["twelve"]),
            bare_halves=any(zone.lower() in BARE_HALVES for zone in written),
            months=months,
            assumptions=notes,
            doubtful=zones.ahead and not self.utc,
        )

    def _order(self, seen: Mapping[str, int]) -> tuple[bool | str, tuple[str, ...]]:
        """Whether the day comes first, and a sentence on it."""
        day_first = self.day_first
        if day_first is None and not seen["day_first"] and not seen["month_first"] and self.unclear is not None:
            day_first = self.unclear
        if day_first is None and not seen["day_first"] and not seen["month_first"]:
            raise DataError(
                f"{self.name}: every date looks like 3/4/2024, which may be 3 April or 4 March; "
                "pass day_first=True or day_first=False"
            )
        if day_first is None and seen["day_first"] and seen["month_first"]:
            return _MIXED, (f"{self.name}: day-first and month-first dates are mixed, each read as written",)
        day_first = bool(seen["day_first"]) if day_first is None else day_first
        return day_first, (f"{self.name}: the {'day' if day_first else 'month'} is first",)

    def parts(self, row: Row) -> dict[str, ir.Value]:
        """Year, month, day, hour … as they are written."""
        if not self.shapes:
            return {}
        names = ("year", "month", "day", "hour", "minute", "second", "half", "zone")
        pieces: dict[str, list[ir.Value]] = {name: [] for name in names}
        for shape in self.shapes:
            pattern, order = SHAPES[shape]
            if shape == "dmy" and self.day_first is False:
                order = (3, 1, 2)
            for name, group in zip(names, (*order, 4, 5, 6, 7, 8), strict=True):
                piece = row["cell"].re_extract(pattern, group).nullif("")
                if name == "month" and shape in NAMED:
                    piece = month_number(piece, self.months)
                if name == "year" and shape == REPUBLIC:
                    piece = (piece.cast("int64") + REPUBLIC_BEGINS).cast("string")
                pieces[name].append(piece)
        parts = {name: ibis.coalesce(nothing(), *parts) for name, parts in pieces.items()}
        if self.bare_halves:
            bare = parts["zone"].lower().isin(BARE_HALVES)
            parts["half"] = parts["half"].fill_null(ibis.ifelse(bare, parts["zone"], nothing()))
            parts["zone"] = ibis.ifelse(bare, nothing(), parts["zone"])
        return parts

    def value(self, row: Row) -> ir.Value:
        """The moment in the business time zone; null where it cannot be read."""
        value = self._written(row) if self.shapes else ibis.null("timestamp")
        if self.counts:
            value = value.fill_null(_serial(row["cell"], self.days_to_1970)).fill_null(
                local(_epoch(row["cell"]), self.timezone, self.engine)
            )
        return value.cast(self.type)

    def _written(self, row: Row) -> ir.TimestampValue:
        """What is written as a date, moved to the business time zone where a zone is written too."""
        month, day = row["month"], row["day"]
        if self.day_first == _MIXED:
            swap = (month.cast("int64") > 12) & row["cell"].re_search(DMY)
            month, day = ibis.ifelse(swap, day, month), ibis.ifelse(swap, month, day)
        naive = as_iso(row, month, day, twelve=self.twelve).cast("timestamp")
        without = local(naive, self.timezone, self.engine) if self.utc else naive
        if self.zone not in (None, self.timezone):
            without = moved(naive, self.zone, self.timezone, self.engine)
        if self.zones is None:
            return without
        zone = row["zone"]
        unknown = (ibis.literal(False), ibis.null("int64"))
        ahead = ibis.cases(unknown, *((zone == name, minutes) for name, minutes in self.zones.minutes.items()))
        spelled: dict[str, list[str]] = {}
        for name, zone_name in self.zones.names.items():
            spelled.setdefault(zone_name, []).append(name)
        elsewhere = (
            (zone.isin(names), moved(naive, zone_name, self.timezone, self.engine))
            for zone_name, names in spelled.items()
        )
        shifted = local(naive - ahead.as_interval("m"), self.timezone, self.engine)
        return ibis.cases((zone.isnull(), without), *elsewhere, else_=shifted)

    def faults(self, row: Row) -> tuple[Fault, ...]:
        """Cells that cannot be read as a date, or that could be two dates or in two time zones."""
        lost = row["cell"].notnull() & row["value"].isnull()
        faults = [
            Fault(f"unreadable_{self.name}", self.name, lost, "{header} must be a date that exists, came {value}")
        ]
        if self.zones is not None and self.zones.unclear:
            faults.insert(0, self._unclear_zone(row["zone"], self.zones.unclear))
        if self.day_first == _MIXED:
            first, second = (row["cell"].re_extract(DMY, i).nullif("").cast("int64") for i in (1, 2))
            doubtful = (first <= 12) & (second <= 12) & (first != second)
            reason = "{header} {value} may be day or month first; pass day_first=True or day_first=False"
            faults.insert(0, Fault(f"ambiguous_{self.name}", self.name, doubtful, reason))
        return tuple(faults)

    def _unclear_zone(self, zone: ir.StringValue, unclear: Mapping[str, str]) -> Fault:
        """An abbreviation that several countries use for zones of their own."""
        reason = (
            f"{{header}} {{value}} names a time zone that is that of {' and '.join(sorted(set(unclear.values())))}; "
            "pass timezone= of the business if it is one of them, or write the offset from UTC"
        )
        return Fault(f"unclear_zone_{self.name}", self.name, zone.isin(list(unclear)), reason)


def _first_day(days_to_1970: int) -> str:
    """The day from which a spreadsheet counts."""
    return str(dt.date(1970, 1, 1) - dt.timedelta(days=days_to_1970))


def _serial(cell: ir.StringValue, days_to_1970: int) -> ir.TimestampValue:
    """Excel's days since 1899-12-30, or since 1904-01-01, to the second.

    Engines round half a second differently (2.5 is 3 in DuckDB and Spark, 2 in PostgreSQL); the number is rounded
    before the cast, which rounds in DuckDB and PostgreSQL and truncates in Spark.
    """
    days = ibis.ifelse(cell.re_search(_SERIAL), cell, nothing()).cast("float64") - days_to_1970
    return _since_1970((days * 86400).round().cast("int64"))


def _epoch(cell: ir.StringValue) -> ir.TimestampValue:
    """Seconds or milliseconds since 1970."""
    return _since_1970(ibis.ifelse(cell.re_search(_EPOCH), cell, nothing()).substr(0, 10).cast("int64"))


def _since_1970(seconds: ir.IntegerValue) -> ir.TimestampValue:
    """Days and seconds are added separately, because an interval in seconds alone overflows in some engines."""
    days, rest = (seconds // 86400).cast("int32"), (seconds % 86400).cast("int32")
    return ibis.timestamp("1970-01-01 00:00:00") + days.as_interval("D") + rest.as_interval("s")
