"""Tracking of a purchase model: expected and actual purchases, within the calibration period and after it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_kit.formats import count
from retention_kit.plots.drawing.labels import need, number_axis, period_axis, period_kind, span
from retention_kit.plots.drawing.style import BLUE, MUTED, VERMILION, canvas, finish, frame, note, styled
from retention_kit.plots.findings import models as findings


@styled
def tracking(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Repeat purchases period by period and in all, actual against expected, with a line where the calibration ended.

    Parameters
    ----------
    table : DataFrame
        As from `models.tracking`: `end` (last day of the period), `actual`, `expected`, `cumulative_actual`,
        `cumulative_expected`, `fitted` (whether the model has seen the period).
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With one child Axes for each of the two panels, and the alternative text that `show` uses.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> weeks = pd.date_range("1997-01-07", periods=3, freq="7D")
    >>> table = pd.DataFrame({"end": weeks, "actual": [10, 30, 20], "expected": [12.0, 26, 27],
    ...                       "cumulative_actual": [10, 40, 60], "cumulative_expected": [12.0, 38, 65],
    ...                       "fitted": [True, True, False]})
    >>> plots.show(plots.tracking(table))
    Repeat purchases by week, 1997-01-07 to 1997-01-21: 60 actual, 65 expected by the model. Since the calibration
    ended on 1997-01-14: 20 actual, 27 expected.
    """
    columns = ("end", "actual", "expected", "cumulative_actual", "cumulative_expected", "fitted")
    table = need(table, "tracking", *columns).sort_values("end").reset_index(drop=True)
    ax = canvas(ax, height=5.2)
    ax.axis("off")
    kind = period_kind(table["end"])
    seen = int(table["fitted"].sum())
    per_period = ax.inset_axes((0, 0.55, 1, 0.45))
    total = ax.inset_axes((0, 0, 1, 0.45))
    for panel, before, name in ((per_period, "", f"Purchases per {kind}"), (total, "cumulative_", "Purchases in all")):
        _pair(panel, table[f"{before}actual"], table[f"{before}expected"])
        if 0 < seen < len(table):
            panel.axvline(seen - 0.5, color=MUTED, linewidth=1.2, linestyle=":")
        period_axis(panel, table["end"])
        panel.set_ylabel(name)
    per_period.tick_params(labelbottom=False)
    total.set_xlabel(f"Last day of the {kind}")
    total.legend(loc="upper left")
    if 0 < seen < len(table):
        note(total, "calibration ended", (seen - 0.5, 0), (6, 4), va="bottom", fontsize=11, color=MUTED)
    return finish(
        ax,
        title=title,
        subject="Repeat purchases, actual and expected by the model",
        finding=findings.tracking(table, seen),
        alt=_alternative_text(table, seen),
    )


def _pair(panel: Axes, actual: pd.Series, expected: pd.Series) -> None:
    panel.plot(range(len(actual)), actual, color=BLUE, label="actual")
    panel.plot(range(len(actual)), expected, color=VERMILION, linestyle="--", label="expected by the model")
    frame(panel)
    panel.set_ylim(bottom=0)
    number_axis(panel.yaxis, "count")


def _alternative_text(table: pd.DataFrame, seen: int) -> str:
    sums = table[["cumulative_actual", "cumulative_expected"]].to_numpy(dtype="float64")
    actual, expected = sums[-1]
    text = f"{count(actual)} actual, {count(expected)} expected by the model."
    if 0 < seen < len(table):
        later, supposed = sums[-1] - sums[seen - 1]
        ended = table["end"][seen - 1].date()
        text += f" Since the calibration ended on {ended}: {count(later)} actual, {count(supposed)} expected."
    return f"Repeat purchases {span(table['end'])}: {text}"
