"""Events: one row per customer and day with an order, which knows the customer's days before and after.

With the day before and the day after in each row, gaps, cohorts and periods are counted without sorting, joining or
remembering customers. In a run the table is written once and read by all pages; elsewhere the engine makes it where it
is asked for, with the same rows.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_kit import load
from retention_kit.load.shared_answers import TABLE, Form, answer, writes_tables
from retention_kit.load.sources.engine import memory_limit
from retention_kit.schema import MONEY
from retention_kit.summarise.common.calendar_periods import moment_after
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import Orders, note_end, orders_until, purchases

_WRITING_MEMORY: Final = 10**9
"""Most bytes for making the tables of a run: what needs more waits in the private folder of the run."""


@dataclass(frozen=True)
class Events:
    """What customers did up to a day.

    Parameters
    ----------
    days : Ibis table
        One row per customer and day with an order: customer (a number, or the id itself), day; first, previous, next:
        the customer's first day, and the days before and after this one, None where there is none; number: 1 for the
        first day; orders: how many on this day; orders_before: on the days before; money: their amounts; last_at:
        moment of the last of them.
    refunds : Ibis table
        One row per customer and day with a refund: customer, day, amount (negative).
    is_written : bool
        Whether the tables were written before, so that they are read in place of the log.
    """

    days: ir.Table
    refunds: ir.Table
    is_written: bool
    _people: ir.Table | None
    _first_values: Callable[[str], ir.Table]

    def first_values(self, by: str) -> ir.Table:
        """One row per customer who bought: customer, and the value of a column in the first order, as text."""
        return self._first_values(by)

    def with_ids(self, table: ir.Table) -> ir.Table:
        """A table of customers with their ids, customer_id, in place of the column customer; of written events also
        with the moment of each one's first order, first_order."""
        if self._people is None:
            return table.rename(customer_id="customer")
        return table.join(self._people, "customer").drop("customer")


def events_until(orders: Orders, as_of: dt.date) -> Events:
    """The events up to a day; warns if the log ends long before it."""
    if not writes_tables(orders):
        log = orders_until(orders, as_of)
        rows = log.select("amount", "ordered_at", customer=log.customer_id)
        return Events(_days(purchases(rows)), _refunds(rows), False, None, partial(_values, log))
    assert isinstance(orders, load.Dataset)
    note_end(orders, orders.table, as_of)
    folder = orders.folder
    people, days, refunds = answer(orders, "events", {}, lambda: folder, _FILES)
    day = ibis.literal(as_of)
    days = days.filter(days.day <= day)
    days = days.mutate(next=(days.next <= day).ifelse(days.next, ibis.null("date")))

    def first_values(by: str) -> ir.Table:
        firsts = people.select("customer", "first_order")
        rows = _with_numbers(orders.table, people)
        values = answer(orders, "first values", {"by": by}, lambda: _values(rows, by).join(firsts, "customer"), TABLE)
        return values.filter(values.first_order < moment_after(as_of)).drop("first_order")

    return Events(days, refunds.filter(refunds.day <= day), True, people, first_values)


class _Files(Form[Any]):
    """The tables of a run: people, events and refunds, made from a saved log by an engine of their own."""

    def write(self, answer: Path, path: Path) -> None:
        path.mkdir()
        engine = ibis.duckdb.connect(
            temp_directory=str(path / "waiting"), memory_limit=f"{min(memory_limit(), _WRITING_MEMORY) // 10**6}MB"
        )
        log = engine.read_parquet(answer / "orders.parquet")
        bought = log.amount >= 0
        seen = log.group_by("customer_id").agg(first_order=log.ordered_at.min(where=bought))
        seen.mutate(customer=ibis.row_number().cast("int32")).to_parquet(path / "people.parquet")
        rows = _with_numbers(log, engine.read_parquet(path / "people.parquet"))
        _days(purchases(rows)).to_parquet(path / "events.parquet")
        _refunds(rows).to_parquet(path / "refunds.parquet")
        engine.disconnect()
        shutil.rmtree(path / "waiting", ignore_errors=True)

    def read(self, value: None, path: Path, data: Any) -> list[ir.Table]:  # noqa: ARG002
        engine = data.table.get_backend()
        return [engine.read_parquet(path / f"{name}.parquet") for name in ("people", "events", "refunds")]


_FILES: Final = _Files()


def _with_numbers(log: ir.Table, people: ir.Table) -> ir.Table:
    """The log with the number of each customer in place of the id."""
    return log.join(people.select("customer_id", "customer"), "customer_id").drop("customer_id")


def _days(bought: ir.Table) -> ir.Table:
    """One row per customer and day with an order."""
    rows = bought.select("customer", "amount", "ordered_at", day=bought.ordered_at.date())
    days = rows.group_by("customer", "day").agg(
        orders=rows.count().cast("int32"), money=rows.amount.sum().cast(MONEY), last_at=rows.ordered_at.max()
    )
    in_order = ibis.window(group_by="customer", order_by="day")
    so_far = ibis.cumulative_window(group_by="customer", order_by="day")
    return days.mutate(
        first=days.day.min().over(so_far),
        previous=days.day.lag().over(in_order),
        next=days.day.lead().over(in_order),
        number=(ibis.row_number().over(in_order) + 1).cast("int32"),
        orders_before=(days.orders.sum().over(so_far) - days.orders).cast("int32"),
    )


def _refunds(rows: ir.Table) -> ir.Table:
    """One row per customer and day with a refund."""
    refunds = rows.filter(rows.amount < 0)
    refunds = refunds.select("customer", "amount", day=refunds.ordered_at.date())
    return refunds.group_by("customer", "day").agg(amount=refunds.amount.sum())


def _values(log: ir.Table, by: str) -> ir.Table:
    """One row per customer who bought: customer, and the value of a column in the first order."""
    log = log if "customer_id" in log.columns else log.rename(customer_id="customer")
    return first_rows(purchases(log), [by], "ordered_at").rename(customer="customer_id")
