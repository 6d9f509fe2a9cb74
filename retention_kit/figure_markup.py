"""A figure as SVG between a notebook and a page: the file that notebooks show, and the part of it that a page takes.

The report reads this and draws nothing, so no library of figures is imported here.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

_HTML: Final = "http://www.w3.org/1999/xhtml"
_SVG: Final = "http://www.w3.org/2000/svg"
_START: Final = f'<svg xmlns="{_SVG}" width="720" '
_FIGURE: Final = ('<figure class="drawn">', "</figure>")
_BETWEEN: Final = 60
"""Pixels for the texts above and below each panel."""


def drawn(inner: str) -> str:
    """The element of a figure around its parts.

    Examples
    --------
    >>> drawn("<p>Revenue</p>")
    '<figure class="drawn"><p>Revenue</p></figure>'
    """
    return inner.join(_FIGURE)


def standalone(figure: str) -> str:
    """A figure as an SVG file of its own, which notebooks opened outside a report show.

    Examples
    --------
    >>> of_standalone(standalone(drawn("<p>Revenue</p>")))
    '<figure class="drawn"><p>Revenue</p></figure>'
    """
    heights = [int(part.partition("px")[0]) for part in figure.split("height:")[1:]]
    inner, height = figure.replace("<svg ", f'<svg xmlns="{_SVG}" '), sum(heights) + _BETWEEN * (len(heights) + 1)
    return (
        f'{_START}height="{height}"><foreignObject width="100%" height="100%">'
        f'<div xmlns="{_HTML}"><style>{style()}</style>{inner}</div></foreignObject></svg>'
    )


def of_standalone(svg: str) -> str:
    """The figure inside such a file; empty for any other SVG.

    Examples
    --------
    >>> of_standalone("<svg/>")
    ''
    """
    start, end = svg.find(_FIGURE[0]), svg.rfind(_FIGURE[1])
    if not svg.startswith(_START) or not 0 <= start < end:
        return ""
    return svg[start : end + len(_FIGURE[1])].replace(f' xmlns="{_SVG}"', "")


@functools.cache
def style() -> str:
    """The style sheet of figures."""
    return (Path(__file__).parent / "figure.css").read_text(encoding="utf-8")
