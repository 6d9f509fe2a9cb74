"""Unread columns that say that some rows are not sales: a status, refunds, tests, gift cards.

A plain log of orders with such a column is counted as it is, and a warning names the values and their shares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_kit.load.dataset import Note
from retention_kit.load.values.reader import compared, quoted
from retention_kit.load.verdicts.status_words import (
    CANCELLED,
    COUNTS,
    GIFT_CARD,
    NEVER_PAID,
    NOTHING,
    OF_A_SALE,
    REFUNDED,
    STATUS,
    TEST,
    UNLIKE,
)

_TABLES: Final = ("orders", "order_lines", "surveys")
_FEW: Final = 24
"""A column with more values is no status."""
_FIRST_ROWS: Final = 10_000
"""Rows of data that stays in its engine that are searched for a status in columns whose header is not clear."""
_SHOWN: Final = 8
"""The largest number of values that a sentence lists."""
_NO_SALE: Final = f"{REFUNDED}|{CANCELLED}|{NEVER_PAID}"
_ALONE: Final = (
    "^((fully|partially|partly|auto|payment|order|teilweise|vollständig|partiellement|parcialmente|częściowo|部分|全額)"
    "[ _-]?)?"
    "(refunded|cancell?ed|voided|failed|declined|unpaid|storniert|erstattet|fehlgeschlagen|abgelehnt|unbezahlt"
    "|annulée?|remboursée?|échouée?|impayée?|cancelad[oa]|anulad[oa]|reembolsad[oa]|rechazad[oa]|fallid[oa]"
    "|refunds?|chargebacks?|reversal|(rück)?erstattung|retoure|remboursement|reembolso|devolución|zwrot"
    "|anulowan[eoya]|zwrócon[eoya]|odrzucon[eoya]|nieopłacon[eoya]|(已)?取消|(已)?退款|已作廢|付款失敗|キャンセル(済み?)?|返金済み?)$"
)
"""Values that are a status under any header; only complete words, because the header may mean anything."""
_AMOUNT: Final = r"^[^0-9]*0*([.,]0*)?[^0-9]*$"
"""An amount of zero, with or without a currency."""


@dataclass(frozen=True)
class _Column:
    """A column that may say which rows are not sales: what its header means, and its values with their rows."""

    header: str
    kind: str
    values: Mapping[str, tuple[int, int]]

    def marked(self) -> dict[str, int]:
        """The values that mark rows as not sales, and their numbers of rows; refunds count only where they hold
        money."""
        marked = {}
        for value, (rows, money) in self.values.items():
            refunded = self.kind in ("refund", "gift card") or (
                self.kind in ("status", "sale status", "") and re.search(REFUNDED, value) is not None
            )
            if self._is_marked(value) and (money if refunded else rows):
                marked[value] = money if refunded else rows
        return marked

    def holds_money(self) -> bool:
        """Whether the column is an amount, by which `keep` cannot choose rows."""
        return self.kind in ("refund", "gift card") and any(re.search("[1-9]", value) for value in self.marked())

    def _is_marked(self, value: str) -> bool:
        if self.kind in ("status", "sale status"):
            return self._is_bad(value) or (self.kind == "sale status" and value != "" and not re.search(COUNTS, value))
        if self.kind == "":
            return re.search(_ALONE, value) is not None
        said = value not in NOTHING and not (any(c.isdigit() for c in value) and re.fullmatch(_AMOUNT, value))
        return not said if self.kind == "live" else said

    def _is_bad(self, value: str) -> bool:
        return re.search(f"{_NO_SALE}|{TEST}", value) is not None


def unread_status(
    table: str, rows: ir.Table, headers: Sequence[str], amount: ir.Value | None, *, stays: bool
) -> tuple[Note, ...]:
    """One warning on the unread columns that say that some rows are not sales.

    `rows` are the kept rows, `headers` the columns that are not read, dimensions among them. If the rows stay in their
    engine (`stays`), as few queries as possible are made.
    """
    if table not in _TABLES or not headers:
        return ()
    kinds = {header: _kind(header) for header in headers}
    few = _few_values(rows, kinds, stays=stays)
    columns = {header: few[header] for header, kind in kinds.items() if kind is not None or few.get(header)}
    if not columns:
        return ()
    counted = _counted(rows, columns, kinds, amount)
    total = max((sum(n for n, _ in values.values()) for values in counted.values()), default=0)
    marked = [_Column(header, kinds[header] or "", values) for header, values in counted.items()]
    marked = [column for column in marked if column.marked()]
    if not marked:
        return ()
    sentences = "; ".join(_sentence(column, total) for column in marked)
    which = "This is" if len(marked) == 1 else "These are"
    text = f"{sentences}. {which} not read, and such rows count. {_advice(marked)}"
    return (Note("unread_status", max(sum(column.marked().values()) for column in marked), text),)


def _kind(header: str) -> str | None:
    """The meaning of a header; None where it has nothing to do with a status."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    name = " ".join(re.sub(r"[_.:/()\[\]-]+", " ", spaced).lower().split())
    if re.search(UNLIKE, name):
        return None
    if re.search(GIFT_CARD, name):
        return "gift card"
    if re.search("live ?mode", name):
        return "live"
    for kind, pattern in (("refund", REFUNDED), ("cancellation", CANCELLED), ("test", TEST)):
        if re.search(pattern, name):
            return kind
    if not re.search(STATUS, name):
        return None
    rest = re.sub(f"({OF_A_SALE})[a-zäöüßéèńśćłóżź]*|{STATUS}|[- ]", "", name)
    return "status" if rest or name in ("state", "estado", "stan", "état", "etat", "zustand") else "sale status"


