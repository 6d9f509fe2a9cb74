"""One row per period of a subscription business: customers, recurring revenue, and their movements."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit import load
from retention_kit.errors import DataError
from retention_kit.formats import counted
from retention_kit.summarise.by_period.period_identities import check_identities
from retention_kit.summarise.common.calendar_periods import number_of, period_start
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.subscriptions.exchange_rates import boundary_rates, checked_rates
from retention_kit.summarise.subscriptions.ledger import events, ledger
from retention_kit.summarise.subscriptions.paid_stretches import rows_until, stretches
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules

_GAINS: Final = ("new", "expansion", "reactivation")
_LOSSES: Final = ("contraction", "churn")
_MOVED: Final = (*_GAINS, *_LOSSES)


def subscription_periods(
    subscriptions: Orders,
    as_of: dt.date,
    period: str,
    lapse_after: int | None,
    by: str | None,
    rules: SubscriptionRules,
    rates: pd.DataFrame | None,
) -> pd.DataFrame:
    """Customer and MRR movements; `periods` documents the columns."""
    happened, currencies, checked = counted_events(subscriptions, as_of, period, lapse_after, by, rules, rates)
    direct = _sums(happened, by, ["number"])
    if direct.empty:
        raise DataError(f"no paid subscription up to {as_of}; as_of must be later than the first paid day")
    numbers = np.arange(direct["number"].min(), number_of(as_of, period) + 1)
    at = boundary_rates(checked, currencies, numbers, period, as_of)
    valued = None if len(currencies) == 1 else start_rates(at, numbers)
    totals = money = _movements(ledger(happened, valued), by)
    if rules.changes == "each":
        money = _movements(ledger(happened, valued, every_change=True), by)
    groups = [None] if by is None else sorted(direct[by].unique())
    tables = []
    for group in groups:
        own, paid, ran = (t if by is None else t[t[by] == group] for t in (totals, money, direct))
        table = pd.concat([_customers(own, numbers), _mrr(paid, ran, numbers, at)], axis=1)
        table.insert(0, "period", period_start(numbers, period))
        check_identities(table)
        table = table.astype({name: "float64" for name in table.columns if name.startswith("mrr_")})
        table["complete"] = numbers < number_of(as_of + dt.timedelta(days=1), period)
        if by is not None:
            table.insert(0, by, group)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def counted_events(
    subscriptions: Orders,
    as_of: dt.date,
    period: str,
    lapse_after: int | None,
    by: str | None,
    rules: SubscriptionRules,
    rates: pd.DataFrame | None,
) -> tuple[ir.Table, list[str], pd.DataFrame | None]:
    """Starts and ends that count, the currencies of their money, and the rates in use."""
    rows = rows_until(subscriptions, as_of, rules, as_read=rates is not None)
    counted = stretches(rows, as_of, rules, lapse_after, hold=True)
    currencies = _currencies(counted)
    own = subscriptions.currency if isinstance(subscriptions, load.Dataset) else None
    if rates is None and len(currencies) > 1:
        codes = ", ".join(currencies)
        raise DataError(f"subscriptions are in {codes}; pass rates= (day, currency, rate) or one currency at a time")
    checked = None if rates is None else checked_rates(rates, [c for c in currencies if c], own)
    happened = events(counted, period, currencies)
    if by is not None:
        happened = happened.join(first_rows(rows, [by], "started_at"), "customer_id")
    return happened, currencies, checked


def _currencies(runs: ir.Table) -> list[str]:
    """The currencies of the counted stretches; one without a name if the source has no currencies."""
    if "currency" not in runs.columns:
        return [""]
    rows_by_currency = runs.group_by("currency").agg(rows=runs.count()).to_pandas()
    named = sorted(rows_by_currency["currency"].dropna().astype(str))
    if len(named) > 1 and (unnamed := rows_by_currency.loc[rows_by_currency["currency"].isna(), "rows"].sum()):
        raise DataError(
            f"subscriptions are in {', '.join(named)}, and {counted(unnamed, 'row does', 'rows do')} not say in which"
        )
    return named or [""]


def start_rates(at: list[list[Decimal]], numbers: np.ndarray) -> pd.DataFrame:
    """The rates at the start of each period, for the engine."""
    starts = {f"rate_{i}": np.array(rates[:-1], dtype="float64") for i, rates in enumerate(at)}
    return pd.DataFrame({"number": numbers.astype("int64"), **starts})


def _movements(moves: ir.Table, by: str | None) -> pd.DataFrame:
    """Customers and money by movement; DataError names the customers whose ledger contradicts itself."""
    totals = _sums(moves, by, ["number", "movement"], breaks=moves.breaks.sum())
    if broken := int(totals["breaks"].sum()):
        names = moves.filter(moves.breaks).select("customer_id").distinct().order_by("customer_id").limit(5)
        who = ", ".join(map(str, names.to_pandas()["customer_id"]))
        raise DataError(
            f"MRR movements of customers {who} do not reconcile ({counted(broken, 'change')}); look at their rows"
        )
    return totals


def _sums(rows: ir.Table, by: str | None, keys: list[str], **more: ir.Value) -> pd.DataFrame:
    """Rows and money by key; the money stays exact."""
    money = {name: rows[name].sum() for name in rows.columns if name.startswith("amount_")}
    sums = rows.group_by([*([by] if by else []), *keys]).agg(rows=rows.count(), **money, **more)
    table: pd.DataFrame = sums.to_pandas()
    return table


def _mrr(money: pd.DataFrame, direct: pd.DataFrame, numbers: np.ndarray, at: list[list[Decimal]]) -> pd.DataFrame:
    """MRR per period in exact decimals; the ends are counted separately from the movements."""
    starts, ends = [rates[:-1] for rates in at], [rates[1:] for rates in at]
    moved = {m: _valued(_amounts(money[money["movement"] == m], numbers, len(at)), starts) for m in _MOVED}
    running = [np.cumsum(amounts) for amounts in _amounts(direct, numbers, len(at))]
    at_end = _valued(running, ends)
    columns = {
        "mrr_start": np.array([Decimal(0), *at_end[:-1]], dtype="object"),
        **{f"mrr_{m}": moved[m] for m in _GAINS},
        **{f"mrr_{m}": -moved[m] for m in _LOSSES},
        "mrr_exchange": at_end - _valued(running, starts),
        "mrr_end": at_end,
    }
    return pd.DataFrame(columns)


def _amounts(rows: pd.DataFrame, numbers: np.ndarray, currencies: int) -> list[np.ndarray]:
    """For each currency one exact sum per period."""
    sums = rows.groupby("number")[[f"amount_{i}" for i in range(currencies)]].sum()
    amounts_by_number = [sums[name].to_dict() for name in sums.columns]
    return [np.array([Decimal(column.get(n, 0)) for n in numbers], dtype="object") for column in amounts_by_number]


def _valued(amounts: list[np.ndarray], rates: list[list[Decimal]]) -> np.ndarray:
    """Money of all currencies at the rates of each period."""
    return sum((a * np.array(r, dtype="object") for a, r in zip(amounts, rates, strict=True)), np.array(Decimal(0)))


def _customers(totals: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """Customers at the two ends of each period and the movements in between."""

    def count(movement: str) -> np.ndarray:
        rows = totals[totals["movement"] == movement].set_index("number")["rows"]
        return rows.reindex(numbers, fill_value=0).to_numpy().astype("int64")

    new, returned, lost = count("new"), count("reactivation"), count("churn")
    end = np.cumsum(new + returned - lost)
    start = np.concatenate([[0], end[:-1]]).astype("int64")
    passed = count("joined_and_left")
    return pd.DataFrame(
        {
            "start": start,
            "kept": start - lost,
            "new": new,
            "returned": returned,
            "lost": lost,
            "joined_and_left": passed,
            "end": end,
            "customers": start + new + returned + passed + count("returned_and_left"),
        }
    )
