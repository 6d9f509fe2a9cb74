"""Cohort cells counted in the engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.by_cohort.cohort_bits import bit_cells, first_period
from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.common.calendar_periods import moment_after, period_number
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import purchases

BEFORE = -1
"""Age of orders before the start of a customer's cohort."""


def cells(log: ir.Table, plan: CohortPlan, most: float) -> pd.DataFrame:
    """Per group, cohort and age: active customers, customers last active at that age, orders and revenue.

    `most` is an upper limit of the number of rows of the log, infinite if it is not known.
    """
    first = first_period(log, plan, most)
    return step_cells(log, plan) if first is None else bit_cells(log, plan, first)


def step_cells(log: ir.Table, plan: CohortPlan) -> pd.DataFrame:
    """The cells of any request, from one row per customer and day or period."""
    steps = steps_of(log, plan)
    joined = steps.join(lives_of(log, steps, plan), "customer_id")
    age = age_of(joined, plan)
    joined = joined.select(
        "customer_id",
        *plan.groups,
        "cohort",
        "revenue",
        "orders",
        age=age,
        ending=(joined.orders > 0) & (joined.number == joined.last),
    )
    keys = [*plan.groups, "cohort", "age"]
    if plan.length or plan.edges:
        per_age = joined.group_by(["customer_id", *keys])
        joined = per_age.agg(revenue=joined.revenue.sum(), orders=joined.orders.sum(), ending=joined.ending.any())
    sums = joined.group_by(keys).agg(
        active=(joined.orders > 0).sum(),
        ending=joined.ending.sum(),
        orders=joined.orders.sum(),
        revenue=joined.revenue.sum().cast("float64"),
    )
    table: pd.DataFrame = sums.to_pandas()
    return table.astype(dict.fromkeys(("cohort", "age", "active", "ending", "orders"), "int64"))


def join_days(log: ir.Table, plan: CohortPlan) -> pd.DataFrame:
    """Per group, cohort and day: customers whose first period began on it."""
    lives = lives_of(log, steps_of(log, plan), plan)
    counts = lives.group_by([*plan.groups, "cohort", "origin"]).agg(customers=lives.count())
    table: pd.DataFrame = counts.to_pandas()
    return table.astype(dict.fromkeys(("cohort", "origin", "customers"), "int64"))


def steps_of(log: ir.Table, plan: CohortPlan) -> ir.Table:
    """One row per customer and day or period with any order or refund."""
    rows = log.select(
        "customer_id",
        "amount",
        number=period_number(log.ordered_at, plan.scale),
        period=period_number(log.ordered_at, plan.period),
    )
    keys = ["customer_id", "number", "period"] if plan.length else ["customer_id", "number"]
    steps = rows.group_by(keys).agg(revenue=rows.amount.sum(), orders=(rows.amount >= 0).sum())
    return steps if plan.length else steps.mutate(period=steps.number)


def lives_of(log: ir.Table, steps: ir.Table, plan: CohortPlan) -> ir.Table:
    """One row per member of a cohort: the start of its ages, and the last period of activity."""
    bought = steps.filter(steps.orders > 0)
    lives = bought.group_by("customer_id").agg(
        cohort=bought.period.min(), origin=bought.number.min(), last=bought.number.max()
    )
    if plan.recurring:
        memberships = bought.select("customer_id", cohort=bought.number, origin=bought.number)
        lives = memberships.join(lives.select("customer_id", "last"), "customer_id")
    if plan.start:
        lives = lives.select("customer_id", "last").join(_starts(log, plan), "customer_id")
    if plan.groups:
        lives = lives.join(first_rows(purchases(log), list(plan.groups), "ordered_at"), "customer_id")
    return lives


def _starts(log: ir.Table, plan: CohortPlan) -> ir.Table:
    """The first date of each customer in the column `start`, up to as_of."""
    assert plan.start is not None
    moment = log[plan.start].cast("timestamp")
    dated = log.select("customer_id", moment=moment).filter(lambda t: t.moment < moment_after(plan.day))
    first = dated.group_by("customer_id").agg(moment=dated.moment.min())
    return first.select(
        "customer_id",
        cohort=period_number(first.moment, plan.period),
        origin=period_number(first.moment, plan.scale),
    )


def age_of(joined: ir.Table, plan: CohortPlan) -> ir.IntegerValue:
    """Age, or first age of the bracket; refunds from before a first order count at age 0."""
    age = joined.number - joined.origin
    if plan.length > 1:
        age = (age / plan.length).floor().cast("int64")
    if plan.edges:
        age = ibis.cases(*[(age >= edge, edge) for edge in reversed(plan.edges)], else_=BEFORE)
    first_time = not (plan.start or plan.recurring)
    return (joined.number >= joined.origin).ifelse(age, 0 if first_time else BEFORE)
