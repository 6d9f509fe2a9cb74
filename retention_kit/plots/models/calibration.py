"""Calibration of forecasts: expected and actual purchases in the holdout, by purchases before it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import compact, number
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import canvas, finish, frame, series, styled
from retention_kit.plots.findings import models as findings


@styled
def calibration(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Purchases in the holdout by number of purchases before it, and what each model expected.

    Parameters
    ----------
    table : DataFrame
        As from `models.holdout(…).calibration`, of one split: `model`, `frequency` (the last band is open), `n`,
        `expected`, `actual` (purchases per customer).
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
    >>> table = pd.DataFrame({"model": "BGNBD", "frequency": [0, 1], "n": [70, 30], "expected": [0.22, 0.9]})
    >>> plots.show(plots.calibration(table.assign(actual=[0.24, 1.1])))
    Purchases per customer in the holdout by purchases before it, actual and expected. 0: 0.2, BGNBD 0.2. 1+: 1.1, BGNBD
    0.9.
    """
    table = need(table, "calibration", "model", "frequency", "n", "expected", "actual")
    models = list(dict.fromkeys(table["model"]))
    first = table[table["model"] == models[0]].sort_values("frequency")
    ax = canvas(ax, height=4.2)
    x = range(len(first))
    places = [f"{f:.0f} purchases before, n {compact(n)}" for f, n in zip(first["frequency"], first["n"], strict=True)]
    drawn = ax.bar(x, first["actual"], width=0.62, color="#D9D9D9", label="actual")
    pairs = zip(first["actual"], places, strict=True)
    marks.describe_bars(drawn, [marks.lines(number(y), "purchases per customer, actual", place) for y, place in pairs])
    descriptions = [[number(a)] for a in first["actual"]]
    for i, model in enumerate(models):
        expected = table[table["model"] == model].sort_values("frequency")["expected"]
        (line,) = ax.plot(x, expected, label=short(model), **series(i))
        pairs = zip(expected, places, strict=True)
        marks.describe(line, [marks.lines(number(y), f"expected by {model}", place) for y, place in pairs])
        for figures, purchases in zip(descriptions, expected, strict=True):
            figures.append(f"{model} {number(purchases)}")
    bands = [f"{f:.0f}" for f in first["frequency"]]
    bands[-1] += "+"
    frame(ax)
    ax.set_xticks(x, [f"{b}\n{compact(n)}" for b, n in zip(bands, first["n"], strict=True)])
    number_axis(ax.yaxis, "number")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Repeat purchases before the holdout; below, customers")
    ax.set_ylabel("Purchases per customer")
    ax.legend(loc="upper left")
    parts = [f"{band}: {', '.join(figures)}" for band, figures in zip(bands, descriptions, strict=True)]
    head = "Purchases per customer in the holdout by purchases before it, actual and expected."
    return finish(
        ax,
        title=title,
        subject="Purchases in the holdout, by purchases before it",
        finding=findings.calibration(table),
        alt=f"{head} {'. '.join(parts)}.",
    )
