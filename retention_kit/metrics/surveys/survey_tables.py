"""Scores and trends of a table of answers."""

from __future__ import annotations

import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.metrics.changes.share_tests import share_change_test
from retention_kit.metrics.common.ratios import ratio
from retention_kit.metrics.common.share_intervals import wilson_interval
from retention_kit.metrics.surveys.nps_tests import nps_change_test, nps_interval
from retention_kit.metrics.surveys.score_formulas import nps

BANDS = ["promoters", "passives", "detractors"]
_SHARES = ("satisfied", "agreeing")


def survey_scores(answers: pd.DataFrame, *, level: float = 0.95, minimum_n: int = 1) -> pd.DataFrame:
    r"""A table of answers with its score and interval.

    Parameters
    ----------
    answers : DataFrame
        From `summarise.surveys`, of any kind.
    level : float
        Confidence, between 0 and 1.
    minimum_n : int
        Rows with fewer answers show no score: there are too few for an estimate, or answers could be traced to people.

    Returns
    -------
    DataFrame
        The same rows with score, low, high: NPS in points; csat and ces (share who agree) as fractions.

    Raises
    ------
    DataError
        If the table has no bands.

    Notes
    -----
    .. math:: NPS: \text{adjusted Wald}; \quad CSAT, CES: \text{Wilson}

    Weighted answers count as their effective number.

    Examples
    --------
    >>> table = pd.DataFrame({"promoters": [70], "passives": [20], "detractors": [10], "n": [100]})
    >>> table = table.assign(n_effective=100.0)
    >>> survey_scores(table)[["score", "low", "high"]].round(1).iloc[0].tolist()
    [60.0, 45.3, 71.2]
    """
    refuse(DataError, answers=(answers, "table"))
    refuse(level=(level, "level"), minimum_n=(minimum_n, "count"))
    share = share_column(answers)
    if share is None:
        promoters, passives, detractors = (answers[band].astype("float64") for band in BANDS)
        score = nps(promoters, passives, detractors)
        low, high = nps_interval(promoters, passives, detractors, level, answers["n_effective"])
    else:
        score = ratio(answers[share].astype("float64"), answers["answers"])
        low, high = wilson_interval(score * answers["n_effective"], answers["n_effective"], level)
    enough = answers["n"] >= minimum_n
    return answers.assign(score=score.where(enough), low=low.where(enough), high=high.where(enough))


def survey_trend(answers: pd.DataFrame, *, level: float = 0.95, minimum_n: int = 1) -> pd.DataFrame:
    r"""Scores by period, each with the change from the period before and the test that there was none.

    Parameters
    ----------
    answers : DataFrame
        From `summarise.surveys` with a period, perhaps by group.
    level : float
        Confidence, between 0 and 1.
    minimum_n : int
        Rows with fewer answers show no score and no change.

    Returns
    -------
    DataFrame
        The rows of `survey_scores` with change, change_low, change_high and p_value; NaN in the first period and
        next to a period with too few answers.

    Raises
    ------
    DataError
        If the table has no bands or no period.

    Notes
    -----
    .. math:: z = \frac{s_t - s_{t-1}}{\sqrt{v_t + v_{t-1}}}

    The noise of both periods counts. Of twenty tests without any change one is expected to be significant: test the
    last change, and use the others for orientation.

    Examples
    --------
    >>> table = pd.DataFrame({"period": pd.to_datetime(["2024-01-01", "2024-02-01"]), "promoters": [50, 60]})
    >>> table = table.assign(passives=[30, 25], detractors=[20, 15], n=100, n_effective=100.0)
    >>> survey_trend(table)[["score", "change", "p_value"]].round(3).iloc[-1].tolist()
    [45.0, 15.0, 0.17]
    """
    refuse(DataError, answers=(answers, "table"))
    refuse(level=(level, "level"), minimum_n=(minimum_n, "count"))
    if "period" not in answers.columns:
        raise DataError("A trend needs the column period; pass summarise.surveys(…, period='month').")
    table = survey_scores(answers, level=level, minimum_n=minimum_n)
    groups = list(table.columns[: table.columns.get_loc("period")])
    before = table.groupby(groups).shift() if groups else table.shift()
    share = share_column(table)
    if share is None:
        test = nps_change_test(before, table, level)
    else:
        test = share_change_test(*share_counts(before, share), *share_counts(table, share), level)
    comparable = table["score"].notna() & before["score"].notna()
    columns = {"change": test.change, "change_low": test.low, "change_high": test.high, "p_value": test.p_value}
    return table.assign(**{name: values.where(comparable) for name, values in columns.items()})


def share_column(answers: pd.DataFrame) -> str | None:
    """The column of satisfied or agreeing answers; None for a table of NPS bands."""
    if all(band in answers.columns for band in BANDS):
        return None
    share = next((name for name in _SHARES if name in answers.columns), None)
    if share is None:
        raise DataError(
            f"Answers need the bands {', '.join(BANDS)}, or {' or '.join(_SHARES)}; "
            f"found: {', '.join(answers.columns)}. Pass the result of summarise.surveys."
        )
    return share


def share_counts(table: pd.DataFrame, share: str) -> tuple[pd.Series, pd.Series]:
    """Successes and size, scaled to the effective number of answers."""
    return ratio(table[share], table["answers"]) * table["n_effective"], table["n_effective"]
