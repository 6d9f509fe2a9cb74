"""The formula of a number on the index, with this month's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retention_kit.errors import ConfigError
from retention_kit.metrics import explain
from retention_kit.report.language import ENGLISH, Language


@dataclass(frozen=True)
class Formula:
    """Name of a metric, its formula and the formula with numbers as TeX, and its trap."""

    name: str
    letters: str
    numbers: str
    trap: str


def behind(item: Mapping[str, Any], language: Language = ENGLISH) -> Formula | None:
    """The formula of one number of `scorecard.numbers`; None if the page did not record its inputs.

    A formula is shown only if it reproduces the number.

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
        explanation = explain(str(item["name"]), **{str(k): float(v) for k, v in inputs.items()})
    except (ConfigError, TypeError, ValueError):
        return None
    if not math.isclose(explanation.result, float(item.get("value") or 0), rel_tol=1e-6):
        return None
    return Formula(explanation.name, explanation.formula, explanation.with_numbers, language.as_is(explanation.trap))
