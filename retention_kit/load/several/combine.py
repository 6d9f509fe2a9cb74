"""Several sources as one table: each read by its own rules, brought to one time zone and currency, and put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from retention_kit import schema
from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.load.dataset import Dataset, Note, is_saved, restore
from retention_kit.load.one_source import samples
from retention_kit.load.one_source.currencies import code_of
from retention_kit.load.one_source.judging import Judged, finish
from retention_kit.load.one_source.matching import Opened, judged, opened
from retention_kit.load.one_source.opening import local_engine, name_of
from retention_kit.load.several.addresses import known_by_address
from retention_kit.load.several.comparison import compared_rows
from retention_kit.load.several.parts import Part, labels
from retention_kit.load.several.together import together
from retention_kit.load.sources.engine import readable
from retention_kit.load.values.moments.zones import given_zone
from retention_kit.load.verdicts import refusals

_UNREAD = "unreadable_|ambiguous_|missing_|broken_line|before_1970|buddhist_year"
"""Rules that mean that a source was not understood, rather than that it holds nothing of use."""


def load(table: schema.Table, source: Any, parts: Sequence[Part], options: Mapping[str, Any]) -> Dataset:
    """Read every part and put the rows together, with a column `source`.

    Raises
    ------
    DataError
        What is wrong with any part, all faults at once; parts in several currencies without rates.
    ConfigError
        Parts in several time zones without a business time zone.
    """
    chosen = [{**options, **part.options} for part in parts]
    opened_sources = _of_each(parts, lambda part, own: _opened(table, part, own), chosen)
    names = labels(
        [
            (part.name, None if opened.vendor is None else opened.vendor.name, opened.prepared.raw.name)
            for part, opened in zip(parts, opened_sources, strict=True)
        ]
    )
    zone, zone_known = _business_zone(parts, options, opened_sources, names)
    rows = _of_each(
        list(zip(names, parts, opened_sources, strict=True)),
        lambda item, own: _judged(item[2], item[1], own, zone=zone, zone_known=zone_known, target=options["currency"]),
        chosen,
        name=lambda item: item[0],
    )
    empty = _without_rows(names, rows)
    currency, notes = _one_currency(names, rows, options["currency"])
    notes += empty
    said: tuple[str, ...] = ()
    if table.column("customer_id") is not None:
        rows = [known_by_address(part) for part in rows]
    if table.name == "orders":
        rows, doubts, said = compared_rows(names, rows, opened_sources)
        notes += doubts
    datasets = [finish(part, beside_others=True) for part in rows]
    return together(table, _name(source, names), names, datasets, zone, currency, notes, said)


def _of_each(
    items: Sequence[Any],
    work: Callable[[Any, Mapping[str, Any]], Any],
    chosen: Sequence[Mapping[str, Any]],
    name: Callable[[Any], str] = lambda part: name_of(part.where),
) -> list[Any]:
    """The result of `work` for each part; all faults are raised in one error, each with the name of its part."""
    results, faults = [], []
    for item, options in zip(items, chosen, strict=True):
        called = name(item)
        try:
            with readable(called):
                results.append(work(item, options))
        except DataError as fault:
            text = str(fault)
            faults.append(text if called in text else f"{called}: {text}")
    if faults:
        raise DataError(join_faults(faults))
    return results


def _opened(table: schema.Table, part: Part, options: Mapping[str, Any]) -> Opened:
    """One part with its columns found."""
    return opened(table, _plain(part.where, table.name, options), options, beside_others=True)


def _plain(source: Any, table: str, options: Mapping[str, Any]) -> Any:
    """A dataset that was loaded before, or a sample, as its table."""
    if isinstance(source, str) and source in samples.NAMES:
        source = samples.table(source, table)
    elif isinstance(source, str | Path) and is_saved(Path(source), table):
        source = restore(Path(source), table, local_engine(options["connection"]))
    return source.table if isinstance(source, Dataset) else source


def _name(source: Any, names: Sequence[str]) -> str:
    """One name for all sources together."""
    return str(source) if isinstance(source, str) or hasattr(source, "__fspath__") else ", ".join(names)


def _business_zone(
    parts: Sequence[Part], options: Mapping[str, Any], opened_sources: Sequence[Opened], names: Sequence[str]
) -> tuple[str, bool]:
    """The time zone of the result, and whether it is known rather than assumed."""
    business = given_zone(options["timezone"])
    if business is not None:
        return business, True
    zones_of_parts = {name: given_zone(part.timezone) for name, part in zip(names, parts, strict=True)}
    own = {name: part_zone for name, part_zone in zones_of_parts.items() if part_zone is not None}
    if len(set(own.values())) > 1:
        said = ", ".join(f"{zone} ({name})" for name, zone in own.items())
        raise ConfigError(f"sources are in several time zones, {said}; pass timezone= for that of the business")
    if own:
        return next(iter(own.values())), True
    zones = {source.zone for source in opened_sources if source.zone is not None}
    return (zones.pop(), True) if len(zones) == 1 else ("UTC", False)


def _judged(
    source: Opened, part: Part, options: Mapping[str, Any], *, zone: str, zone_known: bool, target: str | None
) -> Judged:
    """One part read by its rules, its moments in the business time zone, its amounts in the currency of the result."""
    own = given_zone(part.timezone) or zone
    says_currency = "currency" in source.match.headers or "currency" in source.match.constants
    given = dict(options)
    if target and part.currency and not says_currency:
        if options["rates"] is not None:
            constants = {**source.match.constants, "currency": str(code_of(part.currency))}
            source, says_currency = replace(source, match=replace(source.match, constants=constants)), True
    elif target:
        given["currency"] = target
    if target and says_currency and options["rates"] is not None:
        given["currency"] = target
    if not says_currency:
        given["rates"] = None
    return judged(source, own, given, zone_known=zone_known, business=zone)


def _one_currency(names: Sequence[str], parts: Sequence[Judged], target: str | None) -> tuple[str | None, list[Note]]:
    """The currency of the result."""
    codes = {name: source.money.currency for name, source in zip(names, parts, strict=True)}
    named = {code for code in codes.values() if code}
    target = code_of(target or None)
    possible = named | ({target} if target else set())
    if len(possible) > 1:
        said = ", ".join(f"{code} ({name})" for name, code in codes.items() if code)
        wish = f" and {target} is wanted" if target else ""
        raise DataError(
            f"amounts are in {said}{wish}; pass currency='…' and rates=<table of day, currency, rate>, "
            "or load the sources of one currency"
        )
    code = next(iter(possible), None)
    silent = [name for name, own in codes.items() if own is None]
    if code is None or not silent or parts[0].prepared.table.name not in ("orders", "subscriptions"):
        return code, []
    text = (
        f"{', '.join(silent)}: the source names no currency; its amounts are taken to be in {code}, as those beside it"
    )
    return code, [Note("assumed_currency", sum(_rows(parts[names.index(name)]) for name in silent), text)]


def _without_rows(names: Sequence[str], parts: Sequence[Judged]) -> list[Note]:
    """Parts whose rows are all refused by rules of their vendor, such as a month of payouts; any other reason is an
    error."""
    notes, faults = [], []
    for name, source in zip(names, parts, strict=True):
        if _rows(source):
            continue
        empty = finish(source, beside_others=True)
        said = refusals.nothing_left(source.prepared.raw.name, empty.refused, empty.source.rows_read)
        if empty.refused["rule"].astype("str").str.match(_UNREAD).any():
            faults.append(said)
        else:
            counts = said.partition(": ")[2] or "it holds no rows"
            notes.append(Note("nothing_kept", 0, f"{name}: {counts}"))
    if faults:
        raise DataError(join_faults(faults))
    return notes


def _rows(source: Judged) -> int:
    return source.counts.kept
