"""Any small DataFrame as a readable table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from great_tables import GT

from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import period_kind
from retention_kit.load import Dataset
from retention_kit.tables.cells import Cells, by_row, code, in_unit
from retention_kit.tables.sheet import Sheet, need

_RATES = ("rate", "share", "low", "high", "churn", "retention")
_MONEY = ("revenue", "amount", "value", "refunds", "mrr", "money", "arpa", "arpu")
_P = ("p", "p_value", "p_holm")
_PERIODS = ("period", "cohort", "month", "quarter", "week", "year")


def table(
    frame: pd.DataFrame,
    *,
    id: str,
    caption: str | None = None,
    formats: Mapping[str, str | Sequence[str]] | None = None,
    labels: Mapping[str, str] | None = None,
    note: str | None = None,
    currency: Dataset | str | None = None,
    behind: Any = None,
    about: Mapping[str, str] | None = None,
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
        Units of columns, or a list with the unit of each row: rate, money, count, score, days, number; expected (money
        rounded by `three_digits`); points (a difference of rates) and change (of scores), which have a sign; p (a
        probability of chance); truth (yes or no); date, or the period that begins on a date: day, week, month, quarter,
        year; text. For others the unit follows from their type and the last word of their name (`churn_rate` is a
        rate, `period` a period).
    labels : mapping, optional
        Headings of columns; other headings are the column's name in plain words.
    note : str, optional
        A line under the table.
    currency : Dataset or str, optional
        The currency of money: of the data, or its code. Otherwise the one that the frame carries in
        `attrs["currency"]`, as the tables of `summarise` do; without any, money has no sign.
    behind : DataFrame or Ibis table, optional
        The customers behind the numbers, one row each with a column customer_id: `.behind` of the result. They are not
        displayed; a report makes searchable lists of them.
    about : mapping of str to str, optional
        Texts that are kept with these customers, such as a fitted model as JSON.

    Returns
    -------
    Sheet
        For display in a notebook; missing values are a dash. Text from data is escaped.

    Raises
    ------
    DataError
        When it is not a DataFrame, or `behind` has no column customer_id.
    ConfigError
        When a unit is unknown.

    Examples
    --------
    >>> table(pd.DataFrame({"segment": ["loyal"], "customer_share": [0.25]}), id="shares")
    segment  customer_share
      loyal            0.25
    """
    frame = need(frame, "table", *(formats or {}), *(labels or {}))
    if behind is not None and "customer_id" not in getattr(behind, "columns", ()):
        raise DataError("behind needs one row per customer with a column customer_id.")
    sign, columns = code(currency, frame), {str(c): frame[c] for c in frame.columns}
    units = {c: (formats or {}).get(c) or _unit(c, values) for c, values in columns.items()}
    cells = [cells for name, unit in units.items() for cells in _cells(name, unit, columns[name], sign)]
    headings = {name: name.replace("_", " ").capitalize() for name in units} | dict(labels or {})

    def finish(gt: GT) -> GT:
        gt = gt.cols_label({**headings})
        return gt.tab_source_note(note) if note else gt

    return Sheet(
        frame,
        frame.to_string(index=False),
        id=id,
        cells=cells,
        finish=finish,
        title=caption or "",
        behind=behind,
        about=about or {},
    )


def _cells(name: str, unit: str | Sequence[str], values: pd.Series, currency: str) -> list[Cells]:
    """The cells of a column; where the unit differs by row, each amount has its own number of digits."""
    if isinstance(unit, str):
        return in_unit(name, unit, values, currency)
    if len(unit) != len(values):
        raise ConfigError(f"The units of {name} are {len(unit)}, one for each row; the table has {len(values)} rows.")
    return by_row([name], pd.DataFrame({name: values, "unit": list(unit)}), currency)


def _unit(name: str, values: pd.Series) -> str:
    """The unit of a column from its type and the last word of its name."""
    last = name.split("_")[-1]
    if pd.api.types.is_datetime64_any_dtype(values):
        return period_kind(values.dropna()) if last in _PERIODS else "date"
    if pd.api.types.is_bool_dtype(values) or pd.api.types.infer_dtype(values, skipna=True) == "boolean":
        return "truth"
    if not pd.api.types.is_numeric_dtype(values):
        return "text"
    if name in _P:
        return "p"
    if last in _RATES:
        return "rate"
    if last in _MONEY:
        return "money"
    is_whole = pd.api.types.is_integer_dtype(values) or (values.dropna() % 1 == 0).all()
    return "count" if is_whole else "number"
