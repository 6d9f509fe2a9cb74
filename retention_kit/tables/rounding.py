"""Expected values, rounded to what can be known of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from retention_kit import formats
from retention_kit.tables.sheet import need


def three_digits(frame: pd.DataFrame, *intervals: Sequence[str]) -> pd.DataFrame:
    """Expected values to three digits, and both ends of their intervals to the third digit of the larger end.

    Parameters
    ----------
    frame : DataFrame
        Finished rows.
    *intervals : sequences of str
        The columns of a value, of the lower and of the upper end of its interval; or of the ends alone; or of a value
        alone.

    Returns
    -------
    DataFrame
        A new frame; missing values stay missing. Show its money in `table` with the unit expected.

    Raises
    ------
    DataError
        When a column is missing.

    Examples
    --------
    >>> forecast = pd.DataFrame({"expected": [118357.2], "low": [96123.4], "high": [145990.1]})
    >>> three_digits(forecast, ("expected", "low", "high"))
       expected      low      high
    0  118000.0  96000.0  146000.0
    """
    need(frame, "three_digits", *(name for names in intervals for name in names))
    rounded = frame.copy()
    for names in intervals:
        values = [rounded[name].astype("float64").tolist() for name in names]
        unknown = [float("nan")] * len(rounded)
        value = values[0] if len(names) != 2 else unknown
        low, high = values[-2:] if len(names) > 1 else (unknown, unknown)
        rows = [formats.three_digits(*row) for row in zip(value, low, high, strict=True)]
        for position, name in enumerate(names, start=len(names) == 2):
            rounded[name] = [row[position] for row in rows]
    return rounded
