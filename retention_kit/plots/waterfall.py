"""How a start becomes an end: bars that add up."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_kit.plots.labels import need, number_axis, period_kind, period_name, signed, value
from retention_kit.plots.style import BLUE, GREEN, GREY, VERMILION, canvas, finish, frame, styled

__all__ = ["customer_movements", "waterfall"]


@styled
def waterfall(
    steps: pd.DataFrame,
    *,
    unit: str = "count",
    label: str = "",
    ax: Axes | None = None,
    title: str = "From start to end",
) -> Axes:
    """Waterfall of a start, its changes and the end.

    Parameters
    ----------
    steps : DataFrame
        In order: `label`, `value`, `total` (True: a level such as start and end; False: a change that is added).
    unit : {"count", "money", "rate", "number"}
        How the values are written.
    label : str
        What the vertical axis measures, with its unit.
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
    >>> steps = pd.DataFrame({"label": ["Start", "Lost", "Won", "End"], "value": [100, -10, 15, 105],
    ...                       "total": [True, False, False, True]})
    >>> plots.show(plots.waterfall(steps, title="Customers in May"))
    Customers in May. Start 100, Lost −10, Won +15, End 105.
    """
    steps = need(steps, "waterfall", "label", "value", "total")
    ax = canvas(ax, height=3.8)
    level, words = 0.0, []
    ends = []
    for i, step in enumerate(steps.itertuples()):
        low = 0.0 if step.total else level
        level = float(step.value) if step.total else level + float(step.value)
        colour, hatch = _look(step.total, step.value)
        ax.bar(i, level - low, bottom=low, width=0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        text = value(step.value, unit, exact=unit != "rate")
        text = text if step.total else signed(text)
        ax.annotate(
            text, (i, max(low, level)), (0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=11
        )
        ends.append(level)
        words.append(f"{step.label} {text}")
    for i, end in enumerate(ends[:-1]):
        ax.plot([i + 0.31, i + 0.69], [end, end], color=GREY, linewidth=1)
    frame(ax)
    ax.set_xticks(range(len(steps)), [str(s) for s in steps["label"]])
    tops = [*ends, 0.0]
    ax.set_ylim(1.14 * min(tops), 1.14 * max(tops) or 1.0)
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    _key(ax, steps)
    return finish(ax, title=title, alt=f"{title}. {', '.join(words)}.")


def customer_movements(period: pd.Series, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Waterfall of one period's customers: start, lost, new, returned, end.

    Parameters
    ----------
    period : Series
        One row of `summarise.periods`: `period`, `start`, `lost`, `new`, `returned`, `end`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of "Active customers in <period>".

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> moves = {"start": 100, "lost": 10, "new": 5, "returned": 3, "end": 98}
    >>> plots.show(plots.customer_movements(pd.Series({"period": pd.Timestamp("1998-05-01"), **moves})))
    Active customers in May 1998. Start 100, Lost −10, New +5, Returned +3, End 98.
    """
    row = need(period.to_frame().T, "customer_movements", "period", "start", "lost", "new", "returned", "end").iloc[0]
    values = [row["start"], -row["lost"], row["new"], row["returned"], row["end"]]
    steps = pd.DataFrame({"label": ["Start", "Lost", "New", "Returned", "End"], "value": values})
    steps["total"] = [True, False, False, False, True]
    name = period_name(row["period"], period_kind([row["period"]]), long=True)
    title = title or f"Active customers in {name}"
    return waterfall(steps, unit="count", label="Customers", ax=ax, title=title)


def _look(total: bool, change: float) -> tuple[str, str | None]:
    """Levels are blue, gains green, losses orange with a hatch."""
    if total:
        return BLUE, None
    return (GREEN, None) if change >= 0 else (VERMILION, "////")


def _key(ax: Axes, steps: pd.DataFrame) -> None:
    changes = steps.loc[~steps["total"].astype(bool), "value"]
    handles = [Patch(facecolor=GREEN, label="gain")] if (changes >= 0).any() else []
    if (changes < 0).any():
        handles.append(Patch(facecolor=VERMILION, hatch="////", edgecolor="white", linewidth=0, label="loss"))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.1), ncols=2, fontsize=10.5)
