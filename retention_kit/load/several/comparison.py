"""Rows of several sources that are the same payment are refused, each with a reason; notes name what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_kit.load.dataset import Note
from retention_kit.load.one_source.judging import Judged, count
from retention_kit.load.one_source.matching import Opened
from retention_kit.load.several.addresses import strangers
from retention_kit.load.several.near_misses import near
from retention_kit.load.several.pairs import FEW_MINUTES
from retention_kit.load.several.references import PAYMENTS, Compared, columns_of, kept
from retention_kit.load.several.same_payment import Repeats, find_repeats
from retention_kit.load.sources.raw_table import FILE, ID, ROW
from retention_kit.load.verdicts import refusals
from retention_kit.load.verdicts.refusals import RULE, TEXT

_RULE = "duplicate_of_other_source"


def compared_rows(
    names: Sequence[str], parts: Sequence[Judged], opened_sources: Sequence[Opened]
) -> tuple[list[Judged], list[Note], tuple[str, ...]]:
    """The parts with rows refused that repeat a row of another one, notes on doubts, and how they were compared."""
    sides = [_compared(name, part, source) for name, part, source in zip(names, parts, opened_sources, strict=True)]
    sides = sorted(sides, key=lambda side: side.role == PAYMENTS)
    repeats = find_repeats(sides)
    marked = {side.label: side.judged for side in _marked(sides, repeats)}
    notes = [*_only_at_provider(repeats), *_nearly(sides, repeats), *strangers(sides)]
    return [marked[name] for name in names], notes, _said(sides)


def _compared(name: str, judged: Judged, source: Opened) -> Compared:
    """A part with what the comparison needs to know."""
    moment = judged.table["__ordered_at__value"]
    timed = kept(judged).aggregate(timed=(moment != moment.truncate("D")).any()).to_pyarrow().to_pylist()[0]["timed"]
    vendor = source.vendor
    numbered = "order_id" in judged.match.headers or not timed
    plain_log = (
        judged.prepared.raw.headers if numbered else name
    )  # rows of plain logs can only be distinguished by their facts
    kind = plain_log if vendor is None else vendor.name
    return Compared(name, judged, "shop" if vendor is None else vendor.role, kind, not timed)


def _marked(sources: Sequence[Compared], repeats: Repeats) -> list[Compared]:
    """The parts with their repeating rows refused, each with a sentence that names the row it repeats."""
    texts = ibis.memtable(_sentences(sources, repeats))
    result = []
    for number, source in enumerate(sources):
        own = texts.filter(texts.part == number).select(__of=texts.id, **{TEXT: texts.text})
        table = source.judged.table.left_join(own, source.judged.table[ID] == own["__of"])
        refused = table["__of"].notnull()
        table = table.mutate(**{RULE: ibis.ifelse(refused, ibis.literal(_RULE), table[RULE])})
        table = _with_customers(table, number, repeats).drop("__of").cache()
        counts = count(table, source.judged.prepared, source.judged.money, source.judged.match)
        result.append(replace(source, judged=replace(source.judged, table=table, counts=counts)))
    return result


def _with_customers(table: ir.Table, number: int, repeats: Repeats) -> ir.Table:
    """Assign refunds that the shop does not know to the customer of the shop's order."""
    buyers = ibis.union(*repeats.keys).select(of_part=_.part, of_id=_.id, __buyer=_.customer)
    own = (
        repeats.refunds.filter(_.part == number)
        .inner_join(buyers, ["of_part", "of_id"])
        .select("__buyer", __refund=_.id)
    )
    joined = table.left_join(own, table[ID] == own["__refund"])
    column = "__customer_id__value"
    return joined.mutate(**{column: joined["__buyer"].fill_null(joined[column])}).drop("__buyer", "__refund")


def _sentences(sources: Sequence[Compared], repeats: Repeats) -> pd.DataFrame:
    """A sentence for each repeating row: part, id, text."""
    pairs = repeats.rows.to_pandas()
    named = pd.concat([_named(number, source, repeats) for number, source in enumerate(sources)], ignore_index=True)
    pairs = pairs.merge(named, on=["of_part", "of_id"], how="left", validate="many_to_one")
    by = {"reference": "its reference", "facts": "customer, amount and time"}
    text = "the same payment as " + pairs["name"] + ", by " + pairs["how"].map(by)
    return pd.DataFrame({"part": pairs["part"], "id": pairs["id"], "text": text.astype("str")})


