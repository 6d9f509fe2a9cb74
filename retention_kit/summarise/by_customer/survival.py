"""Kaplan-Meier curves with bands and the log-rank test: times until an event, some of them censored."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.formats import p_equation


class LogRank(NamedTuple):
    """Result of a log-rank test: chi-squared statistic, its degrees of freedom, p-value."""

    statistic: float
    degrees: int
    p_value: float

    def __str__(self) -> str:
        """The result as a sentence."""
        if np.isnan(self.p_value):
            return "Log-rank: no test is possible with a single group or with too few events."
        degrees = f"{self.degrees} degree{'s' if self.degrees != 1 else ''} of freedom"
        return f"Log-rank: χ² = {self.statistic:.2f} on {degrees}, {p_equation(self.p_value)}."


def survival(
    durations: ArrayLike,
    observed: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    counts: ArrayLike | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Share without the event after each time, by Kaplan and Meier, with a confidence band.

    Parameters
    ----------
    durations : Series or array
        How long each was observed, 0 or more, in any unit. Months of 30.4375 days, as `tenures` counts them, scatter
        around whole calendar months: read the curve between renewals, not on them.
    observed : Series or array of bool
        Whether the event happened at the end of that time. False: it had not happened when observation ended
        (censored).
    groups : Series or array, optional
        A curve for each value; missing values are "(none)". Without groups there is one curve, "all".
    counts : Series or array, optional
        Number of people that each row stands for, so that equal rows can be counted in the engine first.
    level : float
        Confidence level of the band, in (0, 1).

    Returns
    -------
    DataFrame
        One row per group and distinct time, and one for time 0, sorted. group, time; survival: fraction in [0, 1]; low,
        high: band at each time, NaN where survival is 0, where it is not defined; at_risk: how many were still
        observed and without the event just before that time.

    Raises
    ------
    DataError
        When there are no rows, lengths differ, or durations are missing or negative; all faults at once.
    ConfigError
        When level is not in (0, 1).

    Notes
    -----
    With :math:`d_i` events among :math:`n_i` at risk at :math:`t_i`:

    .. math:: S(t) = \prod_{t_i \le t} (1 - d_i / n_i)

    Kaplan and Meier (1958). The band is that of Kalbfleisch and Prentice on the scale
    :math:`\log(-\log S)`, which never leaves [0, 1]; it holds at each time, not for the whole curve at once. Until the
    first event survival, low and high are all 1.

    Examples
    --------
    >>> survival([1, 2, 2, 3], [True, True, False, False]).round(2)
      group  time  survival   low  high  at_risk
    0   all   0.0      1.00  1.00  1.00        4
    1   all   1.0      0.75  0.13  0.96        4
    2   all   2.0      0.50  0.06  0.84        3
    3   all   3.0      0.50  0.06  0.84        1
    """
    refuse(level=(level, "level"))
    if not 0 < level < 1:
        raise ConfigError(f"level is between 0 and 1, such as 0.95; got {level!r}")
    rows = _rows(durations, observed, groups, counts)
    curves = [_curve(rows_of_group, str(name), level) for name, rows_of_group in rows.groupby("group", sort=True)]
    return pd.concat(curves, ignore_index=True)


