"""The whole shop: five tables that belong together, and their text in CSV files."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.simulate.shop.shop_answers import surveys
from retention_kit.simulate.shop.shop_customers import customers
from retention_kit.simulate.shop.shop_lines import order_lines
from retention_kit.simulate.shop.shop_orders import orders
from retention_kit.simulate.shop.shop_subscriptions import subscriptions
from retention_kit.simulate.shop.shop_visits import visits
from retention_kit.simulate.simulation_inputs import require_positive

DECIMALS: Final = {
    **{"amount": 2, "mrr": 2, "quantity": 2},
    **dict.fromkeys(("score", "visitors", "conversions", "row", "billing_months"), 0),
}
"""Digits after the decimal point, by column."""


def clean_tables(n_customers: int, seed: int) -> dict[str, pd.DataFrame]:
    """Orders, order_lines, subscriptions, surveys and visits of a shop with so many customers."""
    require_positive(n_customers=n_customers)
    people = customers(n_customers, seed)
    log = orders(people, seed)
    tables = {
        "orders": log,
        "order_lines": order_lines(log, seed),
        "subscriptions": subscriptions(people, seed),
        "surveys": surveys(people, log, seed),
        "visits": visits(log, seed),
    }
    return {name: _microseconds(table) for name, table in tables.items()}


def _microseconds(table: pd.DataFrame) -> pd.DataFrame:
    moments = table.select_dtypes("datetime").columns
    return table.astype(dict.fromkeys(moments, "datetime64[us]"))


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as it is written to the file; a missing value is an empty string."""
    return pd.DataFrame({name: _column(table[name]) for name in table}, index=table.index).fillna("")


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8, comma, line feed, a header and no index, on every machine."""
    return as_text(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def _column(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        form = "%Y-%m-%d" if values.name == "day" else "%Y-%m-%d %H:%M:%S"
        moments: pd.Series = values.dt.strftime(form).astype("str")
        return moments
    if pd.api.types.is_numeric_dtype(values):
        form = f"{{:.{DECIMALS[str(values.name)]}f}}"
        written: pd.Series = values.map(form.format, na_action="ignore").astype("str").where(values.notna())
        return written
    return values.astype("str")
