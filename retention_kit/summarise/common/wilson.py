"""The Wilson interval of every rate of people."""

from __future__ import annotations

from statistics import NormalDist
from typing import TypeVar

import numpy as np
import pandas as pd

from retention_kit.arguments import refuse

Counts = TypeVar("Counts", float, "pd.Series[float]")


def wilson(successes: Counts, n: Counts, *, level: float = 0.95) -> tuple[Counts, Counts]:
    r"""Wilson score interval of a share.

    Parameters
    ----------
    successes, n : number or Series
        Number of successes, in [0, n], and number of cases.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    low, high : number or Series
        Fractions in [0, 1]; NaN where n is 0.

    Notes
    -----
    .. math:: \frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}

    Wilson (1927). It never leaves [0, 1] and does not collapse at 0 or 1.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 4), round(high, 4)
    (0.5958, 0.9821)
    """
    refuse(level=(level, "level"))
    z = NormalDist().inv_cdf((1 + level) / 2)
    size = n.where(n > 0) if isinstance(n, pd.Series) else (n if n > 0 else np.nan)
    share = successes / size
    centre = share + z**2 / (2 * size)
    margin = z * (share * (1 - share) / size + z**2 / (4 * size**2)) ** 0.5
    scale = 1 + z**2 / size
    low, high = np.clip((centre - margin) / scale, 0, share), np.clip((centre + margin) / scale, share, 1)
    return (low, high) if isinstance(low, pd.Series) else (float(low), float(high))  # type: ignore[return-value]
