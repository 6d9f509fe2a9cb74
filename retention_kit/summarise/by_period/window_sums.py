"""Revenue of a period and of the same days of earlier ones, by the values of a column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError
from retention_kit.summarise.by_period.customer_windows import Window, in_any, same_days
from retention_kit.summarise.common.calendar_periods import as_day
from retention_kit.summarise.common.first_values import NO_VALUE
from retention_kit.summarise.common.order_log import Orders, orders_until

OTHER: Final = "(other)"
"""The values of a column beyond the largest."""


def window_sums(
    orders: Orders, *, as_of: str | dt.date, by: str, period: str = "month", back: Sequence[int] = (1,), most: int = 8
) -> pd.DataFrame:
    """Revenue by the values of a column, in the period of as_of and in the same days of earlier ones.

    Parameters
    ----------
    orders, as_of, period, back
        As for `customer_windows`.
    by : str
        A column of the log; each row counts under its own value, missing ones under "(none)".
    most : int
        Largest number of rows: the values with the least revenue are added up as "(other)".

    Returns
    -------
    DataFrame
        One row per value, largest revenue first: value, revenue_0 and for each number k of periods back revenue_k,
        squares_k (the sum over customers of the squared change of their revenue with that value) and n_k (customers
        with an order or refund of that value in one of the two periods, or both).

    Raises
    ------
    DataError
        When there is no such column.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20"]),
    ...         "amount": [10, 20, 15],
    ...         "country": ["PL", "PL", "TW"],
    ...     }
    ... )
    >>> window_sums(log, as_of="2024-02-29", by="country")
      value  revenue_0  revenue_1  squares_1  n_1
    0    PL       20.0       10.0      100.0    1
    1    TW        0.0       15.0      225.0    1
    """
    refuse(by=(by, "name"), most=(most, "size"))
    windows = same_days(as_day(as_of), period, back)
    rows = _rows(orders_until(orders, as_day(as_of)), windows, by, int(most))
    held = {k: window.holds(rows.ordered_at) for k, window in windows.items()}
    by_customer = rows.group_by("value", "customer_id").agg(
        **{f"revenue_{k}": held[k].ifelse(rows.amount, 0.0).sum() for k in windows},
        **{f"rows_{k}": held[k].sum().fill_null(0) for k in windows},
    )
    sums: dict[str, ir.Value] = {"revenue_0": by_customer.revenue_0.sum()}
    for k in list(windows)[1:]:
        now, before = by_customer.revenue_0, by_customer[f"revenue_{k}"]
        sums[f"revenue_{k}"] = before.sum()
        sums[f"squares_{k}"] = ((now - before) * (now - before)).sum()
        sums[f"n_{k}"] = ((by_customer.rows_0 > 0) | (by_customer[f"rows_{k}"] > 0)).sum()
    table: pd.DataFrame = by_customer.group_by("value").agg(**sums).to_pandas()
    last = table["value"].eq(OTHER)
    table = table.assign(last=last).sort_values(["last", "revenue_0", "value"], ascending=[True, False, True])
    return table.drop(columns="last").reset_index(drop=True)


def _rows(log: ir.Table, windows: Mapping[int, Window], by: str, most: int) -> ir.Table:
    """The rows of these days with the value under which they count."""
    if by not in log.columns:
        raise DataError(f"there is no column {by}; found {', '.join(log.columns)}")
    near = log.filter(in_any(log.ordered_at, windows))
    value = near[by].cast("string").fill_null(NO_VALUE)
    rows = near.select("customer_id", "ordered_at", amount=near.amount.cast("float64"), value=value)
    totals = rows.group_by("value").agg(revenue=rows.amount.sum()).order_by(ibis.desc("revenue"), "value")
    values = totals.limit(most + 1).to_pandas()["value"].tolist()
    if len(values) <= most:
        return rows
    return rows.mutate(value=rows.value.isin(values[: most - 1]).ifelse(rows.value, ibis.literal(OTHER)))
