"""The last cell of every report notebook: its checked numbers, for readers and for the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from great_tables import GT

from retention_kit.load import Dataset
from retention_kit.tables.cells import by_row, code, in_unit
from retention_kit.tables.sheet import Sheet, need, with_notes

MIME: Final = "application/vnd.retention-kit.numbers+json"
_FIGURES: Final = ("value", "low", "high", "n", "previous", "last_year")
_CARRIED: Final = (
    *(f"{past}_{what}" for past in ("previous", "last_year") for what in ("low", "high", "error", "expected", "p")),
    "season_step",
    "season_p",
)
"""Figures that are stored but not shown."""
UNNAMED: Final = "The currency of the money is not named in the data, so it has no sign; name it with currency."
_HEADINGS: Final = {
    "label": "Number", "value": "Value", "low": "95 % from", "high": "to", "n": "n", "previous": "Period before",
    "last_year": "Year before",
}  # fmt: skip


def numbers(
    frame: pd.DataFrame,
    missing: Mapping[str, Any] | None = None,
    *,
    currency: Dataset | str | None = None,
) -> Sheet:
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
    currency : Dataset or str, optional
        The currency of money, as in `table`; the report writes it with each amount.

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
    sign = code(currency, frame)
    shown = [c for c in _FIGURES if c in columns]
    signs = [sign if unit == "money" else "" for unit in frame["unit"]]
    cells = by_row([c for c in shown if c != "n"], frame, sign)
    cells += in_unit("n", "count", frame["n"]) if "n" in shown else []
    unnamed = bool((frame["unit"] == "money").any()) and not sign
    return Sheet(
        frame.drop(columns="name"),
        frame.to_string(index=False),
        id="numbers",
        cells=cells,
        finish=lambda gt: with_notes(
            _headed(gt.tab_source_note(UNNAMED) if unnamed else gt, shown),
            frame["label"].where(unknown, ""),
            notes,
        ),
        extra={MIME: _records(frame.join(carried), inputs, notes, signs)},
    )


def _headed(gt: GT, shown: Sequence[str]) -> GT:
    return gt.cols_hide("unit").cols_label({c: _HEADINGS[c] for c in ("label", *shown)})


def _first(reasons: Any) -> str:
    """The first reason that is not empty."""
    return next(
        (text for reason in (reasons if isinstance(reasons, list | tuple) else [reasons]) if (text := str(reason))), ""
    )


def _rounded(x: float) -> float:
    """Nine significant digits, to which sums are exact; whoever makes the rows rounds estimates further."""
    return float(f"{x:.9g}")


def _records(frame: pd.DataFrame, inputs: list[Any], notes: list[str], signs: list[str]) -> list[dict[str, Any]]:
    """The numbers for JSON, in which NaN does not exist."""
    records = [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
    rounded_inputs = [
        {k: _rounded(float(v)) for k, v in given.items()} if isinstance(given, dict) else {} for given in inputs
    ]
    return [
        row
        | ({"currency": sign} if sign else {})
        | ({"inputs": given} if given else {})
        | ({"note": note} if note else {})
        for row, sign, given, note in zip(records, signs, rounded_inputs, notes, strict=True)
    ]
