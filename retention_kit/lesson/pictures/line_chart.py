"""Curves over a number: observed values as points, computed values as lines."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import refuse
from retention_kit.plots.drawing.labels import integer_ticks, need, number_axis, value
from retention_kit.plots.drawing.style import BLUE, canvas, finish, frame, series, styled

_MANY = 25
"""Most rows for which lines have markers."""


@styled
def lines(
    table: pd.DataFrame,
    *,
    x: str,
    y: Sequence[str],
    points: Sequence[str] = (),
    band: tuple[str, str] | None = None,
    unit: str = "number",
    x_label: str = "",
    y_label: str = "",
    from_zero: bool = True,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """One or several columns over another.

    Parameters
    ----------
    table : DataFrame
        One row per point on the horizontal axis.
    x : str
        Column along the horizontal axis.
    y : sequence of str
        Columns to draw; the legend has their names.
    points : sequence of str
        Columns of `y` with observed values, drawn as points without a line.
    band : tuple of two str, optional
        Columns between which the area is shaded.
    unit : {"rate", "money", "count", "score", "days", "number"}
        How the vertical axis is written.
    x_label, y_label : str
        What the axes measure, with units; by default the names of the columns.
    from_zero : bool
        Whether the vertical axis begins at 0.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure; by default what the axes measure.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import lesson, plots
    >>> table = pd.DataFrame({"year": [0, 1, 2], "actual": [1, 0.9, 0.83], "model": [1, 0.9, 0.81]})
    >>> look = {"unit": "rate", "y_label": "Subscribers left", "title": "Survival"}
    >>> plots.show(lesson.lines(table, x="year", y=["actual", "model"], points=["actual"], **look))
    Survival. Subscribers left by year, from 0 to 2: actual from 100.0 % to 83.0 %; model from 100.0 % to 81.0 %.
    """
    refuse(points=(points, "column"), from_zero=(from_zero, "flag"))
    table = need(table, "lines", x, *y, *(band or ())).sort_values(x)
    ax = canvas(ax, height=3.6)
    if band:
        ax.fill_between(table[x], table[band[0]], table[band[1]], color=BLUE, alpha=0.18, linewidth=0)
    for i, name in enumerate(y):
        style = series(i) | ({"linestyle": "none", "zorder": 3} if name in points else {})
        if len(table) > _MANY and name not in points:
            style |= {"marker": ""}
        ax.plot(table[x], table[name], label=name.replace("_", " "), **style)
    frame(ax)
    if from_zero:
        ax.set_ylim(bottom=0)
    number_axis(ax.yaxis, unit)
    if pd.api.types.is_integer_dtype(table[x]):
        integer_ticks(ax.xaxis)
    across, up = x_label or _plain(x), y_label or _plain(y[0])
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    if len(y) > 1:
        ax.legend(loc="best")
    what = f"{up} by {across.lower()}"
    span = f"{what}, from {table[x].iloc[0]:g} to {table[x].iloc[-1]:g}"
    alt = f"{title + '. ' if title else ''}{span}: {'; '.join(_ends(table[name], unit) for name in y)}."
    return finish(ax, title=title or what, alt=alt)


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _ends(column: pd.Series, unit: str) -> str:
    seen = column.dropna()
    return f"{str(column.name).replace('_', ' ')} from {value(seen.iloc[0], unit)} to {value(seen.iloc[-1], unit)}"
