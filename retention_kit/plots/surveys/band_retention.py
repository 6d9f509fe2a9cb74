"""What customers did after they answered a survey, by band."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.formats import compact, percent
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import canvas, error_bars, finish, frame, series, styled, under
from retention_kit.plots.findings import surveys as findings

_MEASURES = {
    "rate": ("low", "high", "Share who bought"),
    "revenue_per_customer": ("revenue_low", "revenue_high", "Revenue per customer"),
}


@styled
def band_retention(
    behaviour: pd.DataFrame,
    *,
    measure: str = "rate",
    period: str = "month",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Curves of what each band did in the periods after its answer, with 95 % intervals.

    Parameters
    ----------
    behaviour : DataFrame
        As from `summarise.band_behaviour`: `band` (best first), `age`, and the measure with its ends; NaN leaves a gap.
    measure : {"rate", "revenue_per_customer"}
        Share who bought, or money.
    period : str
        Unit of the ages.
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
    ConfigError
        If the measure is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> table = pd.DataFrame({"band": ["promoters", "detractors"], "age": 1, "rate": [0.3, 0.1]})
    >>> plots.show(plots.band_retention(table.assign(low=[0.2, 0.05], high=[0.4, 0.2])))
    Share who bought after the answer, by band. promoters: 30 % in month 1. detractors: 10 % in month 1.
    """
    refuse(period=(period, "period"))
    if measure not in _MEASURES:
        raise ConfigError(f"measure is one of {', '.join(_MEASURES)}; got {measure!r}.")
    low, high, name = _MEASURES[measure]
    table = need(behaviour, "band_retention", "band", "age", measure, low, high)
    bands = list(dict.fromkeys(table["band"]))
    ax = canvas(ax, height=4.0)
    descriptions = []
    for i, band in enumerate(bands):
        rows = table[table["band"] == band].sort_values("age")
        x = rows["age"] + 0.12 * (i - (len(bands) - 1) / 2)
        style = series(i) | {"label": short(band, 24), "elinewidth": 1.4, "capsize": 3}
        written = percent if measure == "rate" else compact
        ends = marks.intervals(rows[low], rows[high], written)
        texts = [
            "" if pd.isna(y) else marks.lines(written(y), f"{band}, {period} {age}", interval)
            for y, age, interval in zip(rows[measure], rows["age"], ends, strict=True)
        ]
        error_bars(ax, x, rows[measure], rows[low], rows[high], texts=texts, **style)
        descriptions.append(_description_of_band(band, rows, measure, period))
    frame(ax)
    number_axis(ax.yaxis, "rate" if measure == "rate" else "money")
    ax.set_ylim(bottom=min(0.0, table[low].min()) if table[low].notna().any() else 0.0)
    ax.set(xticks=np.unique(table["age"]), xlim=(table["age"].min() - 0.5, table["age"].max() + 0.5))
    if table[measure].isna().all():
        ax.set_yticks([])
        ax.text(0.5, 0.5, "nothing known yet", transform=ax.transAxes, ha="center", va="center")
    ax.set_xlabel(f"{period.capitalize()}s after the answer's {period}")
    ax.set_ylabel(name)
    ax.legend(ncols=3, **under(ax, 0.53))
    subject = f"{name} after the answer, with 95 % interval"
    finding = findings.band_retention(table, measure, low, high, period)
    return finish(
        ax,
        title=title,
        subject=subject,
        finding=finding,
        alt=f"{name} after the answer, by band. {' '.join(descriptions)}",
    )


def _description_of_band(band: str, rows: pd.DataFrame, measure: str, period: str) -> str:
    observed = rows.dropna(subset=[measure])
    if observed.empty:
        return f"{band}: nothing known yet."
    written = percent if measure == "rate" else compact
    ends = dict.fromkeys((0, len(observed) - 1))
    return (
        f"{band}: "
        + ", ".join(f"{written(observed[measure].iloc[i])} in {period} {observed['age'].iloc[i]}" for i in ends)
        + "."
    )
