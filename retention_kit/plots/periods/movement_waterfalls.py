"""Movements of customers and of money in a period, as waterfalls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes

from retention_kit.plots.drawing.labels import need, period_kind, period_name
from retention_kit.plots.drawing.style import RC, finish
from retention_kit.plots.findings import periods as findings
from retention_kit.plots.periods.waterfall import waterfall

Steps: TypeAlias = Sequence[tuple[str, float]]

_CUSTOMERS: Final = {"lost": ("Lost", -1), "new": ("New", 1), "returned": ("Returned", 1)}
_MRR: Final = {
    "new": ("New", 1),
    "expansion": ("Expansion", 1),
    "reactivation": ("Returned", 1),
    "contraction": ("Contraction", -1),
    "churn": ("Churn", -1),
    "exchange": ("Exchange", 1),
}


def customer_movements(period: pd.Series, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Waterfall of one period's customers: start, lost, new, returned, end.

    Parameters
    ----------
    period : Series
        One row of `summarise.periods`: `period`, `start`, `lost`, `new`, `returned`, `end`.
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
    >>> moves = {"start": 100, "lost": 10, "new": 5, "returned": 3, "end": 98}
    >>> plots.show(plots.customer_movements(pd.Series({"period": pd.Timestamp("1998-05-01"), **moves})))
    Active customers in May 1998. Start 100, Lost −10, New +5, Returned +3, End 98.
    """
    row = need(period.to_frame().T, "customer_movements", "period", "start", *_CUSTOMERS, "end").iloc[0]
    changes = [(label, sign * row[name]) for name, (label, sign) in _CUSTOMERS.items()]
    steps = _steps([("Start", row["start"])], changes, [("End", row["end"])])
    subject, finding = f"Active customers in {_name(row)}", findings.customer_movements(row, _name(row))
    ax = waterfall(steps, unit="count", label="Customers", ax=ax, title=title or subject)
    return _entitled(ax, title, subject, finding)


def mrr_movements(period: pd.Series, *, currency: str = "", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Waterfall of one period's monthly recurring revenue: gains and losses.

    Parameters
    ----------
    period : Series
        One row of `summarise.periods` of subscriptions: `period` and the columns that begin with `mrr_`.
    currency : str
        Written beside the axis.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title in place of the finding.

    Returns
    -------
    Axes
        With the alternative text that `show` uses. The effect of exchange rates has a bar only where there is one.

    Raises
    ------
    DataError
        When the movements do not add up to the end.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import plots
    >>> money = {"start": 5000.0, "new": 400.0, "expansion": 90.0, "reactivation": 0.0, "contraction": 50.0,
    ...          "churn": 300.0, "exchange": 0.0, "end": 5140.0}
    >>> month = pd.Series({"period": pd.Timestamp("2024-05-01"), **{f"mrr_{name}": x for name, x in money.items()}})
    >>> plots.show(plots.mrr_movements(month))
    MRR in May 2024. Start 5,000, New +400.00, Expansion +90.00, Returned 0.00, Contraction −50.00, Churn −300.00,
    End 5,140.
    """
    columns = [f"mrr_{name}" for name in ("start", *_MRR, "end")]
    row = need(period.to_frame().T, "mrr_movements", "period", *columns).iloc[0]
    changes = [(label, sign * row[f"mrr_{name}"]) for name, (label, sign) in _MRR.items()]
    changes = [(label, x) for label, x in changes if x or label != "Exchange"]
    steps = _steps([("Start", row["mrr_start"])], changes, [("End", row["mrr_end"])])
    label = f"MRR{f' ({currency})' if currency else ''}"
    subject = f"MRR in {_name(row)}"
    finding = findings.mrr_movements([float(x) for _, x in changes], _name(row), currency)
    ax = waterfall(steps, unit="money", label=label, ax=ax, title=title or subject)
    return _entitled(ax, title, subject, finding)


def _entitled(ax: Axes, title: str | None, subject: str, finding: str) -> Axes:
    """The waterfall with its finding as its title, which it did not know."""
    with mpl.rc_context(RC):
        return finish(ax, title=title, subject=subject, finding=finding, alt=str(ax.get_label()))


def _name(row: pd.Series) -> str:
    return period_name(row["period"], period_kind([row["period"]]), long=True)


def _steps(start: Steps, changes: Steps, end: Steps) -> pd.DataFrame:
    """A table for `waterfall`; no change is 0, never -0."""
    steps = pd.DataFrame([*start, *changes, *end], columns=["label", "value"]).astype({"value": "float64"})
    return steps.assign(
        value=steps["value"] + 0.0, total=[True] * len(start) + [False] * len(changes) + [True] * len(end)
    )
