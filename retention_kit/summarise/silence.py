"""A log that ends long before the day that is asked for: a silent shop, or rows that are still to come."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import caution
from retention_kit.summarise.calendar import day_number

__all__ = ["note_silence"]

_USUAL = 3
"""So many days without a row are never remarkable: a long weekend."""
_TIMES, _TIMES_OF_FEW = 2, 4
_FEW = 10
"""Below so many gaps the longest one says less, and the silence must be longer."""
_YEAR = 365


def note_silence(moments: ir.Table, as_of: dt.date, what: str) -> None:
    """Warn where the last row is much longer before as_of than rows are usually apart.

    Days of silence are remarkable when they are more than 3, and more than twice the longest gap between two days with
    rows in the year before the last of them (four times, while there are fewer than 10 such gaps). Rows after as_of
    prove that the log goes on, so they end the question; a log of a single day is not judged.

    Parameters
    ----------
    moments : Ibis table
        One timestamp column, `moment`: those of the whole log, also after as_of.
    as_of : date
        Last day that counts.
    what : str
        What a row is: "order".
    """
    days = moments.filter(moments.moment.notnull()).select(day=day_number(moments.moment))
    last = days.day.max().to_pandas()
    if pd.isna(last):
        return
    last_day = dt.date(1970, 1, 1) + dt.timedelta(days=int(last))
    silent = (as_of - last_day).days
    if silent <= _USUAL:
        return
    seen = days.filter(days.day >= ibis.literal(int(last) - _YEAR)).distinct().to_pandas()["day"]
    gaps = np.diff(np.sort(seen.to_numpy(dtype="int64")))
    if not remarkable(silent, gaps):
        return
    caution(
        f"No {what} after {last_day}: {silent} days of silence up to as_of={as_of}, while days with one were never more"
        f" than {gaps.max()} days apart in the year before. If later rows are missing, active customers look lost: "
        f"take as_of='{last_day}'. If the log is complete, the silence is real."
    )


def remarkable(silent: int, gaps: np.ndarray) -> bool:
    """Whether so many days of silence are more than the gaps between days with rows lead to expect."""
    patience = _TIMES if len(gaps) >= _FEW else _TIMES_OF_FEW
    return silent > _USUAL and len(gaps) > 0 and bool(silent > patience * gaps.max())
