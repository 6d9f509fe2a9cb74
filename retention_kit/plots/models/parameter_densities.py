"""Posterior density of each parameter, with its prior."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, Locator, LogLocator, MaxNLocator, NullLocator

from retention_kit.formats import compact
from retention_kit.plots.drawing.labels import need
from retention_kit.plots.drawing.style import BLUE, TEXT, canvas, finish, frame, styled, under


@styled
def parameter_densities(
    table: pd.DataFrame, *, ax: Axes | None = None, title: str = "What the data say about each parameter"
) -> Axes:
    """Posterior density of each parameter over the prior, one small panel each, on a logarithmic axis.

    Parameters
    ----------
    table : DataFrame
        As from `models.parameter_densities`: `parameter`, `value`, `posterior`, `prior`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Title of the figure.

    Returns
    -------
    Axes
        With one child Axes per parameter, and the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> curve = {"value": [0.8, 1.0, 1.2], "posterior": [0.1, 2.0, 0.1], "prior": [0.1, 0.1, 0.1]}
    >>> plots.show(plots.parameter_densities(pd.DataFrame({"parameter": "alpha", **curve})))
    Posterior densities of 1 parameters. alpha: highest at 1, drawn from 0.8 to 1.2.
    """
    table = need(table, "parameter_densities", "parameter", "value", "posterior", "prior")
    names = list(dict.fromkeys(table["parameter"]))
    columns = min(2, len(names))
    rows = math.ceil(len(names) / columns)
    ax = canvas(ax, height=1.0 + 1.75 * rows)
    ax.axis("off")
    descriptions, panels = [], []
    for i, name in enumerate(names):
        curve = table[table["parameter"] == name].sort_values("value")
        width, height = 1 / columns, 1 / rows
        box = (i % columns * width + 0.02, 1 - (i // columns + 0.78) * height, width - 0.05, 0.66 * height)
        panels.append(ax.inset_axes(box))
        _panel(panels[-1], curve, name)
        low, high = compact(curve["value"].min()), compact(curve["value"].max())
        top = compact(curve["value"].iloc[int(curve["posterior"].to_numpy().argmax())])
        descriptions.append(f"{name}: highest at {top}, drawn from {low} to {high}")
    ax.legend(handles=panels[0].get_legend_handles_labels()[0], ncols=2, **under(ax, 0.02))
    return finish(ax, title=title, alt=f"Posterior densities of {len(names)} parameters. {'. '.join(descriptions)}.")


def _panel(panel: Axes, curve: pd.DataFrame, name: str) -> None:
    panel.fill_between(
        curve["value"], curve["posterior"], color=BLUE, alpha=0.35, linewidth=0, label="after seeing the data"
    )
    panel.plot(curve["value"], curve["posterior"], color=BLUE)
    panel.plot(curve["value"], curve["prior"], color=TEXT, linestyle="--", linewidth=1.4, label="assumed before")
    panel.set_xscale("log")
    frame(panel, grid="x")
    panel.set_ylim(bottom=0)
    panel.set_yticks([])
    low, high = curve["value"].min(), curve["value"].max()
    locator: Locator = LogLocator(numticks=4) if high > 20 * low else MaxNLocator(nbins=4)
    ticks = np.asarray(locator.tick_values(low, high))
    panel.set_xticks(ticks[(ticks >= low) & (ticks <= high) & (ticks > 0)])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: compact(float(np.round(x, 9)))))
    panel.set_title(name, fontsize=12, pad=4)
