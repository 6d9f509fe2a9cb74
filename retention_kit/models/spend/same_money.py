"""Amounts of money that are equal except for the last bits of a division are treated as equal."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np

from retention_kit.models.numerics.arrays import Array

_DIGITS = 10
"""Significant digits in which two equal amounts agree: a relative difference below 1e-9 is rounding."""


def same_money(values: Array) -> Array:
    """Amounts rounded to ten significant digits.

    Examples
    --------
    >>> same_money(np.array([139.93 / 7, 39.98 / 2, 0.0])).tolist()
    [19.99, 19.99, 0.0]
    """
    size = np.abs(values)
    scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))))
    return np.round(values * scale) / scale


def same_money_in_engine(value: Any) -> Any:
    """The same as an Ibis expression; missing and infinite amounts are unchanged."""
    size = value.abs()
    usual = (size > 1e-290) & (size < 1e290)
    safe = usual.ifelse(value, 1.0)
    scale = ibis.literal(10.0) ** (_DIGITS - 1 - safe.abs().log10().floor().cast("float64"))
    return usual.ifelse((safe * scale).round().cast("float64") / scale, value)
