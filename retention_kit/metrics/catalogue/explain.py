"""Explanations of metrics: the formula, and the formula with numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches

from retention_kit.errors import ConfigError
from retention_kit.metrics.catalogue import CATALOGUE, Entry
from retention_kit.metrics.catalogue.metric_entry import latex_number


@dataclass(frozen=True)
class Explanation:
    """A metric explained on numbers; Jupyter shows it as text with formulas.

    Parameters
    ----------
    name : str
        Name of the metric in English.
    formula, with_numbers : str
        LaTeX, with letters and with the numbers and the result.
    result : float
        Value of the metric; NaN where it is not defined.
    unit : str
        Unit of the result.
    trap : str
        The most common mistake with the metric.

    Examples
    --------
    >>> print(explain("churn_rate", start=100, lost=10))
    Customer churn rate: Churn = \\frac{L}{S} = \\frac{10}{100} = 0.1
    """

    name: str
    formula: str
    with_numbers: str
    result: float
    unit: str
    trap: str

    def __str__(self) -> str:
        return f"{self.name}: {self.formula} = {self.with_numbers.split(' = ', 1)[1]}"

    def _repr_markdown_(self) -> str:
        return f"**{self.name}**\n\n$${self.formula}$$\n\n$${self.with_numbers}$$\n\n*{self.trap}*"


def explain(metric: str, **numbers: float) -> Explanation:
    """The formula of a metric, the formula with numbers, the result, and the trap.

    Parameters
    ----------
    metric : str
        Name of a function of `retention_kit.metrics`.
    **numbers : float
        Arguments of the function.

    Returns
    -------
    Explanation
        formula, with_numbers, result, unit, trap.

    Raises
    ------
    ConfigError
        If the metric is not known, its label is ambiguous (CRR), or its parameters are different.

    Examples
    --------
    >>> found = explain("retention_rate", start=1150, end=1203, new=180)
    >>> round(found.result, 4)
    0.8896
    >>> print(found.with_numbers)
    Retention = \\frac{1\\,203 - 180}{1\\,150} = 0.8896
    """
    entry = known_metric(metric)
    try:
        result = float(entry.function(**numbers))
    except TypeError as error:
        raise ConfigError(
            f"{metric} needs the numbers {', '.join(entry.symbols)}; got {', '.join(numbers) or 'none'}."
        ) from error
    with_numbers = f"{entry.latex(_complete(entry, numbers))} = {latex_number(_rounded(result))}"
    return Explanation(entry.en, entry.latex(), with_numbers, result, entry.unit, entry.trap)


def _rounded(x: float) -> float:
    """A result to four digits, and to cents at least."""
    return x if not x or not math.isfinite(x) else round(x, max(2, 3 - math.floor(math.log10(abs(x)))))


def known_metric(metric: str) -> Entry:
    """The entry of that name, or ConfigError: for CRR with the reason, for an unknown name with the nearest one."""
    if metric.strip().upper() == "CRR":
        raise ConfigError(
            "CRR stands for customer retention rate in some texts and for churn in others; "
            "ask for 'retention_rate' or 'churn_rate'."
        )
    if metric not in CATALOGUE:
        near = get_close_matches(metric, CATALOGUE, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(CATALOGUE)}."
        raise ConfigError(f"No metric is called {metric!r}; {hint}")
    return CATALOGUE[metric]


def _complete(entry: Entry, numbers: dict[str, float]) -> dict[str, float]:
    """The numbers, with the function's defaults for those not given."""
    defaults = entry.function.__defaults__ or ()
    names = entry.function.__code__.co_varnames[: entry.function.__code__.co_argcount]
    return dict(zip(names[len(names) - len(defaults) :], defaults, strict=True)) | numbers
