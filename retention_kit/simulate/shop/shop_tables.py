"""The whole shop: five tables that fit together."""

from __future__ import annotations

import pandas as pd

from retention_kit.simulate.shop.shop_answers import surveys
from retention_kit.simulate.shop.shop_customers import customers
from retention_kit.simulate.shop.shop_lines import order_lines
from retention_kit.simulate.shop.shop_orders import orders
from retention_kit.simulate.shop.shop_subscriptions import subscriptions
from retention_kit.simulate.shop.shop_visits import visits
from retention_kit.simulate.simulation_inputs import require_positive


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
