"""RFM: shares of the segments, and customers on the grid of scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import count, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, rows_of, short
from retention_kit.plots.drawing.style import BLUE, ORANGE, TEXT, canvas, finish, frame, note, styled
from retention_kit.plots.drawing.tiles import name_axes, tiles, write
from retention_kit.plots.findings import customers as findings


@styled
def segment_shares(segments: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Two bars per segment: its share of the customers and of the revenue.

    Parameters
    ----------
    segments : DataFrame
        As from `rfm.by_segment`, in the order to draw: `segment`, `customers`, `customer_share`, `revenue_share`.
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
    >>> table = pd.DataFrame({"segment": ["loyal", "new"], "customers": [30, 70], "customer_share": [0.3, 0.7],
    ...                       "revenue_share": [0.8, 0.2]})
    >>> plots.show(plots.segment_shares(table))
    Bars of 2 segments. loyal: 30 customers, 30 % of all, 80 % of the revenue. new: 70 customers, 70 % of all, 20 % of
    the revenue.
    """
    table = need(segments, "segment_shares", "segment", "customers", "customer_share", "revenue_share")
    ax = canvas(ax, height=1.4 + 0.5 * len(table))
    y = np.arange(len(table))
    bars = (("customer_share", "customers", BLUE, None), ("revenue_share", "revenue", ORANGE, "//"))
    for offset, (column, name, colour, hatch) in zip((-0.2, 0.2), bars, strict=True):
        shares = table[column].to_numpy()
        drawn = ax.barh(
            y + offset,
            shares,
            height=0.36,
            color=colour,
            hatch=hatch,
            edgecolor=TEXT,
            linewidth=0.6,
            label=f"share of {name}",
        )
        pairs = zip(shares, table["segment"], table["customers"], strict=True)
        marks.describe_bars(
            drawn,
            [marks.lines(f"{percent(share)} of {name}", str(segment), f"n {count(n)}") for share, segment, n in pairs],
        )
        for height, share in zip(y + offset, shares, strict=True):
            note(ax, percent(share), (share, height), (4, 0), va="center", fontsize=10)
    frame(ax, grid=None)
    ax.set_yticks(y, [f"{short(s)} ({count(n)})" for s, n in zip(table["segment"], table["customers"], strict=True)])
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.margins(x=0.1)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=2)
    return finish(
        ax,
        title=title,
        subject="Share of customers and of revenue by segment",
        width=42,
        finding=findings.segments(table),
        alt=f"Bars of {len(table)} segments. {segment_words(table)}",
    )


@styled
def rfm_grid(
    grid: pd.DataFrame, *, x: str = "F", y: str = "R", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Customers in each pair of scores.

    Parameters
    ----------
    grid : DataFrame
        One row per occupied cell, as from `rfm.grid`: both scores and `customers`.
    x, y : str
        The scores on the axes.
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
    >>> plots.show(plots.rfm_grid(pd.DataFrame({"R": [5, 1], "F": [1, 1], "customers": [30, 70]})))
    Grid of 2 occupied cells out of 25: most customers, 70, at R 1 and F 1.
    """
    table = need(grid, "rfm_grid", x, y, "customers")
    groups = max(5, int(table[[x, y]].max().max()))
    scores = range(1, groups + 1)
    cells = (
        table.pivot(index=y, columns=x, values="customers")
        .reindex(index=scores, columns=scores)
        .sort_index(ascending=False)
    )
    ax = canvas(ax, height=4.6)
    mesh = tiles(ax, cells)
    name_axes(ax, cells)
    marks.describe(
        mesh,
        [
            "" if pd.isna(n) else marks.lines(f"{count(n)} customers", f"{y} {row}, {x} {column}")
            for row, values in cells.iterrows()
            for column, n in values.items()
        ],
    )
    write(ax, cells.map(lambda n: "" if pd.isna(n) else count(n)).to_numpy(), 11, mesh)
    names = {"R": "Recency", "F": "Frequency", "M": "Money"}
    ax.set_xlabel(f"{names.get(x, x)} score (5 is best)")
    ax.set_ylabel(f"{names.get(y, y)} score (5 is best)")
    top = table.nlargest(1, "customers").iloc[0]
    alt = (
        f"Grid of {len(table)} occupied cells out of {groups**2}: most customers, {count(top['customers'])}, "
        f"at {y} {top[y]:.0f} and {x} {top[x]:.0f}."
    )
    return finish(
        ax,
        title=title,
        subject=f"Customers by {y} and {x} score",
        finding=findings.rfm_grid(cells) if {x, y} == {"R", "F"} else "",
        alt=alt,
    )


def segment_words(table: pd.DataFrame) -> str:
    """Customers and revenue of the segments, as sentences."""
    segments = [
        f"{row.segment}: {count(row.customers)} customers, {percent(row.customer_share)} of all, "
        f"{percent(row.revenue_share)} of the revenue"
        for row in rows_of(table)
    ]
    return f"{'. '.join(segments)}."
