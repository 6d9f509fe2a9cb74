"""One number by several methods of computing it."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, rows_of, short, value
from retention_kit.plots.drawing.style import BLUE, GREY, TEXT, canvas, finish, frame, note, styled, under
from retention_kit.plots.findings import models as findings
from retention_kit.plots.findings.currency import priced


@styled
def value_comparison(
    table: pd.DataFrame,
    *,
    unit: str = "money",
    label: str = "",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Bars of one number by method, with intervals where they are known; the chosen method is highlighted.

    Parameters
    ----------
    table : DataFrame
        In order: `label`, `value`; optionally `low`, `high` (NaN where there is none) and `chosen` (True: drawn in
        blue, the others in grey).
    unit : {"money", "rate", "count", "score", "days", "number"}
        How the values are written.
    label : str
        What is compared, with its unit.
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
    >>> table = pd.DataFrame({"label": ["simple", "model"], "value": [120.0, 35], "chosen": [False, True]})
    >>> plots.show(plots.value_comparison(table))
    Bars by method. simple: 120.00. model: 35.00.
    """
    table = need(table, "value_comparison", "label", "value").reset_index(drop=True)
    ends = table.reindex(columns=["low", "high"]).astype("float64")
    chosen = table.get("chosen", pd.Series(True, index=table.index)).astype(bool)
    ax = canvas(ax, height=1.1 + 0.55 * len(table))
    y = np.arange(len(table))
    bars = ax.barh(y, table["value"], height=0.55, color=np.where(chosen, BLUE, GREY))
    ax.hlines(y, ends["low"], ends["high"], color=TEXT, linewidth=2)
    descriptions = []
    for i, row in enumerate(rows_of(table[["label", "value"]].join(ends))):
        text = value(row.value, unit)
        note(ax, text, (np.nanmax([row.value, row.high, 0.0]), i), (5, 0), va="center", fontsize=11)
        bounds = "" if np.isnan(row.low) else f" ({value(row.low, unit)} to {value(row.high, unit)})"
        descriptions.append(f"{row.label}: {text}{bounds}")
        interval = f"interval {bounds.strip(' ()')}" if bounds else ""
        marks.describe(bars.patches[i], [marks.lines(text, str(row.label), interval)])
    frame(ax, grid=None)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_yticks(y, ["\n".join(textwrap.wrap(short(name, 84), 30)) for name in table["label"]])
    ax.set_xticks([])
    ax.set_xlabel(label)
    ax.spines["bottom"].set_visible(False)
    ax.invert_yaxis()
    ax.margins(x=0.14)
    if ends["low"].notna().any():
        handle = Line2D([], [], color=TEXT, linewidth=2, label="interval")
        ax.legend(handles=[handle], **under(ax, 0))
    return finish(
        ax,
        title=title,
        subject=label or "The value of a customer by several formulas",
        finding=findings.value_comparison(table, unit, priced(label, unit)[1]),
        width=36,
        alt=f"Bars by method. {'. '.join(descriptions)}.",
    )
