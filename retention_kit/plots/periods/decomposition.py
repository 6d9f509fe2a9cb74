"""The change of a rate as a waterfall of mix effects (shares of groups) and rate effects (rates of groups)."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.formats import SPACE, number, percent, signed
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import BLUE, GREY, TEXT, VERMILION, canvas, finish, frame, note, styled, under
from retention_kit.plots.findings import periods as findings

TOTAL: Final = "total"
_KINDS: Final = {"mix": ("share of customers", BLUE, None), "within": ("own rate", VERMILION, "////")}


@styled
def decomposition(
    table: pd.DataFrame,
    *,
    by: str,
    before: str = "before",
    after: str = "after",
    label: str = "Rate",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Waterfall from one rate to another: for each group the effect of its share and of its own rate.

    The axis does not begin at 0, so the two rates are lines and only the changes are bars.

    Parameters
    ----------
    table : DataFrame
        As from `summarise.decompose`: the group column, `share_before`, `share_after`, `rate_before`, `rate_after`,
        `mix`, `within`, and a last row "total".
    by : str
        The group column.
    before, after : str
        Names of the two times.
    label : str
        Name of the rate.
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
        When the table has no row "total", or its parts do not add up to the change.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> table = pd.DataFrame({"channel": ["app", "web", "total"], "share_before": [0.5, 0.5, 1],
    ...                       "share_after": [0.2, 0.8, 1], "rate_before": [0.6, 0.2, 0.4],
    ...                       "rate_after": [0.6, 0.25, 0.32], "mix": [-0.072, -0.0405, -0.1125],
    ...                       "within": [0, 0.0325, 0.0325]})
    >>> plots.show(plots.decomposition(table, by="channel", before="May", after="June"))
    Waterfall of the rate. May 40.0 %. app: share of customers −7.2 points, own rate 0.0 points. web: share of
    customers −4.0 points, own rate +3.2 points. June 32.0 %.
    """
    refuse(by=(by, "name"))
    columns = (by, "share_before", "share_after", "rate_before", "rate_after", "mix", "within")
    needed = need(table, "decomposition", *columns)
    total, groups = _total_and_groups(needed, by)
    ax = canvas(ax, height=1.9 + 0.62 * len(groups))
    level, names = float(total["rate_before"]), [before]
    for group in groups.to_dict("records"):
        for kind in _KINDS:
            _bar(ax, len(names), level, float(group[kind]), kind, name=_row(group, by, kind))
            level += float(group[kind])
            names.append(_row(group, by, kind))
    names.append(after)
    for y, rate in ((0, float(total["rate_before"])), (len(names) - 1, level)):
        ax.plot([rate, rate], [y - 0.4, y + 0.4], color=TEXT, linewidth=3)
        note(ax, percent(rate, 1), (rate, y), (7, 0), va="center", fontweight="bold")
    _frame(ax, names, label)
    return finish(
        ax,
        title=title,
        subject="What changed the rate",
        width=38,
        finding=findings.decomposition(*(float(groups[kind].sum()) for kind in _KINDS)),
        alt=_alternative_text(groups, total, by, before, after),
    )


def _total_and_groups(table: pd.DataFrame, by: str) -> tuple[pd.Series, pd.DataFrame]:
    """The total and the groups; DataError unless the groups add up to the total."""
    total, groups = table[table[by] == TOTAL], table[table[by] != TOTAL]
    if len(total) != 1:
        raise DataError(
            f"plots.decomposition needs one row {TOTAL!r}, as from summarise.decompose; found {len(total)}."
        )
    row = total.iloc[0]
    change, effects = row["rate_after"] - row["rate_before"], float(groups[list(_KINDS)].to_numpy().sum())
    if abs(change - effects) > 1e-9:
        raise DataError(
            f"plots.decomposition draws parts that add up; they come to {effects:g}, the change is {change:g}."
        )
    return row, groups


def _bar(ax: Axes, y: int, level: float, change: float, kind: str, *, name: str) -> None:
    """One change, drawn from the current level, and the line down to the next bar."""
    _, colour, hatch = _KINDS[kind]
    bars = ax.barh(y, change, left=level, height=0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
    marks.describe_bars(bars, [marks.lines(f"{signed(number(100 * change, 1))} points", name)])
    ax.plot([level + change] * 2, [y - 0.31, y + 1.31], color=GREY, linewidth=1, zorder=0.9)
    right = max(level, level + change)  # to the left of a short bar the number would cover the name of the row
    note(ax, signed(number(100 * change, 1)), (right, y), (5, 0), ha="left", va="center", fontsize=10.5)


def _row(group: Any, by: str, kind: str) -> str:
    """Name of a bar: the group, and its share or its rate before and after."""
    what, label = ("share", "% of customers") if kind == "mix" else ("rate", "rate")
    old, new = (percent(group[f"{what}_{when}"], 1).split(SPACE)[0] for when in ("before", "after"))
    return f"{short(group[by], 24)}: {label} {old} → {new}"


def _frame(ax: Axes, names: list[str], label: str) -> None:
    frame(ax, grid="x")
    ax.set_yticks(range(len(names)), names, fontsize=10.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.use_sticky_edges = False
    ax.margins(x=0.16)
    number_axis(ax.xaxis, "rate")
    ax.set_xlabel(label)
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0, label=name) for name, c, h in _KINDS.values()
    ]
    ax.legend(handles=handles, title="Points of change through a group's", title_fontsize=10.5, fontsize=10.5, ncols=2,
              **under(ax, 0.6, right=True))  # fmt: skip


def _alternative_text(groups: pd.DataFrame, total: pd.Series, by: str, before: str, after: str) -> str:
    effects = [
        f"{group[by]}: "
        + ", ".join(f"{name} {signed(number(100 * group[kind], 1))} points" for kind, (name, *_) in _KINDS.items())
        for group in groups.to_dict("records")
    ]
    ends = (
        f"{name} {percent(float(total[f'rate_{when}']), 1)}" for name, when in ((before, "before"), (after, "after"))
    )
    return f"Waterfall of the rate. {'. '.join([next(ends), *effects, next(ends)])}."
