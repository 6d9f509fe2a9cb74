"""Warn if a log ends long before as_of: either the shop was silent, or later rows are missing."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import caution
from retention_kit.formats import counted
from retention_kit.summarise.common.calendar_periods import EPOCH, day_number, day_of

QUIET_DAYS = 3
"""Days without a row that are never remarkable: a long weekend."""
_FACTOR, _FACTOR_OF_FEW, _FEW = 2, 4, 10
"""A silence is remarkable if it is this many times the longest gap; with fewer than 10 gaps the longest is a poorer
guide, and the silence must be longer."""
_YEAR = 365
_UNLIKELY = 0.01
"""Gaps at an edge of a period with a smaller chance than this are taken for missing rows."""
_STRAY_ROWS, _STRAY_DAYS = 2, 90
"""At most this many rows, dated more than this many days after all others, may be typing errors in the date."""


def note_silence(moments: ir.Table, as_of: dt.date, what: str) -> None:
    """Warn where the last row is much longer before as_of than rows are usually apart.

    A silence is remarkable if it has more than 3 days and is more than twice as long as the longest gap between two
    days with rows in the year before the last row (four times as long with fewer than 10 such gaps). Rows after as_of
    prove that the log continues, so there is no warning, except if they are only one or two that are dated months
    later: those may be typing errors in the date. A log of a single day is not judged.

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
    until = days.day <= (as_of - EPOCH).days
    seen = days.agg(last=days.day.max(where=until), next=days.day.min(where=~until), later=(~until).sum())
    last, later, rows = seen.to_pandas().iloc[0]
    if not _may_be_remarkable(last, rows, as_of):
        return
    near = days.filter(days.day >= ibis.literal(int(last) - _YEAR), days.day <= ibis.literal(int(last)))
    _warn(np.sort(near.distinct().to_pandas()["day"].to_numpy(dtype="int64")), later, as_of, what)


def note_silence_of_days(rows: pd.Series, as_of: dt.date, what: str) -> None:
    """The same for a log whose rows of each day were counted; the index has the numbers of the days, in order."""
    days = rows.index.to_numpy(dtype="int64")
    until = days <= (as_of - EPOCH).days
    before, after = days[until], days[~until]
    last, later = (before[-1] if len(before) else None), (after[0] if len(after) else None)
    if _may_be_remarkable(last, int(rows[~until].sum()), as_of):
        _warn(before[before >= before[-1] - _YEAR], later, as_of, what)


def _may_be_remarkable(last: float | None, later_rows: float | None, as_of: dt.date) -> bool:
    """Whether a log is silent for some days before as_of, and few rows follow, if any."""
    if last is None or pd.isna(last) or (as_of - EPOCH).days - int(last) <= QUIET_DAYS:
        return False
    return bool(pd.isna(later_rows) or later_rows is None or later_rows <= _STRAY_ROWS)


def _warn(days: np.ndarray, later: float | None, as_of: dt.date, what: str) -> None:
    """Warn if the silence after the last of some days is longer than the gaps between them lead to expect."""
    gaps, last = np.diff(days), int(days[-1])
    silent = (as_of - EPOCH).days - last
    if not remarkable(silent, gaps) or (later is not None and pd.notna(later) and not _stray(int(later - last), gaps)):
        return
    last_day = day_of(last)
    caution(
        f"No {what} after {last_day}: {counted(silent, 'day')} of silence up to as_of={as_of}, while days with one "
        f"were never more than {counted(gaps.max(), 'day')} apart in the year before. If later rows are missing, "
        f"active customers look lost: take as_of='{last_day}'. If the log is complete, the silence is real."
    )


def gaps_before(days: pd.Index) -> np.ndarray:
    """Days between neighbours of sorted days with rows, in the year before the last of them."""
    near = days[days >= days[-1] - pd.Timedelta(days=_YEAR)]
    gaps: np.ndarray = np.diff(near).astype("timedelta64[D]").astype(int)
    return gaps


def remarkable(silent: int, gaps: np.ndarray) -> bool:
    """Whether a silence is longer than the gaps between days with rows lead to expect."""
    factor = _FACTOR if len(gaps) >= _FEW else _FACTOR_OF_FEW
    return silent > QUIET_DAYS and len(gaps) > 0 and bool(silent > factor * gaps.max())


def unlikely_gap(gap: int, days: int, share: float, rows: float) -> bool:
    """Whether a gap at the start or end of a period, both in days, is too long to be chance.

    `share` of the rows of a period usually fall into the days of the gap; `rows` are those on its other days.
    """
    return gap > QUIET_DAYS and (gap >= days or (1 - share) ** rows < _UNLIKELY)


def _stray(distance: int, gaps: np.ndarray) -> bool:
    """Whether a day is so much later than the last day before it that the date may be a typing error."""
    return distance > _STRAY_DAYS and remarkable(distance, gaps)


def end_of_log(rows: pd.Series, as_of: dt.date) -> dt.date:
    """The last day of a log, also after as_of, except for one or two rows there that are dated months later.

    `rows` is the number of rows by day, for days with rows.

    Examples
    --------
    >>> days = pd.Series(1, pd.date_range("2026-04-01", "2026-05-10").append(pd.DatetimeIndex(["2062-05-01"])))
    >>> end_of_log(days, dt.date(2026, 5, 31)), end_of_log(days.iloc[:-1], dt.date(2026, 5, 31))
    (datetime.date(2026, 5, 10), datetime.date(2026, 5, 10))
    """
    rows = rows.sort_index()
    last: dt.date = rows.index[-1].date()
    until, after = rows[: pd.Timestamp(as_of)].index, rows[pd.Timestamp(as_of) + pd.Timedelta(days=1) :]
    has_strays = len(until) > 0 and 0 < after.sum() <= _STRAY_ROWS
    if has_strays and _stray((after.index[0] - until[-1]).days, gaps_before(until)):
        last = until[-1].date()
    return last
