"""Where to split an order log, so that forecasts can be graded by what came after."""

from __future__ import annotations

import datetime as dt
import warnings
from typing import Any

import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.summarise.common.calendar_periods import as_day, ends_period, number_of
from retention_kit.summarise.common.order_log import orders_until, purchases


def holdout_split(orders: Any, *, as_of: str | dt.date, months: int = 6) -> dt.date:
    """The day on which to split an order log: what came after it is kept aside for `holdout`.

    The models must have seen at least as long a time as they forecast. So a shop that began less than twice as many
    months ago keeps half of its whole months aside.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : date
        Last day of the outcome.
    months : int
        How many months to keep aside, at least 1, where the log is long enough.

    Returns
    -------
    date
        Last day that the models may see. A warning says so where fewer months are kept aside.

    Raises
    ------
    DataError
        Where the first order is not two months old.
    ConfigError
        Where months is no whole number from 1.

    Examples
    --------
    >>> from retention_kit import load
    >>> log = load.sample("cdnow_sample")
    >>> holdout_split(log, as_of="1998-06-30"), holdout_split(log, as_of="1997-05-31", months=2)
    (datetime.date(1997, 12, 31), datetime.date(1997, 3, 31))
    """
    refuse(months=(months, "size"))
    if months < 1:
        raise ConfigError(f"A holdout has at least one month; got months={months}.")
    first = purchases(orders_until(orders, as_day(as_of))).ordered_at.min().to_pandas()
    if pd.isna(first):
        raise DataError(f"There is no purchase until {as_day(as_of)}.")
    first_day = pd.Timestamp(first).date()
    age, aside = _months(first_day, as_day(as_of), months)
    if aside < 1:
        raise DataError(
            f"The first purchase was on {first_day}, less than two months before the end of {as_day(as_of)}: too "
            "little time to keep some of it aside and see how well the models forecast it."
        )
    if aside < months:
        warnings.warn(
            f"The first purchase was on {first_day}, so only the last {aside} of {age} whole months are kept aside "
            f"to grade the models, not {months}.",
            RetentionKitWarning,
            stacklevel=2,
        )
    return _before(as_day(as_of), aside)


def split_of(first: dt.date, as_of: dt.date, months: int) -> dt.date | None:
    """The split of a log whose first purchase is known; None where it is too young to be split."""
    _, aside = _months(first, as_of, months)
    return _before(as_of, aside) if aside >= 1 else None


def _months(first: dt.date, as_of: dt.date, months: int) -> tuple[int, int]:
    """Whole months from the first purchase to the end of as_of, and how many of them are kept aside."""
    end = as_of + dt.timedelta(days=1)
    age = 12 * (end.year - first.year) + end.month - first.month - (end.day < first.day)
    return age, min(months, age // 2)


def _before(as_of: dt.date, months: int) -> dt.date:
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    return (end - pd.DateOffset(months=months) - pd.Timedelta(days=1)).date()


def opportunities_between(split: dt.date, as_of: dt.date, unit: str, grain: str) -> float:
    """Whole opportunities from a split to as_of."""
    if grain != unit or not (ends_period(split, unit) and ends_period(as_of, unit)):
        raise ConfigError(
            f"BGBB counts whole opportunities: holdout needs grain={unit!r} for unit={unit!r}, and split and as_of on "
            f"the last day of a {unit}; got grain={grain!r}, split {split}, as_of {as_of}."
        )
    return float(number_of(as_of, unit) - number_of(split, unit))
