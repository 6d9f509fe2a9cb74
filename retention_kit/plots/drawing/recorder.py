"""A renderer of matplotlib that records the shapes of one panel in pixels, in place of drawing them.

`matplotlib.backend_bases.RendererBase` is made to be subclassed: artists call its methods with paths, and groups
name the artist and carry the texts of its marks. Text is not recorded here: `texts` lays it out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from retention_kit.plots.drawing import marks

_QUIET: Final = frozenset({"text", "xtick", "ytick"})
"""Groups of which only lines are recorded (the grid): ticks have no length, boxes behind texts are left to the page."""
_MANY: Final = 80
"""Points from which a line is simplified where no pixel changes."""
_LEVEL: Final = 0.05
"""Pixels: a piece of a line that rises by less is level."""
_LARGEST_MARK: Final = 40.0
"""Pixels: what is larger is an area."""


@dataclass(frozen=True)
class Shape:
    """A path in pixels with its look: a line, an area, or a mark at a point."""

    vertices: np.ndarray
    codes: np.ndarray | None
    fill: tuple[float, ...] | None
    stroke: tuple[float, ...] | None
    width: float
    dashed: str = ""
    hatched: bool = False
    text: str = ""
    at: tuple[float, float] | None = None
    group: int = 0


@dataclass
class _Group:
    name: str
    number: int
    texts: list[str] = field(default_factory=list)
    used: int = 0
    line: np.ndarray | None = None


class Recorder(RendererBase):
    """Records paths and marks; y grows downwards, as on a page."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.shapes: list[Shape] = []
        self._groups: list[_Group] = []
        self._number = 0

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def flipy(self) -> bool:
        return True

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:  # noqa: ARG002
        size = prop.get_size_in_points()
        return text_width(s, size), size, 0.22 * size

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._number += 1
        self._groups.append(_Group(s, self._number, marks.texts_of(gid)))

    def close_group(self, s: str) -> None:  # noqa: ARG002
        group = self._groups.pop()
        if group.line is not None and group.texts and not group.used:  # a line without markers: its points are marks
            for point, text in zip(group.line, group.texts, strict=False):
                if text and np.isfinite(point).all():
                    self.shapes.append(
                        Shape(np.empty((0, 2)), None, None, None, 0, text=text, at=tuple(point), group=group.number)
                    )

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        group = self._groups[-1] if self._groups else _Group("", 0)
        if any(outer.name == "text" for outer in self._groups):
            return
        flipped = self._flipped(transform)
        text = ""
        if group.name == "line2d":
            group.line = flipped.transform(path.vertices)
        else:
            text = group.texts[group.used] if group.used < len(group.texts) else ""
            group.used += 1
        vertices, codes = _plain(path, flipped)
        self._add(gc, vertices, codes, rgbFace, text, None, group)

    def draw_markers(
        self,
        gc: Any,
        marker_path: Path,
        marker_trans: Any,
        path: Path,
        trans: Any,
        rgbFace: Any = None,
    ) -> None:
        group = self._groups[-1] if self._groups else _Group("", 0)
        if any(outer.name in _QUIET for outer in self._groups):
            return
        shape = (marker_trans + Affine2D().scale(1, -1)).transform(marker_path.vertices)
        if np.ptp(shape, axis=0).max() > _LARGEST_MARK:  # an area, which matplotlib draws like a mark at the origin
            for x, y in trans.transform(path.vertices):
                self.draw_path(gc, marker_path, marker_trans + Affine2D().translate(x, y), rgbFace)
            return
        if np.ptp(shape[:, 1]) < 0.5 and not any(group.texts):
            return  # the caps of error bars
        limits = gc.get_clip_rectangle()
        some = group.line is not None and len(group.line) != len(np.asarray(path.vertices))  # of the points, marked
        for i, point in enumerate(self._flipped(trans).transform(path.vertices)):
            if not np.isfinite(point).all() or (limits is not None and not self._inside(point, limits)):
                continue
            text = group.texts[i] if i < len(group.texts) and not some else ""
            group.used += not some
            self._add(gc, shape, marker_path.codes, rgbFace, text, (float(point[0]), float(point[1])), group)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        raise NotImplementedError("a picture inside a figure")

    def draw_gouraud_triangles(self, gc: Any, triangles_array: Any, colors_array: Any, transform: Any) -> None:
        raise NotImplementedError("shaded triangles")

    def draw_text(self, *args: Any, **kwargs: Any) -> None:
        """Text is laid out by `texts`."""

    def _flipped(self, transform: Any) -> Any:
        return transform + Affine2D().scale(1, -1).translate(0, self.height)

    def _inside(self, point: np.ndarray, limits: Any) -> bool:
        x, y = point[0], self.height - point[1]
        return bool(limits.x0 - 1 <= x <= limits.x1 + 1 and limits.y0 - 1 <= y <= limits.y1 + 1)

    def _add(self, gc: Any, vertices: np.ndarray, codes: Any, face: Any, text: str, at: Any, group: _Group) -> None:
        width, alpha = float(gc.get_linewidth()), gc.get_alpha()
        edge = tuple(gc.get_rgb())
        opaque = 1.0 if alpha is None or not gc.get_forced_alpha() else float(alpha)
        stroke = (*edge[:3], opaque * edge[3]) if width > 0 and edge[3] > 0 else None
        fill = None if face is None else (*face[:3], opaque if gc.get_forced_alpha() else (*face, 1.0)[3])
        fill = None if fill is None or fill[3] == 0 else fill
        if fill is None and stroke is None and not text:
            return
        dashes = gc.get_dashes()[1]
        dashed = "" if dashes is None else " ".join(f"{d:.3g}" for d in dashes)
        hatched = bool(gc.get_hatch())
        self.shapes.append(Shape(vertices, codes, fill, stroke, width, dashed, hatched, text, at, group.number))


