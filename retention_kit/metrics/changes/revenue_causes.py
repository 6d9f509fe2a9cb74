"""Where a change of revenue comes from: parts that add up to it, each with its interval and its chance."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_kit import summarise
from retention_kit.arguments import refuse
from retention_kit.metrics.changes.change_errors import YEAR, half_width, smaller, two_sided
from retention_kit.metrics.changes.log_means import Part, factor_parts
from retention_kit.metrics.changes.same_days import Comparison, comparisons, reaches_back
from retention_kit.summarise.common.calendar_periods import as_day, check_period
from retention_kit.summarise.common.order_log import Orders, orders_until

COLUMNS: Final = ("against", "split", "part", "change", "low", "high", "p", "days", "n")
DIMENSION: Final = "dimension:"
"""Prefix of the name of a split by the values of a column."""


def revenue_causes(
    orders: Orders, *, as_of: str | dt.date, period: str = "month", by: str | Sequence[str] | None = None
) -> pd.DataFrame:
    r"""What a change of revenue consists of: against the period before, and the same one a year earlier.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : str or date
        Last day that counts. If its period is not over, or the log ends within it, its days so far are compared with
        the same days of the earlier periods: as many first ones.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar period.
    by : str or sequence of str, optional
        Columns of the log whose values split the change, each row by its own value; missing ones are "(none)".

    Returns
    -------
    DataFrame
        One row per part, none for an earlier period that cannot be compared because the log begins in or after it:

        - against: previous or last_year; split: which parts belong together; part: its name.
        - change: money of the part; low, high: its 95 % interval; p: chance of a part at least as large if nothing
          had changed, two-sided. NaN where fewer than two customers are behind it.
        - days: number of days compared; n: customers behind the part, in one of the periods or both.

        Splits: total (the change of revenue); days (how much of it is only the number of days and their weekdays, a
        number without an interval); factors (customers, orders per customer, value per order, refunds); orders (first,
        repeat, refunds), left out where the log does not go back far enough before the earlier period to know its new
        customers from its old ones; and "dimension:" with the name of a column (its values). The parts of each of the
        last three add up to the change.

    Raises
    ------
    DataError
        When there is no order up to as_of, or no such column.
    ConfigError
        When as_of, period or by cannot be read.

    Notes
    -----
    Factors are those of Ang (2005), see `log_means.factor_parts`: no residue. First orders are everything bought on a
    customer's first day; whether they can be told from others is decided as for new customers in `scorecard`. Customers
    are independent of each other, the two periods of one customer are not: with :math:`d_i` what customer i contributes
    to the gradient of a part over both periods, its variance is :math:`\sum_i d_i^2` (delta method over a Poisson
    number of customers), and its interval has a t quantile with n - 1 degrees of freedom. p also considers the days: it
    belongs to the part itself, or to what the days do not explain of it, whichever is smaller, and is 1 if these have
    different signs.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "ada", "bo", "cy", "bo"],
    ...         "ordered_at": pd.to_datetime(["2024-01-02", "2024-03-10", "2024-02-20", "2024-03-02", "2024-03-31"]),
    ...         "amount": [10, 20, 15, 30, 5],
    ...     }
    ... )
    >>> table = revenue_causes(log, as_of="2024-03-31")
    >>> table.loc[table["split"].isin(["total", "orders"]), ["split", "part", "change", "n"]]
        split     part  change  n
    0   total  revenue    40.0  3
    6  orders    first    15.0  2
    7  orders   repeat    25.0  2
    8  orders  refunds     0.0  0
    """
    refuse(by=(by, "column?"))
    day = as_day(as_of)
    columns = [by] if isinstance(by, str) else list(by or ())
    against = {"previous": 1, "last_year": YEAR.get(check_period(period), 365)}
    pairs = comparisons(orders, day, period, list(against.values()))
    if not pairs:
        return _table([])
    last = next(iter(pairs.values())).day
    if last < day:
        orders_until(orders, day)  # warns that the log ends
    rows = summarise.customer_windows(orders, as_of=last, period=period, back=list(pairs))
    split = {
        name: summarise.window_sums(orders, as_of=last, by=name, period=period, back=list(pairs)) for name in columns
    }
    records = [
        record
        for name, back in against.items()
        if back in pairs
        for record in parts_against(name, back, pairs[back], rows, split)
    ]
    return _table(records)


def _table(records: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(list(records), columns=list(COLUMNS))
    numbers = {**dict.fromkeys(("change", "low", "high", "p"), "float64"), **dict.fromkeys(("days", "n"), "int64")}
    return table.astype(numbers)


def parts_against(
    against: str, back: int, pair: Comparison, rows: pd.DataFrame, split: Mapping[str, pd.DataFrame]
) -> Iterator[dict[str, object]]:
    """The rows of one earlier period."""
    head = {"against": against, "days": pair.days}
    values, longer = rows.to_numpy(), pair.longer
    columns: list[Any] = rows.columns.tolist()
    at = {column: i for i, column in enumerate(columns)}
    sums = dict(zip(at, values.sum(axis=0).tolist(), strict=True))
    by_days = sums[back, "revenue"] * (longer - 1)
    known = reaches_back(sums[0, "new_customers"], pair.returned)
    for (name, part), made in _parts(sums, back, longer).items():
        if name == "orders" and not known:
            continue
        figures = values[:, [at[column] for column in made.weights]]
        contributions = figures @ np.array(list(made.weights.values()), dtype="float64")
        behind = int(np.count_nonzero(figures.any(axis=1)))
        yield head | {"split": name, "part": part} | _judged(made, float(contributions @ contributions), behind)
        if name == "total":
            yield head | {"split": "days", "part": "days", "change": by_days, "low": math.nan, "high": math.nan,
                          "p": math.nan, "n": 0}  # fmt: skip
    for column, table in split.items():
        if len(table) == 1:  # one value is all of the change
            continue
        for row in table.to_dict("records"):
            before = row[f"revenue_{back}"]
            made = Part(row["revenue_0"] - before, {}, before * (longer - 1))
            key = {"split": f"{DIMENSION}{column}", "part": row["value"]}
            yield head | key | _judged(made, row[f"squares_{back}"], int(row[f"n_{back}"]))


def _parts(sums: Mapping[tuple[int, str], float], back: int, longer: float) -> dict[tuple[str, str], Part]:
    """The parts of each split, in order."""

    def linear(figure: str, sign: float = 1.0) -> Part:
        before = sign * sums[back, figure]
        change = sign * sums[0, figure] - before
        return Part(change, {(0, figure): sign, (back, figure): -sign}, before * (longer - 1))

    refunds = linear("refunds", -1.0)
    orders = {"first": linear("first_time_revenue"), "repeat": linear("repeat_revenue"), "refunds": refunds}
    now, before = ({figure: x for (k, figure), x in sums.items() if k == period} for period in (0, back))
    factors = factor_parts(now, before, back, longer)
    return {
        ("total", "revenue"): linear("revenue"),
        **{("factors", name): part for name, part in (factors | {"refunds": refunds}).items()},
        **{("orders", name): part for name, part in orders.items()},
    }


def _judged(part: Part, variance: float, n: int) -> dict[str, float]:
    """Change, interval and chance of a part with that variance, which n customers are behind."""
    change = part.change
    error = math.sqrt(variance) if n > 1 and variance > 0 else math.nan
    half = half_width(n - 1) * error
    p = two_sided(smaller(change, change - part.by_days) / error, n - 1) if error > 0 else math.nan
    return {"change": change, "low": change - half, "high": change + half, "p": p, "n": n}
