"""Time counted in whole opportunities, as BG/BB does: what a table, a time and a holdout must be for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.rows import Rows
from retention_kit.summarise.common.calendar_periods import number_of

__all__: list[str] = []


def refuse_grain(rows: Rows) -> None:
    """An opportunity is one unit of time, and so must be what makes purchases one event."""
    grain, unit = rows.about.get("grain"), rows.about["unit"]
    if grain not in (None, "", unit):
        raise DataError(
            f"BGBB needs a table whose grain is its unit; it has grain {grain!r} and unit {unit!r}. Use "
            f"summarise.customers(..., unit={unit!r}, grain={unit!r})."
        )


def refuse_fractions(model: Any, **times: Any) -> None:
    """Times that are no whole numbers, where the model counts opportunities."""
    wrong = [name for name, value in times.items() if model._discrete and (np.asarray(value) % 1 != 0).any()]
    if wrong:
        raise ConfigError(f"{type(model).__name__} counts whole opportunities; {', '.join(wrong)} must be whole.")


def opportunities(split: dt.date, as_of: dt.date, unit: str, grain: str) -> float:
    """Whole opportunities from a split to as_of."""
    ends = [number_of(day, unit) + 1 == number_of(day + dt.timedelta(days=1), unit) for day in (split, as_of)]
    if grain != unit or not all(ends):
        raise ConfigError(
            f"BGBB counts whole opportunities: holdout needs grain={unit!r} for unit={unit!r}, and split and as_of on "
            f"the last day of a {unit}; got grain={grain!r}, split {split}, as_of {as_of}."
        )
    return float(number_of(as_of, unit) - number_of(split, unit))
