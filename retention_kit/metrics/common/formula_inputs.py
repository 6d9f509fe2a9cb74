"""Checks of the inputs of formulas: counts, money, shares. One error lists every wrong value."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import described, plain
from retention_kit.errors import DataError, join_faults

_SLACK = 1e-9
"""Sums of weights may exceed a bound by a rounding error."""


def require_counts(**values: Any) -> None:
    """Raise DataError unless every value is a count: a finite number, 0 or more. Missing values are allowed.

    Examples
    --------
    >>> require_counts(start=10, end=float("nan"), new=-3)
    Traceback (most recent call last):
    retention_kit.errors.DataError: new must be a number or a Series of numbers, 0 or more; got -3.
    """
    _refuse(values, ", 0 or more", low=0.0)


def require_money(**values: Any) -> None:
    """Raise DataError unless every value is an amount of money: a finite number. Missing values are allowed.

    Examples
    --------
    >>> require_money(revenue="12 EUR")
    Traceback (most recent call last):
    retention_kit.errors.DataError: revenue must be a number or a Series of numbers; got '12 EUR'.
    """
    _refuse(values, "")


def require_shares(**values: Any) -> None:
    """Raise DataError unless every value is a share from 0 to 1. Missing values are allowed.

    Examples
    --------
    >>> require_shares(margin=40)
    Traceback (most recent call last):
    retention_kit.errors.DataError: margin must be a number or a Series of numbers, from 0 to 1; got 40.
    """
    _refuse(values, ", from 0 to 1", low=0.0, high=1.0)


def require_part(**values: Any) -> None:
    """Raise DataError unless both values are counts and the first is at most the second, of which it is a part.

    Examples
    --------
    >>> require_part(kept=12, start=10)
    Traceback (most recent call last):
    retention_kit.errors.DataError: kept must not be more than start; got 12 of 10.
    """
    require_counts(**values)
    (part_name, part_value), (total_name, total_value) = values.items()
    subset, total = (
        pd.to_numeric(pd.Series(value), errors="coerce").astype("Float64") for value in (part_value, total_value)
    )
    if len(subset) != len(total):
        return
    larger = (subset > total * (1 + _SLACK) + _SLACK).fillna(False)
    if rows := int(larger.sum()):
        first = larger.to_numpy().argmax()
        counts = f"{subset.iloc[first]:g} of {total.iloc[first]:g}" + (f" ({rows} rows)" if rows > 1 else "")
        raise DataError(f"{part_name} must not be more than {total_name}; got {counts}.")


def _refuse(values: Mapping[str, Any], kind: str, low: float = -np.inf, high: float = np.inf) -> None:
    faults = [
        f"{name} must be a number or a Series of numbers{kind}; got {wrong}"
        for name, value in values.items()
        if (wrong := _wrong(value, low, high))
    ]
    if faults:
        raise DataError(f"{join_faults(faults)}.")


def _wrong(value: Any, low: float, high: float) -> str:
    """A description of a value that is out of range or of the wrong type; empty for a good one."""
    if not isinstance(value, pd.Series):
        number = plain(value)
        fits = number is not None and (np.isnan(number) or (np.isfinite(number) and low <= number <= high))
        return "" if fits else described(value)
    kind = getattr(value.dtype, "kind", "O")
    decimals = kind == "O" and value.map(lambda v: isinstance(v, decimal.Decimal | int | float) or v is None).all()
    if kind not in "iuf" and not decimals:
        return f"a Series of {value.dtype}"
    numbers = value.to_numpy(dtype=float, na_value=np.nan)
    bad = np.isinf(numbers) | (numbers < low) | (numbers > high + _SLACK)
    return f"{numbers[bad][0]:g} in a Series" if bad.any() else ""
