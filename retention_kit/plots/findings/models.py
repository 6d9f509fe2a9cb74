"""Findings of figures of fitted models."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.formats import count, money, number, percent
from retention_kit.plots.drawing.labels import value
from retention_kit.plots.findings.differences import differ, estimate

_AGES: Final = 3


def value_comparison(table: pd.DataFrame, unit: str, currency: str = "") -> str:
    """The chosen method beside the range of the others; without a choice the largest, if it is so beyond chance."""

    def written(x: float) -> str:
        return money(float(x), currency) if currency else value(float(x), unit)

    rows = table[table["value"].notna()]
    if len(rows) < 2:
        return ""
    chosen = rows[rows["chosen"].astype(bool)] if "chosen" in rows else rows
    if len(chosen) == 1:
        others = rows["value"].drop(chosen.index)
        low, high = (written(x) for x in (others.min(), others.max()))
        mine = written(chosen["value"].iloc[0])
        return f"{chosen['label'].iloc[0]} says {mine}; the other formulas say {low} to {high}"
    if "chosen" in rows and len(chosen) < len(rows):
        return ""
    first, second = rows.sort_values("value", ascending=False, kind="stable").head(2).to_dict("records")
    largest = f"{first['label']} is the largest with {written(first['value'])}"
    if "low" not in rows:
        return ""
    pairs = len(rows) * (len(rows) - 1) // 2
    sure = differ(estimate(first, "value"), estimate(second, "value"), pairs)
    if sure is None:
        return ""
    return largest if sure else f"{largest}, within chance of {second['label']} with {written(second['value'])}"


def frequency_fit(table: pd.DataFrame) -> str:
    """The share of customers that the model has in another class."""
    total = float(table["actual"].sum())
    if not total > 0:
        return ""
    other = float((table["actual"] - table["expected"]).abs().sum()) / 2 / total
    return f"The model puts {percent(other, 1)} of the customers into another class"


def calibration(table: pd.DataFrame) -> str:
    """What each model expected, as a share of the purchases that came."""
    shares = []
    for model, rows in table.groupby("model", sort=False):
        came = float((rows["n"] * rows["actual"]).sum())
        if not came > 0:
            return ""
        shares.append(f"{model} {percent(float((rows['n'] * rows['expected']).sum()) / came)}")
    return f"Of the purchases that came the models expected: {', '.join(shares)}"


def pit_histogram(by_model: dict[str, pd.DataFrame]) -> str:
    """The model whose bins are nearest to level, and how far the worst of them is from it."""
    if not by_model:
        return ""
    far = {model: float((bins["share"] - 1 / len(bins)).abs().max()) for model, bins in by_model.items()}
    best = min(far, key=lambda model: far[model])
    return (
        f"{best} comes nearest to level: its shares are off by {number(100 * far[best], 1)} points at most"
        if far
        else ""
    )


def tracking(table: pd.DataFrame, seen: int) -> str:
    """What was expected since the calibration ended, as a share of what happened."""
    sums = table[["cumulative_actual", "cumulative_expected"]].to_numpy(dtype="float64")
    if not 0 < seen < len(table):
        return ""
    actual, expected = sums[-1] - sums[seen - 1]
    if not actual > 0:
        return ""
    return f"After the calibration the model expected {count(expected)} repeat purchases, {count(actual)} came"


def value_concentration(tenth: float) -> str:
    """What the most valuable tenth holds."""
    return f"The most valuable 10 % of the customers hold {percent(tenth)} of the value" if np.isfinite(tenth) else ""


def expected_curve(seen: pd.DataFrame, model: pd.DataFrame) -> str:
    """How many complete observed shares lie within what the model expects."""
    complete = seen[seen["complete"].astype(bool)] if "complete" in seen else seen
    both = complete.merge(model[["age", "predicted_low", "predicted_high"]].dropna(), on="age")
    if len(both) < _AGES:
        return ""
    inside = int(both["rate"].between(both["predicted_low"], both["predicted_high"]).sum())
    if inside == len(both):
        return f"All {len(both)} observed shares lie within what the model expects"
    return f"{inside} of {len(both)} observed shares lie within what the model expects"
