"""One row per cohort and age: returning customers and their money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import Arguments, refuse
from retention_kit.errors import DataError
from retention_kit.load.shared_answers import writes_tables
from retention_kit.summarise.by_cohort.cohort_cells import cells, join_days
from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.by_cohort.cohort_table import filled, measured
from retention_kit.summarise.by_cohort.event_cells import event_cells
from retention_kit.summarise.common.calendar_periods import as_day, check_period
from retention_kit.summarise.common.events import events_until
from retention_kit.summarise.common.order_log import Orders, as_table, in_its_currency, most_rows, orders_until

COUNTINGS: Final = ("on", "on_or_after", "brackets")
MEMBERS: Final = ("first_time", "recurring")
ROLLING_DAYS: Final = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
"""Length of a customer's own periods."""


def cohorts(
    orders: Orders,
    *,
    as_of: str | dt.date,
    period: str = "month",
    counting: str = "on",
    by: str | Sequence[str] | None = None,
    rolling: bool = False,
    brackets: Sequence[tuple[int, int]] | None = None,
    start: str | None = None,
    members: str = "first_time",
    min_size: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Retention of each cohort by age, in customers and in money.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log: customer_id, ordered_at, amount (negative for refunds).
    as_of : str or date
        Last day that counts.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods, weeks from Monday; a cohort is the customers whose first order fell in one.
    counting : {"on", "on_or_after", "brackets"}
        Active at age k: bought in exactly the k-th period after the first; in the k-th or any later one; or anywhere
        in a span of periods.
    by : str or sequence of str, optional
        Columns of the log; a customer belongs to their values in the first order.
    rolling : bool
        Ages in each customer's own periods of 1, 7, 30, 91 or 365 days from the day of the first order.
    brackets : sequence of (first, last), optional
        Spans of ages for `counting="brackets"`, such as [(1, 3), (4, 7)].
    start : str, optional
        A date column of the log, such as the day of signing up, that puts a customer in a cohort in place of the
        first order. Customers without one are left out.
    members : {"first_time", "recurring"}
        A cohort is those who bought for the first time in its period, or all who bought in it.
    min_size : int
        Cells that rest on fewer customers are suppressed: NaN and marked.
    level : float
        Confidence level of low and high, in (0, 1).

    Returns
    -------
    DataFrame
        One row per (group,) cohort and age, every combination:

        - cohort: first day of its period; age: periods since, 0 for that period itself, or the first age of a bracket;
        - size: customers of the cohort; active: how many of them were active; rate: active / size, but counted
          `on_or_after` active / reached; low, high: its Wilson interval;
        - revenue: money of the cohort in the period, refunds taken off;
        - complete: whether the period had ended by as_of for every member. Where it had not begun for any, all is NaN;
        - reached: members for whom the period had begun; orders: how many; average_order_value: revenue / orders;
        - cumulative_revenue: revenue up to this age; revenue_per_customer: the same per customer of the cohort;
        - through: last age of the bracket, else age; suppressed: whether the cell is hidden for its size.

    Raises
    ------
    DataError
        When there is no order up to as_of, or no such column.
    ConfigError
        When as_of or the request cannot be read; all faults at once.

    Notes
    -----
    With counting="on_or_after" the last ages are censored: customers who will come back are not observed yet, so that
    even cells whose period has ended can still rise. All other complete cells are final. Refunds from before the first
    order count at age 0. The log knows only customers who ordered: with `start`, a cohort grows as more of it place a
    first order, and orders from before its first period are left out.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy"],
    ...         "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-02"]),
    ...         "amount": [10, 20, 15, 30],
    ...     }
    ... )
    >>> cohorts(log, as_of="2024-02-29")[["cohort", "age", "size", "active", "rate", "complete"]]
          cohort  age  size  active  rate  complete
    0 2024-01-01    0     2     2.0   1.0      True
    1 2024-01-01    1     2     1.0   0.5      True
    2 2024-02-01    0     1     1.0   1.0      True
    3 2024-02-01    1     1     NaN   NaN     False
    """
    check_request(counting, brackets, members, rolling, start, min_size, level)
    plan = plan_of(as_of, period, counting, by, rolling, brackets, start, members)
    counts, joined = _counted(orders, plan)
    if counts.empty:
        raise DataError(f"no order up to {plan.day}; as_of must be later than the first order")
    table = measured(filled(counts, plan, joined), plan, min_size=min_size, level=level)
    return in_its_currency(table, orders)


def _counted(orders: Orders, plan: CohortPlan) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The cells, and for a customer's own periods the days on which customers joined."""
    if plan.plain and writes_tables(orders):
        _refuse_missing(as_table(orders), plan)
        return event_cells(events_until(orders, plan.day), plan), None
    log = log_of(orders, plan)
    return cells(log, plan, most_rows(orders)), join_days(log, plan) if plan.length else None


def plan_of(
    as_of: str | dt.date,
    period: str,
    counting: str,
    by: str | Sequence[str] | None,
    rolling: bool,
    brackets: Sequence[tuple[int, int]] | None,
    start: str | None,
    members: str,
) -> CohortPlan:
    """The plan of a request; ConfigError if its period, day or columns cannot be read."""
    refuse(by=(by, "column"), rolling=(rolling, "flag"))
    return CohortPlan(
        day=as_day(as_of),
        period=check_period(period),
        length=ROLLING_DAYS[period] if rolling else 0,
        on_or_after=counting == "on_or_after",
        brackets=tuple((int(a), int(b)) for a, b in brackets or ()),
        start=start,
        recurring=members == "recurring",
        groups=(by,) if isinstance(by, str) else tuple(by or ()),
    )


def log_of(orders: Orders, plan: CohortPlan) -> ir.Table:
    """The log up to the day of the plan; DataError if it lacks a column of the plan."""
    log = orders_until(orders, plan.day)
    _refuse_missing(log, plan)
    return log


def _refuse_missing(log: ir.Table, plan: CohortPlan) -> None:
    needed = [*plan.groups, *([plan.start] if plan.start else [])]
    if missing := [name for name in needed if name not in log.columns]:
        raise DataError(f"orders have no column {', '.join(missing)}; found {', '.join(log.columns)}")


def check_request(
    counting: str,
    brackets: Sequence[tuple[int, int]] | None,
    members: str,
    rolling: bool,
    start: str | None,
    min_size: int,
    level: float,
) -> None:
    """Raise ConfigError with all contradictions in the request."""
    edges = [edge for bracket in brackets or () for edge in bracket]
    rising = all(a <= b for a, b in brackets or ()) and all(
        edges[i] < edges[i + 1] for i in range(1, len(edges) - 1, 2)
    )
    faults = {
        f"counting is one of {', '.join(COUNTINGS)}; got {counting!r}": counting not in COUNTINGS,
        f"members is one of {', '.join(MEMBERS)}; got {members!r}": members not in MEMBERS,
        'brackets go with counting="brackets", such as [(1, 3), (4, 7)]': bool(brackets) != (counting == "brackets"),
        f"brackets are ages from 0 that rise and do not overlap; got {brackets!r}": bool(edges)
        and not (rising and edges[0] >= 0),
        "recurring members have no first day of their own: leave out rolling and start": members == "recurring"
        and (rolling or start is not None),
    }
    with Arguments() as check:
        check.whole("min_size", min_size, least=0)
        check.level("level", level)
        for sentence, is_so in faults.items():
            check.fault(sentence, when=is_so)
