"""The numbers that moved most: in standard errors where they are known, otherwise by their relative change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.numbers.measures import Measure, beyond_noise, change, points

Against = Literal["previous", "last_year"]
"""The earlier period that a number is compared with."""
MOST: Final = 3
RULE: Final = gettext_noop(
    "Ranked by the change in units of its standard error. Sums and averages have that of independent"
    " customers, each with both periods together; shares and scores have it from the 95\u00a0%% intervals of"
    " both periods; where only this month\u2019s is known, the earlier one is taken to be as wide. Numbers"
    " that grow with the days of their period are also measured against what its length and weekdays let"
    " expect, and the smaller change counts. Less than 2.6 standard errors is called noise: where nothing"
    " happens, one change in a hundred is larger. Numbers without any error come behind, by their change"
    " relative to the larger of the two values: whether they moved by more than noise cannot be said. Shares"
    " of all customers so far, and numbers of periods that are not whole, are not compared."
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
    numbers: tuple[Measure, ...]
    message: str

    def shown(self, language: Language = ENGLISH) -> Shown:
        """The same in a language."""
        findings = [Finding(n.label_in(language), n.page, _sentence(n, self.against, language)) for n in self.numbers]
        note = language.gettext(self.message) if self.message else ""
        return Shown(language.gettext(_AGAINST[self.against]), tuple(findings), note)


def moved(numbers: Sequence[Measure], against: Against) -> Moved:
    """The three numbers that moved most.

    Examples
    --------
    >>> score = Measure("nps", "NPS", "score", 30.0, 26.0, 34.0, {"previous": 20.0}, page="05_nps")
    >>> moved([score], "previous").shown().findings[0].text
    'rose by 10.0, from 20.0 to 30.0 (95\\xa0% interval 26.0 to 34.0): 3.5 standard errors.'
    """
    comparable = [number for number in numbers if not math.isnan(number.value - number.before.get(against, math.nan))]
    judged = [number for number in comparable if beyond_noise(number, against) is not None]
    beyond = [number for number in judged if beyond_noise(number, against)]
    others = [n for n in comparable if beyond_noise(n, against) is None and n.value != n.before[against]]
    ranked = sorted(beyond, key=lambda n: -round(change(n, against).errors, 6))
    ranked += sorted(others, key=lambda n: -_relative(n.value, n.before[against]))
    once = [n for i, n in enumerate(ranked) if not any(_same(n, other, against) for other in ranked[:i])]
    return Moved(against, tuple(once[:MOST]), _note(comparable, judged, beyond, against))


def _relative(value: float, before: float) -> float:
    return abs(value - before) / max(abs(value), abs(before))


def _same(first: Measure, second: Measure, against: Against) -> bool:
    """Whether two numbers are equivalent: one number on two pages, or a rate and its complement."""
    pairs = [(first.value, second.value), (first.before[against], second.before[against])]
    if first.name == second.name:
        return all(math.isclose(a, b) for a, b in pairs)
    return first.unit == second.unit == "rate" and all(math.isclose(a + b, 1, rel_tol=1e-7) for a, b in pairs)


def _sentence(number: Measure, against: Against, language: Language) -> str:
    made, before = change(number, against), number.before[against]
    by = "" if math.isnan(made.value) else points(made.value, number.unit, language)
    ends = {"before": notebook_numbers.written(before, number.unit, language), "now": number.said(language)}
    text = language.gettext(_MOVED[number.value > before, bool(by)], by=by, **ends)
    if not math.isnan(made.errors):
        errors = language.numerals(f"{made.errors:,.1f}")
        return language.gettext("%(moved)s: %(errors)s standard errors.", moved=text, errors=errors)
    return language.gettext("%(moved)s; whether that is more than noise cannot be said.", moved=text)


def _note(comparable: list[Measure], judged: list[Measure], beyond: list[Measure], against: Against) -> str:
    if not comparable:
        return _NOTHING[against]
    if judged and not beyond:
        return gettext_noop("Nothing moved by more than noise: no number changed by as much as 2.6 standard errors.")
    if all(number.value == number.before[against] for number in comparable):
        return gettext_noop("Nothing moved.")
    return ""
