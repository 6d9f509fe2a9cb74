"""Rates of customers: worked numbers of the field's articles, and the edges."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_kit import metrics

COUNT = st.integers(0, 10_000)


def test_worked_examples_give_their_printed_results():
    assert metrics.retention_rate(start=100, end=100, new=10) == 0.9
    assert metrics.kept_rate(start=10, kept=8) == 0.8
    assert metrics.churn_rate(start=100, lost=10) == 0.1
    assert metrics.churn_rate(start=1000, lost=50) == 0.05
    assert metrics.repeat_purchase_rate(customers=1000, repeat_customers=200) == 0.2
    assert metrics.average_order_value(revenue=5000, orders=100) == 50


def test_two_lost_and_four_won_is_still_eighty_per_cent():
    assert metrics.retention_rate(start=10, end=12, new=4) == 0.8


def test_every_ratio_of_nothing_is_nan_for_numbers_and_series():
    zero = pd.Series([0, 0])
    assert math.isnan(metrics.ratio(0, 0))
    assert math.isnan(metrics.ratio(5, 0))
    assert metrics.ratio(zero, zero).isna().all()
    assert metrics.ratio(pd.Series([1, 2]), 0).isna().all()
    assert metrics.ratio(1, zero).isna().all()


def test_a_series_gives_a_series_with_its_index():
    table = pd.DataFrame({"start": [100, 0], "end": [100, 5], "new": [10, 5]}, index=["jan", "feb"])
    rates = metrics.retention_rate(table["start"], table["end"], table["new"])
    assert rates.index.tolist() == ["jan", "feb"]
    assert rates["jan"] == 0.9
    assert math.isnan(rates["feb"])


def test_missing_counts_stay_missing():
    assert math.isnan(metrics.churn_rate(start=100, lost=float("nan")))
    assert metrics.churn_rate(pd.Series([100.0]), pd.Series([float("nan")])).isna().all()


@given(kept=COUNT, lost=COUNT, new=COUNT)
def test_retention_and_churn_of_one_opening_list_add_to_one(kept, lost, new):
    start, end = kept + lost, kept + new
    if start:
        retention = metrics.retention_rate(start, end, new)
        assert retention == metrics.kept_rate(start, kept)
        assert retention + metrics.churn_rate(start, lost) == pytest.approx(1)


@given(start=st.integers(1, 10_000), end=COUNT)
def test_growth_is_the_change_relative_to_the_start(start, end):
    assert start * (1 + metrics.customer_growth_rate(start, end)) == pytest.approx(end)


def test_inputs_are_not_changed():
    start, lost = pd.Series([10, 0]), pd.Series([1, 0])
    metrics.churn_rate(start, lost)
    assert start.tolist() == [10, 0]
    assert lost.tolist() == [1, 0]
