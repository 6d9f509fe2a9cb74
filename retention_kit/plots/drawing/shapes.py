"""Recorded shapes as elements of SVG: bars and points with x in per cent, lines and areas in a box that stretches."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.path import Path

from retention_kit.plots.drawing import colours
from retention_kit.plots.drawing.recorder import Shape

_ACROSS: Final = 2000
"""Units of the stretching box from left to right."""
_COMMANDS: Final = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
_POINTS: Final = {Path.CURVE3: 2, Path.CURVE4: 3}


@dataclass(frozen=True)
class Box:
    """A filled rectangle of the panel in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    fill: str

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def svg_of(shapes: list[Shape], width: float, height: float) -> tuple[list[Box], str]:
    """The filled rectangles, and all shapes as SVG in their order; each series of marks is a group."""
    boxes: list[Box] = []
    parts: list[tuple[str, int, str]] = []
    for shape in shapes:
        if shape.at is not None:
            parts.append(("mark", shape.group, _mark(shape, width)))
        elif (box := _rectangle(shape)) is not None:
            boxes.append(box)
            parts.append(("mark", shape.group, _bar(shape, box, width)))
        else:
            parts.append(("line", 0, _line(shape, width, height)))
    return boxes, _joined([part for part in parts if part[2]], height)


def _joined(parts: list[tuple[str, int, str]], height: float) -> str:
    """Neighbours of a kind in one element: lines in a stretching box, marks of an artist in a group."""
    texts: list[str] = []
    for i, (kind, group, text) in enumerate(parts):
        first = i == 0 or parts[i - 1][:2] != (kind, group)
        last = i == len(parts) - 1 or parts[i + 1][:2] != (kind, group)
        if kind == "line":
            start, end = (
                f'<svg class="lines" viewBox="0 0 {_ACROSS} {height:.0f}" preserveAspectRatio="none">',
                "</svg>",
            )
        else:
            start, end = "<g>", "</g>"
        texts.append(f"{start if first else ''}{text}{end if last else ''}")
    return "".join(texts)


def _rectangle(shape: Shape) -> Box | None:
    """The box of a filled shape whose four sides are parallel to the axes."""
    v = shape.vertices
    if shape.fill is None or not 4 <= len(v) <= 6 or (shape.codes is not None and max(shape.codes[:4]) > 2):
        return None
    x, y = v[:4, 0], v[:4, 1]
    sides = np.abs(np.diff(v[[0, 1, 2, 3, 0]], axis=0)).min(axis=1)
    if sides.max() > 0.01:
        return None
    return Box(x.min(), y.min(), x.max(), y.max(), colours.letter(shape.fill[:3]))


def _bar(shape: Shape, box: Box, width: float) -> str:
    across, tall = box.right - box.left, box.bottom - box.top
    if across < 0.05 and tall < 0.05:
        return ""
    place = {"x": share(box.left, width), "y": _short(box.top)}
    size = {"width": share(across, width), "height": _short(max(tall, 0.5))}
    return element("rect", place | size | _look(shape, edge=_is_dark(shape)), _titled(shape.text))


def _is_dark(shape: Shape) -> bool:
    """Whether the edge of a bar is drawn: white edges only separate it from its neighbours, which the page does."""
    return shape.stroke is not None and shape.width >= 0.5 and colours.letter(shape.stroke[:3]) != "0"


def _mark(shape: Shape, width: float) -> str:
    assert shape.at is not None
    x, y, title = share(shape.at[0], width), _short(shape.at[1]), _titled(shape.text)
    if not len(shape.vertices):
        return element("circle", {"class": "hit", "cx": x, "cy": y, "r": "8"}, title)
    if shape.codes is not None and (np.asarray(shape.codes) == Path.CURVE4).any():
        radius = _short(np.ptp(shape.vertices[:, 0]) / 2)
        return element("circle", {"cx": x, "cy": y, "r": radius} | _look(shape, edge=_is_hollow(shape)), title)
    inside = element("path", {"d": _path(shape, 1.0)} | _look(shape, edge=True))
    return element("svg", {"x": x, "y": y}, f"{title}{inside}")


