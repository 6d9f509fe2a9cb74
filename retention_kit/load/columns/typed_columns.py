"""Each column of the schema read from its header, in steps, with the faults of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError, join_faults
from retention_kit.load.columns.mapping import Match
from retention_kit.load.sources.raw_table import Raw
from retention_kit.load.values.amounts import NumberReader, TextNumberReader
from retention_kit.load.values.currency_signs import digits_of
from retention_kit.load.values.keys import CUSTOMER, KEYS, KeyReader
from retention_kit.load.values.minor_units import Minor
from retention_kit.load.values.moments.ends import after_last_day
from retention_kit.load.values.moments.typed import MomentReader
from retention_kit.load.values.moments.written import TextMomentReader
from retention_kit.load.values.moments.zones import moved, named_zone
from retention_kit.load.values.reader import CurrencyReader, Reader


@dataclass(frozen=True)
class Hints:
    """What the user says about how values are written; `zone_known` is False where UTC is only a default.

    `timezone` is the time zone of moments without an offset; `business` names the zone of the business if it differs.
    """

    timezone: str
    zone_known: bool = True
    decimal: str | None = None
    day_first: bool | None = None
    unclear: bool | None = None
    business: str | None = None
    currency: str | None = None
    unit: str | None = None
    ends: str | None = None


@dataclass(frozen=True)
class Converted:
    """The original table with added columns, and the reader of each column of the schema.

    Text is read once: then `copied` is true, and the steps are held in the engine. DuckDB computes a step once even
    when it is only a part of a longer query, other engines would repeat it for each use. Where no cell needs cleaning
    and none is text to be parsed, `clean` is true: the typed columns are casts, and only the result is held.
    """

    table: ir.Table
    readers: Mapping[str, Reader]
    copied: bool
    clean: bool = False

    @property
    def held(self) -> bool:
        """Whether the steps between the source and the result are held in the engine."""
        return self.copied and not self.clean

    def row(self, name: str) -> dict[str, ir.Value]:
        """The columns of one reader."""
        columns = _row(self.table, name)
        if isinstance(self.readers[name], TextNumberReader | NumberReader) and "currency" in self.readers:
            columns["code"] = self.table["__currency__cell"].upper()
        return columns

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the readers assumed."""
        return tuple(note for reader in self.readers.values() for note in reader.assumptions)

    def values(self) -> dict[str, ir.Value]:
        """The typed column for each column of the schema."""
        return {name: self.table[f"__{name}__value"] for name in self.readers}


def convert(table: schema.Table, raw: Raw, match: Match, hints: Hints, engine: str) -> Converted:
    """Add the typed columns to an opened source; all structural faults are raised together."""
    columns = {c.name: c for c in table.columns}
    sources = {name: column for name in columns if (column := _source(raw, match, name)) is not None}
    utc = {name: "(utc)" in match.labels.get(h, h).lower() for name, h in match.headers.items()}
    readers = _all(
        lambda name: _reader(
            columns[name], sources[name], match.headers.get(name, ""), raw, hints, engine, utc=utc.get(name, False)
        ),
        sources,
    )
    text = any(isinstance(r, TextMomentReader | TextNumberReader) for r in readers.values())
    copied = text or not raw.stays
    readers = _informed(raw, sources, readers)
    clean = (
        not text
        and raw.in_memory
        and all(readers[name].only_cast for name in readers if isinstance(sources[name], ir.Column))
    )
    held = copied and not clean
    step = raw.table.mutate(**{f"__{name}__cell": r.cell(sources[name]) for name, r in readers.items()})
    step = step.cache() if held else step
    needless = {"currency"} if not text and hints.unit is None else set()
    cut = _cut(step, readers)
    cut = cut.cache() if held else cut
    seen = _gathered(cut, {name: reader for name, reader in readers.items() if name not in needless})
    seen |= one_way(seen, readers)
    codes = seen.get("currency", {}).get("codes") or []
    readers = _all(lambda name: settled_reader(readers[name], {**seen.get(name, {}), "codes": codes}, match), readers)
    readers = {name: _in_minor_units(reader, codes, hints) for name, reader in readers.items()}
    parts = {f"__{n}__{piece}": v for n, r in readers.items() for piece, v in r.parts(_row(cut, n)).items()}
    step = cut.select(*step.columns, **parts) if parts else step
    step = step.cache() if held and engine != "duckdb" else step
    written = Converted(step, readers, copied, clean)
    step = step.mutate(**{f"__{name}__value": _value(r, written.row(name), hints) for name, r in readers.items()})
    step = step.cache() if held and engine != "duckdb" else step
    shifted = _moved(table, step, readers, hints, engine)
    step = step.mutate(**shifted) if shifted else step
    return Converted(step, readers, copied, clean)


