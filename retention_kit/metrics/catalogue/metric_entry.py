"""An entry of the catalogue of metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Entry:
    """One metric: its names, its formula, its worked example and its trap.

    Parameters
    ----------
    function : callable
        The formula as code.
    en, zh, pl : str
        Names in English, Traditional Chinese and Polish.
    symbol : str
        Left side of the formula, in LaTeX.
    formula : str
        The right side in LaTeX, with the function's parameters in angle brackets.
    symbols : mapping from parameter to LaTeX
        The symbol of each parameter.
    unit : {"rate", "money", "score", "number"}
        Unit of the result; a rate is a fraction.
    direction : {"up", "down", "neither"}
        The good direction.
    example : mapping from parameter to number
        The worked example.
    result : float
        Result of the worked example.
    source : str
        Source of the formula.
    trap : str
        The most common mistake with the metric.

    Examples
    --------
    >>> from retention_kit.metrics.catalogue import CATALOGUE
    >>> CATALOGUE["churn_rate"].latex()
    'Churn = \\\\frac{L}{S}'
    """

    function: Callable[..., Any]
    en: str
    zh: str
    pl: str
    symbol: str
    formula: str
    symbols: Mapping[str, str]
    unit: Literal["rate", "money", "score", "number"]
    direction: Literal["up", "down", "neither"]
    example: Mapping[str, float]
    result: float
    source: str
    trap: str

    @property
    def name(self) -> str:
        """The function's name, which is the metric's."""
        return self.function.__name__

    def latex(self, numbers: Mapping[str, float] | None = None) -> str:
        """The formula with symbols or, if numbers are given, with numbers."""
        values = self.symbols if numbers is None else {name: latex_number(value) for name, value in numbers.items()}
        right = re.sub(r"<(\w+)>", lambda match: values.get(match[1], self.symbols[match[1]]), self.formula)
        return f"{self.symbol} = {right}"


def latex_number(value: float) -> str:
    """A number as LaTeX, with separated thousands and without trailing zeros; NaN as words."""
    if value != value:  # NaN differs from itself
        return r"\text{not known}"
    text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    text = text.replace(",", r"\,")
    return f"({text})" if value < 0 else text
