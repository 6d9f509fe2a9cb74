"""Retention by age: a thin line for each cohort, and all cohorts together with their interval."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import count, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import first_middle_last, integer_ticks, need, number_axis, period_kind
from retention_kit.plots.drawing.style import BLUE, GREY, canvas, finish, frame, interval_band, styled
from retention_kit.plots.findings import cohorts as findings


@styled
def retention_curves(
    pooled: pd.DataFrame,
    *,
    cohorts: pd.DataFrame | None = None,
    since: str = "first purchase",
    share: str = "Share who bought",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Pooled retention curve with its interval, over the curves of the single cohorts.

    Parameters
    ----------
    pooled : DataFrame
        One row per age: `age`, `rate`, `low`, `high`.
    cohorts : DataFrame, optional
        As from `summarise.cohorts`: `cohort`, `age`, `rate`, `complete`; drawn lightly, complete cells only.
    since : str
        What ages are counted from.
    share : str
        What the vertical axis measures.
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
    >>> interval = {"low": [0.99, 0.25, 0.15], "high": [1, 0.35, 0.26]}
    >>> pooled = pd.DataFrame({"age": [0, 1, 2], "rate": [1, 0.3, 0.2], **interval})
    >>> plots.show(plots.retention_curves(pooled))
    Retention curve of all cohorts together: 30 % at age 1, 20 % at age 2.
    """
    pooled = need(pooled, "retention_curves", "age", "rate", "low", "high")
    rows = pooled[(pooled["age"] > 0) & pooled["rate"].notna()].sort_values("age")
    ax = canvas(ax, height=3.8)
    kind = "period"
    if cohorts is not None:
        table = need(cohorts, "retention_curves", "cohort", "age", "rate", "complete")
        kind = period_kind(table["cohort"])
        for i, (_, cells) in enumerate(table[(table["age"] > 0) & table["complete"]].groupby("cohort")):
            name = "single cohorts" if i == 0 else None
            (line,) = ax.plot(cells["age"], cells["rate"], color=GREY, linewidth=0.9, alpha=0.8, label=name)
            marks.describe(line, [])
    interval_band(ax, rows["age"], rows["low"], rows["high"], color=BLUE, alpha=0.22, label="95 % interval")
    (line,) = ax.plot(rows["age"], rows["rate"], color=BLUE, marker="o", label="all cohorts")
    pairs = zip(
        rows["rate"], rows["age"], marks.intervals(rows["low"], rows["high"], percent), _sizes(rows), strict=True
    )
    marks.describe(line, [marks.lines(percent(x, 1), f"{kind} {age}, all cohorts", *rest) for x, age, *rest in pairs])
    frame(ax)
    ax.set_ylim(bottom=0)
    number_axis(ax.yaxis, "rate")
    if len(rows) == 1:  # a single age would have ticks such as 0.98 around it
        ax.set_xlim(rows["age"].iloc[0] - 1, rows["age"].iloc[0] + 1)
    integer_ticks(ax.xaxis)
    ax.set_xlabel(f"{kind.capitalize()}s after the {since}")
    ax.set_ylabel(share)
    ax.legend(loc="upper right")
    return finish(
        ax,
        title=title,
        subject="Share of customers who bought again, by age",
        finding=findings.retention_curves(rows, kind),
        alt=f"Retention curve of all cohorts together: {_alternative_text(rows)}.",
    )


def _alternative_text(rows: pd.DataFrame) -> str:
    points = [f"{percent(rows['rate'].iloc[i])} at age {rows['age'].iloc[i]}" for i in first_middle_last(len(rows))]
    return ", ".join(points) or "no complete age yet"


def _sizes(rows: pd.DataFrame) -> list[str]:
    """Numbers of customers, where the table has them."""
    column = next((name for name in ("n", "size") if name in rows.columns), None)
    return [""] * len(rows) if column is None else [f"n {count(n)}" for n in rows[column]]
