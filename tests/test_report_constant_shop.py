"""A shop in which nothing changes moves by noise alone, one that changes does not; see benchmarks/constant_shop.py."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, metrics, tables
from retention_kit.report.findings import moved
from retention_kit.report.measures import beyond_noise, find
from retention_kit.tables.numbers import MIME


def shop(chance=0.3, price=10.0, months=24, customers=600, seed=3):
    """Customers who buy in each month with the same chance; the last month may have another chance and other prices."""
    rng = np.random.default_rng(seed)
    rows = []
    for number, first in enumerate(pd.date_range("2024-01-01", periods=months, freq="MS"), start=1):
        last = number == months
        who = np.flatnonzero(rng.random(customers) < (chance if last else 0.3))
        days = first + pd.to_timedelta(rng.integers(first.days_in_month, size=len(who)), "D")
        amounts = rng.gamma(4, price if last else 10.0, len(who)).round(2)
        rows.append(pd.DataFrame({"customer_id": [f"c{w}" for w in who], "ordered_at": days, "amount": amounts}))
    return load.orders(pd.concat(rows, ignore_index=True))


def numbers(orders, month):
    as_of = (pd.Timestamp("2024-01-01") + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
    bundle = tables.numbers(metrics.scorecard(orders, as_of=as_of, lapse_after=180))._repr_mimebundle_()
    return find([("01_overview", "Overview", {"cells": [{"outputs": [{"data": {MIME: bundle[MIME]}}]}]})])


def test_where_nothing_changes_at_most_one_change_in_twenty_is_called_more_than_noise():
    orders = shop()
    verdicts = [
        beyond_noise(number, against)
        for month in (14, 18, 21, 24)
        for number in numbers(orders, month)
        for against in ("previous", "last_year")
    ]
    known = [verdict for verdict in verdicts if verdict is not None]
    assert len(known) > 60
    assert np.mean(known) <= 0.05


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"chance": 0.4}, {"orders", "customers"}),
        ({"price": 12.0}, {"average_order_value"}),
    ],
)
def test_a_real_change_is_found(change, names):
    found = numbers(shop(**change), 24)
    called = {number.name for number in found if beyond_noise(number)}
    assert names <= called
    assert moved(found, "previous").findings
