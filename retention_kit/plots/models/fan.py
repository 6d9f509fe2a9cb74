"""What happened so far, and a forecast as a fan of intervals that widen."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from retention_kit.formats import percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import day_axis, need, number_axis, rows_of, value
from retention_kit.plots.drawing.style import (
    BLUE,
    TEXT,
    VERMILION,
    canvas,
    finish,
    frame,
    styled,
    under,
)

__all__ = ["fan"]


@styled
def fan(
    history: pd.DataFrame,
    path: pd.DataFrame,
    *,
    past: pd.DataFrame | None = None,
    label: str = "Purchases in 30 days",
    unit: str = "count",
    ax: Axes | None = None,
    title: str = "What happened, and what is expected",
) -> Axes:
    """Totals of past steps, then the forecast of the coming ones with its intervals, the most likely part darkest.

    Parameters
    ----------
    history : DataFrame
        One row per step that is over: `end` (its last day), `value` (NaN leaves a gap).
    path : DataFrame
        One row per coming step and level: `end`, `expected`, `level` (such as 0.5, 0.8 and 0.9), `low`,
        `high`.
    past : DataFrame, optional
        Past forecasts, a line for each origin: `origin` (last day that it knew), `end`, `expected`. A line begins at
        what had happened by its origin, if a step ended there.
    label : str
        What the vertical axis measures, with its currency if it is money.
    unit : {"count", "money", "number"}
        How the numbers are written.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> history = pd.DataFrame({"end": pd.to_datetime(["1998-04-30", "1998-05-30"]), "value": [120, 110]})
    >>> path = pd.DataFrame({"end": pd.to_datetime(["1998-06-29"] * 2), "expected": 105.0, "level": [0.5, 0.9],
    ...                      "low": [97.0, 86], "high": [114.0, 128]})
    >>> plots.show(plots.fan(history, path))
    Purchases in 30 days until 1998-05-30: from 120 to 110, lowest 110, highest 120. Expected, with 90 % interval:
    1998-06-29: 105 (86 to 128).
    """
    seen = need(history, "fan", "end", "value").sort_values("end")
    ahead = need(path, "fan", "end", "expected", "level", "low", "high").sort_values(["level", "end"])
    lines = need(past, "fan", "origin", "end", "expected").sort_values("end") if past is not None else None
    steps = ahead.drop_duplicates("end")
    ax = canvas(ax, height=4.2)
    days = pd.concat([seen["end"], steps["end"], *([] if lines is None else [lines["origin"], lines["end"]])])
    at = dict(zip(days, day_axis(ax, days), strict=True))
    start = seen.dropna(subset=["value"]).tail(1)
    _bands(ax, start, ahead, at)
    if lines is not None:
        _past_forecasts(ax, lines, seen, at)
    ax.plot(seen["end"].map(at), seen["value"], color=TEXT, marker="o", markersize=4.5, label="what happened")
    x, expected = _joined(start, steps["end"], steps["expected"], at)
    (line,) = ax.plot(x, expected, color=BLUE, linestyle="--", marker="s", markersize=4.5, label="forecast")
    widest = ahead[ahead["level"] == ahead["level"].max()]
    name = f"{percent(ahead['level'].max())} interval"
    texts = [
        marks.lines(
            value(row.expected, unit),
            f"forecast, {row.end.date()}",
            f"{name} {value(row.low, unit)} to {value(row.high, unit)}",
        )
        for row in rows_of(widest)
    ]
    marks.describe(line, [*[""] * len(start), *texts])
    frame(ax)
    ax.set_ylim(bottom=min(0.0, float(ahead["low"].min()), float(seen["value"].min())))
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    ax.set_xlabel("Last day of each step")
    handles, names = ax.get_legend_handles_labels()
    order = sorted(range(len(names)), key=lambda i: names[i].endswith("interval"))
    ax.legend(
        [handles[i] for i in order],
        [names[i] for i in order],
        ncols=3,
        columnspacing=1.2,
        handletextpad=0.5,
        **under(ax, 0.85),
    )
    return finish(ax, title=title, alt=_alternative_text(seen, ahead, label, unit))


def _bands(ax: Axes, start: pd.DataFrame, ahead: pd.DataFrame, at: dict[pd.Timestamp, float]) -> None:
    """One area per level, the widest first and lightest, each with an edge."""
    levels = sorted(ahead["level"].unique(), reverse=True)
    shades = sns.light_palette(BLUE, n_colors=len(levels) + 3)[1:]
    for level, shade in zip(levels, shades, strict=False):
        band = ahead[ahead["level"] == level]
        x, low = _joined(start, band["end"], band["low"], at)
        _, high = _joined(start, band["end"], band["high"], at)
        ax.fill_between(
            x, low, high, facecolor=shade, edgecolor=BLUE, linewidth=0.7, label=f"{percent(level)} interval"
        )


def _joined(
    start: pd.DataFrame, ends: pd.Series, values: pd.Series, at: dict[pd.Timestamp, float]
) -> tuple[list[float], list[float]]:
    """Positions and values of the forecast, which begins at the last step that is over."""
    return [at[day] for day in (*start["end"], *ends)], [*start["value"], *values]


def _past_forecasts(ax: Axes, lines: pd.DataFrame, seen: pd.DataFrame, at: dict[pd.Timestamp, float]) -> None:
    """A thin line for each past origin, from what had happened by then."""
    happened = seen.set_index("end")["value"]
    label: str | None = "past forecasts"
    for _, line in lines.groupby("origin", sort=True):
        known = [(at[day], happened[day]) for day in line["origin"].head(1) if day in happened.index]
        x, y = zip(*known, *zip(line["end"].map(at), line["expected"], strict=True), strict=True)
        ax.plot(x, y, color=VERMILION, linewidth=1.1, linestyle="-.", marker=".", label=label)
        label = None


def _alternative_text(seen: pd.DataFrame, ahead: pd.DataFrame, label: str, unit: str) -> str:
    known = seen.dropna(subset=["value"])
    text = f"{label}: nothing known so far."
    if len(known):
        first, last, low, high = (
            value(x, unit)
            for x in (known["value"].iloc[0], known["value"].iloc[-1], known["value"].min(), known["value"].max())
        )
        text = f"{label} until {known['end'].iloc[-1].date()}: from {first} to {last}, lowest {low}, highest {high}."
    widest = ahead[ahead["level"] == ahead["level"].max()]
    expected = "; ".join(
        f"{row.end.date()}: {value(row.expected, unit)} ({value(row.low, unit)} to {value(row.high, unit)})"
        for row in rows_of(widest)
    )
    return f"{text} Expected, with {percent(ahead['level'].max())} interval: {expected}."
