"""A figure as the bytes of a PNG: laid out once, drawn once, stored with at most 256 colours."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from retention_kit.plots.drawing.fonts import missing_letters_named
from retention_kit.plots.drawing.style import DPI

_COLOURS: Final = 256
"""A picture with a palette weighs half of one with all its colours; only the edges of letters and lines have more."""
_LEVEL: Final = 3
"""Compression level of zlib: the next one takes twice the time to save a tenth of the bytes."""


def png(figure: Figure) -> bytes:
    """The figure as a PNG on white, with `DPI` pixels per inch.

    `Figure.savefig` draws a figure with a layout engine twice. Here the layout is computed once and then switched off,
    so the figure cannot be laid out again afterwards.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> png(Figure(figsize=(1, 1)))[1:4]
    b'PNG'
    """
    figure.set(dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    with missing_letters_named():
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
            figure.set_layout_engine("none")
        canvas.draw()  # type: ignore[no-untyped-call]
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    image.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        buffer, format="png", compress_level=_LEVEL, dpi=(DPI, DPI)
    )
    return buffer.getvalue()
