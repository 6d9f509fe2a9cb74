"""Revenue by period, first orders separate from repeat orders."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import compact, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, period_axis, period_kind, period_name, span, value
from retention_kit.plots.drawing.style import BLUE, SKY, TEXT, canvas, finish, frame, styled, under
from retention_kit.plots.findings import periods as findings


@styled
def revenue_split(
    periods: pd.DataFrame,
    *,
    currency: str = "",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Stacked bars of revenue per period: each customer's first day, and every order after it.

    Parameters
    ----------
    periods : DataFrame
        As from `summarise.periods`: `period`, `first_time_revenue`, `repeat_revenue`, `complete`.
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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("1998-01-01", periods=2, freq="MS")
    >>> money = {"first_time_revenue": [60.0, 20], "repeat_revenue": [40.0, 80]}
    >>> table = pd.DataFrame({"period": months, **money, "complete": True})
    >>> plots.show(plots.revenue_split(table))
    Revenue by month, January 1998 to February 1998: from 100 to 100, of which repeat orders 40 % to 80 %.
    """
    table = need(periods, "revenue_split", "period", "first_time_revenue", "repeat_revenue", "complete").sort_values(
        "period"
    )
    ax = canvas(ax, height=3.6)
    x = range(len(table))
    repeat, first = table["repeat_revenue"].to_numpy(), table["first_time_revenue"].to_numpy()
    bars = [ax.bar(x, repeat, width=0.75, color=BLUE, label="repeat orders")]
    style: dict[str, Any] = {"edgecolor": TEXT, "linewidth": 0.6, "hatch": "...", "label": "first orders"}
    bars.append(ax.bar(x, first, bottom=repeat, width=0.75, color=SKY, **style))
    names = [period_name(start, period_kind(table["period"]), long=True) for start in table["period"]]
    for drawn, amounts, other, label in zip(bars, (repeat, first), (first, repeat), ("repeat", "first"), strict=True):
        shares = pd.Series(amounts / (amounts + other)).where(amounts + other > 0)
        marks.describe_bars(
            drawn,
            [
                marks.lines(value(amount, "money"), f"{label} orders, {percent(share)} of the revenue", name)
                for amount, share, name in zip(amounts, shares, names, strict=True)
            ],
        )
    frame(ax)
    period_axis(ax, table["period"])
    number_axis(ax.yaxis, "money")
    ax.set_ylabel(f"Revenue{f' ({currency})' if currency else ''}")
    ax.legend(ncols=2, **under(ax, 0.5))
    total = repeat + first
    share = pd.Series(repeat / total).where(total > 0)
    alt = (
        f"Revenue {span(table['period'])}: from {compact(total[0])} to {compact(total[-1])}, "
        f"of which repeat orders {percent(share.iloc[0])} to {percent(share.iloc[-1])}."
    )
    return finish(
        ax, title=title, subject="Revenue from first and repeat orders", finding=findings.revenue_split(table), alt=alt
    )
