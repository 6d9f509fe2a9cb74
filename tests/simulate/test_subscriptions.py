"""Subscriptions of the simulated shop: stretches that follow on each other, and everything that can happen to one."""

import numpy as np
import pandas as pd
import pytest

from retention_kit.simulate.shop import shop_customers, shop_subscriptions, truth


@pytest.fixture(scope="module")
def who():
    return shop_customers.customers(3000, 2024)


@pytest.fixture(scope="module")
def stretches(who):
    return shop_subscriptions.subscriptions(who, 2024)


@pytest.fixture(scope="module")
def many():
    return shop_subscriptions.subscriptions(shop_customers.customers(20_000, 3), 3)


def test_stretches_end_after_they_start_and_one_subscription_has_one_at_a_time(stretches):
    ordered = stretches.sort_values(["subscription_id", "started_at"])
    assert (ordered["ended_at"].isna() | (ordered["ended_at"] >= ordered["started_at"])).all()
    before = ordered.groupby("subscription_id")["ended_at"].shift()
    follows = ordered["subscription_id"].duplicated()
    assert (before[follows] <= ordered["started_at"][follows]).all()


def test_a_customer_has_one_subscription_at_a_time(stretches):
    ordered = stretches.sort_values(["customer_id", "started_at"])
    before = ordered.groupby("customer_id")["ended_at"].shift()
    follows = ordered["customer_id"].duplicated()
    assert (before[follows] <= ordered["started_at"][follows]).all()


def test_nobody_subscribes_before_the_day_of_the_first_order(stretches, who):
    first = pd.Timestamp(truth.START) + pd.to_timedelta(who.set_index("customer_id")["first_day"], unit="D")
    assert (stretches["started_at"].dt.normalize() >= stretches["customer_id"].map(first)).all()


def test_all_that_can_happen_happens(stretches):
    assert set(stretches["status"]) == {"active", "trialing", "trial ended", "paused", "canceled", "changed"}
    assert set(stretches["plan"]) == set(truth.PLANS)
    ordered = stretches.sort_values(["subscription_id", "started_at"])
    step = ordered.groupby("subscription_id")["plan"].shift().str[0] + ordered["plan"].str[0]
    assert {"SM", "ML", "MS", "LM"} <= set(step.dropna())
    won_back = stretches["subscription_id"].str.contains("-")
    assert won_back.sum() > 10
    paused = stretches[stretches["status"] == "paused"]
    resumed = paused.merge(stretches, on="subscription_id")
    gap = (resumed["started_at_y"] - resumed["ended_at_x"]).dt.days
    assert gap[gap > 0].between(27, 93 + 62).any()


def test_open_stretches_are_active_or_trialing_and_no_others(stretches):
    still_open = stretches["ended_at"].isna()
    assert set(stretches["status"][still_open]) == {"active", "trialing"}
    assert not stretches["status"][~still_open].isin(["active", "trialing"]).any()


def test_every_stretch_has_a_price_of_its_plan_and_the_old_price_ends_within_the_term(stretches):
    column = stretches["plan"].map({plan: i for i, plan in enumerate(truth.PLANS)})
    old = stretches["mrr"].to_numpy() == truth.MRR[0][column]
    new = stretches["mrr"].to_numpy() == truth.MRR[1][column]
    assert (old ^ new).all()
    monthly = stretches["plan"].str.endswith("monthly")
    rise = pd.Timestamp(truth.PRICE_RISE)
    assert (stretches["ended_at"][old & monthly] < rise + pd.DateOffset(months=1, days=1)).all()
    assert (stretches["started_at"][old] < rise).all()


def test_yearly_plans_are_held_for_whole_years(stretches):
    ended = stretches[stretches["plan"].str.endswith("yearly") & stretches["ended_at"].notna()]
    months = (ended["ended_at"].dt.to_period("M") - ended["started_at"].dt.to_period("M")).map(lambda m: m.n)
    assert (months % 12 == 0).all()


def test_trials_last_a_fortnight_and_those_that_fail_end_there(stretches):
    tried = stretches.dropna(subset=["trial_ended_at"])
    assert ((tried["trial_ended_at"] - tried["started_at"]).dt.days == truth.TRIAL_DAYS).all()
    failed = tried[tried["status"] == "trial ended"]
    assert (failed["ended_at"] == failed["trial_ended_at"]).all()
    over = tried[tried["trial_ended_at"] < "2026-10-01"]
    assert (over["status"] != "trial ended").mean() == pytest.approx(truth.TRIAL_CONVERSION, abs=0.06)


def test_monthly_subscribers_cancel_their_first_renewal_as_often_as_the_beta_mean_says(many):
    alpha, beta = truth.SHIFTED_BETA_GEOMETRIC.values()
    paid_from = many["trial_ended_at"].fillna(many["started_at"])
    first = many[
        ~many["subscription_id"].duplicated()
        & ~many["subscription_id"].str.contains("-")
        & many["plan"].str.endswith("monthly")
        & (many["status"] != "trial ended")
        & ((paid_from < "2025-08-25") | (paid_from >= "2025-10-01"))
        & (paid_from < "2026-08-25")
    ]
    days = (first["ended_at"] - paid_from[first.index]).dt.days
    cancelled = (first["status"] == "canceled") & (days <= 31)
    expected = alpha / (alpha + beta)
    assert abs(cancelled.mean() - expected) < 4 * np.sqrt(expected / len(first))


def test_the_price_rise_shows_in_the_cancellations_of_october_2025(stretches):
    month = stretches["ended_at"].dt.to_period("M")
    cancelled = stretches[stretches["status"] == "canceled"].groupby(month).size()
    assert cancelled["2025-10"] > 2 * cancelled["2025-09"]
    assert cancelled["2025-10"] > 2 * cancelled["2025-11"]


def test_yearly_plans_are_billed_every_twelve_months_and_the_others_every_month(stretches):
    yearly = stretches["plan"].str.endswith("yearly")
    assert set(stretches.loc[yearly, "billing_months"]) == {12}
    assert set(stretches.loc[~yearly, "billing_months"]) == {1}