def _named(number: int, source: Compared, repeats: Repeats) -> pd.DataFrame:
    """The names of the repeated rows of a part: of_part, of_id, name."""
    table, raw = source.judged.table, source.judged.prepared.raw
    named_rows = repeats.rows.filter(_.of_part == number).select(__wanted=_.of_id).distinct()
    rows = table.semi_join(named_rows, table[ID] == named_rows["__wanted"])
    order = rows["__order_id__value"] if "__order_id__value" in rows.columns else ibis.null("string")
    position = {name: rows[column] for name, column in (("file", FILE), ("row", ROW)) if column in rows.columns}
    taken = rows.select(of_id=rows[ID], order=order, **position).to_pandas()
    row = refusals.row_numbers(taken, raw).astype("str")
    file = taken["file"].astype("str").str.replace(r".*[/\\]", "", regex=True) + " " if "file" in taken else ""
    called = taken["order"].map(lambda value: "" if pd.isna(value) else f" ({value})").astype("str")
    name = f"{source.label} " + file + "row " + row + called
    return pd.DataFrame({"of_part": number, "of_id": taken["of_id"], "name": name})


def _said(sources: Sequence[Compared]) -> tuple[str, ...]:
    """How the sources were compared, in order of precedence."""
    used = {
        source.label: dict.fromkeys(h for headers in columns_of(source).values() for h in headers) for source in sources
    }
    columns = "; ".join(f"{', '.join(headers) or 'no column'} ({label})" for label, headers in used.items())
    return (
        f"a payment that several sources saw is counted once, in the order {', '.join(used)}: "
        f"by references in {columns}; else by customer, amount before refunds, currency and {FEW_MINUTES} minutes",
    )


def _only_at_provider(repeats: Repeats) -> list[Note]:
    """A note on payments that the provider refunded and the shop did not take off."""
    keys = ibis.union(*repeats.keys)
    theirs = keys.select(of_part=_.part, of_id=_.id, of_refunded=_.refunded)
    pairs = repeats.rows.inner_join(keys, ["part", "id"]).inner_join(theirs, ["of_part", "of_id"])
    returns = [i for i, table in enumerate(repeats.keys) if (~table.payment).any().to_pyarrow().as_py()]
    pairs = pairs.filter(pairs.payment & (pairs.refunded > pairs.of_refunded))
    pairs = pairs.filter(~pairs.of_part.isin(returns)) if returns else pairs
    answer = (
        pairs.aggregate(rows=pairs.count(), money=(pairs.refunded - pairs.of_refunded).sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not answer["rows"]:
        return []
    text = (
        f"payments were given back at the payment provider and not in the shop, {answer['money']:,.2f} in all; "
        "the amount of the shop is kept"
    )
    return [Note("refund_only_at_provider", int(answer["rows"]), text)]


def _nearly(sources: Sequence[Compared], repeats: Repeats) -> list[Note]:
    """Notes on payments that are kept although an order of another source resembles them."""
    notes = []
    for number, source in enumerate(sources):
        if not number:
            continue
        answer = near(number, sources, repeats)
        if answer["same_customer"]:
            hours = f", most of them {answer['hours']:+d} hours away" if answer["hours"] else ""
            text = (
                f"{source.label}: rows with the customer and amount of an order of another source within a day, but "
                f"more than {FEW_MINUTES} minutes apart{hours}; they are counted as orders of their own. Where a "
                "source is in another time zone, name it"
            )
            notes.append(Note("near_other_source", int(answer["same_customer"]), text))
        if answer["other_customer"]:
            text = (
                f"{source.label}: rows with the amount and the minute of an order of another source under another "
                "customer; they are counted as orders of their own"
            )
            notes.append(Note("other_customer_in_other_source", int(answer["other_customer"]), text))
    return notes
