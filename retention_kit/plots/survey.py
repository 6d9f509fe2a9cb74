"""Survey scores: the bands of one period, and the score over time with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.plots.labels import count, need, number, percent, period_axis, span
from retention_kit.plots.style import BLUE, GREY, ORANGE, TEXT, canvas, finish, frame, styled, text_on

__all__ = ["nps_bar", "nps_trend"]

_BANDS = (("detractors", ORANGE, "//"), ("passives", "#E6E6E6", None), ("promoters", BLUE, None))


@styled
def nps_bar(
    answers: pd.DataFrame, *, ax: Axes | None = None, title: str = "Detractors, passives and promoters"
) -> Axes:
    """One stacked bar per row: shares of the three bands, with the score and its interval.

    Parameters
    ----------
    answers : DataFrame
        One row per bar: `label`, `n`, `detractors`, `passives`, `promoters`, `nps`, `low`, `high`.
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
    >>> june = pd.DataFrame({"label": ["June"], "n": [100], "detractors": [10], "passives": [20], "promoters": [70],
    ...                      "nps": [60.0], "low": [45.3], "high": [71.2]})
    >>> plots.show(plots.nps_bar(june))
    Stacked bars. June: detractors 10 %, passives 20 %, promoters 70 %; NPS 60, 95 % interval 45 to 71, 100 answers.
    """
    table = need(answers, "nps_bar", "label", "n", "detractors", "passives", "promoters", "nps", "low", "high")
    ax = canvas(ax, height=1.5 + 0.75 * len(table))
    shares = _stack(ax, table)
    scores = [
        f"NPS {number(r.nps, 0)}, 95 % interval {number(r.low, 0)} to {number(r.high, 0)}, {count(r.n)} answers"
        for r in table.itertuples()
    ]
    for y, score in enumerate(scores):
        ax.text(0, y - 0.36, score, ha="left", va="bottom", fontsize=11)
    frame(ax, grid=None)
    ax.set_yticks(range(len(table)), [str(name) for name in table["label"]])
    ax.set_ylim(len(table) - 0.6, -0.75)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=3)
    parts = [f"{name}: {share}; {score}" for name, share, score in zip(table["label"], shares, scores, strict=True)]
    return finish(ax, title=title, alt=f"Stacked bars. {'. '.join(parts)}.")


def _stack(ax: Axes, table: pd.DataFrame) -> list[str]:
    """The three bands of each row as bars, and their shares in words."""
    total = table[["detractors", "passives", "promoters"]].sum(axis=1).to_numpy()
    left = np.zeros(len(table))
    words: list[list[str]] = [[] for _ in left]
    for band, colour, hatch in _BANDS:
        share = table[band].to_numpy() / total
        look = {"color": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.8, "label": band}
        ax.barh(range(len(table)), share, left=left, height=0.5, **look)
        for y, part in enumerate(share):
            words[y].append(f"{band} {percent(part)}")
            if part >= 0.05:
                box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
                middle = left[y] + part / 2
                ax.text(middle, y, percent(part), ha="center", va="center", color=text_on(colour), bbox=box)
        left = left + share
    return [", ".join(row) for row in words]


@styled
def nps_trend(
    answers: pd.DataFrame, *, ax: Axes | None = None, title: str = "NPS by month, with 95 % interval"
) -> Axes:
    """The score of each period with its interval.

    Parameters
    ----------
    answers : DataFrame
        One row per period: `period`, `n`, `nps`, `low`, `high`; NaN where nobody answered.
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
    >>> months = pd.date_range("1998-01-01", periods=2, freq="MS")
    >>> table = pd.DataFrame({"period": months, "n": [80, 90], "nps": [10.0, 20], "low": [-5.0, 6], "high": [25.0, 33]})
    >>> plots.show(plots.nps_trend(table))
    NPS by month, January 1998 to February 1998: from 10 (−5 to 25) to 20 (6 to 33).
    """
    table = need(answers, "nps_trend", "period", "n", "nps", "low", "high").sort_values("period").reset_index(drop=True)
    ax = canvas(ax, height=3.8)
    low, high = table["nps"] - table["low"], table["high"] - table["nps"]
    ax.axhline(0, color=GREY, linewidth=1)
    ax.errorbar(
        range(len(table)), table["nps"], yerr=[low, high], fmt="o-", color=BLUE, ecolor=BLUE, elinewidth=1.4, capsize=3
    )
    frame(ax)
    period_axis(ax, table["period"])
    ax.set_ylabel("NPS (points)")
    bottom = max(-100.0, table["low"].min() - 12)
    ax.set_ylim(bottom, min(100.0, table["high"].max() + 5))
    every = 1 if len(table) <= 12 else 3
    for i in range(len(table) - 1, -1, -every):
        ax.annotate(
            f"n {count(table['n'][i])}",
            (i, bottom),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            color=TEXT,
        )
    known = table.dropna(subset=["nps"])
    ends = [f"{number(r.nps, 0)} ({number(r.low, 0)} to {number(r.high, 0)})" for r in (known.iloc[0], known.iloc[-1])]
    return finish(ax, title=title, alt=f"NPS {span(table['period'])}: from {ends[0]} to {ends[1]}.")
