"""Definitions of the same metric by different vendors, as data with one line each.

A definition has a numerator and a denominator, which are sums of columns of the period tables. If no vendor is named,
the name describes the definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.metrics.catalogue.explain import known_metric
from retention_kit.metrics.common.ratios import ratio


@dataclass(frozen=True)
class Definition:
    """One way to compute a metric: sums of columns, such as "lost + joined_and_left", over and under the line.

    `name` is the author of the definition, `difference` one sentence on what differs from the textbook.

    Examples
    --------
    >>> Definition("churn_rate", "here", "lost", "start", "", "").columns
    ('lost', 'start')
    """

    metric: str
    name: str
    top: str
    bottom: str
    difference: str
    source: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(dict.fromkeys(re.findall(r"\w+", f"{self.top} {self.bottom}")))

    @property
    def formula(self) -> str:
        """The formula in words."""
        top, bottom = (f"({side})" if " " in side else side for side in (self.top, self.bottom))
        return f"{top} / {bottom}"


_JOINED = "start + new + returned + joined_and_left"
_TEXT = "Farris et al. (2010), Marketing Metrics, ch. 5"
_STRIPE = "Stripe support, Calculating subscriber churn rate in Billing"
_CM_NET = "ChartMogul help, Net MRR Churn Rate"
_BM_CHURN = "Baremetrics help, User and Revenue Churn; changelog, Churn Update"

DEFINITIONS: Final = tuple(
    Definition(*line)
    for line in (
        ("churn_rate", "textbook", "lost", "start", "Lost of the start, over customers at the start.", _TEXT),
        ("churn_rate", "baremetrics", "lost + joined_and_left", "start",
         "Also counts, among the lost only, those who joined and left inside the period.", _BM_CHURN),
        ("churn_rate", "stripe", "lost + joined_and_left", _JOINED,
         "Counts those who joined and left among the lost, and everyone who joined in the denominator.", _STRIPE),
        ("churn_rate", "profitwell", "lost", "start",
         "Drops those who joined and left inside the period from every count: the textbook's figure.",
         "ProfitWell help, comparison with other tools"),
        ("retention_rate", "textbook", "end - new - returned", "start",
         "Customers of the start who are still there; those won back count as new.", _TEXT),
        ("retention_rate", "win_backs_kept", "end - new", "start",
         "Counts customers won back as kept, so it can exceed 100 %.", "(E − N)/S with N read as first-time customers"),
        ("retention_rate", "end_over_start", "end", "start",
         "Counts new customers as kept: growth passes for loyalty.", "Found in introductory articles"),
        ("revenue_churn_rate", "textbook", "mrr_churn", "mrr_start",
         "MRR lost with customers over MRR at the start.", _TEXT),
        ("revenue_churn_rate", "baremetrics", "mrr_churn + mrr_contraction", "mrr_start",
         "Also counts MRR lost to smaller plans: the gross figure of others.", _BM_CHURN),
        ("revenue_churn_rate", "chartmogul", "mrr_churn + mrr_contraction", "mrr_start",
         "Also counts MRR lost to smaller plans, and calls it gross.", "ChartMogul help, MRR Churn Rate"),
        ("net_revenue_churn", "textbook", "mrr_churn + mrr_contraction - mrr_expansion", "mrr_start",
         "Losses less the growth of customers who stayed.", _TEXT),
        ("net_revenue_churn", "baremetrics", "mrr_churn + mrr_contraction - mrr_expansion", "mrr_start",
         "The textbook's figure.", "Baremetrics changelog, Net MRR Churn"),
        ("net_revenue_churn", "chartmogul", "mrr_churn + mrr_contraction - mrr_expansion - mrr_reactivation",
         "mrr_start", "Also subtracts the MRR of customers who came back.", _CM_NET),
        ("quick_ratio", "textbook", "mrr_new + mrr_expansion", "mrr_contraction + mrr_churn",
         "New and larger plans over smaller and lost ones.", "Baremetrics changelog, Quick Ratio"),
        ("quick_ratio", "baremetrics", "mrr_new + mrr_expansion", "mrr_contraction + mrr_churn",
         "The textbook's figure.", "Baremetrics changelog, Quick Ratio"),
        ("quick_ratio", "with_reactivation", "mrr_new + mrr_expansion + mrr_reactivation",
         "mrr_contraction + mrr_churn", "Also counts the MRR of customers who came back as gained.",
         "Used by several vendors"),
        ("ltv_from_churn", "textbook", "arpa", "churn_rate", "Revenue per account over churn of the month.", _TEXT),
        ("ltv_from_churn", "baremetrics", "arpa", "churn_rate",
         "The textbook's figure, on churn by Baremetrics' own rule.", "Baremetrics help, Lifetime Value"),
        ("ltv_from_churn", "chartmogul", "arpa", "trailing_churn_rate",
         "Divides by the mean churn of the six months before, so one odd month moves it little.",
         "ChartMogul help, Customer Lifetime Value"),
    )
)  # fmt: skip
"""Every definition, the textbook's first in each metric."""


