"""Periods of a table of covariates: regular, without gaps, in days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.errors import DataError

_FEW = 3
"""Missing periods that a message names."""


def day_of(number: float) -> str:
    """The date of a day number, as text."""
    return str(np.datetime64(int(number), "D"))


@dataclass(frozen=True)
class PeriodCalendar:
    """First days of the periods, and the first day after the last one; as days since 1970."""

    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __str__(self) -> str:
        return f"{len(self)} periods from {day_of(self.starts[0])} to {day_of(self.starts[-1] - 1)}"

    @property
    def edges(self) -> npt.NDArray[np.float64]:
        """Where periods begin and end: half a day before the middle of their first day."""
        return np.array(self.starts, dtype=float) - 0.5

    @classmethod
    def read(cls, column: pd.Series[Any]) -> tuple[PeriodCalendar, npt.NDArray[np.intp]]:
        """The periods of a column of first days, and the position of the period of each row."""
        code, distinct = pd.factorize(_dates(column))
        if (code < 0).any():
            raise DataError(f"period is empty in {int((code < 0).sum()):,} rows of the covariates.")
        moments = pd.DatetimeIndex(distinct)
        days = (moments.tz_localize(None) if moments.tz is not None else moments).to_numpy().astype("datetime64[D]")
        number = days.astype(np.int64)
        starts, position = np.unique(number, return_inverse=True)
        return cls(tuple(map(int, [*starts, _after(starts)]))), position[code]


def _dates(column: pd.Series[Any]) -> pd.Series[Any]:
    """As dates; text is read once per distinct value."""
    if isinstance(column.dtype, pd.PeriodDtype):
        starts: pd.Series[Any] = column.dt.start_time
        return starts
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb":
        raise DataError("period must be the first day of each period, as a date; found numbers.")
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    code, distinct = pd.factorize(column)
    try:
        dates = pd.Series(pd.to_datetime(pd.Index(distinct), format="ISO8601" if column.dtype != object else None))
    except (ValueError, TypeError):
        raise DataError(
            f"period must be the first day of each period, such as 2026-03-30; got {distinct[0]!r}."
        ) from None
    return dates.reindex(np.where(code < 0, len(dates), code)).reset_index(drop=True)


def _after(starts: npt.NDArray[np.int64]) -> int:
    """The first day after the last period; all periods must be equally long, in days or in calendar months."""
    if len(starts) < 2:
        raise DataError("The covariates have a single period; at least two are needed to see how long a period is.")
    days = starts.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    step = np.diff(starts)
    if step.min() >= 28 and len(set((days - months).astype(int))) == 1:
        number = months.astype(np.int64)
        length = int(np.diff(number).min())
        _refuse_gaps(number, length, days, f"{length} months long" if length > 1 else "a month long")
        return int(
            (np.datetime64(int(number[-1]) + length, "M").astype("datetime64[D]") + (days[-1] - months[-1])).astype(int)
        )
    length = int(step.min())
    _refuse_gaps(starts, length, days, f"{length} days long" if length > 1 else "a day long")
    return int(starts[-1]) + length


def _refuse_gaps(number: npt.NDArray[np.int64], length: int, days: npt.NDArray[Any], long: str) -> None:
    gaps = np.flatnonzero(np.diff(number) != length)
    if len(gaps):
        named = ", ".join(f"{days[i]} to {days[i + 1]}" for i in gaps[:_FEW])
        raise DataError(
            f"Periods of the covariates are {long}, but not from {named}{' …' if len(gaps) > _FEW else ''}: "
            "add the missing periods, and give every period its first day."
        )
