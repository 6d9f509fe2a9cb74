"""Survey scores: the bands of one period or group, and the score over time with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.errors import DataError
from retention_kit.formats import count, number, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import (
    need,
    number_axis,
    period_axis,
    period_kind,
    period_name,
    rows_of,
    short,
    span,
)
from retention_kit.plots.drawing.style import (
    BLUE,
    GREY,
    ORANGE,
    TEXT,
    canvas,
    error_bars,
    finish,
    frame,
    note,
    styled,
    text_on,
)
from retention_kit.plots.findings import surveys as findings
from retention_kit.plots.findings.periods import trend

_LOOKS = {1: ((BLUE, None),), 2: ((ORANGE, "//"), (BLUE, None)), 3: ((ORANGE, "//"), ("#E6E6E6", None), (BLUE, None))}
_SHARES = ("satisfied", "agreeing")


@styled
def survey_bars(answers: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """One stacked bar per row: shares of the bands, with the score and its interval.

    Parameters
    ----------
    answers : DataFrame
        One row per bar, as from `metrics.survey_scores`, with a `label`: `n`, `score`, `low`, `high`, and the bands
        `detractors`, `passives`, `promoters` (NPS), or `satisfied` (CSAT) or `agreeing` (CES) with `answers`. Where the
        score is NaN, the answers are too few to be shown.
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
        If the table has no bands.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> june = pd.DataFrame({"label": ["June"], "n": [100], "detractors": [10], "passives": [20], "promoters": [70],
    ...                      "score": [60.0], "low": [45.3], "high": [71.2]})
    >>> plots.show(plots.survey_bars(june))
    Stacked bars. June: detractors 10 %, passives 20 %, promoters 70 %; NPS 60, 95 % interval 45 to 71, 100 answers.
    """
    table = need(answers, "survey_bars", "label", "n", "score", "low", "high").reset_index(drop=True)
    bands, name = _bands(table)
    bands = bands.where(table["score"].notna())
    ax = canvas(ax, height=1.5 + 0.75 * len(table))
    scores = [_score(row, name) for row in rows_of(table)]
    shares = _stack(ax, bands, [f"{short(row.label)}, {count(row.n)} answers" for row in rows_of(table)])
    for y, score in enumerate(scores):
        ax.text(0, y - 0.36, score, ha="left", va="bottom", fontsize=11)
    frame(ax, grid=None)
    ax.set_yticks(range(len(table)), [short(label) for label in table["label"]])
    ax.set_ylim(len(table) - 0.6, -0.75)
    ax.set_xlim(0, 1)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=3)
    descriptions = [f"{share}; {score}" if share else score for share, score in zip(shares, scores, strict=True)]
    bars = [f"{label}: {text}" for label, text in zip(table["label"], descriptions, strict=True)]
    return finish(
        ax,
        title=title,
        subject="Answers by band",
        finding=findings.survey_bars(table, name),
        alt=f"Stacked bars. {'. '.join(bars)}.",
    )


def _bands(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Shares of the bands, worst first, and the name of the score."""
    nps = ["detractors", "passives", "promoters"]
    if all(band in table.columns for band in nps):
        return table[nps].div(table[nps].sum(axis=1), axis=0), "NPS"
    share = next((name for name in _SHARES if name in table.columns), None)
    if share is None or "answers" not in table.columns:
        names = ", ".join(map(str, table.columns))
        raise DataError(
            f"A survey plot needs the columns {', '.join(nps)}, or {' or '.join(_SHARES)} with answers; found {names}."
        )
    good = table[share] / table["answers"]
    return pd.DataFrame({f"not {share}": 1 - good, share: good}), share


def _stack(ax: Axes, bands: pd.DataFrame, names: list[str]) -> list[str]:
    """The bands of each row as bars, and their shares in words."""
    left = np.zeros(len(bands))
    descriptions: list[list[str]] = [[] for _ in left]
    for band, (colour, hatch) in zip(bands.columns, _LOOKS[bands.shape[1]], strict=True):
        shares = bands[band].to_numpy()
        style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.8, "label": band}
        bars = ax.barh(range(len(bands)), np.nan_to_num(shares), left=left, height=0.5, **style)
        pairs = zip(shares, names, strict=True)
        texts = ["" if np.isnan(x) else marks.lines(percent(x, 1), str(band), label) for x, label in pairs]
        marks.describe_bars(bars, texts)
        for y, share in enumerate(shares):
            if not np.isnan(share):
                descriptions[y].append(f"{band} {percent(share)}")
            if share >= 0.05:  # a smaller share is narrower than its number
                box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
                middle = left[y] + share / 2
                ax.text(middle, y, percent(share), ha="center", va="center", color=text_on(colour), bbox=box)
        left = left + np.nan_to_num(shares)
    return [", ".join(row) for row in descriptions]


