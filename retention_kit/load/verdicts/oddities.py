"""Rows that look odd but are possible: they are kept, counted and named."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from retention_kit.load.dataset import Note
from retention_kit.load.verdicts.status_words import GIFT_CARD, PAYMENT, PRODUCT, TEST_GATEWAY
from retention_kit.schema import TABLES

LOYAL = 1000
"""Orders from which on a customer is probably a till, a reseller or a placeholder."""

CROWDED_SECOND = 10
"""Orders in one second from which on they are probably an import; midnight, which means a day, is not considered."""

_SHORT_SCALES = {5: 3, 7: 10}
"""Highest answer to an NPS question, and how many answers make it unlikely that the scale goes up to 10."""

_HIGHEST, _ANSWERS = "highest answer", "answers"

LONG_TRIAL = 90
"""Trials that end more days after the start were probably given later, to customers who had paid before."""

# the word test by itself, and the addresses of RFC 2606 that belong to nobody
_TEST = r"(^|[^a-z])test([^a-z]|$)|@example[.](com|org|net)$"


def odd_rows(name: str, table: ir.Table, *, stays: bool) -> tuple[Note, ...]:
    """Notes on odd rows of a table; data that stays in its engine is read only once more, and not grouped."""
    checks = _CHECKS[name](table) if name in _CHECKS else {}
    ask = {rule: condition.sum() for rule, (condition, _) in checks.items()}
    if name == "surveys":
        nps = ibis.ifelse(table.kind == "nps", table.score, ibis.null("float64"))
        ask |= {_HIGHEST: nps.max(), _ANSWERS: nps.count()}
    counts = table.aggregate(**ask).to_pyarrow().to_pylist()[0] if ask else {}
    notes = [Note(rule, int(rows), checks[rule][1]) for rule, rows in counts.items() if rows and rule in checks]
    notes += _short_scale(counts.get(_HIGHEST), counts.get(_ANSWERS, 0))
    return tuple(notes) if stays else (*notes, *_grouped(name, table))


def _short_scale(highest: float | None, answers: int) -> list[Note]:
    """A warning where the highest answer to an NPS question is that of another scale."""
    if highest is None or not any(highest <= end and answers >= least for end, least in _SHORT_SCALES.items()):
        return []
    text = (
        f"answers to the question of NPS, of which the highest is {highest:g}; if it was asked on a scale that ends at "
        f'{highest:g}, they are no NPS, which goes from 0 to 10: pass columns={{"kind": "=csat"}}'
    )
    return [Note("short_scale", answers, text)]


def _orders(t: ir.Table) -> Mapping[str, tuple[ir.BooleanValue, str]]:
    people = t.customer_id.lower()
    test = people.re_search(_TEST)
    if "order_id" in t.columns:
        test = test | t.order_id.lower().re_search(_TEST).fill_null(False)
    test = test | _says(t, PAYMENT, TEST_GATEWAY)
    return {
        "zero_amount": (t.amount == 0, "orders of nothing; they count as orders"),
        "test_order": (test, "customer, order or way of paying looks like a test"),
        "gift_card": (
            (t.amount > 0) & _says(t, f"{PAYMENT}|{PRODUCT}", GIFT_CARD),
            "orders paid with a gift card, or of one; the same money counts when a card is sold and when it is used",
        ),
    }


def _says(t: ir.Table, headers: str, pattern: str) -> ir.BooleanValue:
    """Whether a dimension under one of these headers holds one of these words."""
    texts = [name for name, kind in t.schema().items() if kind.is_string() and re.search(headers, name.lower())]
    texts = [name for name in texts if TABLES["orders"].column(name) is None]
    cells = [t[name].lower().re_search(pattern).fill_null(False) for name in texts]
    return ibis.or_(*cells) if cells else ibis.literal(False)


def _order_lines(t: ir.Table) -> Mapping[str, tuple[ir.BooleanValue, str]]:
    if "quantity" not in t.columns:
        return {}
    return {"no_quantity": (t.quantity <= 0, "lines with a quantity of nothing or less")}


def _subscriptions(t: ir.Table) -> Mapping[str, tuple[ir.BooleanValue, str]]:
    odd = {
        "zero_mrr": (t.mrr == 0, "subscriptions that cost nothing"),
        "no_length": (t.ended_at == t.started_at, "subscriptions that end when they start"),
    }
    if "trial_ended_at" in t.columns and "trial_started_at" not in t.columns:
        late = (t.trial_ended_at > t.started_at + ibis.interval(days=LONG_TRIAL)).fill_null(False)
        text = (
            f"free trials that end more than {LONG_TRIAL} days after the start, all of it taken as free; where they "
            "began later than their subscription, name the column trial_started_at"
        )
        odd["late_trial_end"] = (late, text)
    return odd


def _surveys(t: ir.Table) -> Mapping[str, tuple[ir.BooleanValue, str]]:
    return {"no_answer": (t.score.isnull(), "asked and not answered; they are not in the score")}


def _visits(t: ir.Table) -> Mapping[str, tuple[ir.BooleanValue, str]]:
    if "conversions" not in t.columns:
        return {}
    return {"more_conversions": (t.conversions > t.visitors, "days with more conversions than visitors")}


_CHECKS = {
    "orders": _orders,
    "order_lines": _order_lines,
    "subscriptions": _subscriptions,
    "surveys": _surveys,
    "visits": _visits,
}


def _grouped(name: str, table: ir.Table) -> tuple[Note, ...]:
    """Notes that need rows to be grouped."""
    if name != "orders":
        return ()
    timed = table.filter(table.ordered_at != table.ordered_at.truncate("D"))
    asks = [
        ("loyal_customer", table.group_by("customer_id"), LOYAL, f"orders of customers with {LOYAL:,} orders or more"),
        (
            "crowded_second",
            timed.group_by("ordered_at"),
            CROWDED_SECOND,
            f"orders in seconds with {CROWDED_SECOND} or more",
        ),
        (
            "same_row",
            table.group_by(list(table.columns)),
            2,
            "rows that are equal in every column, without an order id",
        ),
    ]
    if "order_id" in table.columns:
        with_id = table.filter(table.order_id.notnull() & (table.amount >= 0))
        asks[2] = ("same_order_id", with_id.group_by("order_id"), 2, "rows that share their order id with another row")
    notes = []
    for rule, groups, least, text in asks:
        sizes = groups.aggregate(rows=ibis._.count())
        rows = sizes.filter(sizes.rows >= least).rows.sum().to_pyarrow().as_py()
        if rows:
            notes.append(Note(rule, int(rows), text))
    return tuple(notes)
