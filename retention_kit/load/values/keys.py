"""Ids: one customer is one id, however their address, number or name was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_kit.formats import counted
from retention_kit.load.dataset import Note
from retention_kit.load.values.reader import EMPTY, Reader, Row, nothing, text, unmarked, written

CUSTOMER: Final = "customer_id"
KEYS: Final = (CUSTOMER, "order_id", "subscription_id")
"""Columns by which rows and tables are joined."""

_MAIL: Final = "^[^@]+@[^@]+$"
# a whole number with a decimal point, as spreadsheets write ids: 7.0
_POINT: Final = "^-?[0-9]+[.]0$"
_NUMBER: Final = "^-?[0-9]+([.]0)?$"


@dataclass(frozen=True)
class KeyReader(Reader):
    """Reads ids. Three spellings of one id are made alike, each only where some value needs it:

    spaces and marks of no width beyond ASCII are taken off; the addresses of e-mail that are the ids of customers are
    written in small letters; and where every id is a whole number, some or all of them with a decimal point, 7.0 is 7.
    Other ids may differ in capitals on purpose; `apart` says whether some do.
    """

    mail: bool = False
    point: bool = False
    apart: bool = False

    def dirt(self, column: ir.Value) -> dict[str, ir.BooleanValue]:
        """Which values need cleaning, and which may be another spelling of an id."""
        dirt = super().dirt(column)
        if not dirt:
            return dirt
        dirt["point"] = column.endswith(".0")
        if self.name == CUSTOMER:
            large = column != column.lower()
            dirt |= {"mail": large & column.contains("@"), "large": large & ~column.contains("@")}
        return dirt

    def informed(self, seen: Mapping[str, bool]) -> KeyReader:
        """The reader that knows which spellings may occur."""
        return replace(
            self,
            as_is=not (seen.get("dirty") or seen.get("marked")),
            marked=bool(seen.get("marked")),
            mail=bool(seen.get("mail")),
            point=bool(seen.get("point")),
            apart=bool(seen.get("large")),
        )

    @property
    def only_cast(self) -> bool:
        """Whether no id needs more than a cast."""
        return self.as_is and not (self.mail or self.point)

    def cell(self, column: ir.Value) -> ir.Value:
        """The original value; marks are left in it, to be counted."""
        return written(column) if self.as_is else text(column, marked=False)

    def evidence(self, row: Row) -> dict[str, ir.IntegerScalar]:
        """How many rows and ids are written in another spelling than the one that counts."""
        cell = row["cell"]
        plain = self._plain(cell)
        ask: dict[str, ir.IntegerScalar] = {}
        if self.marked:
            ask["marked"] = (cell != unmarked(cell)).sum()
            ask["marked_ids"] = cell.nunique() - plain.nunique()
        if self.mail:
            small = _in_small_letters(plain)
            ask["mail"] = (plain != small).sum()
            ask["mail_ids"] = plain.nunique() - small.nunique()
        if self.apart:
            ask["small"] = (~plain.contains("@") & (plain != plain.upper())).sum()
        if self.point:
            ask["point"] = plain.re_search(_POINT).sum()
            ask["others"] = (~plain.re_search(_NUMBER)).sum()
        return ask

    def settle(self, seen: Mapping[str, int]) -> KeyReader:
        """Decide which spellings are made alike, and state it with numbers."""
        notes = []
        if seen.get("marked"):
            notes.append(
                f"{self.name}: spaces and invisible marks beyond ASCII were taken off in "
                f"{counted(seen['marked'], 'row')}"
                f"{_other_spellings(seen['marked_ids'])}"
            )
        if seen.get("mail"):
            notes.append(
                f"{self.name}: e-mail addresses are compared in small letters; "
                f"{counted(seen['mail'], 'row has', 'rows have')} capitals"
                f"{_other_spellings(seen['mail_ids'])}"
            )
        point = bool(seen.get("point")) and not seen["others"]
        if point:
            notes.append(
                f"{self.name}: every id is a number, {seen['point']:,} of them written as 7.0, which is read as 7"
            )
        return replace(self, point=point, apart=bool(seen.get("small")), assumptions=tuple(notes))

    def value(self, row: Row) -> ir.Value:
        """The id in the spelling that counts."""
        value = self._plain(row["cell"])
        value = _in_small_letters(value) if self.mail else value
        return value.re_replace("[.]0$", "") if self.point else value

    def _plain(self, cell: ir.StringValue) -> ir.StringValue:
        """The id without marks; null where nothing else was in it."""
        if not self.marked:
            return cell
        plain = unmarked(cell)
        return ibis.ifelse(plain.lower().isin(EMPTY), nothing(), plain)


def _in_small_letters(ids: ir.StringValue) -> ir.StringValue:
    """Addresses of e-mail in small letters, other ids as they are."""
    return ibis.ifelse(ids.re_search(_MAIL), ids.lower(), ids)


def _other_spellings(ids: int) -> str:
    """The end of a sentence: how many ids became equal to another one; empty for none."""
    occur = "occurs" if ids == 1 else "occur"
    return f", and {ids:,} of their ids also {occur} in another spelling" if ids else ""


def apart_in_capitals(table: ir.Table, reader: Reader | None) -> tuple[Note, ...]:
    """A warning where ids that are no addresses differ only in capitals: codes may, names should not.

    Checked only where some of these ids have small letters and some have large ones.
    """
    if not (isinstance(reader, KeyReader) and reader.apart):
        return ()
    codes = table.filter(~table.customer_id.contains("@"))
    alike = codes.group_by(small=codes.customer_id.lower()).aggregate(
        ids=codes.customer_id.nunique(), rows=codes.count()
    )
    alike = alike.filter(alike.ids > 1)
    seen = alike.aggregate(ids=alike.ids.sum(), rows=alike.rows.sum()).to_pyarrow().to_pylist()[0]
    if not seen["ids"]:
        return ()
    text = (
        f"rows of {seen['ids']:,} customer ids that differ from another only in capitals; they are kept apart, "
        "so make them alike before loading if they are the same customers"
    )
    return (Note("ids_differ_in_capitals", int(seen["rows"]), text),)
