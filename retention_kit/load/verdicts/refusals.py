"""Refused rows as a readable table: their number, the rule, a reason, and the original values as text."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.formats import counted
from retention_kit.load.columns.mapping import Match
from retention_kit.load.sources.raw_table import FILE, PART, ROW, Raw, free_name
from retention_kit.load.values.reader import Fault

RULE = "__rule"
"""Column with the name of the rule that refuses a row, null for a row that is kept."""

TEXT = "__text"
"""Column with the reason itself, where it differs from row to row of one rule."""

_OURS = ("file", "row", "rule", "reason", "line")
"""Columns that describe a refused row; an original column with such a name gets the suffix `_as_read`."""


def frame(judged: ir.Table, raw: Raw, match: Match, faults: Sequence[Fault], *, any_refused: bool) -> pd.DataFrame:
    """The refused rows of a source, those included that could not be cut into cells, in the order of the source."""
    empty = {name: pd.Series(dtype="str") for name in ("rule", "reason", *_shown(raw.headers).values())}
    refused = pd.DataFrame({"row": pd.Series(dtype="Int64"), **empty})
    if any_refused:
        refused = _refused(judged, raw, match, faults)
    if raw.broken is None or raw.broken.empty:
        return refused
    broken = raw.broken.astype({"row": "Int64"})
    order = [c for c in ("file", "row") if c in broken]
    return pd.concat([refused, broken], ignore_index=True).sort_values(order, ignore_index=True)


def nothing_left(name: str, refused: pd.DataFrame, read: int) -> str:
    """One sentence for a source of which no row can be used."""
    if not read:
        return f"{name} holds headers but no rows; give a source with at least one row"
    counts = ", ".join(f"{rule} {n:,}" for rule, n in refused["rule"].value_counts().items())
    first = refused.iloc[0]
    where = "" if pd.isna(first["row"]) else f"row {first['row']}: "
    return f"{name}: none of {counted(read, 'row')} can be used ({counts}); first fault, {where}{first['reason']}"


def _shown(headers: Sequence[str]) -> dict[str, str]:
    """A name for each original header that does not clash with our columns."""
    names: dict[str, str] = {}
    for header in headers:
        preferred = f"{header}_as_read" if header.lower() in _OURS else header
        names[header] = free_name(preferred, (*_OURS, *names.values(), *(h for h in headers if h != header)))
    return names


def _refused(judged: ir.Table, raw: Raw, match: Match, faults: Sequence[Fault]) -> pd.DataFrame:
    rows = judged.filter(judged[RULE].notnull())
    position = {"file": FILE, "row": ROW, "part": PART}
    position = {name: rows[column] for name, column in position.items() if column in judged.columns}
    cells = {f"_{i}": rows[header].cast("string") for i, header in enumerate(raw.headers)}
    rows = rows.order_by(list(position.values())) if position else rows
    text = {"text": rows[TEXT]} if TEXT in rows.columns else {}
    taken: pd.DataFrame = rows.select(rule=rows[RULE], **text, **position, **cells).to_pandas()
    values = taken[list(cells)].set_axis(list(raw.headers), axis=1)
    reason = _reasons(taken["rule"], values, match, faults).rename("reason")
    reason = taken["text"].fillna(reason).rename("reason") if "text" in taken else reason
    number = row_numbers(taken, raw) if "row" in position else pd.Series(pd.NA, taken.index, dtype="Int64")
    ours = taken[["file"] if "file" in position else []].assign(row=number, rule=taken["rule"], reason=reason)
    return ours.join(values.rename(columns=_shown(raw.headers)))


def _reasons(rule: pd.Series, values: pd.DataFrame, match: Match, faults: Sequence[Fault]) -> pd.Series:
    """A sentence for each refused row."""
    reasons = pd.Series("", index=rule.index, dtype="str")
    for fault in {f.rule: f for f in reversed(faults)}.values():
        hit = rule == fault.rule
        column = match.headers.get(fault.column, fault.column)
        header = match.labels.get(column, column)
        first = next((h for h in (column, *header.split(" | "), *header.split(" + ")) if h in values), None)
        cells = values.loc[hit, first] if first else [match.constants.get(fault.column)] * int(hit.sum())
        texts = (fault.reason.format(header=header, value="empty" if pd.isna(c) else repr(c)) for c in cells)
        reasons[hit] = pd.Series(list(texts), index=reasons.index[hit], dtype="str")
    return reasons


def row_numbers(taken: pd.DataFrame, raw: Raw) -> pd.Series:
    """Row numbers as a spreadsheet shows them (headers are row 1) for files, positions for DataFrames."""
    row = taken["row"] + raw.first_row
    if raw.kind != "csv" or raw.broken is None:
        return row.astype("Int64")
    for file in taken["file"].unique() if "file" in taken else [None]:
        broken = raw.broken if file is None else raw.broken[raw.broken["file"] == file]
        here = slice(None) if file is None else taken["file"] == file
        gaps = np.sort(broken["row"].to_numpy()) - np.arange(len(broken))
        row[here] += np.searchsorted(gaps, row[here].to_numpy(), side="right")
    return row.astype("Int64")