def _plain(path: Path, transform: Any) -> tuple[np.ndarray, np.ndarray]:
    """A path in pixels without gaps; of a long line or area only the points that can be told apart."""
    plain = path.cleaned(transform, remove_nans=True)
    vertices, codes = np.asarray(plain.vertices), np.asarray(plain.codes)
    is_straight = np.isin(codes, (Path.MOVETO, Path.LINETO, Path.CLOSEPOLY, Path.STOP)).all()
    if len(vertices) <= _MANY or not is_straight or (codes[1:] == Path.MOVETO).any():
        return vertices, codes
    ends = int((codes == Path.LINETO).sum()) + 1
    kept = np.concatenate([_apart(vertices[:ends]), np.arange(ends, len(vertices))])
    return vertices[kept], codes[kept]


def _apart(vertices: np.ndarray) -> np.ndarray:
    """Which vertices of a long line to keep: the ends, and each that is a pixel away from the one kept before, except
    for those in the middle of a level or upright piece."""
    kept, last = [0], vertices[0]
    for i, vertex in enumerate(vertices[1:-1], start=1):
        if np.abs(vertex - last).max() >= 1 or not np.isfinite(vertex).all():
            kept.append(i)
            last = vertex
    chosen = np.asarray([*kept, len(vertices) - 1])
    steps = np.abs(np.diff(vertices[chosen], axis=0)) < _LEVEL
    between = (steps[:-1] & steps[1:]).any(axis=1)
    kept_again: np.ndarray = chosen[np.concatenate([[True], ~between, [True]])]
    return kept_again


def text_width(text: str, size: float) -> float:
    """Width of a line of text in pixels, as wide as in DejaVu Sans, the widest of the fonts that a page may use.

    Examples
    --------
    >>> text_width("1,234", 10) < text_width("12345", 10) < text_width("國家地區名", 10)
    True
    """
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    if letter in " .,:;|!'ijlIft()-":
        return 0.36
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.92 if letter in "mwMW%@" else 0.7 if letter.isupper() else 0.63
