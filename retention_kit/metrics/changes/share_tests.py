"""Tests whether a share changed, and adjustments for several tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from retention_kit.metrics.common.formula_inputs import require_part
from retention_kit.metrics.common.ratios import Number, bounded, ratio
from retention_kit.metrics.common.share_intervals import Change, z_of


def share_change_test(
    successes_before: Number, n_before: Number, successes_after: Number, n_after: Number, level: float = 0.95
) -> Change[Any]:
    r"""Whether a share of people changed between two groups of them.

    Parameters
    ----------
    successes_before, n_before, successes_after, n_after : number or Series
        Numbers of successes and of cases, before and after.
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    Change
        Change as a fraction with its interval, z and p value; NaN where a group is empty.

    Notes
    -----
    .. math:: z = \frac{\tilde p_2 - \tilde p_1}{\sqrt{v_1 + v_2}}, \quad v = \frac{\tilde p (1 - \tilde p)}{n + 2},
        \quad \tilde p = \frac{x + 1}{n + 2}

    Agresti, A., Caffo, B. (2000), The American Statistician 54, 280–288. Two separate groups of people.

    Examples
    --------
    >>> test = share_change_test(400, 500, 430, 500)
    >>> round(test.change, 3), round(test.p_value, 3)
    (0.06, 0.012)
    """
    require_part(successes_before=successes_before, n_before=n_before)
    require_part(successes_after=successes_after, n_after=n_after)
    change = ratio(successes_after, n_after) - ratio(successes_before, n_before)
    before, after = (successes_before + 1) / (n_before + 2), (successes_after + 1) / (n_after + 2)
    error = (before * (1 - before) / (n_before + 2) + after * (1 - after) / (n_after + 2)) ** 0.5
    adjusted = (after - before) + 0 * change  # missing where a group is empty
    z = adjusted / error
    half = z_of(level) * error
    p_value = 2 * ndtr(-abs(z))
    tail = p_value if isinstance(p_value, pd.Series) else float(p_value)
    return Change(change, bounded(adjusted - half, -1, 1), bounded(adjusted + half, -1, 1), z, tail)


def holm(p_values: pd.Series) -> pd.Series:
    r"""p values adjusted for the number of tests.

    Parameters
    ----------
    p_values : Series
        From tests of one family; missing ones were not tested.

    Returns
    -------
    Series
        At least as large, at most 1, in the same order; missing where missing.

    Notes
    -----
    .. math:: \tilde p_{(k)} = \max_{j \le k} \min\{1, (m - j + 1) \, p_{(j)}\}

    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65–70. Keeps the chance of any false alarm among all tests at
    the level, without assuming that the tests are independent.

    Examples
    --------
    >>> holm(pd.Series([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    sorted_values = p_values.dropna().sort_values()
    factors = np.arange(len(sorted_values), 0, -1)
    adjusted = (sorted_values * factors).clip(upper=1).cummax()
    return adjusted.reindex(p_values.index)


def benjamini_hochberg(p_values: pd.Series) -> pd.Series:
    r"""p values adjusted so that, of those called changes, only a share is expected to be false.

    Parameters
    ----------
    p_values : Series
        From tests of one family; missing ones were not tested.

    Returns
    -------
    Series
        At least as large, at most 1, in the same order; missing where missing. Whatever is at most 0.1 may be called a
        change, if one in ten of the changes called so may be false on average.

    Notes
    -----
    .. math:: \tilde p_{(k)} = \min_{j \ge k} \min\{1, \tfrac{m}{j} \, p_{(j)}\}

    Benjamini, Y., Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57, 289-300. Where nothing changes,
    anything is called a change in one family of ten at most. Exact for independent tests, and for tests that rise and
    fall together.

    Examples
    --------
    >>> benjamini_hochberg(pd.Series([0.01, 0.04, None, 0.03])).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    sorted_values = p_values.astype("float64").dropna().sort_values(ascending=False)
    count = len(sorted_values)
    adjusted = (sorted_values * count / np.arange(count, 0, -1)).clip(upper=1).cummin()
    return adjusted.reindex(p_values.index)
