"""Past forecasts of a total with their intervals, beside what happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.formats import counted, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import day_axis, need, number_axis, rows_of, value
from retention_kit.plots.drawing.style import BLUE, TEXT, VERMILION, canvas, error_bars, finish, frame, styled, under

__all__ = ["track_record"]


@styled
def track_record(
    table: pd.DataFrame,
    *,
    horizon: int | None = None,
    forecast: str | None = None,
    label: str = "Purchases",
    unit: str = "count",
    level: float = 0.9,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Past forecasts with their intervals beside what happened; a cross where it lay outside.

    Parameters
    ----------
    table : DataFrame
        As from `models.track_record(…).table`: `horizon` (days), `origin`, `end` (last day of the forecast), `forecast`
        (whose it is), `expected`, `low`, `high`, `actual`, `inside`.
    horizon : int, optional
        Of the forecasts to draw; the first of the table by default.
    forecast : str, optional
        Whose forecasts to draw; those of the table's first row by default, which is the combination.
    label : str
        What was forecast, with its currency if it is money.
    unit : {"count", "money", "number"}
        How the numbers are written.
    level : float
        Of the intervals, for the legend.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of how many forecasts held.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Raises
    ------
    DataError
        If the table has no such forecast.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> ends = pd.to_datetime(["1998-01-30", "1998-03-01"])
    >>> table = pd.DataFrame({"horizon": 30, "origin": ends - pd.Timedelta(days=30), "end": ends,
    ...                       "forecast": "combination", "expected": [90.0, 100], "low": [60.0, 70],
    ...                       "high": [130.0, 140], "actual": [100, 150], "inside": [True, False]})
    >>> plots.show(plots.track_record(table))
    Purchases in 30 days, forecasts that ended from 1998-01-30 to 1998-03-01: 1 of 2 forecasts lay within their 90 %
    interval. The last one: 100 expected (70 to 140), 150 happened. Outside lay 1998-03-01: 100 expected (70 to 140),
    150 happened.
    """
    refuse(level=(level, "level"), horizon=(horizon, "size?"))
    columns = ("horizon", "origin", "end", "forecast", "expected", "low", "high", "actual", "inside")
    table = need(table, "track_record", *columns)
    days = int(table["horizon"].iloc[0]) if horizon is None else horizon
    whose = table["forecast"].iloc[0] if forecast is None else forecast
    past = table[(table["horizon"] == days) & (table["forecast"] == whose)].sort_values("end")
    if past.empty:
        names = ", ".join(dict.fromkeys(table["forecast"]))
        horizons = ", ".join(map(str, dict.fromkeys(table["horizon"])))
        raise DataError(
            f"plots.track_record has no forecast of {whose!r} for {counted(days, 'day')}; the table has {names} "
            f"for {horizons} days."
        )
    inside = past["inside"].to_numpy(dtype=bool)
    ax = canvas(ax, height=4.0)
    x = day_axis(ax, past["end"])
    _forecasts(ax, x, past, f"forecast, {percent(level)} interval", unit)
    ax.plot(x, past["actual"], color=TEXT, linewidth=1.2, linestyle=":")
    ax.plot(x[inside], past["actual"][inside], "D", color=TEXT, label="what happened", markersize=6)
    if not inside.all():
        style: dict[str, Any] = {"color": VERMILION, "markersize": 11, "markeredgecolor": "white"}
        ax.plot(x[~inside], past["actual"][~inside], "X", label="what happened, outside", **style)
    frame(ax)
    ax.set_ylim(bottom=0)
    number_axis(ax.yaxis, unit)
    ax.set_xlabel("Last day of the forecast")
    ax.set_ylabel(f"{label} in {counted(days, 'day')}")
    handles, labels = ax.get_legend_handles_labels()
    order = [len(labels) - 1, *range(len(labels) - 1)]  # the bars first, which matplotlib names last
    look: dict[str, Any] = {"columnspacing": 1.2, "handletextpad": 0.5} | under(ax, 0.85)
    ax.legend([handles[i] for i in order], [labels[i] for i in order], ncols=3, **look)
    held = _held(inside, percent(level))
    head = f"{label} in {counted(days, 'day')}, forecasts that ended from {_day(past['end'].iloc[0])}"
    alt = f"{head} to {_day(past['end'].iloc[-1])}: {held}. {_alternative_text(past, inside, unit)}"
    return finish(ax, title=title or f"{held[:1].upper()}{held[1:]}", alt=alt)


def _forecasts(ax: Axes, x: np.ndarray, past: pd.DataFrame, name: str, unit: str) -> None:
    """What was expected, with its interval."""
    style = {"fmt": "_", "color": BLUE, "markersize": 17, "markeredgewidth": 2.2, "elinewidth": 2.2, "capsize": 4}
    texts = [
        marks.lines(
            value(row.expected, unit),
            f"forecast for {_day(row.end)}",
            f"{value(row.low, unit)} to {value(row.high, unit)}",
        )
        for row in rows_of(past)
    ]
    error_bars(ax, x, past["expected"], past["low"], past["high"], texts=texts, label=name, capthick=2.2, **style)


def _held(inside: np.ndarray, level: str) -> str:
    """How many lay within their interval."""
    n, held = len(inside), int(inside.sum())
    if n == 1:
        return f"the only forecast that is over {'lay' if held else 'did not lie'} within its {level} interval"
    if held == n:
        return f"all {n} forecasts lay within their {level} interval"
    if not held:
        return f"none of {n} forecasts lay within its {level} interval"
    return f"{held} of {n} forecasts lay within their {level} interval"


def _alternative_text(past: pd.DataFrame, inside: np.ndarray, unit: str) -> str:
    lines = [
        f"{value(row.expected, unit)} expected ({value(row.low, unit)} to {value(row.high, unit)}), "
        f"{value(row.actual, unit)} happened"
        for row in rows_of(past)
    ]
    outside = [f"{_day(end)}: {line}" for end, line, held in zip(past["end"], lines, inside, strict=True) if not held]
    text = f"The last one: {lines[-1]}."
    return f"{text} Outside lay {'; '.join(outside)}." if outside else text


def _day(moment: pd.Timestamp) -> str:
    return moment.date().isoformat()
