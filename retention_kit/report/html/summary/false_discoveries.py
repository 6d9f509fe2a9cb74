"""Which changes of a month are more than chance: the false discovery rate of all of them together is controlled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from retention_kit.report.html.summary.facts import Against, Cause, Causes, Number

RATE: Final = 0.1
"""Share of the changes called more than chance that may be chance."""


def threshold(p_values: Iterable[float], rate: float = RATE) -> float:
    """The largest p-value that survives the procedure of Benjamini and Hochberg; -1 if none does.

    Examples
    --------
    >>> threshold([0.01, 0.04, 0.06, 0.5]), threshold([0.3, 0.9]), threshold([math.nan])
    (0.06, -1.0, -1.0)
    """
    known = sorted(p for p in p_values if not math.isnan(p))
    passed = [p for rank, p in enumerate(known, start=1) if p <= rank * rate / len(known)]
    return max(passed, default=-1.0)


def judged(
    numbers: Mapping[str, Number], causes: Mapping[Against, Causes]
) -> tuple[dict[str, Number], dict[Against, Causes]]:
    """Numbers and causes with their verdicts; a change without a p-value keeps the one that it has."""
    parts = [part for item in causes.values() for split in item.splits.values() for part in split]
    changes = [change for number in numbers.values() for change in number.changes.values()]
    largest = threshold([part.p for part in parts] + [change.p for change in changes])

    def of_number(number: Number) -> Number:
        verdicts = {
            against: change if math.isnan(change.p) else replace(change, sure=change.p <= largest)
            for against, change in number.changes.items()
        }
        return replace(number, changes=verdicts)

    def of_cause(part: Cause) -> Cause:
        return part if math.isnan(part.p) else replace(part, sure=part.p <= largest)

    of_causes = {
        against: replace(item, splits={name: tuple(map(of_cause, split)) for name, split in item.splits.items()})
        for against, item in causes.items()
    }
    return {name: of_number(number) for name, number in numbers.items()}, of_causes
