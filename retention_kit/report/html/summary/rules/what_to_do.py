"""The third sentence and the section "what to do": whom to write to, and what is at stake."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from retention_kit.report.html.summary.facts import CustomerList, Facts
from retention_kit.report.html.summary.sentences import (
    Sentence,
    Value,
    count,
    counted,
    expected,
    expected_range,
    sentence,
)
from retention_kit.report.language import gettext_noop, ngettext_noop

LEAST: Final = 5
"""Least number of customers of the first list, to be the advice of the page."""
LEAST_CONTROL: Final = 5
"""Least number of customers left alone, to promise that the next month says what writing brought."""
FIRST: Final = "at_risk"
_STAKE: Final = {
    "at_risk": ngettext_noop(
        "%(n)s good customer is going quiet, and %(value)s of the next %(months)s months’ revenue is at stake.",
        "%(n)s good customers are going quiet, and %(value)s of the next %(months)s months’ revenue is at stake.",
    ),
    "win_back": ngettext_noop(
        "%(n)s good customer has probably gone; %(value)s of the next %(months)s months’ revenue is still at stake.",
        "%(n)s good customers have probably gone; %(value)s of the next %(months)s months’ revenue is still at stake.",
    ),
    "champions": ngettext_noop(
        "%(n)s of the best customers bought lately; %(value)s is expected of them in %(months)s months.",
        "%(n)s of the best customers bought lately; %(value)s is expected of them in %(months)s months.",
    ),
    "due_to_reorder": ngettext_noop(
        "%(n)s customer is due to reorder; %(value)s of the next %(months)s months’ revenue is expected of them.",
        "%(n)s customers are due to reorder; %(value)s of the next %(months)s months’ revenue is expected of them.",
    ),
}
_NO_VALUE: Final = {
    "at_risk": ngettext_noop("%(n)s good customer is going quiet.", "%(n)s good customers are going quiet."),
    "win_back": ngettext_noop("%(n)s good customer has probably gone.", "%(n)s good customers have probably gone."),
    "champions": ngettext_noop(
        "%(n)s of the best customers bought lately.", "%(n)s of the best customers bought lately."
    ),
    "due_to_reorder": ngettext_noop("%(n)s customer is due to reorder.", "%(n)s customers are due to reorder."),
}
_WRITE: Final = ngettext_noop("Write to %(n)s of them.", "Write to %(n)s of them.")
_CONTROL: Final = ngettext_noop(
    "Write to %(write_to)s; %(n)s is left alone as the control group.",
    "Write to %(write_to)s; %(n)s are left alone as the control group.",
)
_SILENT: Final = ngettext_noop(
    "%(n)s customer is silent for longer than is usual for them.",
    "%(n)s customers are silent for longer than is usual for them.",
)
_SILENT_WORTH: Final = ngettext_noop(
    "%(n)s customer is silent for longer than is usual for them; %(value)s of the next %(months)s months’ revenue is "
    "expected of them.",
    "%(n)s customers are silent for longer than is usual for them; %(value)s of the next %(months)s months’ revenue is "
    "expected of them.",
)
_SILENT_TITLE: Final = ngettext_noop(
    "%(n)s customer is silent for longer than usual", "%(n)s customers are silent for longer than usual"
)
_NOBODY: Final = gettext_noop("No customer needs attention by the rules of this report.")
_ALERT: Final = gettext_noop("Alert: %(reason)s")
_TITLE: Final = {
    "at_risk": ngettext_noop(
        "%(n)s good customer is going quiet; %(value)s is at stake",
        "%(n)s good customers are going quiet; %(value)s is at stake",
    ),
    "win_back": ngettext_noop(
        "%(n)s good customer has probably gone; %(value)s is at stake",
        "%(n)s good customers have probably gone; %(value)s is at stake",
    ),
    "champions": ngettext_noop(
        "%(n)s of the best customers is worth %(value)s", "%(n)s of the best customers are worth %(value)s"
    ),
    "due_to_reorder": ngettext_noop(
        "%(n)s customer is due to reorder, worth %(value)s", "%(n)s customers are due to reorder, worth %(value)s"
    ),
}
_INTERVAL: Final = gettext_noop("Nine in ten: %(range)s")
_WHAT: Final = gettext_noop(
    "Revenue expected of these customers in %(months)s months, by the model of value of the report."
)
_BY_LOT: Final = gettext_noop(
    "Who is left alone was drawn by lot, once for all lists, so that next month can say what writing brought."
)
_TOO_FEW: Final = gettext_noop("So few are left alone that the next month cannot say what writing brought.")
_ONE_LIST: Final = gettext_noop(
    "A customer stands on one list only. Money: the next %(months)s months; small print: nine in ten."
)
_OF_SEGMENTS: Final = gettext_noop(
    "Quiet customers by segment. Money: revenue of the next %(months)s months that is at stake with them; small print: "
    "nine in ten."
)
LISTS: Final = {
    "at_risk": (gettext_noop("Going quiet"), gettext_noop("worth more than most, silent for longer than usual")),
    "win_back": (gettext_noop("Probably gone"), gettext_noop("were good customers")),
    "due_to_reorder": (gettext_noop("Due to reorder"), gettext_noop("by their own rhythm")),
    "champions": (gettext_noop("Champions"), gettext_noop("bought lately, often and for large amounts")),
}
"""Name of each list on the page, and who is on it."""
OF_SEGMENTS: Final = {
    "at_risk": gettext_noop("of the segments champions and loyal, no longer sure to come back"),
    "win_back": gettext_noop("of the segments can’t lose and at risk, no longer sure to come back"),
}
"""Who is on a list where no action lists are configured."""


def chosen(facts: Facts) -> CustomerList | None:
    """The list that the page speaks about: customers going quiet if they are enough, else the most money at stake."""
    first = next((item for item in facts.lists if item.name == FIRST and item.customers >= LEAST), None)
    if first is not None:
        return first
    others = [item for item in facts.lists if item.customers]
    return max(others, key=lambda item: -1.0 if math.isnan(item.value) else item.value, default=None)


def what_to_do(facts: Facts) -> tuple[Sentence, ...]:
    """Alerts first, then the advice.

    Examples
    --------
    >>> quiet = CustomerList("at_risk", "Going quiet", 91, 20900.0, 16500.0, 25600.0, write_to=82, control=9)
    >>> [part.n for part in what_to_do(Facts("2026-05", "Shop", lists=(quiet,)))]
    [91, 9]
    """
    alerts = tuple(sentence(_ALERT, reason=Value("text", reason)) for reason in facts.alerts)
    return (*alerts, *_advice(facts))


def _advice(facts: Facts) -> Iterator[Sentence]:
    item = chosen(facts)
    if item is None:
        if facts.overdue:
            yield _silent(facts)
        elif facts.lists:
            yield Sentence(_NOBODY)
        return
    yield _stake(facts, item)
    if item.control:
        yield counted(_CONTROL, item.control, write_to=count(item.write_to))
    elif item.write_to:
        yield counted(_WRITE, item.write_to)


def _silent(facts: Facts) -> Sentence:
    if math.isnan(facts.overdue_value):
        return counted(_SILENT, facts.overdue)
    value = expected(facts.overdue_value, sentence(_WHAT, months=count(facts.horizon)))
    return counted(_SILENT_WORTH, facts.overdue, value=value, months=count(facts.horizon))


def _stake(facts: Facts, item: CustomerList) -> Sentence:
    if math.isnan(item.value):
        return counted(_NO_VALUE[item.name], item.customers)
    return counted(_STAKE[item.name], item.customers, value=_value(facts, item), months=count(facts.horizon))


def _value(facts: Facts, item: CustomerList) -> Value:
    lines = [sentence(_WHAT, months=count(facts.horizon))]
    if not math.isnan(item.low):
        lines.append(sentence(_INTERVAL, range=expected_range(item.low, item.high)))
    return expected(item.value, *lines)


def title(facts: Facts) -> Sentence | None:
    """The finding of the section; None if there is none."""
    item = chosen(facts)
    if item is None:
        return counted(_SILENT_TITLE, facts.overdue) if facts.overdue else None
    if math.isnan(item.value):
        return counted(_NO_VALUE[item.name], item.customers)
    return counted(_TITLE[item.name], item.customers, value=expected(item.value))


def text(facts: Facts) -> tuple[Sentence, ...]:
    """The section's paragraphs."""
    item = chosen(facts)
    if item is None:
        return ()
    lines = []
    if item.control:
        lot = Sentence(_BY_LOT if item.control >= LEAST_CONTROL else _TOO_FEW)
        lines += [counted(_CONTROL, item.control, write_to=count(item.write_to)), lot]
    months = count(facts.horizon)
    lines.append(sentence(_OF_SEGMENTS if item.of_segments else _ONE_LIST, months=months))
    return tuple(lines)
