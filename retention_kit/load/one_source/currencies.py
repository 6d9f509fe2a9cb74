"""One currency per table: the one it has, or the one that rates lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit import schema
from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.formats import counted
from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.files import kinds
from retention_kit.load.sources.engine import default_engine, readable
from retention_kit.load.values.reader import Fault

_MONEY = {"orders": ("amount", "ordered_at"), "subscriptions": ("mrr", "started_at")}
_LONGEST_GAP = pd.Timedelta(days=7)
"""A rate is valid until the next one (weekends, holidays), but at most this long."""


@dataclass(frozen=True)
class Exchanged:
    """The table in one currency, its code, the rows that have no rate, columns to keep, and what was assumed."""

    converted: Converted
    currency: str | None
    faults: tuple[Fault, ...] = ()
    originals: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


def exchange(table: schema.Table, converted: Converted, currency: str | None, rates: pd.DataFrame | None) -> Exchanged:
    """Bring the amounts of a table into one currency by rates; without rates they stay as they are."""
    target = code_of(currency)
    if table.name in _MONEY and "currency" in converted.readers:
        return Exchanged(converted, target) if rates is None else _by_rates(table, converted, target, rates)
    if rates is not None:
        raise DataError(f"rates need a column currency in {table.name}; name it with columns={{'currency': …}}")
    note = (f"amounts are in {target}",) if target and table.name in _MONEY else ()
    return Exchanged(converted, target, assumptions=note)


def named_currency(table: schema.Table, money: Exchanged) -> ir.Value | None:
    """The column with the currency of each row, where all rows must have the same one."""
    if table.name not in _MONEY or money.originals or "currency" not in money.converted.readers:
        return None
    return money.converted.values()["currency"]


def one_currency(money: Exchanged, kept: Mapping[str | None, int]) -> Exchanged:
    """The currency of the kept rows, counted by the currency that each names; several are an error."""
    rows_by_code = {code: rows for code, rows in kept.items() if code}
    without, target = sum(rows for code, rows in kept.items() if not code), money.currency
    if len(rows_by_code) > 1 or (target and rows_by_code and target not in rows_by_code):
        counts = ", ".join(f"{code} {rows:,}" for code, rows in rows_by_code.items())
        wish = f" and {target} is wanted" if target else ""
        raise DataError(
            f"amounts are in {counts}{wish}; pass currency='…' and rates=<table of day, currency, rate>, "
            "or keep the rows of one currency"
        )
    code = next(iter(rows_by_code), target)
    rows = counted(without, "row without a currency is", "rows without a currency are")
    note = (f"{rows} taken to be in {code}",) if without and code else ()
    return replace(money, currency=code, assumptions=note)


def code_of(currency: str | None) -> str | None:
    """A currency's code in capitals, without blanks around it."""
    return None if currency is None else currency.strip().upper()


def _by_rates(table: schema.Table, converted: Converted, target: str | None, rates: pd.DataFrame) -> Exchanged:
    """Amounts times the rate of their day, or of the last day before it that has one."""
    if target is None:
        raise DataError("rates lead to one currency; pass currency='EUR' or another code to say which")
    money, moment = _MONEY[table.name]
    spans = ibis.memtable(_spans(rates))
    spans = spans.mutate(
        __rate=spans["__rate"].cast("decimal(18, 10)"),
        since=spans["since"].cast("date"),
        until=spans["until"].cast("date"),
    )
    rows = converted.table.mutate(__code=converted.values()["currency"], __day=converted.values()[moment].cast("date"))
    joined = rows.left_join(
        spans, [rows["__code"] == spans["of"], rows["__day"] >= spans["since"], rows["__day"] < spans["until"]]
    )
    joined = joined.drop("of", "since", "until")
    rate = ibis.ifelse(joined["__code"] == target, ibis.literal(1).cast("decimal(18, 10)"), joined["__rate"])
    value, code = f"__{money}__value", "__currency__value"
    table_ = joined.mutate(
        **{
            f"{money}_as_read": joined[value],
            "currency_as_read": joined["__code"],
            value: (joined[value] * rate).cast(schema.MONEY),
            code: ibis.literal(target),
            "__unrated": rate.isnull() & joined[value].notnull(),
        }
    ).drop("__code", "__day", "__rate")
    done = replace(converted, table=table_)
    reason = "{header} {value} has no rate on its day or in the week before"
    faults = (Fault("no_rate", "currency", table_["__unrated"], reason),)
    notes = (
        f"{money}: exchanged to {target} by the rate of the day, or the last one up to {_LONGEST_GAP.days} days before",
    )
    return Exchanged(done, target, faults, (f"{money}_as_read", "currency_as_read"), notes)


def _spans(rates: pd.DataFrame) -> pd.DataFrame:
    """Rates with the days from and until which they count."""
    missing = [c for c in ("day", "currency", "rate") if c not in rates]
    if missing:
        raise DataError(f"rates need the columns day, currency, rate; missing: {', '.join(missing)}")
    day = pd.to_datetime(rates["day"], errors="coerce", format="ISO8601")
    rate = pd.to_numeric(rates["rate"], errors="coerce")
    code = rates["currency"].astype("str").str.strip().str.upper()
    faults = [
        f"rates have {counted(n, 'row')} {what}; repair them"
        for n, what in (
            (int(day.isna().sum()), "without a readable day"),
            (int((~(rate > 0) | (rate == float("inf"))).sum()), "without a positive rate"),
            (
                int(pd.DataFrame({"d": day, "c": code}).duplicated().sum()),
                "for a day and currency that has one already",
            ),
        )
        if n
    ]
    if faults or not len(rates):
        raise DataError(join_faults(faults or ["rates are empty; give one row per day and currency"]))
    spans = pd.DataFrame({"of": code, "since": day.dt.normalize(), "__rate": rate.astype("str")}).sort_values(
        ["of", "since"]
    )
    last = spans["since"] + _LONGEST_GAP
    following = spans.groupby("of")["since"].shift(-1)
    spans["until"] = following.where(following < last, last)
    return spans.reset_index(drop=True)


def as_rates(rates: Any) -> pd.DataFrame | None:
    """Rates as a DataFrame of day, currency, rate; a path is read as any other file, every cell as text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rates.csv"
    ...     _ = path.write_text("day,currency,rate\\n2024-05-01,USD,0.93\\n")
    ...     as_rates(path).values.tolist()
    [['2024-05-01', 'USD', '0.93']]
    """
    if rates is None or isinstance(rates, pd.DataFrame):
        return rates
    if not isinstance(rates, str | Path):
        raise ConfigError(f"rates are a table of day, currency, rate or the path of one; came {type(rates).__name__}")
    with readable(str(rates)):
        raw = kinds.read(rates, default_engine(), default_engine(), kinds.Layout())
        frame: pd.DataFrame = raw.table.select(*raw.headers).to_pandas()
    return frame.rename(columns=lambda header: header.strip().lower())
