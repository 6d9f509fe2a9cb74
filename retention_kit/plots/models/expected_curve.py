"""Retention that a fitted model expects, over the observed retention and beyond it."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import refuse
from retention_kit.formats import percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import first_middle_last, integer_ticks, need, number_axis
from retention_kit.plots.drawing.style import (
    BLUE,
    MUTED,
    VERMILION,
    canvas,
    error_bars,
    finish,
    frame,
    note,
    styled,
    under,
)
from retention_kit.plots.findings import models as findings

_MARKED: Final = 60
"""Most ages whose expected share says its value."""


@styled
def expected_curve(
    observed: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    label: str = "Months after the first purchase",
    share: str = "Share who bought",
    level: float = 0.9,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Observed shares as points with their intervals; the model's curve as a dashed line with its band, also beyond.

    Age 0 is left out: everybody is active by definition.

    Parameters
    ----------
    observed : DataFrame
        One row per age: `age`, `rate`, `low`, `high`, and optionally `complete` (False is drawn hollow). NaN is
        unobserved.
    expected : DataFrame
        As from `models.expected_cohorts(..., pooled=True)`: `age`, `expected`, `predicted_low`, `predicted_high`.
    label : str
        What is measured along the horizontal axis, with its unit.
    share : str
        What the vertical axis measures.
    level : float
        Level of the model's band, for the legend.
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
    >>> observed = pd.DataFrame({"age": [0, 1, 2], "rate": [1, 0.3, 0.2], "low": [1, 0.25, 0.15],
    ...                          "high": [1, 0.35, 0.26]})
    >>> expected = pd.DataFrame({"age": [0, 1, 2, 3], "expected": [1, 0.28, 0.21, 0.17],
    ...                          "predicted_low": [1, 0.23, 0.16, 0.12], "predicted_high": [1, 0.33, 0.26, 0.22]})
    >>> plots.show(plots.expected_curve(observed, expected))
    Observed shares as points, the model's as a dashed line. Age 1: observed 30 %, expected 28 %. Age 2: observed 20 %,
    expected 21 %. Beyond what was observed the model expects 17 % at age 3.
    """
    refuse(level=(level, "level"))
    seen = need(observed, "expected_curve", "age", "rate", "low", "high").sort_values("age")
    model = need(expected, "expected_curve", "age", "expected", "predicted_low", "predicted_high").sort_values("age")
    seen, model = seen[(seen["age"] > 0) & seen["rate"].notna()], model[model["age"] > 0]
    ax = canvas(ax, height=3.9)
    band = (model["predicted_low"], model["predicted_high"])
    name = f"model, {percent(level)} of observed shares"
    ax.fill_between(model["age"], *band, color=VERMILION, alpha=0.18, linewidth=0, label=name)
    (line,) = ax.plot(model["age"], model["expected"], color=VERMILION, linestyle="--", label="expected by the model")
    rows = zip(model["expected"], model["age"], *band, strict=True)
    texts = [
        marks.lines(
            percent(x, 1),
            f"expected at age {age:.0f}",
            f"{percent(level)} of observed shares {percent(a)} to {percent(b)}",
        )
        for x, age, a, b in rows
    ]
    marks.describe(line, texts if len(texts) <= _MARKED else [])
    complete = seen["complete"].astype(bool) if "complete" in seen else pd.Series(True, index=seen.index)
    _points(ax, seen[complete], "observed, 95 % interval", BLUE)
    _points(ax, seen[~complete], "observed, not complete yet", "white")
    frame(ax)
    ax.set_ylim(bottom=0)
    number_axis(ax.yaxis, "rate")
    integer_ticks(ax.xaxis)
    ax.set_xlabel(label)
    ax.set_ylabel(share)
    _end_of_data(ax, seen, model)
    ax.legend(ncols=2, columnspacing=1.4, **under(ax, 0.55))
    return finish(
        ax,
        title=title,
        subject="Observed retention and what the model expects",
        finding=findings.expected_curve(seen, model),
        alt=_alternative_text(seen, model),
    )


def _points(ax: Axes, rows: pd.DataFrame, name: str, fill: str) -> None:
    if rows.empty:
        return
    style = {"fmt": "o", "color": BLUE, "markerfacecolor": fill, "elinewidth": 1.3, "markeredgewidth": 1.6}
    ends = marks.intervals(rows["low"], rows["high"], percent)
    pairs = zip(rows["rate"], rows["age"], ends, strict=True)
    texts = [marks.lines(percent(x, 1), f"observed at age {age:.0f}", interval) for x, age, interval in pairs]
    error_bars(ax, rows["age"], rows["rate"], rows["low"], rows["high"], texts=texts, label=name, **style)


def _end_of_data(ax: Axes, seen: pd.DataFrame, model: pd.DataFrame) -> None:
    """A line where observation ends and the projection begins."""
    if seen.empty or model["age"].max() <= seen["age"].max():
        return
    end = seen["age"].max() + 0.5
    ax.axvline(end, color=MUTED, linewidth=1.2, linestyle=":")
    note(ax, "projection →", (end, 0), (5, 5), fontsize=11, color=MUTED)


def _alternative_text(seen: pd.DataFrame, model: pd.DataFrame) -> str:
    by_age = model.set_index("age")["expected"]
    text = "Observed shares as points, the model's as a dashed line."
    both = seen[seen["age"].isin(by_age.index)]
    for i in first_middle_last(len(both)):
        age = both["age"].iloc[i]
        text += f" Age {age}: observed {percent(both['rate'].iloc[i])}, expected {percent(by_age[age])}."
    if len(model) and (seen.empty or model["age"].max() > seen["age"].max()):
        last = model.iloc[-1]
        text += f" Beyond what was observed the model expects {percent(last['expected'])} at age {last['age']:.0f}."
    return text
