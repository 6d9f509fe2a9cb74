"""Discounting: the continuous rate of a yearly discount rate, and sums over many future periods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retention_kit.errors import ConfigError
from retention_kit.models.numerics.arrays import Array
from retention_kit.schema import DAYS_PER_YEAR, UNIT_DAYS

GONE = 42.0
"""e^-42 is below the precision of floats: an endless horizon ends where discounting has reached it."""
_CELLS = 2_000_000
"""Lines × periods in memory at a time: 16 megabytes."""
_MOST_PERIODS = 10_000_000
"""Most periods of a sum: a longer one takes minutes, and its result no longer depends on its end."""


def force_of_interest(annual_discount_rate: float, unit: str) -> float:
    """δ, where e^(-δu) is the present value of money after u units of time; 0 if no unit is known."""
    return float(np.log1p(annual_discount_rate)) * UNIT_DAYS.get(unit, 0.0) / DAYS_PER_YEAR


def periods_in_parts(last: float, lines: int) -> Iterator[Array]:
    """The periods 1, 2, … last, in parts that fit in memory; more than ten million are refused."""
    if last > _MOST_PERIODS:
        raise ConfigError(
            f"The horizon has {last:.3g} periods, more than {_MOST_PERIODS:,}; give a shorter time or a higher "
            "discount rate."
        )
    size = max(_CELLS // max(lines, 1), 1)
    return (np.arange(k, min(k + size, int(last) + 1)) for k in range(1, int(last) + 1, size))
