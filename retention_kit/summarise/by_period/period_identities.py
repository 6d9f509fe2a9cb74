"""What holds in every period table, checked before it is handed out."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.errors import DataError, join_faults

__all__ = ["IDENTITIES", "check_identities"]

IDENTITIES: Final = (
    ("start", ("kept", "lost"), ()),
    ("end", ("kept", "new", "returned"), ()),
    ("revenue", ("first_time_revenue", "repeat_revenue"), ("refunds",)),
    (
        "mrr_end",
        ("mrr_start", "mrr_new", "mrr_expansion", "mrr_reactivation", "mrr_exchange"),
        ("mrr_contraction", "mrr_churn"),
    ),
)
"""A column, those that add up to it, and those that are taken off."""

_CENT: Final = 0.005


def check_identities(table: pd.DataFrame) -> pd.DataFrame:
    """The table itself; DataError where its columns do not add up.

    Parameters
    ----------
    table : DataFrame
        A period table of `periods`, or one like it; identities of columns that are not there are left out.

    Returns
    -------
    DataFrame
        The table, unchanged.

    Raises
    ------
    DataError
        When a sum is off by half a cent or more, or a count by anything, with the periods.

    Notes
    -----
    start = kept + lost; end = kept + new + returned; revenue = first-time + repeat - refunds; MRR at the end =
    start + new + expansion + reactivation + exchange - contraction - churn; and each period starts as the one
    before it ended.

    Examples
    --------
    >>> check_identities(pd.DataFrame({"period": ["May"], "start": [10], "kept": [8], "lost": [1]}))
    Traceback (most recent call last):
        ...
    retention_kit.errors.DataError: start is not kept + lost in May (off by 1)
    """
    faults = []
    for total, plus, minus in IDENTITIES:
        if {total, *plus, *minus} <= set(table.columns):
            off = table[total] - table[list(plus)].sum(axis=1) + table[list(minus)].sum(axis=1)
            formula = " + ".join(plus) + "".join(f" - {name}" for name in minus)
            faults += _faults(table, off, f"{total} is not {formula}")
    if faults:
        raise DataError(join_faults(faults))
    return table


def _faults(table: pd.DataFrame, off: pd.Series, what: str) -> list[str]:
    wrong = off[off.abs() >= _CENT]
    if wrong.empty:
        return []
    where = ", ".join(f"{str(table.loc[i, 'period'])[:10]} (off by {float(wrong[i]):,.10g})" for i in wrong.index[:5])
    return [f"{what} in {where}"]
