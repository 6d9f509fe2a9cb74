"""Plain bars: numbers of rows over time, and the distribution of amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import compact, count
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, period_axis, period_kind, period_name, rows_of, span
from retention_kit.plots.drawing.style import BLUE, GREY, HATCH, SKY, TEXT, canvas, finish, frame, styled, under
from retention_kit.plots.findings import periods as findings


@styled
def coverage(periods: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Bars of rows per period; a period with fewer days of data than it has days is hatched.

    Parameters
    ----------
    periods : DataFrame
        As from `load.quality.coverage`: `period`, `rows`, `days`, `days_in_period`.
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
    >>> months = pd.date_range("1998-01-01", periods=2, freq="MS")
    >>> table = pd.DataFrame({"period": months, "rows": [90, 40], "days": [31, 12], "days_in_period": [31, 28]})
    >>> plots.show(plots.coverage(table))
    Bars of rows by month, January 1998 to February 1998: from 40 to 90; 1 with days without data.
    """
    table = need(periods, "coverage", "period", "rows", "days", "days_in_period").sort_values("period")
    ax = canvas(ax, height=3.2)
    kind = period_kind(table["period"])
    gaps = (table["days"] < table["days_in_period"]).to_numpy()
    complete: dict[str, Any] = {"color": BLUE, "label": "data on every day"}
    partial: dict[str, Any] = {"color": "white", "edgecolor": GREY, "hatch": HATCH, "label": "days without data"}
    for chosen, style in ((~gaps, complete), (gaps, partial)):
        if chosen.any():
            bars = ax.bar(np.flatnonzero(chosen), table["rows"].to_numpy()[chosen], width=0.75, **style)
            marks.describe_bars(bars, [_row_words(row, kind) for row in rows_of(table[chosen])])
    frame(ax)
    period_axis(ax, table["period"])
    number_axis(ax.yaxis, "count")
    ax.set_ylabel("Rows")
    ax.legend(ncols=2, labelcolor=TEXT, **under(ax, 0.5))
    low, high = count(table["rows"].min()), count(table["rows"].max())
    alt = f"Bars of rows {span(table['period'])}: from {low} to {high}; {gaps.sum()} with days without data."
    return finish(ax, title=title, subject="Rows by month", finding=findings.coverage(table), alt=alt)


def _row_words(row: Any, kind: str) -> str:
    days = f"data on {row.days} of {row.days_in_period} days"
    return marks.lines(f"{count(row.rows)} rows", period_name(row.period, kind, long=True), days)


@styled
def histogram(bins: pd.DataFrame, *, label: str = "Amount", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Histogram from counted bins.

    Parameters
    ----------
    bins : DataFrame
        As from `load.quality.histogram`: `lower`, `upper` (NaN in the last bin, which is open), `rows`.
    label : str
        Label of the horizontal axis, with its unit.
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
    >>> plots.show(plots.histogram(pd.DataFrame({"lower": [0, 10], "upper": [10, 20], "rows": [30, 70]})))
    Histogram of amount from 0 to 20: most rows, 70, between 10 and 20.
    """
    table = need(bins, "histogram", "lower", "upper", "rows")
    ax = canvas(ax, height=3.2)
    widths = (table["upper"] - table["lower"]).ffill()
    bars = ax.bar(
        table["lower"], table["rows"], width=widths, align="edge", color=BLUE, edgecolor="white", linewidth=0.6
    )
    marks.describe_bars(bars, [_bin_words(row, label) for row in rows_of(table)])
    frame(ax)
    last = table.iloc[-1]
    beyond = int(last["rows"]) if pd.isna(last["upper"]) else 0
    if beyond:
        bars[-1].set(facecolor=SKY, edgecolor=TEXT, label=f"{compact(last['lower'])} and more")
        ax.legend(loc="upper right")
    number_axis(ax.xaxis, "number")
    number_axis(ax.yaxis, "count")
    ax.set_xlabel(label)
    ax.set_ylabel("Rows")
    top = table.nlargest(1, "rows").iloc[0]
    ends = f"{compact(table['lower'].min())} to {compact(table['upper'].max())}"
    upper = "more" if pd.isna(top["upper"]) else compact(top["upper"])
    most = f"most rows, {count(top['rows'])}, between {compact(top['lower'])} and {upper}"
    rest = f"; {count(beyond)} above" if beyond else ""
    return finish(
        ax,
        title=title,
        subject="Amounts of orders",
        finding=findings.histogram(table),
        alt=f"Histogram of {label[:1].lower()}{label[1:]} from {ends}: {most}{rest}.",
    )


def _bin_words(row: Any, label: str) -> str:
    upper = "and more" if pd.isna(row.upper) else f"to {compact(row.upper)}"
    return marks.lines(f"{count(row.rows)} rows", f"{label}: {compact(row.lower)} {upper}")
