"""The numbers that moved most: by the chance of such a change where it is known, otherwise by their relative change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.numbers.measures import Measure, change, points
from retention_kit.report.numbers.verdicts import Against, Verdict, Verdicts, verdicts

MOST: Final = 3
RULE: Final = gettext_noop(
    "Ranked by the chance of a change at least as large if nothing had changed. Sums and averages have that of"
    " independent customers, each with both periods together; shares and scores have it from the 95\u00a0%%"
    " intervals of both periods; where only this month\u2019s is known, the earlier one is taken to be as wide."
    " Numbers that grow with the days of their period are also measured against what its length and weekdays let"
    " expect, and the smaller change counts. All numbers and causes of the month, against last month and against"
    " last year, are judged together (Benjamini and Hochberg): of the changes called more than chance one in ten"
    " may be chance, and where nothing happens nine months in ten name none. As last year at this time means that"
    " the same step a year ago was as large, as far as can be seen. Numbers whose chance is not known come"
    " behind, by their change relative to the larger of the two values. Shares of all customers so far are not"
    " compared; a period that is not over is compared with the same days of earlier ones, or not at all."
)
_AGAINST: Final = {"previous": gettext_noop("Against last month"), "last_year": gettext_noop("Against last year")}
_NOTHING: Final = {
    "previous": gettext_noop("No number has a value of last month to compare with."),
    "last_year": gettext_noop("No number has a value of last year to compare with."),
}

_MOVED: Final = {
    (True, True): gettext_noop("rose by %(by)s, from %(before)s to %(now)s"),
    (False, True): gettext_noop("fell by %(by)s, from %(before)s to %(now)s"),
    (True, False): gettext_noop("rose from %(before)s to %(now)s"),
    (False, False): gettext_noop("fell from %(before)s to %(now)s"),
}
"""Message by whether the number rose, and whether the size of the change is known."""


@dataclass(frozen=True)
class Finding:
    """One sentence, which begins with the label of its number."""

    label: str
    page: str
    text: str


@dataclass(frozen=True)
class Shown:
    """The largest changes in a language."""

    heading: str
    findings: tuple[Finding, ...]
    note: str


@dataclass(frozen=True)
class Moved:
    """The largest changes since an earlier period, and a note that precedes them."""

    against: Against
    numbers: tuple[tuple[Measure, Verdict | None], ...]
    """The numbers, each with its verdict; None where the chance of its change is not known."""
    message: str

    def shown(self, language: Language = ENGLISH) -> Shown:
        """The same in a language."""
        findings = [
            Finding(n.label_in(language), n.page, _sentence(n, verdict, self.against, language))
            for n, verdict in self.numbers
        ]
        note = language.gettext(self.message) if self.message else ""
        return Shown(language.gettext(_AGAINST[self.against]), tuple(findings), note)


def moved(numbers: Sequence[Measure], against: Against, judged: Verdicts | None = None) -> Moved:
    """The three numbers that moved most; by default these numbers alone are judged together.

    Examples
    --------
    >>> score = Measure("nps", "NPS", "score", 30.0, 26.0, 34.0, {"previous": 20.0}, page="05_nps")
    >>> moved([score], "previous").shown().findings[0].text
    'rose by 10.0, from 20.0 to 30.0 (95\\xa0% interval 26.0 to 34.0), more than chance: less than 1 in 1,000.'
    """
    judged = judged or verdicts(numbers)
    comparable = [number for number in numbers if not math.isnan(number.value - number.before.get(against, math.nan))]
    known = {id(n): verdict for n in comparable if (verdict := judged.of(n, against))}
    beyond = [n for n in comparable if id(n) in known and known[id(n)].sure]
    others = [n for n in comparable if id(n) not in known and n.value != n.before[against]]
    ranked = sorted(beyond, key=lambda n: (known[id(n)].p, -abs(change(n, against).errors)))
    ranked += sorted(others, key=lambda n: -_relative(n.value, n.before[against]))
    once = [n for i, n in enumerate(ranked) if not any(_same(n, other, against) for other in ranked[:i])]
    shown = tuple((n, known.get(id(n))) for n in once[:MOST])
    return Moved(against, shown, _note(comparable, bool(known), bool(beyond), against))


def _relative(value: float, before: float) -> float:
    return abs(value - before) / max(abs(value), abs(before))


def _same(first: Measure, second: Measure, against: Against) -> bool:
    """Whether two numbers are equivalent: one number on two pages, or a rate and its complement."""
    pairs = [(first.value, second.value), (first.before[against], second.before[against])]
    if first.name == second.name:
        return all(math.isclose(a, b) for a, b in pairs)
    return first.unit == second.unit == "rate" and all(math.isclose(a + b, 1, rel_tol=1e-7) for a, b in pairs)


def _sentence(number: Measure, verdict: Verdict | None, against: Against, language: Language) -> str:
    made, before = change(number, against), number.before[against]
    by = "" if math.isnan(made.value) else points(made.value, number.unit, language)
    ends = {
        "before": notebook_numbers.written(before, number.unit, language, number.currency),
        "now": number.said(language),
    }
    text = language.gettext(_MOVED[number.value > before, bool(by)], by=by, **ends)
    if verdict:
        return language.gettext("%(moved)s, %(verdict)s.", moved=text, verdict=verdict.said(language))
    return language.gettext("%(moved)s; whether that is more than chance cannot be said.", moved=text)


def _note(comparable: list[Measure], known: bool, beyond: bool, against: Against) -> str:
    if not comparable:
        return _NOTHING[against]
    if known and not beyond:
        return gettext_noop("Nothing moved by more than chance.")
    if all(number.value == number.before[against] for number in comparable):
        return gettext_noop("Nothing moved.")
    return ""
