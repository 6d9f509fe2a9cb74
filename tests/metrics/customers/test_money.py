"""Money metrics: worked numbers, identities, and what is undefined."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_kit import metrics

MONEY = st.integers(0, 1_000_000).map(lambda cents: cents / 100)


def test_a_hundred_customers_at_fifty_make_five_thousand_a_month():
    assert metrics.mrr(price=50, quantity=100) == 5000
    assert metrics.mrr(price=pd.Series([50] * 100)) == 5000
    assert metrics.arr(5000) == 60_000


def test_yearly_plans_count_a_twelfth():
    assert metrics.mrr(price=pd.Series([600, 50]), months=pd.Series([12, 1])) == 100


def test_gross_is_twenty_and_net_ten_per_cent_on_the_worked_example():
    moves = {"start": 100, "contraction": 10, "churn": 10}
    assert metrics.gross_revenue_churn(**moves) == 0.2
    assert metrics.net_revenue_churn(**moves, expansion=10) == 0.1
    assert metrics.net_revenue_churn(**moves, expansion=10, reactivation=5) == 0.05
    assert metrics.net_revenue_retention(**moves, expansion=10) == 0.9
    assert metrics.gross_revenue_retention(**moves) == 0.8
    assert metrics.revenue_churn_rate(start=100, churn=10) == 0.1


def test_simple_lifetime_values_give_their_printed_results():
    assert metrics.clv_simple(order_value=50, orders_per_year=4, years=5) == 1000
    assert metrics.clv_naive(order_value=50, repeat_rate=0.2, cac=20) == -10
    assert metrics.ltv_from_churn(arpa=50, churn=0.05) == pytest.approx(1000)


def test_the_margin_formula_agrees_with_the_simple_one_only_on_totals():
    customers, per_year = 100, 4
    right = metrics.clv_with_margin(customers * per_year, price=50, margin=0.3, years=5, customers=customers)
    assert right == pytest.approx(0.3 * metrics.clv_simple(50, per_year, 5))
    divided_twice = metrics.clv_with_margin(per_year, price=50, margin=0.3, years=5, customers=customers)
    assert divided_twice == pytest.approx(right / customers)


def test_lifetime_without_churn_has_no_value():
    assert math.isnan(metrics.ltv_from_churn(arpa=50, churn=0))


def test_trailing_churn_leaves_out_the_current_month_and_waits_for_six():
    churn = pd.Series([0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.90])
    trailing = metrics.trailing_churn(churn)
    assert trailing[:6].isna().all()
    assert trailing[6] == pytest.approx(0.035)


def test_acquisition_pays_back_and_compares():
    assert metrics.cac_payback(cac=300, arpa=50, margin=0.5) == 12
    assert metrics.ltv_to_cac(ltv=900, cac=300) == 3
    assert math.isnan(metrics.ltv_to_cac(ltv=900, cac=0))


def test_quick_ratio_without_losses_is_not_a_number():
    assert metrics.quick_ratio(new=30, expansion=10, contraction=5, churn=5) == 4
    assert metrics.quick_ratio(new=30, expansion=10, contraction=5, churn=5, reactivation=10) == 5
    assert math.isnan(metrics.quick_ratio(new=30, expansion=10, contraction=0, churn=0))


@given(start=MONEY, share=st.floats(0, 1), split=st.floats(0, 1), expansion=MONEY)
def test_gross_retention_is_at_most_one_and_at_most_net_retention(start, share, split, expansion):
    lost = start * share
    moves = {"start": start, "contraction": lost * split, "churn": lost * (1 - split)}
    gross = metrics.gross_revenue_retention(**moves)
    net = metrics.net_revenue_retention(**moves, expansion=expansion)
    assert math.isnan(gross) if start == 0 else gross <= min(net, 1)


@given(start=MONEY, new=MONEY, expansion=MONEY, contraction=MONEY, churn=MONEY)
def test_net_retention_is_the_end_without_new_business_over_the_start(start, new, expansion, contraction, churn):
    end = metrics.mrr_end(start, new=new, expansion=expansion, contraction=contraction, churn=churn)
    if start:
        expected = (end - new) / start
        assert metrics.net_revenue_retention(start, expansion, contraction, churn) == pytest.approx(expected, abs=1e-9)


def test_movements_in_every_direction_reach_the_end():
    end = metrics.mrr_end(100, new=20, expansion=10, reactivation=5, contraction=10, churn=10, exchange=-2)
    assert end == 113
