"""Findings of figures of surveys."""

from __future__ import annotations

import pandas as pd

from retention_kit.formats import number, percent
from retention_kit.plots.findings.differences import differ, estimate


def _written(x: float, name: str) -> str:
    return number(x, 0) if name == "NPS" else percent(x)


def survey_bars(table: pd.DataFrame, name: str) -> str:
    """The scores of the highest and the lowest row, and whether they differ by more than chance."""
    rows = table[table["score"].notna()].sort_values("score", ascending=False, kind="stable")
    if rows.empty:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    if len(rows) == 1:
        low, high = (_written(first[end], name) for end in ("low", "high"))
        return f"{name} is {_written(first['score'], name)} in {first['label']}, 95 % interval {low} to {high}"
    pairs = len(rows) * (len(rows) - 1) // 2
    sure = differ(estimate(first, "score"), estimate(last, "score"), pairs)
    if sure is None:
        return ""
    top, bottom = _written(first["score"], name), _written(last["score"], name)
    if not sure:
        return f"{name} differs within chance: {first['label']} {top}, {last['label']} {bottom}"
    return f"{name} is higher for {first['label']} ({top}) than for {last['label']} ({bottom})"


def band_retention(table: pd.DataFrame, measure: str, low: str, high: str, period: str) -> str:
    """Whether the best band did more than the worst one in the first period after the answer."""
    rows = table[table[measure].notna() & table[low].notna() & (table["age"] == table["age"].min())]
    if len(rows) < 2 or period != "month" or rows["band"].nunique() < len(rows):
        return ""
    best, worst = rows.iloc[0], rows.iloc[-1]
    sure = differ(estimate(best, measure, low, high), estimate(worst, measure, low, high))
    if sure is None:
        return ""
    age = int(best["age"])
    if not sure:
        return f"In month {age} after the answer {best['band']} and {worst['band']} differ within chance"
    more = "more" if best[measure] > worst[measure] else "less"
    verb = f"bought {more} often than" if measure == "rate" else f"brought {more} money than"
    return f"In month {age} after the answer {best['band']} {verb} {worst['band']}"
