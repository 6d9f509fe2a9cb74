"""Whether two values with intervals differ by more than chance."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, Final, TypeAlias

Estimate: TypeAlias = tuple[float, float, float]
"""A value with the lower and upper end of its 95 % interval."""
_Z: Final = NormalDist().inv_cdf(0.975)


def estimate(row: Any, column: str, low: str = "low", high: str = "high") -> Estimate:
    """The value of a column of a row, with its interval.

    Examples
    --------
    >>> estimate({"rate": 0.3, "low": 0.25, "high": 0.36}, "rate")
    (0.3, 0.25, 0.36)
    """
    return float(row[column]), float(row[low]), float(row[high])


def differ(one: Estimate, other: Estimate, comparisons: int = 1) -> bool | None:
    """Whether two independent values differ by more than chance at 5 %; None if an interval is not known.

    The distance is compared with the ends that face each other, added as squares (MOVER; Zou and Donner, 2008). Of many
    `comparisons` the widest holds after the rule of Bonferroni.

    Examples
    --------
    >>> differ((0.30, 0.25, 0.35), (0.20, 0.16, 0.25)), differ((0.30, 0.2, 0.4), (0.25, 0.15, 0.35))
    (True, False)
    """
    if any(math.isnan(x) for x in (*one, *other)):
        return None
    low, high = sorted((one, other))
    width = math.hypot(high[0] - high[1], low[2] - low[0])
    return high[0] - low[0] > width * NormalDist().inv_cdf(1 - 0.025 / comparisons) / _Z


def counts_differ(one: float, other: float) -> bool:
    """Whether two independent counts of the same length of time differ by more than chance (Poisson, 5 %).

    Examples
    --------
    >>> counts_differ(150, 100), counts_differ(110, 100)
    (True, False)
    """
    return abs(one - other) > _Z * math.sqrt(one + other)


def shares_differ(one: float, n: float, other: float, n_other: float) -> bool:
    """Whether two shares of so many customers differ by more than chance at 5 %.

    Examples
    --------
    >>> shares_differ(0.3, 500, 0.2, 400), shares_differ(0.3, 50, 0.2, 40)
    (True, False)
    """
    if min(n, n_other) <= 0:
        return False
    together = (one * n + other * n_other) / (n + n_other)
    return abs(one - other) > _Z * math.sqrt(max(together * (1 - together), 0) * (1 / n + 1 / n_other))
