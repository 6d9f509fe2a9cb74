"""Many short texts as one artist."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform

__all__ = ["Numbers"]

_FONT: Final = "DejaVu Sans"
_HALF_DIGIT: Final = 0.365
"""Half the height of this font's digits, at size 1."""


class Numbers(PathCollection):
    """Numbers of the cells of a table, drawn together: as hundreds of Text they would take most of the figure's time.

    Parameters
    ----------
    ax : Axes
        What they are added to; they lie within it, so the layout does not ask for their size.
    places : array, n x 2
        Where the middle of each one stands, in data coordinates.
    texts : sequence of str
        What is written.
    sizes : array
        Of their fonts, in points.
    inks : sequence of colours
        One for each text.
    """

    def __init__(
        self, ax: Axes, places: np.ndarray, texts: Sequence[str], sizes: np.ndarray, inks: Sequence[Any]
    ) -> None:
        look = {"facecolors": inks, "linewidths": 0, "offset_transform": ax.transData}
        super().__init__([_outline(text) for text in texts], np.square(sizes), offsets=places, **look)
        self.set(transform=IdentityTransform(), zorder=3, in_layout=False)
        self.texts = list(texts)
        ax.add_collection(self, autolim=False)


@functools.cache
def _outline(text: str) -> Path:
    """The letters at a font size of 1, the middle of the text at the origin."""
    path = TextPath((0, 0), text, size=1, prop=FontProperties(family=_FONT))
    x = path.vertices[path.codes != Path.CLOSEPOLY, 0]
    return Path(path.vertices - [(x.min() + x.max()) / 2, _HALF_DIGIT], path.codes)
