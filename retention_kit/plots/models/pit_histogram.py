"""Whether the predicted distributions of single customers fit what they did."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention_kit.errors import DataError
from retention_kit.formats import percent
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import TEXT, canvas, finish, frame, series, styled
from retention_kit.plots.findings import models as findings


@styled
def pit_histogram(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Histogram of the probability integral transform, a line per model; on the dotted line if predictions are right.

    Parameters
    ----------
    table : DataFrame
        As from `models.holdout(…).pit`, of one split: `model`, `low`, `high`, `share` (of the customers; 1 together).
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
        The shares of a model do not add up to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> table = pd.DataFrame({"model": "BGNBD", "low": [0.0, 0.5], "high": [0.5, 1.0], "share": [0.6, 0.4]})
    >>> plots.show(plots.pit_histogram(table))
    Histogram of the probability integral transform; level means that the predicted distributions are right. BGNBD: 60 %
    of the customers in the lowest bin, 40 % in the highest, 50 % if level.
    """
    table = need(table, "pit_histogram", "model", "low", "high", "share")
    by_model = {str(model): part.sort_values("low") for model, part in table.groupby("model", sort=False)}
    if wrong := [model for model, part in by_model.items() if not abs(part["share"].sum() - 1) < 1e-6]:
        raise DataError(f"pit_histogram needs one split, with shares that add up to 1; not so for {', '.join(wrong)}.")
    ax = canvas(ax, height=3.6)
    parts = []
    for i, (model, bins) in enumerate(by_model.items()):
        ax.plot((bins["low"] + bins["high"]) / 2, bins["share"], label=short(model), **series(i))
        level = 1 / len(bins)
        ends = (
            f"{percent(bins['share'].iloc[0])} of the customers in the lowest bin, {percent(bins['share'].iloc[-1])} in"
        )
        parts.append(f"{model}: {ends} the highest, {percent(level)} if level.")
    ax.axhline(level, color=TEXT, linewidth=1, linestyle=":")
    frame(ax)
    ax.set_xlim(0, 1)
    ax.set_ylim(bottom=0)
    number_axis(ax.yaxis, "rate")
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))  # no 2.5 %, which would be written as 2 %
    ax.set_xlabel("Below the middle: bought less than predicted; above: more")
    ax.set_ylabel("Share of the customers")
    ax.legend(loc="best")
    head = "Histogram of the probability integral transform; level means that the predicted distributions are right."
    return finish(
        ax,
        title=title,
        subject="Where customers landed in their predicted distributions",
        finding=findings.pit_histogram(by_model),
        alt=f"{head} {' '.join(parts)}",
    )
