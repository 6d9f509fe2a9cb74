"""Expectations of a purchase model, compared with the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import number, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, rows_of, value
from retention_kit.plots.drawing.style import BLUE, ORANGE, TEXT, canvas, finish, frame, note, styled
from retention_kit.plots.drawing.tiles import name_axes, tiles, write
from retention_kit.plots.findings import models as findings


@styled
def frequency_fit(
    histogram: pd.DataFrame,
    *,
    label: str = "Customers",
    unit: str = "count",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Bars by number of repeat purchases: actual, and expected by the model.

    Parameters
    ----------
    histogram : DataFrame
        In order: `frequency` (0, 1, … or "7+"), `actual`, `expected`.
    label : str
        What the bars measure, with its unit.
    unit : {"count", "number", "money"}
        How the numbers are written.
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
    >>> table = pd.DataFrame({"frequency": ["0", "1+"], "actual": [70, 30], "expected": [68.0, 32.0]})
    >>> plots.show(plots.frequency_fit(table))
    Bars of customers by repeat purchases, actual and expected: 0: 70 and 68; 1+: 30 and 32.
    """
    table = need(histogram, "frequency_fit", "frequency", "actual", "expected")
    ax = canvas(ax, height=3.6)
    x = np.arange(len(table))
    actual = ax.bar(x - 0.2, table["actual"], width=0.38, color=BLUE, label="actual")
    expected = ax.bar(
        x + 0.2,
        table["expected"],
        width=0.38,
        color=ORANGE,
        hatch="//",
        edgecolor=TEXT,
        linewidth=0.6,
        label="expected by the model",
    )
    for bars, column in ((actual, "actual"), (expected, "expected")):
        rows = zip(table[column], table["frequency"], strict=True)
        marks.describe_bars(bars, [marks.lines(value(y, unit), f"{column}, {f} repeat purchases") for y, f in rows])
    frame(ax)
    ax.set_xticks(x, [str(f) for f in table["frequency"]])
    number_axis(ax.yaxis, unit)
    ax.set_xlabel("Repeat purchases")
    ax.set_ylabel(label)
    ax.legend(loc="best")
    pairs = "; ".join(f"{r.frequency}: {value(r.actual, unit)} and {value(r.expected, unit)}" for r in rows_of(table))
    return finish(
        ax,
        title=title,
        subject="Customers by number of repeat purchases",
        finding=findings.frequency_fit(table) if label == "Customers" else "",
        alt=f"Bars of {label.lower()} by repeat purchases, actual and expected: {pairs}.",
    )


@styled
def prediction_grid(
    grid: pd.DataFrame,
    *,
    prediction: str = "probability_alive",
    ax: Axes | None = None,
    title: str = "Probability of still buying",
) -> Axes:
    """Heat map of a prediction by frequency and recency.

    Parameters
    ----------
    grid : DataFrame
        One row per cell: `frequency`, `recency` (in units of the model) and the prediction.
    prediction : str
        Column to draw; a probability is written in percent.
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
    >>> cells = pd.DataFrame({"frequency": [1, 1, 2, 2], "recency": [10, 30, 10, 30]})
    >>> cells["probability_alive"] = [0.3, 0.7, 0.2, 0.8]
    >>> plots.show(plots.prediction_grid(cells))
    Heat map of probability alive for 1 to 2 repeat purchases: lowest 20 % at frequency 2, recency 10; highest 80 % at
    frequency 2, recency 30.
    """
    table = need(grid, "prediction_grid", "frequency", "recency", prediction)
    cells = table.pivot(index="frequency", columns="recency", values=prediction).sort_index(ascending=False)
    ax = canvas(ax, height=1.6 + 0.42 * len(cells))
    say = percent if prediction.startswith("probability") else number
    mesh = tiles(ax, cells)
    name_axes(ax, cells)
    marks.describe(
        mesh,
        [
            "" if pd.isna(x) else marks.lines(say(x), f"{row} repeat purchases, recency {column}")
            for row, values in cells.iterrows()
            for column, x in values.items()
        ],
    )
    short = (lambda x: f"{100 * x:.0f}") if prediction.startswith("probability") else (lambda x: f"{x:.1f}")
    write(ax, cells.map(lambda x: "" if pd.isna(x) else short(x)).to_numpy(), 10.5, mesh)
    ax.set_xlabel("Recency: first to last purchase, in the model's unit")
    ax.set_ylabel("Repeat purchases")
    low, high = table.nsmallest(1, prediction).iloc[0], table.nlargest(1, prediction).iloc[0]
    ends = [f"{say(r[prediction])} at frequency {r['frequency']:.0f}, recency {r['recency']:.0f}" for r in (low, high)]
    span = f"{table['frequency'].min():.0f} to {table['frequency'].max():.0f} repeat purchases"
    alt = f"Heat map of {prediction.replace('_', ' ')} for {span}: lowest {ends[0]}; highest {ends[1]}."
    return finish(ax, title=title, alt=alt)


@styled
def value_concentration(shares: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Share of the total value held by the most valuable customers.

    Parameters
    ----------
    shares : DataFrame
        Ascending: `customer_share` and `value_share`, fractions from 0 to 1, most valuable customers first.
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
    >>> table = pd.DataFrame({"customer_share": [0, 0.1, 0.5, 1], "value_share": [0, 0.5, 0.9, 1]})
    >>> plots.show(plots.value_concentration(table))
    Curve of value held by the most valuable customers: the top 10 % hold 50 %, the top half 90 %.
    """
    table = need(shares, "value_concentration", "customer_share", "value_share")
    ax = canvas(ax, height=3.6)
    ax.plot(table["customer_share"], table["value_share"], color=BLUE)
    ax.plot([0, 1], [0, 1], color=TEXT, linewidth=1, linestyle=":")
    tenth, half = np.interp([0.1, 0.5], table["customer_share"], table["value_share"])
    ax.plot([0.1, 0.5], [tenth, half], "o", color=BLUE)
    for x, y, name in ((0.1, tenth, "top 10 %"), (0.5, half, "top half")):
        note(ax, f"{name}: {percent(y)}", (x, y), (8, -14), fontsize=11)
    ax.text(0.62, 0.55, "if all were worth the same", color=TEXT, fontsize=10.5)
    frame(ax)
    number_axis(ax.xaxis, "rate")
    number_axis(ax.yaxis, "rate")
    ax.set_xlabel("Customers, most valuable first")
    ax.set_ylabel("Share of the value")
    held = f"the top 10 % hold {percent(tenth)}, the top half {percent(half)}"
    alt = f"Curve of value held by the most valuable customers: {held}."
    return finish(
        ax,
        title=title,
        subject="How much of the value sits with how few customers",
        finding=findings.value_concentration(float(tenth)),
        alt=alt,
    )
