"""Common parts of all generators: customer numbers and checked parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments, described
from retention_kit.errors import ConfigError
from retention_kit.schema import UNIT_DAYS

Seed = int | np.random.Generator
"""A whole number, or a generator whose next numbers are used."""
_COUNTS = ("n", "n_customers", "periods", "opportunities", "invited")


def customer_ids(n: int, prefix: str = "C") -> pd.Series:
    """Names for n customers in counting order, all of the same length: the prefix and at least five digits.

    Examples
    --------
    >>> customer_ids(2).tolist()
    ['C00001', 'C00002']
    """
    width = max(5, len(str(n)))
    return prefix + pd.Series(np.arange(1, n + 1)).astype("str").str.zfill(width)


def require_positive(**parameters: float | np.ndarray | pd.Series) -> None:
    """Raise ConfigError with all parameters that are not positive and finite.

    Examples
    --------
    >>> require_positive(r=0.243, alpha=-4.4)
    Traceback (most recent call last):
    retention_kit.errors.ConfigError: alpha must be a number above 0, not endless or empty; got -4.4.
    """
    with Arguments() as check:
        for name, value in parameters.items():
            given = check.array(name, value, least=0, whole=name in _COUNTS, positive=True)
            check.fault(f"{name} must be one number; got {described(value)}", when=name in _COUNTS and given.ndim > 0)


def generator(seed: Seed) -> np.random.Generator:
    """A generator from a whole number, or the generator that was passed; ConfigError for anything else."""
    if isinstance(seed, np.random.Generator):
        return seed
    with Arguments() as check:
        return np.random.default_rng(check.whole("seed", seed, least=0))


def require_unit(unit: str) -> None:
    """Raise ConfigError unless the unit of time is day, week, month or year.

    Examples
    --------
    >>> require_unit("fortnight")
    Traceback (most recent call last):
    retention_kit.errors.ConfigError: unit must be one of day, week, month, year, got 'fortnight'.
    """
    if not isinstance(unit, str) or unit not in UNIT_DAYS:
        raise ConfigError(f"unit must be one of {', '.join(UNIT_DAYS)}, got {unit!r}.")