def _row(table: ir.Table, name: str) -> dict[str, ir.Value]:
    """The columns that were made of one column, by the last part of their names."""
    start = f"__{name}__"
    return {c.removeprefix(start): table[c] for c in table.columns if c.startswith(start)}


def _cut(table: ir.Table, readers: Mapping[str, Reader]) -> ir.Table:
    """The table with the columns that the stages of its readers extract from the cells."""
    stages = {name: reader.stages() for name, reader in readers.items()}
    for number in range(max(map(len, stages.values()), default=0)):
        table = table.mutate(
            **{
                f"__{name}__{piece}": value
                for name, own in stages.items()
                if number < len(own)
                for piece, value in own[number](_row(table, name)).items()
            }
        )
    return table


def _moved(
    table: schema.Table, step: ir.Table, readers: Mapping[str, Reader], hints: Hints, engine: str
) -> dict[str, ir.Value]:
    """Moments moved from the zone of the source to that of the business; a column of days has no zone."""
    if hints.business in (None, hints.timezone):
        return {}
    names = [c.name for c in table.columns if c.name in readers and c.type == "timestamp"]
    values = {name: step[f"__{name}__value"] for name in names}
    timed = _answers(step, {f"{name}|timed": (v != v.truncate("D")).any() for name, v in values.items()}, names)
    return {
        f"__{name}__value": moved(value, hints.timezone, hints.business, engine)
        for name, value in values.items()
        if timed[name]["timed"]
    }


def _value(reader: Reader, row: Mapping[str, ir.Value], hints: Hints) -> ir.Value:
    """The value of a column; an end that is the last day is the midnight after it."""
    value = reader.value(row)
    return after_last_day(value) if reader.name == "ended_at" and hints.ends == "inclusive" else value


def _source(raw: Raw, match: Match, name: str) -> ir.Value | None:
    """The original column, a constant, or nothing."""
    if name in match.constants:
        return ibis.literal(match.constants[name])
    return raw.table[match.headers[name]] if name in match.headers else None


def _all(make: Callable[[str], Reader], names: Iterable[str]) -> dict[str, Reader]:
    """A reader for each name; all their faults are raised in one error."""
    readers, faults = {}, []
    for name in names:
        try:
            readers[name] = make(name)
        except DataError as fault:
            faults.append(str(fault))
    if faults:
        raise DataError(join_faults(faults))
    return readers


def _reader(
    column: schema.Column, source: ir.Value, header: str, raw: Raw, hints: Hints, engine: str, *, utc: bool
) -> Reader:
    """The reader of a column, by the type that the schema requires and the type that the source has."""
    kind, name = source.type(), column.name
    if name in KEYS:
        return KeyReader(name)
    if column.type in ("timestamp", "date"):
        if kind.is_timestamp() or kind.is_date():
            aware = utc or getattr(kind, "timezone", None) is not None
            zone = "UTC" if utc else raw.zones.get(header)
            return MomentReader(
                name,
                timezone=hints.timezone,
                engine=engine,
                type=column.type,
                aware=aware,
                days=kind.is_date(),
                zone=zone,
            )
        if kind.is_string() or (kind.is_numeric() and not kind.is_boolean()):
            return TextMomentReader(
                name,
                timezone=hints.timezone,
                engine=engine,
                type=column.type,
                day_first=hints.day_first,
                unclear=hints.unclear,
                utc=utc,
                zone=named_zone(raw.zones[header]) if header in raw.zones else None,
                days_to_1970=raw.days_to_1970,
            )
        raise DataError(f"{name} must be dates or times, came {kind}; convert the column or map another one")
    if column.type == "string":
        return CurrencyReader(name) if name == "currency" else Reader(name, case="lower" if name == "kind" else None)
    if kind.is_string():
        return TextNumberReader(name, type=column.type, decimal=hints.decimal or raw.decimal, currency=hints.currency)
    if kind.is_numeric() and not kind.is_boolean():
        return NumberReader(name, type=column.type)
    raise DataError(f"{name} must be numbers, came {kind}; convert the column or map another one")


