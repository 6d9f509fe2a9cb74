"""The cohort table as a heat map that shows what has not been observed yet."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError
from retention_kit.formats import compact, count, number, percent
from retention_kit.plots.cohorts.triangle import triangle
from retention_kit.plots.drawing import vector
from retention_kit.plots.drawing.labels import first_middle_last, need, period_kind, period_name, span
from retention_kit.plots.drawing.style import GREY, HATCH, MUTED, SKY, canvas, finish, note, styled
from retention_kit.plots.drawing.tiles import tiles, write
from retention_kit.plots.findings import cohorts as findings

_WIDE = 14
"""Tables with more columns have smaller numbers."""


@styled
def retention_heatmap(
    cohorts: pd.DataFrame,
    *,
    measure: str = "rate",
    unit: str | None = None,
    label: str = "% of the cohort who bought",
    since: str = "first purchase",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Heat map of a cohort table: one row per cohort with its size, one column per age.

    Cells that have not been observed are blank; a cell whose period has not ended for everyone is hatched and carries
    its number without a colour. Age 0 is left out of rates: it is 100 % by definition.

    Parameters
    ----------
    cohorts : DataFrame
        Tidy, as from `summarise.cohorts`: `cohort`, `age`, `size`, `complete` and the measure; NaN is unobserved.
    measure : str
        Column to draw.
    unit : {"rate", "money", "count", "number"}, optional
        How values are written: shares in percent, which is the default for the measure "rate", other values with at
        most three digits.
    label : str
        Meaning of a cell, with its unit.
    since : str
        What ages are counted from.
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
        When there is no age but 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> cohorts = pd.DataFrame({"cohort": pd.to_datetime(["1997-01-01"] * 3 + ["1997-02-01"] * 3), "age": [0, 1, 2] * 2,
    ...                         "size": 200, "rate": [1, 0.3, 0.2, 1, 0.25, None],
    ...                         "complete": [True, True, False, True, True, False]})
    >>> plots.show(plots.retention_heatmap(cohorts))
    Heat map of 2 cohorts by month, January 1997 to February 1997, of 200 to 200 customers. Age 1: from 25 % to 30 %
    in 2 complete cohorts. Age 2: no complete cohort.
    """
    needed = need(cohorts, "retention_heatmap", "cohort", "age", "size", "complete", measure)
    table = needed[needed["age"] > 0] if measure == "rate" else needed
    if table.empty:
        raise DataError("plots.retention_heatmap leaves out age 0 and there is no other yet; take a later as_of.")
    values = table.pivot(index="cohort", columns="age", values=measure).astype(float).sort_index()
    complete = table.pivot(index="cohort", columns="age", values="complete").eq(True) & values.notna()
    sizes = table.groupby("cohort")["size"].first()
    ax = canvas(ax, height=1.5 + 0.33 * len(values))
    mesh = tiles(ax, values.where(complete))
    with Arguments() as check:
        check.choice("unit", "number" if unit is None else unit, ("rate", "money", "count", "number"))
    unit = unit or ("rate" if measure == "rate" else "number")
    texts, scale = _written(values, unit)
    _texts(ax, mesh, complete.to_numpy(), np.where(values.notna(), texts, ""))
    kind = period_kind(table["cohort"]) if _dated(table) else ""
    _rows(ax, values.index, sizes, ages=values.columns, kind=kind)
    ax.set_xlabel(f"{ax.get_xlabel()} after the {since}")
    blank, partly = bool(values.isna().any(axis=None)), bool((~complete & values.notna()).any(axis=None))
    hidden = "suppressed" in table and bool(table["suppressed"].any())
    unseen = "not observed, or too few customers to show" if hidden else "not observed"
    _key(ax, label + scale, unseen if blank else "", partly=partly)
    alt = _alternative_text(values, complete, sizes, unit)
    subject = "Retention by cohort and age"
    finding = findings.retention_heatmap(values, complete, sizes, kind) if measure == "rate" else ""
    shown = title or finding or subject
    look: dict[str, Any] = {"measure": measure, "unit": unit, "label": label, "since": since}
    vector.take_markup(
        ax,
        functools.partial(
            triangle, cohorts, title=shown, subject="" if title else subject, description=f"{shown}. {alt}", **look
        ),
    )
    return finish(ax, title=title, subject=subject, finding=finding, alt=alt, width=42)


