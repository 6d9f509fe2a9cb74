"""Several numbers of one kind over time, in one panel."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.errors import ConfigError
from retention_kit.plots.drawing.labels import need, number_axis, period_axis, short, span, value
from retention_kit.plots.drawing.style import (
    MUTED,
    PALETTE,
    canvas,
    finish,
    frame,
    interval_band,
    series,
    styled,
    under,
)

__all__ = ["trends"]


@styled
def trends(
    table: pd.DataFrame,
    *,
    label: str,
    unit: str = "rate",
    reference: float | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Lines of up to five numbers by period, told apart by colour, marker and line; bands where the table has them.

    Parameters
    ----------
    table : DataFrame
        Tidy: `label` (one line for each, in the order of appearance), `period` (first day), `value` (NaN leaves a
        gap), optionally `low`, `high` (interval) and `complete` (False is drawn as a hollow marker).
    label : str
        What the vertical axis measures, with its unit.
    unit : {"rate", "money", "count", "score", "days", "number"}
        How the numbers are written.
    reference : float, optional
        A level to compare with, such as 1 for retention of revenue: a dotted line.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of "<label> by period".

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Raises
    ------
    ConfigError
        When there are more than five lines.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("2024-01-01", periods=2, freq="MS")
    >>> nrr = pd.DataFrame({"label": "NRR", "period": months, "value": [1.02, 0.99]})
    >>> grr = pd.DataFrame({"label": "GRR", "period": months, "value": [0.96, 0.95]})
    >>> plots.show(plots.trends(pd.concat([nrr, grr]), label="Share of MRR"))
    Share of MRR by month, January 2024 to February 2024. NRR: from 102.0 % to 99.0 %. GRR: from 96.0 % to 95.0 %.
    """
    table = need(table, "trends", "label", "period", "value")
    names = list(dict.fromkeys(table["label"]))
    if len(names) > len(PALETTE):
        raise ConfigError(f"plots.trends draws up to {len(PALETTE)} lines; got {len(names)}. Choose some.")
    periods = sorted(table["period"].unique())
    places = {start: i for i, start in enumerate(periods)}
    ax = canvas(ax, height=3.7)
    if reference is not None:
        ax.axhline(reference, color=MUTED, linewidth=1.2, linestyle=":")
    words = []
    for i, name in enumerate(names):
        rows = table[table["label"] == name].sort_values("period")
        _line(ax, rows, [places[start] for start in rows["period"]], series(i) | {"label": short(name, 24)})
        known = [value(x, unit) for x in rows["value"].dropna().iloc[[0, -1]]] if rows["value"].notna().any() else []
        words.append(f"{name}: from {known[0]} to {known[1]}." if known else f"{name}: no value known.")
    frame(ax)
    period_axis(ax, periods)
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    ax.legend(ncols=3 if len(names) != 4 else 2, **under(ax, 0.5))
    when = span(periods)
    return finish(ax, title=title or f"{label} {when.split(',')[0]}", alt=f"{label} {when}. {' '.join(words)}")


def _line(ax: Axes, rows: pd.DataFrame, x: list[int], look: dict) -> None:
    """One line with its band, hollow where a period has not ended."""
    if {"low", "high"} <= set(rows.columns):
        interval_band(ax, x, rows["low"], rows["high"], color=look["color"], alpha=0.14)
    ax.plot(x, rows["value"], markersize=5, **look)
    if "complete" in rows.columns:
        at = [i for i, whole in enumerate(rows["complete"]) if not whole]
        hollow = look | {"linestyle": "none", "label": None, "markerfacecolor": "white", "markersize": 7}
        ax.plot([x[i] for i in at], rows["value"].iloc[at], **hollow)
