"""The last section: what was read, how good the forecasts are, what "more than chance" means, and what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from retention_kit.report.html.summary.facts import Facts
from retention_kit.report.html.summary.rules import what_comes_next
from retention_kit.report.html.summary.sentences import Sentence, Value, count, counted, share
from retention_kit.report.language import gettext_noop, ngettext_noop

MANY: Final = 0.05
"""Part of refused rows above which the past is not taken as it stands."""
_TITLE: Final = {
    (True, True): gettext_noop("Trust the past as it stands, the forecast within its width"),
    (True, False): gettext_noop("Trust the past as it stands; the forecasts were too narrow so far"),
    (True, None): gettext_noop("Trust the past as it stands; there is no forecast to trust yet"),
    (False, True): gettext_noop("Rows were refused: read why before you trust the past"),
    (False, False): gettext_noop("Rows were refused, and the forecasts were too narrow so far"),
    (False, None): gettext_noop("Rows were refused: read why before you trust the past"),
}
READ: Final = gettext_noop("What was read")
MODEL: Final = gettext_noop("How good the model is")
CHANCE: Final = gettext_noop("What “more than chance” means")
MISSING: Final = gettext_noop("What is not in it")
_ROWS: Final = gettext_noop(
    "%(rows)s rows were read; those from %(first)s to %(last)s count here: %(customers)s customers."
)
_ROWS_ONLY: Final = gettext_noop("%(rows)s rows were read; those from %(first)s to %(last)s count here.")
_NONE_REFUSED: Final = gettext_noop("No row was refused, and none looks odd.")
_REFUSED: Final = ngettext_noop("%(n)s row was refused (%(part)s).", "%(n)s rows were refused (%(part)s).")
_NONE: Final = gettext_noop("No row was refused.")
_ODD: Final = ngettext_noop("%(n)s row looks odd.", "%(n)s rows look odd.")
_UNFINISHED: Final = ngettext_noop(
    "The data cover only %(n)s day of the month.", "The data cover only %(n)s days of the month."
)
_HOLDOUT: Final = gettext_noop(
    "Asked about purchases that it had not seen, it expected %(expected)s; there were %(actual)s."
)
_RECORD: Final = ngettext_noop(
    "Of the last %(n)s forecast of three months %(held)s held.",
    "Of the last %(n)s forecasts of three months %(held)s held.",
)
_COMPARED: Final = ngettext_noop(
    "%(n)s comparison is judged in this report; of those called more than chance, at most one in ten should be wrong.",
    "%(n)s comparisons are judged in this report; of those called more than chance, at most one in ten should be "
    "wrong.",
)
_NOT_JUDGED: Final = gettext_noop("No change is judged yet: that needs an earlier period.")
_COSTS: Final = gettext_noop("Costs and margins: the data have none, so money is revenue.")

_NO_CAUSES: Final = gettext_noop("What revenue consists of: there is no earlier period to compare with.")
_NO_LISTS: Final = gettext_noop("Whom to write to: no customer has enough orders to say so.")
_NO_OUTLOOK: Final = gettext_noop("Next quarter: the data are too short for a forecast.")
_NO_COHORTS: Final = gettext_noop("Who comes back: no month after a first order is over yet.")
_NO_CURRENCY: Final = gettext_noop("The currency: the data do not name it.")
_NO_LAST_YEAR: Final = gettext_noop("Last year: the data do not go back that far.")


_RESTATED: Final = ngettext_noop(
    "%(n)s number of this page was reported otherwise before: %(label)s, %(month)s: %(before)s then, %(after)s now.",
    "%(n)s numbers of this page were reported otherwise before. The first: %(label)s, %(month)s: %(before)s then, "
    "%(after)s now.",
)


@dataclass(frozen=True)
class Block:
    """A short text with its heading."""

    heading: str
    lines: tuple[Sentence, ...]


def title(facts: Facts) -> Sentence:
    """The finding of the section."""
    trust = facts.trust
    is_good = trust.refused <= MANY * max(trust.rows + trust.refused, 1)
    outlook = facts.outlook
    forecast = None if outlook is None else not what_comes_next.is_narrow(outlook)
    return Sentence(_TITLE[is_good, forecast])


def restated(facts: Facts) -> Sentence | None:
    """A warning that numbers of the page differ from what earlier reports said; None if none does.

    Examples
    --------
    >>> from retention_kit.report.html.summary.facts import Restated
    >>> restated(Facts("2026-05", "Shop", restated=(Restated("April 2026", "Revenue", "€35,100.00", "€35,508.00"),))).n
    1
    """
    if not facts.restated:
        return None
    first = facts.restated[0]
    values = {name: Value("text", getattr(first, name)) for name in ("label", "month", "before", "after")}
    return counted(_RESTATED, len(facts.restated), **values)


def blocks(facts: Facts) -> tuple[Block, ...]:
    """The texts of the section; what is missing comes last."""
    texts = [Block(READ, _read(facts)), Block(MODEL, _model(facts)), Block(CHANCE, _chance(facts))]
    return tuple(
        block
        for block in [*texts, Block(MISSING, (*_gaps(facts), *facts.trust.missing, Sentence(_COSTS)))]
        if block.lines
    )


def _read(facts: Facts) -> tuple[Sentence, ...]:
    trust, lines = facts.trust, []
    if trust.first is not None and trust.last is not None:
        values = {"rows": count(trust.rows), "first": Value("day", trust.first), "last": Value("day", trust.last)}
        if trust.customers:
            lines.append(Sentence(_ROWS, {**values, "customers": count(trust.customers)}))
        else:
            lines.append(Sentence(_ROWS_ONLY, values))
    if facts.days is not None:
        lines.append(counted(_UNFINISHED, facts.days))
    if trust.refused:
        lines.append(counted(_REFUSED, trust.refused, part=share(trust.refused / (trust.rows + trust.refused))))
    elif trust.rows:
        lines.append(Sentence(_NONE if trust.odd else _NONE_REFUSED))
    if trust.odd:
        lines.append(counted(_ODD, trust.odd))
    lines += [Sentence("%(note)s", {"note": Value("text", note)}) for note in trust.notes]
    return tuple(lines)


def _model(facts: Facts) -> tuple[Sentence, ...]:
    trust, outlook, lines = facts.trust, facts.outlook, []
    if not math.isnan(trust.holdout_expected) and not math.isnan(trust.holdout_actual):
        values = {"expected": count(trust.holdout_expected), "actual": count(trust.holdout_actual)}
        lines.append(Sentence(_HOLDOUT, values))
    if outlook is not None and outlook.past >= what_comes_next.LEAST_RECORD:
        lines.append(counted(_RECORD, outlook.past, held=count(outlook.held)))
    return tuple(lines)


def _chance(facts: Facts) -> tuple[Sentence, ...]:
    return (counted(_COMPARED, facts.compared),) if facts.compared else (Sentence(_NOT_JUDGED),)


def _gaps(facts: Facts) -> tuple[Sentence, ...]:
    """One line for each section that is left out, and for what its comparisons lack."""
    has_orders = "revenue" in facts.numbers
    gaps = {
        _NO_CAUSES: has_orders and not facts.causes,
        _NO_LISTS: has_orders and not facts.lists and not facts.overdue,
        _NO_OUTLOOK: facts.outlook is None,
        _NO_COHORTS: has_orders and facts.returning is None,
        _NO_LAST_YEAR: has_orders and facts.age <= 12,
        _NO_CURRENCY: has_orders and facts.currency is None,
    }
    return tuple(Sentence(message) for message, is_gap in gaps.items() if is_gap)
