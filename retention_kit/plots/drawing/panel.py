"""One panel of a figure as SVG whose width follows the page: x in per cent of the panel, y and type in pixels."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, NullFormatter

from retention_kit.plots.drawing import colours
from retention_kit.plots.drawing.recorder import Recorder, Shape, text_width
from retention_kit.plots.drawing.shapes import Box, element, share, svg_of

WIDE: Final = 640.0
"""Pixels of a panel's width at which it is laid out."""
NARROW: Final = 270.0
"""Pixels of a panel's width on a phone: text that would overlap there carries a class and goes."""
_AROUND: Final = 500.0
"""Pixels around a panel, in which matplotlib places the labels."""
_LONG: Final = 130.0
"""Names of rows that are longer than this many pixels stand above their rows."""
_ROW: Final = 44.0
"""Least height of a row whose name stands above it."""
_DEEP: Final = ("", "low", "lower")
"""Classes of labels that stand one or two rows lower on a phone."""
_SMALL, _LARGE = 12.0, 13.5


@dataclass(frozen=True)
class Label:
    """A line of text: its anchor in pixels of the panel, how it hangs there, and its look."""

    text: str
    x: float
    y: float
    anchor: str
    size: float = _SMALL
    classes: str = ""

    @property
    def depth(self) -> int:
        """Rows by which the label stands lower on a phone."""
        return max((i for i, name in enumerate(_DEEP) if name and name in self.classes.split()), default=0)

    def ends(self, width: float) -> tuple[float, float]:
        """Left and right end where the panel is so wide; beside the panel, distances stay as they are."""
        x = self.x if self.x < 0 else width + self.x - WIDE if self.x > WIDE else self.x * width / WIDE
        across = text_width(self.text, self.size)
        left = x - across * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return left, left + across


def svg(ax: Axes, height: float, description: str) -> tuple[str, list[str]]:
    """The panel of these Axes, and long notes below them; title, axis labels and legend belong to the page around it.

    The Axes are moved and cannot be drawn elsewhere afterwards.
    """
    rows = _long_names(ax)
    height = max(height, _ROW * len(rows))
    recorder = Recorder(WIDE + 2 * _AROUND, height + 2 * _AROUND)
    figure: Any = ax.get_figure(root=True)
    figure.set(dpi=72)
    figure.set_size_inches(recorder.width / 72, recorder.height / 72)
    figure.set_layout_engine("none")
    ax.set_axes_locator(None)  # type: ignore[arg-type]
    ax.set_position(
        (_AROUND / recorder.width, _AROUND / recorder.height, WIDE / recorder.width, height / recorder.height)
    )
    for child in [*ax.child_axes, ax.get_legend(), ax.patch]:
        if child is not None:
            child.set_visible(False)
    ax.draw(recorder)
    shapes = [_moved(shape) for shape in recorder.shapes]
    boxes, elements = svg_of(shapes, WIDE, height)
    notes = _notes(ax, recorder, boxes)
    below = [label.text for label in notes if label.y > height and text_width(label.text, _SMALL) > NARROW]
    labels = [label for label in notes if label.text not in below]
    labels += [*_rows(ax, recorder, height), *_columns(ax, recorder)]
    return _around(elements, labels, height, description), below


def _long_names(ax: Axes) -> list[str]:
    """Names of rows, if they are so long that they stand above their rows; else none."""
    names = [" ".join(text.get_text().split()) for text in ax.get_yticklabels()]
    is_list = ax.axison and isinstance(ax.yaxis.get_major_locator(), FixedLocator)
    return names if is_list and max((text_width(name, _SMALL) for name in names), default=0) > _LONG else []


def _moved(shape: Shape) -> Shape:
    if shape.at is not None:
        return replace(shape, at=(shape.at[0] - _AROUND, shape.at[1] - _AROUND))
    return replace(shape, vertices=shape.vertices - _AROUND)