def _score(row: Any, name: str) -> str:
    if np.isnan(row.score):
        return f"{count(row.n)} answers, too few to be shown"
    score, low, high = (number(x, 0) if name == "NPS" else percent(x) for x in (row.score, row.low, row.high))
    return f"{name} {score}, 95 % interval {low} to {high}, {count(row.n)} answers"


def _score_lines(row: Any, kind: str, name: str) -> list[str]:
    """The score of a period, its name, and its interval."""
    written = (lambda x: number(x, 0)) if kind == "NPS" else percent
    ends = marks.intervals([row.low], [row.high], written)
    return [written(row.score), f"{name}, {period_name(row.period, 'month', long=True)}", *ends]


@styled
def survey_trend(answers: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """The score of each period with its interval.

    Parameters
    ----------
    answers : DataFrame
        One row per period, as from `metrics.survey_trend`: `period`, `n`, `score`, `low`, `high` and the bands; NaN
        where nobody answered, or too few.
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
        If the table has no bands.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> months = pd.date_range("1998-01-01", periods=2, freq="MS")
    >>> table = pd.DataFrame({"period": months, "n": [80, 90], "score": [0.1, 0.2], "low": [0.05, 0.13],
    ...                       "high": [0.18, 0.3], "satisfied": [8, 18], "answers": [80, 90]})
    >>> plots.show(plots.survey_trend(table))
    Share satisfied by month, January 1998 to February 1998: from 10 % (5 % to 18 %) to 20 % (13 % to 30 %).
    """
    table = need(answers, "survey_trend", "period", "n", "score", "low", "high")
    table = table.sort_values("period").reset_index(drop=True)
    _, kind = _bands(table)
    name = "NPS" if kind == "NPS" else f"Share {kind}"
    ax = canvas(ax, height=3.8)
    if kind == "NPS":
        ax.axhline(0, color=GREY, linewidth=1)
    style = {"fmt": "o-", "color": BLUE, "ecolor": BLUE, "elinewidth": 1.4, "capsize": 3}
    texts = [
        "" if np.isnan(row.score) else marks.lines(*_score_lines(row, kind, name), f"n {count(row.n)}")
        for row in rows_of(table)
    ]
    error_bars(ax, range(len(table)), table["score"], table["low"], table["high"], texts=texts, **style)
    frame(ax)
    period_axis(ax, table["period"])
    ax.set_ylabel("NPS (points)" if kind == "NPS" else name)
    _numbers(ax, table, kind == "NPS")
    written = (lambda x: number(x, 0)) if kind == "NPS" else percent
    answered = table.dropna(subset=["score"])
    scores = [f"{written(row.score)} ({written(row.low)} to {written(row.high)})" for row in rows_of(answered)]
    summary = f"from {scores[0]} to {scores[-1]}" if scores else "too few answers in every one"
    subject = f"{name} by {period_kind(table['period'])}, with 95 % interval"
    finding = trend(table, name, "score", column="score", written=written)
    return finish(ax, title=title, subject=subject, finding=finding, alt=f"{name} {span(table['period'])}: {summary}.")


def _numbers(ax: Axes, table: pd.DataFrame, points: bool) -> None:
    """Limits that leave room for the numbers of answers below the curve."""
    floor, top = (-100.0, 100.0) if points else (0.0, 1.0)
    low, high = (table["low"].min(), table["high"].max()) if table["score"].notna().any() else (floor, top)
    room = 0.14 * (high - low)
    bottom = low - room
    ax.set_ylim(bottom, min(top, high + room / 2))
    number_axis(ax.yaxis, "score" if points else "rate")
    every = 1 if len(table) <= 12 else 3
    for i in range(len(table) - 1, -1, -every):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        note(ax, f"n {count(table['n'][i])}", (i, bottom), (0, 3), ha="center", fontsize=9.5, color=TEXT, bbox=box)
