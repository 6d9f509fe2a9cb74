"""What the marks of a figure say when a reader points at them: the value, what it is, its interval and number.

The text of a mark travels in the group id of its artist, which matplotlib passes to every renderer and PNG ignores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from retention_kit.wording import in_lines, labelled

_SIGN: Final = "\x1d"
_BETWEEN: Final = "\x1e"


def describe(artist: Artist, texts: Iterable[str]) -> None:
    """Give an artist the texts of its marks, in order: points of a line, cells, shapes of a collection; "" for none."""
    artist.set_gid(_SIGN + _BETWEEN.join(in_lines(text) or " " for text in texts))


def describe_bars(bars: Iterable[Artist], texts: Iterable[str]) -> None:
    """Give each bar its text."""
    for bar, text in zip(bars, texts, strict=True):
        describe(bar, [text])


def texts_of(gid: Any) -> list[str]:
    """The texts in a group id; none for the ids of other libraries.

    Examples
    --------
    >>> from matplotlib.lines import Line2D
    >>> line = Line2D([0, 1], [2, 3])
    >>> describe(line, ["2 orders", ""])
    >>> texts_of(line.get_gid())
    ['2 orders', '']
    """
    text = str(gid or "")
    return [part.strip() for part in text[1:].split(_BETWEEN)] if text.startswith(_SIGN) else []


def lines(*parts: str) -> str:
    """The text of a mark: its parts that are not empty, one below the other, the value first.

    Examples
    --------
    >>> lines("35 %", "", "May 2026")
    '35 %\\nMay 2026'
    """
    return "\n".join(part for part in parts if part)


def described_by_axes(ax: Axes) -> None:
    """Describe every line and bar that has no text yet by what the axes say at its place."""
    for line in ax.get_lines():
        x, y = (np.asarray(values, dtype=object) for values in line.get_data(orig=False))
        if line.get_gid() is None and _is_data(line, ax) and 0 < len(x) <= _MOST:
            label = str(line.get_label())
            name = "" if label.startswith("_") else label
            every = -(-len(x) // _MARKED)
            at = (_at(ax, a, b, name) if i % every == 0 else "" for i, (a, b) in enumerate(zip(x, y, strict=True)))
            describe(line, at)
    for container in ax.containers:
        for bar in getattr(container, "patches", ()):
            if bar.get_gid() is None:
                describe(bar, [_bar(ax, bar, str(container.get_label()))])


_MOST: Final = 4000
_MARKED: Final = 40
"""Most points of a line that are marks of their own; of a longer line every second, third … is."""


def _is_data(line: Any, ax: Axes) -> bool:
    """Whether a line is drawn at values of both axes, and is not one of the axes' own lines or an edge of a figure."""
    is_edge = len(line.get_xdata()) == 2 and line.get_marker() in ("None", "", None)
    return bool(line.get_transform() == ax.transData) and ax.axison and not is_edge


def _at(ax: Axes, x: Any, y: Any, name: str) -> str:
    if pd.isna(x) or pd.isna(y):
        return ""
    return lines(ax.format_ydata(float(y)), name, _place(ax.xaxis, ax.format_xdata(float(x))))


def _bar(ax: Axes, bar: Any, label: str) -> str:
    name = "" if label.startswith("_") else label
    names = [text.get_text() for text in ax.get_yticklabels()]
    x, y, width, height = bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()
    if isinstance(ax.yaxis.get_major_locator(), FixedLocator) and any(names):
        nearest = int(np.argmin(np.abs(np.asarray(ax.get_yticks()) - (y + height / 2))))
        return lines(ax.format_xdata(width), name, " ".join(names[nearest].split()))
    return lines(ax.format_ydata(height), name, _place(ax.xaxis, ax.format_xdata(x + width / 2)))


def _place(axis: Any, text: str) -> str:
    label = " ".join(axis.get_label_text().split())
    return labelled(label, text) if label and not axis.axes.fmt_xdata else text


def intervals(low: Sequence[float] | pd.Series, high: Sequence[float] | pd.Series, written: Any) -> list[str]:
    """The words of 95 % intervals; "" where there is none.

    Examples
    --------
    >>> intervals([1.0, float("nan")], [3.0, 4.0], str)
    ['95 % interval 1.0 to 3.0', '']
    """
    pairs = zip(low, high, strict=True)
    return ["" if pd.isna(a) or pd.isna(b) else f"95 % interval {written(a)} to {written(b)}" for a, b in pairs]