def _few_values(rows: ir.Table, kinds: Mapping[str, str | None], *, stays: bool) -> dict[str, bool]:
    """Which columns have few values; of those whose header says nothing, which may hold a status."""
    texts = [header for header, kind in kinds.items() if kind is not None or rows[header].type().is_string()]
    if not texts:
        return {}
    if stays:
        silent = [header for header in texts if kinds[header] is None]
        certain = {header: True for header in texts if kinds[header] is not None}
        if not silent:
            return certain
        first = rows.select(*silent).limit(_FIRST_ROWS)
        ask = {f"c{i}": compared(first[header]).re_search(_ALONE).any() for i, header in enumerate(silent)}
        answer = first.aggregate(**ask).to_pyarrow().to_pylist()[0]
        return certain | {header: bool(answer[f"c{i}"]) for i, header in enumerate(silent)}
    ask = {f"c{i}": rows[header].approx_nunique() for i, header in enumerate(texts)}
    answer = rows.aggregate(**ask).to_pyarrow().to_pylist()[0]
    return {header: 1 < answer[f"c{i}"] <= _FEW for i, header in enumerate(texts)}


def _counted(
    rows: ir.Table, columns: Mapping[str, bool], kinds: Mapping[str, str | None], amount: ir.Value | None
) -> dict[str, dict[str, tuple[int, int]]]:
    """The values of each column, in small letters, with their rows and with those of them that hold money."""
    money = ibis.literal(1) if amount is None else ibis.ifelse(amount > 0, 1, 0)
    parts = []
    for i, (header, few) in enumerate(columns.items()):
        value = compared(rows[header])
        if not few and kinds[header] not in ("status", "sale status"):
            value = ibis.ifelse(value.re_search("[1-9]") | ~value.isin(NOTHING), value.substr(0, 1), value)
        parts.append(rows.select(column=ibis.literal(i), value=value, money=money))
    counted = ibis.union(*parts) if len(parts) > 1 else parts[0]
    counted = counted.group_by(["column", "value"]).aggregate(rows=lambda t: t.count(), money=lambda t: t.money.sum())
    names = list(columns)
    values: dict[str, dict[str, tuple[int, int]]] = {header: {} for header in names}
    for row in counted.order_by([counted.rows.desc(), counted.value]).limit(len(names) * 1000).to_pyarrow().to_pylist():
        values[names[row["column"]]][row["value"]] = (row["rows"], row["money"])
    return values


def _sentence(column: _Column, total: int) -> str:
    """A column with its values and their share of the rows."""
    if column.kind in ("status", "sale status", "") and len(column.values) <= _FEW:
        shares = [f"{_named(value)} {_share(rows, total)}" for value, (rows, _) in column.values.items()]
        more = f" and {len(shares) - _SHOWN} more values" if len(shares) > _SHOWN else ""
        return f"{column.header} holds {', '.join(shares[:_SHOWN])}{more}"
    marked = column.marked()
    what = (
        "a gift card"
        if column.kind == "gift card"
        else f"a {'test' if column.kind == 'live' else column.kind or 'status'}"
    )
    return f"{column.header} shows {what} in {_share(sum(marked.values()), total)} of the rows"


def _advice(marked: Sequence[_Column]) -> str:
    """Advice on how to leave such rows out."""
    status = next((column for column in marked if len(column.values) <= _FEW and not column.holds_money()), None)
    if status is None:
        return "Take them off the amounts, or leave such rows out, before you load the table."
    bad = status.marked()
    good = [
        value
        for value in status.values
        if value not in bad and (value or status.kind not in ("status", "sale status", ""))
    ]
    values = ", ".join(repr(value) for value in good[:_SHOWN]) or "…"
    return f"Keep the rows that count with keep={{{status.header!r}: [{values}]}}."


def _named(value: str) -> str:
    return quoted(value) if value else "nothing"


def _share(rows: int, total: int) -> str:
    share = rows / total if total else 0
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}"