def _around(elements: str, labels: list[Label], height: float, description: str) -> str:
    """The element of the panel, with as much space around it as its labels need at either width."""
    ends = [(*label.ends(width), width) for label in labels for width in (WIDE, NARROW) if "wide" not in label.classes]
    left = max([4.0, *(4 - low for low, _, _ in ends)])
    right = max([8.0, *(high - width + 4 for _, high, width in ends)])
    top = max([8.0, *(label.size - label.y for label in labels)])
    bottom = max([4.0, *(label.y + 6 + 14 * label.depth - height for label in labels)])
    texts = "".join(_text(label) for label in labels)
    size = f"padding:{top:.0f}px {right:.0f}px {bottom:.0f}px {left:.0f}px;height:{height + top + bottom:.0f}px"
    look = {"class": "figure", "role": "group", "tabindex": "0", "aria-label": description, "style": size}
    return element("svg", look, f"{elements}{texts}")


def _text(label: Label) -> str:
    """The element of a label; beside the panel its distance from the edge is in pixels."""
    if 0 <= label.x <= WIDE:
        place = {"x": share(label.x, WIDE, 1)}
    else:
        place = {"x": f"{label.x:.0f}"} if label.x < 0 else {"x": "100%", "dx": f"{label.x - WIDE:.0f}"}
    turned = {"middle": "mid", "end": "end"}.get(label.anchor, "")
    classes = " ".join(filter(None, [label.classes, turned]))
    return element("text", place | {"y": f"{label.y:.0f}", "class": classes}, html.escape(label.text))


def _shown_ticks(axis: Any, texts: list[Text], recorder: Recorder, vertical: bool) -> list[tuple[float, Text]]:
    """The tick labels within the panel, with their place along it in pixels."""
    if not axis.axes.axison or isinstance(axis.get_major_formatter(), NullFormatter):
        return []
    low, high = (_AROUND - 1, (recorder.height if vertical else recorder.width) - _AROUND + 1)
    shown = []
    for text in texts:
        x, y = text.get_transform().transform(text.get_position())
        place = recorder.height - y if vertical else x
        if text.get_text().strip() and text.get_visible() and low <= place <= high:
            shown.append((place - _AROUND, text))
    return sorted(shown, key=lambda pair: pair[0])


def _rows(ax: Axes, recorder: Recorder, height: float) -> list[Label]:
    """Labels of the vertical axis, at the left; long names stand above their rows."""
    ticks = _shown_ticks(ax.yaxis, ax.get_yticklabels(), recorder, vertical=True)
    names = [" ".join(text.get_text().split()) for _, text in ticks]
    is_list = isinstance(ax.yaxis.get_major_locator(), FixedLocator)
    if _long_names(ax):
        pitch = height / max(len(ticks), 1)
        return [
            Label(name, 0.1, place - 0.31 * pitch - 4, "start") for (place, _), name in zip(ticks, names, strict=True)
        ]
    return [
        Label(name, -8.0, place + 4, "end", classes="" if is_list else "soft")
        for (place, _), name in zip(ticks, names, strict=True)
    ]


def _columns(ax: Axes, recorder: Recorder) -> list[Label]:
    """Labels of the horizontal axis, below or above the panel; on a phone every second, third … one remains."""
    ticks = _shown_ticks(ax.xaxis, ax.get_xticklabels(), recorder, vertical=False)
    above = ax.xaxis.get_ticks_position() == "top"
    base = -8.0 if above else recorder.height - 2 * _AROUND + 18
    columns = [
        [
            Label(line, place, base + 14 * i, "middle", classes="soft")
            for i, line in enumerate(text.get_text().split("\n"))
        ]
        for place, text in ticks
    ]
    columns = _thinned(columns, WIDE, None)
    if isinstance(ax.xaxis.get_major_locator(), FixedLocator) and not ax.fmt_xdata and not above:
        columns = _in_rows(columns)
    return [label for column in _thinned(columns, NARROW, "wide") for label in column]


def _in_rows(columns: list[list[Label]]) -> list[list[Label]]:
    """Names of categories that would overlap on a phone stand in two or three rows there: none of them may go."""
    rows = next((n for n in (1, 2) if all(_is_free(columns[i::n], NARROW) for i in range(n))), 3)
    return [
        [replace(label, classes=f"{label.classes} {_DEEP[i % rows]}".strip()) for label in column]
        for i, column in enumerate(columns)
    ]


