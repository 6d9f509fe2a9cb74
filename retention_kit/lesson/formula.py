"""Formulas of lessons, with the meaning of every symbol."""

from __future__ import annotations

from difflib import get_close_matches

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.lesson.formulas import FORMULAS, Formula
from retention_kit.lesson.formulas.symbols import meaning
from retention_kit.metrics.catalogue import CATALOGUE, Entry


def formula(metric: str) -> Formula:
    """The formula of a metric or model, with the meaning of every symbol; Jupyter typesets it.

    Parameters
    ----------
    metric : str
        A name of the catalogue of metrics, such as "retention_rate", or of the formulas of lessons.

    Returns
    -------
    Formula
        name, latex, symbols, source.

    Raises
    ------
    ConfigError
        If no formula has that name.

    Examples
    --------
    >>> formula("churn_rate").latex
    'Churn = \\\\frac{L}{S}'
    >>> formula("churn_rate").symbols["S"]
    'customers at the start of the period'
    """
    refuse(metric=(metric, "name"))
    if metric in CATALOGUE:
        return _of_catalogue(CATALOGUE[metric])
    if metric not in FORMULAS:
        names = [*CATALOGUE, *FORMULAS]
        near = get_close_matches(metric, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names)}."
        raise ConfigError(f"No formula is called {metric!r}; {hint}")
    return FORMULAS[metric]


def _of_catalogue(entry: Entry) -> Formula:
    symbols = {symbol: meaning(entry.name, parameter) for parameter, symbol in entry.symbols.items()}
    return Formula(entry.en, entry.latex(), symbols, entry.source)