def logrank(
    durations: ArrayLike, observed: ArrayLike, groups: ArrayLike, *, counts: ArrayLike | None = None
) -> LogRank:
    r"""Whether the curves of two or more groups differ by more than chance, by the log-rank test.

    Parameters
    ----------
    durations, observed, groups, counts : Series or array
        As for `survival`.

    Returns
    -------
    LogRank
        statistic, degrees (groups less one) and p_value; all NaN but degrees where there is only one group or no event.

    Raises
    ------
    DataError
        As for `survival`.

    Notes
    -----
    .. math:: \chi^2_{k-1} = Z^T V^{-1} Z, \quad Z_j = \sum_i (d_{ij} - n_{ij} d_i / n_i)

    Mantel (1966). The test has little power where curves cross: look at them first.

    Examples
    --------
    >>> result = logrank([1, 2, 3, 4, 5, 6], [True] * 5 + [False], ["a"] * 3 + ["b"] * 3)
    >>> round(result.statistic, 3), result.degrees, round(result.p_value, 4)
    (5.052, 1, 0.0246)
    """
    from scipy.stats import chi2

    rows = _rows(durations, observed, groups, counts)
    degrees = rows["group"].nunique() - 1
    if degrees == 0 or not rows["observed"].any():
        return LogRank(np.nan, degrees, np.nan)
    people = rows.pivot_table(index="duration", columns="group", values="count", aggfunc="sum", fill_value=0)
    events = rows[rows["observed"]].pivot_table(index="duration", columns="group", values="count", aggfunc="sum")
    at_risk = people[::-1].cumsum().loc[events.index].to_numpy("float64")
    happened = events.reindex(columns=people.columns).fillna(0).to_numpy("float64")
    difference, covariance = _differences(happened, at_risk)
    # The differences of all groups add up to 0, so the last one is redundant; the inverse is generalised for groups in
    # which nobody was observed at the time of an event.
    statistic = difference[:-1] @ np.linalg.pinv(covariance[:-1, :-1], hermitian=True) @ difference[:-1]
    return LogRank(float(statistic), degrees, float(chi2.sf(statistic, degrees)))


def _differences(events: np.ndarray, at_risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Events less expected events of each group, and their covariance; one row per time, one column per group."""
    all_events, all_at_risk = events.sum(axis=1), at_risk.sum(axis=1)
    shares = at_risk / all_at_risk[:, None]
    difference = (events - shares * all_events[:, None]).sum(axis=0)
    # Hypergeometric variance of the events at one time; it is 0 for a single remaining person.
    variance = all_events * (all_at_risk - all_events) / np.maximum(all_at_risk - 1, 1)
    covariance = np.diag(variance @ shares) - (shares * variance[:, None]).T @ shares
    return difference, covariance


def _rows(
    durations: ArrayLike, observed: ArrayLike, groups: ArrayLike | None, counts: ArrayLike | None
) -> pd.DataFrame:
    """The arguments as one checked table: duration, observed, group, count, without rows of count 0."""
    columns = {"duration": durations, "observed": observed, "group": groups, "count": counts}
    given = {name: np.asarray(values) for name, values in columns.items() if values is not None}
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"durations, observed, groups and counts need one value per row; got lengths {lengths}")
    rows = pd.DataFrame({"group": "all", "count": 1, **given}, index=range(lengths["duration"]))
    duration = pd.to_numeric(rows["duration"], errors="coerce").astype("float64")
    conditions = {
        "need at least one row": rows["count"].sum() <= 0,
        f"are 0 or more; {(duration < 0).sum():,} are negative": (duration < 0).any(),
        f"are numbers; {duration.isna().sum():,} are missing or not": duration.isna().any(),
        f"need observed True or False; {rows['observed'].isna().sum():,} are missing": rows["observed"].isna().any(),
    }
    if faults := [f"durations {what}" for what, is_so in conditions.items() if is_so]:
        raise DataError(join_faults(faults))
    group = rows["group"].astype("object").where(rows["group"].notna(), "(none)").astype("str")
    rows = rows.assign(duration=duration, observed=rows["observed"].astype("bool"), group=group)
    return rows[rows["count"] > 0].reset_index(drop=True)


def _curve(rows: pd.DataFrame, name: str, level: float) -> pd.DataFrame:
    """The curve of one group."""
    from scipy.special import ndtri

    events = rows["count"].where(rows["observed"], 0)
    table = rows.assign(events=events).groupby("duration")[["count", "events"]].sum()
    table = table.reindex(table.index.union([0.0]), fill_value=0)
    at_risk = table["count"][::-1].cumsum()[::-1].to_numpy()
    happened = table["events"].to_numpy()
    share = np.cumprod(1 - happened / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):  # at a share of 0 the band is not defined, at 1 it is 1
        greenwood = np.cumsum(happened / (at_risk * (at_risk - happened)))
        half = ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.log(share)
        band = {"low": share ** np.exp(-half), "high": share ** np.exp(half)}
    band = {side: np.where(share == 1, 1.0, np.where(share > 0, values, np.nan)) for side, values in band.items()}
    times = table.index.to_numpy()
    watched = at_risk.astype("int64")
    return pd.DataFrame({"group": name, "time": times, "survival": share, **band, "at_risk": watched})
