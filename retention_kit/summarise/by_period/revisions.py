"""Restated figures: past figures that a later run reports differently."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError


def restated(before: pd.DataFrame, after: pd.DataFrame, *, keys: Sequence[str] | None = None) -> pd.DataFrame:
    """Past figures that differ between two runs, and by how much.

    Parameters
    ----------
    before, after : DataFrame
        Two period tables, or two cohort tables, of an earlier and a later run.
    keys : sequence of str, optional
        The columns that identify rows. By default period, cohort and age, and columns of text, if they exist.

    Returns
    -------
    DataFrame
        One row per figure that changed, in the order of the tables: the keys, figure (the column's name), before,
        after, change. A row that is in one table only has NaN for the other. Empty if nothing changed.

    Raises
    ------
    DataError
        When the tables have different keys, or the keys do not identify rows.

    Notes
    -----
    The past means periods that were complete in the first run: an unfinished period is expected to change. A period
    that only the second run has, before the end of the first, is past too. Figures count as changed from a millionth of
    a unit.

    Examples
    --------
    >>> may = pd.DataFrame({"period": ["April", "May"], "orders": [10, 4], "complete": [True, False]})
    >>> june = pd.DataFrame({"period": ["April", "May"], "orders": [11, 9], "complete": [True, True]})
    >>> restated(may, june)
      period  figure  before  after  change
    0  April  orders    10.0   11.0     1.0
    """
    refuse(DataError, before=(before, "table"), after=(after, "table"))
    names = list(keys) if keys is not None else _keys(before)
    _check(before, after, names)
    figures = [c for c in before.columns if c in after.columns and c not in (*names, "complete", "observable")]
    past = before[before["complete"]] if "complete" in before.columns else before
    old = _long(past, names, figures, "before")
    new = _long(after[_is_past(after, before, past, names)], names, figures, "after")
    both = old.merge(new, on=[*names, "figure"], how="outer", sort=False)
    both["change"] = both["after"] - both["before"]
    gone = both["before"].isna() != both["after"].isna()
    both = both[gone | (both["change"].abs() > 1e-6)]
    rank = both["figure"].map({name: i for i, name in enumerate(figures)})
    return both.assign(place=rank).sort_values([*names, "place"], ignore_index=True).drop(columns="place")


def _keys(table: pd.DataFrame) -> list[str]:
    key_names = ("period", "cohort", "age")
    return [c for c in table.columns if c in key_names or not pd.api.types.is_numeric_dtype(table[c])]


def _check(before: pd.DataFrame, after: pd.DataFrame, names: list[str]) -> None:
    if missing := [name for name in names if name not in before.columns or name not in after.columns]:
        raise DataError(f"both tables need the columns {', '.join(missing)} to identify rows")
    if not names or before.duplicated(names).any() or after.duplicated(names).any():
        raise DataError(
            f"rows are not identified by {', '.join(names) or 'any column'}; pass keys= with columns that do"
        )


def _is_past(after: pd.DataFrame, before: pd.DataFrame, past: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Rows of the later run that were complete in the earlier one, or missing from it but before its end."""
    rows = pd.MultiIndex.from_frame(after[names])
    was_complete: np.ndarray = rows.isin(pd.MultiIndex.from_frame(past[names]))
    if "period" not in names or past.empty:
        return was_complete
    is_new = ~rows.isin(pd.MultiIndex.from_frame(before[names]))
    past_or_new: np.ndarray = was_complete | (is_new & (after["period"] <= past["period"].max()).to_numpy())
    return past_or_new


def _long(table: pd.DataFrame, names: list[str], figures: list[str], what: str) -> pd.DataFrame:
    numbers = table[[*names, *figures]].astype(dict.fromkeys(figures, "float64"))
    return numbers.melt(names, figures, var_name="figure", value_name=what)
