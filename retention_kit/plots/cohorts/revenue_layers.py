"""Cohorts in money: revenue in layers, one cohort on top of the other, and revenue of each cohort by age."""

from __future__ import annotations

import textwrap
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from retention_kit.errors import DataError
from retention_kit.formats import compact
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import (
    integer_ticks,
    need,
    number_axis,
    period_axis,
    period_kind,
    period_name,
    span,
    value,
)
from retention_kit.plots.drawing.style import HATCH, canvas, finish, frame, sequential, styled, under
from retention_kit.plots.findings import cohorts as findings
from retention_kit.plots.findings.currency import priced
from retention_kit.summarise.common.calendar_periods import FREQUENCIES

Colour: TypeAlias = tuple[float, float, float, float]
_NAMED: Final = 6
"""Most cohorts that the legend names; of more cohorts it names this many, from the oldest to the newest."""


@styled
def revenue_layers(
    cohorts: pd.DataFrame,
    *,
    period: str | None = None,
    currency: str = "",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Layer cake: revenue per period, one layer for each cohort, the oldest at the bottom and darkest.

    Parameters
    ----------
    cohorts : DataFrame
        As from `summarise.cohorts`: `cohort`, `age`, `revenue`, `complete`. Periods that have not ended are
        hatched.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Length of the periods; by default derived from the distance of the cohorts.
    currency : str
        Written beside the axis.
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
    DataError
        When no cell has revenue.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> cohorts = pd.DataFrame({"cohort": pd.to_datetime(["1997-01-01"] * 2 + ["1997-02-01"] * 2), "age": [0, 1] * 2,
    ...                         "revenue": [500.0, 200, 400, None], "complete": [True, True, True, False]})
    >>> plots.show(plots.revenue_layers(cohorts))
    Revenue by month, January 1997 to February 1997, in layers of 2 cohorts. 1997-01: 500. 1997-02: 600, of which 400
    from the newest cohort.
    """
    table = need(cohorts, "revenue_layers", "cohort", "age", "revenue", "complete").dropna(subset=["revenue"])
    if table.empty:
        raise DataError(
            "plots.revenue_layers has no cell with revenue to draw; take a later as_of or a smaller min_size."
        )
    kind = period or period_kind(table["cohort"])
    starts = table["cohort"].dt.to_period(FREQUENCIES[kind])
    number = starts.map(lambda p: p.ordinal) + table["age"]
    x = number - number.min()
    layers = table.assign(x=x).pivot(index="x", columns="cohort", values="revenue").fillna(0.0)
    layers = layers.reindex(range(int(x.max()) + 1), fill_value=0.0)
    incomplete = set(x[~table["complete"].astype(bool)])
    first = pd.Period(ordinal=int(number.min()), freq=FREQUENCIES[kind])
    periods = pd.Series(pd.period_range(first, periods=len(layers)).to_timestamp())
    ax = canvas(ax, height=3.9)
    _stack(ax, layers, incomplete, [period_name(start, kind, long=True) for start in periods])
    frame(ax)
    period_axis(ax, periods)
    ax.set_xlim(-0.6, max(len(periods), 4) - 0.4)
    number_axis(ax.yaxis, "money")
    ax.set_ylabel(f"Revenue{f' ({currency})' if currency else ''}")
    _key(ax, layers.columns, kind, "hatched or dashed: not complete yet" if incomplete else "")
    return finish(
        ax,
        title=title,
        subject="Revenue by the cohort that brought it",
        finding=findings.revenue_layers(layers, incomplete, periods, kind),
        alt=_layer_words(layers, periods, kind),
    )


@styled
def cohort_lines(
    cohorts: pd.DataFrame,
    *,
    measure: str = "revenue_per_customer",
    unit: str = "money",
    label: str = "Revenue so far per customer of the cohort",
    period: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """One line per cohort by age, the oldest darkest; incomplete ages are dotted with a hollow point.

    Parameters
    ----------
    cohorts : DataFrame
        As from `summarise.cohorts`: `cohort`, `age`, `complete` and the measure; NaN is unobserved.
    measure : str
        Column to draw.
    unit : {"money", "rate", "count", "number"}
        How values are written.
    label : str
        What the vertical axis measures, with its unit.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Length of the periods; by default derived from the distance of the cohorts.
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
    >>> cohorts = pd.DataFrame({"cohort": pd.to_datetime(["1997-01-01"] * 3), "age": [0, 1, 2], "complete": True,
    ...                         "revenue_per_customer": [33.0, 40.0, 45.0]})
    >>> plots.show(plots.cohort_lines(cohorts))
    Lines of 1 cohorts by age, revenue so far per customer of the cohort. 1997-01: 33.00 at age 0, 45.00 at age 2.
    """
    needed = need(cohorts, "cohort_lines", "cohort", "age", "complete", measure)
    kind, names = period or period_kind(needed["cohort"]), sorted(needed["cohort"].unique())
    ax = canvas(ax, height=3.9)
    observed = needed.dropna(subset=[measure]).sort_values("age")
    cohort, age, y, final = (observed[name].to_numpy() for name in ("cohort", "age", measure, "complete"))
    for name, colour in zip(names, _shades(len(names)), strict=True):
        own = cohort == name
        texts = [
            marks.lines(value(number, unit), f"cohort {period_name(pd.Timestamp(name), kind)}, {kind} {a}")
            for a, number in zip(age[own], y[own], strict=True)
        ]
        _line(ax, age[own], y[own], final[own].astype(bool), colour, np.array(texts, dtype=object))
    frame(ax)
    ax.set(xlim=(-0.2, max(needed["age"].max(), 3) + 0.2), ylim=(min(0, ax.get_ylim()[0]), None))
    number_axis(ax.yaxis, unit)
    integer_ticks(ax.xaxis)
    ax.set_xlabel(f"{kind.capitalize()}s after the first purchase")
    ax.set_ylabel("\n".join(textwrap.wrap(label, 30)))
    _key(
        ax,
        pd.Index(names),
        kind,
        "dotted: not complete yet" if (needed[measure].notna() & ~needed["complete"].astype(bool)).any() else "",
    )
    lines = [
        f"{period_name(pd.Timestamp(name), kind)}: {_ends(observed.loc[cohort == name, ['age', measure]], unit)}."
        for name in dict.fromkeys((names[0], names[-1]))
    ]
    text = f"Lines of {len(names)} cohorts by age, {label[0].lower()}{label[1:]}."
    return finish(
        ax,
        title=title,
        subject="What a customer has brought, by age of the cohort",
        finding=findings.cohort_lines(observed, measure, kind, priced(label, unit)[1]),
        alt=" ".join([text, *lines]),
    )


def _ends(rows: pd.DataFrame, unit: str) -> str:
    ends = rows.iloc[[0, -1]].drop_duplicates("age") if len(rows) else rows
    return ", ".join(f"{value(x, unit)} at age {age}" for age, x in ends.itertuples(index=False)) or "nothing observed"


def _line(ax: Axes, age: np.ndarray, y: np.ndarray, final: np.ndarray, colour: Colour, texts: np.ndarray) -> None:
    """One cohort: solid for final values, dotted to a hollow point for later ones."""
    rest = age >= age[final].max(initial=-1)
    marker = "o" if final.sum() == 1 else ""
    (line,) = ax.plot(age[final], y[final], color=colour, linewidth=1.8, marker=marker, markersize=4)
    marks.describe(line, texts[final])
    if rest.sum() > final.any():
        (dotted,) = ax.plot(age[rest], y[rest], color=colour, linewidth=1.4, linestyle=":")
        (last,) = ax.plot(age[-1:], y[-1:], "o", color=colour, markerfacecolor="white", markersize=4)
        marks.describe(dotted, [])
        marks.describe(last, [f"{texts[-1]}\nnot complete yet"])


def _shades(n: int) -> list[Colour]:
    """Dark for the oldest to light for the newest cohort; the lightest is still visible on white."""
    return [sequential()(float(x)) for x in np.linspace(1.0, 0.38, n)]


def _stack(ax: Axes, layers: pd.DataFrame, incomplete: set[int], names: list[str]) -> None:
    """Gains upwards and losses downwards, cohort on cohort, as collections: patches take ten times as long."""
    heights = layers.to_numpy()
    up, down = heights.clip(min=0), heights.clip(max=0)
    ends = np.where(heights >= 0, up.cumsum(axis=1), down.cumsum(axis=1))
    x, cohort = np.nonzero(heights)
    corners = _corners(layers.index.to_numpy()[x], (ends - heights)[x, cohort], ends[x, cohort])
    colours, open_bars = np.array(_shades(layers.shape[1]))[cohort], np.isin(x, list(incomplete))
    for chosen, hatch in ((~open_bars, None), (open_bars, HATCH)):
        style: dict[str, Any] = {
            "facecolors": colours[chosen],
            "edgecolors": "white",
            "linewidths": 0.5,
            "hatch": hatch,
        }
        cells = zip(heights[x, cohort][chosen], x[chosen], cohort[chosen], strict=True)
        bars = ax.add_collection(PolyCollection(list(corners[chosen]), **style))
        bars.sticky_edges.y.append(0)
        cohorts = [str(start)[:7] for start in layers.columns]
        remark = "" if hatch is None else "not complete yet"
        marks.describe(
            bars, [marks.lines(value(y, "money"), f"{names[i]}, cohort {cohorts[j]}", remark) for y, i, j in cells]
        )
    ax.autoscale_view()


def _corners(x: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Corners of bars at x from start to end: an array of bars x 4 x 2."""
    left, right = x - 0.44, x + 0.44
    return np.stack([left, start, right, start, right, end, left, end], axis=1).reshape(-1, 4, 2)


def _key(ax: Axes, cohorts: pd.Index, kind: str, remark: str) -> None:
    """Legend of the shades of some cohorts, under the figure."""
    shades, n = _shades(len(cohorts)), len(cohorts)
    chosen = range(n) if n <= _NAMED else np.linspace(0, n - 1, _NAMED).round().astype(int)
    handles = [Patch(color=shades[i], label=period_name(pd.Timestamp(cohorts[i]), kind)) for i in chosen]
    title = f"Cohort{f' ({n} in all)' if n > _NAMED else ''}{f'; {remark}' if remark else ''}"
    style: dict[str, Any] = {"title_fontsize": 11, "handlelength": 1.2, "columnspacing": 1.4, "alignment": "left"}
    ax.legend(handles=handles, title=title, ncols=3, **style, **under(ax, 0.55))


def _layer_words(layers: pd.DataFrame, periods: pd.Series, kind: str) -> str:
    total, newest = layers.sum(axis=1), float(layers.to_numpy()[-1, -1])
    text = f"Revenue {span(periods)}, in layers of {layers.shape[1]} cohorts. "
    ends = [
        f"{period_name(periods.iloc[i], kind)}: {compact(total.iloc[i])}" for i in dict.fromkeys((0, len(total) - 1))
    ]
    return f"{text}{'. '.join(ends)}, of which {compact(newest)} from the newest cohort."
