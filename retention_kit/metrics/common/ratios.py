"""Division for every metric: 0/0 and 5/0 are NaN."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from retention_kit.metrics.common.formula_inputs import require_money

Number = TypeVar("Number", float, pd.Series)
"""Type of the arguments and results of metrics: numbers, or Series of numbers (by period, by group)."""


def ratio(top: Number, bottom: Number) -> Number:
    r"""Top over bottom; NaN where the bottom is 0, because neither 0 % nor infinity would be true.

    Parameters
    ----------
    top, bottom : number or Series
        Counts or money.

    Returns
    -------
    number or Series
        The quotient; NaN where `bottom` is 0 or either side is missing.

    Notes
    -----
    .. math:: top / bottom

    Examples
    --------
    >>> ratio(3, 4)
    0.75
    >>> ratio(0, 0)
    nan
    >>> ratio(pd.Series([1, 2]), pd.Series([2, 0])).tolist()
    [0.5, nan]
    """
    require_money(top=top, bottom=bottom)
    if isinstance(bottom, pd.Series):
        return top / bottom.astype("float64").where(bottom != 0)
    if isinstance(top, pd.Series):
        return top.astype("float64") / (bottom if bottom else np.nan)
    return float(top) / float(bottom) if bottom else float("nan")


def bounded(value: Number, low: float, high: float) -> Number:
    """The value, or the nearer of the two bounds if it lies outside; NaN stays NaN.

    Examples
    --------
    >>> bounded(1.2, 0, 1)
    1.0
    """
    return value.clip(low, high) if isinstance(value, pd.Series) else float(np.clip(value, low, high))
