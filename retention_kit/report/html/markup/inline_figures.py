"""Figures of the package as part of a page: SVG whose marks say their value, with the values as a table below.

Kernels hand figures over as SVG, and a notebook can contain any SVG. Only what consists of the elements and attributes
below, with values of these forms, becomes part of a page; every other SVG stays a picture, in which nothing can run.
"""

from __future__ import annotations

import hashlib
import html
import re
from typing import Final
from xml.etree import ElementTree

from retention_kit import figure_markup
from retention_kit.report.language import Language

_NUMBER: Final = r"-?\d+(\.\d+)?%?"
_NUMBERS: Final = re.compile(rf"{_NUMBER}( {_NUMBER})*")
_FORMS: Final = {
    **dict.fromkeys(("x", "y", "dx", "width", "height", "cx", "cy", "r", "viewBox", "stroke-width"), _NUMBERS),
    **dict.fromkeys(("stroke-dasharray", "fill-opacity", "stroke-opacity"), re.compile(r"[\d. e-]+")),
    **dict.fromkeys(("fill", "stroke"), re.compile(r"#[0-9a-f]{6}")),
    "d": re.compile(r"[MLQCHVz\d. -]*"),
    "class": re.compile(r"[a-z0-9 ]+"),
    "role": re.compile("group"),
    "tabindex": re.compile("0"),
    "aria-label": re.compile(r".*", re.DOTALL),
    "preserveAspectRatio": re.compile("none"),
    "scope": re.compile("row|col"),
    "type": re.compile("radio"),
    "name": re.compile("measure"),
    "checked": re.compile("checked"),
    "title": re.compile(r".*", re.DOTALL),
    "style": re.compile(r"padding:\d+px \d+px \d+px \d+px;height:\d+px"),
}
"""Attributes and the values that they may have: no addresses, no names of other elements, no styles but sizes."""
_TEXT: Final = "figure figcaption b div p ul li span fieldset legend label input table thead tbody tfoot tr th td"
_SHAPES: Final = "svg g rect circle path text title"
_ELEMENTS: Final = frozenset(f"{_TEXT} {_SHAPES}".split())
MOST_ROWS: Final = 240
"""Most marks of a figure that its table lists; the data folder of the month has every table in full."""


def inlined(svg: str, language: Language) -> str:
    """A figure of the package as HTML of a page; empty for SVG of any other kind."""
    markup = figure_markup.of_standalone(svg)
    if not markup or "<!" in markup or "<?" in markup:
        return ""
    try:
        figure = ElementTree.fromstring(markup)
    except ElementTree.ParseError:
        return ""
    if not all(_is_harmless(element) for element in figure.iter()):
        return ""
    for button in figure.iter("input"):
        button.set("name", f"measure-{hashlib.sha256(markup.encode()).hexdigest()[:12]}")
    for panel in figure.iter():
        if panel.get("role") == "group" and (
            panel.find(".//title") is not None or panel.find(".//*[@title]") is not None
        ):
            hint = language.gettext("Arrow keys read the values.")
            panel.set("aria-label", str(language.together(panel.get("aria-label", ""), hint)))
    text = ElementTree.tostring(figure, encoding="unicode", method="html")
    return f"{text.removesuffix('</figure>')}{_values(figure, language)}</figure>"


def _is_harmless(element: ElementTree.Element) -> bool:
    return element.tag in _ELEMENTS and all(
        name in _FORMS and _FORMS[name].fullmatch(value) for name, value in element.attrib.items()
    )


def _values(figure: ElementTree.Element, language: Language) -> str:
    """The texts of the marks as a table, unless the values are written beside the marks."""
    marks = [text for title in figure.iter("title") if (text := title.text)]
    written = sum(not {"soft", "wide"} & set(text.get("class", "").split()) for text in figure.iter("text"))
    if not 0 < len(marks) <= MOST_ROWS or written >= len(marks):
        return ""
    rows = []
    for mark in marks:
        value, *place = mark.split("\n")
        rows.append(f'<tr><th scope="row">{html.escape(language.joined(place))}</th><td>{html.escape(value)}</td></tr>')
    name = html.escape(language.gettext("The same as a table"))
    title = " ".join("".join(figure.find("figcaption/b").itertext()).split())  # type: ignore[union-attr]
    label = html.escape(language.gettext("%(figure)s: as a table", figure=title))
    what, value = html.escape(language.gettext("What")), html.escape(language.gettext("Value"))
    return (
        f'<details class="values"><summary>{name}</summary><div class="table" tabindex="0" role="region" '
        f'aria-label="{label}"><table><thead><tr><th scope="col">{what}</th><th scope="col">{value}</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )
