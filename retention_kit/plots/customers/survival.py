"""Kaplan-Meier curves with their bands, and the number of customers at risk."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.errors import ConfigError
from retention_kit.formats import compact, count, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import first_middle_last, need, number_axis, short
from retention_kit.plots.drawing.style import BLUE, GREY, MUTED, PALETTE, canvas, finish, frame, note, series, styled
from retention_kit.plots.findings import cohorts as findings

_OVERLAID: Final = 4
"""Most curves in one panel; more curves get one panel each."""
_MARKED: Final = 24
"""Most points of a curve that say their value."""
_PANELS: Final = 12
"""Most panels; more would be too small to read."""


@styled
def survival_curves(
    curves: pd.DataFrame,
    *,
    happened: bool = False,
    label: str = "Days",
    share: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Kaplan-Meier curves with bands: up to four in one panel with the numbers at risk, more in a panel each.

    Parameters
    ----------
    curves : DataFrame
        As from `summarise.survival` or `summarise.time_to_order`: `group`, `time`, `survival`, `low`, `high`,
        `at_risk`.
    happened : bool
        Draw the share with the event, in place of the share without it.
    label : str
        What is measured along the horizontal axis, with its unit.
    share : str, optional
        What the vertical axis measures.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With one child Axes per curve where there are more than four, and the alternative text that `show` uses.

    Raises
    ------
    ConfigError
        When there are more than twelve curves.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> curves = pd.DataFrame({"group": "all", "time": [0.0, 10, 20], "survival": [1, 0.6, 0.4], "low": [1, 0.4, 0.2],
    ...                        "high": [1, 0.8, 0.6], "at_risk": [9, 9, 5]})
    >>> plots.show(plots.survival_curves(curves, label="Days after the first order", happened=True))
    Kaplan-Meier curves, share to whom it has happened by days after the first order. all (9 at the start): 0 % at 0,
    40 % at 10, 60 % at 20.
    """
    needed = need(curves, "survival_curves", "group", "time", "survival", "low", "high", "at_risk")
    groups = {str(name): _with_share(rows, happened) for name, rows in needed.groupby("group", sort=False)}
    if len(groups) > _PANELS:
        raise ConfigError(f"plots.survival_curves draws up to {_PANELS} curves; got {len(groups)}. Choose some groups.")
    share = share or ("Share to whom it has happened" if happened else "Share still without it")
    overlaid = len(groups) <= _OVERLAID
    ax = canvas(ax, height=3.4 + 0.24 * len(groups) if overlaid else 0.6 + 1.9 * -(-len(groups) // 2))
    (_overlaid if overlaid else _panels)(ax, groups, label, share)
    described = "; ".join(_alternative_text(name, rows) for name, rows in groups.items())
    return finish(
        ax,
        title=title,
        subject="How long until it happens",
        finding=findings.survival(groups, share, label),
        alt=f"Kaplan-Meier curves, {share[0].lower()}{share[1:]} by {label.lower()}. {described}.",
    )


def _with_share(rows: pd.DataFrame, happened: bool) -> pd.DataFrame:
    """The rows of one curve with the share to draw and its band."""
    rows = rows.sort_values("time")
    if happened:
        return rows.assign(share=1 - rows["survival"], low=1 - rows["high"], high=1 - rows["low"])
    return rows.assign(share=rows["survival"])


def _curve(ax: Axes, rows: pd.DataFrame, style: dict[str, Any]) -> None:
    """One line of steps and its band."""
    ax.fill_between(rows["time"], rows["low"], rows["high"], step="post", color=style["color"], alpha=0.16, linewidth=0)
    (line,) = ax.step(rows["time"], rows["share"], where="post", **style)
    marks.describe(line, [])
    some = rows.iloc[:: -(-len(rows) // _MARKED)]
    (points,) = ax.plot(some["time"], some["share"], "o", alpha=0, label="_points")
    name = "" if len(set(rows["group"])) == 1 and rows["group"].iloc[0] == "all" else str(rows["group"].iloc[0])
    pairs = zip(
        some["share"], some["time"], marks.intervals(some["low"], some["high"], percent), some["at_risk"], strict=True
    )
    texts = [
        marks.lines(percent(x, 1), f"{name}{': ' if name else ''}after {compact(t)}", ends, f"n {count(n)}")
        for x, t, ends, n in pairs
    ]
    marks.describe(points, texts)


def _axes(ax: Axes, last: float) -> None:
    frame(ax)
    ax.axhline(0.5, color=MUTED, linewidth=1, linestyle=":")
    ax.set(xlim=(0, last), ylim=(0, 1.02))
    number_axis(ax.xaxis, "number")
    number_axis(ax.yaxis, "rate")


def _overlaid(ax: Axes, groups: dict[str, pd.DataFrame], label: str, share: str) -> None:
    last = max(rows["time"].max() for rows in groups.values()) or 1
    for i, (name, rows) in enumerate(groups.items()):
        _curve(ax, rows, series(i) | {"marker": "", "label": short(name)})
    _axes(ax, last)
    ax.set_xlabel(label)
    ax.set_ylabel(share)
    if len(groups) > 1:
        ax.legend(loc="best")
    _at_risk(ax, groups, last)


def _at_risk(ax: Axes, groups: dict[str, pd.DataFrame], last: float) -> None:
    """Numbers of customers at risk, under the axis."""
    below: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "va": "top", "fontsize": 10}
    note(ax, "Still waiting and watched", (0, 0), (0, -44), ha="left", color=MUTED, **below)
    for i, (name, rows) in enumerate(groups.items()):
        y, colour = -58 - 14 * i, PALETTE[i]
        if len(groups) > 1:
            note(ax, short(name, 24), (0, 0), (-8, y), ha="right", color=colour, **below)
        for x in (x for x in ax.get_xticks() if 0 <= x <= last):
            later = rows.loc[rows["time"] >= x, "at_risk"]
            text = count(later.iloc[0] if len(later) else 0)
            note(ax, text, (x, 0), (0, y), ha="left" if x == 0 else "center", color=colour, **below)


def _panels(ax: Axes, groups: dict[str, pd.DataFrame], label: str, share: str) -> None:
    """One panel per curve, the others in grey behind it."""
    ax.axis("off")
    last = max(rows["time"].max() for rows in groups.values()) or 1
    lines = -(-len(groups) // 2)
    height = 1 / lines
    for i, (name, rows) in enumerate(groups.items()):
        bottom = 1 - (i // 2 + 1) * height
        panel = ax.inset_axes((0.11 + 0.47 * (i % 2), bottom + 0.2 * height, 0.41, 0.66 * height))
        panel.set_in_layout(False)  # the panel and its labels lie within the Axes
        for other in groups.values():
            (line,) = panel.step(other["time"], other["share"], where="post", color=GREY, linewidth=0.8, alpha=0.7)
            marks.describe(line, [])
        _curve(panel, rows, {"color": BLUE})
        _axes(panel, last)
        panel.set_title(
            f"{short(name, 24)} (n {count(rows['at_risk'].iloc[0])})", fontsize=11, fontweight="normal", pad=4
        )
        panel.tick_params(labelsize=10, labelleft=i % 2 == 0)
        if i // 2 == lines - 1 or i + 2 >= len(groups):
            panel.set_xlabel(label, fontsize=10.5)
    ax.text(0, 0.5, share, rotation=90, ha="left", va="center", transform=ax.transAxes, fontsize=11)


def _alternative_text(name: str, rows: pd.DataFrame) -> str:
    points = [
        f"{percent(rows['share'].iloc[i])} at {compact(rows['time'].iloc[i])}" for i in first_middle_last(len(rows))
    ]
    return f"{name} ({count(rows['at_risk'].iloc[0])} at the start): {', '.join(points)}"
