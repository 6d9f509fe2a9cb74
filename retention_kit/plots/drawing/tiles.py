"""A table as coloured tiles with a number in each, for heat maps and grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.text import Text

from retention_kit.plots.drawing.style import TEXT, sequential, text_on


def tiles(ax: Axes, values: pd.DataFrame) -> QuadMesh:
    """One tile per cell, the first row on top, from light at 0 to dark at the largest; blank for NaN.

    seaborn's heatmap draws the complete figure once to find out whether tick labels overlap, which takes longer than
    everything else that the picture needs.
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


def write(ax: Axes, texts: np.ndarray, sizes: Any, mesh: QuadMesh | None = None) -> list[Text]:
    """Texts in the middle of their tiles, except for "".

    Given the tiles, each text is dark or white, whichever has more contrast; otherwise it is dark. All texts lie within
    the Axes, so the layout does not measure them.
    """
    sizes = np.broadcast_to(sizes, texts.shape)
    inks = np.full(texts.shape, TEXT, dtype=object) if mesh is None else _inks(mesh)
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "in_layout": False}
    return [
        ax.text(j + 0.5, i + 0.5, texts[i, j], fontsize=sizes[i, j], color=inks[i, j], **style)
        for i, j in np.argwhere(texts != "")
    ]


def _inks(mesh: QuadMesh) -> np.ndarray:
    """Colour of the text on each tile."""
    values: Any = mesh.get_array()
    colours = np.asarray(mesh.cmap(mesh.norm(values))).reshape(-1, 4).tolist()
    return np.array([text_on(tuple(colour)) for colour in colours]).reshape(values.shape)