def _thinned(columns: list[list[Label]], width: float, name: str | None) -> list[list[Label]]:
    """Columns of labels of which those that would overlap are left out, or carry a class; years stay if they can."""
    for every in range(1, len(columns) + 1):
        starts = sorted(range(every), key=lambda s: -sum(len(column) for column in columns[s::every]))
        kept = set(range(starts[0], len(columns), every))
        chosen = [column for i, column in enumerate(columns) if i in kept]
        rows = [[column for column in chosen if column[0].depth == depth] for depth in (0, 1, 2)]
        if all(_is_free(row, width) for row in rows):
            break
    if name is None:
        return [column for i, column in enumerate(columns) if i in kept] if columns else []
    return [
        column if i in kept else [replace(label, classes=f"{label.classes} {name}") for label in column]
        for i, column in enumerate(columns)
    ]


def _is_free(columns: list[list[Label]], width: float) -> bool:
    """Whether labels beside each other do not overlap."""
    ends = [label_ends(column, width) for column in columns]
    return all(before[1] + 6 <= after[0] for before, after in itertools.pairwise(ends))


def label_ends(column: Iterable[Label], width: float) -> tuple[float, float]:
    """Left and right end of several lines together."""
    ends = [label.ends(width) for label in column]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _notes(ax: Axes, recorder: Recorder, boxes: list[Box]) -> list[Label]:
    """Texts among the data; on a phone those that would overlap, or be wider than their tile, go."""
    labels: list[Label] = []
    bottom = recorder.height - 2 * _AROUND
    for text in ax.texts:
        if text.get_visible() and text.get_text().strip() and not text.get_rotation():
            lines = _lines(text, recorder, boxes)
            is_note = lines[0].y > bottom and any(text_width(line.text, line.size) > NARROW for line in lines)
            labels += [replace(lines[0], text=" ".join(line.text for line in lines))] if is_note else lines
    return _apart(labels, boxes)


def _lines(text: Text, recorder: Recorder, boxes: list[Box]) -> list[Label]:
    around = text.get_window_extent(recorder)
    anchor = {"left": "start", "right": "end"}.get(text.get_horizontalalignment(), "middle")
    x = {"start": around.x0, "end": around.x1}.get(anchor, (around.x0 + around.x1) / 2) - _AROUND
    rows = text.get_text().split("\n")
    top, pitch = recorder.height - around.y1 - _AROUND, around.height / len(rows)
    size = _LARGE if float(text.get_fontsize()) > 12.5 else _SMALL
    under = next((box for box in reversed(boxes) if box.holds(x, top + around.height / 2)), None)
    strong = "bold" if text.get_fontweight() in ("bold", 700) else ""
    ink = "on" if under is not None and colours.carries_ground(under.fill) else ""
    if under is None:
        named = colours.letter(text.get_color())
        ink = f"t{named}" if named in "awgpsm" else ""
        ink = " ".join(filter(None, [ink, "halo" if text.get_bbox_patch() or text.get_path_effects() else ""]))
    classes = " ".join(filter(None, [strong, ink, "large" if size == _LARGE else ""]))
    return [
        Label(row.strip(), x, top + pitch * (i + 0.5) + 0.36 * size, anchor, size, classes)
        for i, row in enumerate(rows)
        if row.strip()
    ]


def _apart(labels: list[Label], boxes: list[Box]) -> list[Label]:
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    for label in labels:
        low, high = label.ends(NARROW)
        area = (low - 2, label.y - label.size, high + 2, label.y + 2)
        tile = next((box for box in reversed(boxes) if box.holds(label.x, label.y - label.size / 3)), None)
        crowded = (
            tile is not None and label.anchor == "middle" and high - low > (tile.right - tile.left) * NARROW / WIDE
        )
        hidden = crowded or any(area[0] < b[2] and b[0] < area[2] and area[1] < b[3] and b[1] < area[3] for b in taken)
        placed.append(replace(label, classes=f"{label.classes} wide".strip()) if hidden else label)
        if not hidden:
            taken.append(area)
    return placed
