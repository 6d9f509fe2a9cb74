"""`retention_kit.explore`: the workbench of an order log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from IPython.core.getipython import get_ipython

from retention_kit import extras
from retention_kit.arguments import Arguments
from retention_kit.summarise.common.calendar_periods import as_day
from retention_kit.summarise.common.order_log import Orders
from retention_kit.workbench.choice import Choice
from retention_kit.workbench.kept_answers import Answers
from retention_kit.workbench.lab_panel import panel


def explore(
    orders: Orders,
    *,
    as_of: str | dt.date | None = None,
    period: str = "month",
    definition: str = "on",
    by: str | None = None,
    value: str | None = None,
    lapse_after: int | None = None,
) -> Any:
    """A panel in JupyterLab to choose and to look: cohort map, retention curve, customers and money by period.

    Every argument is what the panel shows first, and can be changed there. A click on a cohort or a cell lists its
    customers, and "Copy as code" gives the cell that makes the same tables.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date, optional
        Last day that counts; the last day of the log if it is not given.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods.
    definition : {"on", "on_or_after", "own_on", "own_on_or_after", "brackets"}
        Who counts as returned: bought in that period, or then or later; in the calendar's periods or in those of the
        customer's own (of 1, 7, 30, 91 or 365 days); or in periods 1 to 3, 4 to 6, 7 to 12.
    by, value : str, optional
        A column, and its value in the first order: customers of this group only. Without a value the largest group.
    lapse_after : int, optional
        Days without an order after which a customer counts as lost, as in `summarise.periods`.

    Returns
    -------
    anywidget.AnyWidget
        The panel; as the last line of a cell it is shown. Tables are asked of the engine, each once, and only what is
        shown goes to the browser: at most 24 cohorts by 24 ages and 100 customers, with the number of all.

    Raises
    ------
    MissingExtraError
        If the packages of the extra `lab` are not installed.
    ConfigError
        If an argument cannot be read.
    DataError
        If the log has no order, or lacks a column.

    Examples
    --------
    >>> import retention_kit
    >>> from retention_kit import load
    >>> panel = retention_kit.explore(load.sample("cdnow"), lapse_after=180)
    >>> panel.answer["map"]["cohorts"][0]
    {'day': '1997-01-01', 'label': '1997-01', 'size': 7846}
    """
    extras.require("lab")
    with Arguments() as check:
        for name, text in (("by", by), ("value", value)):
            check.fault(f"{name} must be text; got {text!r}", when=text is not None and not isinstance(text, str))
    answers = Answers(orders)
    day = answers.days[1] if as_of is None else as_day(as_of).isoformat()
    choice = Choice(day, period, definition, by, value, lapse_after)
    return panel(answers, choice, _name_of(orders))


def _name_of(orders: Orders) -> str:
    """The name that the log has in the notebook, for the code; "orders" if it has none."""
    shell = get_ipython()
    names = {} if shell is None else shell.user_ns
    return next((name for name, thing in names.items() if thing is orders and not name.startswith("_")), "orders")
