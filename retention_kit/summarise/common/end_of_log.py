"""A log that ends long before the day that is asked for: a silent shop, or rows that are still to come."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import caution
from retention_kit.formats import counted
from retention_kit.summarise.common.calendar_periods import day_number

__all__ = ["end_of_log", "note_silence"]

_EPOCH = dt.date(1970, 1, 1)
_USUAL = 3
"""So many days without a row are never remarkable: a long weekend."""
_TIMES, _TIMES_OF_FEW = 2, 4
_FEW = 10
"""Below so many gaps the longest one says less, and the silence must be longer."""
_YEAR = 365
_STRAYS, _FAR = 2, 90
"""So many rows, more days than this behind all others, may be slips of the date and prove nothing."""


def note_silence(moments: ir.Table, as_of: dt.date, what: str) -> None:
    """Warn where the last row is much longer before as_of than rows are usually apart.

    Days of silence are remarkable when they are more than 3, and more than twice the longest gap between two days with
    rows in the year before the last of them (four times, while there are fewer than 10 such gaps). Rows after as_of
    prove that the log goes on, so they end the question, but for one or two that are dated months later: those may be
    slips of the date. A log of a single day is not judged.

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
    until = days.day <= (as_of - _EPOCH).days
    seen = days.agg(last=days.day.max(where=until), next=days.day.min(where=~until), later=(~until).sum())
    last, later, rows = seen.to_pandas().iloc[0]
    silent = 0 if pd.isna(last) else (as_of - _EPOCH).days - int(last)
    if silent <= _USUAL or (pd.notna(rows) and rows > _STRAYS):
        return
    near = days.filter(days.day >= ibis.literal(int(last) - _YEAR), days.day <= ibis.literal(int(last)))
    gaps = np.diff(np.sort(near.distinct().to_pandas()["day"].to_numpy(dtype="int64")))
    if not remarkable(silent, gaps) or (pd.notna(later) and not _stray(int(later - last), gaps)):
        return
    last_day = _EPOCH + dt.timedelta(days=int(last))
    caution(
        f"No {what} after {last_day}: {counted(silent, 'day')} of silence up to as_of={as_of}, while days with one "
        f"were never more than {counted(gaps.max(), 'day')} apart in the year before. If later rows are missing, "
        f"active customers look lost: take as_of='{last_day}'. If the log is complete, the silence is real."
    )


def remarkable(silent: int, gaps: np.ndarray) -> bool:
    """Whether so many days of silence are more than the gaps between days with rows lead to expect."""
    patience = _TIMES if len(gaps) >= _FEW else _TIMES_OF_FEW
    return silent > _USUAL and len(gaps) > 0 and bool(silent > patience * gaps.max())


def _stray(distance: int, gaps: np.ndarray) -> bool:
    """Whether a day lies so far behind the last one before it that it may be a slip of the date."""
    return distance > _FAR and remarkable(distance, gaps)


def end_of_log(rows: pd.Series, as_of: dt.date) -> dt.date:
    """The last day of a log: also after as_of, but without one or two rows there that are dated months later.

    Parameters
    ----------
    rows : Series
        Rows by day, those with a row; the index is a DatetimeIndex.
    as_of : date
        Rows up to here always count.

    Examples
    --------
    >>> days = pd.Series(1, pd.date_range("2026-04-01", "2026-05-10").append(pd.DatetimeIndex(["2062-05-01"])))
    >>> end_of_log(days, dt.date(2026, 5, 31)), end_of_log(days.iloc[:-1], dt.date(2026, 5, 31))
    (datetime.date(2026, 5, 10), datetime.date(2026, 5, 10))
    """
    rows = rows.sort_index()
    until, after = rows[: pd.Timestamp(as_of)].index, rows[pd.Timestamp(as_of) + pd.Timedelta(days=1) :]
    if len(until) and 0 < after.sum() <= _STRAYS:
        near = until[until >= until[-1] - pd.Timedelta(days=_YEAR)]
        if _stray((after.index[0] - until[-1]).days, np.diff(near).astype("timedelta64[D]").astype(int)):
            return until[-1].date()
    return rows.index[-1].date()
