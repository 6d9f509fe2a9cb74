"""The probability that one customer is still active, over time."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import refuse
from retention_kit.formats import percent
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import LINES, MUTED, PALETTE, canvas, finish, frame, styled, under


@styled
def alive_history(
    history: pd.DataFrame,
    *,
    unit: str = "week",
    ax: Axes | None = None,
    title: str = "Probability that one customer is still active",
) -> Axes:
    """Curve of P(alive) of one customer, with the purchases marked; several models in one figure.

    Parameters
    ----------
    history : DataFrame
        As from `models.alive_history`: `time`, `frequency`, `probability_alive`; with a column `model`, a line each.
    unit : str
        Unit of time.
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
    >>> table = pd.DataFrame({"time": [0, 2, 40], "frequency": [0, 1, 1], "probability_alive": [0.64, 0.75, 0.17]})
    >>> plots.show(plots.alive_history(table))
    Probability of being active of one customer with 1 repeat purchases in 40 weeks: at the end 17 %, lowest 17 %.
    """
    refuse(unit=(unit, "unit"))
    table = need(history, "alive_history", "time", "frequency", "probability_alive").sort_values("time", kind="stable")
    names = list(dict.fromkeys(table["model"])) if "model" in table.columns else [""]
    ax = canvas(ax, height=3.8)
    descriptions = []
    for i, name in enumerate(names):
        rows = table[table["model"] == name] if name else table
        style: dict[str, Any] = {"color": PALETTE[i % len(PALETTE)], "linestyle": LINES[i % len(LINES)]}
        ax.plot(rows["time"], rows["probability_alive"], label=short(name, 24) if name else None, **style)
        observed = rows["probability_alive"].dropna()
        descriptions.append(
            f"{name}{': ' if name else ''}at the end {percent(observed.iloc[-1])}, lowest {percent(observed.min())}"
        )
    first = table[table["model"] == names[0]] if names[0] else table
    bought = first.loc[first["frequency"].diff() > 0, "time"]
    if len(bought):
        heights = [0.0] * len(bought)
        ax.plot(bought, heights, "|", color=MUTED, markersize=14, markeredgewidth=1.6, label="repeat purchase")
    frame(ax)
    ax.set_ylim(-0.06, 1.03)
    ax.set_xlim(left=0)
    number_axis(ax.yaxis, "rate")
    ax.set_xlabel(f"{unit.capitalize()}s since the first purchase")
    ax.set_ylabel("P(active)")
    if len(bought) or names[0]:
        ax.legend(ncols=4, **under(ax, 0.55))
    head = f"Probability of being active of one customer with {int(first['frequency'].max())} repeat purchases"
    return finish(ax, title=title, alt=f"{head} in {first['time'].max():.0f} {unit}s: {'; '.join(descriptions)}.")
