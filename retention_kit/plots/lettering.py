"""Words drawn as one image each.

matplotlib shapes every text twice, to measure it and to draw it, and draws it letter by letter. Here a text is shaped
once, and words that were written before in the same font and size, such as the numbers at an axis, are known.
"""

from __future__ import annotations

import functools
import math
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.text import Text

__all__ = ["Canvas"]

_KEPT: Final = 1024
"""So many words are remembered; each takes about two kilobytes."""


class _Word(NamedTuple):
    """A text as it is written from left to right, in pixels."""

    shade: np.ndarray
    size: tuple[float, float, float]
    """Width, height, and how much of the height is below the line."""
    left: float
    """First column of the image, the text beginning at 0."""
    top: int
    """Rows of the image above the line."""


class Canvas(FigureCanvasAgg):
    """What a figure is drawn on: letters are those of matplotlib, but a text begins at a whole pixel."""

    def get_renderer(self) -> RendererAgg:
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        known = getattr(self, "renderer", None)
        if known is None or (known.width, known.height, known.dpi) != size:
            self.renderer = _Renderer(*size)
        return self.renderer


class _Renderer(RendererAgg):
    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        if ismath or len(prop.get_family()) > 1:
            return super().get_text_width_height_descent(s, prop, ismath)
        return self._word(s, prop).size

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        if ismath or len(prop.get_family()) > 1 or angle not in (0, 90) or _is_special(gc, mtext):
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        word, y = self._word(s, prop), self.height - y
        if angle:
            self.draw_image(gc, round(x) - word.top, round(y + word.left), _inked(np.rot90(word.shade), gc))
        else:
            bottom = round(y) + word.top - len(word.shade)
            self.draw_image(gc, round(x + word.left), bottom, _inked(word.shade, gc))

    def _word(self, text: str, prop: FontProperties) -> _Word:
        return _word(text, findfont(prop), prop.get_size_in_points(), self.dpi, get_hinting_flag())


def _is_special(gc: GraphicsContextBase, text: Text | None) -> bool:
    if not gc.get_antialiased() or gc.get_rgb()[3:] not in ((), (1,)):
        return True
    return text is not None and bool(text.get_fontfeatures() or text.get_language())


def _inked(shade: np.ndarray, gc: GraphicsContextBase) -> np.ndarray:
    """The shade in its colour, the lowest row first."""
    image = np.empty((*shade.shape, 4), np.uint8)
    image[..., :3] = np.round(255 * np.array(gc.get_rgb()[:3]))
    image[..., 3] = shade[::-1]
    return image


@functools.lru_cache(_KEPT)
def _word(text: str, path: str, size: float, dpi: float, hinting: LoadFlags) -> _Word:
    font = get_font(path)
    font.clear()
    font.set_size(size, dpi)
    font.set_text(text, flags=hinting)
    width, height, descent = (length / 64 for length in (*font.get_width_height(), font.get_descent()))
    left = _draw(font, text, hinting)
    top = math.floor(max(height - descent, 0)) + 1
    return _Word(font.get_image().copy(), (width, height, descent), left, top)


def _draw(font: FT2Font, text: str, hinting: LoadFlags) -> float:
    """Draw the text that is set and tell where the image begins.

    Where that is not at a whole pixel, FreeType's image has the first letter a pixel away from its place. The box of a
    space is the point where the text begins; a letter that reaches further to the left comes after the space.
    """
    beginning, shift = font.get_bitmap_offset()[0], 0.0
    if beginning < 0:
        shift = font.set_text(f" {text}", flags=hinting)[1, 0] / 64
    elif beginning % 64:
        font.set_text(f"{text} ", flags=hinting)
    font.draw_glyphs_to_bitmap()
    return font.get_bitmap_offset()[0] / 64 - shift
