"""Instants as local times of the business."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))  # type: ignore[untyped-decorator]
def _wall_clock(zone: Any, moment: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(zone: Any, wall_clock: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="from_utc_timestamp", signature=(("timestamp", "string"), "timestamp"))  # type: ignore[untyped-decorator]
def _from_utc(moment: Any, zone: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="to_utc_timestamp", signature=(("timestamp", "string"), "timestamp"))  # type: ignore[untyped-decorator]
def _to_utc(wall_clock: Any, zone: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="typeof", signature=(("timestamp",), "string"))  # type: ignore[untyped-decorator]
def _type_name(moment: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="current_timezone", signature=((), "string"))  # type: ignore[untyped-decorator]
def _session_zone() -> Any: ...


@ibis.udf.scalar.builtin(name="isfinite", signature=(("timestamp",), "boolean"))  # type: ignore[untyped-decorator]
def _finite_clock(moment: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="isfinite", signature=(("timestamp('UTC')",), "boolean"))  # type: ignore[untyped-decorator]
def _finite_instant(moment: Any) -> Any: ...


@ibis.udf.scalar.builtin(name="isfinite", signature=(("date",), "boolean"))  # type: ignore[untyped-decorator]
def _finite_day(day: Any) -> Any: ...


def check_zone(zone: str) -> str:
    """The name of a time zone, if there is one of that name."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError) as fault:
        raise ConfigError(f"timezone must be a name such as 'Europe/Warsaw', came {zone!r}") from fault
    return zone


def given_zone(zone: str | None) -> str | None:
    """The name of a time zone that the user passed; None where it was left empty.

    Examples
    --------
    >>> given_zone("Asia/Taipei"), given_zone(""), given_zone(None)
    ('Asia/Taipei', None, None)
    """
    return None if zone is None or zone == "" else check_zone(zone)


def named_zone(zone: str) -> str | None:
    """The zone of a column under a name that every engine knows; None where it has none.

    Examples
    --------
    >>> named_zone("Asia/Taipei"), named_zone("+08:00"), named_zone("-03:00"), named_zone("+00:00")
    ('Asia/Taipei', 'Etc/GMT-8', 'Etc/GMT+3', 'UTC')
    >>> named_zone("+05:30") is None
    True
    """
    fixed = re.fullmatch("([+-])([0-9]{2}):?00", zone)
    if fixed:
        hours = int(fixed[2])
        zone = f"Etc/GMT{'-' if fixed[1] == '+' else '+'}{hours}" if hours else "UTC"  # POSIX counts westwards
    try:
        return check_zone(zone)
    except ConfigError:
        return None


def is_instant(moment: ir.TimestampValue) -> ir.BooleanValue:
    """Whether Spark holds a moment as an instant, rather than as the time that a local clock showed.

    Spark calls the first `timestamp` and the second `timestamp_ntz`; Ibis shows both as one type.
    """
    return _type_name(moment) == "timestamp"


def session_zone() -> ir.StringValue:
    """The time zone in which a Spark session shows instants."""
    return _session_zone()


def local(moment: ir.TimestampValue, zone: str, engine: str) -> ir.TimestampValue:
    """A moment (with an offset, or naive in UTC) as the time on a clock in `zone`."""
    aware = moment.type().timezone is not None
    if zone == "UTC" and not aware:
        return moment
    if engine in ("duckdb", "postgres"):
        return _wall_clock(zone, moment if aware else _instant("UTC", moment))
    if engine == "pyspark":
        return _from_utc(moment, zone)
    raise ConfigError(f"moments with an offset cannot be moved to {zone} in {engine}; load from a file or use DuckDB")


def is_finite(moment: ir.Value, engine: str) -> ir.BooleanValue:
    """Whether a moment ever comes: PostgreSQL and DuckDB also hold infinity and -infinity, as moments and as days."""
    if engine not in ("duckdb", "postgres"):
        return moment.notnull()
    if moment.type().is_date():
        return _finite_day(moment)
    return _finite_instant(moment) if moment.type().timezone is not None else _finite_clock(moment)


def of_utc(moment: ir.TimestampValue) -> ir.TimestampValue:
    """A naive moment in UTC as an instant, whatever the time zone of the session is."""
    return _instant("UTC", moment.cast("timestamp(6)"))


def moved(wall_clock: ir.TimestampValue, zone: str, to: str, engine: str) -> ir.TimestampValue:
    """What a clock in `to` shows when one in `zone` shows `wall_clock`."""
    if engine == "pyspark":
        return _from_utc(_to_utc(wall_clock, zone), to)
    return _wall_clock(to, _instant(zone, wall_clock))
