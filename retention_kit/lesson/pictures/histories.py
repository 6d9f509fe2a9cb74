"""Purchase histories: one timeline per customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import Arguments, refuse
from retention_kit.plots.drawing.labels import need
from retention_kit.plots.drawing.style import BLUE, GREY, VERMILION, canvas, finish, frame, styled


@styled
def purchase_histories(
    purchases: pd.DataFrame,
    *,
    until: float,
    left: pd.Series | None = None,
    unit: str = "week",
    ax: Axes | None = None,
    title: str = "When each customer bought",
) -> Axes:
    """Purchases as dots on one line of time per customer, the first at 0.

    Parameters
    ----------
    purchases : DataFrame
        One row per purchase: `customer` and `time` since that customer's first purchase.
    until : float
        Time up to which the customers were observed.
    left : Series by customer, optional
        When each customer left for good, if it is known (simulated customers); NaN for active customers.
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
    >>> from retention_kit import lesson, plots
    >>> bought = pd.DataFrame({"customer": ["Ada", "Ada", "Bo"], "time": [0, 7.0, 0]})
    >>> plots.show(lesson.purchase_histories(bought, until=39))
    Lines of time of 2 customers over 39 weeks: Ada 2 purchases, the last in week 7; Bo 1 purchase, the last in week 0.
    """
    with Arguments() as check:
        until = check.number("until", until, above=0)
    refuse(unit=(unit, "unit"))
    table = need(purchases, "purchase_histories", "customer", "time")
    names = list(dict.fromkeys(table["customer"]))
    ax = canvas(ax, height=1.4 + 0.28 * len(names))
    gone = pd.Series(dtype=float) if left is None else left.dropna()
    for row, name in enumerate(names):
        end = min(float(gone.get(name, until)), until)
        ax.plot([0, end], [row, row], color=GREY, linewidth=1.6)
        if name in gone and gone[name] <= until:
            ax.plot([end, until], [row, row], color=GREY, linewidth=1.2, linestyle=":")
    rows = table["customer"].map({name: row for row, name in enumerate(names)})
    ax.plot(table["time"], rows, "o", color=BLUE, markersize=6)
    ended = [name for name in names if name in gone and gone[name] <= until]
    crosses = ([gone[name] for name in ended], [names.index(name) for name in ended])
    ax.plot(*crosses, "x", color=VERMILION, markersize=9, markeredgewidth=2)
    frame(ax, grid=None)
    ax.set_yticks(np.arange(len(names)), [str(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel(f"{unit.capitalize()}s since the first purchase")
    return finish(ax, title=title, alt=_alternative_text(table, names, until, unit, ended))


def _alternative_text(table: pd.DataFrame, names: list[Any], until: float, unit: str, ended: list[Any]) -> str:
    bought = table.groupby("customer")["time"].agg(["size", "max"])
    sentences = [
        f"{name} {bought['size'][name]} purchase{'s' if bought['size'][name] != 1 else ''}, the last in "
        f"{unit} {bought['max'][name]:.0f}{', then left' if name in ended else ''}"
        for name in names[:6]
    ]
    more = f"; and {len(names) - 6} more" if len(names) > 6 else ""
    return f"Lines of time of {len(names)} customers over {until:g} {unit}s: {'; '.join(sentences)}{more}."
