"""From an opened source to a Dataset: the rules are evaluated once, and every row is either kept or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit import schema
from retention_kit.errors import DataError, NoRowsError, caution
from retention_kit.load.columns.mapping import Match
from retention_kit.load.columns.typed_columns import Converted, Hints, convert
from retention_kit.load.dataset import Dataset, Note, Source
from retention_kit.load.one_source.currencies import Exchanged, exchange, named_currency, one_currency
from retention_kit.load.one_source.identities import Identities, merged
from retention_kit.load.presets.applying import OVERDRAWN, Prepared, derive, doubtful_rows, rows_of_their_own
from retention_kit.load.presets.preset_rules import faults_of
from retention_kit.load.sources.raw_table import FILE, PART, ROW, Raw, free_name
from retention_kit.load.values.keys import CUSTOMER, apart_in_capitals
from retention_kit.load.values.moments.typed import never, that_come
from retention_kit.load.values.reader import Fault
from retention_kit.load.verdicts import refusals
from retention_kit.load.verdicts.constants import contradicted, contradictions
from retention_kit.load.verdicts.faults import faults as faults_of_table
from retention_kit.load.verdicts.misread import in_utc, misread
from retention_kit.load.verdicts.oddities import odd_rows
from retention_kit.load.verdicts.orphans import is_refund, without_orphans
from retention_kit.load.verdicts.refusals import RULE
from retention_kit.load.verdicts.tally import VANISHED, Tally, lost_refunds, tally, vanished
from retention_kit.load.verdicts.unread import unread_status

SAID_AT_ONCE = ("unread_status", "keep_never_met", "identities_never_met")
"""Warnings that concern every number: they are issued at once and not only listed in the source."""


@dataclass(frozen=True)
class Judged:
    """A source of which every row has been looked at: `table` has the column `RULE`, null where a row is kept.

    `counts` is the result of `count` on the table; code that changes `RULE` must count again.
    """

    table: ir.Table
    prepared: Prepared
    match: Match
    hints: Hints
    money: Exchanged
    faults: tuple[Fault, ...]
    counts: Tally
    notes: tuple[Note, ...] = ()

    @property
    def copied(self) -> bool:
        """Whether the rows are in the engine already."""
        return self.money.converted.copied


def judge(
    prepared: Prepared,
    match: Match,
    hints: Hints,
    *,
    engine: str,
    as_of: date | None = None,
    currency: str | None = None,
    rates: pd.DataFrame | None = None,
    identities: Identities | None = None,
) -> Judged:
    """Read every row of an opened source and name the rule that refuses it."""
    raw, table = prepared.raw, prepared.table
    converted = derive(prepared, convert(table, raw, match, hints, engine))
    converted, merges, unmet = merged(converted, identities)
    prepared = replace(prepared, notes=(*prepared.notes, *merges), warnings=(*prepared.warnings, *unmet))
    faults = [
        *faults_of(prepared.rules, prepared.once_per, converted),
        *faults_of_table(table, converted, raw.headers, as_of),
    ]
    verdict = ibis.cases(*((f.when, f.rule) for f in faults), else_=ibis.null("string"))
    converted = replace(converted, table=converted.table.mutate(**{RULE: verdict}))
    money = exchange(table, converted, currency, rates)
    judged = money.converted.table
    if money.faults:
        faults += money.faults
        verdict = ibis.cases(*((f.when, f.rule) for f in money.faults), else_=ibis.null("string"))
        judged = judged.mutate(**{RULE: judged[RULE].fill_null(verdict)})
    judged = judged.cache() if converted.held else judged
    counts = count(judged, prepared, money, match)
    contradicted(match, counts)
    notes: tuple[Note, ...] = ()
    if counts.flags.get("refunds"):
        orphans = without_orphans(judged, converted)
        notes, faults = orphans.notes, [*faults, *orphans.faults]
        if orphans.faults:
            judged = orphans.table
            counts = count(judged, prepared, money, match)
    money = one_currency(money, counts.currencies)
    return Judged(judged, prepared, match, hints, money, tuple(faults), counts, notes)


def count(judged: ir.Table, prepared: Prepared, money: Exchanged, match: Match) -> Tally:
    """Rows by rule and by currency, and what has to be said about those that are kept."""
    columns = replace(money, converted=replace(money.converted, table=judged))
    flags = {name: judged[name] for name in judged.columns if name.startswith("__doubt_")}
    if OVERDRAWN in judged.columns:
        flags[OVERDRAWN] = judged[OVERDRAWN]
    if PART in judged.columns:
        flags["parts"] = judged[PART] > 0
    flags |= contradictions(match, judged)
    refunds = is_refund(money.converted, judged)
    if refunds is not None:
        flags["refunds"] = refunds
    for name, reader in columns.converted.readers.items():
        gone = reader.vanishes(columns.converted.row(name))
        if gone is not None:
            flags[f"{VANISHED}{name}"] = gone
    paid = judged["__amount__value"] if "__amount__value" in judged.columns else None
    amount = paid if prepared.table.name == "orders" else None
    return tally(judged, named_currency(prepared.table, columns), flags, amount)


def finish(looked_at: Judged, *, beside_others: bool = False) -> Dataset:
    """The table of the result, its refused rows and its source; one of several sources may have no row left."""
    judged, prepared, match, money = looked_at.table, looked_at.prepared, looked_at.match, looked_at.money
    raw, table, converted, counts = prepared.raw, prepared.table, money.converted, looked_at.counts
    refused = refusals.frame(judged, raw, match, looked_at.faults, any_refused=counts.kept < counts.read)
    read = counts.read + (0 if raw.broken is None else len(raw.broken))
    if not counts.kept and not beside_others:
        raise (DataError if read else NoRowsError)(refusals.nothing_left(raw.name, refused, read))
    rows = judged.filter(judged[RULE].isnull()) if counts.kept < counts.read else judged
    unread = _unread(looked_at, rows)
    rows = _result(rows, table, match, money, raw)
    odd: Callable[[], tuple[Note, ...]] = tuple
    if not beside_others:
        odd = partial(odd_rows, table.name, rows, stays=not converted.copied)
    at_once = () if raw.in_memory else odd()
    source = Source(
        table=table.name,
        name=raw.name,
        kind=raw.kind,
        rows_read=read,
        rows_kept=counts.kept,
        rows_refused=len(refused),
        sha256=raw.sha256,
        version=raw.version,
        query=raw.query,
        preset=prepared.preset,
        columns=_read_from(match),
        assumptions=(
            *raw.assumptions,
            *prepared.notes,
            *rows_of_their_own(prepared, counts),
            *match.assumptions,
            *converted.assumptions,
            *money.assumptions,
            *never(rows, (c.name for c in table.columns)),
        ),
        warnings=(*prepared.warnings, *unread, *_warnings(looked_at, rows), *at_once),
    )
    _say_at_once(source)
    when_shown = odd if raw.in_memory else tuple
    return Dataset(rows, refused, source, looked_at.hints.timezone, money.currency, when_shown)


def _warnings(looked_at: Judged, rows: ir.Table) -> tuple[Note, ...]:
    """What is doubtful about the rows that are kept."""
    readers = looked_at.money.converted.readers
    return (
        *doubtful_rows(looked_at.prepared, looked_at.counts),
        *vanished(looked_at.counts),
        *lost_refunds(looked_at.counts),
        *looked_at.notes,
        *in_utc(looked_at.money.converted, looked_at.hints),
        *apart_in_capitals(rows, readers.get(CUSTOMER)),
        *misread(
            looked_at.prepared.table.name,
            looked_at.match,
            looked_at.hints,
            rows,
            looked_at.money.currency,
            has_preset=looked_at.prepared.preset is not None,
        ),
    )


def _say_at_once(source: Source) -> None:
    """Issue the warnings that concern every number."""
    for note in source.warnings:
        if note.name in SAID_AT_ONCE:
            caution(f"{source.name}: {note.text}")


def _unread(looked_at: Judged, rows: ir.Table) -> tuple[Note, ...]:
    """Columns that say which rows are no sale, where neither a preset nor the user has looked at them."""
    prepared, match = looked_at.prepared, looked_at.match
    if prepared.preset is not None:
        return ()
    named = {header for name, header in match.headers.items() if prepared.table.column(name) is not None}
    seen = named | {rule["header"] for rule in prepared.rules}
    headers = [header for header in prepared.raw.headers if header not in seen]
    amount = rows["__amount__value"] if "__amount__value" in rows.columns else None
    return unread_status(prepared.table.name, rows, headers, amount, stays=not looked_at.copied)


def _result(rows: ir.Table, table: schema.Table, match: Match, money: Exchanged, raw: Raw) -> ir.Table:
    """The kept rows in the order of the source, with the columns of the result."""
    placed = not (raw.in_memory and money.converted.clean)  # DuckDB keeps the order of rows that it only casts
    position = [rows[c] for c in (FILE, ROW, PART) if placed and c in rows.columns]
    rows = rows.order_by(position) if position else rows
    final = _final(table, match, replace(money.converted, table=rows), raw, money.originals)
    engine = rows.get_backend().name
    rows = rows.select(*(that_come(value, engine).name(name) for name, value in final.items()))
    return rows.cache() if money.converted.copied else rows


def _read_from(match: Match) -> dict[str, str]:
    """Each column and the header, or the constant, that it was read from, for display."""
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
        preferred = f"{header}_as_read" if header.lower() in taken else header
        final[free_name(preferred, (*final, *originals, *(h for h in rest if h != header)))] = original[header]
    return final | {name: original[name] for name in originals}
