"""Waterfall: bars that lead from a start to an end."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_kit.errors import DataError
from retention_kit.formats import signed
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, rows_of, short, value
from retention_kit.plots.drawing.style import BLUE, GREEN, GREY, VERMILION, canvas, finish, frame, note, styled, under
from retention_kit.plots.findings import periods as findings


@styled
def waterfall(
    steps: pd.DataFrame,
    *,
    unit: str = "count",
    label: str = "",
    ax: Axes | None = None,
    title: str | None = None,
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
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With the alternative text that `show` uses.

    Raises
    ------
    DataError
        When the changes do not lead from one level to the next.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> steps = pd.DataFrame({"label": ["Start", "Lost", "Won", "End"], "value": [100, -10, 15, 105],
    ...                       "total": [True, False, False, True]})
    >>> plots.show(plots.waterfall(steps, title="Customers in May"))
    Customers in May. Start 100, Lost −10, Won +15, End 105.
    """
    steps = _adding_up(need(steps, "waterfall", "label", "value", "total"))
    ax = canvas(ax, height=3.8)
    level, descriptions = 0.0, []
    ends: list[float] = []
    for i, step in enumerate(rows_of(steps)):
        low = 0.0 if step.total else level
        level = float(step.value) if step.total else level + float(step.value)
        colour, hatch = _colour_and_hatch(step.total, step.value)
        bars = ax.bar(i, level - low, bottom=low, width=0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        text = value(step.value, unit, exact=unit != "rate")
        text = text if step.total else signed(text)
        note(ax, text, (i, max(low, level)), (0, 4), ha="center", va="bottom", fontsize=11)
        marks.describe_bars(bars, [marks.lines(text, str(step.label))])
        ends.append(level)
        descriptions.append(f"{step.label} {text}")
    for i, end in enumerate(ends[:-1]):
        ax.plot([i + 0.31, i + 0.69], [end, end], color=GREY, linewidth=1)
    frame(ax)
    ax.set_xticks(range(len(steps)), [short(s, 84 // len(steps)) for s in steps["label"]])
    tops = [*ends, 0.0]
    ax.set_ylim(1.14 * min(tops), 1.14 * max(tops) or 1.0)
    number_axis(ax.yaxis, unit)
    ax.set_ylabel(label)
    _key(ax, steps)
    subject = title or "From start to end"
    return finish(
        ax,
        title=title,
        subject=subject,
        finding=findings.waterfall(steps, unit),
        alt=f"{subject}. {', '.join(descriptions)}.",
    )


def _adding_up(steps: pd.DataFrame) -> pd.DataFrame:
    """The steps; DataError unless every level is the sum of the steps before it."""
    level = 0.0
    for i, step in enumerate(rows_of(steps)):
        x = float(step.value)
        if step.total and i and abs(x - level) > 1e-6 * max(1.0, abs(x), abs(level)):
            raise DataError(
                f"plots.waterfall draws steps that add up; before {step.label} they come to {level:g}, which is "
                f"{x:g} in the table. Add the change that is missing."
            )
        level = x if step.total else level + x
    return steps


def _colour_and_hatch(total: bool, change: float) -> tuple[str, str | None]:
    """Levels are blue, gains green, losses orange with a hatch."""
    if total:
        return BLUE, None
    return (GREEN, None) if change >= 0 else (VERMILION, "////")


def _key(ax: Axes, steps: pd.DataFrame) -> None:
    changes = steps.loc[~steps["total"].astype(bool), "value"]
    handles = [Patch(facecolor=GREEN, label="gain")] if (changes >= 0).any() else []
    if (changes < 0).any():
        handles.append(Patch(facecolor=VERMILION, hatch="////", edgecolor="white", linewidth=0, label="loss"))
    ax.legend(handles=handles, ncols=2, fontsize=10.5, **under(ax, 0.35))
