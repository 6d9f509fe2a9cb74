"""Several sources for one table: splits what was given into sources of one layout each."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_kit.errors import ConfigError, DataError
from retention_kit.load.files import kinds
from retention_kit.load.files.groups import Group, groups
from retention_kit.load.presets.choosing import all_presets, choose, pick
from retention_kit.load.sources import database
from retention_kit.load.sources.lake_tables import is_lake_table, name_of_table


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of several sources, with the options that are its own.

    Parameters
    ----------
    where : path, URL, DataFrame, Ibis table or Dataset
        As the `source` of `load.orders`; one source, not a list.
    name : str, optional
        Its value in the column `source`; otherwise the preset or the name of the file.
    timezone : str, optional
        Time zone of the moments of this source that are written without an offset. They are moved to the business time
        zone, the `timezone` of the call.
    currency : str, optional
        Currency of its amounts, where the source does not say it.
    rates : DataFrame or path, optional
        Exchange rates for this source alone.
    columns, preset, connection, keep, identities, unit, ends, decimal, day_first, encoding, sheet, query : optional
        As in `load.orders`. What is not given is as for the call itself; ``preset="none"`` reads without a preset.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import load
    >>> log = pd.DataFrame({"customer": ["ann"], "date": ["2024-05-01"], "total": ["10"]})
    >>> shop, till = load.Part(where=log, name="shop"), load.Part(where=log.assign(customer="ben"), name="till")
    >>> load.orders([shop, till]).to_pandas()[["customer_id", "source"]].values.tolist()
    [['ann', 'shop'], ['ben', 'till']]
    """

    where: Any
    name: str | None = None
    columns: Mapping[str, str] | None = None
    preset: str | None = None
    timezone: str | None = None
    currency: str | None = None
    connection: Any = None
    rates: Any = None
    keep: Any = None
    identities: Any = None
    unit: str | None = None
    decimal: str | None = None
    day_first: bool | None = None
    encoding: str | None = None
    sheet: str | int | None = None
    query: str | None = None
    ends: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.where, list | tuple | Part):
            raise ConfigError("a part is one source: a path, a URL, a DataFrame or a table; put lists side by side")

    @property
    def options(self) -> dict[str, Any]:
        """The options of this part, which take precedence over those of the call."""
        given = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {name: value for name, value in given.items() if value is not None and name not in ("where", "name")}


def parts_of(source: Any, table: str, options: Mapping[str, Any]) -> list[Part] | None:
    """The sources behind a list, a folder or a pattern; None for a single source, which is read as it is."""
    if isinstance(source, list | tuple):
        if not source:
            raise ConfigError("a list of sources is empty; name at least one")
        given = [_as_part(item) for item in source]
    elif isinstance(source, Part | Mapping):
        given = [_as_part(source)]
    else:
        by_layout = _by_layout(source, table, options)
        return None if by_layout is None else [Part(where=group) for group in by_layout]
    foreign = sorted({name for part in given for name in part.options if name not in options})
    if foreign:
        raise ConfigError(f"a source cannot have {', '.join(foreign)} of its own")
    parts = [small for part in given for small in _split(part, table, {**options, **part.options})]
    return parts


def _as_part(item: Any) -> Part:
    """An item of a list as a part."""
    if isinstance(item, Part):
        return item
    if not isinstance(item, Mapping):
        return Part(where=item)
    known_keys = [field.name for field in dataclasses.fields(Part)]
    given = {"where" if key == "from" else key: value for key, value in item.items()}
    unknown = [str(key) for key in given if key not in known_keys]
    if unknown or "where" not in given:
        fault = f"unknown: {', '.join(unknown)}" if unknown else "where is missing"
        raise ConfigError(f"a part has the keys {', '.join(known_keys)}; {fault}")
    return Part(**given)


def _split(part: Part, table: str, options: Mapping[str, Any]) -> Iterable[Part]:
    """A part, or where it is a folder of several layouts one for each of them."""
    by_layout = _by_layout(part.where, table, options)
    return [part] if by_layout is None else [dataclasses.replace(part, where=group) for group in by_layout]


def _by_layout(source: Any, table: str, options: Mapping[str, Any]) -> list[Group] | None:
    """The files of a folder or a pattern by the export they are; None where all of them are one."""
    if options.get("preset") != "auto" or not isinstance(source, str | Path):
        return None
    if database.is_url(source) or is_lake_table(source):
        return None
    if options.get("connection") is not None and database.is_of_engine(source):
        return None
    path = Path(source)
    if not str(source).strip() or path.is_file() or not (path.is_dir() or any(sign in str(source) for sign in "*?[")):
        return None
    layout = kinds.Layout(options.get("encoding"), sheet=options.get("sheet"))
    all_groups = groups(source, layout, lambda headers: _export(table, headers))
    matching = [group for group in all_groups if not str(group.key).startswith("other ")]
    if len(all_groups) == 1 or not matching:
        return None
    left_out = [group for group in all_groups if group not in matching]
    others = [f"{path.name} ({str(group.key).removeprefix('other ')})" for group in left_out for path in group.paths]
    note = (f"not read, as exports of another kind: {', '.join(others)}",) if others else ()
    return [dataclasses.replace(group, notes=(*group.notes, *note)) for group in matching]


def _export(table: str, headers: tuple[str, ...]) -> str | None:
    """The preset that reads headers as a table; 'other …' where only presets for other tables do, or none can."""
    try:
        fitting = choose("auto", table, headers).preset
    except DataError as fault:  # an export that is known and cannot be used
        return f"other {fault}"
    if fitting is not None:
        return fitting.name
    others = [p for p in all_presets().values() if p.table != table and all(pick([h], headers) for h in p.signature)]
    return f"other {others[0].name}" if others else None


def labels(names: Sequence[tuple[str | None, str | None, str]]) -> list[str]:
    """The name of each part in the column `source`: its own name, its preset, or the name of the source.

    Examples
    --------
    >>> labels([(None, "shopify", "a/may.csv"), (None, "stripe", "b.csv"), (None, None, "old/log.csv")])
    ['shopify', 'stripe', 'log']
    >>> labels([("Poland", "shopify", "pl.csv"), (None, "shopify", "de.csv"), (None, "shopify", "at.csv")])
    ['Poland', 'de', 'at']
    """
    presets = [preset for own, preset, _ in names if preset and not own]
    chosen: list[str] = []
    for own, preset, name in names:
        stem = name_of_table(name) or os.path.basename(str(name).rstrip("/")).split(".")[0] or str(name)
        preferred = own or (preset if preset and presets.count(preset) == 1 else stem)
        number, label = 2, preferred
        while label in chosen:
            label, number = f"{preferred} {number}", number + 1
        chosen.append(label)
    return chosen
