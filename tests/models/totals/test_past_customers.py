"""Customers at many past days from one pass, against the customer table of each day."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.models.totals import candidates, past_orders
from retention_kit.models.totals import past_customers as module
from retention_kit.models.totals.past_customers import GROUP, first_day, past_customers
from retention_kit.summarise.common.calendar_periods import EPOCH
from retention_kit.summarise.common.order_log import orders_until

END = dt.date(2024, 12, 31)


def orders(seed=0, n=60):
    """Purchases and refunds of customers in two countries, some several times a day."""
    rng = np.random.default_rng(seed)
    rows = rng.poisson(6, n) + 1
    who = np.repeat(np.arange(n), rows)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 366 * 24, len(who)), unit="h")
    amount = np.where(rng.random(len(who)) < 0.2, -1, 1) * rng.integers(1, 100, len(who))
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "ordered_at": day,
            "amount": amount.astype(float),
            "country": np.where(who % 3 == 0, "PL", "TW"),
        }
    )


def past(frame, days, **options):
    log = orders_until(load.orders(frame), END)
    given = {"by": None, "unit": "week", "grain": "day", "money": True, **options}
    return past_customers(log, np.array([(day - EPOCH).days for day in days]), **given)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_every_origin_has_the_customer_table_of_its_day(grain):
    frame = orders()
    days = [dt.date(2024, 1, 20), dt.date(2024, 4, 30), dt.date(2024, 9, 11), END]
    known = past(frame, days, grain=grain)
    for day in days:
        table = summarise.customers(load.orders(frame), as_of=day, grain=grain).to_pandas()
        paid = (table["frequency"] * table["monetary_value"]).where(table["monetary_value"] > 0, 0.0)
        keys = ["frequency", "recency", "T"]
        expected = table.assign(spent=paid).groupby(keys).agg(n=("spent", "size"), spent=("spent", "sum"))
        state = known.known_at((day - EPOCH).days).set_index(keys)[["n", "spent"]].sort_index()
        pd.testing.assert_frame_equal(state, expected.sort_index(), check_dtype=False, check_index_type=False)


def test_spend_is_that_of_repeat_buyers_in_classes_of_two_per_cent():
    frame = orders()
    known = past(frame, [END])
    table = summarise.customers(load.orders(frame), as_of=END).to_pandas()
    table = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    spend = known.spend_at((END - EPOCH).days)
    assert spend["n"].sum() == len(table)
    assert spend["n"] @ spend["monetary_value"] == pytest.approx(table["monetary_value"].sum())
    by_frequency = table.groupby("frequency")["monetary_value"].sum()
    counted = (spend["n"] * spend["monetary_value"]).groupby(spend["frequency"]).sum()
    np.testing.assert_allclose(counted, by_frequency)


def test_gaps_between_purchases_are_summed_as_logarithms_in_the_unit():
    frame = orders()
    known = past(frame, [END])
    bought = frame[frame["amount"] >= 0].assign(day=lambda t: t["ordered_at"].dt.normalize())
    days = bought.drop_duplicates(["customer_id", "day"]).sort_values("day")
    gaps = days.groupby("customer_id")["day"].diff().dt.days.dropna() / 7
    state = known.known_at((END - EPOCH).days)
    assert state["n"] @ state["log_gaps"] == pytest.approx(np.log(gaps).sum())


@pytest.mark.parametrize("by", [None, "country"])
def test_what_happened_since_is_counted_for_the_customers_known_then(by):
    frame = orders()
    split, end = dt.date(2024, 6, 30), dt.date(2024, 9, 28)
    known = past(frame, [split], by=by)
    at, until = ((day - EPOCH).days for day in (split, end))
    when = frame["ordered_at"].dt.normalize()
    bought = frame[frame["amount"] >= 0]
    first = bought.groupby("customer_id")["ordered_at"].min()
    who = first[first < "2024-07-01"].index
    since = frame["customer_id"].isin(who) & (when > "2024-06-30") & (when <= "2024-09-28")
    events = frame[since & (frame["amount"] >= 0)].assign(day=when).drop_duplicates(["customer_id", "day"])
    groups = ["PL", "TW"] if by else [""]
    assert known.groups == groups
    key = (lambda table: table["country"]) if by else (lambda table: pd.Series("", table.index))
    assert known.sums("purchases", at, until, at).tolist() == events.groupby(key(events)).size()[groups].tolist()
    money = frame[since].groupby(key(frame[since]))["amount"].sum()
    assert known.sums("money", at, until, at) == pytest.approx(money[groups].to_numpy())
    states = known.known_at(at)
    assert known.sums_of(states, np.ones(len(states))).sum() == len(who)
    assert set(states[GROUP]) == set(groups)


def test_newcomers_are_counted_on_the_day_of_their_first_purchase():
    frame = orders()
    days, counts = past(frame, [END]).newcomers((dt.date(2024, 3, 31) - EPOCH).days)
    first = frame[frame["amount"] >= 0].groupby("customer_id")["ordered_at"].min().dt.normalize()
    first = first[first <= "2024-03-31"].value_counts().sort_index()
    assert counts.tolist() == first.tolist()
    assert [EPOCH + dt.timedelta(days=int(day)) for day in days] == [day.date() for day in first.index]


def test_the_first_day_is_that_of_the_first_purchase_not_of_a_refund():
    frame = pd.DataFrame(
        {"customer_id": ["a", "a"], "ordered_at": ["2024-01-01", "2024-01-05"], "amount": [-3.0, 10.0]}
    )
    day = first_day(orders_until(load.orders(frame), dt.date(2024, 1, 10)), dt.date(2024, 1, 10))
    assert EPOCH + dt.timedelta(days=day) == dt.date(2024, 1, 5)


@pytest.mark.parametrize("grain", ["day", "month"])
def test_everybody_is_what_the_segments_add_up_to(grain):
    frame, days = orders(), [dt.date(2024, 4, 30), dt.date(2024, 9, 11), END]
    by_country = past(frame, days, by="country", grain=grain).of_everybody()
    counted = past(frame, days, grain=grain)
    pd.testing.assert_frame_equal(by_country.states, counted.states)
    order = {"by": ["day", "first"], "ignore_index": True}
    pd.testing.assert_frame_equal(by_country.days.sort_values(**order), counted.days.sort_values(**order))
    assert by_country.groups == counted.groups == [""]


def test_everybody_is_not_counted_again_after_segments(monkeypatch):
    log, origins, counted = orders(), np.array([(END - EPOCH).days]), []
    count = past_orders.past_customers
    monkeypatch.setattr(past_orders, "past_customers", lambda *a, **k: counted.append(k["by"]) or count(*a, **k))
    past, asked = past_orders.PastOrders(load.orders(log)), {"unit": "week", "grain": "day"}
    past_orders.customers_of(past, END, origins, by="country", money=False, **asked)
    everybody = past_orders.customers_of(past, END, origins, by=None, money=False, **asked)
    assert everybody.known_at(origins[0])["n"].sum() == log["customer_id"].nunique()
    past_orders.customers_of(past, END, origins, by=None, money=True, **asked)
    past_orders.customers_of(past, END, origins, by="country", money=True, **asked)
    assert counted == ["country", None, "country"]


@pytest.fixture
def many(monkeypatch):
    """Logs of some thousands of customers count as very large."""
    monkeypatch.setattr(module, "MANY", 1_000)
    monkeypatch.setattr(module, "_SAMPLE", 1_000)
    monkeypatch.setattr(module, "_FEWEST_OF_SEGMENT", 300)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("by", [None, "country"])
def test_of_very_many_customers_the_last_origin_has_all_and_the_others_as_many_in_weights(by, monkeypatch):
    frame, days = orders(n=4_000), [dt.date(2024, 4, 30), dt.date(2024, 9, 11), END]
    known = past(frame, days, by=by)
    monkeypatch.setattr(module, "MANY", 10_000)
    exact = past(frame, days, by=by)
    last = (END - EPOCH).days
    pd.testing.assert_frame_equal(known.known_at(last), exact.known_at(last), rtol=1e-9)
    pd.testing.assert_frame_equal(known.spend_at(last), exact.spend_at(last), rtol=1e-9)
    pd.testing.assert_frame_equal(known.days, exact.days)
    for day in days[:2]:
        some, every = (each.known_at((day - EPOCH).days) for each in (known, exact))
        assert len(some) < len(every)
        for values in (lambda t: np.ones(len(t)), lambda t: t["frequency"].to_numpy()):
            assert known.sums_of(some, values(some)) == pytest.approx(exact.sums_of(every, values(every)))
        assert (some["n"] @ some["T"]) == pytest.approx(every["n"] @ every["T"], rel=0.03)


@pytest.mark.usefixtures("many")
def test_a_forecast_from_a_sample_of_the_past_is_near_that_of_everybody(monkeypatch):
    frame = orders(n=4_000)
    asked = {"as_of": END, "horizon": 91, "by": "country"}
    some = models.forecast_total(load.orders(frame), **asked)
    monkeypatch.setattr(module, "MANY", 10_000)
    every = models.forecast_total(load.orders(frame), **asked)
    row, other = some.table.iloc[0], every.table.iloc[0]
    assert row["n"] == other["n"]
    assert row["expected"] == pytest.approx(other["expected"], rel=0.03)
    assert row["high"] - row["low"] == pytest.approx(other["high"] - other["low"], rel=0.1)
    assert some.segments["expected"].sum() == pytest.approx(row["expected"])


def test_segments_and_everybody_share_their_fits(monkeypatch):
    fits, fit = [], candidates._fitted
    monkeypatch.setattr(candidates, "_fitted", lambda model, table: fits.append(model) or fit(model, table))
    log, asked = past_orders.PastOrders(load.orders(orders())), {"as_of": END, "horizon": 30, "models": "MBGNBD"}
    parts = models.forecast_total(log, by="country", **asked)
    often = len(fits)
    everybody = models.forecast_total(log, **asked)
    assert often > 0
    assert len(fits) == often
    pd.testing.assert_frame_equal(everybody.table, parts.table)
