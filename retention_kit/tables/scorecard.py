"""The figures of a month, compared with the month before and the year before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.formats import SPACE, number, percent, signed
from retention_kit.load import Dataset
from retention_kit.tables.cells import Cells, by_row, code, plain
from retention_kit.tables.sheet import Sheet, need, with_notes


def scorecard(
    frame: pd.DataFrame,
    *,
    id: str = "scorecard",
    period: str = "month",
    currency: Dataset | str | None = None,
) -> Sheet:
    """Figures with interval and change.

    Parameters
    ----------
    frame : DataFrame
        As from `metrics.scorecard`: label, value, unit, low, high, previous, last_year; optionally note.
    id : str
        Name of the table, unique on its page.
    period : str
        Name of the period, for the heading of the previous column.
    currency : Dataset or str, optional
        The currency of money, as in `table`.

    Returns
    -------
    Sheet
        Changes are relative for money and counts, and in percentage points for rates; a dash where unknown. Notes are
        below the table, each with the figures to which it applies.

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
    refuse(period=(period, "period"))
    frame = need(frame, "scorecard", "label", "value", "unit", "low", "high", "previous", "last_year")
    shown = frame[["label", "unit", "value", "low", "high", "previous"]].copy()
    shown["change"] = _change(frame, "previous")
    shown["last_year"] = frame["last_year"].astype("float64")
    shown["change_year"] = _change(frame, "last_year")
    sign = code(currency, frame)
    before = period.capitalize()
    headings = {
        "label": "Figure", "value": f"This {period}", "low": "95 % interval", "previous": f"{before} before",
        "change": "Change", "last_year": "Year before", "change_year": "Change",
    }  # fmt: skip
    return Sheet(
        shown,
        shown.drop(columns="unit").to_string(index=False),
        id=id,
        cells=_cells(shown, sign),
        finish=lambda gt: with_notes(
            gt.cols_hide("unit").cols_merge(["low", "high"], pattern="<<{0} to {1}>>").cols_label({**headings}),
            frame["label"],
            frame["note"].fillna("") if "note" in frame.columns else [""] * len(frame),
        ),
        blank=("low", "high"),
    )


def _cells(shown: pd.DataFrame, currency: str) -> list[Cells]:
    """Formats of the figures in the unit of their row, and of their changes."""
    units = shown["unit"].tolist()
    figures = by_row(("value", "low", "high", "previous", "last_year"), shown, currency)
    changes = {"rate": lambda x: _points(100 * x), "score": _points}
    rows = {unit: shown.index[shown["unit"] == unit].tolist() for unit in dict.fromkeys(units)}
    return figures + [
        Cells(column, changes.get(unit, _relative), these)
        for unit, these in rows.items()
        for column in ("change", "change_year")
    ]


def _points(x: float) -> str:
    return f"{signed(number(x))}{SPACE}points"


def _relative(x: float) -> str:
    return plain(signed(percent(x, 1)))


def _change(frame: pd.DataFrame, earlier: str) -> pd.Series:
    """Difference for rates and scores, relative change for everything else."""
    before = frame[earlier].astype("float64")
    difference = frame["value"] - before
    relative = difference / before.abs().replace(0, np.nan)
    return difference.where(frame["unit"].isin(["rate", "score"]), relative)
