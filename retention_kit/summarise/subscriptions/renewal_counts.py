"""Subscriptions that are due to renew in the next month, and their billing periods."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit import load
from retention_kit.arguments import described
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.summarise.common.calendar_periods import as_day, moment_after, number_of, period_number, period_start
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.subscriptions.paid_stretches import rows_until
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_COLUMN = "billing_months"


def billing_months(subscriptions: Orders, by_plan: Mapping[str, int] | None = None) -> Any:
    """Add the billing periods of subscriptions, where they are known.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        The subscriptions, with the column billing_months or without it.
    by_plan : mapping of str to int, optional
        Whole months from one bill to the next by plan, for rows without it: ``{"Pro yearly": 12}``.

    Returns
    -------
    Dataset, Ibis table or DataFrame
        The same with billing_months: from the row, otherwise from its plan, otherwise empty. Nothing is guessed from
        the name or price of a plan.

    Raises
    ------
    DataError
        by_plan is given, and there is no column plan.
    ConfigError
        A number of months is not a whole number from 1.

    Examples
    --------
    >>> rows = pd.DataFrame({"plan": ["Pro", "Pro yearly"], "mrr": [10, 10], "billing_months": [1, None]})
    >>> billing_months(rows, {"Pro yearly": 12})["billing_months"].tolist()
    [1, 12]
    """
    by_plan = dict(by_plan or {})
    wrong = {n: m for n, m in by_plan.items() if isinstance(m, bool) or not isinstance(m, int) or m < 1}
    if wrong:
        raise ConfigError(f"a billing period has 1 month or more, in whole months; got {wrong!r}")
    table: Any = subscriptions.table if isinstance(subscriptions, load.Dataset) else subscriptions
    if not isinstance(table, pd.DataFrame | ir.Table):
        raise DataError(f"subscriptions must be a Dataset, an Ibis table or a DataFrame; got {described(table)}")
    if by_plan and "plan" not in table.columns:
        raise DataError(f"months by plan need the column plan; found {', '.join(table.columns)}")
    if isinstance(table, pd.DataFrame):
        months_of_rows = table[_COLUMN] if _COLUMN in table.columns else pd.Series(pd.NA, table.index)
        months_of_rows = months_of_rows.astype("Int64")
        return table.assign(
            **{
                _COLUMN: months_of_rows.fillna(table["plan"].map(by_plan).astype("Int64"))
                if by_plan
                else months_of_rows
            }
        )
    months_of_rows = table[_COLUMN].cast("int64") if _COLUMN in table.columns else ibis.null("int64")
    if by_plan:
        cases = ((table.plan == plan, ibis.literal(months, "int64")) for plan, months in by_plan.items())
        months_of_rows = ibis.coalesce(months_of_rows, ibis.cases(*cases))
    table = table.mutate(**{_COLUMN: months_of_rows})
    return replace(subscriptions, table=table) if isinstance(subscriptions, load.Dataset) else table


def renewals(
    subscriptions: Orders, *, as_of: str | dt.date, every: int | str | Mapping[str, int] = _COLUMN
) -> ir.Table | pd.DataFrame:
    """Subscriptions that renew, or are paid for the first time after a trial, in the calendar month after as_of.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        The subscriptions.
    as_of : str or date
        The last day that is known.
    every : int, str or mapping
        Months in a billing period: in a column, of all, or by plan, such as ``{"Small monthly": 1, "Small yearly":
        12}``.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        One row per subscription: customer_id, subscription_id, plan (if the source has it), kind ("renewal" or
        "first payment"), due (date), months (of the billing period), mrr, and charge: mrr times months.

    Raises
    ------
    DataError
        When nothing says how often the subscriptions are billed, a plan has no number of months, or the rows contradict
        each other.
    ConfigError
        When as_of or every cannot be read.

    Warns
    -----
    RetentionKitWarning
        The billing period of some running subscriptions is not known: they are left out.

    Notes
    -----
    A stretch renews on the day of the month on which it began to be paid for, or on the last day of a shorter
    month; a new stretch starts a new count. Stretches whose end is known to come by that day do not renew, nor do those
    whose customer had asked to cancel by as_of (canceled_at): they run to the end of what is paid for.

    Examples
    --------
    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "bo", "cy"],
    ...         "subscription_id": ["s1", "s2", "s3"],
    ...         "started_at": pd.to_datetime(["2023-12-31", "2023-04-20", "2023-05-02"]),
    ...         "ended_at": pd.to_datetime([None, None, None]),
    ...         "mrr": [10, 8, 7],
    ...         "plan": ["monthly", "yearly", "yearly"],
    ...     }
    ... )
    >>> due = renewals(plans, as_of="2024-03-31", every={"monthly": 1, "yearly": 12})
    >>> due[["customer_id", "plan", "kind", "due", "charge"]]
      customer_id     plan     kind        due  charge
    0         ada  monthly  renewal 2024-04-30    10.0
    1          bo   yearly  renewal 2024-04-20    96.0
    """
    day = as_day(as_of)
    rows = rows_until(subscriptions, day, SubscriptionRules())
    first = _first_payment(rows, day)
    if "canceled_at" in rows.columns:
        rows = rows.filter(rows.canceled_at.isnull() | (rows.canceled_at >= moment_after(day)))
    rows = rows.mutate(paid_at=ibis.greatest(rows.started_at, first), months=_months(rows, every))
    rows = rows.filter(rows.mrr > 0)
    _warn_of_unknown(rows.filter(rows.ended_at.isnull() | (rows.ended_at >= moment_after(day))))
    month = number_of(day, "month") + 1
    start, last = (period_start(pd.Series([month + i]), "month")[0] - pd.Timedelta(days=i) for i in (0, 1))
    age = ibis.literal(month) - period_number(rows.paid_at, "month")
    day_of_month = ibis.least(rows.paid_at.day().cast("int64"), last.day)
    due = ibis.date(start.date().isoformat()) + (day_of_month - 1).as_interval("D")
    trial = rows.paid_at > rows.started_at
    rows = rows.mutate(age=age, due=due.cast("date"), kind=(age == 0).ifelse("first payment", "renewal"))
    is_due = ((rows.age > 0) & (rows.age % rows.months == 0)) | ((rows.age == 0) & trial)
    rows = rows.filter(is_due & (rows.ended_at.isnull() | (rows.ended_at.cast("date") > rows.due)))
    return _result(rows, isinstance(subscriptions, pd.DataFrame))


def _first_payment(rows: ir.Table, day: dt.date) -> ir.TimestampValue:
    """First moment at which a stretch is billed: its start, or the end of a trial that has begun by the last known
    day."""
    if "trial_ended_at" not in rows.columns:
        return rows.started_at
    ended = rows.trial_ended_at
    if "trial_started_at" in rows.columns:
        ended = (rows.trial_started_at >= moment_after(day)).fill_null(False).ifelse(ibis.null("timestamp"), ended)
    return ended.fill_null(rows.started_at)


def _months(rows: ir.Table, every: int | str | Mapping[str, int]) -> ir.IntegerValue:
    """Months in each row's billing period."""
    if isinstance(every, bool) or not isinstance(every, int | str | Mapping):
        raise ConfigError(f"every is a number of months, a column, or months by plan; got {every!r}")
    if isinstance(every, int):
        wrong = every < 1
        value: Any = ibis.literal(every)
    elif isinstance(every, str):
        if every not in rows.columns:
            hint = "give every=, the months in a billing period, in all or by plan" if every == _COLUMN else ""
            raise DataError(f"there is no column {every}; found {', '.join(rows.columns)}{hint and '; '}{hint}")
        wrong, value = False, rows[every].cast("int64")
    else:
        wrong, value = any(months < 1 for months in every.values()) or not every, _by_plan(rows, every)
    if wrong:
        raise ConfigError(f"a billing period has 1 month or more; got {every!r}")
    return value