def _dated(table: pd.DataFrame) -> bool:
    return pd.api.types.is_datetime64_any_dtype(table["cohort"])


def _written(values: pd.DataFrame, unit: str) -> tuple[pd.DataFrame, str]:
    """Every number as text that fits its cell, and what to add to the label for thousands or more."""
    if unit == "rate":
        return values.map(lambda x: f"{100 * x:.0f}"), ""
    if values.shape[1] <= _WIDE:
        return values.map(compact), ""
    top = float(np.nanmax(np.abs(values.to_numpy()), initial=0.0))
    size, name = next(
        ((s, n) for s, n in ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands")) if top >= s), (1, "")
    )
    if top < 1:
        return values.map(lambda x: number(x, 2).replace("0.", ".", 1)), ""
    written = (values / size).map(lambda x: number(x, 1 if abs(x) < 9.95 else 0))
    return written, f", in {name}" if name else ""


def _texts(ax: Axes, mesh: QuadMesh, complete: np.ndarray, texts: np.ndarray) -> None:
    """The number in every observed cell, and a hatch in the incomplete ones."""
    sizes = 11.0 if texts.shape[1] <= _WIDE else np.where(np.strings.str_len(texts.astype(str)) <= 2, 10.5, 8)
    write(ax, np.where(complete, texts, ""), sizes, mesh)
    partly = np.where(complete, "", texts)
    for i, j in np.argwhere(partly != ""):
        frame = Rectangle((j + 0.04, i + 0.04), 0.92, 0.92, fill=False, hatch=HATCH, edgecolor=GREY, linewidth=0)
        ax.add_patch(frame).set_in_layout(False)
    for text in write(ax, partly, sizes):
        text.set_path_effects([withStroke(linewidth=3, foreground="white")])


def _rows(ax: Axes, cohorts: pd.Index, sizes: pd.Series, ages: pd.Index, kind: str) -> None:
    """Name and size at each row, ages on top."""
    names = [f"{period_name(c, kind)}  {count(sizes[c]):>7}" for c in cohorts]
    ax.set_yticks(np.arange(len(names)) + 0.5, names, va="center", fontsize=10.5, family="DejaVu Sans Mono")
    every = 1 if len(ages) <= 16 else 2
    ax.set_xticks(np.arange(0, len(ages), every) + 0.5, [str(a) for a in ages[::every]])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    unit = {"day": "Days", "week": "Weeks", "month": "Months", "quarter": "Quarters", "year": "Years"}.get(
        kind, "Periods"
    )
    ax.set_xlabel(unit)
    ax.set_ylabel("")
    style = {"xycoords": "axes fraction", "ha": "right", "va": "bottom", "fontsize": 10.5, "color": MUTED}
    note(ax, "cohort       n", (0, 1), (-4, 6), family="DejaVu Sans Mono", **style)


def _key(ax: Axes, label: str, unseen: str, *, partly: bool) -> None:
    """Legend under the map: what coloured, blank and hatched cells mean."""
    handles = [Patch(facecolor=SKY, edgecolor=GREY, linewidth=0.8, label=label)]
    if partly:
        handles.append(Patch(fill=False, hatch=HATCH, edgecolor=GREY, linewidth=0.8, label="not complete yet"))
    if unseen:
        handles.append(Patch(facecolor="white", edgecolor=GREY, linewidth=0.8, label=unseen))
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        ncols=2,
        fontsize=10.5,
        handlelength=1.4,
        columnspacing=1.4,
    )


def _alternative_text(values: pd.DataFrame, complete: pd.DataFrame, sizes: pd.Series, unit: str) -> str:
    cohorts = values.index.to_series()
    when = f" {span(cohorts)}" if pd.api.types.is_datetime64_any_dtype(cohorts) else ""
    text = f"Heat map of {len(values)} cohorts{when}, of {count(sizes.min())} to {count(sizes.max())} customers."
    for age in values.columns[first_middle_last(values.shape[1])]:
        observed = values[age][complete[age]]
        if observed.empty:
            text += f" Age {age}: no complete cohort."
        else:
            low, high = ((percent if unit == "rate" else compact)(x) for x in (observed.min(), observed.max()))
            text += f" Age {age}: from {low} to {high} in {len(observed)} complete cohorts."
    return text