_OF_MOVEMENTS: Final = ("churn_rate", "retention_rate")
"""Metrics that are not observable as long as nobody can have lapsed."""


def by_definition(metric: str, definition: str, data: Mapping[str, Any] | pd.DataFrame) -> Any:
    """A metric by one named definition.

    Parameters
    ----------
    metric : str
        Such as "churn_rate".
    definition : str
        Such as "stripe".
    data : mapping, row or period table
        Columns of `summarise.periods`: numbers, or Series by period.

    Returns
    -------
    number or Series by period
        The metric; NaN where its denominator is 0. Churn and retention are also NaN where the period is not observable,
        because the log does not go back far enough for anybody to have lapsed.

    Raises
    ------
    ConfigError
        If the metric is ambiguous (CRR) or not known, or has no such definition.
    DataError
        If a column is missing.

    Examples
    --------
    >>> month = {"start": 100, "lost": 10, "new": 15, "returned": 0, "joined_and_left": 5}
    >>> by_definition("churn_rate", "stripe", month)
    0.125
    """
    by_name = {line.name: line for line in _definitions(metric)}
    if definition not in by_name:
        raise ConfigError(f"{metric} has the definitions {', '.join(by_name)}; got {definition!r}.")
    chosen = by_name[definition]
    if missing := [name for name in chosen.columns if name not in data]:
        raise DataError(f"{metric} by {definition} is {chosen.formula}; missing: {', '.join(missing)}.")
    value = ratio(_total(chosen.top, data), _total(chosen.bottom, data))
    if metric not in _OF_MOVEMENTS or "observable" not in data:
        return value
    observable = data["observable"]
    return value.where(observable) if isinstance(value, pd.Series) else (value if observable else float("nan"))


def compare_definitions(metric: str, data: Mapping[str, float]) -> pd.DataFrame:
    """A metric by every definition, on the same data.

    Parameters
    ----------
    metric : str
        Such as "churn_rate".
    data : mapping or row of a period table
        Columns of `summarise.periods`, as numbers.

    Returns
    -------
    DataFrame
        One row per definition: definition, value (NaN where it is not defined or a column is missing), formula,
        difference (a sentence), source.

    Raises
    ------
    ConfigError
        If the metric is ambiguous (CRR) or not known, or has only one definition.

    Examples
    --------
    >>> month = {"start": 100, "lost": 10, "new": 15, "returned": 0, "joined_and_left": 5}
    >>> compare_definitions("churn_rate", month)[["definition", "value"]].to_string(index=False)
    ' definition  value\\n   textbook  0.100\\nbaremetrics  0.150\\n     stripe  0.125\\n profitwell  0.100'
    """
    rows = []
    for line in _definitions(metric):
        missing = [name for name in line.columns if name not in data]
        value = float("nan") if missing else by_definition(metric, line.name, data)
        lacks = f" Not computed: {', '.join(missing)} missing." if missing else ""
        if metric in _OF_MOVEMENTS and not data.get("observable", True):
            lacks = " Not observable yet: the log does not go back far enough for anybody to have lapsed."
        rows.append((line.name, value, line.formula, line.difference + lacks, line.source))
    return pd.DataFrame(rows, columns=["definition", "value", "formula", "difference", "source"])


def _definitions(metric: str) -> list[Definition]:
    known_metric(metric)
    definitions = [line for line in DEFINITIONS if line.metric == metric]
    if not definitions:
        several = ", ".join(dict.fromkeys(line.metric for line in DEFINITIONS))
        raise ConfigError(f"{metric} has one definition only; several have: {several}.")
    return definitions


def _total(terms: str, data: Mapping[str, Any] | pd.DataFrame) -> Any:
    """A signed sum of columns, such as "end - new"."""
    signed = re.findall(r"([+-]?)\s*(\w+)", terms)
    return sum(-data[name] if sign == "-" else data[name] for sign, name in signed)
