"""A table as coloured tiles, the number written into each: what heat maps and grids have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from retention_kit.plots.style import TEXT, sequential, text_on

__all__ = ["name_axes", "tiles", "write"]


def tiles(ax: Axes, values: pd.DataFrame) -> QuadMesh:
    """One tile per cell, the first row on top, from light at 0 to dark at the largest; blank where there is no number.

    seaborn's heatmap draws the whole figure once only to see whether tick labels overlap, which takes most of the time
    that the picture needs.
    """
    numbers = values.to_numpy(dtype="float64")
    top = np.nanmax(numbers, initial=0.0) or 1.0
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(numbers), cmap=sequential(), vmin=0, vmax=top, linewidths=0.8, edgecolor="white"
    )
    ax.set(xlim=(0, values.shape[1]), ylim=(values.shape[0], 0))
    sns.despine(ax=ax, left=True, bottom=True)
    ax.tick_params(length=0)
    return mesh


def name_axes(ax: Axes, values: pd.DataFrame) -> None:
    """The table's index and columns as tick labels in the middle of the tiles."""
    ax.set_xticks(np.arange(values.shape[1]) + 0.5, [str(name) for name in values.columns])
    ax.set_yticks(np.arange(values.shape[0]) + 0.5, [str(name) for name in values.index], va="center")


def write(ax: Axes, at: tuple[int, int], text: str, mesh: QuadMesh | None = None, x: float = 0, **look: Any) -> None:
    """Text in the middle of the tile at (row, column), dark or white, whichever reads better on the tile of value x.

    It stays inside its tile, so the layout need not ask every one of them for its size.
    """
    colour = TEXT if mesh is None else text_on(mesh.cmap(mesh.norm(x)))
    written = ax.text(at[1] + 0.5, at[0] + 0.5, text, ha="center", va="center", color=colour, **look)
    written.set_in_layout(False)
