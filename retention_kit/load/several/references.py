"""How rows of different sources name each other: order numbers, ids of payments, and texts that mention them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_kit.load.columns.mapping import plain
from retention_kit.load.one_source.judging import Judged
from retention_kit.load.sources.raw_table import ID
from retention_kit.load.values.reader import trimmed
from retention_kit.load.verdicts.refusals import RULE

PAYMENTS = "payments"
"""Role of a preset whose rows are payments that a shop may know as orders."""

SURE = 12
"""Characters from which on an id says alone that two rows are one payment; a shorter number needs another fact."""

_COMMON = 25
"""From this number of rows on, a text that they share is not an identifier."""

_LINK = (
    r"^(id|payment_?(id|reference)s?|payment_?intent(_?id)?|transaction_?(id|code|number)|charge(_?id)?|"
    r"checkout_?(id|token)|receipt_(id|number))$"
)
"""Headers with the id of a payment, as shop and provider share it."""

_NUMBER = r"^order_?(id|number|name|no)?$"
"""Headers with a shop's own number of an order, beside the one that is read as order_id."""

_TEXT = (
    r"description|metadata|invoice|custom_number|^custom$|memo$|^note|reference|_txn_|^order_?(id|number|no|key)?($|_)|"
    r"beschreibung|rechnungsnummer|zugeh.riger_transaktionscode|verwendungszweck|"
    r"opis$|numer_faktury|pomocniczy_numer_transakcji|tytu.$|facture|r.f.rence|factura|referencia|descripci|"
    r"發票|參考|備註"
)
"""Headers of texts in which a row may name a row of another source, or the payment that it gives back."""

_BETWEEN = r"[\s,;:()\[\]{}|\"'+]+"
"""What separates the words of a text; a reference such as WC-201 or c10.1 is one word."""

_CUTS = {
    "number": ((_BETWEEN, 1), ("[^0-9]+", SURE - 2)),
    "link": ((_BETWEEN, 1), ("[^0-9]+", SURE - 2)),
    "text": ((_BETWEEN, 1), ("[^0-9a-z]+", 1), ("[^0-9]+", 1)),
}
"""How cells are cut, and the fewest characters of a piece: a reference whole and the long runs of digits in it, a text
also into its words and numbers. Some providers show c20412829696200.1 as 20412829696200, and WC-201 is order 201."""


@dataclass(frozen=True)
class Compared:
    """A source in the comparison: its name, its rows, its role and kind, and whether its moments are only days.

    `role` is that of its preset; sources of one `kind` are exports of one vendor or of one layout.
    """

    label: str
    judged: Judged
    role: str
    kind: object
    days: bool


def kept(judged: Judged) -> ir.Table:
    """The rows that no rule has refused."""
    return judged.table.filter(judged.table[RULE].isnull())


def columns_of(source: Compared) -> dict[str, tuple[str, ...]]:
    """The columns in which a source names its own rows (number, link) or those of others (text)."""
    own = source.judged.match.headers.get("order_id")
    own = own if own in source.judged.prepared.raw.headers else None
    taken = {own, source.judged.match.headers.get("customer_id")}
    by_kind: dict[str, list[str]] = {"number": [], "link": [], "text": []}
    for header in source.judged.prepared.raw.headers:
        name = plain(header)
        if header in taken:
            continue
        if re.search(_LINK, name):
            by_kind["link"].append(header)
        elif re.search(_NUMBER, name) and source.role != PAYMENTS:
            by_kind["number"].append(header)
        elif re.search(_TEXT, name):
            by_kind["text"].append(header)
    if own is not None:  # the id of a provider's row is the id of a payment
        by_kind["link" if source.role == PAYMENTS else "number"].insert(0, own)
    return {kind: tuple(headers) for kind, headers in by_kind.items()}


def tokens(source: Compared, number: int) -> ir.Table:
    """Every piece of text with a digit by which a row is named or names another: part, id, kind, token."""
    rows = kept(source.judged)
    empty = {"part": "int64", "id": "int64", "kind": "string", "token": "string"}
    pieces = [ibis.memtable([], schema=empty)]
    for kind, headers in columns_of(source).items():
        for header in headers:
            cell = trimmed(rows[header].cast("string").lower().replace("#", ""))
            keys = {"part": ibis.literal(number, "int64"), "id": rows[ID].cast("int64"), "kind": ibis.literal(kind)}
            for separator, shortest in _CUTS[kind]:
                cut = rows.select(**keys, token=cell.re_split(separator).unnest())
                pieces.append(cut.filter(cut.token.re_search("[0-9]") & (cut.token.length() >= shortest)))
    every = ibis.union(*pieces, distinct=True)
    times = every.group_by("kind", "token").mutate(times=_.count())
    return times.filter((_.times < _COMMON) | (_.kind == "text")).drop("times")
