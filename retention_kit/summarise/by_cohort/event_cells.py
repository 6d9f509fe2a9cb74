"""Cells of calendar cohorts from the events of a run: each row knows its customer's first and previous day."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.common.calendar_periods import period_number
from retention_kit.summarise.common.events import Events

_COUNTS = ("cohort", "age", "active", "ending", "orders")


def event_cells(events: Events, plan: CohortPlan) -> pd.DataFrame:
    """Per group, cohort and age: active customers, customers last active at that age, orders and revenue."""
    days, keys = _grouped(events.days, events, plan), [*plan.groups, "cohort", "age"]
    number, cohort = (period_number(days[name], plan.period) for name in ("day", "first"))
    is_new = days.previous.isnull() | (period_number(days.previous, plan.period) < number)
    bought = days.group_by(*plan.groups, cohort=cohort, age=number - cohort).agg(
        active=is_new.ifelse(1, 0).sum(),
        ending=days.next.isnull().ifelse(1, 0).sum(),
        orders=days.orders.sum(),
        money=days.money.sum(),
    )
    joined = bought.outer_join(_refunds(events, plan), keys)
    both = {name: ibis.coalesce(joined[name], joined[f"{name}_right"]) for name in keys}
    counts = {name: joined[name].fill_null(0) for name in ("active", "ending", "orders")}
    money = joined.money.fill_null(0) + joined.back.fill_null(0)
    table: pd.DataFrame = joined.select(**both, **counts, revenue=money.cast("float64")).to_pandas()
    return table.astype(dict.fromkeys(_COUNTS, "int64"))


def _refunds(events: Events, plan: CohortPlan) -> ir.Table:
    """Refunds of customers who bought, per group, cohort and age; those from before a first order count at age 0."""
    firsts = events.days.filter(events.days.number == 1).select("customer", "first")
    rows = _grouped(events.refunds.join(firsts, "customer"), events, plan)
    cohort = period_number(rows["first"], plan.period)
    age = ibis.greatest(period_number(rows.day, plan.period) - cohort, 0)
    return rows.group_by(*plan.groups, cohort=cohort, age=age).agg(back=rows.amount.sum())


def _grouped(rows: ir.Table, events: Events, plan: CohortPlan) -> ir.Table:
    """With the groups of each customer, those of the first order."""
    for by in plan.groups:
        rows = rows.join(events.first_values(by), "customer")
    return rows
