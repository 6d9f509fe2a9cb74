"""The cohort table from its counted cells: all combinations, rates and money, and which cells are not known yet."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from retention_kit.summarise.by_cohort.cohort_cells import BEFORE
from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.common.calendar_periods import number_of, period_start
from retention_kit.summarise.common.wilson import wilson

_COUNTS = ["active", "ending", "orders", "revenue"]
_COLUMNS = ["cohort", "age", "size", "active", "rate", "low", "high", "revenue", "complete", "reached", "orders"]
_MONEY = ["average_order_value", "cumulative_revenue", "revenue_per_customer"]


def filled(counts: pd.DataFrame, plan: CohortPlan, joined: pd.DataFrame | None) -> pd.DataFrame:
    """Every cohort with every age: size, reached, complete, active, orders and revenue; 0 where nothing happened."""
    keys = [*plan.groups, "cohort"]
    sizes = counts.groupby(keys)["ending"].sum().rename("size").reset_index()
    sizes = sizes[sizes["size"] > 0]
    first = sizes["cohort"].min() if joined is None else joined["origin"].min()
    ages = plan.ages((plan.last - first) // (plan.length or 1))
    through = np.append(ages[1:] - 1, np.iinfo("int64").max) if plan.edges else ages
    frame = sizes.merge(pd.DataFrame({"age": ages, "through": through}), how="cross")
    table = frame.merge(counts[counts["age"] != BEFORE], on=[*keys, "age"], how="left").sort_values([*keys, "age"])
    table = table.fillna(dict.fromkeys(_COUNTS, 0)).reset_index(drop=True)
    table["before"] = table["size"] - table.groupby(keys)["ending"].transform("sum")
    seen = _seen_calendar(table, plan) if joined is None else _seen_rolling(table, joined, plan)
    return table.assign(**seen)


def _seen_calendar(table: pd.DataFrame, plan: CohortPlan) -> dict[str, pd.Series]:
    """Whether the period had begun for the cohort, and whether it had ended."""
    after = number_of(plan.day + dt.timedelta(days=1), plan.period)
    begun = table["age"] <= plan.last - table["cohort"]
    return {"reached": table["size"].where(begun, 0), "complete": table["through"] < after - table["cohort"]}


def _seen_rolling(table: pd.DataFrame, joined: pd.DataFrame, plan: CohortPlan) -> dict[str, pd.Series]:
    """For how many members the period had begun, and whether it had ended for all."""
    keys = [*plan.groups, "cohort"]
    reached = pd.Series(0, index=table.index)
    complete = pd.Series(False, index=table.index)
    days = dict(iter(joined.groupby(keys)))
    for key, rows in table.groupby(keys):
        joins = days[key].sort_values("origin")
        members = np.append(0, joins["customers"].cumsum())
        age = plan.last - joins["origin"].to_numpy()
        latest = np.searchsorted(joins["origin"], plan.last - rows["age"] * plan.length, side="right")
        reached[rows.index] = members[latest]
        complete[rows.index] = rows["through"] < (age.min() + 1) // plan.length
    return {"reached": reached, "complete": complete}


def measured(table: pd.DataFrame, plan: CohortPlan, *, min_size: int, level: float) -> pd.DataFrame:
    """Rates, intervals and money per cell; NaN if nothing was observed or the cell is too small to show."""
    keys = [*plan.groups, "cohort"]
    if plan.on_or_after:
        gone = table.groupby(keys)["ending"].cumsum() - table["ending"] + table["before"]
        table["active"] = table["size"] - gone
    table["cumulative_revenue"] = table.groupby(keys)["revenue"].cumsum()
    n = table["reached"] if plan.on_or_after else table["size"]
    table["suppressed"] = (table["reached"] > 0) & (n < min_size)
    shown = (table["reached"] > 0) & ~table["suppressed"]
    seen = ["active", "orders", "revenue", "cumulative_revenue"]
    table[seen] = table[seen].astype("float64").where(shown)
    table["rate"] = table["active"] / n.where(n > 0)
    table["low"], table["high"] = wilson(table["active"], n, level=level)
    table["average_order_value"] = table["revenue"] / table["orders"].where(table["orders"] > 0)
    table["revenue_per_customer"] = table["cumulative_revenue"] / table["size"]
    table["cohort"] = period_start(table["cohort"], plan.period)
    columns = [*plan.groups, *_COLUMNS, *_MONEY, "through", "suppressed"]
    if plan.edges:
        table = table[table["age"].isin([first for first, _ in plan.brackets])]
    return table[columns].reset_index(drop=True)
