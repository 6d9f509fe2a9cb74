"""How long until the next order: gaps counted in the engine, customers who are still out kept as censored."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.baskets import baskets
from retention_kit.summarise.calendar import as_day, day_number, number_of
from retention_kit.summarise.groups import first_rows
from retention_kit.summarise.log import Orders, orders_until, purchases
from retention_kit.summarise.survival import survival

__all__ = ["median_times", "order_gaps", "time_to_order"]


def time_to_order(
    orders: Orders,
    *,
    as_of: str | dt.date,
    order: int | None = 2,
    since: str = "previous",
    by: str | None = None,
    lines: Orders | None = None,
    min_count: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share who have not ordered again after so many days, by Kaplan and Meier; those not back yet are censored.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log; with `lines` it needs order_id.
    as_of : str or date
        Last day that counts.
    order : int or None
        The second, third … order; None: every reorder, whichever it is.
    since : {"previous", "first"}
        Days since the order before, among those who placed it; or since the first order, among everybody.
    by : str, optional
        A column of the log, or "product" of the lines: a curve for each value.
    lines : Dataset, Ibis table or DataFrame, optional
        The order lines: then it is orders of the same product that are counted.
    min_count : int
        Groups with fewer gaps, finished or not, are left out.
    level : float
        Confidence level of the band.

    Returns
    -------
    DataFrame
        As from `survival`: group, time (days), survival: share not back yet; low, high, at_risk.

    Raises
    ------
    DataError
        When there is no order up to as_of, or a column is missing.
    ConfigError
        When order, since or as_of cannot be read.

    Notes
    -----
    Orders of one day count as one; days are calendar days. Leaving out customers who are not back yet would make
    customers look faster than they are. With `order=None` a customer counts once per gap: the band takes gaps as
    independent and is too narrow where customers differ much.

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
    gaps = order_gaps(orders, as_of=as_of, order=order, since=since, by=by, lines=lines)
    enough = gaps.groupby("group")["customers"].transform("sum") >= min_count
    gaps = gaps[enough]
    if gaps.empty:
        raise DataError(f"nobody had anything to come back from by {as_day(as_of)}; take a later as_of or fewer orders")
    return survival(gaps["days"], gaps["observed"], groups=gaps["group"], counts=gaps["customers"], level=level)


def order_gaps(
    orders: Orders,
    *,
    as_of: str | dt.date,
    order: int | None = 2,
    since: str = "previous",
    by: str | None = None,
    lines: Orders | None = None,
) -> pd.DataFrame:
    """Gaps between orders and how many customers have each: what `survival` and `logrank` take.

    Parameters
    ----------
    orders, as_of, order, since, by, lines
        As for `time_to_order`.

    Returns
    -------
    DataFrame
        group ("all" without by), days, observed: whether the order came (False: not by as_of), customers: how many.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> order_gaps(log, as_of="2024-01-31")
      group  days  observed  customers
    0   all    10      True          1
    1   all    25     False          1
    """
    whole = order is None or (isinstance(order, int | np.integer) and not isinstance(order, bool) and order >= 2)
    if not whole or since not in ("previous", "first") or (order is None and since == "first"):
        raise ConfigError(
            "order is 2, 3 … with since='previous' or 'first', or None for every reorder with since='previous'; "
            f"got order={order!r}, since={since!r}"
        )
    day = as_day(as_of)
    days, last = _order_days(orders, day, by, lines), number_of(day, "day")
    if order is None:
        gaps = _gaps(days, last)
    elif since == "previous":
        gaps = _gaps(days, last).filter(lambda t: t.place == order - 1)
    else:
        gaps = _since_first(days, int(order), last)
    keys = ["group", "days", "observed"]
    table = gaps.group_by(keys).agg(customers=gaps.count()).to_pandas()
    return table.sort_values(keys, ascending=[True, True, False], ignore_index=True).astype({"days": "int64"})


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
        One row per group: group; n: watched from the start; time: first time at which at least that share was back,
        NaN where fewer had come back by the end; low, high: its interval, from the band; back: share at the end.

    Notes
    -----
    The interval is where the band crosses the share (Brookmeyer and Crowley 1982); NaN as high: not yet.

    Examples
    --------
    >>> curves = pd.DataFrame({"group": "all", "time": [0.0, 10.0, 20.0], "survival": [1, 0.6, 0.4],
    ...                        "low": [1, 0.4, 0.2], "high": [1, 0.8, 0.6], "at_risk": [9, 9, 5]})
    >>> median_times(curves)
      group  n  time   low  high  back
    0   all  9  20.0  10.0   NaN   0.6
    """
    if not 0 < share < 1:
        raise ConfigError(f"share is between 0 and 1, such as 0.5; got {share!r}")

    def crossing(rows: pd.DataFrame, column: str) -> float:
        below = rows.loc[rows[column] <= 1 - share + 1e-12, "time"]
        return float(below.min())

    rows = [
        {
            "group": name,
            "n": part["at_risk"].iloc[0],
            "time": crossing(part, "survival"),
            "low": crossing(part, "low"),
            "high": crossing(part, "high"),
            "back": 1 - part["survival"].iloc[-1],
        }
        for name, part in curves.groupby("group", sort=True)
    ]
    return pd.DataFrame(rows, columns=["group", "n", "time", "low", "high", "back"])


