"""The results of an inspection of a file, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from retention_kit.advice import Place, said
from retention_kit.load import Note
from retention_kit.report.inputs.first_report.inspection import Look

_NAMES: Final = {
    "customer_id": "customer",
    "ordered_at": "date",
    "amount": "amount",
    "order_id": "order number",
    "currency": "currency",
}
_ROWS: Final = {
    "orders": "orders",
    "order_lines": "products in orders",
    "subscriptions": "subscriptions",
    "surveys": "survey answers",
    "visits": "days of traffic",
}
_SHOWN: Final = 4
"""Most values of a status that are listed."""


def sentences(look: Look, place: Place) -> tuple[str, ...]:
    """What was recognised, one sentence or arrow per line."""
    lines = [_arrow(ours, header, look) for ours, header in _columns(look).items()]
    decided = [doubt for doubt in look.doubts if doubt.value is not None]
    lines += [f"{doubt.example} is {doubt.meaning}: {doubt.reason}" for doubt in decided]
    notes = [said(note, place, look.table) for note in _notes(look)]
    named = " ".join(notes)  # a warning on a status shows its values already
    states = {header: values for header, values in look.states.items() if f"{header} holds " not in named}
    lines += [f"{header} contains {_values(values)}" for header, values in states.items()]
    return tuple(dict.fromkeys([*_first(look), *lines, *notes]))


def _first(look: Look) -> list[str]:
    """The kind of the table and its numbers of rows."""
    folder = look.file.is_dir()
    preset = look.preset if not folder else look.data.source.preset if look.data is not None else None
    export = f", an export of {preset}" if preset else ""
    if look.data is None:
        return [f"{_ROWS[look.table]}{export}"] if look.headers else []
    source = look.data.source
    counts = f"{source.rows_read:,} rows: {source.rows_kept:,} kept, {source.rows_refused:,} refused"
    refused = look.data.refused
    why = (
        f" ({', '.join(f'{rule} {n:,}' for rule, n in refused['rule'].value_counts().items())})" if len(refused) else ""
    )
    return [f"{_ROWS[look.table]}{export}", f"{counts}{why}"]


def _columns(look: Look) -> dict[str, str]:
    columns = dict(look.columns) if look.data is None else dict(look.data.source.columns)
    return {ours: header for ours, header in columns.items() if not header.startswith("=")}


def _arrow(ours: str, header: str, look: Look) -> str:
    others = look.others.get(ours, ())
    also = f" (also possible: {', '.join(others)})" if others else ""
    return f"{header} → {_NAMES.get(ours, ours)}{also}"


def _values(values: Mapping[str, float]) -> str:
    shown = [f"{value} in {share:.0%}" for value, share in list(values.items())[:_SHOWN]]
    rest = len(values) - len(shown)
    return f"{', '.join(shown)}{f' and {rest} other values' if rest else ''} of the rows"


def _notes(look: Look) -> list[str]:
    """Assumptions of loading other than columns, and warnings."""
    if look.data is None:
        return []
    source = look.data.source
    assumed = [note for note in source.assumptions if not note.startswith("column '")]
    return assumed + [_counted(note) for note in source.warnings]


def _counted(note: Note) -> str:
    return f"{note.text} (rows: {note.rows:,})" if note.rows else note.text
