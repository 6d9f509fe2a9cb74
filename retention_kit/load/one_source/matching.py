"""One source on its way to a table: opened with its columns found, then judged row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from retention_kit import schema
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.columns.mapping import Match, match
from retention_kit.load.columns.typed_columns import Hints
from retention_kit.load.files.kinds import Layout
from retention_kit.load.one_source.currencies import as_rates, code_of
from retention_kit.load.one_source.judging import Judged, judge
from retention_kit.load.one_source.keep import kept_only
from retention_kit.load.one_source.opening import copied, open_source
from retention_kit.load.presets.applying import Prepared, prepare
from retention_kit.load.presets.choosing import Choice, Preset, choose
from retention_kit.load.presets.questions import resolved
from retention_kit.load.sources.raw_table import ID, Raw
from retention_kit.load.values.minor_units import check_unit
from retention_kit.load.values.moments.ends import check_ends
from retention_kit.load.values.moments.zones import named_zone


@dataclass(frozen=True)
class Opened:
    """A source whose columns are known; `zone` is the time zone of its moments where the source itself names one."""

    prepared: Prepared
    match: Match
    vendor: Preset | None
    zone: str | None


def opened(table: schema.Table, source: Any, options: Mapping[str, Any], *, beside_others: bool = False) -> Opened:
    """Open a source and find its columns.

    Beside other sources its rows are copied into the local engine and numbered, and a preset reads the columns that it
    names for that.
    """
    check_unit(options["unit"], table.name)
    check_ends(options["ends"], table.name)
    layout = Layout(options["encoding"], sheet=options["sheet"])
    connection, query = options["connection"], options["query"]
    raw = open_source(source, connection, query, layout)
    choice = choose(options["preset"], table.name, raw.headers)
    vendor = choice.preset
    if vendor is not None and vendor.header_rows > 1:
        raw = open_source(source, connection, query, replace(layout, header_rows=vendor.header_rows))
    vendor = None if vendor is None else resolved(vendor, raw)
    if beside_others:
        raw = copied(raw, connection)
        vendor = None if vendor is None else replace(vendor, columns={**vendor.columns, **vendor.beside_others})
    prepared = prepare(replace(choice, preset=vendor), raw, table, options["columns"])
    prepared = kept_only(prepared, options.get("keep"))
    if beside_others:
        rows = prepared.raw
        prepared = replace(prepared, raw=replace(rows, table=rows.table.mutate(**{ID: rows.row_ids()})))
    columns = _matched(prepared, raw, choice)
    columns = replace(columns, labels=prepared.labels, overridden={**columns.overridden, **prepared.overridden})
    return Opened(prepared, columns, vendor, prepared.home or _only_zone(table, columns, prepared.raw))


def _matched(prepared: Prepared, raw: Raw, choice: Choice) -> Match:
    """The columns by header; if some are missing, the error also names the presets that nearly fit."""
    try:
        return match(prepared.table, raw.headers, prepared.columns)
    except DataError as fault:
        if choice.preset is not None or not choice.warnings:
            raise
        raise DataError(f"{fault}. {'. '.join(note.text for note in choice.warnings)}") from fault


def judged(
    source: Opened, zone: str, options: Mapping[str, Any], *, zone_known: bool, business: str | None = None
) -> Judged:
    """Read every row of a source by its rules."""
    unclear = False if source.vendor is not None and source.vendor.month_first else None
    hints = Hints(
        zone,
        zone_known,
        options["decimal"],
        options["day_first"],
        unclear,
        business,
        currency=code_of(options["currency"]),
        unit=options["unit"],
        ends=options["ends"],
    )
    return judge(
        source.prepared,
        source.match,
        hints,
        engine=source.prepared.raw.table.get_backend().name,
        as_of=_day(options["as_of"]),
        currency=options["currency"],
        rates=as_rates(options["rates"]),
        identities=options.get("identities"),
    )


def _only_zone(table: schema.Table, columns: Match, raw: Raw) -> str | None:
    """The time zone of the moments, if the source names exactly one."""
    moments = [c.name for c in table.columns if c.type in ("timestamp", "date")]
    zones = {raw.zones[columns.headers[name]] for name in moments if columns.headers.get(name) in raw.zones}
    return named_zone(*zones) if len(zones) == 1 else None


def _day(as_of: str | date | None) -> date | None:
    """`as_of` as a date."""
    try:
        return None if as_of is None else pd.Timestamp(as_of).date()
    except (ValueError, TypeError) as fault:
        raise ConfigError(f"as_of must be a day such as '2024-05-31', came {as_of!r}") from fault
