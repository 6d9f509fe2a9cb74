"""The month's figures beside the month before and the year before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from great_tables import GT

from retention_kit.formats import SPACE, number, percent, signed
from retention_kit.tables.sheet import Sheet, formatted, need, plain, styled, written

__all__ = ["scorecard"]


def scorecard(frame: pd.DataFrame, *, id: str = "scorecard", period: str = "month") -> Sheet:
    """Figures with interval and change.

    Parameters
    ----------
    frame : DataFrame
        As from `metrics.scorecard`: label, value, unit, low, high, previous, last_year.
    id : str
        Name of the table, one of a kind on its page.
    period : str
        What the previous column is called after.

    Returns
    -------
    Sheet
        Changes are relative for money and counts, and in percentage points for rates; a dash where unknown.

    Raises
    ------
    DataError
        When a column is missing.

    Examples
    --------
    >>> row = {"label": "Churn", "value": 0.1, "unit": "rate", "low": 0.08, "high": 0.12}
    >>> scorecard(pd.DataFrame([{**row, "previous": 0.12, "last_year": None}]))
    label  value  low  high  previous  change  last_year  change_year
    Churn    0.1 0.08  0.12      0.12   -0.02        NaN          NaN
    """
    frame = need(frame, "scorecard", "label", "value", "unit", "low", "high", "previous", "last_year")
    shown = frame[["label", "unit", "value", "low", "high", "previous"]].copy()
    shown["change"] = _change(frame, "previous")
    shown["last_year"] = frame["last_year"].astype("float64")
    shown["change_year"] = _change(frame, "last_year")
    gt = GT(shown, id=id).cols_hide("unit")
    shares = shown.index[~frame["unit"].isin(["rate", "score"])].tolist()
    for unit in frame["unit"].unique():
        rows = shown.index[frame["unit"] == unit].tolist()
        for column in ("value", "low", "high", "previous", "last_year"):
            gt = formatted(gt, column, unit, rows)
    rates = shown.index[frame["unit"] == "rate"].tolist()
    scores = shown.index[frame["unit"] == "score"].tolist()
    for column in ("change", "change_year"):
        gt = written(gt, column, lambda x: _points(100 * x), rates)
        gt = written(gt, column, _points, scores)
        gt = written(gt, column, lambda x: plain(signed(percent(x, 1))), shares)
    gt = gt.cols_merge(["low", "high"], pattern="<<{0} to {1}>>").cols_label(
        label="Figure", value=f"This {period}", low="95 % interval", previous=f"{period.capitalize()} before",
        change="Change", last_year="Year before", change_year="Change",
    )  # fmt: skip
    return Sheet(styled(gt, blank=["low", "high"]), shown.drop(columns="unit").to_string(index=False))


def _points(x: float) -> str:
    return f"{signed(number(x))}{SPACE}points"


def _change(frame: pd.DataFrame, earlier: str) -> pd.Series:
    """Difference for rates and scores, relative change for everything else."""
    before = frame[earlier].astype("float64")
    difference = frame["value"] - before
    relative = difference / before.abs().replace(0, np.nan)
    return difference.where(frame["unit"].isin(["rate", "score"]), relative)
