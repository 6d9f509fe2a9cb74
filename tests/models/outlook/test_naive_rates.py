"""Naive rates of a series, by hand."""

import numpy as np
import pytest

from retention_kit.models.outlook.naive_rates import LAST_YEAR, SEASON, TREND, Series, naive_rates
from retention_kit.models.totals.candidates import LAST_PERIOD


def months(amounts, exposures=None, begin=0):
    exposures = np.ones(len(amounts)) if exposures is None else exposures
    return Series(np.append(0.0, np.cumsum(amounts)), np.append(0.0, np.cumsum(exposures)), begin, 12)


def test_each_rule_is_the_sum_of_amounts_over_that_of_exposures():
    series = months([10, 20, 30, 50], [100, 100, 200, 300])
    rates = naive_rates(series, 4, 2)
    assert rates[LAST_PERIOD] == pytest.approx(80 / 500)
    assert rates[LAST_YEAR] == pytest.approx(110 / 700)
    assert rates[TREND] == pytest.approx(80 / 500 * np.sqrt((80 / 500) / (30 / 200)))
    assert np.isnan(rates[SEASON])


def test_last_years_season_grows_by_the_root_of_the_growth_since():
    amounts = np.array([4, 4, 6, 9, *[5] * 10, 8, 12])
    rates = naive_rates(months(amounts), 16, 2)
    assert rates[SEASON] == pytest.approx(5 * np.sqrt((8 + 12) / (6 + 9)))


def test_last_years_season_stands_alone_where_the_year_before_it_is_not_known():
    assert naive_rates(months([7, 3, *[5] * 10]), 12, 2)[SEASON] == 5.0


def test_a_horizon_beyond_a_year_takes_the_year_that_is_known():
    assert naive_rates(months(np.arange(12.0)), 12, 18)[SEASON] == pytest.approx(np.arange(12).mean())


def test_steps_before_the_beginning_are_left_out():
    series = months([1000, 20, 30], begin=1)
    assert naive_rates(series, 3, 3)[LAST_PERIOD] == 25
    assert np.isnan(naive_rates(series, 1, 3)[LAST_PERIOD])


def test_a_trend_at_most_doubles():
    assert naive_rates(months([1, 1, 400, 400]), 4, 2)[TREND] == 800
