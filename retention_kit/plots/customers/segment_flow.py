"""Movements of customers between segments from one date to another, as a flow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, rows_of, short, value
from retention_kit.plots.drawing.style import BLUE, GREEN, GREY, ORANGE, TEXT, canvas, finish, styled
from retention_kit.plots.findings import customers as findings

_GAP = 0.012
"""Space between two blocks, as a share of the height."""
_LINE = 0.042
"""Height of a line of text, as a share of the height."""
_LEFT, _RIGHT, _BAR = 0.0, 1.0, 0.03
_WAYS = {"stayed": GREY, "moved up": BLUE, "moved down": ORANGE, "came or went": GREEN}


@styled
def segment_flow(
    moves: pd.DataFrame,
    *,
    order: Sequence[str],
    values: str = "customers",
    names: tuple[str, str] = ("before", "now"),
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Flow between the segments of two dates: height is customers or money, customers who stayed are grey.

    Parameters
    ----------
    moves : DataFrame
        As from `rfm.migrate`: `before`, `after` and the values.
    order : sequence of str
        The segments from top to bottom, best first; other segments follow below.
    values : str
        Column of the heights: customers, revenue_before or revenue_after.
    names : (str, str)
        Headings of the two dates.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> moves = pd.DataFrame({"before": ["loyal", "loyal"], "after": ["loyal", "at risk"], "customers": [70, 30]})
    >>> plots.show(plots.segment_flow(moves, order=["loyal", "at risk"]))
    Flow of 100 customers between 2 segments: 70 stayed. The largest moves: loyal to at risk 30.
    """
    table = need(moves, "segment_flow", "before", "after", values)
    table = table[table[values] > 0].reset_index(drop=True)
    segments = dict.fromkeys([*order, *table["before"], *table["after"]])
    rank = {name: i for i, name in enumerate(segments)}
    table = table.assign(source=table["before"].map(rank), target=table["after"].map(rank))
    ax = canvas(ax, height=6.4)
    unit = "count" if values == "customers" else "money"
    height = (1 - _GAP * (len(rank) - 1)) / max(table[values].sum(), 1e-9)
    for side, key, heading in ((_LEFT, "source", names[0]), (_RIGHT, "target", names[1])):
        _blocks(ax, table, list(rank), values, key, side, height, unit)
        ax.text(side, -0.03, heading, ha="center", va="bottom", fontweight="bold")
    ax.set(xlim=(-0.52, 1.52), ylim=(1.02, -0.09))
    ax.axis("off")
    table["way"] = _ways(table, len(order))
    _ribbons(ax, table, values, height, unit)
    handles = [Patch(facecolor=c, alpha=0.75, label=way) for way, c in _WAYS.items() if way in set(table["way"])]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.01), ncols=3)
    return finish(
        ax,
        title=title,
        subject="Who moved from which segment to which",
        finding=findings.segment_flow(table) if values == "customers" else "",
        alt=_alternative_text(table, values, unit),
    )


def _starts(table: pd.DataFrame, values: str, key: str, height: float) -> pd.Series:
    """Upper end of each block, from the best segment down."""
    sizes = table.groupby(key)[values].sum().sort_index() * height
    tops: pd.Series = sizes.cumsum() - sizes + _GAP * np.arange(len(sizes))
    return tops


def _blocks(
    ax: Axes, table: pd.DataFrame, names: list[str], values: str, key: str, side: float, height: float, unit: str
) -> None:
    """The segments of one date as blocks, with names that do not touch each other."""
    sizes = table.groupby(key)[values].sum().sort_index()
    tops = _starts(table, values, key, height)
    heights = _apart((tops + sizes * height / 2).to_numpy())
    outward = -1 if side == _LEFT else 1
    for segment, size, top, y in zip(sizes.index, sizes, tops, heights, strict=True):
        block = ax.add_patch(Rectangle((side - _BAR / 2, top), _BAR, size * height, color=TEXT, linewidth=0.8))
        marks.describe(block, [marks.lines(value(size, unit), str(names[segment]))])
        edge, text = side + outward * _BAR / 2, side + outward * 0.055
        ax.plot([edge, text], [top + size * height / 2, y], color=GREY, linewidth=0.8)
        label = f"{short(names[segment], 24)}  {value(size, unit)}"
        ax.text(text + outward * 0.01, y, label, ha="right" if side == _LEFT else "left", va="center", fontsize=11)


def _apart(middles: np.ndarray) -> np.ndarray:
    """Heights of the names: as near to the middles of the blocks as lines of text allow."""
    heights = middles.copy()
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + _LINE)
    last = 1.0
    for i in range(len(heights) - 1, -1, -1):
        heights[i] = min(heights[i], last)
        last = heights[i] - _LINE
    return heights


def _ways(table: pd.DataFrame, segments: int) -> np.ndarray:
    """Direction of each move; a name that is not a segment stands for customers who came or went."""
    source, target = table["source"], table["target"]
    kinds = [(source >= segments) | (target >= segments), source == target, target < source]
    return np.select(kinds, ["came or went", "stayed", "moved up"], "moved down")


def _ribbons(ax: Axes, table: pd.DataFrame, values: str, height: float, unit: str) -> None:
    """One ribbon per move; customers who stayed are drawn first, so that moves are visible."""
    start = _stacked(table, values, "source", "target", height)
    end = _stacked(table, values, "target", "source", height)
    for i in sorted(table.index, key=lambda i: table["way"][i] != "stayed"):
        colour, alpha = _WAYS[table["way"][i]], 0.35 if table["way"][i] == "stayed" else 0.75
        path = _ribbon(start[i], end[i], table[values][i] * height)
        ribbon = ax.add_patch(PathPatch(path, facecolor=colour, edgecolor=colour, alpha=alpha, linewidth=0.6))
        move = f"{table['before'][i]} → {table['after'][i]}"
        marks.describe(ribbon, [marks.lines(value(table[values][i], unit), move, table["way"][i])])


def _stacked(table: pd.DataFrame, values: str, key: str, other: str, height: float) -> pd.Series:
    """Upper end of each ribbon at one of the dates: within its block, ordered by the segment at the other date."""
    sorted_ = table.sort_values([key, other])
    above = sorted_.groupby(key)[values].cumsum() - sorted_[values]
    return sorted_[key].map(_starts(table, values, key, height)) + above * height


def _ribbon(start: float, end: float, thick: float) -> Path:
    """A band from left to right that is horizontal at both ends."""
    x0, x1, mid = _LEFT + _BAR / 2, _RIGHT - _BAR / 2, 0.5
    there = [(x0, start), (mid, start), (mid, end), (x1, end)]
    back = [(x1, end + thick), (mid, end + thick), (mid, start + thick), (x0, start + thick)]
    curve = [Path.CURVE4] * 3
    return Path([*there, *back, (x0, start)], [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def _alternative_text(table: pd.DataFrame, values: str, unit: str) -> str:
    stayed = table.loc[table["before"] == table["after"], values].sum()
    moved = table[table["before"] != table["after"]].nlargest(4, values)
    what = "customers" if values == "customers" else values.replace("_", " ")
    segments = pd.unique(pd.concat([table["before"], table["after"]]))
    moves = ", ".join(f"{r.before} to {r.after} {value(getattr(r, values), unit)}" for r in rows_of(moved))
    total = value(table[values].sum(), unit)
    text = f"Flow of {total} {what} between {len(segments)} segments: {value(stayed, unit)} stayed."
    return f"{text} The largest moves: {moves}." if moves else text
