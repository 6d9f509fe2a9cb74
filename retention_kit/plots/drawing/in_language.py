"""The words of a figure in the language of the report that it is drawn for."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from retention_kit import wording
from retention_kit.plots.drawing import fonts

_TEXT: Final = re.compile(r"(>)([^<>]+)(<)")
_ATTRIBUTE: Final = re.compile(r'((?:title|aria-label)=")([^"]+)(")')
_WIDE: Final = 58
"""Most letters of a line of a title."""
_TALL: Final = 32
"""Most letters of a line of the label of a vertical axis."""


class _Spoken(Formatter):
    """The tick labels of another formatter, in the language."""

    def __init__(self, inner: Any, translation: Callable[[str], str]) -> None:
        self.inner, self.translation = inner, translation

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.translation(str(self.inner(x, pos)))

    def format_ticks(self, values: Any) -> list[str]:
        """The labels of all ticks."""
        return [self.translation(label) for label in self.inner.format_ticks(values)]

    def format_data_short(self, value: Any) -> str:
        """A value for the text of a mark, which is put into the language with its other lines."""
        return str(self.inner.format_data_short(value))

    def get_offset(self) -> str:
        """The text at the end of an axis, in the language."""
        return self.translation(str(self.inner.get_offset()))

    def set_locs(self, locs: Any) -> None:
        """Tell the other formatter where the ticks are."""
        self.inner.set_locs(locs)


def markup_in_language(markup: str) -> str:
    """Translate the texts of a figure that is a table of HTML, and what its cells say."""
    if wording.CURRENT.get() is None:
        return markup

    def translated(match: re.Match[str]) -> str:
        return f"{match[1]}{html.escape(wording.in_lines(html.unescape(match[2])))}{match[3]}"

    return _ATTRIBUTE.sub(translated, _TEXT.sub(translated, markup))


def put_in_language(figure: Figure) -> None:
    """Translate every text of a figure before it is laid out; nothing changes outside a report and in English."""
    translation = wording.CURRENT.get()
    if translation is None:
        return
    axes: Any  # panels inside other Axes are not among figure.axes
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            if missing := fonts.letters(translation("January")):
                axis.set_tick_params(which="both", labelfontfamily=fonts.families(missing))
            for kind in ("major", "minor"):
                formatter = getattr(axis, f"get_{kind}_formatter")()
                inner: Any = _Spoken(formatter, translation)
                inner.set_axis(axis)
                getattr(axis, f"set_{kind}_formatter")(inner)
    for text in figure.findobj(Text):
        _translate(text, translation)
    for axes in figure.findobj(Axes):
        if len(axes.get_ylabel()) > _TALL:
            axes.set_ylabel(_wrapped(axes.get_ylabel(), _TALL))


def _translate(text: Any, translation: wording.Wording) -> None:
    english = text.get_text()
    known = translation.known(english) if english.strip() else None
    lines = english.splitlines()
    if known is None and len(lines) > 1:
        known = "\n".join(_of_lines(lines, translation))
    if known is None or known == english:
        return
    is_long = "\n" not in known and (len(lines) > 1 or len(known) > _WIDE)
    text.set_text(_wrapped(known, max(map(len, lines)) if len(lines) > 1 else _WIDE) if is_long else known)
    if missing := fonts.letters(known):
        text.set_family(fonts.families(missing))


def _of_lines(lines: list[str], translation: wording.Wording) -> list[str]:
    """Lines of which several together may be one text, such as a name above its number."""
    for end in range(len(lines), 0, -1):
        if (known := translation.known(" ".join(lines[:end]))) is not None:
            first = _wrapped(known, max(map(len, lines[:end]))).splitlines() if end > 1 else [known]
            return first + (_of_lines(lines[end:], translation) if lines[end:] else [])
    return lines[:1] + (_of_lines(lines[1:], translation) if lines[1:] else [])


def _wrapped(text: str, width: int) -> str:
    """The text in lines of about this width; a Chinese sign is as wide as two letters."""
    if " " in text and not any(unicodedata.east_asian_width(letter) in "WF" for letter in text):
        return "\n".join(textwrap.wrap(text, max(width, 10)))
    lines, line, used = [], "", 0
    for letter in text:
        used += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > max(width, 10) and letter not in "，。；：、）" and line:
            lines.append(line)
            line, used = "", 2
        line += letter
    return "\n".join([*lines, line])
