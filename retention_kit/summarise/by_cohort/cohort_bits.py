"""Cells of calendar cohorts from one bit per customer and period.

One row per customer and period would be nearly as many rows as the log has. To count people, one row per customer with
a bit for each period is enough; to add up money, the customer's first period.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.common.calendar_periods import period_number
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import purchases

_WORD = 62
"""Bits used of an integer: every engine has 64, of which one is the sign."""

MOST_PERIODS = 2 * _WORD
"""Longer spans need more memory for bits than they save."""

MANY_ROWS = 1_000_000
"""From this many rows on, bits save memory: with 5 million orders the peak is 0.6 times that of rows per customer and
period, and a memory limit of 40 MB suffices, which the other way exceeds. Shorter logs are counted sooner by rows."""


@ibis.udf.agg.builtin(name="bit_or", signature=(("int64",), "int64"))  # type: ignore[untyped-decorator]
def _bit_or(bits: int) -> int: ...  # type: ignore[empty-body]  # every engine has it, but Ibis has no rule for it on Spark


def first_period(log: ir.Table, plan: CohortPlan, most: float) -> int | None:
    """Number of the first period of the log; None if bits do not fit the request or would not save memory."""
    if not plan.plain or most < MANY_ROWS:
        return None
    moment = log.ordered_at.min()
    seen = log.aggregate(rows=log.count(), first=period_number(moment, plan.period)).to_pandas().iloc[0]
    pays = seen["rows"] >= MANY_ROWS and plan.last - seen["first"] < MOST_PERIODS
    return int(seen["first"]) if pays else None


def bit_cells(log: ir.Table, plan: CohortPlan, first: int) -> pd.DataFrame:
    """Per group, cohort and age: active customers, customers last active at that age, orders and revenue."""
    lives = _lives(log, plan, first).cache()  # people and money are both counted from it
    keys = [*plan.groups, "cohort", "age"]
    counts = _people(lives, plan, first).merge(_money(log, lives, plan, first), how="right", on=keys)
    counts = counts.fillna({"active": 0, "ending": 0})
    return counts.astype(dict.fromkeys(("cohort", "age", "active", "ending", "orders"), "int64"))


def _lives(log: ir.Table, plan: CohortPlan, first: int) -> ir.Table:
    """One row per customer: first and last period of a purchase, and words with a bit for each of them."""
    rows = (
        purchases(log)
        .filter(log.customer_id.notnull())
        .select("customer_id", period_index=_period_index(log, plan, first))
    )
    bit = ibis.literal(1).cast("int64") << (rows.period_index % _WORD)
    columns_of_bits = {
        f"word{at // _WORD}": _bit_or(rows.period_index.between(at, at + _WORD - 1).ifelse(bit, 0))
        for at in range(0, plan.last - first + 1, _WORD)
    }
    lives = rows.group_by("customer_id").agg(
        cohort=rows.period_index.min(), last=rows.period_index.max(), **columns_of_bits
    )
    if plan.groups:
        lives = lives.join(first_rows(purchases(log), list(plan.groups), "ordered_at"), "customer_id")
    return lives


def _period_index(log: ir.Table, plan: CohortPlan, first: int) -> ir.IntegerValue:
    """Periods since the first one: the number of the bit."""
    return (period_number(log.ordered_at, plan.period) - first).cast("int32")


def _people(lives: ir.Table, plan: CohortPlan, first: int) -> pd.DataFrame:
    """Active customers, and customers last active at that age, per group, cohort and age."""
    keys = [*plan.groups, "cohort"]
    places = range(plan.last - first + 1)
    active = {f"active{at}": _has(lives, at).sum() for at in places}
    by_last = lives.group_by([*keys, "last"]).agg(ending=lives.count(), **active).to_pandas()
    wide = by_last.drop(columns=["last", "ending"]).groupby(keys, as_index=False).sum()
    people = pd.wide_to_long(wide, ["active"], i=keys, j="last").reset_index()
    people = people.merge(by_last[[*keys, "last", "ending"]], how="left", on=[*keys, "last"])
    return people.assign(age=people["last"] - people["cohort"], cohort=people["cohort"] + first).drop(columns="last")


def _has(lives: ir.Table, bit_number: int) -> ir.IntegerValue:
    """1 if the customer bought in the period of this bit, else 0."""
    word, bit = divmod(bit_number, _WORD)
    return (lives[f"word{word}"] >> bit) & 1


def _money(log: ir.Table, lives: ir.Table, plan: CohortPlan, first: int) -> pd.DataFrame:
    """Orders and revenue per group, cohort and age; refunds from before a first order count at age 0."""
    rows = log.select("customer_id", "amount", period_index=_period_index(log, plan, first))
    rows = rows.join(lives.select("customer_id", "cohort", *plan.groups), "customer_id")
    rows = rows.mutate(age=ibis.greatest(rows.period_index - rows.cohort, 0))
    sums = rows.group_by([*plan.groups, "cohort", "age"]).agg(
        orders=(rows.amount >= 0).sum(), revenue=rows.amount.sum().cast("float64")
    )
    table: pd.DataFrame = sums.to_pandas()
    return table.assign(cohort=table["cohort"] + first)
