"""The logarithmic split: exact, the same from either side, with the gradient that its errors are made of."""

import math

import pytest

from retention_kit.metrics.changes.log_means import FACTORS, factor_parts, log_mean

NOW, BEFORE = {"customers": 30.0, "orders": 45.0, "sales": 1800.0}, {"customers": 25.0, "orders": 40.0, "sales": 1500.0}


def test_the_parts_add_up_and_change_their_signs_if_the_periods_change_places():
    there, back = factor_parts(NOW, BEFORE, 1), factor_parts(BEFORE, NOW, 1)
    assert sum(part.change for part in there.values()) == pytest.approx(300, rel=1e-12)
    for factor in FACTORS:
        assert there[factor].change == pytest.approx(-back[factor].change, rel=1e-12)


@pytest.mark.parametrize("before", [BEFORE, NOW | {"sales": 1800.0001}, NOW])
@pytest.mark.parametrize("factor", FACTORS)
def test_weights_are_the_gradient_of_the_part(factor, before):
    weights = factor_parts(NOW, before, 1)[factor].weights
    for (period, name), weight in weights.items():
        h = 1e-3
        up, down = ([dict(NOW), dict(before)] for _ in range(2))
        up[period][name] += h
        down[period][name] -= h
        slope = (factor_parts(*up, 1)[factor].change - factor_parts(*down, 1)[factor].change) / (2 * h)
        assert weight == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_the_mean_of_nearly_equal_numbers_keeps_its_digits():
    for b in (100 * (1 + 1e-4 * (1 + 1e-9)), 100 * (1 + 1e-5)):
        exact = (b - 100) / math.log1p((b - 100) / 100)
        assert log_mean(b, 100.0)[0] == pytest.approx(exact, rel=1e-9)


def test_more_days_are_more_customers_and_not_all_more_orders_of_each():
    parts = factor_parts(NOW, BEFORE, 1, longer=31 / 28)
    assert parts["customers"].by_days == pytest.approx(log_mean(1800, 1500)[0] * math.log(31 / 28))
    assert parts["orders per customer"].by_days > 0
    assert parts["value per order"].by_days == 0
