"""The survey figures of a month, compared with the month before and the same month a year earlier."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError
from retention_kit.metrics.changes.change_errors import Earlier, half_width
from retention_kit.metrics.changes.comparison_notes import NOTES
from retention_kit.metrics.common.count_intervals import poisson_interval
from retention_kit.metrics.common.share_intervals import wilson_interval
from retention_kit.metrics.surveys.score_formulas import response_rate
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.common.period_edges import survey_edges


def survey_numbers(
    trend: pd.DataFrame, *, kind: str, unit: str = "score", surveys: Orders | None = None
) -> pd.DataFrame:
    """Score, answers and response rate of the last period, each with the precision of its change.

    Parameters
    ----------
    trend : DataFrame
        From `survey_trend`, by month.
    kind : str
        nps, csat or ces.
    unit : {"score", "rate"}
        Unit of the score.
    surveys : Dataset, Ibis table or DataFrame, optional
        The answers themselves: their first and last days show whether a month is complete.

    Returns
    -------
    DataFrame
        Rows as `tables.numbers` takes them: name, label, unit, value, low, high, n, previous and last_year with the
        ends of their intervals; previous_p and last_year_p, the chance of a change at least as large if nothing had
        changed, two-sided; for the number of answers also the standard error of its change, the value expected for
        the length of the month, and a note if it is not compared because one of the two months is incomplete.

    Notes
    -----
    The number of answers is treated as a Poisson count: the variance of a change is the sum of the two counts.

    Examples
    --------
    >>> table = pd.DataFrame({"period": pd.to_datetime(["2024-01-01", "2024-02-01"]), "complete": True,
    ...                       "n": [100, 144], "non_response": [100, 144], "score": [45.0, 30.0],
    ...                       "low": [30.0, 20.0], "high": [58.0, 40.0]})
    >>> survey_numbers(table, kind="nps")[["name", "value", "previous", "previous_error"]].round(1)
                    name  value  previous  previous_error
    0                nps   30.0      45.0             NaN
    1        nps_answers  144.0     100.0            15.6
    2  nps_response_rate    0.5       0.5             NaN
    """
    with Arguments() as check:
        check.choice("kind", kind, ("nps", "csat", "ces"))
        check.choice("unit", unit, ("score", "rate"))
    with Arguments(DataError) as check:
        check.frame(
            "trend",
            trend,
            ("period", "complete", "n", "non_response", "score", "low", "high"),
            maker="metrics.survey_trend",
        )
        check.fault("trend has no rows", when=isinstance(trend, pd.DataFrame) and trend.empty)
    last, nobody = trend.iloc[-1], pd.Series(np.nan, index=trend.columns, dtype="float64")
    earlier = {name: trend.iloc[-back] if len(trend) >= back else nobody for name, back in _BACK.items()}
    names = [kind, f"{kind}_answers", f"{kind}_response_rate"]
    labels = [kind.upper(), f"Answers to the {kind.upper()} question", "Response rate"]
    rows = pd.DataFrame({"name": names, "label": labels, "unit": [unit, "count", "rate"]})
    rows["value"], rows["low"], rows["high"] = zip(*_with_intervals(last), strict=True)
    rows["n"] = [last["n"], np.nan, last["n"] + last["non_response"]]
    notes = []
    for name, row in earlier.items():
        rows[name], rows[f"{name}_low"], rows[f"{name}_high"] = zip(*_with_intervals(row), strict=True)
        longer, note = (np.nan, "") if row is nobody else _lengths(row, last, surveys, kind)
        notes.append(note)
        rows[f"{name}_error"] = [np.nan, np.sqrt(last["n"] + row["n"]), np.nan]
        rows[f"{name}_expected"] = [np.nan, row["n"] * longer, np.nan]
        if note:
            rows.loc[1, [name, f"{name}_low", f"{name}_high", f"{name}_error", f"{name}_expected"]] = np.nan
        rows[f"{name}_p"] = [_chance(row, name) for row in rows.to_dict("records")]
    rows["note"] = ["", "\n".join(dict.fromkeys(filter(None, notes))), ""]
    return rows


def _chance(row: dict[Any, Any], name: str) -> float:
    """Chance of a change at least as large: from its own error, or from the intervals of both months."""
    widths = (row["high"] - row["low"], row[f"{name}_high"] - row[f"{name}_low"])
    error = row[f"{name}_error"]
    error = math.hypot(*widths) / (2 * half_width()) if math.isnan(error) else error
    return Earlier(row[name], error, row[f"{name}_expected"]).chance(row["value"])


def _lengths(before: pd.Series, now: pd.Series, surveys: Orders | None, kind: str) -> tuple[float, str]:
    """Ratio of expected answers in this month to the earlier one, and the reason if the two are not compared."""
    (start, days), (first, length) = (_month(row["period"]) for row in (now, before))
    if not now["complete"]:
        return np.nan, NOTES["cut"]
    edges = None if surveys is None else survey_edges(surveys, kind, "month")
    if edges and edges.ends_within(start, days):
        return np.nan, NOTES["cut"]
    if edges and edges.starts_within(first, length):
        return np.nan, NOTES["cut before"]
    return days / length, ""


def _month(first: pd.Timestamp) -> tuple[dt.date, int]:
    return first.date(), int(first.days_in_month)


_BACK = {"previous": 2, "last_year": 13}


def _with_intervals(row: pd.Series) -> list[tuple[float, float, float]]:
    """Score, number of answers and response rate of a month, each with the ends of its interval."""
    n, asked = float(row["n"]), float(row["n"] + row["non_response"])
    low, high = wilson_interval(n, asked)
    rate = response_rate(n, float(row["non_response"]))
    return [(row["score"], row["low"], row["high"]), (n, *poisson_interval(n)), (rate, low, high)]
