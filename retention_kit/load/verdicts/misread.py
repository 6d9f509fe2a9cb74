"""Warnings where a column may mean something else than was assumed, and the user has not said which."""

from __future__ import annotations

import re

import ibis.expr.types as ir

from retention_kit.load.columns.mapping import Match, plain
from retention_kit.load.columns.typed_columns import Converted, Hints
from retention_kit.load.dataset import Note
from retention_kit.load.values.currency_signs import digits_of
from retention_kit.load.values.moments.ends import looks_inclusive

_MONEY = {"orders": ("amount", "ordered_at"), "subscriptions": ("mrr", "started_at"), "order_lines": ("amount", None)}
# headers that name a minor unit, in several languages
_NAMED = re.compile("(^|_)(cents?|centy|centimes|centimos|minor|pence|grosze?|groszy|minor_units?)(_|$)")


def misread(
    table: str, match: Match, hints: Hints, rows: ir.Table, currency: str | None, *, has_preset: bool
) -> tuple[Note, ...]:
    """Amounts that look like cents, unless a preset defines them, and ends that look like last days."""
    notes = () if has_preset or hints.unit is not None else _cents(table, match, rows, currency)
    return notes + looks_inclusive(rows) if table == "subscriptions" and hints.ends is None else notes


def in_utc(converted: Converted, hints: Hints) -> tuple[Note, ...]:
    """A warning where moments have offsets, no business time zone was named, and UTC is only assumed."""
    names = [name for name, reader in converted.readers.items() if reader.doubtful and not hints.zone_known]
    text = f"{', '.join(names)}: moments with an offset are taken in UTC; pass timezone= for the business time zone"
    return (Note("taken_in_utc", 0, text),) if names else ()


def _cents(table: str, match: Match, rows: ir.Table, currency: str | None) -> tuple[Note, ...]:
    """A warning where all amounts are whole and the headers are those of a program that counts cents."""
    money, moment = _MONEY.get(table, (None, None))
    if money is None:
        return ()
    read_from = match.headers.get(money, "")
    header = plain(match.labels.get(read_from, read_from))
    named = _NAMED.search(header)
    of_a_program = moment is not None and plain(match.headers.get(moment, "")) == "created"
    if not (named or of_a_program) or not digits_of(currency) or money not in rows.columns:
        return ()
    broken = rows.aggregate(rows=(rows[money] != rows[money].floor()).sum()).to_pyarrow().to_pylist()[0]["rows"]
    if broken:
        return ()
    why = f"the header {header}" if named else "the header created is that of an API"
    text = (
        f"every {money} is whole and {why}: if amounts are in cents, as Stripe's API has them, each is 100 times too "
        "high; pass unit='cents'"
    )
    return (Note("minor_units", 0, text),)
