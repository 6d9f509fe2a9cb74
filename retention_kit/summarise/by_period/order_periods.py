"""One row per period of a shop: active, new and lost customers, and money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.summarise.by_period.period_identities import check_identities
from retention_kit.summarise.by_period.spells import spells
from retention_kit.summarise.common.calendar_periods import number_of, period_number, period_start
from retention_kit.summarise.common.first_values import NO_VALUE, first_rows
from retention_kit.summarise.common.order_log import Orders, orders_until, purchases


def order_periods(
    orders: Orders, as_of: dt.date, period: str, lapses: Sequence[int | None], by: str | None = None
) -> list[pd.DataFrame]:
    """Customer movements and money of an order log, a table for each lapse; `periods` documents the columns."""
    log, groups = orders_until(orders, as_of), [by] if by else []
    if by:
        log = _grouped(log, by)
    money = _money(log, period, groups)
    if money.empty:
        raise DataError(f"no order up to {as_of}; as_of must be later than the first order")
    numbers = np.arange(money.index.get_level_values("number").min(), number_of(as_of, period) + 1)
    shown = spells(purchases(log), as_of, period, lapses, groups)
    return [
        _tables(counts, money, numbers, period, as_of, by, lapse) for counts, lapse in zip(shown, lapses, strict=True)
    ]


def _tables(
    shown: pd.DataFrame,
    money: pd.DataFrame,
    numbers: np.ndarray,
    period: str,
    as_of: dt.date,
    by: str | None,
    lapse: int | None,
) -> pd.DataFrame:
    """The tables of all groups, one under the other."""
    if by is None:
        return _table(shown, money, numbers, period, as_of, lapse)
    tables = []
    for value in sorted(money.index.get_level_values(by).unique()):
        own = pd.DataFrame(money.xs(value, level=by))
        table = _table(shown[shown[by] == value], own, numbers, period, as_of, lapse)
        table.insert(0, by, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _grouped(log: ir.Table, by: str) -> ir.Table:
    """The log with the group of each customer, that of the first order, in place of the column."""
    first = first_rows(purchases(log), [by], "ordered_at").rename(buyer="customer_id")
    joined = log.drop(by).left_join(first, log.customer_id == first.buyer).drop("buyer")
    return joined.mutate(**{by: joined[by].fill_null(NO_VALUE)})


def _table(
    shown: pd.DataFrame, money: pd.DataFrame, numbers: np.ndarray, period: str, as_of: dt.date, lapse: int | None
) -> pd.DataFrame:
    """The table of one group."""
    sums = money.drop(columns="first_day").reindex(numbers, fill_value=0)
    table = _movements(shown, numbers).join(sums)
    table.insert(0, "period", period_start(numbers, period))
    table["complete"] = numbers < number_of(as_of + dt.timedelta(days=1), period)
    table["observable"] = _observable(pd.to_datetime(money["first_day"]).min(), numbers, period, lapse)
    return check_identities(table.reset_index(drop=True))


def _observable(first_day: pd.Timestamp, numbers: np.ndarray, period: str, lapse: int | None) -> np.ndarray:
    """Which periods begin so long after the first order that everybody who could be active is in the log."""
    if pd.isna(first_day):  # only refunds
        return np.zeros(len(numbers), dtype=bool)
    if lapse is None:
        return numbers > number_of(first_day.date(), period)
    return np.asarray(period_start(numbers, period) >= first_day + pd.Timedelta(days=lapse))


def _movements(spells: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """Counts per period from counts of spells by their first and last boundary.

    Boundary k is the first moment of period k, so a period runs from boundary k to k + 1.
    """
    visible = spells[spells.first_boundary <= spells.last_boundary]
    bounds = np.arange(numbers[0], numbers[-1] + 2)

    def count(rows: pd.DataFrame, key: str) -> np.ndarray:
        return np.bincount(rows[key] - bounds[0], rows["customers"], len(bounds)).astype("int64")

    appear, vanish = count(visible, "first_boundary"), count(visible, "last_boundary")
    active = np.cumsum(appear) - np.cumsum(vanish) + vanish
    new = count(visible[visible.is_new], "first_boundary")[1:]
    gap_inside = count(visible[visible.gap_inside], "first_boundary")[1:]
    joined = count(spells[spells.is_first], "joined")[:-1]
    start, lost = active[:-1], vanish[:-1] - gap_inside
    return pd.DataFrame(
        {
            "start": start,
            "kept": start - lost,
            "new": new,
            "returned": appear[1:] - new - gap_inside,
            "lost": lost,
            "joined_and_left": joined - new,
            "end": active[1:],
        },
        index=numbers,
    )


def _money(log: ir.Table, period: str, groups: list[str]) -> pd.DataFrame:
    """Customers, orders and money per group and period, indexed by group and its number."""
    moment = log.ordered_at
    rows = log.select(*groups, "customer_id", "amount", number=period_number(moment, period), day=moment.date())
    bought = rows.filter(rows.amount >= 0)
    first = bought.group_by("customer_id").agg(first_day=bought.day.min())
    rows = rows.left_join(first, "customer_id")
    is_order = rows.amount >= 0
    first_time = is_order & (rows.day == rows.first_day)
    sums = rows.group_by([*groups, "number"]).agg(
        customers=rows.customer_id.nunique(where=is_order),
        orders=is_order.sum(),
        revenue=rows.amount.sum(),
        refunds=-is_order.ifelse(ibis.literal(0), rows.amount).sum(),
        first_time_revenue=first_time.ifelse(rows.amount, 0).sum(),
        repeat_revenue=(is_order & ~first_time).ifelse(rows.amount, 0).sum(),
        first_day=rows.day.min(where=is_order),
    )
    money = ["revenue", "refunds", "first_time_revenue", "repeat_revenue"]
    table: pd.DataFrame = sums.cast(dict.fromkeys(money, "float64")).to_pandas()
    return table.set_index([*groups, "number"]).sort_index().astype({"customers": "int64", "orders": "int64"})
