"""A log that ends long before as_of is pointed out; a shop that is often silent is not."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.errors import RetentionKitWarning
from retention_kit.summarise.by_period.log_coverage import coverage
from retention_kit.summarise.common.end_of_log import remarkable
from retention_kit.summarise.common.period_edges import survey_edges


def log(days, customers=5) -> pd.DataFrame:
    moments = pd.to_datetime(list(days))
    ids = [f"c{i % customers}" for i in range(len(moments))]
    return pd.DataFrame({"customer_id": ids, "ordered_at": moments, "amount": 10.0})


DAILY = pd.date_range("2025-06-01", "2026-05-31")


@pytest.mark.parametrize(
    "ask",
    [
        summarise.customers,
        summarise.periods,
        summarise.cohorts,
        summarise.orders_so_far,
        summarise.overdue,
    ],
)
def test_a_log_that_ended_a_month_before_is_pointed_out_by_every_summary(ask):
    with pytest.warns(RetentionKitWarning, match="No order after 2026-05-31: 30 days of silence up"):
        ask(log(DAILY), as_of="2026-06-30")


def test_the_warning_names_the_last_day_and_the_line_that_asked():
    with pytest.warns(RetentionKitWarning, match="take as_of='2026-05-31'") as said:
        summarise.customers(log(DAILY), as_of="2026-12-31")
    assert [w.filename for w in said if w.category is RetentionKitWarning] == [__file__]


def test_an_engine_table_a_dataset_and_a_frame_warn_alike():
    for orders in (log(DAILY), load.orders(log(DAILY)), load.orders(log(DAILY)).table):
        with pytest.warns(RetentionKitWarning, match="30 days of silence"):
            summarise.customers(orders, as_of="2026-06-30")


@pytest.mark.parametrize("as_of", ["2026-05-31", "2026-06-03", "2026-02-28", "2025-06-01", "2024-01-01"])
def test_the_last_day_a_long_weekend_and_the_past_are_not_remarkable(as_of):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.customers(log(DAILY), as_of=as_of)


def test_silence_that_ends_within_the_log_is_no_question():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.customers(log([*DAILY, dt.date(2026, 8, 1)]), as_of="2026-07-15")


def test_a_shop_that_closes_for_weeks_may_be_silent_for_as_long():
    open_days = [d for d in DAILY if not (dt.date(2025, 8, 1) <= d.date() <= dt.date(2025, 8, 21))]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.customers(log(open_days), as_of="2026-06-30")
    with pytest.warns(RetentionKitWarning, match="never more than 22 days apart"):
        summarise.customers(log(open_days), as_of="2026-08-31")


@pytest.mark.parametrize("gap", [2.0, 10.0, 30.0])
def test_false_alarms_of_small_shops_at_month_ends_are_rare(gap):
    """Days with orders come at random; the data are complete, so every warning is a false alarm: at most 1 in 100."""
    rng, alarms, asked = np.random.default_rng(7), 0, 0
    for _ in range(200):
        days = 19_000 + np.cumsum(rng.geometric(1 / gap, int(900 / gap)))
        for end in range(19_395, 19_761, 30):
            last = days[days <= end].max()
            gaps = np.diff(days[(days <= end) & (days >= last - 365)])
            alarms, asked = alarms + remarkable(end - last, gaps), asked + 1
    assert alarms <= asked / 100


def test_a_few_days_are_judged_with_more_patience_and_a_single_one_not_at_all():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.customers(log(["2026-01-01", "2026-01-15"]), as_of="2026-02-28")
        summarise.customers(log(["2026-01-01"]), as_of="2026-12-31")
    with pytest.warns(RetentionKitWarning, match="350 days of silence"):
        summarise.customers(log(["2026-01-01", "2026-01-15"]), as_of="2026-12-31")


def test_subscriptions_that_ended_long_before_are_pointed_out():
    began = pd.date_range("2025-06-01", "2026-05-31")
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(len(began))],
            "subscription_id": [f"s{i}" for i in range(len(began))],
            "started_at": began,
            "ended_at": pd.NaT,
            "mrr": 10.0,
        }
    )
    with pytest.warns(RetentionKitWarning, match="No start or end of a subscription after 2026-05-31"):
        summarise.periods(table, as_of="2026-12-31")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.periods(table, as_of="2026-05-31")


def test_tracking_counts_from_its_start_also_within_the_history():
    orders = load.sample("cdnow_sample")
    model = models.BGNBD.fit(summarise.customers(orders, as_of="1997-09-30"))
    settings = {"as_of": "1998-06-30", "split": "1997-09-30"}
    late = models.tracking(model, orders, start="1997-10-01", **settings)
    assert late["actual"].iloc[0] == 50
    assert round(late["expected"].iloc[0], 1) == 52.6
    whole = models.tracking(model, orders, start="1997-01-01", **settings)
    same = whole.tail(len(late)).reset_index(drop=True)  # 39 weeks are 273 days: both begin periods on 1 October
    assert same["end"].equals(late["end"])
    np.testing.assert_allclose(late[["actual", "expected"]], same[["actual", "expected"]], rtol=1e-9)
    assert late["cumulative_actual"].iloc[-1] == same["actual"].sum()
    assert late["cumulative_expected"].iloc[-1] == pytest.approx(same["expected"].sum())


@pytest.mark.parametrize("strays", [["2062-05-31"], ["2031-01-01", "2031-01-01"], ["2027-05-31", "2099-12-31"]])
def test_one_or_two_orders_dated_years_later_do_not_end_the_question(strays):
    with pytest.warns(RetentionKitWarning, match="No order after 2026-05-31: 30 days of silence up"):
        summarise.customers(log([*DAILY, *strays]), as_of="2026-06-30")


@pytest.mark.parametrize(
    "later", [["2026-07-01"], ["2026-07-02", "2026-07-03"], ["2027-01-01", "2027-01-02", "2027-01-03"]]
)
def test_orders_that_follow_as_usual_or_are_more_than_two_prove_that_the_log_goes_on(later):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        summarise.customers(log([*pd.date_range("2025-06-01", "2026-06-26"), *later]), as_of="2026-06-30")


def test_a_stray_order_does_not_make_a_cut_month_a_whole_one():
    half = pd.date_range("2025-06-01", "2026-05-14")
    for later, whole in ([], False), (["2062-05-31"], False), (["2026-06-01"] * 3, True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)
            seen = coverage(log([*half, *later]), dt.date(2026, 5, 31))
        assert seen.ends_within(dt.date(2026, 5, 31), 31, orders=14) is not whole


def test_a_stray_answer_does_not_make_a_cut_month_a_whole_one():
    days = [*pd.date_range("2026-03-01", "2026-05-14").repeat(3), pd.Timestamp("2062-01-01")]
    asked = pd.DataFrame({"answered_at": days, "kind": "nps", "score": 9.0})
    for rows, whole in (asked, False), (asked[:-1], False):
        assert survey_edges(rows, "nps", "month").ends_within(dt.date(2026, 5, 1), 31) is not whole
