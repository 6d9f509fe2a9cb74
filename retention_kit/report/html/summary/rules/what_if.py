"""The section "what if": what more early returns would be worth, and what a new customer may cost."""

from __future__ import annotations

import math
from typing import Final

from retention_kit.report.html.summary.facts import Facts, Number
from retention_kit.report.html.summary.sentences import Sentence, Value, counted, expected, expected_range, sentence
from retention_kit.report.language import gettext_noop, ngettext_noop

_WORTH: Final = {
    True: gettext_noop("Two points more early returns would be worth about %(value)s a year"),
    False: gettext_noop("Two points more early returns would be worth about %(value)s per 1,000 new customers"),
}
_NOT_CLEAR: Final = gettext_noop("What two points more early returns would be worth is not clear yet")
_AT_MOST: Final = gettext_noop("A new customer may cost at most about %(value)s")
_RETURNS: Final = ngettext_noop(
    "If two more of every hundred new customers bought again within 30 days, that would be worth %(value)s a year "
    "(95%%: %(range)s), with %(n)s new customer as in the last 365 days.",
    "If two more of every hundred new customers bought again within 30 days, that would be worth %(value)s a year "
    "(95%%: %(range)s), with %(n)s new customers as in the last 365 days.",
)
_PER_1000: Final = gettext_noop(
    "If two more of every hundred new customers bought again within 30 days, that would be worth %(value)s per 1,000 "
    "of them (95%%: %(range)s). Nobody was new in the last 365 days."
)
_COST: Final = gettext_noop(
    "Whoever costs more than %(value)s (95%%: %(range)s) to win is not paid back in %(months)s months."
)
_ASSOCIATION: Final = gettext_noop(
    "The comparison is of customers who came back early with like customers who did not. Whether a campaign would do "
    "the same, only a test with a control group tells."
)


def title(facts: Facts) -> Sentence | None:
    """The finding of the section; None if neither number is known.

    Examples
    --------
    >>> from retention_kit.report.html.summary.facts import WhatIf
    >>> worth = Number("early_returns_worth", "Worth", "money", 5800.0, 3820.0, 7790.0)
    >>> title(Facts("2026-05", "Shop", what_if=WhatIf(worth, newcomers=1620))).values["value"].data
    5800.0
    """
    returns, customer = facts.what_if.returns, facts.what_if.customer
    if returns is None:
        return None if customer is None else sentence(_AT_MOST, value=expected(customer.value))
    if not is_clear(returns):
        return Sentence(_NOT_CLEAR)
    return sentence(_WORTH[facts.what_if.newcomers > 0], value=expected(returns.value))


def text(facts: Facts) -> tuple[Sentence, ...]:
    """The section's paragraphs."""
    returns, customer = facts.what_if.returns, facts.what_if.customer
    lines = []
    if returns is not None:
        newcomers, values = facts.what_if.newcomers, _valued(returns)
        lines.append(counted(_RETURNS, newcomers, **values) if newcomers else sentence(_PER_1000, **values))
    if customer is not None:
        lines.append(sentence(_COST, **_valued(customer), months=Value("count", facts.horizon)))
    return tuple(lines)


def small(facts: Facts) -> tuple[Sentence, ...]:
    """What the worth rests on."""
    return (Sentence(_ASSOCIATION),) if facts.what_if.returns is not None else ()


def is_clear(returns: Number) -> bool:
    """Whether more early returns are surely worth something: the interval is known and above zero."""
    return not math.isnan(returns.low) and returns.low > 0


def _valued(number: Number) -> dict[str, Value]:
    note = (sentence("%(note)s", note=Value("label", number.note)),) if number.note else ()
    return {"value": expected(number.value, *note), "range": expected_range(number.low, number.high)}
