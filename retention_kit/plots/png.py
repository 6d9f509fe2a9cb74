"""A figure as the bytes of a PNG: laid out once, drawn once, stored with at most 256 colours.

Such a picture weighs less than half of one with all its colours and is written in a third of the time. Most figures
have more colours only at the edges of letters and lines.
"""

from __future__ import annotations

import io
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from retention_kit.plots.fonts import missing_letters_named
from retention_kit.plots.layout import RoomAround
from retention_kit.plots.lettering import Canvas
from retention_kit.plots.style import DPI

__all__ = ["png", "with_palette"]

_COLOURS: Final = 256
_LEVEL: Final = 3
"""Of zlib: the next one takes twice the time to save a tenth of the bytes."""
_LETTERS: Final = {"text.hinting": "none"}
"""Letters as they were designed; to fit each one to the pixels would take a third of the time of all text."""


def png(figure: Figure) -> bytes:
    """The figure as a PNG, after which it is of no other use: it is laid out for good.

    savefig by itself draws a figure twice to lay it out.

    Parameters
    ----------
    figure : Figure
        Of this folder or any other.

    Returns
    -------
    bytes
        On white, with `DPI` pixels per inch.
    """
    figure.set(dpi=DPI, facecolor="white")
    canvas = Canvas(figure)
    engine = figure.get_layout_engine()
    with mpl.rc_context(_LETTERS), missing_letters_named():
        if engine is not None:
            (engine.execute_for_good if isinstance(engine, RoomAround) else engine.execute)(figure)
            figure.set_layout_engine("none")
        canvas.draw()
    image, buffer = with_palette(np.asarray(canvas.buffer_rgba())), io.BytesIO()
    image.save(buffer, format="png", compress_level=_LEVEL, dpi=(DPI, DPI))
    return buffer.getvalue()


def with_palette(pixels: np.ndarray) -> Image.Image:
    """The picture in 256 of its own colours, each other one replaced by the nearest of these.

    Parameters
    ----------
    pixels : array of uint8, height x width x 4
        RGBA, all of it opaque.

    Returns
    -------
    Image
        The palette has a colour of each of the regions in use of the colour space, so no mark loses its colour, and
        for the rest the most frequent ones, so every area that is filled keeps its exact one.
    """
    flat = np.ascontiguousarray(pixels).view(np.uint32).ravel()
    starts = np.flatnonzero(np.append(True, flat[1:] != flat[:-1]))  # sorting runs is far less than sorting pixels
    lengths = np.diff(starts, append=flat.size)
    colours, which = np.unique(flat[starts], return_inverse=True)
    rgb = colours.view(np.uint8).reshape(-1, 4)[:, :3]
    kept = _palette(rgb, np.bincount(which, weights=lengths))
    places = np.repeat(_nearest(rgb, kept)[which], lengths)
    image = Image.fromarray(places.reshape(pixels.shape[:2]))
    image.putpalette(kept.tobytes())
    return image


def _palette(rgb: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The most frequent colour of each region, coarse regions first, then finer ones, then every colour."""
    often = rgb[np.argsort(-times, kind="stable")]
    chosen: dict[int, None] = {}
    for bits in (3, 4, 8):
        region = (often >> (8 - bits)).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        first = np.unique(region, return_index=True)[1]
        chosen |= dict.fromkeys(np.sort(first).tolist())
    return often[list(chosen)[:_COLOURS]]


def _nearest(rgb: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Place in the palette of the colour nearest to each one."""
    one, other = rgb.astype(np.float32), kept.astype(np.float32)
    return ((other**2).sum(axis=1) - 2 * one @ other.T).argmin(axis=1).astype(np.uint8)
