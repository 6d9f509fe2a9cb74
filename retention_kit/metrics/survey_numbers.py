"""The survey figures of one month beside the month before and the same month a year earlier, ready for a report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.metrics.intervals import wilson_interval
from retention_kit.metrics.surveys import response_rate

__all__ = ["survey_numbers"]


def survey_numbers(trend: pd.DataFrame, *, kind: str, unit: str = "score") -> pd.DataFrame:
    """Score, answers and response rate of the last period, each with what a change of it is judged by.

    Parameters
    ----------
    trend : DataFrame
        From `survey_trend`, by month.
    kind : str
        nps, csat or ces.
    unit : {"score", "rate"}
        Of the score.

    Returns
    -------
    DataFrame
        Rows as `tables.numbers` takes them: name, label, unit, value, low, high, n, previous and last_year with the
        ends of their intervals; of the number of answers, the standard error of its change.

    Notes
    -----
    How many answer is taken as a Poisson count: the change of two such counts has their sum as its variance.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [100, 144], "non_response": [100, 144], "score": [45.0, 30.0],
    ...                       "low": [30.0, 20.0], "high": [58.0, 40.0]})
    >>> survey_numbers(table, kind="nps")[["name", "value", "previous", "previous_error"]].round(1)
                    name  value  previous  previous_error
    0                nps   30.0      45.0             NaN
    1        nps_answers  144.0     100.0            15.6
    2  nps_response_rate    0.5       0.5             NaN
    """
    last, nobody = trend.iloc[-1], pd.Series(np.nan, index=trend.columns, dtype="float64")
    earlier = {name: trend.iloc[-back] if len(trend) >= back else nobody for name, back in _BACK.items()}
    names = [kind, f"{kind}_answers", f"{kind}_response_rate"]
    labels = [kind.upper(), f"Answers to the {kind.upper()} question", "Response rate"]
    rows = pd.DataFrame({"name": names, "label": labels, "unit": [unit, "count", "rate"]})
    rows["value"], rows["low"], rows["high"] = zip(*_with_intervals(last), strict=True)
    rows["n"] = [last["n"], np.nan, last["n"] + last["non_response"]]
    for name, row in earlier.items():
        rows[name], rows[f"{name}_low"], rows[f"{name}_high"] = zip(*_with_intervals(row), strict=True)
        rows[f"{name}_error"] = [np.nan, np.sqrt(last["n"] + row["n"]), np.nan]
    return rows


_BACK = {"previous": 2, "last_year": 13}


def _with_intervals(row: pd.Series) -> list[tuple[float, float, float]]:
    """Score, number of answers and response rate of a month, each with the ends of its interval."""
    n, asked = float(row["n"]), float(row["n"] + row["non_response"])
    low, high = wilson_interval(n, asked)
    rate = response_rate(n, float(row["non_response"]))
    return [(row["score"], row["low"], row["high"]), (n, np.nan, np.nan), (rate, low, high)]
