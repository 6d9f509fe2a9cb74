"""The style of all figures: colours, sizes, fonts; set inside each plot, never for the whole process.

Figures are drawn 7.2 inches wide and shown 720 pixels wide, on white, so that the same picture serves a page, a phone
(at half size the text is still 8 pixels high) and a printer. Colour never stands alone: series also differ in marker,
line or hatch, or carry their name.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypeVar

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from retention_kit.plots.drawing import fonts, marks

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
SKY: Final = "#56B4E9"
ORANGE: Final = "#E69F00"
TEXT: Final = "#222222"
MUTED: Final = "#595959"
GREY: Final = "#8C8C8C"
GRID: Final = "#DDDDDD"
PALE: Final = "#EEF5FA"

PALETTE: Final = (BLUE, VERMILION, GREEN, PURPLE, TEXT)
"""Colours of lines and marks (Okabe and Ito): each has at least 3:1 contrast on white. SKY and ORANGE do not: they
only fill areas that have a dark edge."""

MARKERS: Final = ("o", "s", "^", "D", "v")
LINES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
HATCH: Final = "////"
"""Hatch of values that are only partly observed."""

WIDTH: Final = 7.2
DPI: Final = 160
SHOWN_WIDTH: Final = 720

# typed as Any because the type stubs of matplotlib want a literal type for each key
RC: Final[Any] = {
    "font.family": [fonts.USUAL],
    "font.size": 12,
    "text.color": TEXT,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": TEXT,
    "axes.titlepad": 12,
    "axes.labelsize": 12,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "white",
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "figure.facecolor": "white",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.8,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "text.parse_math": False,  # a dollar sign is no markup: names of plans contain prices
    "text.usetex": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": TEXT,
    "xtick.labelsize": 11,
    "ytick.color": MUTED,
    "ytick.labelcolor": TEXT,
    "ytick.labelsize": 11,
}

Plot = TypeVar("Plot", bound=Callable[..., Axes])


def styled(plot: Plot) -> Plot:
    """Run a plot function with the settings of `RC` and restore the process's own settings afterwards.

    Text is drawn literally, in installed fonts that have its letters. The Axes remember the tables from which they were
    drawn (`tables_behind`).
    """

    @functools.wraps(plot)
    def drawn(*args: Any, **kwargs: Any) -> Axes:
        given = kwargs.get("ax")
        before, texts_before = tables_behind(given), _texts(given)
        with mpl.rc_context(RC | {"font.family": fonts.families(fonts.letters(*args, *kwargs.values()))}):
            ax = plot(*args, **kwargs)
            _as_written(_texts(given), texts_before)
        ax.retention_kit_tables = before | _tables(plot, args, kwargs)  # type: ignore[attr-defined]
        return ax

    return drawn  # type: ignore[return-value]


def _texts(ax: Axes | None) -> dict[Text, str]:
    """The texts on Axes that the caller made."""
    return {} if ax is None else {text: text.get_text() for text in ax.findobj(Text)}


def _as_written(texts: dict[Text, str], texts_before: dict[Text, str]) -> None:
    """Draw new or changed texts on the caller's Axes in the same way as on our own."""
    for text, written in texts.items():
        if texts_before.get(text) != written:
            text.set_parse_math(mpl.rcParams["text.parse_math"])
            text.set_fontfamily(mpl.rcParams["font.family"])


def tables_behind(ax: Axes | None) -> dict[str, pd.DataFrame]:
    """The tables from which Axes were drawn, by the name of the plot; none for Axes of other libraries."""
    return dict(getattr(ax, "retention_kit_tables", {}))


def _tables(plot: Callable[..., Axes], args: Any, kwargs: Any) -> dict[str, pd.DataFrame]:
    given = inspect.signature(plot).bind(*args, **kwargs).arguments
    frames = {name: _frame(value) for name, value in given.items() if isinstance(value, (pd.DataFrame, pd.Series))}
    names = [plot.__name__, *(f"{plot.__name__}_{name}" for name in list(frames)[1:])]
    return dict(zip(names, frames.values(), strict=False))


def _frame(value: pd.DataFrame | pd.Series) -> pd.DataFrame:
    return value if isinstance(value, pd.DataFrame) else pd.DataFrame([value.to_dict()])


