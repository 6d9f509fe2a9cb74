"""Sums that hold in every row of a period table, checked before it is returned."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.errors import DataError, join_faults

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
"""A column, the columns that are added up to it, and those that are subtracted."""

_HALF_A_CENT: Final = 0.005


def check_identities(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table; raise DataError, with the periods, if its columns do not add up.

    Counts must agree exactly and money to half a cent; identities of columns that are missing are not checked.

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
    wrong = off[off.abs() >= _HALF_A_CENT]
    if wrong.empty:
        return []
    where = ", ".join(f"{str(table.loc[i, 'period'])[:10]} (off by {float(wrong[i]):,.10g})" for i in wrong.index[:5])
    return [f"{what} in {where}"]
