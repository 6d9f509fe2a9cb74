"""Refunds without their payment: it is not in the source, or a rule refused it."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.dataset import Note
from retention_kit.load.sources.raw_table import PART
from retention_kit.load.values.reader import Fault
from retention_kit.load.verdicts.refusals import RULE

_NAME = "refund_of_refused"
_REASON = "the payment {value} that this refund gives back was refused itself"


@dataclass(frozen=True)
class Orphans:
    """The table in which refunds of refused payments are refused, the rule for that, and notes."""

    table: ir.Table
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


def is_refund(converted: Converted, judged: ir.Table) -> ir.BooleanValue | None:
    """Refunds that are rows of their own; None where the table has no ids by which to find their payments."""
    if not {"amount", "order_id"} <= set(converted.readers):
        return None
    negative = judged["__amount__value"] < 0
    return negative & (judged[PART] == 0) if PART in judged.columns else negative


def without_orphans(judged: ir.Table, converted: Converted) -> Orphans:
    """Look for the payment of each refund that is kept, by the id that it refers to, or by an order id they share.

    Order ids are used only if at least half of the refunds share theirs with a payment, because many shops give refunds
    numbers of their own.
    """
    refund = is_refund(converted, judged)
    if refund is None:
        return Orphans(judged)
    declared = "_refund_of" in converted.readers
    key = "___refund_of__value" if declared else "__order_id__value"
    refunds = judged.filter(judged[RULE].isnull() & refund & judged[key].notnull())
    refunds = refunds.group_by(_key=refunds[key]).aggregate(
        _rows=refunds.count(), _sum=refunds["__amount__value"].sum()
    )
    paid = judged.filter(judged["__amount__value"] > 0)
    paid = paid.semi_join(refunds, paid["__order_id__value"] == refunds["_key"])
    paid = paid.group_by(_paid="__order_id__value").aggregate(_kept=paid[RULE].isnull().sum(), _all=paid.count())
    state = refunds.left_join(paid, refunds["_key"] == paid["_paid"]).drop("_paid")
    state = state.cache() if converted.copied else state
    absent, refused = state["_all"].isnull(), state["_kept"] == 0
    ask = {"absent": absent, "refused": refused, "matched": state["_all"].notnull()}
    sums = {f"{name}_{of}": state[f"_{of}"].sum(where=hit) for name, hit in ask.items() for of in ("rows", "sum")}
    totals = state.aggregate(**sums).to_pyarrow().to_pylist()[0]
    notes = []
    if totals["absent_rows"] and (declared or (totals["matched_rows"] or 0) >= totals["absent_rows"]):
        text = f"refunds ({totals['absent_sum']:,.2f} in all) whose payment is not in this source; they count"
        notes.append(Note("orphan_refund", int(totals["absent_rows"]), text))
    if not totals["refused_rows"]:
        return Orphans(judged, notes=tuple(notes))
    text = f"refunds ({totals['refused_sum']:,.2f} in all) whose payment was refused; they are refused as well"
    notes.append(Note("orphan_refund", int(totals["refused_rows"]), text))
    lost = state.filter(refused).select(_lost=state["_key"])
    lost = lost if converted.copied else ibis.memtable(lost.to_pyarrow())
    table = judged.left_join(lost, judged[key] == lost["_lost"])
    hit = table["_lost"].notnull() & table[RULE].isnull() & is_refund(converted, table)
    table = table.mutate(**{RULE: table[RULE].fill_null(hit.ifelse(_NAME, ibis.null("string")))})
    fault = Fault(_NAME, "_refund_of" if declared else "order_id", table["_lost"].notnull(), _REASON)
    table = table.drop("_lost")
    return Orphans(table.cache() if converted.copied else table, (fault,), tuple(notes))