def canvas(ax: Axes | None, *, height: float = 4.0) -> Axes:
    """The given Axes, or those of a new figure of the standard width."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return new


def figure_of(ax: Axes) -> Figure:
    """The figure that the Axes belong to."""
    figure = ax.get_figure(root=True)
    assert figure is not None, "the Axes were removed from their figure"
    return figure


def frame(ax: Axes, *, grid: Literal["x", "y"] | None = "y") -> None:
    """Light grid behind the data along one axis, no box around them."""
    ax.grid(False)
    if grid:
        ax.grid(True, axis=grid, color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    sns.despine(ax=ax, left=grid == "y", bottom=grid == "x")
    ax.tick_params(length=0)


def finish(
    ax: Axes, *, title: str | None, alt: str, subject: str | None = None, finding: str = "", width: int = 52
) -> Axes:
    """Give the Axes their title, at most three lines of `width` letters, and the alternative text that `show` reads.

    The title is the caller's own, or else what the figure finds, or else its subject: what it draws. On a page the
    subject stands below a finding.
    """
    ax.set_title("\n".join(textwrap.wrap(title or finding or subject or "", width, max_lines=3, placeholder=" …")))
    ax.set_label(alt)
    ax.retention_kit_subject = subject if finding and not title else ""  # type: ignore[attr-defined]
    return ax


def subject_of(ax: Axes) -> str:
    """What the figure of these Axes draws, if its title is a finding."""
    return str(getattr(ax, "retention_kit_subject", "") or "")


def under(ax: Axes, inches: float, *, right: bool = False) -> dict[str, Any]:
    """Position of a legend this many inches under the Axes, whatever their height."""
    shift = ScaledTranslation(0, -inches, figure_of(ax).dpi_scale_trans)
    corner, at = ("upper right", (1, 0)) if right else ("upper left", (0, 0))
    return {"loc": corner, "bbox_to_anchor": at, "bbox_transform": ax.transAxes + shift, "borderaxespad": 0}


def interval_band(ax: Axes, x: Any, low: pd.Series, high: pd.Series, *, color: str, **style: Any) -> None:
    """Area between the ends of intervals; a point without neighbours gets a line, because its area has no width."""
    ax.fill_between(x, low, high, linewidth=0, color=color, **style)
    has_interval = (low.notna() & high.notna()).to_numpy()
    alone = has_interval & ~np.append(False, has_interval[:-1]) & ~np.append(has_interval[1:], False)
    if alone.any():
        ax.vlines(np.asarray(x)[alone], low[alone], high[alone], color=color, linewidth=1.4)


def note(ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **style: Any) -> None:
    """Text at a point of the Axes, moved by an offset in points."""
    ax.annotate(text, at, offset, textcoords="offset points", **style)


def error_bars(
    ax: Axes,
    x: Any,
    value: pd.Series,
    low: pd.Series,
    high: pd.Series,
    *,
    texts: Iterable[str] = (),
    **style: Any,
) -> None:
    """Points with their intervals, and what each point says."""
    bars = ax.errorbar(x, value, yerr=[(value - low).clip(lower=0), (high - value).clip(lower=0)], **style)
    marks.describe(bars.lines[0], texts)
    for cap in bars.lines[1]:
        marks.describe(cap, [])


def series(i: int) -> dict[str, Any]:
    """Colour, marker and line style of the i-th series, which can be distinguished without colour too."""
    k = i % len(PALETTE)
    return {"color": PALETTE[k], "marker": MARKERS[k], "linestyle": LINES[k]}


@functools.cache
def sequential() -> Colormap:
    """Light to dark blue: a larger number is darker, also when printed in grey."""
    colours: Colormap = sns.blend_palette([PALE, SKY, BLUE, "#00304B"], as_cmap=True)
    return colours


def luminance(colour: Any) -> float:
    """Relative luminance of a colour, 0 black to 1 white (WCAG 2.2)."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(colour: Any, background: Any) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(colour), luminance(background)))
    return (light + 0.05) / (dark + 0.05)


@functools.cache
def text_on(colour: Any) -> str:
    """Dark or white, whichever reads better on that colour."""
    return max((TEXT, "white"), key=lambda ink: contrast(ink, colour))
