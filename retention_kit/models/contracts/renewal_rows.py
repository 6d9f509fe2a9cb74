"""Rows for models of renewals, from the shares of a cohort that were still active after each renewal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError, caution

_ROUNDING: Final = 1e-9
"""Distance from 1 that can be due to rounding."""


def renewals(survivors: Sequence[float], *, customers: float = 1000) -> pd.DataFrame:
    """Customer table of one cohort from the shares that were still active after 1, 2, … renewals.

    Parameters
    ----------
    survivors : sequence of float
        Shares of the cohort after renewal 1, 2, …, falling; S(0) = 1, the complete cohort, is not one of them, and a
        first share of 1 causes a warning.
    customers : float
        Size of the cohort.

    Returns
    -------
    DataFrame
        periods, lost, weights: pass it to `fit(..., weights="weights")`.

    Raises
    ------
    DataError
        If the shares do not fall from at most 1 to at least 0.

    Examples
    --------
    >>> renewals([0.8, 0.7], customers=10)["weights"].round(2).tolist()
    [2.0, 1.0, 7.0]
    """
    with Arguments(DataError) as check:
        shares = np.atleast_1d(check.array("survivors", survivors, least=0))
        size = check.number("customers", customers, above=0)
    share = np.append(1.0, shares)
    if not (np.diff(share) <= 0).all() or len(share) < 2 or shares.ndim > 1:
        raise DataError(f"Survivors must be shares that fall from at most 1; got {list(survivors)}.")
    if share[1] > 1 - _ROUNDING:
        caution("Nobody left at the first renewal. If the first share is S(0), the whole cohort, leave it out.")
    n = len(share) - 1
    table = {"periods": [*range(1, n + 1), n], "lost": [True] * n + [False]}
    return pd.DataFrame({**table, "weights": size * np.append(share[:-1] - share[1:], share[-1])})
