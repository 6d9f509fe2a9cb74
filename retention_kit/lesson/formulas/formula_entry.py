"""An entry for a formula, and reading formulas from docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from retention_kit.errors import ConfigError


@dataclass(frozen=True)
class Formula:
    r"""A formula, the meaning of each symbol, and its source.

    Examples
    --------
    >>> print(Formula("Area", r"A = \pi r^2", {"A": "area", "r": "radius"}, "Archimedes"))
    Area: A = \pi r^2 (A: area; r: radius)
    """

    name: str
    latex: str
    symbols: Mapping[str, str]
    source: str = ""

    def __str__(self) -> str:
        symbols = "; ".join(f"{symbol}: {meaning}" for symbol, meaning in self.symbols.items())
        return f"{self.name}: {self.latex} ({symbols})"

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        meanings = "\n".join(f"- ${symbol}$: {meaning}" for symbol, meaning in self.symbols.items())
        source = f"\n\n*{self.source}*" if self.source else ""
        return f"**{self.name}**\n\n$${self.latex}$$\n\nwhere\n\n{meanings}{source}"


def of_docstring(function: Callable[..., Any], which: int = 0) -> str:
    r"""Formula number `which`, from 0, of a docstring, so that lesson and function cannot differ.

    Examples
    --------
    >>> from retention_kit import metrics
    >>> of_docstring(metrics.kept_rate)
    'K / S'
    """
    text = inspect.getdoc(function) or ""
    formulas = re.findall(r"^( *)\.\. math:: *(.*(?:\n\1 +\S.*)*)", text, re.MULTILINE)
    if len(formulas) <= which:
        raise ConfigError(
            f"The docstring of {function.__qualname__} has {len(formulas)} formulas; asked for number {which}."
        )
    return " ".join(formulas[which][1].split())
