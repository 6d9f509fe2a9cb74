"""The formula of a number on the index, with this month's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from retention_kit.errors import ConfigError
from retention_kit.metrics import explain
from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.report.language import ENGLISH, Language, gettext_noop


@dataclass(frozen=True)
class Formula:
    """Name of a metric, its formula and the formula with numbers as TeX, its trap, and what each letter stands for."""

    name: str
    letters: str
    numbers: str
    trap: str
    symbols: tuple[tuple[str, str], ...] = ()


_MEANINGS: Final = {
    "start": gettext_noop("customers at the start"),
    "end": gettext_noop("customers at the end"),
    "new": gettext_noop("new customers, and those who came back"),
    "lost": gettext_noop("customers of the start who were lost"),
    "kept": gettext_noop("customers of the start who were kept"),
    "customers": gettext_noop("customers"),
    "repeat_customers": gettext_noop("customers with two or more orders"),
    "loyal_customers": gettext_noop("customers with so many orders"),
    "reached": gettext_noop("customers whose first order is so many days ago"),
    "repeated": gettext_noop("those of them who bought again by then"),
    "visitors": gettext_noop("visitors"),
    "conversions": gettext_noop("visitors who bought"),
    "revenue": gettext_noop("revenue, refunds taken off"),
    "orders": gettext_noop("orders"),
    "promoters": gettext_noop("promoters"),
    "passives": gettext_noop("passives"),
    "detractors": gettext_noop("detractors"),
    "answers": gettext_noop("answers"),
    "non_response": gettext_noop("people who were asked and did not answer"),
    "satisfied": gettext_noop("answers in the two highest boxes"),
    "score_sum": gettext_noop("sum of the answers"),
    "agreeing": gettext_noop("answers from 5 to 7"),
}
"""What the letters of formulas stand for, by parameter."""
_OF_MRR: Final = {
    "start": gettext_noop("MRR at the start"),
    "new": gettext_noop("MRR of new customers"),
    "expansion": gettext_noop("MRR won by changes to larger plans"),
    "reactivation": gettext_noop("MRR of customers who came back"),
    "contraction": gettext_noop("MRR lost by changes to smaller plans"),
    "churn": gettext_noop("MRR lost with customers"),
    "exchange": gettext_noop("change of MRR by exchange rates"),
}
"""The same of formulas of recurring revenue."""


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
    trap = language.as_is(explanation.trap)
    return Formula(
        explanation.name, explanation.formula, explanation.with_numbers, trap, _symbols(str(item["name"]), language)
    )


def _symbols(metric: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Each letter of a formula, as TeX, and what it stands for."""
    letters = CATALOGUE[metric].symbols
    meanings = _OF_MRR if "churn" in letters else _MEANINGS
    return tuple((letter, language.gettext(meanings[name])) for name, letter in letters.items() if name in meanings)
