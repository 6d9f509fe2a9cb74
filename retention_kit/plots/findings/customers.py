"""Findings of figures of segments."""

from __future__ import annotations

import pandas as pd

from retention_kit.formats import count, percent


def rfm_grid(cells: pd.DataFrame) -> str:
    """How many customers have the best and the worst scores in both, from customers by pairs of scores 1 to 5."""
    total = float(cells.sum().sum())
    if cells.shape != (5, 5) or not total > 0:
        return ""
    best, worst = (float(cells.loc[ends, ends].sum().sum()) / total for ends in ([4, 5], [1, 2]))
    return f"{percent(best)} of the customers have good scores in both (4 or 5), {percent(worst)} poor ones (1 or 2)"


def segments(table: pd.DataFrame) -> str:
    """The segment that brings most of the revenue, and how many customers it has."""
    if len(table) < 2 or not (table["revenue_share"] > 0).any():
        return ""
    top = table.iloc[int(table["revenue_share"].argmax())]
    return (
        f"{percent(top['customer_share'])} of the customers ({top['segment']}) bring {percent(top['revenue_share'])} "
        "of the revenue"
    )


def segment_flow(table: pd.DataFrame) -> str:
    """How many customers stayed in their segment, moved up and moved down; of moves with a `way`."""
    by_way = table.groupby("way")["customers"].sum()
    stayed, up, down = (int(by_way.get(way, 0)) for way in ("stayed", "moved up", "moved down"))
    total = stayed + up + down
    if not total:
        return ""
    moved = f"{count(up)} moved up and {count(down)} down"
    return f"{count(stayed)} of {count(total)} customers stayed in their segment, {moved}"