def _order_days(orders: Orders, as_of: dt.date, by: str | None, lines: Orders | None) -> ir.Table:
    """One row per customer (and product) and day with an order: customer, group, day."""
    if lines is None:
        bought = purchases(orders_until(orders, as_of))
        days = bought.select("customer_id", day=day_number(bought.ordered_at)).distinct()
        if by is None:
            return days.mutate(group=ibis.literal("all"))
        groups = first_rows(bought, [by], "ordered_at").rename(group=by)
        return days.join(groups, "customer_id").select("customer_id", "day", "group")
    return _product_days(orders, lines, as_of, by)


def _product_days(orders: Orders, lines: Orders, as_of: dt.date, by: str | None) -> ir.Table:
    """The same for orders of one product; a customer is then a customer of that product."""
    if by not in (None, "product"):
        raise ConfigError(f"with lines, by is 'product' or None; got {by!r}")
    days = baskets(orders, lines, as_of).select("customer_id", "product", "day").distinct()
    group = days["product"] if by else ibis.literal("all")
    # A separator that no name has keeps customer and product apart.
    return days.select("day", group=group, customer_id=days.customer_id + "\x1f" + days["product"])


def _gaps(days: ir.Table, last: int) -> ir.Table:
    """Every order day with its place among the customer's and the days to the next one, or to as_of."""
    in_order = ibis.window(group_by="customer_id", order_by="day")
    place, following = ibis.row_number().over(in_order) + 1, days.day.lead().over(in_order)
    rows = days.select("group", "day", place=place, following=following)
    gap = rows.following.fill_null(last) - rows.day
    return rows.select("group", "place", observed=rows.following.notnull(), days=gap)


def _since_first(days: ir.Table, order: int, last: int) -> ir.Table:
    """Everybody's days from the first order to the given one, or to as_of."""
    place = ibis.row_number().over(ibis.window(group_by="customer_id", order_by="day")) + 1
    first = days.day.min().over(ibis.window(group_by="customer_id"))
    rows = days.mutate(place=place, first=first)
    reached = rows.filter(rows.place == order).select(
        "group", observed=ibis.literal(True), days=lambda t: t.day - t.first
    )
    total = rows.group_by(["customer_id", "group", "first"]).agg(orders=rows.count())
    waiting = total.filter(total.orders < order)
    return reached.union(waiting.select("group", observed=ibis.literal(False), days=last - waiting["first"]))
