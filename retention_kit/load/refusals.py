"""Refused rows for people: their number, the rule, a sentence, and the original values as text."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.load.mapping import Match
from retention_kit.load.raw import ROW, Raw
from retention_kit.load.reading import Fault

__all__ = ["RULE", "frame", "nothing_left"]

RULE = "__rule"
"""Column with the name of the rule that refuses a row, null for a row that is kept."""

_FIRST_ROW = {"csv": 2, "excel": 2}


def frame(judged: ir.Table, raw: Raw, match: Match, faults: Sequence[Fault], *, any_refused: bool) -> pd.DataFrame:
    """The refused rows of a source, those included that could not be cut into cells, in the order of the source."""
    empty = {name: pd.Series(dtype="str") for name in ("rule", "reason", *raw.headers)}
    refused = pd.DataFrame({"row": pd.Series(dtype="Int64"), **empty})
    if any_refused:
        refused = _refused(judged, raw, match, faults)
    if raw.broken is None or raw.broken.empty:
        return refused
    broken = raw.broken.astype({"row": "Int64"})
    return pd.concat([refused, broken], ignore_index=True).sort_values("row", ignore_index=True)


def nothing_left(name: str, refused: pd.DataFrame, read: int) -> str:
    """One sentence for a source of which no row can be used."""
    if not read:
        return f"{name} holds headers but no rows; give a source with at least one row"
    counts = ", ".join(f"{rule} {n:,}" for rule, n in refused["rule"].value_counts().items())
    first = refused.iloc[0]
    where = "" if pd.isna(first["row"]) else f"row {first['row']}: "
    return f"{name}: none of {read:,} rows can be used ({counts}); first fault, {where}{first['reason']}"


def _refused(judged: ir.Table, raw: Raw, match: Match, faults: Sequence[Fault]) -> pd.DataFrame:
    rows = judged.filter(judged[RULE].notnull())
    numbered = ROW in judged.columns
    rows = rows.order_by(ROW) if numbered else rows
    cells = {f"_{i}": rows[header].cast("string") for i, header in enumerate(raw.headers)}
    taken = rows.select(rule=rows[RULE], **({"row": rows[ROW]} if numbered else {}), **cells).to_pandas()
    values = taken[list(cells)].set_axis(list(raw.headers), axis=1)
    number = _numbers(taken["row"], raw) if numbered else pd.Series(pd.NA, taken.index, dtype="Int64")
    reason = _reasons(taken["rule"], values, match, faults)
    return pd.concat([number.rename("row"), taken["rule"], reason.rename("reason"), values], axis=1)


def _reasons(rule: pd.Series, values: pd.DataFrame, match: Match, faults: Sequence[Fault]) -> pd.Series:
    """A sentence for each refused row."""
    reasons = pd.Series("", index=rule.index, dtype="str")
    for fault in {f.rule: f for f in reversed(faults)}.values():
        hit = rule == fault.rule
        header = match.headers.get(fault.column, fault.column)
        constant = match.constants.get(fault.column)
        cells = values.loc[hit, header] if constant is None else [constant] * int(hit.sum())
        reasons[hit] = [fault.reason.format(header=header, value=repr(cell)) for cell in cells]
    return reasons


def _numbers(position: pd.Series, raw: Raw) -> pd.Series:
    """Row numbers as a spreadsheet shows them (headers are row 1) for files, positions for DataFrames."""
    row = position.to_numpy() + _FIRST_ROW.get(raw.kind, 0)
    for line in [] if raw.broken is None else np.sort(raw.broken["row"].to_numpy()):
        row = np.where(row >= line, row + 1, row)
    return pd.Series(row, position.index, dtype="Int64")
