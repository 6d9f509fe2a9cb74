"""Daily traffic by country and channel, with the resulting orders."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.shop import truth

CONVERSION: Final = {"web": 0.034, "app": 0.052}
"""Share of visitors who buy, in ordinary weeks."""

RETRIES: Final = 1.7
"""Visits to the app while it loses baskets, relative to ordinary weeks."""


def visits(orders: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row per day, country and channel; conversions are that day's customers in `orders`."""
    rng = np.random.default_rng([seed, 6])
    sales = orders[orders["amount"] > 0]
    keys = [sales["ordered_at"].dt.normalize().rename("day"), "country", "channel"]
    bought = sales.groupby(keys)["customer_id"].nunique()
    days = pd.DatetimeIndex(truth.START + np.arange(truth.DAYS)).as_unit("us")
    every = pd.MultiIndex.from_product([days, sorted(truth.COUNTRIES), sorted(truth.CHANNELS)])
    counts = bought.reindex(every, fill_value=0).rename("conversions").rename_axis(["day", "country", "channel"])
    table: pd.DataFrame = counts.reset_index()
    usual = table.groupby(["country", "channel"])["conversions"].transform(_fortnightly)
    expected = (usual + 0.05) / table["channel"].map(CONVERSION).astype(float)
    first, last = (pd.Timestamp(day) for day in truth.INCIDENT)
    broken = table["day"].between(first, last) & (table["channel"] == truth.INCIDENT_CHANNEL)
    people = rng.poisson(expected * np.where(broken, RETRIES, 1.0) * (1 - table["channel"].map(CONVERSION)))
    table["visitors"] = people + table["conversions"]
    return table[["day", "visitors", "conversions", "country", "channel"]]


def _fortnightly(conversions: pd.Series) -> pd.Series:
    return conversions.rolling(15, center=True, min_periods=1).mean()
