"""Movements of customers between segments from one date to another."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError
from retention_kit.models.rfm.customer_tables import Customers, as_table, require
from retention_kit.models.rfm.segments import SegmentMap, require_map, ten_segments

ARRIVED = "(not yet there)"
GONE = "(no longer there)"
_HINT = "summarise.customers, rfm.score and rfm.segment make them."


def migrate(before: Customers, after: Customers) -> pd.DataFrame:
    r"""Customers and revenue that moved from one segment to another.

    Parameters
    ----------
    before, after : Ibis tables or DataFrames
        Customers with their segments at two dates, scored with the same cut points: with new cut points, customers
        would move without doing anything.

    Returns
    -------
    DataFrame
        before, after (segments; "(not yet there)" for customers won in between), customers, share (of the customers of
        `before`), revenue_before, revenue_after (money up to each date; 0 for customers who did not exist then).

    Raises
    ------
    DataError
        If customer_id, segment or revenue are missing.

    Notes
    -----
    .. math:: share_{ab} = n_{ab} / \sum_b n_{ab}

    Joined and counted in the engine.

    Examples
    --------
    >>> march = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["loyal", "loyal"], "revenue": [50.0, 20]})
    >>> april = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["loyal", "at risk"], "revenue": [60.0, 20]})
    >>> migrate(march, april)[["before", "after", "customers", "share"]]
      before    after  customers  share
    0  loyal  at risk          1    0.5
    1  loyal    loyal          1    0.5
    """
    both = _both(before, after, ["customer_id", "segment", "revenue"])
    moves = both.group_by(before=both.segment_before.fill_null(ARRIVED), after=both.segment_after.fill_null(GONE)).agg(
        customers=both.count(),
        revenue_before=both.revenue_before.cast("float64").sum().fill_null(0.0),
        revenue_after=both.revenue_after.cast("float64").sum().fill_null(0.0),
    )
    table: pd.DataFrame = moves.order_by("before", "after").to_pandas()
    share = table["customers"] / table.groupby("before")["customers"].transform("sum")
    table.insert(3, "share", share)
    return table


def migration_matrix(
    moves: pd.DataFrame, values: str = "customers", segments: SegmentMap = ten_segments
) -> pd.DataFrame:
    """The moves as a square table: segments before in rows, after in columns.

    Parameters
    ----------
    moves : DataFrame
        From `migrate`.
    values : {"customers", "share", "revenue_before", "revenue_after"}
        Figure to show.
    segments : SegmentMap
        The map of the segments, which gives their order.

    Returns
    -------
    DataFrame
        0 where nobody moved; customers who came or went in a row or column of their own, where there are any.

    Notes
    -----
    With equal dates, or the same data and fixed cut points, only the diagonal is not empty.

    Examples
    --------
    >>> moves = pd.DataFrame({"before": ["loyal"], "after": ["at risk"], "customers": [3]})
    >>> matrix = migration_matrix(moves)
    >>> int(matrix.loc["loyal", "at risk"]), int(matrix.loc["new", "new"])
    (3, 0)
    """
    require_map(segments)
    with Arguments(DataError) as check:
        check.frame("moves", moves, ("before", "after", values), maker="rfm.migrate")
    wide = moves.pivot_table(index="before", columns="after", values=values, aggfunc="sum", fill_value=0)
    rows = [*segments.segments, *(name for name in wide.index if name not in segments.segments)]
    columns = [*segments.segments, *(name for name in wide.columns if name not in segments.segments)]
    return wide.reindex(index=rows, columns=columns, fill_value=0).rename_axis(index="before", columns="after")


def fallers(before: Customers, after: Customers, segments: Sequence[str] = ("champions", "loyal")) -> Customers:
    """Customers who were in the best segments and no longer are, with the reason.

    Parameters
    ----------
    before, after : Ibis tables or DataFrames
        Customers with their scores and segments at two dates, scored with the same cut points.
    segments : sequence of str
        The best segments; a move from one of them to another does not count as a fall.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        customer_id, before, after (segments), R_before … M_after, days_since_last, revenue, reason; largest revenue
        first.

    Raises
    ------
    DataError
        If columns are missing.

    Notes
    -----
    With fixed cut points, R falls with time since the last order; F and M fall only by refunds.

    Examples
    --------
    >>> march = pd.DataFrame({"customer_id": ["a"], "segment": ["champions"], "revenue": [50.0]})
    >>> march = march.assign(days_since_last=9, R=5, F=5, M=4)
    >>> april = march.assign(segment="at risk", days_since_last=39, R=2)
    >>> fallers(march, april)["reason"].item()
    'R 5 to 2, F 5 to 5, M 4 to 4; 39 days since the last order'
    """
    columns = ["customer_id", "segment", "revenue", "days_since_last", "R", "F", "M"]
    both = _both(before, after, columns)
    still_there = both.customer_id_before == both.customer_id_after
    best = list(segments)
    fell = both.filter(still_there & both.segment_before.isin(best) & ~both.segment_after.isin(best))
    scores = [f"{score}_{side}" for score in ("R", "F", "M") for side in ("before", "after")]
    listed = fell.select(
        "customer_id",
        *scores,
        before=fell.segment_before,
        after=fell.segment_after,
        days_since_last=fell.days_since_last_after,
        revenue=fell.revenue_after.cast("float64"),
        reason=_reason(fell),
    ).order_by(ibis.desc("revenue"), "customer_id")
    return listed.to_pandas() if isinstance(after, pd.DataFrame) else listed


def _reason(fell: ir.Table) -> ir.Value:
    def text(name: str) -> ir.Value:
        return fell[name].cast("int64").cast("string")

    moves = [ibis.literal(f"{s} ") + text(f"{s}_before") + " to " + text(f"{s}_after") for s in ("R", "F", "M")]
    return ibis.literal(", ").join(moves) + "; " + text("days_since_last_after") + " days since the last order"


def _both(before: Customers, after: Customers, columns: list[str]) -> ir.Table:
    """Customers of both dates, one row each, with suffixes _before and _after."""
    tables = []
    for customers, side in ((before, "before"), (after, "after")):
        require(customers, columns, _HINT)
        table = as_table(customers, columns)
        tables.append(table.rename({f"{name}_{side}": name for name in columns}))
    first, second = tables
    joined = first.outer_join(second, first.customer_id_before == second.customer_id_after)
    return joined.mutate(customer_id=ibis.coalesce(joined.customer_id_before, joined.customer_id_after))
