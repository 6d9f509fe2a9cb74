"""Opened source in, Dataset out: the rules are asked once, every row is kept or refused, none is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit import schema
from retention_kit.errors import DataError, NoRowsError
from retention_kit.load import refusals, rules
from retention_kit.load.convert import Converted, Hints, convert
from retention_kit.load.currencies import Exchanged, exchange
from retention_kit.load.dataset import Dataset, Note, Source
from retention_kit.load.mapping import Match
from retention_kit.load.oddities import odd_rows
from retention_kit.load.raw import FILE, ROW, Raw, free_name
from retention_kit.load.reading import Fault
from retention_kit.load.refusals import RULE
from retention_kit.load.vendor import Prepared, derive, faults_of

__all__ = ["Judged", "clean", "finish", "judge"]


@dataclass(frozen=True)
class Judged:
    """A source of which every row has been looked at: `table` has the column `RULE`, null where a row is kept."""

    table: ir.Table
    prepared: Prepared
    match: Match
    hints: Hints
    money: Exchanged
    faults: tuple[Fault, ...]

    @property
    def copied(self) -> bool:
        """Whether the rows are in the engine already."""
        return self.money.converted.copied


def clean(
    prepared: Prepared,
    match: Match,
    hints: Hints,
    *,
    engine: str,
    as_of: date | None = None,
    currency: str | None = None,
    rates: pd.DataFrame | None = None,
) -> Dataset:
    """Apply the rules of a table to an opened source."""
    return finish(judge(prepared, match, hints, engine=engine, as_of=as_of, currency=currency, rates=rates))


def judge(
    prepared: Prepared,
    match: Match,
    hints: Hints,
    *,
    engine: str,
    as_of: date | None = None,
    currency: str | None = None,
    rates: pd.DataFrame | None = None,
) -> Judged:
    """Read every row of an opened source and name the rule that refuses it."""
    raw, table = prepared.raw, prepared.table
    money = exchange(table, derive(convert(table, raw, match, hints, engine)), currency, rates)
    converted = money.converted
    faults = [*faults_of(prepared, converted), *money.faults, *rules.faults(table, converted, raw.headers, as_of)]
    verdict = ibis.cases(*((f.when, f.rule) for f in faults), else_=ibis.null("string"))
    judged = converted.table.mutate(**{RULE: verdict})
    judged = judged.cache() if converted.copied else judged
    return Judged(judged, prepared, match, hints, money, tuple(faults))


def finish(looked_at: Judged) -> Dataset:
    """The kept rows as the table of the result, the refused ones with their reasons, and what was read."""
    judged, prepared, match, money = looked_at.table, looked_at.prepared, looked_at.match, looked_at.money
    raw, table, converted = prepared.raw, prepared.table, money.converted
    counts = _counts(judged)
    any_refused = any(rule is not None for rule in counts)
    refused = refusals.frame(judged, raw, match, looked_at.faults, any_refused=any_refused)
    read = sum(counts.values()) + (0 if raw.broken is None else len(raw.broken))
    kept = counts.get(None, 0)
    if not kept:
        raise (DataError if read else NoRowsError)(refusals.nothing_left(raw.name, refused, read))
    rows = judged.filter(judged[RULE].isnull()) if kept < sum(counts.values()) else judged
    rows = _result(rows, table, match, money, raw)
    odd = odd_rows(table.name, rows, stays=not converted.copied)
    source = Source(
        table=table.name,
        name=raw.name,
        kind=raw.kind,
        rows_read=read,
        rows_kept=kept,
        rows_refused=len(refused),
        sha256=raw.sha256,
        query=raw.query,
        preset=prepared.preset,
        columns=_read_from(match),
        assumptions=(*raw.assumptions, *prepared.notes, *match.assumptions, *converted.assumptions, *money.assumptions),
        warnings=prepared.warnings + _in_utc(converted, looked_at.hints) + odd,
    )
    return Dataset(rows, refused, source, looked_at.hints.timezone, money.currency)


def _in_utc(converted: Converted, hints: Hints) -> tuple[Note, ...]:
    """A warning where moments have offsets, nobody named the business time zone, and UTC is a guess."""
    names = [name for name, reader in converted.readers.items() if reader.doubtful and not hints.known]
    text = f"{', '.join(names)}: moments with an offset are taken in UTC; pass timezone= for the business time zone"
    return (Note("taken_in_utc", 0, text),) if names else ()


def _result(rows: ir.Table, table: schema.Table, match: Match, money: Exchanged, raw: Raw) -> ir.Table:
    """The kept rows in the order of the source, with the columns of the result."""
    place = [rows[c] for c in (FILE, ROW) if c in rows.columns]
    rows = rows.order_by(place) if place else rows
    final = _final(table, match, replace(money.converted, table=rows), raw, money.originals)
    rows = rows.select(*(value.name(name) for name, value in final.items()))
    return rows.cache() if money.converted.copied else rows


def _counts(judged: ir.Table) -> dict[str | None, int]:
    """Rows by the rule that refused them; None for the rows that are kept."""
    counted = judged.group_by(RULE).aggregate(rows=judged.count()).to_pyarrow().to_pylist()
    return {row[RULE]: row["rows"] for row in counted}


def _read_from(match: Match) -> dict[str, str]:
    """For people: each column and the header, or the constant, that it was read from."""
    read = {n: match.labels.get(h, h) for n, h in match.headers.items() if not n.startswith("_")}
    return read | {name: f"={value}" for name, value in match.constants.items()}


def _final(
    table: schema.Table, match: Match, converted: Converted, raw: Raw, originals: tuple[str, ...]
) -> dict[str, ir.Value]:
    """The columns of the result: those of the schema, renamed dimensions, then the rest as it was."""
    final = {name: value for name, value in converted.values().items() if not name.startswith("_")}
    original = converted.table
    for name, header in match.headers.items():
        if table.column(name) is None:
            final[name] = original[header]
    for name, value in match.constants.items():
        if table.column(name) is None:
            final[name] = ibis.literal(value)
    used = {header for name, header in match.headers.items() if not name.startswith("_")}
    rest = [header for header in raw.headers if header not in used]
    for header in rest:
        taken = {name.lower() for name in (*final, *originals)}
        wanted = f"{header}_as_read" if header.lower() in taken else header
        final[free_name(wanted, (*final, *originals, *(h for h in rest if h != header)))] = original[header]
    return final | {name: original[name] for name in originals}
