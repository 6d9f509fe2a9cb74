"""The formula behind a number of the index, with this month's numbers in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retention_kit.errors import ConfigError
from retention_kit.metrics import explain
from retention_kit.report.language import ENGLISH, Language

__all__ = ["Formula", "behind"]


@dataclass(frozen=True)
class Formula:
    """Name of the metric, its formula and the formula with numbers as TeX, and what goes wrong with it."""

    name: str
    letters: str
    numbers: str
    trap: str


def behind(item: Mapping[str, Any], language: Language = ENGLISH) -> Formula | None:
    """The formula of one number of `scorecard.numbers`; None where the page did not say what went into it.

    A formula is only shown where it gives the number that is shown.

    Examples
    --------
    >>> behind({"name": "churn_rate", "value": 0.1, "inputs": {"start": 100, "lost": 10}}).name
    'Customer churn rate'
    >>> behind({"name": "churn_rate", "value": 0.2, "inputs": {"start": 100, "lost": 10}}) is None
    True
    """
    inputs = item.get("inputs")
    if not isinstance(inputs, Mapping) or not inputs:
        return None
    try:
        found = explain(str(item["name"]), **{str(k): float(v) for k, v in inputs.items()})
    except (ConfigError, TypeError, ValueError):
        return None
    if not math.isclose(found.result, float(item.get("value") or 0), rel_tol=1e-6):
        return None
    return Formula(found.name, found.formula, found.with_numbers, language.as_is(found.trap))
