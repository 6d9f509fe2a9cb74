"""The first sentences: what changed, by how much, and whether that is more than chance."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator
from typing import Final

from retention_kit.report.html.summary.facts import Change, Facts, Number
from retention_kit.report.html.summary.sentences import Sentence, Value, count, counted, money, sentence
from retention_kit.report.language import gettext_noop, ngettext_noop

LEAST_OF_DAYS: Final = 0.25
"""Least part of a change that more or fewer days explain, to be said."""
_MULTIPLES: Final = (
    (
        3,
        gettext_noop(
            "Revenue was %(revenue)s %(in_month)s, more than three times as much as %(in_last_year)s (%(change)s)."
        ),
    ),
    (
        2,
        gettext_noop("Revenue was %(revenue)s %(in_month)s, more than twice as much as %(in_last_year)s (%(change)s)."),
    ),
    (1.9, gettext_noop("Revenue was %(revenue)s %(in_month)s, almost twice as much as %(in_last_year)s (%(change)s).")),
)
_ABOUT: Final = 0.1
"""A change below this, within chance, leaves revenue about what it was; a larger one is only not known to be real."""
_YEAR: Final = {
    (True, True): gettext_noop("Revenue was %(revenue)s %(in_month)s, %(change)s more than %(in_last_year)s."),
    (True, False): gettext_noop("Revenue was %(revenue)s %(in_month)s, %(change)s less than %(in_last_year)s."),
    (False, True): gettext_noop(
        "Revenue was %(revenue)s %(in_month)s, about what it was a year ago (%(change)s, within chance)."
    ),
    (False, False): gettext_noop(
        "Revenue was %(revenue)s %(in_month)s; the change since a year ago, %(change)s, is within chance."
    ),
}
_YEAR_NOT_SAID: Final = gettext_noop(
    "Revenue was %(revenue)s %(in_month)s; %(in_last_year)s it was %(before)s (%(change)s)."
)
_MONTH: Final = {
    (True, True): gettext_noop("Since %(previous)s it rose by %(change)s, more than chance (%(chance)s)."),
    (True, False): gettext_noop("Since %(previous)s it fell by %(change)s, more than chance (%(chance)s)."),
    (False, True): gettext_noop("The rise since %(previous)s, %(change)s, is within chance."),
    (False, False): gettext_noop("The fall since %(previous)s, %(change)s, is within chance."),
}
_MONTH_ALONE: Final = {
    True: gettext_noop("Since %(previous)s it rose by %(change)s, more than chance."),
    False: gettext_noop("Since %(previous)s it fell by %(change)s, more than chance."),
}
_MONTH_NOT_SAID: Final = gettext_noop(
    "Since %(previous)s it changed by %(change)s; whether that is chance is not known."
)
_SEASONAL: Final = gettext_noop("It did as much at this time last year.")
_SAME: Final = gettext_noop("Since %(previous)s it did not change.")
_PARTIAL: Final = ngettext_noop(
    "On the first day of %(month)s revenue was %(revenue)s.",
    "In the first %(n)s days of %(month)s revenue was %(revenue)s.",
)
_PARTIAL_AGAINST: Final = {
    (True, True): gettext_noop(
        "That is %(change)s more than %(before)s in the same days of %(earlier)s, more than chance."
    ),
    (True, False): gettext_noop(
        "That is %(change)s less than %(before)s in the same days of %(earlier)s, more than chance."
    ),
    (False, True): gettext_noop(
        "In the same days of %(earlier)s it was %(before)s; the change, %(change)s, is within chance."
    ),
}
_PARTIAL_NOT_SAID: Final = gettext_noop("In the same days of %(earlier)s it was %(before)s (%(change)s).")
_DAYS_MORE: Final = (
    (0.9, ngettext_noop("Nearly all of that is one more day.", "Nearly all of that is %(n)s more days.")),
    (0.6, ngettext_noop("Most of that is one more day.", "Most of that is %(n)s more days.")),
    (0.42, ngettext_noop("Half of that is one more day.", "Half of that is %(n)s more days.")),
    (0.29, ngettext_noop("A third of that is one more day.", "A third of that is %(n)s more days.")),
    (0.0, ngettext_noop("A quarter of that is one more day.", "A quarter of that is %(n)s more days.")),
)
_DAYS_FEWER: Final = (
    (0.9, ngettext_noop("Nearly all of that is one day fewer.", "Nearly all of that is %(n)s days fewer.")),
    (0.6, ngettext_noop("Most of that is one day fewer.", "Most of that is %(n)s days fewer.")),
    (0.42, ngettext_noop("Half of that is one day fewer.", "Half of that is %(n)s days fewer.")),
    (0.29, ngettext_noop("A third of that is one day fewer.", "A third of that is %(n)s days fewer.")),
    (0.0, ngettext_noop("A quarter of that is one day fewer.", "A quarter of that is %(n)s days fewer.")),
)
_MRR: Final = {
    True: gettext_noop(
        "Recurring revenue was %(revenue)s at the end of %(month)s, %(change)s more than a month before."
    ),
    False: gettext_noop(
        "Recurring revenue was %(revenue)s at the end of %(month)s, %(change)s less than a month before."
    ),
}
_VALUE_ALONE: Final = gettext_noop("%(label)s: %(value)s in this month.")
_INTERVAL: Final = gettext_noop("95%% interval: %(interval)s")
_EARLIER: Final = gettext_noop("%(month)s: %(before)s")
_MORE: Final = gettext_noop("more than chance: %(chance)s")
_WITHIN: Final = gettext_noop("within chance: %(chance)s")
_FORMULA: Final = "%(formula)s"


def what_changed(facts: Facts) -> tuple[Sentence, ...]:
    """What changed this month, in at most three sentences.

    Examples
    --------
    >>> facts = Facts("2026-05", "Shop", age=4, numbers={"revenue": Number("revenue", "Revenue", "money", 100.0)})
    >>> what_changed(facts)[0].values["n"].data
    4
    """
    revenue = facts.numbers.get("revenue")
    if revenue is None or math.isnan(revenue.value):
        return tuple(_without_orders(facts))
    if facts.days is not None:
        return tuple(_partial(facts, revenue, facts.days))
    return (_since_year(facts, revenue), *_since_month(facts, revenue))


def behind(number: Number, facts: Facts) -> tuple[Sentence, ...]:
    """What is behind a number: how it is computed, its interval, and its earlier values with their chance."""
    lines = [sentence(_FORMULA, formula=Value("label", number.how or number.label))]
    if not math.isnan(number.low):
        lines.append(sentence(_INTERVAL, interval=Value("unit_range", (number.low, number.high, number.unit))))
    for against, change in number.changes.items():
        month = Value("month_year", facts.before(against))
        lines.append(sentence(_EARLIER, month=month, before=Value("in_unit", (change.before, number.unit))))
        lines += behind_change(change)
    return tuple(lines)


def behind_change(change: Change) -> tuple[Sentence, ...]:
    """How often chance alone would change a number as much."""
    if math.isnan(change.p) or change.sure is None:
        return ()
    return (sentence(_MORE if change.sure else _WITHIN, chance=Value("chance", change.p)),)


def ratio(value: float, change: Change) -> float:
    """A relative change."""
    return (value - change.before) / abs(change.before) if change.before else math.nan


def _since_year(facts: Facts, revenue: Number) -> Sentence:
    said = {
        "revenue": money(revenue.value, *behind(revenue, facts)),
        "in_month": Value("in_month", facts.month),
        "in_last_year": Value("in_month_year", facts.last_year),
    }
    change = revenue.changes.get("last_year")
    if change is None or math.isnan(change.before) or change.before <= 0:
        return _young(facts, said)
    moved = ratio(revenue.value, change)
    whole, size = (Value(kind, moved, behind_change(change)) for kind in ("change", "size_of_change"))
    if change.sure is None:
        return Sentence(_YEAR_NOT_SAID, {**said, "change": whole, "before": money(change.before)})
    if not change.sure:
        values = {name: value for name, value in said.items() if name != "in_last_year"}
        return Sentence(_YEAR[False, abs(moved) < _ABOUT], {**values, "change": whole})
    for times, message in _MULTIPLES:
        if revenue.value / change.before >= times:
            return Sentence(message, {**said, "change": whole})
    return Sentence(_YEAR[True, moved > 0], {**said, "change": size})


def _young(facts: Facts, said: dict[str, Value]) -> Sentence:
    said = {name: value for name, value in said.items() if name != "in_last_year"}
    if facts.age == 1:
        return Sentence(gettext_noop("Revenue was %(revenue)s %(in_month)s, the first month of the data."), said)
    text = gettext_noop("Revenue was %(revenue)s %(in_month)s, month %(n)s of the data.")
    return Sentence(text, {**said, "n": count(facts.age)})


def _since_month(facts: Facts, revenue: Number) -> Iterator[Sentence]:
    change = revenue.changes.get("previous")
    if change is None or math.isnan(change.before) or change.before <= 0:
        return
    moved, previous = ratio(revenue.value, change), Value("of_month", facts.previous)
    whole = Value("change", moved, behind_change(change))
    if moved == 0:
        yield sentence(_SAME, previous=previous)
        return
    if change.sure is None:
        yield sentence(_MONTH_NOT_SAID, previous=previous, change=whole)
    elif change.sure:
        values = {"previous": previous, "change": Value("size_of_change", moved)}
        if math.isnan(change.p):
            yield Sentence(_MONTH_ALONE[moved > 0], values)
        else:
            yield Sentence(_MONTH[True, moved > 0], {**values, "chance": Value("chance", change.p)})
    else:
        yield sentence(_MONTH[False, moved > 0], previous=previous, change=whole)
    if change.sure and change.seasonal:
        yield Sentence(_SEASONAL)
    causes = facts.causes.get("previous")
    from_days = change.from_days if causes is None or math.isnan(causes.from_days) else causes.from_days
    yield from _of_days(facts, revenue.value - change.before, from_days)


def _of_days(facts: Facts, change: float, from_days: float) -> Iterator[Sentence]:
    """How much of a change is only the length of the month."""
    part = from_days / change if change else math.nan
    more = _length(facts.month) - _length(facts.previous)
    if math.isnan(part) or part < LEAST_OF_DAYS or more == 0 or (more > 0) != (change > 0):
        return
    messages = next(texts for least, texts in (_DAYS_MORE if more > 0 else _DAYS_FEWER) if part >= least)
    yield counted(messages, abs(more))


def _length(month: str) -> int:
    return calendar.monthrange(int(month[:4]), int(month[5:7]))[1]


def _partial(facts: Facts, revenue: Number, days: int) -> Iterator[Sentence]:
    said = {"month": Value("of_month", facts.month), "revenue": money(revenue.value, *behind(revenue, facts))}
    yield counted(_PARTIAL, days, **said)
    for against, change in revenue.changes.items():
        if math.isnan(change.before) or change.before <= 0:
            continue
        moved = ratio(revenue.value, change)
        values = {"before": money(change.before), "earlier": Value("of_month_year", facts.before(against))}
        whole = Value("change", moved, behind_change(change))
        if change.sure is None:
            yield Sentence(_PARTIAL_NOT_SAID, {**values, "change": whole})
        elif change.sure:
            yield Sentence(_PARTIAL_AGAINST[True, moved > 0], {**values, "change": Value("size_of_change", moved)})
        else:
            yield Sentence(_PARTIAL_AGAINST[False, True], {**values, "change": whole})


def _without_orders(facts: Facts) -> Iterator[Sentence]:
    """The first sentence of a report without orders: recurring revenue, otherwise the first number."""
    mrr = facts.numbers.get("mrr")
    change = mrr.changes.get("previous") if mrr else None
    if mrr and change and change.before > 0:
        moved = Value("size_of_change", ratio(mrr.value, change), behind_change(change))
        values = {"revenue": money(mrr.value, *behind(mrr, facts)), "month": Value("of_month", facts.month)}
        yield Sentence(_MRR[mrr.value >= change.before], {**values, "change": moved})
        return
    for number in facts.numbers.values():
        if not math.isnan(number.value):
            value = Value("in_unit", (number.value, number.unit), behind(number, facts))
            yield sentence(_VALUE_ALONE, label=Value("label", number.label), value=value)
            return
