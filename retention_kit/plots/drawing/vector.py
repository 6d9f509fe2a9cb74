"""A figure as part of a page: its title and keys as HTML, its panels as SVG whose width follows the page."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from retention_kit import figure_markup
from retention_kit.plots.drawing import colours, marks, panel
from retention_kit.plots.drawing.in_language import markup_in_language
from retention_kit.plots.drawing.shapes import element
from retention_kit.plots.drawing.style import MUTED, subject_of, tables_behind
from retention_kit.wording import in_words, one_line

_OVERHEAD: Final = 110.0
"""Pixels of a figure's height that its title, labels and legend take; on a page they are outside the panel."""
_LEAST: Final = 48.0


def drawing(figure: Figure, description: str) -> str:
    """The figure as HTML with SVG, without ids and scripts; empty if it is not one of ours.

    The figure cannot be drawn again afterwards.
    """
    if not figure.axes or figure.texts or figure.legends or not all(_is_ours(ax) for ax in figure.axes):
        return ""
    if len(figure.axes) == 1 and hasattr(figure.axes[0], "retention_kit_markup"):
        return figure_markup.drawn(markup_in_language(figure.axes[0].retention_kit_markup()))
    description = _named(figure.axes[0], description)
    height = max(100 * figure.get_size_inches()[1] - _OVERHEAD, _LEAST)
    parts = []
    for ax in figure.axes:
        panels: list[Any] = list(ax.child_axes) or [ax]
        shares = _shares(ax, panels)
        own = [
            _panel(child, share * height, description, first=child is panels[0])
            for child, share in zip(panels, shares, strict=True)
        ]
        across = "panels two" if len(panels) > 1 and max(shares) * len(panels) > 1.3 else "panels"
        parts.append(f'{_heading(ax)}{_keys([ax, *panels])}<div class="{across}">{"".join(own)}</div>')
    return figure_markup.drawn("".join(parts))


def take_markup(ax: Axes, write: Callable[[], str]) -> None:
    """On pages, show these Axes by the HTML that the function writes: a table that is a figure."""
    ax.retention_kit_markup = write  # type: ignore[attr-defined]


def _is_ours(ax: Axes) -> bool:
    return bool(tables_behind(ax)) and ax.name == "rectilinear" and not ax.images


def _shares(ax: Axes, panels: list[Any]) -> list[float]:
    """Heights of the panels as shares of the figure's."""
    if panels == [ax]:
        return [1.0]
    whole = ax.get_position().height
    heights = []
    for child in panels:
        locator: Any = child.get_axes_locator()
        heights.append(locator(child, None).height / whole)
    return heights


def _panel(ax: Axes, height: float, description: str, *, first: bool) -> str:
    marks.described_by_axes(ax)
    title = _title(ax)
    is_child = not tables_behind(ax)
    caption = f"<p>{html.escape(title)}</p>" if is_child and title else ""
    below = one_line(ax.get_xlabel()) if ax.axison else ""
    below = "" if below == subject_of(ax) or below == in_words(subject_of(ax)) else below
    label = one_line(ax.get_ylabel()) if is_child and ax.axison else ""
    above = f'<p class="axis">{html.escape(label)}</p>' if label else ""
    under = f'<p class="below">{html.escape(below)}</p>' if below else ""
    named = ". ".join(filter(None, [title if is_child else "", description if first or not title else ""]))
    drawn, notes = panel.svg(ax, max(height, _LEAST), named)
    under += f"<p>{html.escape(' '.join(notes))}</p>" if notes else ""
    return f"<div>{caption}{above}{drawn}{under}</div>"


def _heading(ax: Axes) -> str:
    title = _title(ax)
    label = one_line(ax.get_ylabel()) if ax.axison else ""
    turned = [one_line(text.get_text()) for text in ax.texts if text.get_rotation()]
    subject = in_words(subject_of(ax))
    labels = " ".join(filter(None, [label, *turned]))
    labels = html.escape(" · ".join(filter(None, [subject, "" if labels and subject.startswith(labels) else labels])))
    return f"<figcaption><b>{html.escape(one_line(title))}</b>{labels}</figcaption>"


def _named(ax: Axes, description: str) -> str:
    """The description of a figure after its title, which is part of its name, unless it says the same."""
    title = one_line(_title(ax))
    return description if title in description else f"{title}. {description}"


def _title(ax: Axes) -> str:
    return next((text for where in ("left", "center", "right") if (text := ax.get_title(loc=where))), "")


def _keys(all_axes: Iterable[Axes]) -> str:
    """What colours, lines and marks mean, as a list."""
    legends = [legend for ax in all_axes if (legend := ax.get_legend()) is not None]
    titles = [legend.get_title().get_text() for legend in legends if legend.get_title().get_visible()]
    pairs = [
        (_swatch(handle), text.get_text())
        for legend in legends
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    ]
    items = [*titles[:1], *dict.fromkeys(f"{swatch}{html.escape(text)}" for swatch, text in pairs)]
    return element("ul", {"class": "keys"}, "".join(f"<li>{item}</li>" for item in items if item)) if pairs else ""


def _swatch(handle: Any) -> str:
    """A small picture of how a legend's entry is drawn."""
    if isinstance(handle, Patch):
        size = {"width": "14", "height": "12"}
        return element("svg", size, element("rect", size | _patch_look(handle)))
    if not isinstance(handle, Line2D):
        edges: Any = handle.get_edgecolor() if hasattr(handle, "get_edgecolor") else ()
        look = _look("k", edges[0] if len(edges) else MUTED) | {"stroke-width": "2"}
        return element("svg", {"width": "24", "height": "12"}, element("path", {"d": "M12 0V12"} | look))
    parts, look = [], _look("k", handle.get_color()) | {"stroke-width": "2"}
    if handle.get_linestyle() not in ("None", "", " "):
        dashes = {"stroke-dasharray": "" if handle.get_linestyle() == "-" else "4 2"}
        parts.append(element("path", {"d": "M0 6H24"} | look | dashes))
    marker = handle.get_marker()
    if marker == "|":
        parts.append(element("path", {"d": "M12 0V12"} | look))
    elif marker not in ("None", "", None, "_"):
        face = _look("f", handle.get_markerfacecolor())
        hollow = f" {look['class']}" if face.get("class") == "f0" and "class" in look else ""
        face["class"] = f"{face.get('class', '')}{hollow}"
        parts.append(element("circle", {"cx": "12", "cy": "6", "r": "4"} | face))
    return element("svg", {"width": "24", "height": "12"}, "".join(parts))


def _patch_look(handle: Patch) -> dict[str, str]:
    face, part = tuple(to_rgba(handle.get_facecolor())), "part" if handle.get_hatch() else ""
    if not handle.get_fill() or face[3] == 0:
        return {"class": f"f km {part}".strip()}
    look = _look("f", face)
    edge = "km" if look.get("class") == "f0" else ""
    opacity = {"fill-opacity": f"{face[3]:.2g}"} if face[3] < 0.995 else {}
    return look | {"class": " ".join(filter(None, [look.get("class", ""), edge, part]))} | opacity


def _look(kind: str, colour: Any) -> dict[str, str]:
    """The class of a fill (f) or stroke (k); a colour without a class is written as it is."""
    name = colours.letter(colour)
    return {"class": kind + name} if len(name) == 1 else {"fill" if kind == "f" else "stroke": name}
