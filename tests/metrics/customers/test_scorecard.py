"""What a scorecard may say: not observable is missing, nothing unlike is compared, a change knows its error."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from retention_kit import metrics, summarise
from retention_kit.errors import RetentionKitWarning
from retention_kit.metrics.changes.comparison_notes import NOT_OBSERVABLE, NOT_REACHED


def constant_shop(months=15, customers=600, chance=0.3, start="2025-01-01", seed=1, price=10.0):
    """Customers who buy in each month with the same chance, on a random day."""
    rng = np.random.default_rng(seed)
    rows = []
    for first in pd.date_range(start, periods=months, freq="MS"):
        who = np.flatnonzero(rng.random(customers) < chance)
        days = first + pd.to_timedelta(rng.integers(first.days_in_month, size=len(who)), "D")
        amounts = rng.gamma(4, price, len(who)).round(2)
        rows.append(pd.DataFrame({"customer_id": [f"c{w}" for w in who], "ordered_at": days, "amount": amounts}))
    return pd.concat(rows, ignore_index=True)


def card(orders, as_of, **how):
    return metrics.scorecard(orders, as_of=as_of, **how).set_index("name")


@pytest.fixture(scope="module")
def shop():
    return constant_shop()


def test_where_nothing_changes_the_left_edge_of_the_log_is_compared_with_nothing(shop):
    table = card(shop, "2026-03-31", lapse_after=180)
    assert table.loc["retention_rate", "value"] == pytest.approx(1 - 0.7**6 * 0.3, abs=0.02)
    for name in ("retention_rate", "churn_rate", "customer_growth_rate"):
        assert math.isnan(table.loc[name, "last_year"])
        assert "nobody could have lapsed" in table.loc[name, "note"]
    for name in ("repeat_purchase_rate", "loyal_customer_rate"):
        assert table.loc[name, "value"] > 0.8
        assert table.loc[name, ["previous", "last_year"]].isna().all()
        assert "rises while the log grows" in table.loc[name, "note"]
    assert math.isnan(table.loc["new_customers", "last_year"])
    assert math.isnan(table.loc["active_customers", "last_year"])
    assert table.loc["revenue", ["previous", "last_year"]].notna().all()


@pytest.mark.parametrize("month", [1, 2, 4, 6])
def test_in_the_first_days_in_which_nobody_can_lapse_rates_of_lapsing_are_missing_and_say_why(shop, month):
    as_of = pd.Timestamp(2025, month, 1) + pd.offsets.MonthEnd(0)
    table = card(shop, as_of.date(), lapse_after=180)
    rates = table.loc[["retention_rate", "churn_rate", "customer_growth_rate"]]
    assert rates[["value", "low", "high", "n", "previous", "last_year"]].isna().all(axis=None)
    assert (rates["note"] == NOT_OBSERVABLE).all()
    assert all(inputs == {} for inputs in rates["inputs"])


def test_the_first_observable_period_begins_the_day_after_which_somebody_can_lapse():
    rows = [("ada", "2025-01-02", 1), ("bo", "2025-05-30", 1)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    for lapse, first in ((30, "2025-02-01"), (31, "2025-03-01"), (None, "2025-02-01")):
        table = summarise.periods(orders, as_of="2025-05-31", lapse_after=lapse)
        assert table.loc[table["observable"], "period"].iloc[0] == pd.Timestamp(first)


def test_each_group_is_observable_from_its_own_first_order():
    rows = [("a", "2025-01-01", 1, "PL"), ("b", "2025-03-01", 1, "TW"), ("c", "2025-06-01", -1, "US")]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "country"])
    table = summarise.periods(orders, as_of="2025-06-30", lapse_after=59, by="country")
    seen = table[table["observable"]].groupby("country")["period"].min().dt.month.to_dict()
    assert seen == {"PL": 3, "TW": 5}


def test_definitions_of_churn_and_retention_are_missing_where_nobody_can_have_lapsed(shop):
    months = summarise.periods(shop, as_of="2025-04-30", lapse_after=180)
    table = metrics.compare_definitions("churn_rate", months.iloc[-1])
    assert table["value"].isna().all()
    assert table["difference"].str.contains("Not observable yet").all()
    assert metrics.by_definition("retention_rate", "textbook", months).isna().all()


def test_the_history_leaves_out_what_cannot_be_observed_and_what_can_only_rise(shop):
    history = metrics.scorecard_history(shop, as_of="2026-03-31", lapse_after=180, periods=15)
    by_name = history.pivot(index="period", columns="name", values="value")
    assert by_name["retention_rate"].isna().tolist() == [True] * 6 + [False] * 9
    assert not {"repeat_purchase_rate", "loyal_customer_rate"} & set(by_name)


def test_the_repeat_rate_at_a_fixed_age_is_that_of_the_customers_who_reached_it(shop):
    table = card(shop, "2025-06-30", lapse_after=180)
    row = table.loc["repeat_rate_at_age"]
    first = shop.groupby("customer_id")["ordered_at"].min()
    reached = first[(first + pd.Timedelta(days=90)).between("2025-06-01", "2025-06-30")]
    later = shop[shop["customer_id"].isin(reached.index)].merge(reached.rename("first"), on="customer_id")
    days = (later["ordered_at"] - later["first"]).dt.days
    repeated = later.loc[days.between(1, 90), "customer_id"].nunique()
    assert (row["n"], row["value"]) == (len(reached), repeated / len(reached))
    assert row["inputs"] == {"reached": len(reached), "repeated": repeated}
    assert (row["low"], row["high"]) == metrics.wilson_interval(repeated, len(reached))
    assert card(shop, "2025-02-28").loc["repeat_rate_at_age", "note"] == NOT_REACHED


def test_a_repeat_rate_at_a_fixed_age_does_not_rise_with_the_log():
    rng = np.random.default_rng(5)
    first = pd.date_range("2024-01-01", periods=730, freq="D").repeat(3)
    ids = [f"c{i}" for i in range(len(first))]
    once = pd.DataFrame({"customer_id": ids, "ordered_at": first, "amount": 10.0})
    again = once[rng.random(len(once)) < 0.4]
    again = again.assign(ordered_at=again["ordered_at"] + pd.to_timedelta(rng.integers(1, 90, len(again)), "D"))
    log = pd.concat([once, again], ignore_index=True)
    table = summarise.repeats_at_age(log, as_of="2025-12-31")
    rates = metrics.repeat_rate_at_age(table["reached"], table["repeated"])[4:]
    assert rates.between(0.2, 0.6).all()
    low, high = metrics.wilson_interval(table["repeated"][4:].sum(), table["reached"][4:].sum())
    assert low <= 0.4 <= high


def test_a_period_that_is_not_over_is_compared_with_the_same_days(shop):
    table = card(shop, "2026-03-15", lapse_after=90)
    sums = {"revenue", "customers", "orders", "new_customers", "average_order_value", "purchase_frequency", "arpu"}
    assert set(table.index[table["previous"].notna()]) == sums | {"active_customers", "repeat_rate_at_age"}
    assert "same days" in table.loc["revenue", "note"]
    assert "not over" in table.loc["churn_rate", "note"]
    for column, month in (("previous", "2026-02"), ("last_year", "2025-03")):
        same = shop[shop["ordered_at"].between(f"{month}-01", f"{month}-15")]
        means = [len(same) / same["customer_id"].nunique(), same["amount"].mean()]
        assert table.loc["revenue", column] == pytest.approx(same["amount"].sum())
        assert table.loc["customers", column] == same["customer_id"].nunique()
        assert table.loc[["purchase_frequency", "average_order_value"], column].tolist() == pytest.approx(means)
    assert table.loc["revenue", "previous_p"] > 0.01


def test_a_log_that_stops_before_the_end_of_the_period_is_compared_over_the_days_it_has(shop):
    stopped = shop[shop["ordered_at"] < "2026-03-16"]
    with pytest.warns(RetentionKitWarning, match="silence"):
        revenue = card(stopped, "2026-03-31").loc["revenue"]
    assert revenue["previous"] == pytest.approx(card(shop, "2026-03-15").loc["revenue", "previous"])
    assert "last days are missing" in revenue["note"]
    whole = card(shop, "2026-03-31").loc["revenue", "previous"]
    quiet_end = shop[shop["ordered_at"] < "2026-03-29"]  # a quiet weekend and a holiday
    assert card(quiet_end, "2026-03-31").loc["revenue", "previous"] == whole
    goes_on = pd.concat([stopped, stopped.tail(1).assign(ordered_at=pd.Timestamp("2026-04-01"))])
    assert card(goes_on, "2026-03-31").loc["revenue", "previous"] == whole


def test_a_period_without_any_order_is_compared_with_nothing(shop):
    stopped = shop[shop["ordered_at"] < "2026-02-25"]
    with pytest.warns(RetentionKitWarning, match="silence"):
        assert math.isnan(card(stopped, "2026-03-31").loc["revenue", "previous"])


def test_every_figure_has_an_interval_and_a_chance_where_it_is_compared(shop):
    table = card(shop, "2026-03-31", lapse_after=90)
    known = table["value"].notna()
    assert known.all()
    assert math.isnan(table.loc["purchase_frequency", "low"])  # everybody ordered once: nothing varies
    others = table.drop("purchase_frequency")
    assert (others["low"] <= others["value"]).all()
    assert (others["value"] <= others["high"]).all()
    for before in ("previous", "last_year"):
        compared = table[before].notna()
        assert table.loc[compared, f"{before}_p"].drop("purchase_frequency").between(0, 1).all()
        assert table.loc[~compared, f"{before}_p"].isna().all()
    orders = shop[shop["ordered_at"] >= "2026-03-01"].groupby("customer_id")["amount"].agg(["size", "sum"])
    half = stats.t.ppf(0.975, len(orders) - 1) * math.sqrt((orders["sum"] ** 2).sum())
    assert table.loc["revenue", "high"] == pytest.approx(orders["sum"].sum() + half)
    mean = orders["sum"].sum() / orders["size"].sum()
    error = math.sqrt(((orders["sum"] - mean * orders["size"]) ** 2).sum()) / orders["size"].sum()
    half = stats.t.ppf(0.975, len(orders) - 1) * error
    assert table.loc["average_order_value", "low"] == pytest.approx(mean - half)
    low, high = metrics.poisson_interval(len(orders))
    assert table.loc["customers", ["low", "high"]].tolist() == [low, high]


def test_the_same_step_a_year_ago_is_known_for_sums(shop):
    step = shop[shop["ordered_at"] < "2026-04-01"]
    table = card(step, "2026-03-31")
    months = step.groupby(step["ordered_at"].dt.to_period("M"))["amount"].sum()
    assert table.loc["revenue", "season_step"] == pytest.approx(months["2025-03"] / months["2025-02"] - 1)
    assert table.loc["revenue", "season_p"] > 0.01  # nothing changed, so both steps are chance
    assert math.isnan(table.loc["arpu", "season_step"])


def test_the_period_in_which_the_log_begins_is_not_compared_unless_it_looks_whole(shop):
    late = shop[shop["ordered_at"] >= "2025-01-15"]
    assert math.isnan(card(late, "2025-02-28").loc["orders", "previous"])
    assert "log begins" in card(late, "2025-02-28").loc["orders", "note"]
    assert not math.isnan(card(shop, "2025-02-28").loc["orders", "previous"])
    few = late.groupby(late["ordered_at"].dt.to_period("M")).head(1)  # one order says nothing about a gap
    assert not math.isnan(card(few, "2025-02-28").loc["orders", "previous"])


def test_the_error_of_a_change_is_that_of_independent_customers_by_hand():
    rows = [
        ("a", "2025-01-05", 10), ("a", "2025-01-20", 20), ("a", "2025-02-05", 40),
        ("b", "2025-01-09", 5), ("c", "2025-02-20", 7), ("c", "2025-02-21", -3),
    ]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    table = card(orders, "2025-02-28")
    assert table.loc["revenue", "previous_error"] == pytest.approx(math.sqrt(10**2 + 5**2 + 4**2))
    assert table.loc["orders", "previous_error"] == pytest.approx(math.sqrt(1 + 1 + 1))
    assert table.loc["customers", "previous_error"] == pytest.approx(math.sqrt(2))
    value, before = 44 / 2, 35 / 3
    parts = [(40 - value) / 2 - (30 - 2 * before) / 3, -(5 - before) / 3, (4 - value) / 2]
    assert table.loc["average_order_value", "previous_error"] == pytest.approx(math.hypot(*parts))


def test_the_expected_value_follows_the_days_and_weekdays_of_the_period():
    days = pd.date_range("2025-01-01", "2025-03-31", freq="D")
    days = days[days.weekday < 5]
    orders = pd.DataFrame({"customer_id": [f"c{i}" for i in range(len(days))], "ordered_at": days, "amount": 1.0})
    row = card(orders, "2025-03-31").loc["orders"]
    assert (row["value"], row["previous"], row["previous_expected"]) == (21, 20, pytest.approx(21))


def test_a_rate_of_nobody_says_why_it_is_missing():
    asleep = pd.DataFrame(
        {
            "customer_id": ["ann", "ben", "cid"],
            "ordered_at": pd.to_datetime(["2022-01-05", "2022-01-06", "2024-02-10"]),
            "amount": [10.0, 20.0, 30.0],
        }
    )
    card = metrics.scorecard(asleep, as_of="2024-02-29", lapse_after=90).set_index("name")
    for name in ("retention_rate", "churn_rate", "customer_growth_rate"):
        assert np.isnan(card.loc[name, "value"])
        assert card.loc[name, "note"] == "There were no customers at the start of the period."
    silent = metrics.scorecard(asleep, as_of="2024-04-30", lapse_after=90).set_index("name")
    for name in ("average_order_value", "purchase_frequency", "arpu"):
        assert np.isnan(silent.loc[name, "value"])
        assert silent.loc[name, "note"] == "Nobody bought in the period."
