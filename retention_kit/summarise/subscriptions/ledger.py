"""The ledger: one row per customer and change, with its kind and amount."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.schema import MONEY
from retention_kit.summarise.common.calendar_periods import period_number

MOVEMENTS = (
    "new",
    "expansion",
    "reactivation",
    "contraction",
    "churn",
    "joined_and_left",
    "returned_and_left",
    "unchanged",
)


def events(counted: ir.Table, period: str, currencies: Sequence[str]) -> ir.Table:
    """Each start and end of a counted stretch: customer_id, moment, number of its period, step (+1 or -1), and money.

    The money of the i-th currency is the column amount_i; with one currency all money is amount_0.
    """
    money = {"amount_0": counted.mrr}
    if len(currencies) > 1:
        nothing = ibis.literal(Decimal(0)).cast(MONEY)
        money = {f"amount_{i}": (counted.currency == c).ifelse(counted.mrr, nothing) for i, c in enumerate(currencies)}
    starts = counted.select("customer_id", moment=counted.began, step=ibis.literal(1, "int64"), **money)
    taken = {name: -value for name, value in money.items()}
    ended = counted.select("customer_id", moment=counted.until, step=ibis.literal(-1, "int64"), **taken)
    same = {name: kind for name, kind in starts.schema().items() if ended[name].type() != kind}
    both = starts.union(ended.filter(ended.moment.notnull()).cast(same))
    return both.mutate(number=period_number(both.moment, period))


def ledger(happened: ir.Table, rates: pd.DataFrame | None = None, *, every_change: bool = False) -> ir.Table:
    """Changes of subscriptions: one row per customer and period with a change, or per customer and moment.

    Parameters
    ----------
    happened : Ibis table
        From `events`, and columns that are the same in all rows of a customer.
    rates : DataFrame, optional
        number, rate_0, rate_1 …: the value of one unit of each currency at the start of each period. Needed with
        more than one currency.
    every_change : bool
        Whether every change counts at its moment, not the difference between the two ends of the period.

    Returns
    -------
    Ibis table
        customer_id, the customer's own columns, number, moment (of the first change), movement (of `MOVEMENTS`), before
        and after (running stretches), amount_0, amount_1 … (change of the money, with its sign), worth (the change of
        all money at the rates), breaks: whether running stretches and money contradict each other afterwards, which no
        checked row can cause.
    """
    money = [name for name in happened.columns if name.startswith("amount_")]
    keep = [name for name in happened.columns if name not in ("moment", "number", "step", *money)]
    key = "moment" if every_change else "number"
    sums = {name: happened[name].sum() for name in money}
    moves = happened.group_by([*keep, key]).agg(
        **({"number": happened.number.min()} if every_change else {"moment": happened.moment.min()}),
        step=happened.step.sum(),
        **sums,
    )
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=key)
    moves = moves.mutate(
        after=moves.step.sum().over(so_far),
        balance=functools.reduce(operator.add, (moves[name] for name in money)).sum().over(so_far),
        position=ibis.row_number().over(ibis.window(group_by="customer_id", order_by=key)),
    )
    moves = _with_worth(moves.mutate(before=moves.after - moves.step), money, rates)
    breaks = (moves.after < 0) | (moves.balance < 0) | ((moves.after == 0) & (moves.balance != 0))
    return moves.select(
        *keep,
        "number",
        "moment",
        "before",
        "after",
        *money,
        worth=moves.worth,
        movement=_movement(moves),
        breaks=breaks,
    )


def _with_worth(moves: ir.Table, money: list[str], rates: pd.DataFrame | None) -> ir.Table:
    """The change of all money at the rates of the start of the period: only its sign is used."""
    if rates is None:
        return moves.mutate(worth=moves.amount_0)
    joined = moves.join(ibis.memtable(rates), "number")
    worth = sum(joined[name].cast("float64") * joined[name.replace("amount", "rate")] for name in money)
    return joined.mutate(worth=worth)


def _movement(moves: ir.Table) -> ir.StringValue:
    first, was, stays = moves.position == 0, moves.before > 0, moves.after > 0
    return ibis.cases(
        (~was & stays & first, "new"),
        (~was & stays, "reactivation"),
        (~was & first, "joined_and_left"),
        (~was, "returned_and_left"),
        (~stays, "churn"),
        (moves.worth > 0, "expansion"),
        (moves.worth < 0, "contraction"),
        else_="unchanged",
    )
