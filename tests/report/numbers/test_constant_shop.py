"""A shop in which nothing changes moves by noise alone, one that changes does not; see benchmarks/constant_shop.py."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, metrics, tables
from retention_kit.report.numbers.largest_changes import moved
from retention_kit.report.numbers.measures import find
from retention_kit.report.numbers.verdicts import verdicts
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


def names_called(measures):
    """Names of the numbers that changed by more than chance since last month."""
    judged = verdicts(measures)
    return {m.name for m in measures if (verdict := judged.of(m, "previous")) and verdict.sure}


def test_where_nothing_changes_at_most_one_change_in_twenty_is_called_more_than_noise():
    orders = shop()
    months = [verdicts(numbers(orders, month)) for month in (14, 18, 21, 24)]
    called = [verdict.sure for month in months for verdict in month.numbers.values()]
    assert len(called) > 60
    assert np.mean(called) <= 0.05


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"chance": 0.4}, {"orders", "customers"}),
        ({"price": 12.0}, {"average_order_value"}),
    ],
)
def test_a_real_change_is_found(change, names):
    found = numbers(shop(**change), 24)
    called = names_called(found)
    assert names <= called
    assert moved(found, "previous").numbers


def club(leaving=0.05, price=1.0, months=24, customers=900, seed=5):
    """Subscribers who come and leave by the same chances for years; the last month may differ."""
    rng = np.random.default_rng(seed)
    months_before, joining = 100, round(customers * 0.05)
    begun = np.repeat(np.arange(-months_before, months), joining)
    last = months - 1
    stayed = rng.geometric(0.05, len(begun))
    ended = begun + stayed
    soon = (ended > last) & (begun < last) & (rng.random(len(begun)) < (leaving - 0.05) / 0.95)
    ended = np.where(soon, last, ended)
    first = pd.Timestamp("2024-01-01")
    firsts = pd.date_range(first - pd.DateOffset(months=months_before), periods=months_before + months + 2, freq="MS")
    days = pd.to_timedelta(rng.integers(28, size=len(begun)), "D")
    starts, ends = (firsts[np.minimum(moment, months + 1) + months_before] for moment in (begun, ended))
    rows = pd.DataFrame({"started_at": starts + days, "ended_at": ends + days})
    rows["customer_id"] = rows["subscription_id"] = [f"c{i}" for i in range(len(rows))]
    rows["mrr"] = rng.gamma(9, 3, len(rows)).round(2)
    risen = rows[(begun < last) & (ended > last)].assign(mrr=lambda t: (t["mrr"] * price).round(2))
    if price != 1.0:
        rise = first + pd.DateOffset(months=last)
        rows.loc[risen.index, "ended_at"] = rise
        rows = pd.concat([rows, risen.assign(started_at=rise)])
    return load.subscriptions(rows.reset_index(drop=True))


def subscription_measures(subscriptions, month):
    as_of = (pd.Timestamp("2024-01-01") + pd.DateOffset(months=month) - pd.Timedelta(days=1)).date()
    bundle = tables.numbers(metrics.subscription_numbers(subscriptions, as_of=as_of))._repr_mimebundle_()
    return find([("06_subscriptions", "Subscriptions", {"cells": [{"outputs": [{"data": {MIME: bundle[MIME]}}]}]})])


def test_where_nothing_changes_at_most_one_change_of_subscriptions_in_twenty_is_called_more_than_noise():
    subscriptions = club()
    months = [verdicts(subscription_measures(subscriptions, month)) for month in (13, 16, 19, 22, 24)]
    called = [verdict.sure for month in months for verdict in month.numbers.values()]
    assert len(called) == 70
    assert np.mean(called) <= 0.05


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"leaving": 0.12}, {"subscriptions_churn_rate", "subscriptions_grr", "subscriptions_mrr_end"}),
        ({"price": 1.2}, {"subscriptions_nrr", "subscriptions_arpa", "subscriptions_mrr_end"}),
    ],
)
def test_a_real_change_of_subscriptions_is_found(change, names):
    called = names_called(subscription_measures(club(**change), 24))
    assert names <= called
    assert not names & names_called(subscription_measures(club(), 24))
