"""One number over time, several numbers in one panel, and many as small lines."""

from __future__ import annotations

import functools
import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention_kit.errors import ConfigError
from retention_kit.formats import count
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import (
    need,
    number_axis,
    period_axis,
    period_kind,
    period_name,
    short,
    span,
    value,
)
from retention_kit.plots.drawing.style import (
    BLUE,
    MUTED,
    PALETTE,
    TEXT,
    canvas,
    finish,
    frame,
    interval_band,
    series,
    styled,
    under,
)
from retention_kit.plots.findings import periods as findings

_NAME: Final = 24
"""Most letters of a line of a name beside its small line."""


@styled
def trend(
    table: pd.DataFrame, *, label: str, unit: str = "number", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Line of one number by period, with its interval as a band if the table has one.

    Parameters
    ----------
    table : DataFrame
        One row per period: `period` (first day), `value` (NaN leaves a gap), optionally `low`, `high` (interval) and
        `complete` (False is drawn as an open marker).
    label : str
        Name of the number, with its currency if it is money.
    unit : {"rate", "money", "count", "score", "days", "number"}
        How the number is written.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("1998-01-01", periods=3, freq="MS")
    >>> churn = pd.DataFrame({"period": months, "value": [0.05, 0.04, 0.03]})
    >>> ax = plots.trend(churn, label="Churn rate", unit="rate")
    >>> ax.get_title(loc="left")
    'Churn rate by month'
    """
    table = need(table, "trend", "period", "value").sort_values("period")
    ax = canvas(ax, height=3.4)
    style = {"color": BLUE, "marker": "o", "markersize": 6}
    hollow = {"markeredgewidth": 2, "label": "not complete yet"}
    texts = _texts(table, unit, label)
    if _line(ax, table, list(range(len(table))), style, hollow, texts=texts, alpha=0.18, label="95 % interval"):
        ax.legend(loc="best", labelcolor=TEXT)
    frame(ax)
    period_axis(ax, table["period"])
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    when = span(table["period"])
    return finish(
        ax,
        title=title,
        subject=f"{label} {when.split(',')[0]}",
        finding=findings.trend(table, label, unit),
        alt=_alternative_text(table["value"], label, unit, when),
    )


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
    """Lines of up to five numbers by period, distinguished by colour, marker and line, with bands if the table has
    them.

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
        Title in place of the finding.

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
    positions = {start: i for i, start in enumerate(periods)}
    ax = canvas(ax, height=3.7)
    if reference is not None:
        ax.axhline(reference, color=MUTED, linewidth=1.2, linestyle=":")
    descriptions = []
    for i, name in enumerate(names):
        rows = table[table["label"] == name].sort_values("period")
        style = series(i) | {"label": short(name, 24), "markersize": 5}
        _line(
            ax,
            rows,
            [positions[start] for start in rows["period"]],
            style,
            {"label": None, "markersize": 7},
            texts=_texts(rows, unit, str(name)),
            alpha=0.14,
        )
        ends = [value(x, unit) for x in rows["value"].dropna().iloc[[0, -1]]] if rows["value"].notna().any() else []
        descriptions.append(f"{name}: from {ends[0]} to {ends[1]}." if ends else f"{name}: no value known.")
    frame(ax)
    period_axis(ax, periods)
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    ax.legend(ncols=3 if len(names) != 4 else 2, **under(ax, 0.5))
    when = span(periods)
    return finish(
        ax,
        title=title,
        subject=f"{label} {when.split(',')[0]}",
        finding=findings.trends(table, label, unit),
        alt=f"{label} {when}. {' '.join(descriptions)}",
    )


@styled
def sparklines(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None, last: str = "latest") -> Axes:
    """Several numbers over time as small lines under each other, each on its own scale, the latest value written out.

    Parameters
    ----------
    table : DataFrame
        Tidy: `label`, `unit`, `period` (first day), `value`; one small line per label, in the order of appearance.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title of the figure.
    last : str, optional
        Heading of the written values.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("1998-01-01", periods=3, freq="MS")
    >>> churn = pd.DataFrame({"label": "Churn rate", "unit": "rate", "period": months, "value": [0.05, 0.04, 0.03]})
    >>> plots.show(plots.sparklines(churn))
    Small lines by month, January 1998 to March 1998. Churn rate: from 5.0 % to 3.0 %, lowest 3.0 %, highest 5.0 %.
    """
    table = need(table, "sparklines", "label", "unit", "period", "value")
    labels = list(dict.fromkeys(table["label"]))
    ax = canvas(ax, height=0.9 + 0.5 * len(labels))
    descriptions = [f"Small lines {span(table['period'])}."]
    ax.set(xlim=(0, 1), ylim=(len(labels), -0.6))
    ax.axis("off")
    ax.text(1, -0.35, last, ha="right", va="center", color=MUTED, fontsize=11)
    for i, label in enumerate(labels):
        rows = table[table["label"] == label].sort_values("period")
        unit = rows["unit"].iloc[0]
        marks.describe(_small_line(ax, i, rows["value"]), _texts(rows, unit, label))
        ax.text(0, i + 0.5, _in_two_lines(label), ha="left", va="center", fontsize=12)
        ax.text(
            1, i + 0.5, value(rows["value"].iloc[-1], unit), ha="right", va="center", fontsize=12, fontweight="bold"
        )
        descriptions.append(_alternative_text(rows["value"], label, unit, None))
    return finish(
        ax, title=title, subject="How the numbers moved", finding=findings.sparklines(table), alt=" ".join(descriptions)
    )


def _in_two_lines(label: str) -> str:
    """A name in at most two lines that end before the line of its row, also on a phone."""
    return "\n".join(textwrap.wrap(short(label, 2 * _NAME), _NAME, max_lines=2, placeholder=" …"))


def _small_line(ax: Axes, row: int, values: pd.Series) -> Line2D:
    """The line of a row, scaled to its own range, its last point marked.

    Separate Axes for each line would take ten times as long to draw.
    """
    y = values.to_numpy(dtype="float64")
    low, high = np.nanmin(y, initial=np.inf), np.nanmax(y, initial=-np.inf)
    height = (y - low) / (high - low) if high > low else y - low + 0.5
    x = np.linspace(0.568, 0.822, len(y)) if len(y) > 1 else [0.695]
    (line,) = ax.plot(x, row + 0.77 - 0.54 * height, color=BLUE, linewidth=2, marker="o", markevery=[len(y) - 1])
    return line


def _texts(rows: pd.DataFrame, unit: str, label: str) -> list[str]:
    """What each point of a line says: its value, whose it is, its period, its interval and number of customers."""
    kind, nothing = period_kind(rows["period"]), [""] * len(rows)
    known = {"low", "high"} <= set(rows.columns)
    intervals = marks.intervals(rows["low"], rows["high"], functools.partial(value, unit=unit)) if known else nothing
    sizes = [f"n {count(n)}" for n in rows["n"].fillna(0)] if "n" in rows.columns else nothing
    return [
        marks.lines(
            "not known" if pd.isna(x) else value(x, unit), label, period_name(start, kind, long=True), interval, n
        )
        for x, start, interval, n in zip(rows["value"], rows["period"], intervals, sizes, strict=True)
    ]


def _line(
    ax: Axes,
    rows: pd.DataFrame,
    x: list[int],
    style: dict[str, Any],
    hollow: dict[str, Any],
    *,
    texts: list[str],
    **band: Any,
) -> bool:
    """A line with its interval, and hollow markers for incomplete periods; returns whether there are any."""
    if {"low", "high"} <= set(rows.columns):
        interval_band(ax, x, rows["low"], rows["high"], color=style["color"], **band)
    (line,) = ax.plot(x, rows["value"], **style)
    marks.describe(line, texts)
    if "complete" not in rows.columns or rows["complete"].all():
        return False
    at = [i for i, complete in enumerate(rows["complete"]) if not complete]
    style = style | {"linestyle": "none", "markerfacecolor": "white"} | hollow
    (points,) = ax.plot([x[i] for i in at], rows["value"].iloc[at], **style)
    marks.describe(points, [f"{texts[i]}\nnot complete yet" for i in at])
    return True


def _alternative_text(values: pd.Series, label: str, unit: str, when: str | None) -> str:
    observed = values.dropna()
    head = f"{label} {when}:" if when else f"{label}:"
    if observed.empty:
        return f"{head} no value known."
    first, last, low, high = (
        value(x, unit) for x in (observed.iloc[0], observed.iloc[-1], observed.min(), observed.max())
    )
    return f"{head} from {first} to {last}, lowest {low}, highest {high}."
