"""Interval of a number of events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.metrics.common.formula_inputs import require_counts
from retention_kit.metrics.common.ratios import Number
from retention_kit.metrics.common.share_intervals import Interval


def poisson_interval(count: Number, level: float = 0.95) -> Interval[Any]:
    r"""Interval of the mean of a Poisson number, such as new customers of a month, of which one was seen.

    Parameters
    ----------
    count : number or Series
        Events that were counted.
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        The ends, 0 or more; NaN where the count is missing.

    Raises
    ------
    DataError
        If a count is negative.

    Notes
    -----
    .. math:: \left[\tfrac12 \chi^2_{\alpha/2}(2x),\; \tfrac12 \chi^2_{1-\alpha/2}(2x + 2)\right]

    Garwood, F. (1936), Biometrika 28, 437-442: exact, so that it holds at least as often as it says.

    Examples
    --------
    >>> low, high = poisson_interval(138)
    >>> round(low, 1), round(high, 1)
    (115.9, 163.0)
    """
    refuse(level=(level, "level"))
    require_counts(count=count)
    if np.any(np.asarray(count) < 0):
        raise DataError("A count of events cannot be negative. Check the counts.")
    values = np.asarray(count, dtype="float64")
    low = np.where(values == 0, 0.0, gammaincinv(np.where(values == 0, 1.0, values), (1 - level) / 2))
    high = gammaincinv(values + 1, (1 + level) / 2)
    if isinstance(count, pd.Series):
        return Interval(pd.Series(low, count.index), pd.Series(high, count.index))
    return Interval(float(low), float(high))
