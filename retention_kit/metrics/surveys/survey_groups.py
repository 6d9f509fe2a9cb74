"""Comparisons of groups of answers, adjusted for the number of comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from retention_kit.arguments import described, refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.metrics.changes.share_tests import holm, share_change_test
from retention_kit.metrics.common.share_intervals import Change
from retention_kit.metrics.surveys.nps_tests import nps_change_test
from retention_kit.metrics.surveys.survey_tables import BANDS, share_column, share_counts, survey_scores


def survey_breakdown(answers: pd.DataFrame, *, level: float = 0.95, minimum_n: int = 30) -> pd.DataFrame:
    r"""Score of each group against all others, with p values adjusted for the number of comparisons.

    Parameters
    ----------
    answers : DataFrame
        From `summarise.surveys(…, period=None, by=…)`, of any kind: one row per group.
    level : float
        Confidence, between 0 and 1.
    minimum_n : int
        Groups with fewer answers show no score and are not tested.

    Returns
    -------
    DataFrame
        The rows of `survey_scores` with difference (group less the rest), difference_low, difference_high,
        p_value, p_holm (adjusted for the number of groups tested) and stands_out (p_holm below 1 − level).

    Raises
    ------
    DataError
        If the table has no bands.

    Notes
    -----
    Holm (1979): the k-th smallest of m p values is multiplied by m − k + 1. The chance that any group without a
    difference stands out stays below 1 − level.

    Examples
    --------
    >>> table = pd.DataFrame({"channel": ["web", "email"], "promoters": [30, 70], "detractors": [50, 10]})
    >>> table = table.assign(passives=20, n=100, n_effective=100.0)
    >>> survey_breakdown(table)[["channel", "score", "difference", "stands_out"]]
      channel  score  difference  stands_out
    0     web  -20.0       -80.0        True
    1   email   60.0        80.0        True
    """
    refuse(DataError, answers=(answers, "table"))
    refuse(level=(level, "level"), minimum_n=(minimum_n, "count"))
    table = survey_scores(answers, level=level, minimum_n=minimum_n)
    share = share_column(answers)
    counted = [*(BANDS if share is None else [share, "answers"]), "n_effective"]
    rest = table[counted].sum() - table[counted].fillna(0)
    test = _against(rest, table, share, level)
    tested = table["score"].notna() & (rest["n_effective"] > 0)
    p_value = test.p_value.where(tested)
    p_holm = holm(p_value)
    return table.assign(
        difference=test.change.where(tested),
        difference_low=test.low.where(tested),
        difference_high=test.high.where(tested),
        p_value=p_value,
        p_holm=p_holm,
        stands_out=p_holm < 1 - level,
    )


def _against(rest: pd.DataFrame, table: pd.DataFrame, share: str | None, level: float) -> Change[Any]:
    """The test of two groups for the kind of survey."""
    if share is None:
        return nps_change_test(rest, table, level)
    return share_change_test(*share_counts(rest, share), *share_counts(table, share), level)


def survey_drivers(answers: Mapping[str, pd.DataFrame], *, minimum_n: int = 30) -> pd.DataFrame:
    r"""Which dimension explains most of the spread between answers.

    Parameters
    ----------
    answers : mapping from dimension to DataFrame
        For each dimension the table of `summarise.surveys(…, period=None, by=dimension)`.
    minimum_n : int
        Groups with fewer answers are left out.

    Returns
    -------
    DataFrame
        One row per dimension, strongest first: dimension, groups, n, spread (between best and worst group),
        explained (share of the variance, corrected for the number of groups; at least 0), p_value, p_holm.

    Raises
    ------
    ConfigError
        If there is no dimension.

    Notes
    -----
    Every answer is 100, 0 or −100, so that a mean is an NPS; or 1 or 0, so that a mean is a share.

    .. math:: \omega^2 = \frac{SS_B - (k - 1) MS_W}{SS_T + MS_W}

    Hays (1963). With many groups some spread occurs by chance; the correction subtracts it. An explanation is not a
    cause: dimensions are correlated.

    Examples
    --------
    >>> channel = pd.DataFrame({"channel": ["web", "email"], "promoters": [30, 70], "detractors": [50, 10]})
    >>> channel = channel.assign(passives=20, n=100, n_effective=100.0)
    >>> survey_drivers({"channel": channel})[["dimension", "spread", "explained"]].round(3)
      dimension  spread  explained
    0   channel    80.0      0.206
    """
    refuse(minimum_n=(minimum_n, "count"))
    if not isinstance(answers, Mapping):
        raise DataError(f"answers must be tables by the name of their dimension; got {described(answers)}.")
    if not answers:
        raise ConfigError("Drivers need at least one dimension; got none.")
    rows = [{"dimension": name, **_explained(table[table["n"] >= minimum_n])} for name, table in answers.items()]
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p_value"])
    return table.sort_values("explained", ascending=False, ignore_index=True, na_position="last")


def _explained(table: pd.DataFrame) -> dict[str, float]:
    """Variance between and within the groups of one dimension."""
    n, (mean, variance) = table["n_effective"], _moments(table)
    total, groups = float(n.sum()), len(table)
    between = float((n * (mean - np.average(mean, weights=n)) ** 2).sum()) if groups else np.nan
    within = float((n * variance).sum())
    result = {"groups": groups, "n": int(table["n"].sum()), "spread": mean.max() - mean.min() if groups else np.nan}
    if groups < 2 or total <= groups or within == 0:
        return {**result, "explained": np.nan, "p_value": np.nan}
    noise = within / (total - groups)
    explained = (between - (groups - 1) * noise) / (between + within + noise)
    p_value = fdtrc(groups - 1, total - groups, between / (groups - 1) / noise)
    return {**result, "explained": max(explained, 0.0), "p_value": float(p_value)}


def _moments(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Mean and variance of the answers of each group."""
    share = share_column(table)
    if share is not None:
        mean = table[share] / table["answers"]
        return mean, mean * (1 - mean)
    shares = table[BANDS].div(table[BANDS].sum(axis=1), axis=0)
    mean = 100 * (shares["promoters"] - shares["detractors"])
    return mean, 100**2 * (shares["promoters"] + shares["detractors"]) - mean**2
