"""Customers and money in each segment and in each cell of scores."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.models.rfm.customer_tables import Customers, as_table, require
from retention_kit.models.rfm.segments import SegmentMap, require_map, ten_segments

_READS = ("orders", "revenue", "days_since_last")


def by_segment(segmented: Customers, segments: SegmentMap = ten_segments) -> pd.DataFrame:
    r"""One row per segment: customers, orders, revenue and their shares.

    Parameters
    ----------
    segmented : Ibis table or DataFrame
        Customers with their segment, from `segment`.
    segments : SegmentMap
        The map of the segments, which gives their order and the segments without customers.

    Returns
    -------
    DataFrame
        segment, customers, orders, revenue, customer_share, order_share, revenue_share (fractions),
        orders_per_customer, revenue_per_customer, mean_days_since_last (NaN for a segment without customers).

    Raises
    ------
    DataError
        If columns are missing, or customers have no segment.

    Notes
    -----
    .. math:: share_s = \frac{\sum_{i \in s} v_i}{\sum_i v_i}

    Summed in the engine; only one row per segment comes to Python.

    Examples
    --------
    >>> customers = pd.DataFrame({"segment": ["loyal", "loyal", "new"], "orders": [4, 5, 1]})
    >>> customers = customers.assign(revenue=[40.0, 50, 10], days_since_last=[9, 5, 1])
    >>> by_segment(customers).query("customers > 0")[["segment", "customers", "revenue_share"]]
      segment  customers  revenue_share
    1   loyal          2            0.9
    3     new          1            0.1
    """
    require_map(segments)
    sums = _sums(segmented, ["segment"]).set_index("segment")
    if sums.index.hasnans:
        raise DataError(
            f"Every customer needs a segment; {sums.loc[sums.index.isna(), 'customers'].sum():,} have none: "
            f"scores are missing or above {segments.groups}. Score with groups={segments.groups}."
        )
    names = [*segments.segments, *(name for name in sums.index if name not in segments.segments)]
    table = sums.reindex(names, fill_value=0).rename_axis("segment").reset_index()
    return _with_shares(table)


def grid(scored: Customers, axes: Sequence[str] = ("R", "F")) -> pd.DataFrame:
    r"""One row per cell of scores: customers, orders, revenue and their shares.

    Parameters
    ----------
    scored : Ibis table or DataFrame
        Customers with R, F and M, from `score`.
    axes : sequence of {"R", "F", "M"}
        Scores that make the cells.

    Returns
    -------
    DataFrame
        The axes and the columns of `by_segment`; cells without customers are left out.

    Raises
    ------
    DataError
        If columns are missing.

    Notes
    -----
    .. math:: share_c = \frac{\sum_{i \in c} v_i}{\sum_i v_i}

    Examples
    --------
    >>> customers = pd.DataFrame({"R": [5, 5], "F": [1, 1], "orders": [1, 1], "revenue": [8.0, 2]})
    >>> customers = customers.assign(days_since_last=[3, 4])
    >>> grid(customers)[["R", "F", "customers", "revenue"]]
       R  F  customers  revenue
    0  5  1          2     10.0
    """
    return _with_shares(_sums(scored, list(axes)).sort_values(list(axes), ignore_index=True))


def _sums(customers: Customers, keys: list[str]) -> pd.DataFrame:
    columns = [*keys, *_READS]
    require(customers, columns, "summarise.customers, rfm.score and rfm.segment make them.")
    table: ir.Table = as_table(customers, columns)
    sums: pd.DataFrame = (
        table.group_by(keys)
        .agg(
            customers=table.count(),
            orders=table.orders.sum(),
            revenue=table.revenue.cast("float64").sum(),
            days=table.days_since_last.cast("float64").sum(),
        )
        .to_pandas()
    )
    return sums


def _with_shares(table: pd.DataFrame) -> pd.DataFrame:
    people = table["customers"].where(table["customers"] > 0)
    return table.assign(
        customer_share=table["customers"] / table["customers"].sum(),
        order_share=table["orders"] / table["orders"].sum(),
        revenue_share=table["revenue"] / table["revenue"].sum(),
        orders_per_customer=table["orders"] / people,
        revenue_per_customer=table["revenue"] / people,
        mean_days_since_last=table["days"] / people,
    ).drop(columns="days")
