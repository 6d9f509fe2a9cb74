"""Summaries of cohort tables: the mean curve, and one age over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.wilson import wilson

_NEEDED = ("cohort", "age", "size", "active", "rate", "complete")


def pooled_curve(cohorts: pd.DataFrame, *, by: str | Sequence[str] | None = None, level: float = 0.95) -> pd.DataFrame:
    r"""Retention by age over all cohorts, from complete cells only.

    Parameters
    ----------
    cohorts : DataFrame
        From `summarise.cohorts` or `summarise.subscription_cohorts`.
    by : str or sequence of str, optional
        Group columns of the table: a curve for each.
    level : float
        Confidence level of low and high.

    Returns
    -------
    DataFrame
        One row per (group and) age that is complete in at least one cohort: age; cohorts: how many are complete there;
        size, active: their customers; pooled_mean: active / size of all together, with its Wilson interval low, high;
        mean_of_rates: every cohort has the same weight, whatever its size. Suppressed cells are left out.

    Raises
    ------
    DataError
        When columns of a cohort table are missing.

    Notes
    -----
    .. math:: \text{pooled} = \frac{\sum_c a_c}{\sum_c n_c}, \quad \text{mean of rates} = \frac1C\sum_c \frac{a_c}{n_c}

    Higher ages rest on fewer and older cohorts: a step in the curve can be a change of cohorts, not of customers.

    Examples
    --------
    >>> table = pd.DataFrame({"cohort": [1, 2], "age": 1, "size": [1000, 500], "active": [500, 400],
    ...                       "rate": [0.5, 0.8], "reached": [1000, 500], "complete": True})
    >>> pooled_curve(table)[["age", "cohorts", "size", "active", "pooled_mean", "mean_of_rates"]]
       age  cohorts  size  active  pooled_mean  mean_of_rates
    0    1        2  1500   900.0          0.6           0.65
    """
    refuse(DataError, cohorts=(cohorts, "table"))
    refuse(by=(by, "column"), level=(level, "level"))
    groups = [by] if isinstance(by, str) else list(by or [])
    _need(cohorts, [*_NEEDED, *groups])
    observed = cohorts[cohorts["complete"] & cohorts["rate"].notna()]
    sums = observed.groupby([*groups, "age"]).agg(
        cohorts=("cohort", "count"), size=("size", "sum"), active=("active", "sum"), mean_of_rates=("rate", "mean")
    )
    sums = sums.reset_index().astype({"active": "float64"})
    sums["pooled_mean"] = sums["active"] / sums["size"].where(sums["size"] > 0)
    sums["low"], sums["high"] = wilson(sums["active"], sums["size"], level=level)
    return sums[[*groups, "age", "cohorts", "size", "active", "pooled_mean", "low", "high", "mean_of_rates"]]


def age_over_time(cohorts: pd.DataFrame, *, age: int = 1, level: float = 0.95) -> pd.DataFrame:
    r"""Retention at one age, cohort after cohort: is it getting better?

    Parameters
    ----------
    cohorts : DataFrame
        From `summarise.cohorts` or `summarise.subscription_cohorts`; with group columns, choose one group first.
    age : int
        The age to follow.
    level : float
        Confidence level of all intervals.

    Returns
    -------
    DataFrame
        One row per cohort whose cell is complete: cohort, size, active, rate, low, high; change: against the cohort
        before, with its interval change_low, change_high (an interval without 0: more than chance); trend: slope per
        cohort of the straight line through the rates, weighted by size, and trend_p_value: whether it differs from 0,
        the same in every row, NaN for fewer than three cohorts.

    Raises
    ------
    DataError
        When columns are missing or a cohort has several rows of that age.
    ConfigError
        When no cohort has a complete cell of that age.

    Notes
    -----
    The interval of a change combines two Wilson intervals (Newcombe 1998, method 10); the trend is that of Cochran
    (1954) and Armitage (1955), which takes customers as independent of each other:

    .. math:: b = \frac{\sum n_i (x_i - \bar x)(p_i - \bar p)}{\sum n_i (x_i - \bar x)^2}, \quad
              z = b \sqrt{\frac{\sum n_i (x_i - \bar x)^2}{\bar p (1 - \bar p)}}

    Examples
    --------
    >>> table = pd.DataFrame({"cohort": [1, 2, 3], "age": 1, "size": 100, "active": [20, 25, 40],
    ...                       "rate": [0.2, 0.25, 0.4], "complete": True})
    >>> age_over_time(table)[["cohort", "rate", "change", "change_low", "change_high", "trend"]].round(3)
       cohort  rate  change  change_low  change_high  trend
    0       1  0.20     NaN         NaN          NaN    0.1
    1       2  0.25    0.05      -0.066        0.164    0.1
    2       3  0.40    0.15       0.020        0.273    0.1
    """
    refuse(DataError, cohorts=(cohorts, "table"))
    refuse(age=(age, "count"), level=(level, "level"))
    _need(cohorts, list(_NEEDED))
    rows = cohorts[(cohorts["age"] == age) & cohorts["complete"] & cohorts["rate"].notna()].sort_values("cohort")
    if rows.empty:
        raise ConfigError(f"no cohort has a complete cell of age {age}; take a smaller age or a later as_of")
    if rows["cohort"].duplicated().any():
        raise DataError("a cohort has several rows of that age; choose one group, or make the table without by")
    table = rows[["cohort", "size", "active", "rate"]].reset_index(drop=True)
    table["low"], table["high"] = wilson(table["active"], table["size"], level=level)
    before = table.shift()
    table["change"] = table["rate"] - before["rate"]
    down = np.hypot(table["rate"] - table["low"], before["high"] - before["rate"])
    up = np.hypot(table["high"] - table["rate"], before["rate"] - before["low"])
    table["change_low"], table["change_high"] = table["change"] - down, table["change"] + up
    table["trend"], table["trend_p_value"] = _trend(table["active"], table["size"])
    return table


def _trend(active: pd.Series, size: pd.Series) -> tuple[float, float]:
    """Slope per cohort and the p-value of the hypothesis that there is none."""
    from scipy.special import ndtr

    x = np.arange(len(size)) - np.average(np.arange(len(size)), weights=size)
    share = active.sum() / size.sum()
    spread = float((size * x**2).sum())
    if len(size) < 3 or not 0 < share < 1:
        return np.nan, np.nan
    slope = float((x * (active - size * share)).sum() / spread)
    return slope, float(2 * ndtr(-abs(slope) * np.sqrt(spread / (share * (1 - share)))))


def _need(table: pd.DataFrame, columns: list[str]) -> None:
    if missing := [name for name in columns if name not in table.columns]:
        raise DataError(f"a cohort table has {', '.join(_NEEDED)}; missing: {', '.join(missing)}")
