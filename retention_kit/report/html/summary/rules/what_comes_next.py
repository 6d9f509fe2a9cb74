"""The sections "next quarter" and "do they come back"."""

from __future__ import annotations

import math
from typing import Final

from retention_kit.report.html.summary.facts import Cell, Cohort, Facts, Outlook, Returning
from retention_kit.report.html.summary.sentences import (
    Sentence,
    Value,
    count,
    counted,
    expected,
    expected_range,
    sentence,
    share,
)
from retention_kit.report.language import gettext_noop, ngettext_noop

LEAST_RECORD: Final = 4
"""Least number of past forecasts that say how good they were."""
TOO_FEW_HELD: Final = 0.75
CLEAR: Final = 0.05
"""Below this p-value a trend is more than chance."""
LEAST_COHORT: Final = 30
"""Least customers of a cohort whose share is among the extremes that are said."""
_TITLE: Final = {
    "revenue": gettext_noop("The next three months should bring about %(expected)s"),
    "mrr": gettext_noop("Recurring revenue should be about %(expected)s in three months"),
}
_DAYS: Final = gettext_noop("In the %(days)s days until %(end)s. Nine in ten: %(range)s.")
_PARTS: Final = gettext_noop("%(known)s of it from today’s customers, %(new)s from people who have not bought yet.")
_RECORD: Final = ngettext_noop(
    "Of the last %(n)s such forecast %(held)s held.", "Of the last %(n)s such forecasts %(held)s held."
)
_NARROW: Final = gettext_noop("They have been too narrow so far.")
_HIGH: Final = gettext_noop("On average they were %(error)s too high.")
_LOW: Final = gettext_noop("On average they were %(error)s too low.")
_YOUNG: Final = gettext_noop("No such forecast is over yet, so how good they are is not known.")
_BACK: Final = {
    0: gettext_noop("%(rate)s come back the month after, and that has not changed"),
    1: gettext_noop("%(rate)s come back the month after, and the share is rising"),
    -1: gettext_noop("%(rate)s come back the month after, and the share is falling"),
    None: gettext_noop("%(rate)s come back the month after"),
}
_OF_WHOM: Final = ngettext_noop(
    "Of %(n)s customer won from %(first)s to %(last)s, %(rate)s bought again one month later.",
    "Of %(n)s customers won from %(first)s to %(last)s, %(rate)s bought again one month later.",
)
_BETWEEN: Final = {
    0: gettext_noop("Between cohorts the share goes from %(low)s to %(high)s; its trend is no more than chance."),
    1: gettext_noop("Between cohorts the share goes from %(low)s to %(high)s, and rises by more than chance."),
    -1: gettext_noop("Between cohorts the share goes from %(low)s to %(high)s, and falls by more than chance."),
    None: gettext_noop("Between cohorts the share goes from %(low)s to %(high)s."),
}
_INTERVAL: Final = gettext_noop("95%% interval: %(interval)s")
_HOW: Final = gettext_noop("Customers who bought in the calendar month after that of their first order.")
_ERROR_SAID: Final = 0.05


def next_quarter(facts: Facts) -> tuple[Sentence, ...]:
    """Title and paragraphs of the forecast; empty without one."""
    outlook = facts.outlook
    if outlook is None:
        return ()
    span = {"days": count(outlook.days), "end": Value("day", outlook.end)}
    lines = [
        sentence(_TITLE[outlook.kind], expected=expected(outlook.expected)),
        sentence(_DAYS, **span, range=expected_range(outlook.low, outlook.high)),
    ]
    if not math.isnan(outlook.known) and outlook.new >= 1:
        lines.append(sentence(_PARTS, known=expected(outlook.known), new=expected(outlook.new)))
    return (*lines, *_record(outlook))


def _record(outlook: Outlook) -> list[Sentence]:
    if outlook.past < LEAST_RECORD:
        return [Sentence(_YOUNG)]
    lines = [counted(_RECORD, outlook.past, held=count(outlook.held))]
    if is_narrow(outlook):
        lines.append(Sentence(_NARROW))
    if abs(outlook.error) >= _ERROR_SAID:
        lines.append(sentence(_HIGH if outlook.error > 0 else _LOW, error=Value("share", abs(outlook.error))))
    return lines


def is_narrow(outlook: Outlook) -> bool:
    """Whether so few past forecasts held that a reader has to be warned."""
    return outlook.past >= LEAST_RECORD and outlook.held / outlook.past < TOO_FEW_HELD


def coming_back(facts: Facts) -> tuple[Sentence, ...]:
    """Title and paragraphs of the cohorts; empty without a cohort whose first month is over."""
    returning = facts.returning
    first = _first_month(returning.pooled) if returning else None
    if returning is None or first is None:
        return ()
    way = direction(returning)
    rate = share(first.rate, sentence(_HOW), *_interval(first.low, first.high))
    over = [cohort for cohort in returning.cohorts if _first_month(cohort)]
    ends = {"first": Value("of_month_year", returning.first), "last": Value("of_month_year", returning.last)}
    lines = [
        sentence(_BACK[way], rate=share(first.rate)),
        counted(_OF_WHOM, returning.pooled.size, **ends, rate=rate),
    ]
    shares = [cell.rate for cohort in over if cohort.size >= LEAST_COHORT and (cell := _first_month(cohort))]
    if len(shares) > 1:
        lines.append(sentence(_BETWEEN[way], low=share(min(shares)), high=share(max(shares))))
    return tuple(lines)


def direction(returning: Returning) -> int | None:
    """1 if the share surely rises, -1 if it surely falls, 0 if that is chance, None if it is not known."""
    if math.isnan(returning.trend_p):
        return None
    if returning.trend_p >= CLEAR:
        return 0
    return 1 if returning.trend > 0 else -1


def _first_month(cohort: Cohort) -> Cell | None:
    return next((cell for cell in cohort.cells if cell.age == 1 and not math.isnan(cell.rate)), None)


def _interval(low: float, high: float) -> tuple[Sentence, ...]:
    if math.isnan(low):
        return ()
    return (sentence(_INTERVAL, interval=Value("unit_range", (low, high, "rate"))),)
