"""The customers behind a cohort table: of a cohort, or of one of its cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import Arguments, refuse
from retention_kit.errors import DataError
from retention_kit.summarise.by_cohort.cohort_cells import age_of, lives_of, steps_of
from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.by_cohort.order_cohorts import check_request, log_of, plan_of
from retention_kit.summarise.by_customer.customer_table import rows_of
from retention_kit.summarise.common.calendar_periods import as_day, number_of
from retention_kit.summarise.common.order_log import Orders

_COLUMNS = ("customer_id", "orders", "revenue", "first_order", "last_order", "days_since_last")


def cohort_customers(
    orders: Orders,
    *,
    as_of: str | dt.date,
    cohort: str | dt.date,
    age: int | None = None,
    period: str = "month",
    counting: str = "on",
    by: str | None = None,
    value: str | None = None,
    rolling: bool = False,
    brackets: Sequence[tuple[int, int]] | None = None,
) -> ir.Table | pd.DataFrame:
    """The customers of a cohort, or those of them who are active at an age.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    cohort : str or date
        A day of the period in which the customers first ordered, such as the column cohort of `cohorts`.
    age : int, optional
        With it only customers who are active at this age, or in the bracket that begins with it.
    period, counting, rolling, brackets
        As in `cohorts`.
    by, value : str, optional
        A column and its value in the first order, as text, as `cohorts(..., by=)` has it: of these customers only.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per customer, as many as the cell of `cohorts` counts (its size, or its active customers): customer_id;
        orders, revenue: up to as_of, refunds taken off; first_order, last_order; days_since_last: to as_of. In no
        order, a DataFrame by customer_id.

    Raises
    ------
    DataError
        When a column is missing, or the age had not begun by as_of for anybody.
    ConfigError
        When the request cannot be read; all faults at once.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> cohort_customers(log, as_of="2024-02-29", cohort="2024-01-01")["customer_id"].tolist()
    ['ada', 'bo']
    >>> cohort_customers(log, as_of="2024-02-29", cohort="2024-01-01", age=1)[["customer_id", "orders", "revenue"]]
      customer_id  orders  revenue
    0         ada       2     30.0
    """
    refuse(by=(by, "name?"), value=(value, "name?"), age=(age, "count?"))
    check_request(counting, brackets, "first_time", rolling, None, 0, 0.95)
    plan = plan_of(as_of, period, counting, by, rolling, brackets, None, "first_time")
    with Arguments() as check:
        check.fault("by and value go together: a column, and its value", when=(by is None) != (value is None))
        firsts = [first for first, _ in plan.brackets]
        check.fault(f"age is the first age of a bracket; got {age}", when=bool(firsts) and age not in (None, *firsts))
    log = log_of(orders, plan)
    members = _members(log, plan, number_of(as_day(cohort, "cohort"), period), age, value)
    table = rows_of(log.semi_join(members, "customer_id"), plan.day, "day", "day").select(*_COLUMNS)
    if isinstance(orders, pd.DataFrame):
        return table.order_by("customer_id").to_pandas()
    return table


def _members(log: ir.Table, plan: CohortPlan, cohort: int, age: int | None, value: str | None) -> ir.Table:
    """The ids of the customers of a cohort (and group) who are active at the age."""
    steps = steps_of(log, plan)
    lives = lives_of(log, steps, plan)
    lives = lives.filter(lives.cohort == cohort)
    if value is not None:
        lives = lives.filter(lives[plan.groups[0]] == value)
    if age is None:
        return lives.select("customer_id")
    _refuse_future(lives, plan, age)
    if plan.on_or_after:
        ended = lives.mutate(number=lives["last"])
        return ended.filter(age_of(ended, plan) >= age).select("customer_id")
    joined = steps.filter(steps.orders > 0).join(lives, "customer_id")
    return joined.filter(age_of(joined, plan) == age).select("customer_id").distinct()


def _refuse_future(lives: ir.Table, plan: CohortPlan, age: int) -> None:
    """DataError where an age had not begun by as_of for any customer of the cohort."""
    first = lives.origin.min().to_pandas()
    if not pd.isna(first) and (plan.last - int(first)) // (plan.length or 1) < age:
        raise DataError(f"No customer of the cohort had reached age {age} by {plan.day}, so it is not known who will.")
