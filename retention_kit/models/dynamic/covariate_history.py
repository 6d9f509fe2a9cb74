"""Orders and covariates together, prepared once for the fit and all predictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.errors import DataError, FitError
from retention_kit.formats import counted
from retention_kit.models.dynamic.covariate_paths import CovariatePaths
from retention_kit.models.dynamic.covariate_tables import Covariates, CovariateTable, read_covariates
from retention_kit.models.dynamic.dynamic_rows import DynamicRows, purchases_of
from retention_kit.models.dynamic.period_calendar import day_of
from retention_kit.models.numerics.arrays import Array
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import check_clock
from retention_kit.summarise.common.calendar_periods import as_day, day_number, number_of
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases


@dataclass(frozen=True)
class CovariateHistory:
    """Histories of customers and of their covariates up to a day, and covariates after it as far as they are known.

    Attributes
    ----------
    customers : Index
        Their ids, in the order of every answer.
    covariates : tuple of str
        Names of the covariates.
    as_of : str
        Last day of which the orders are known.
    until : str
        Last day of which the covariates are known.
    unit : str
        Of recency, T and the model.
    rows : DynamicRows
        The distinct histories.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["ada", "bo"], "ordered_at": ["2024-01-02", "2024-01-28"], "amount": 1})
    >>> season = pd.DataFrame({"period": ["2024-01-01", "2024-01-15", "2024-01-29"], "sale": [0, 1, 0]})
    >>> history = covariate_history(orders, season, as_of="2024-01-30", unit="day")
    >>> history.to_customers(history.rows["T"], "T").to_dict()
    {'ada': 28.0, 'bo': 2.0}
    """

    customers: pd.Index[Any] = field(repr=False)
    covariates: tuple[str, ...]
    as_of: str
    until: str
    unit: str
    rows: DynamicRows = field(repr=False)

    def to_customers(self, values: Array, name: str) -> pd.Series[float]:
        """A value per distinct history back to the customers.

        Parameters
        ----------
        values : array
            One per row of `rows`.
        name : str
            Of the Series.

        Returns
        -------
        Series
            By customer_id.
        """
        assert self.rows.inverse is not None
        return pd.Series(values[self.rows.inverse], index=self.customers, name=name)


def covariate_history(
    orders: Orders,
    covariates: CovariateTable | Sequence[CovariateTable],
    *,
    as_of: str | dt.date,
    unit: str = "week",
) -> CovariateHistory:
    r"""Bring orders and covariates that change with time together, for `fit_dynamic_covariates` and its model.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount. Orders of a customer on one day are one purchase.
    covariates : DataFrame or Ibis table, or a list of them
        A row per customer and period: customer_id, period (its first day) and numeric covariates (0/1 for categories).
        Without customer_id they hold for every customer (seasons, prices). Periods are equally long, in days or
        calendar months. They must be there for each customer from the day of the first purchase to as_of, and
        further on as far as predictions are to go.
    as_of : str or date
        Last day of orders that counts.
    unit : {"day", "week", "month", "year"}
        Unit of time of the model.

    Returns
    -------
    CovariateHistory
        Distinct histories, and what the covariates are in the future.

    Raises
    ------
    DataError
        If nobody bought, a period or value that is needed is missing, a row appears twice, or a covariate is no number.
    ConfigError
        If as_of or unit cannot be read.

    Notes
    -----
    A purchase on a day belongs to the period of that day. Purchases of a customer on one day are one, as in every
    summary; where rates are high, a few per cent of the purchases are merged so, which lowers effects on buying a
    little (in a simulated shop 0.5 became 0.49) and raises r and alpha.

    Customers who share the day of their first purchase and their
    covariates are evaluated together, so covariates of the whole shop, or of campaigns to a few groups, are cheap.
    A covariate must not be made of purchases (coupons that came with an order, the price of what was bought): it would
    be a consequence of what the model explains.

    Examples
    --------
    >>> orders = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-02", "2024-01-20", "2024-01-09"]),
    ...         "amount": [10, 20, 15],
    ...     }
    ... )
    >>> season = pd.DataFrame({"period": pd.date_range("2024-01-01", periods=6, freq="7D"), "sale": [0, 0, 1, 0, 0, 1]})
    >>> history = covariate_history(orders, season, as_of="2024-01-28")
    >>> history.covariates, history.until, len(history.customers)
    (('sale',), '2024-02-11', 2)
    """
    check_clock(unit, "day")
    day = as_day(as_of)
    bought = purchases(orders_until(orders, day))
    events = bought.select("customer_id", day=day_number(bought.ordered_at)).distinct().to_pandas()
    if not len(events):
        raise DataError(f"Nobody has bought up to {day}.")
    code, customers = pd.factorize(events["customer_id"], sort=True)
    known = read_covariates(covariates, pd.Index(customers, name="customer_id"))
    moments = events["day"].to_numpy().astype(float)
    end, edges = float(number_of(day, "day")), known.calendar.edges
    if edges[0] >= end:
        raise DataError(f"The covariates begin on {day_of(edges[0] + 1)}, after as_of {day}.")
    first = np.full(len(customers), np.inf)
    np.minimum.at(first, code, moments)
    if not (first < end).any():
        raise FitError(f"No time has passed: all customers bought for the first time on {day}, the day as_of.")
    _refuse_missing(known, first, end, customers)
    paths, path = _paths(known, first, end, UNIT_DAYS[unit])
    rows = _rows(paths, path, code, moments, first)
    about = {"unit": unit, "grain": "day", "as_of": day.isoformat()}
    rows = DynamicRows(rows.values, rows.weights, rows.inverse, about, paths=rows.paths)
    return CovariateHistory(
        pd.Index(customers, name="customer_id"), known.names, day.isoformat(), day_of(edges[-1]), unit, rows
    )


def _refuse_missing(known: Covariates, first: Array, end: float, customers: Any) -> None:
    """Refuse covariates that are not known while a customer is there; what is not needed becomes 0."""
    edges = known.calendar.edges
    alive = first < end
    observed = int(np.searchsorted(edges, end, side="left"))
    if alive.any() and (first[alive].min() < edges[0] or end > edges[-1]):
        raise DataError(
            f"The covariates go from {day_of(edges[0] + 1)} to {day_of(edges[-1])}, but customers are there from "
            f"{day_of(first[alive].min())} (the first purchase) to {day_of(end)}; add the "
            "missing periods."
        )
    begin: Array = np.searchsorted(edges, first, side="right") - 1
    empty = np.isnan(known.values[:, :, :observed])
    gaps: Array = np.any(empty, axis=0)
    if not gaps.any():
        return
    needed: Array = (np.arange(observed) >= begin[:, None]) & alive[:, None] & gaps[known.group]
    if bool(needed.any()):
        customer, period = np.argwhere(needed)[0]
        raise DataError(
            f"Covariates are missing for {counted(len(np.unique(np.nonzero(needed)[0])), 'customer')} in "
            f"{counted(needed.sum(), 'period')} together (first: customer {customers[customer]}, period "
            f"{day_of(known.calendar.starts[period])}). Each customer needs a row with all covariates for every period "
            f"from the first purchase to {day_of(end)}."
        )
    for line, gaps_of_line in zip(known.values[:, :, :observed], empty, strict=True):
        line[gaps_of_line] = 0.0


def _paths(known: Covariates, first: Array, end: float, days: float) -> tuple[CovariatePaths, npt.NDArray[np.intp]]:
    """The distinct paths, and the path of each customer."""
    path, distinct = pd.factorize(first + 1j * known.group)
    paths = CovariatePaths(
        known.names, known.values, known.calendar.edges, distinct.imag.astype(np.intp), distinct.real.copy(), end, days
    )
    return paths, path


def _rows(
    paths: CovariatePaths, path: npt.NDArray[np.intp], code: npt.NDArray[np.intp], day: Array, first: Array
) -> DynamicRows:
    """Distinct histories from the purchases: the customer and the day of each."""
    repeat = day > first[code]
    owner, when = code[repeat], day[repeat]
    n = len(first)
    x, last = np.bincount(owner, minlength=n).astype(float), first.copy()
    np.maximum.at(last, owner, when)
    period, group = paths.period_of(when), paths.group[path[owner]]
    sums = [np.bincount(owner, values[group, period], n) for values in paths.values]
    return _grouped(paths, path, x, last, sums)


def _grouped(
    paths: CovariatePaths, path: npt.NDArray[np.intp], x: Array, last: Array, sums: Sequence[Array]
) -> DynamicRows:
    """Sorted by period of the first purchase, then by path; within a path by x and last purchase."""
    earliest = np.full(len(paths.group), np.inf)
    np.minimum.at(earliest, path, last)
    order = np.lexsort((paths.group, earliest, paths.period_after(paths.first)))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    paths = CovariatePaths(
        paths.names, paths.values, paths.edges, paths.group[order], paths.first[order], paths.end, paths.days
    )
    path = rank[path]
    sort = np.lexsort((last, x, path))
    new = np.append(True, (np.diff(np.stack([path, x, last])[:, sort]) != 0).any(axis=0))
    inverse = np.empty(len(path), dtype=np.intp)
    inverse[sort] = np.cumsum(new) - 1
    head = sort[new]
    weights = np.bincount(inverse).astype(float)
    first = paths.first[path[head]]
    values = {
        "frequency": x[head],
        "recency": (last[head] - first) / paths.days,
        "T": (paths.end - first) / paths.days,
        "path": path[head].astype(float),
        **{
            purchases_of(name): np.bincount(inverse, total, len(head)) / weights
            for name, total in zip(paths.names, sums, strict=True)
        },
    }
    return DynamicRows(values, weights, inverse, {}, paths=paths)
