"""Segments as a map: tiles by number of customers, colour by revenue."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from retention_kit.formats import count, percent
from retention_kit.plots.customers.rfm_grid import segment_words
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, rows_of
from retention_kit.plots.drawing.style import BLUE, GREY, canvas, figure_of, finish, note, sequential, styled, text_on
from retention_kit.plots.findings import customers as findings

_POINT = 1 / 72
"""A point of typography in inches."""
_LETTER = 0.62
"""Mean width of a letter of DejaVu Sans in multiples of the font size, measured over the names of segments."""

Box = tuple[float, float, float, float]


@styled
def rfm_map(segments: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Map of the segments: area is customers, a darker colour a larger share of the revenue.

    Parameters
    ----------
    segments : DataFrame
        As from `rfm.by_segment`: `segment`, `customers`, `customer_share`, `revenue_share`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Notes
    -----
    Squarified tiles (Bruls, Huizing and van Wijk, 2000). A tile too small for its name is named below the map.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> table = pd.DataFrame({"segment": ["loyal", "new"], "customers": [30, 70], "customer_share": [0.3, 0.7],
    ...                       "revenue_share": [0.8, 0.2]})
    >>> plots.show(plots.rfm_map(table))
    Map of 2 segments by customers. new: 70 customers, 70 % of all, 20 % of the revenue. loyal: 30 customers, 30 % of
    all, 80 % of the revenue.
    """
    table = need(segments, "rfm_map", "segment", "customers", "customer_share", "revenue_share")
    table = table[table["customers"] > 0].sort_values("customers", ascending=False, kind="stable")
    ax = canvas(ax, height=5.0)
    width, height = ax.get_position().size * figure_of(ax).get_size_inches()
    colours, top = sequential(), max(float(table["revenue_share"].max()), 1e-9)
    unnamed = []
    sizes = (table["customers"] / table["customers"].sum() * width * height).to_list()
    for box, row in zip(_tiles(sizes, (0.0, 0.0, width, height)), rows_of(table), strict=True):
        colour = tuple(colours(max(row.revenue_share, 0) / top))
        tile = ax.add_patch(Rectangle(box[:2], *box[2:], facecolor=colour, edgecolor="white", linewidth=2))
        shares = f"{percent(row.customer_share)} of all, {percent(row.revenue_share)} of the revenue"
        marks.describe(tile, [marks.lines(f"{count(row.customers)} customers", row.segment, shares)])
        if not _write(ax, box, row, text_on(colour)):
            unnamed.append(
                f"{row.segment} ({count(row.customers)} customers, {percent(row.revenue_share, 1)} of revenue)"
            )
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    _key(ax, unnamed)
    return finish(
        ax,
        title=title,
        subject="Segments: how many customers, how much revenue",
        finding=findings.segments(table),
        alt=f"Map of {len(table)} segments by customers. {segment_words(table)}",
    )


def _tiles(sizes: list[float], box: Box) -> Iterator[Box]:
    """Boxes of these areas that fill the box, as square as they can be: row by row along the shorter side."""
    x, y, width, height = box
    while sizes:
        side = min(width, height)
        n = 1
        while n < len(sizes) and _longest(sizes[: n + 1], side) <= _longest(sizes[:n], side):
            n += 1
        thick, along = sum(sizes[:n]) / side, 0.0
        for size in sizes[:n]:
            length = size / thick
            yield (x, y + along, thick, length) if width >= height else (x + along, y, length, thick)
            along += length
        x, y, width, height = (
            (x + thick, y, width - thick, height) if width >= height else (x, y + thick, width, height - thick)
        )
        sizes = sizes[n:]


def _longest(row: list[float], side: float) -> float:
    """Worst ratio of sides in a row of tiles."""
    thick = sum(row) / side
    return max(max(thick**2 / size, size / thick**2) for size in row)


def _write(ax: Axes, box: Box, row: Any, ink: str) -> bool:
    """The name and the numbers of a tile in the largest font that fits, or False."""
    x, y, width, height = box
    for size in (13, 12, 11, 10):
        letters = int((width / _POINT - 8) / (_LETTER * size))
        name = textwrap.wrap(row.segment, max(letters, 1), break_long_words=False)
        for numbers in (
            [f"{count(row.customers)} customers", f"{percent(row.revenue_share)} of revenue"],
            [count(row.customers), percent(row.revenue_share)],
        ):
            lines = [*name, *numbers]
            if max(map(len, lines)) <= letters and 1.3 * size * len(lines) <= height / _POINT - 6:
                at = (x + width / 2, y + height / 2, "\n".join(lines))
                ax.text(*at, ha="center", va="center", fontsize=size, color=ink, linespacing=1.25)
                return True
    return False


def _key(ax: Axes, unnamed: list[str]) -> None:
    looks = (("white", "area, first number: customers"), (BLUE, "stronger colour, second number: share of revenue"))
    handles = [Patch(facecolor=colour, edgecolor=GREY, label=label) for colour, label in looks]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(-0.015, 0), ncols=2, handlelength=1.2, fontsize=10.5)
    if unnamed:
        text = "\n".join(textwrap.wrap("Too small to name: " + "; ".join(unnamed), 84))
        note(ax, text, (0, 0), (0, -28), xycoords="axes fraction", va="top", fontsize=10)
