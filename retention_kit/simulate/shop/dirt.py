"""The shop's tables as a faulty export: a few per cent of the rows are spoilt, and an answer key lists them.

Rules have the names that `load` gives them. A spoilt row that `load` can still read has no rule in the key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.shop.shop_tables import as_text

KEY_COLUMNS: Final = ("table", "row", "rule", "column", "written", "was")
SHARE: Final = 0.003
"""Each kind of dirt spoils this share of a table's rows, and at least one where the table is long enough."""

FIRST_ROW: Final = 2
"""Rows are counted as a spreadsheet shows them: headers are row 1."""


@dataclass(frozen=True)
class Dirt:
    """How one column of some rows is spoilt, and the rule that refuses them; no rule if the row can be read."""

    rule: str
    column: str
    written: tuple[str, ...] | Callable[[pd.Series], pd.Series]


def _earlier(moment: pd.Series) -> pd.Series:
    """Two years before, which is before every start of the shop's subscriptions."""
    moment = pd.to_datetime(moment.where(moment != "", "2024-12-01 12:00:00")) - pd.DateOffset(years=2)
    return moment.dt.strftime("%Y-%m-%d %H:%M:%S")


_NEVER: Final = ("2025-02-30 10:15:00", "yesterday", "2025-13-01 08:00:00")
DIRT: Final = {
    "orders": (
        Dirt("missing_customer_id", "customer_id", ("", "   ", "N/A")),
        Dirt("unreadable_ordered_at", "ordered_at", _NEVER),
        Dirt("missing_ordered_at", "ordered_at", ("",)),
        Dirt("unreadable_amount", "amount", ("free", "12.5O", "inf")),
        Dirt("missing_amount", "amount", ("", "NaN")),
        Dirt("before_1970", "ordered_at", ("1900-01-01 00:00:00",)),
        Dirt("after_as_of", "ordered_at", ("2062-05-11 09:30:00", "2026-10-01 00:00:00")),
        Dirt("", "customer_id", lambda was: "  " + was + " "),
        Dirt("", "ordered_at", lambda was: was.str.replace(" ", "T")),
        Dirt("", "amount", ("0.00",)),
    ),
    "order_lines": (
        Dirt("missing_order_id", "order_id", ("",)),
        Dirt("missing_product", "product", ("", "null")),
        Dirt("unreadable_quantity", "quantity", ("a handful", "1..5")),
        Dirt("unreadable_amount", "amount", ("?", "4,50,1")),
        Dirt("", "product", lambda was: was + "  "),
    ),
    "subscriptions": (
        Dirt("missing_subscription_id", "subscription_id", ("",)),
        Dirt("unreadable_started_at", "started_at", _NEVER),
        Dirt("ends_before_start", "ended_at", _earlier),
        Dirt("unreadable_mrr", "mrr", ("on request",)),
        Dirt("negative_mrr", "mrr", lambda was: "-" + was),
        Dirt("", "customer_id", lambda was: was + " "),
    ),
    "surveys": (
        Dirt("unreadable_answered_at", "answered_at", _NEVER),
        Dirt("unknown_kind", "kind", ("npss", "stars")),
        Dirt("missing_kind", "kind", ("",)),
        Dirt("score_out_of_range", "score", ("11", "-1", "4.5")),
        Dirt("unreadable_score", "score", ("ten", "8 or 9")),
        Dirt("", "kind", lambda was: was.str.upper()),
    ),
    "visits": (
        Dirt("unreadable_day", "day", ("2025-06-31", "Monday")),
        Dirt("negative_visitors", "visitors", ("-1",)),
        Dirt("unreadable_visitors", "visitors", ("many", "12.5")),
    ),
}
DUPLICATED: Final = ("orders", "subscriptions")
"""Tables whose rows have an id, so that duplicates can be recognised."""


def spoil(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """All tables as text with dirt in them, and "answer_key": one row per spoilt row."""
    spoilt, keys = {}, []
    for number, (name, table) in enumerate(tables.items()):
        spoilt[name], key = _spoil(name, as_text(table), np.random.default_rng([seed, 7, number]))
        keys.append(key)
    return spoilt | {"answer_key": pd.concat(keys, ignore_index=True)}


def _spoil(name: str, table: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    kinds = DIRT[name]
    rows_per_kind = min(max(1, round(SHARE * len(table))), len(table) // (len(kinds) + 1))
    rows = rng.permutation(len(table))[: rows_per_kind * (len(kinds) + 1)].reshape(len(kinds) + 1, rows_per_kind)
    out, notes = table.copy(), []
    for dirt, where in zip(kinds, np.sort(rows[:-1], axis=1), strict=True):
        was = table[dirt.column].iloc[where]
        written = dirt.written(was) if callable(dirt.written) else np.resize(dirt.written, rows_per_kind)
        out.iloc[where, list(out.columns).index(dirt.column)] = np.asarray(written)
        notes.append(pd.DataFrame({"at": where, "rule": dirt.rule, "column": dirt.column, "was": was.to_numpy()}))
    if name in DUPLICATED:
        out, copies = _with_copies(out, np.sort(rows[-1]))
        notes.append(copies)
    return _numbered(name, out, pd.concat(notes, ignore_index=True))


def _with_copies(table: pd.DataFrame, where: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Insert copies of some rows directly after them; the index of a copy ends in one half."""
    out = pd.concat([table, table.iloc[where].set_axis(where + 0.5)]).sort_index()
    return out, pd.DataFrame({"at": where + 0.5, "rule": "duplicate", "column": "", "was": ""})


def _numbered(name: str, out: pd.DataFrame, notes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The finished table, and its part of the key with row numbers of the finished file."""
    position = out.index.get_indexer(pd.Index(notes["at"]))
    out = out.reset_index(drop=True)
    cells = [out[column].iloc[at] if column else "" for at, column in zip(position, notes["column"], strict=True)]
    key = notes.assign(table=name, row=position + FIRST_ROW, written=cells)
    return out, key.sort_values("row", ignore_index=True)[list(KEY_COLUMNS)]
