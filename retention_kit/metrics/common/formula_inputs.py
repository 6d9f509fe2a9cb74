"""What a formula may be given: counts, money, shares; one error names everything that is none."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import described, plain
from retention_kit.errors import DataError, join_faults

__all__ = ["require_counts", "require_money", "require_part", "require_shares"]

_SLACK = 1e-9
"""Sums of weights may miss a bound by the last digits."""


def require_counts(**values: Any) -> None:
    """Refuse what is no count: negative, endless, text, a duration, true or false; missing stays missing.

    Parameters
    ----------
    **values : number or Series
        What was given, by name.

    Raises
    ------
    DataError
        With all that is wrong.

    Examples
    --------
    >>> require_counts(start=10, end=float("nan"), new=-3)
    Traceback (most recent call last):
    retention_kit.errors.DataError: new must be a number or a Series of numbers, 0 or more; got -3.
    """
    _refuse(values, ", 0 or more", low=0.0)


def require_money(**values: Any) -> None:
    """Refuse what is no amount of money: endless, text, a duration, true or false; missing stays missing.

    Parameters
    ----------
    **values : number or Series
        What was given, by name.

    Raises
    ------
    DataError
        With all that is wrong.

    Examples
    --------
    >>> require_money(revenue="12 EUR")
    Traceback (most recent call last):
    retention_kit.errors.DataError: revenue must be a number or a Series of numbers; got '12 EUR'.
    """
    _refuse(values, "")


def require_shares(**values: Any) -> None:
    """Refuse what is no share from 0 to 1; missing stays missing.

    Parameters
    ----------
    **values : number or Series
        What was given, by name.

    Raises
    ------
    DataError
        With all that is wrong.

    Examples
    --------
    >>> require_shares(margin=40)
    Traceback (most recent call last):
    retention_kit.errors.DataError: margin must be a number or a Series of numbers, from 0 to 1; got 40.
    """
    _refuse(values, ", from 0 to 1", low=0.0, high=1.0)


def require_part(**values: Any) -> None:
    """Refuse counts of which the first is not part of the second.

    Parameters
    ----------
    **values : number or Series
        The part and the whole, by name.

    Raises
    ------
    DataError
        If one is no count, or the part is larger than the whole.

    Examples
    --------
    >>> require_part(kept=12, start=10)
    Traceback (most recent call last):
    retention_kit.errors.DataError: kept must not be more than start; got 12 of 10.
    """
    require_counts(**values)
    (part, some), (whole, everything) = values.items()
    part_numbers, numbers = (pd.to_numeric(pd.Series(v), errors="coerce").astype("Float64") for v in (some, everything))
    over = (part_numbers > numbers * (1 + _SLACK) + _SLACK) if len(part_numbers) == len(numbers) else pd.Series(False)
    if (n := int(over.fillna(False).sum())) > 0:
        first = over.fillna(False).to_numpy().argmax()
        pair = f"{part_numbers.iloc[first]:g} of {numbers.iloc[first]:g}"
        raise DataError(f"{part} must not be more than {whole}; got {pair}" + (f" ({n} rows)." if n > 1 else "."))


def _refuse(values: Mapping[str, Any], kind: str, low: float = -np.inf, high: float = np.inf) -> None:
    faults = [
        f"{name} must be a number or a Series of numbers{kind}; got {wrong}"
        for name, value in values.items()
        if (wrong := _wrong(value, low, high))
    ]
    if faults:
        raise DataError(f"{join_faults(faults)}.")


def _wrong(value: Any, low: float, high: float) -> str:
    """What is wrong with a value, as it stands; empty where nothing is."""
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
