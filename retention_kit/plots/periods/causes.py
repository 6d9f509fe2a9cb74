"""What a change of revenue consists of: dots with their intervals, a panel for each earlier period."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes

from retention_kit import metrics
from retention_kit.formats import number, signed
from retention_kit.plots.drawing import marks
from retention_kit.plots.drawing.labels import need, number_axis, short
from retention_kit.plots.drawing.style import BLUE, GREY, MUTED, TEXT, canvas, finish, frame, note, styled
from retention_kit.plots.findings import periods as findings

RATE: Final = 0.1
"""Share of the parts drawn full that may be chance."""
_PANELS: Final = {"previous": "Since the period before", "last_year": "Since the same period a year earlier"}
_NAMES: Final = {
    ("total", "revenue"): "Revenue",
    ("factors", "customers"): "Customers who bought",
    ("factors", "orders per customer"): "Orders per customer",
    ("factors", "value per order"): "Value per order",
    ("factors", "refunds"): "Refunds",
    ("orders", "first"): "First orders",
    ("orders", "repeat"): "Repeat orders",
}
"""Names of the rows; refunds are drawn once."""
_ROW: Final = 0.29
"""Height of a row in inches."""


@styled
def causes(table: pd.DataFrame, *, currency: str = "", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Dots with 95 % intervals: the change of revenue and the parts that add up to it, in a panel per earlier period.

    Parameters
    ----------
    table : DataFrame
        As from `metrics.revenue_causes`: `against`, `split`, `part`, `change`, `low`, `high`, `p`.
    currency : str
        Written beside the axis.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With one child Axes per earlier period, each with its own scale, and the alternative text that `show` uses. Full
        dots are more than chance by the rule of Benjamini and Hochberg over all parts of the table, at a rate of
        10 %; hollow ones are within it.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> table = pd.DataFrame({"against": "previous", "split": ["total", "orders", "orders"],
    ...                       "part": ["revenue", "first", "repeat"], "change": [90.0, 100, -10],
    ...                       "low": [60.0, 80, -30], "high": [120.0, 120, 10], "p": [0.01, 0.001, 0.4]})
    >>> plots.show(plots.causes(table, currency="EUR"))
    Changes with 95 % intervals (EUR). Since the period before: Revenue +90 (+60 to +120), more than chance; First
    orders +100 (+80 to +120), more than chance; Repeat orders −10 (−30 to +10), within chance.
    """
    needed = need(table, "causes", "against", "split", "part", "change", "low", "high", "p")
    needed = needed.assign(sure=metrics.benjamini_hochberg(needed["p"]) <= RATE)
    panels = {name: _rows(needed[needed["against"] == name]) for name in _PANELS if (needed["against"] == name).any()}
    lines = sum(len(rows) + 3.6 for rows in panels.values()) or 2
    ax = canvas(ax, height=0.5 + _ROW * lines)
    ax.axis("off")
    top, descriptions = 1.0, []
    for name, rows in panels.items():
        height = len(rows) / lines
        panel = ax.inset_axes((0.31, top - height - 1.1 / lines, 0.57, height))
        panel.set_in_layout(False)  # the panel and its labels lie within the Axes
        _panel(panel, rows, _PANELS[name], currency)
        descriptions.append(f"{_PANELS[name]}: {_described(rows)}")
        top -= (len(rows) + 3.6) / lines
    if not panels:
        ax.text(0.5, 0.5, "No earlier period to compare with", ha="center", va="center", color=MUTED)
        descriptions = ["No earlier period to compare with"]
    unit = f" ({currency})" if currency else ""
    return finish(
        ax,
        title=title,
        subject="What the change of revenue is",
        finding=findings.causes(needed, _NAMES, currency),
        alt=f"Changes with 95 % intervals{unit}. {'. '.join(descriptions)}.",
    )


def _rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to draw, each with its label; a gap before each split is an empty row."""
    drawn, before = [], ""
    for row in rows.to_dict("records"):
        of_dimension = str(row["split"]).startswith("dimension:")
        label = short(row["part"], 24) if of_dimension else _NAMES.get((row["split"], row["part"]))
        if label is None:
            continue
        if before and row["split"] != before:
            drawn.append(
                {"label": "", "change": float("nan"), "low": float("nan"), "high": float("nan"), "sure": False}
            )
        before = row["split"]
        drawn.append({**{k: row[k] for k in ("change", "low", "high", "sure")}, "label": label})
    return pd.DataFrame(drawn)


def _panel(ax: Axes, rows: pd.DataFrame, heading: str, currency: str) -> None:
    ax.axvline(0, color=GREY, linewidth=1)
    for y, row in enumerate(rows.to_dict("records")):
        if not row["label"]:
            continue
        colour, inside = (BLUE, BLUE) if row["sure"] else (GREY, "white")
        ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.8)
        look: dict[str, Any] = {"color": colour, "markersize": 7, "markerfacecolor": inside, "markeredgewidth": 1.6}
        (point,) = ax.plot([row["change"]], [y], "o", **look)
        change, low, high = (signed(number(row[name], 0)) for name in ("change", "low", "high"))
        interval = "" if pd.isna(row["low"]) else f"95 % interval {low} to {high}"
        chance = f"{'more than' if row['sure'] else 'within'} chance"
        marks.describe(point, [marks.lines(change, row["label"], interval, chance)])
        weight: dict[str, Any] = {"fontweight": "bold"} if row["sure"] else {}
        at = {"xycoords": ax.get_yaxis_transform(), "va": "center", "ha": "right", "fontsize": 11, "color": TEXT}
        note(ax, signed(number(row["change"], 0)), (1.19, y), (0, 0), **at, **weight)
    frame(ax, grid=None)
    ax.set_yticks([y for y, label in enumerate(rows["label"]) if label], [label for label in rows["label"] if label])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    number_axis(ax.xaxis, "money")
    ax.locator_params(axis="x", nbins=5)
    ax.set_title(f"{heading}{f' ({currency})' if currency else ''}", fontsize=12, loc="left", pad=6)


def _described(rows: pd.DataFrame) -> str:
    texts = []
    for row in rows[rows["label"] != ""].to_dict("records"):
        change, low, high = (signed(number(row[name], 0)) for name in ("change", "low", "high"))
        interval = "" if pd.isna(row["low"]) else f" ({low} to {high})"
        texts.append(f"{row['label']} {change}{interval}, {'more than' if row['sure'] else 'within'} chance")
    return "; ".join(texts)
