"""One row per period of a shop: active, new and lost customers, and money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.summarise.by_period.active_customers import active_stretches
from retention_kit.summarise.by_period.period_identities import check_identities
from retention_kit.summarise.common.calendar_periods import number_of, period_number, period_start
from retention_kit.summarise.common.events import Events, events_until
from retention_kit.summarise.common.first_values import NO_VALUE
from retention_kit.summarise.common.order_log import Orders


def order_periods(
    orders: Orders, as_of: dt.date, period: str, lapses: Sequence[int | None], by: str | None = None
) -> list[pd.DataFrame]:
    """Customer movements and money of an order log, a table for each lapse; `periods` documents the columns."""
    events, groups = events_until(orders, as_of), [by] if by else []
    days, refunds = (_grouped(table, events, by) for table in (events.days, events.refunds))
    money = _money(days, refunds, period, groups)
    if money.empty:
        raise DataError(f"no order up to {as_of}; as_of must be later than the first order")
    numbers = np.arange(money.index.get_level_values("number").min(), number_of(as_of, period) + 1)
    shown = active_stretches(days, as_of, period, lapses, groups)
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


def _grouped(table: ir.Table, events: Events, by: str | None) -> ir.Table:
    """With the group of each customer, that of the first order."""
    if by is None:
        return table
    first = events.first_values(by).rename(buyer="customer")
    joined = table.left_join(first, table.customer == first.buyer).drop("buyer")
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


def _movements(stretches: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """Counts per period from the boundaries between which customers are active.

    Boundary k is the first moment of period k, so a period runs from boundary k to k + 1.
    """
    bounds = np.arange(numbers[0], numbers[-1] + 2)

    def count(rows: pd.DataFrame, at: pd.Series, what: str = "customers") -> np.ndarray:
        return np.bincount(at - bounds[0], rows[what], len(bounds) + 1).astype("int64")[: len(bounds)]

    shown = stretches[stretches["number"] < stretches["last_boundary"]]
    stops, new, first = (
        rows[rows[name]] for rows, name in ((shown, "stops"), (shown, "in_first"), (stretches, "is_first"))
    )
    active = np.cumsum(count(shown, shown["number"] + 1) - count(shown, shown["last_boundary"] + 1))
    lost = (count(stops, stops["last_boundary"]) + count(stretches, stretches["number"], "inside"))[:-1]
    start, end, is_new = active[:-1], active[1:], count(new, new["number"])[:-1]
    return pd.DataFrame(
        {
            "start": start,
            "kept": start - lost,
            "new": is_new,
            "returned": end - (start - lost) - is_new,
            "lost": lost,
            "joined_and_left": count(first, first["number"])[:-1] - is_new,
            "end": end,
        },
        index=numbers,
    )


def _money(days: ir.Table, refunds: ir.Table, period: str, groups: list[str]) -> pd.DataFrame:
    """Customers, orders and money per group and period, indexed by group and its number."""
    number = period_number(days.day, period)
    is_new = (days.previous.isnull() | (period_number(days.previous, period) < number)).ifelse(1, 0)
    first_money = (days.day == days["first"]).ifelse(days.money, 0)
    bought = days.group_by(*groups, number=number).agg(
        customers=is_new.sum(),
        orders=days.orders.sum(),
        money=days.money.sum(),
        first_time=first_money.sum(),
        first_day=days.day.min(),
    )
    back = refunds.group_by(*groups, number=period_number(refunds.day, period)).agg(back=refunds.amount.sum())
    sums = bought.outer_join(back, [*groups, "number"])
    keys = {name: ibis.coalesce(sums[name], sums[f"{name}_right"]) for name in (*groups, "number")}
    money, first, refunded = (sums[name].fill_null(0) for name in ("money", "first_time", "back"))
    table: pd.DataFrame = sums.select(
        **keys,
        customers=sums.customers.fill_null(0),
        orders=sums.orders.fill_null(0),
        revenue=(money + refunded).cast("float64"),
        refunds=(-refunded).cast("float64"),
        first_time_revenue=first.cast("float64"),
        repeat_revenue=(money - first).cast("float64"),
        first_day=sums.first_day,
    ).to_pandas()
    return table.set_index([*groups, "number"]).sort_index().astype({"customers": "int64", "orders": "int64"})