def _warn_of_unknown(running: ir.Table) -> None:
    counts = (
        running.aggregate(unknown=running.months.isnull().sum().fill_null(0), every=running.count()).to_pandas().iloc[0]
    )
    if counts["unknown"] > 0:
        warnings.warn(
            f"{int(counts['unknown']):,} of {int(counts['every']):,} running subscriptions do not say after how many "
            "whole months they are billed; they are not among the renewals",
            RetentionKitWarning,
            stacklevel=3,
        )


def _by_plan(rows: ir.Table, every: Mapping[str, int]) -> ir.IntegerValue:
    if "plan" not in rows.columns:
        raise DataError(f"months by plan need the column plan; found {', '.join(rows.columns)}")
    plans = rows.filter(rows.mrr > 0).select("plan").distinct().to_pandas()["plan"]
    if lacking := sorted(str(plan) for plan in plans if plan not in every):
        raise DataError(f"every has no number of months for {', '.join(lacking)}")
    return rows.plan.cases(*((plan, ibis.literal(months, "int64")) for plan, months in every.items()), else_=1)


def _result(rows: ir.Table, as_frame: bool) -> ir.Table | pd.DataFrame:
    plan = ["plan"] if "plan" in rows.columns else []
    mrr = rows.mrr.cast("float64")
    table = rows.select(
        "customer_id", "subscription_id", *plan, "kind", "due", "months", mrr=mrr, charge=mrr * rows.months
    )
    if not as_frame:
        return table
    frame = table.order_by(["customer_id", "subscription_id"]).to_pandas()
    return frame.assign(due=pd.to_datetime(frame["due"]), months=frame["months"].astype("int64"))
