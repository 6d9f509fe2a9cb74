"""Which changes of a month are more than chance: one family of all its p values, with a limit on false discoveries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pandas as pd

from retention_kit.embedded_tables import of_notebook, unpacked
from retention_kit.metrics.changes.share_tests import benjamini_hochberg
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers.measures import Measure, chance

Against = Literal["previous", "last_year"]
AGAINST: Final[tuple[Against, ...]] = ("previous", "last_year")
RATE: Final = 0.1
"""Share of the changes called more than chance that may be false on average."""
CAUSES: Final = "causes"
"""Id of the table of causes on a page."""
_SEASON: Final = 0.05
"""A step is as a year ago unless its difference from that one has a smaller chance."""


@dataclass(frozen=True)
class Verdict:
    """What may be said of one change."""

    p: float
    """Chance of a change at least as large if nothing had changed, two-sided."""
    sure: bool
    """Whether it is more than chance after the correction for all numbers of the month."""
    seasonal: bool = False
    """Whether the same step a year ago was as large."""

    def said(self, language: Language = ENGLISH) -> str:
        """The verdict in words.

        Examples
        --------
        >>> Verdict(0.0052, True).said(), Verdict(0.0002, True).said(), Verdict(0.3, False).said()
        ('more than chance: about 1 in 200', 'more than chance: less than 1 in 1,000', 'within chance')
        >>> Verdict(0.0002, True, seasonal=True).said()
        'more than chance: less than 1 in 1,000, and as last year at this time'
        """
        if not self.sure:
            return language.gettext("within chance")
        k = one_in(self.p)
        texts = {
            (True, False): gettext_noop("more than chance: about 1 in %(k)s"),
            (False, False): gettext_noop("more than chance: less than 1 in 1,000"),
            (True, True): gettext_noop("more than chance: about 1 in %(k)s, and as last year at this time"),
            (False, True): gettext_noop("more than chance: less than 1 in 1,000, and as last year at this time"),
        }
        return language.gettext(texts[k is not None, self.seasonal], k=language.numerals(str(k or "")))


def one_in(p: float) -> int | None:
    """The chance p as "1 in k": k has one digit other than 0; None for less than 1 in 1,000.

    Examples
    --------
    >>> [one_in(p) for p in (0.3, 0.2, 0.114, 0.049, 0.02, 0.0052, 0.0002)]
    [3, 5, 9, 20, 50, 200, None]
    """
    return None if p < 0.001 else int(float(f"{1 / p:.0e}"))


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of a month: of its numbers by name and page, and of its causes by split and part."""

    numbers: Mapping[tuple[str, str, str], Verdict] = field(default_factory=dict)
    causes: Mapping[tuple[str, str, str], Verdict] = field(default_factory=dict)
    family: int = 0
    """Number of p values, of both comparisons together."""

    def of(self, number: Measure, against: Against) -> Verdict | None:
        """The verdict on the change of a number; None if its chance is not known."""
        return self.numbers.get((number.page, number.name, against))

    def of_cause(self, against: str, split: str, part: str) -> Verdict | None:
        """The verdict on a part of the change of revenue; None if its chance is not known."""
        return self.causes.get((against, split, part))


def verdicts(numbers: Sequence[Measure], causes: pd.DataFrame | None = None) -> Verdicts:
    """The verdicts on all changes of a month.

    Parameters
    ----------
    numbers : sequence of Measure
        Every number of the month.
    causes : DataFrame, optional
        From `metrics.revenue_causes`.

    Notes
    -----
    The procedure of Benjamini and Hochberg at 10 % over all p values of the month: of every number and every cause,
    against last month and against last year together. A number that two pages show, and a rate with its complement,
    count once. Where nothing changes, at most one month in ten names anything.

    Examples
    --------
    >>> score = Measure("nps", "NPS", "score", 30.0, before={"previous": 20.0, "previous_p": 0.004}, page="05_nps")
    >>> verdicts([score]).of(score, "previous").said()
    'more than chance: about 1 in 200'
    """
    chances: dict[Any, float] = {}
    named: dict[tuple[str, str, str], Any] = {}
    for number in numbers:
        for against in AGAINST:
            if not math.isnan(p := chance(number, against)):
                key = _once(number, against, p)
                named[number.page, number.name, against] = key
                chances[key] = p
    parts = _parts(causes)
    chances |= {_part(key): p for key, p in parts.items()}
    adjusted = benjamini_hochberg(pd.Series(list(chances.values()), dtype="float64"))
    sure = dict(zip(chances, (adjusted <= RATE).tolist(), strict=True))
    seasonal = {(n.page, n.name): _as_last_year(n) for n in numbers}
    return Verdicts(
        {
            (page, name, against): Verdict(
                chances[key], sure[key], against == "previous" and sure[key] and seasonal[page, name]
            )
            for (page, name, against), key in named.items()
        },
        {key: Verdict(p, sure[_part(key)]) for key, p in parts.items()},
        len(chances),
    )


def causes_of(nodes: Iterable[Any]) -> pd.DataFrame | None:
    """The table of causes in executed notebooks; None if there is none."""
    tables = (table for node in nodes for table in of_notebook(node) if table["id"] == CAUSES)
    return next((unpacked(table).to_pandas() for table in tables), None)


def _once(number: Measure, against: str, p: float) -> tuple[Any, ...]:
    """What identifies a test: the same number on two pages is one, and so are a rate and its complement."""
    change = abs(number.value - number.before.get(against, math.nan))
    return (against, number.unit, f"{p:.6g}", f"{change:.6g}")


def _parts(causes: pd.DataFrame | None) -> dict[tuple[str, str, str], float]:
    """The p value of each part; the change of revenue itself is among the numbers."""
    if causes is None or not {"against", "split", "part", "p"} <= set(causes.columns):
        return {}
    known = causes[causes["p"].notna() & (causes["split"] != "total")]
    keys = zip(*(known[name].astype("str") for name in ("against", "split", "part")), strict=True)
    return dict(zip(keys, known["p"].tolist(), strict=True))


def _part(key: tuple[str, str, str]) -> tuple[str, str, str]:
    """What identifies the test of a part: refunds are in two splits."""
    against, split, part = key
    return (against, "factors" if part == "refunds" and split == "orders" else split, part)


def _as_last_year(number: Measure) -> bool:
    """Whether the same step a year ago was like the change since last month: no different, half as large or more."""
    step, p = (number.before.get(name, math.nan) for name in ("season_step", "season_p"))
    before = number.before.get("previous", math.nan)
    if math.isnan(step + p + before) or before <= 0 or p < _SEASON:
        return False
    now = number.value / before - 1
    return now * step > 0 and abs(step) >= abs(now) / 2
