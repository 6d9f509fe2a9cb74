"""Intervals and changes of estimates, and the Wilson interval of a share of people."""

from __future__ import annotations

from statistics import NormalDist
from typing import Generic, NamedTuple

import numpy as np

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.metrics.common.formula_inputs import require_counts
from retention_kit.metrics.common.ratios import Number
from retention_kit.summarise.common.wilson import wilson


class Interval(NamedTuple, Generic[Number]):
    """Lower and upper end of a confidence interval.

    Parameters
    ----------
    low, high : number or Series
        The ends, in the unit of the estimate.

    Examples
    --------
    >>> low, high = Interval(0.1, 0.3)
    >>> high
    0.3
    """

    low: Number
    high: Number


class Change(NamedTuple, Generic[Number]):
    """A change and the test that there is none.

    Parameters
    ----------
    change, low, high : number or Series
        The change and the ends of its interval, in the unit of the score.
    z : number or Series
        Change in standard errors.
    p_value : number or Series
        Chance of a change at least this large if nothing had changed; two-sided.

    Examples
    --------
    >>> Change(5.0, -1.0, 11.0, 1.6, 0.11).change
    5.0
    """

    change: Number
    low: Number
    high: Number
    z: Number
    p_value: Number


def z_of(level: float) -> float:
    """Normal quantile of a two-sided confidence level in (0, 1).

    Examples
    --------
    >>> round(z_of(0.95), 3)
    1.96
    """
    refuse(level=(level, "level"))
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson_interval(successes: Number, n: Number, level: float = 0.95) -> Interval[Number]:
    r"""Interval of a share of people, reliable for small n and shares near 0 and 1.

    Parameters
    ----------
    successes, n : number or Series
        Numbers of successes and of cases.
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        Fractions in [0, 1]; NaN where n is 0.

    Raises
    ------
    DataError
        If `successes` is negative or more than `n`: then it is not a share of people.

    Notes
    -----
    .. math:: \frac{x + z^2/2 \pm z \sqrt{x (n - x)/n + z^2/4}}{n + z^2}

    Wilson, E. B. (1927), JASA 22, 209–212.

    Examples
    --------
    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    require_counts(successes=successes, n=n)
    if np.any(successes < 0) or np.any(successes > n):
        raise DataError(
            "A share of people needs 0 <= successes <= n; some successes are outside that range. Check both counts."
        )
    return Interval(*wilson(successes, n, level=level))
