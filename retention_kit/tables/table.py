"""Any small DataFrame as a readable table."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from great_tables import GT

from retention_kit.tables.cells import in_unit
from retention_kit.tables.sheet import Sheet, need

_RATES = ("rate", "share", "low", "high", "churn", "retention")
_MONEY = ("revenue", "amount", "value", "refunds", "mrr", "money")


def table(
    frame: pd.DataFrame,
    *,
    id: str,
    caption: str | None = None,
    formats: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    note: str | None = None,
) -> Sheet:
    """A small DataFrame as a table.

    Parameters
    ----------
    frame : DataFrame
        Finished rows in their order; the index is left out.
    id : str
        Name of the table, unique on its page.
    caption : str, optional
        What the table shows, in its first line.
    formats : mapping, optional
        Units of columns: rate, money, count, score, days, number, date or text. For others the unit follows
        from their type and the last word of their name (`churn_rate` is a rate).
    labels : mapping, optional
        Headings of columns; other headings are the column's name in plain words.
    note : str, optional
        A line under the table.

    Returns
    -------
    Sheet
        For display in a notebook; missing values are a dash. Text from data is escaped.

    Raises
    ------
    DataError
        When it is not a DataFrame.
    ConfigError
        When a unit is unknown.

    Examples
    --------
    >>> table(pd.DataFrame({"segment": ["loyal"], "customer_share": [0.25]}), id="shares")
    segment  customer_share
      loyal            0.25
    """
    frame = need(frame, "table", *(formats or {}), *(labels or {}))
    units = {str(c): (formats or {}).get(c) or _unit(str(c), frame[c]) for c in frame.columns}
    cells = [cells for name, unit in units.items() for cells in in_unit(name, unit)]
    headings = {name: name.replace("_", " ").capitalize() for name in units} | dict(labels or {})

    def finish(gt: GT) -> GT:
        gt = gt.cols_label({**headings})
        return gt.tab_source_note(note) if note else gt

    return Sheet(frame, frame.to_string(index=False), id=id, cells=cells, finish=finish, title=caption or "")


def _unit(name: str, values: pd.Series) -> str:
    """The unit of a column from its type and the last word of its name."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return "text"
    last = name.split("_")[-1]
    if last in _RATES:
        return "rate"
    if last in _MONEY:
        return "money"
    is_whole = pd.api.types.is_integer_dtype(values) or (values.dropna() % 1 == 0).all()
    return "count" if is_whole else "number"
