"""The five tables: one function for each, and the one story that they share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ibis

from retention_kit import schema
from retention_kit.errors import ConfigError
from retention_kit.load import combine, dataset, samples
from retention_kit.load.clean import finish
from retention_kit.load.dataset import Dataset
from retention_kit.load.engine import readable
from retention_kit.load.identities import as_identities
from retention_kit.load.opened import judged, opened
from retention_kit.load.parts import Part, parts_of
from retention_kit.load.sources import local_engine, name_of
from retention_kit.load.zones import given_zone

__all__ = ["load_table"]


def load_table(
    table: str,
    source,
    *,
    columns=None,
    preset: str | None = "auto",
    timezone: str | None = None,
    currency: str | None = None,
    connection: ibis.BaseBackend | None = None,
    as_of: str | date | None = None,
    rates=None,
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    query: str | None = None,
    keep=None,
    identities=None,
    unit: str | None = None,
    ends: str | None = None,
) -> Dataset:
    """Open a source, find the columns, apply the rules; several sources are read one by one and combined."""
    options = {name: value for name, value in locals().items() if name not in ("table", "source")}
    options["identities"] = as_identities(identities)
    if isinstance(source, Dataset):
        _refuse_unread(options, "a Dataset has been read already")
        return source
    if isinstance(source, str) and source in samples.NAMES:
        _refuse_unread(options, f"{source} is a sample")
        return samples.table(source, table)
    with readable(name_of(source)):
        if isinstance(source, str | Path) and dataset.is_saved(Path(source), table):
            _refuse_unread(options, f"{source} was saved after it was read")
            return dataset.restore(Path(source), table, local_engine(connection))
        parts = parts_of(source, table, options) or [Part(where=source)]
        if len(parts) > 1:
            return combine.load(schema.TABLES[table], source, parts, options)
        (only,) = parts
        if only.where is not source and not isinstance(source, str | Path):
            return load_table(table, only.where, **{**options, **only.options})
        return _single(table, only.where, options)


def _refuse_unread(options, why: str) -> None:
    """Raise where rows are to be kept or accounts merged, which is done while a source is read."""
    given = [name for name in ("keep", "identities") if options[name] is not None]
    if given:
        raise ConfigError(f"{' and '.join(given)} cannot be applied: {why}; name the source itself")


def _single(table: str, source, options) -> Dataset:
    """One source by itself."""
    found = opened(schema.TABLES[table], source, options)
    zone = given_zone(options["timezone"]) or found.zone
    return finish(judged(found, zone or "UTC", options, known=zone is not None))
