"""Times until the next order: gaps are counted in the engine, and gaps without a next order are censored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from retention_kit.arguments import Arguments, refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.by_customer.order_gaps import gaps_of_each, order_gaps
from retention_kit.summarise.by_customer.survival import survival
from retention_kit.summarise.common.calendar_periods import as_day
from retention_kit.summarise.common.order_log import Orders


def time_to_order(
    orders: Orders,
    *,
    as_of: str | dt.date,
    order: int | Mapping[str, int | None] | None = 2,
    since: str = "previous",
    by: str | None = None,
    lines: Orders | None = None,
    min_count: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of customers who have not ordered again by time, by Kaplan and Meier; gaps without an order are censored.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log; with `lines` it needs order_id.
    as_of : str or date
        Last day that counts.
    order : int, None or mapping
        The second, third … order; None: every reorder. A mapping of names to these: one curve for each, in the order of
        the mapping, with the name as group; the orders are then read once.
    since : {"previous", "first"}
        Days since the order before, among those who placed it; or since the first order, among everybody.
    by : str, optional
        A column of the log, or "product" of the lines: a curve for each value. Not with a mapping.
    lines : Dataset, Ibis table or DataFrame, optional
        The order lines, to count orders of the same product.
    min_count : int
        Groups with fewer gaps, censored ones included, are left out.
    level : float
        Confidence level of the band.

    Returns
    -------
    DataFrame
        As from `survival`: group, time (days), survival: share without the order yet; low, high, at_risk.

    Raises
    ------
    DataError
        When there is no order up to as_of, no customer could place one of the orders, or a column is missing.
    ConfigError
        When order, since or as_of cannot be read.

    Notes
    -----
    Orders of one day count as one; days are calendar days. Leaving out customers who are not back yet would make
    customers look faster than they are. With `order=None` a customer counts once per gap: the band treats gaps as
    independent and is too narrow if customers differ much.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06", "2024-01-02", "2024-01-22"]),
    ...         "amount": [10, 20, 15, 30, 5],
    ...     }
    ... )
    >>> time_to_order(log, as_of="2024-01-31")[["time", "survival", "at_risk"]].round(3)
       time  survival  at_risk
    0   0.0     1.000        3
    1  10.0     0.667        3
    2  20.0     0.333        2
    3  25.0     0.333        1
    """
    refuse(by=(by, "name?"), min_count=(min_count, "count"), level=(level, "level"))
    if isinstance(order, Mapping):
        if by is not None or since != "previous":
            raise ConfigError(f"several orders go with since='previous' and without by; got {since=}, {by=}")
        gaps_by_order = gaps_of_each(orders, as_of, order, lines)
        return pd.concat([_curves(gaps, as_of, min_count, level) for gaps in gaps_by_order], ignore_index=True)
    gaps = order_gaps(orders, as_of=as_of, order=order, since=since, by=by, lines=lines)
    return _curves(gaps, as_of, min_count, level)


def _curves(gaps: pd.DataFrame, as_of: str | dt.date, min_count: int, level: float) -> pd.DataFrame:
    """A curve for each group with enough gaps."""
    enough = gaps.groupby("group")["customers"].transform("sum") >= min_count
    gaps = gaps[enough]
    if gaps.empty:
        raise DataError(
            f"nobody had placed an order that could be followed by another by {as_day(as_of)}; "
            "take a later as_of or an earlier order"
        )
    return survival(gaps["days"], gaps["observed"], groups=gaps["group"], counts=gaps["customers"], level=level)


def median_times(curves: pd.DataFrame, *, share: float = 0.5) -> pd.DataFrame:
    """Time by which half, or another share, had come back.

    Parameters
    ----------
    curves : DataFrame
        From `time_to_order` or `survival`.
    share : float
        The share who are back, in (0, 1).

    Returns
    -------
    DataFrame
        One row per group, in the order of the curves: group; n: customers at the start; time: first time at which at
        least that share was back, NaN if fewer had come back by the end; low, high: its interval, from the band;
        back: share at the end.

    Notes
    -----
    The interval is where the band crosses the share (Brookmeyer and Crowley 1982); high is NaN if it has not yet.

    Examples
    --------
    >>> curves = pd.DataFrame({"group": "all", "time": [0.0, 10.0, 20.0], "survival": [1, 0.6, 0.4],
    ...                        "low": [1, 0.4, 0.2], "high": [1, 0.8, 0.6], "at_risk": [9, 9, 5]})
    >>> median_times(curves)
      group  n  time   low  high  back
    0   all  9  20.0  10.0   NaN   0.6
    """
    with Arguments(DataError) as check:
        check.frame(
            "curves", curves, ("group", "time", "survival", "low", "high", "at_risk"), maker="summarise.survival"
        )
    refuse(share=(share, "level"))
    if not 0 < share < 1:
        raise ConfigError(f"share is between 0 and 1, such as 0.5; got {share!r}")

    def crossing(rows: pd.DataFrame, column: str) -> float:
        below = rows.loc[rows[column] <= 1 - share + 1e-12, "time"]
        return float(below.min())

    rows = [
        {
            "group": name,
            "n": curve["at_risk"].iloc[0],
            "time": crossing(curve, "survival"),
            "low": crossing(curve, "low"),
            "high": crossing(curve, "high"),
            "back": 1 - curve["survival"].iloc[-1],
        }
        for name, curve in curves.groupby("group", sort=False)
    ]
    return pd.DataFrame(rows, columns=["group", "n", "time", "low", "high", "back"])