def _is_hollow(shape: Shape) -> bool:
    return shape.fill is None or colours.letter(shape.fill[:3]) == "0"


def _line(shape: Shape, width: float, height: float) -> str:
    if not len(shape.vertices) or not _visible(shape, width, height):
        return ""
    path = {"d": _path(shape, _ACROSS / width)}
    return element("path", path | _look(shape, edge=True), _titled(shape.text))


def _visible(shape: Shape, width: float, height: float) -> bool:
    """Whether some of a path can lie within the panel."""
    known = shape.vertices[np.isfinite(shape.vertices).all(axis=1)]
    if not len(known):
        return False
    (left, top), (right, bottom) = known.min(axis=0), known.max(axis=0)
    return bool(right >= -1 and left <= width + 1 and bottom >= -1 and top <= height + 1)


def _path(shape: Shape, stretch: float) -> str:
    """The commands of a path; x is stretched to the units of its box."""
    codes = shape.codes if shape.codes is not None else [Path.MOVETO, *[Path.LINETO] * (len(shape.vertices) - 1)]
    texts, waiting, last = [], 0, ""
    for (x, y), code in zip(shape.vertices.tolist(), np.asarray(codes).tolist(), strict=True):
        if code == Path.CLOSEPOLY:
            texts.append("z")
            last = ""
        elif code != Path.STOP and np.isfinite(x) and np.isfinite(y):
            command = "" if waiting else _COMMANDS[code]
            waiting = (waiting or _POINTS.get(code, 1)) - 1
            shown = "" if command == last == "L" else command
            last = command or last
            texts.append(f"{shown or ' '}{f'{x * stretch:.0f}' if stretch > 1 else _short(x)} {_short(y)}")
    return "".join(texts)


def _look(shape: Shape, *, edge: bool) -> dict[str, str]:
    """Classes and attributes of fill and stroke."""
    classes, rest = ["" if shape.fill is not None else "f"], {}
    looks = [("fill", "f", shape.fill), ("stroke", "k", shape.stroke if edge else None)]
    for name, kind, colour in looks:
        if colour is None:
            continue
        letter = colours.letter(colour[:3])
        if len(letter) == 1:
            classes.append(kind + letter)
        else:
            rest[name] = letter
        if colour[3] < 0.995:
            rest[f"{name}-opacity"] = f"{colour[3]:.2g}"
    if edge and shape.stroke is not None:
        rest |= {"stroke-width": _short(shape.width)} if abs(shape.width - 1) > 0.05 else {}
        rest |= {"stroke-dasharray": shape.dashed} if shape.dashed else {}
    classes.append("part" if shape.hatched else "")
    return {"class": " ".join(filter(None, classes))} | rest


def element(name: str, attributes: dict[str, str], inside: str = "") -> str:
    """An element with its attributes, except for empty ones; what is inside is markup.

    Examples
    --------
    >>> element("rect", {"x": "5%", "class": ""}, "<title>a &amp; b</title>")
    '<rect x="5%"><title>a &amp; b</title></rect>'
    """
    escaped = {key: html.escape(text).replace("\n", "&#10;") for key, text in attributes.items() if text}
    written = "".join(f' {key}="{text}"' for key, text in escaped.items())
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def _titled(text: str) -> str:
    return element("title", {}, html.escape(text, quote=False)) if text else ""


def share(x: float, width: float, digits: int = 2) -> str:
    """A position as a percentage.

    Examples
    --------
    >>> share(160, 640), share(1, 3)
    ('25%', '33.33%')
    """
    return f"{f'{100 * x / width:.{digits}f}'.rstrip('0').rstrip('.')}%"


def _short(x: Any) -> str:
    """A number of pixels with at most one decimal."""
    return f"{x:.1f}".removesuffix(".0").replace("-0", "0") if abs(x) < 0.05 else f"{x:.1f}".removesuffix(".0")
