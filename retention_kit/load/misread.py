"""Warnings where a column may mean something else than it was taken for, and nobody said which it is."""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.load.convert import Converted, Hints
from retention_kit.load.dataset import Note
from retention_kit.load.ends import looks_inclusive
from retention_kit.load.mapping import Match
from retention_kit.load.minor_units import looks_minor
from retention_kit.load.vendor import Prepared

__all__ = ["in_utc", "misread"]


def misread(prepared: Prepared, match: Match, hints: Hints, rows: ir.Table, currency: str | None) -> tuple[Note, ...]:
    """Amounts that look like cents, and ends that look like last days."""
    table, notes = prepared.table.name, ()
    if hints.unit is None and prepared.preset is None:
        notes = looks_minor(table, match, rows, currency)
    return notes + looks_inclusive(rows) if table == "subscriptions" and hints.ends is None else notes


def in_utc(converted: Converted, hints: Hints) -> tuple[Note, ...]:
    """A warning where moments have offsets, nobody named the business time zone, and UTC is a guess."""
    names = [name for name, reader in converted.readers.items() if reader.doubtful and not hints.known]
    text = f"{', '.join(names)}: moments with an offset are taken in UTC; pass timezone= for the business time zone"
    return (Note("taken_in_utc", 0, text),) if names else ()