def _in_minor_units(reader: Reader, codes: Sequence[str], hints: Hints) -> Reader:
    """The reader of money that takes its numbers as cents, where the user says so."""
    if hints.unit is None or not isinstance(reader, TextNumberReader | NumberReader) or reader.type != schema.MONEY:
        return reader
    minor = Minor(digits_of(hints.currency), {code: digits_of(code) for code in codes})
    named = ", ".join(sorted(codes)) or hints.currency or "a currency of two decimals, as none is named"
    note = f"{reader.name}: minor units, by the decimals of {named}"
    return replace(reader, minor=minor, assumptions=(*reader.assumptions, note))


def _informed(raw: Raw, sources: Mapping[str, ir.Value], readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """Readers that know which columns need no cleaning: one question to the engine, before any cell is read.

    Of customers in memory, each id is looked at once, which is cheaper than looking at the id of each order.
    """
    columns = {name: reader for name, reader in readers.items() if isinstance(sources[name], ir.Column)}
    once = {CUSTOMER} & set(columns) if raw.in_memory else set()
    answer = _answers(raw.table, _dirt({name: sources[name] for name in columns if name not in once}, readers), columns)
    for name in once:
        ids = raw.table.select(**{name: sources[name]}).distinct()
        answer |= _answers(ids, _dirt({name: ids[name]}, readers), once)
    return {**readers, **{name: reader.informed(answer[name]) for name, reader in columns.items()}}


def _dirt(columns: Mapping[str, ir.Value], readers: Mapping[str, Reader]) -> dict[str, ir.Scalar]:
    """The questions of the readers about the values of their columns, called 'column|what'."""
    dirt = {name: readers[name].dirt(column) for name, column in columns.items()}
    return {f"{name}|{what}": values.any() for name, own in dirt.items() for what, values in own.items()}


def _gathered(step: ir.Table, readers: Mapping[str, Reader]) -> dict[str, dict[str, Any]]:
    """One question to the engine: how are the values of each column written?"""
    ask = {
        f"{name}|{what}": count
        for name, reader in readers.items()
        for what, count in reader.evidence(_row(step, name)).items()
    }
    return _answers(step, ask, readers)


def _answers(table: ir.Table, ask: Mapping[str, ir.Scalar], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The answers to questions that are called 'column|what', by column; none is 0."""
    seen: dict[str, dict[str, Any]] = {name: {} for name in names}
    answer = table.aggregate(**ask).to_pyarrow().to_pylist()[0] if ask else {}
    for key, value in answer.items():
        name, what = key.split("|")
        seen[name][what] = value or 0
    return seen


def one_way(seen: Mapping[str, dict[str, Any]], readers: Mapping[str, Reader]) -> dict[str, dict[str, Any]]:
    """What was seen of amounts that alone could be read in two ways: a source writes all its amounts in one."""
    money = [n for n, r in readers.items() if isinstance(r, TextNumberReader) and r.type == schema.MONEY and n in seen]
    signs = {sign for name in money for sign in ("point", "comma") if seen[name][sign]}
    if len(signs) != 1:
        return {}
    return {name: {**seen[name], **dict.fromkeys(signs, True)} for name in money if seen[name]["either"]}


def settled_reader(reader: Reader, seen: Mapping[str, Any], match: Match) -> Reader:
    """A reader that knows its column; what it says of a helper of a preset names the header, not the helper."""
    if not reader.name.startswith("_"):
        return reader.settle(seen)
    header = match.headers.get(reader.name, reader.name)
    label = f"{match.labels.get(header, header)}:"
    try:
        settled = reader.settle(seen)
    except DataError as fault:
        raise DataError(str(fault).replace(f"{reader.name}:", label)) from None
    return replace(settled, assumptions=tuple(n.replace(f"{reader.name}:", label) for n in settled.assumptions))
