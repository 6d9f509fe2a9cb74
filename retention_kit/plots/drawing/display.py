"""Show a figure once, as a picture with alternative text."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from retention_kit import figure_markup
from retention_kit.errors import ConfigError
from retention_kit.plots.drawing import vector
from retention_kit.plots.drawing.in_language import put_in_language
from retention_kit.plots.drawing.png import png
from retention_kit.plots.drawing.style import SHOWN_WIDTH, figure_of, tables_behind
from retention_kit.wording import in_words

_DRAWN_AS: Final = {"vectors": False}


def draw_vectors() -> None:
    """From now on draw the figures of the package as SVG for a page. The report's kernels call it; other notebooks
    show PNG, which every viewer can."""
    _DRAWN_AS["vectors"] = True


class Picture:
    """A finished PNG or SVG with its alternative text and the tables from which it was drawn.

    Outside a notebook only the text is shown.
    """

    def __init__(
        self,
        png: bytes,
        alt: str,
        width: int = SHOWN_WIDTH,
        tables: Sequence[tuple[str, pd.DataFrame]] = (),
        *,
        svg: str = "",
    ) -> None:
        self.png = png
        self.alt = alt
        self.width = width
        self.tables = tuple(tables)
        self.svg = svg

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ARG002
        if self.svg:
            return {"image/svg+xml": self.svg, "text/plain": self.alt}, {}
        data = {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, "width": self.width}}


def show(plot: Axes | Figure, *, alt: str | None = None, tables: Mapping[str, pd.DataFrame] | None = None) -> None:
    """Display a figure as PNG with alternative text, and close it.

    Parameters
    ----------
    plot : Axes or Figure
        Result of a function of this package, or any other figure.
    alt : str, optional
        Description for readers who do not see the figure. The functions of this package write one from their table; any
        other figure needs one here.
    tables : mapping, optional
        Further tables behind the figure by their ids; a report stores them beside the one that was drawn.

    Raises
    ------
    ConfigError
        If there is no alternative text.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("1998-01-01", periods=3, freq="MS")
    >>> churn = pd.DataFrame({"period": months, "value": [0.05, 0.04, 0.03]})
    >>> plots.show(plots.trend(churn, label="Churn rate", unit="rate"))
    Churn rate by month, January 1998 to March 1998: from 5.0 % to 3.0 %, lowest 3.0 %, highest 5.0 %.
    """
    display(picture(plot, alt=alt, tables=tables))  # type: ignore[no-untyped-call]


def picture(
    plot: Axes | Figure, *, alt: str | None = None, tables: Mapping[str, pd.DataFrame] | None = None
) -> Picture:
    """The figure as a finished picture, not yet displayed; the figure is closed."""
    figure = plot if isinstance(plot, Figure) else figure_of(plot)
    text = " ".join((_own_text(plot) if alt is None else alt).split())
    if not text:
        raise ConfigError("A figure needs alternative text and has none of its own: pass alt='what the figure says'.")
    behind = [*(pair for ax in figure.axes for pair in tables_behind(ax).items()), *(tables or {}).items()]
    put_in_language(figure)
    text = in_words(text)
    markup = vector.drawing(figure, text) if _DRAWN_AS["vectors"] else ""
    svg = figure_markup.standalone(markup) if markup else ""
    drawn = Picture(b"" if svg else png(figure), text, tables=behind, svg=svg)
    plt.close(figure)
    return drawn


def _own_text(plot: Axes | Figure) -> str:
    axes = plot.axes if isinstance(plot, Figure) else [plot]
    return " ".join(str(ax.get_label()) for ax in axes if not str(ax.get_label()).startswith("<"))
