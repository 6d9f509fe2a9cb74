"""The last cell of every report notebook: its checked numbers, for readers and for the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from retention_kit.tables.cells import UNITS, in_unit
from retention_kit.tables.sheet import Sheet, need, with_notes

MIME: Final = "application/vnd.retention-kit.numbers+json"
_FIGURES: Final = ("value", "low", "high", "n", "previous", "last_year")
_CARRIED: Final = (
    *(f"{past}_{what}" for past in ("previous", "last_year") for what in ("low", "high", "error", "expected", "p")),
    "season_step",
    "season_p",
)
"""Figures that are stored but not shown."""
_HEADINGS: Final = {
    "label": "Number", "value": "Value", "low": "95 % from", "high": "to", "n": "n", "previous": "Period before",
    "last_year": "Year before",
}  # fmt: skip


def numbers(frame: pd.DataFrame, missing: Mapping[str, Any] | None = None) -> Sheet:
    """Checked, rounded numbers: shown as a table, compared by nbval, read by the report.

    Parameters
    ----------
    frame : DataFrame
        One row per number: name (unique), label, value, unit (rate, money, count, score, days or number); optionally
        low, high (its interval), n (number of cases), previous and last_year. NaN where unknown. Not shown, but read by
        the report: inputs, a dict of the arguments of the metric of that name, for its formula; note, why a number is
        missing or not compared; and the precision of a change: previous_low and previous_high, the interval of the
        earlier value, or previous_error, the standard error of the change itself, and previous_expected, the earlier
        value adjusted to the length of this period, previous_p, the chance of a change at least as large if nothing
        had changed (and the same for last_year); season_step, the relative change over the same step a year ago, and
        season_p, the chance that the last one differs from it as much.
    missing : mapping, optional
        For names of numbers the reason why they may be missing: a sentence, a Reason of `notes`, or several of them, of
        which the first that is not empty counts. If the value is NaN, the reason becomes the number's note.

    Returns
    -------
    Sheet
        The rows, rounded to nine digits, also as JSON under `application/vnd.retention-kit.numbers+json`. Reasons for
        missing numbers are below the table.

    Raises
    ------
    DataError
        When a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["churn_rate"], "label": ["Churn"], "value": [0.1234567], "unit": ["rate"]})
    >>> numbers(rows)
          name label    value unit
    churn_rate Churn 0.123457 rate
    >>> unknown = numbers(rows.assign(value=None), missing={"churn_rate": ["", "Nobody has left yet."]})
    >>> unknown.extra[MIME][0]["note"]
    'Nobody has left yet.'
    """
    frame = need(frame, "numbers", "name", "label", "value", "unit")
    unknown = frame["value"].astype("float64").isna()
    columns = ["name", "label", "value", "unit", *(c for c in _FIGURES[1:] if c in frame.columns)]
    inputs = frame["inputs"].tolist() if "inputs" in frame.columns else [{}] * len(frame)
    notes = frame["note"].fillna("").astype("str").tolist() if "note" in frame.columns else [""] * len(frame)
    for row in frame.index[unknown & frame["name"].isin(list(missing or {}))]:
        notes[row] = _first((missing or {})[str(frame.at[row, "name"])]) or notes[row]
    carried = frame[[c for c in _CARRIED if c in frame.columns]].astype("float64").map(_rounded)
    frame = frame[columns].copy()
    for column in set(_FIGURES) & set(columns):
        frame[column] = frame[column].astype("float64").map(_rounded)
    rows = {unit: frame.index[frame["unit"] == unit].tolist() for unit in frame["unit"].unique()}
    shown = [c for c in _FIGURES if c in columns]
    cells = [in_unit(c, "count" if c == "n" else unit, these) for c in shown for unit, these in rows.items()]
    return Sheet(
        frame.drop(columns="name"),
        frame.to_string(index=False),
        id="numbers",
        cells=[cell for cells_of_column in cells for cell in cells_of_column],
        finish=lambda gt: with_notes(
            gt.cols_hide("unit").cols_label({c: _HEADINGS[c] for c in ("label", *shown)}),
            frame["label"].where(unknown, ""),
            notes,
        ),
        extra={MIME: _records(frame.join(carried), inputs, notes)},
    )


def _first(reasons: Any) -> str:
    """The first reason that is not empty."""
    return next(
        (text for reason in (reasons if isinstance(reasons, list | tuple) else [reasons]) if (text := str(reason))), ""
    )


def _rounded(x: float) -> float:
    """Nine significant digits, to which sums are exact; whoever makes the rows rounds estimates further."""
    return float(f"{x:.9g}")


def _records(frame: pd.DataFrame, inputs: list[Any], notes: list[str]) -> list[dict[str, Any]]:
    """The numbers for JSON, in which NaN does not exist."""
    assert frame["unit"].isin(UNITS).all()
    records = [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
    rounded_inputs = [
        {k: _rounded(float(v)) for k, v in given.items()} if isinstance(given, dict) else {} for given in inputs
    ]
    return [
        row | ({"inputs": given} if given else {}) | ({"note": note} if note else {})
        for row, given, note in zip(records, rounded_inputs, notes, strict=True)
    ]
