"""The five tables: one function for each, and the one story that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import pandas as pd

from retention_kit import schema
from retention_kit.errors import ConfigError
from retention_kit.load import dataset, samples
from retention_kit.load.clean import clean
from retention_kit.load.convert import Hints
from retention_kit.load.dataset import Dataset
from retention_kit.load.engine import readable
from retention_kit.load.files import Layout
from retention_kit.load.mapping import Match, match
from retention_kit.load.presets import choose
from retention_kit.load.questions import resolved
from retention_kit.load.raw import Raw
from retention_kit.load.sources import local_engine, name_of, open_source
from retention_kit.load.vendor import prepare
from retention_kit.load.zones import check_zone, named_zone

__all__ = ["load_table"]


def load_table(
    table: str,
    source,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    as_of: str | date | None = None,
    rates: pd.DataFrame | None = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    query: str | None = None,
) -> Dataset:
    """Open a source, find the columns, apply the rules."""
    if isinstance(source, Dataset):
        return source
    if isinstance(source, str) and source in samples.NAMES:
        return samples.table(source, table)
    with readable(name_of(source)):
        if isinstance(source, str | Path) and dataset.is_saved(Path(source), table):
            return dataset.restore(Path(source), table, local_engine(connection))
        layout = Layout(encoding, sheet=sheet)
        raw = open_source(source, connection, query, layout)
        choice = choose(preset, table, raw.headers)
        vendor = choice.preset
        if vendor is not None and vendor.header_rows > 1:
            raw = open_source(source, connection, query, replace(layout, header_rows=vendor.header_rows))
        if vendor is not None:
            choice = replace(choice, preset=resolved(vendor, raw))
        prepared = prepare(choice, raw, schema.TABLES[table], columns)
        found = replace(match(prepared.table, raw.headers, prepared.columns), labels=prepared.labels)
        unclear = False if vendor is not None and vendor.month_first else None
        own = None if timezone in (None, "") else check_zone(timezone)
        zone = own or _only_zone(schema.TABLES[table], found, prepared.raw)
        hints = Hints(zone or "UTC", zone is not None, decimal, day_first, unclear)
        engine = _engine(prepared.raw.table)
        return clean(prepared, found, hints, engine=engine, as_of=_day(as_of), currency=currency, rates=rates)


def _only_zone(table: schema.Table, found: Match, raw: Raw) -> str | None:
    """The time zone of the moments, if the source names exactly one."""
    moments = [c.name for c in table.columns if c.type in ("timestamp", "date")]
    zones = {raw.zones[found.headers[name]] for name in moments if found.headers.get(name) in raw.zones}
    return named_zone(*zones) if len(zones) == 1 else None


def _engine(table) -> str:
    """The name of the engine that will run a table's query."""
    return table.get_backend().name


def _day(as_of: str | date | None) -> date | None:
    """`as_of` as a date."""
    try:
        return None if as_of is None else pd.Timestamp(as_of).date()
    except (ValueError, TypeError) as fault:
        raise ConfigError(f"as_of must be a day such as '2024-05-31', came {as_of!r}") from fault
