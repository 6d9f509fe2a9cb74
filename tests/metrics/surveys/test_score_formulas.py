"""Survey scores, their intervals and the test of a change."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_kit import metrics
from retention_kit.errors import DataError

COUNT = st.integers(0, 2_000)


def test_seventy_and_ten_per_cent_make_sixty():
    assert metrics.nps(promoters=70, passives=20, detractors=10) == pytest.approx(60)


def test_four_hundred_of_five_hundred_are_eighty_per_cent_satisfied():
    assert metrics.csat(satisfied=400, answers=500) == 0.8


def test_effort_is_a_mean_and_a_share():
    assert metrics.ces(score_sum=560, answers=100) == 5.6
    assert metrics.ces_agreement(agreeing=75, answers=100) == 0.75
    assert metrics.response_rate(answers=40, non_response=160) == 0.2


def test_no_answers_give_no_score_and_no_interval():
    assert math.isnan(metrics.nps(0, 0, 0))
    assert all(math.isnan(end) for end in metrics.nps_interval(0, 0, 0))
    assert all(math.isnan(end) for end in metrics.wilson_interval(0, 0))


def test_the_adjusted_wald_interval_equals_the_formula_by_hand():
    p, d, n = 70.75 / 103, 10.75 / 103, 103
    half = 1.959964 * math.sqrt((p + d - (p - d) ** 2) / n)
    low, high = metrics.nps_interval(70, 20, 10)
    assert low == pytest.approx(100 * (p - d - half), abs=1e-4)
    assert high == pytest.approx(100 * (p - d + half), abs=1e-4)


def test_ten_promoters_of_ten_are_not_certain():
    low, high = metrics.nps_interval(10, 0, 0)
    assert low < 80
    assert high == 100


def test_equal_weights_change_nothing_and_unequal_ones_widen_the_interval():
    plain = metrics.nps_interval(70, 20, 10)
    assert metrics.nps_interval(140, 40, 20, n=100) == pytest.approx(plain)
    wide = metrics.nps_interval(140, 40, 20, n=50)
    assert wide.high - wide.low > plain.high - plain.low


@given(p=COUNT, q=COUNT, d=COUNT)
def test_intervals_stay_on_the_scale_and_hold_the_score_of_the_adjusted_counts(p, q, d):
    if p + q + d:
        low, high = metrics.nps_interval(p, q, d)
        assert -100 <= low <= high <= 100
        assert low - 1e-9 <= 100 * (p - d) / (p + q + d + 3) <= high + 1e-9


@given(n=st.integers(1, 5_000), share=st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_in_bounds(n, share):
    successes = round(n * share)
    low, high = metrics.wilson_interval(successes, n)
    assert 0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_gives_published_values(successes, n, low, high):
    """81 of 263: Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert metrics.wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_more_successes_than_people_are_refused():
    with pytest.raises(DataError, match="0 <= successes <= n"):
        metrics.wilson_interval(11, 10)


def test_a_series_of_counts_gives_a_series_of_intervals():
    table = pd.DataFrame({"promoters": [70, 0], "passives": [20, 0], "detractors": [10, 0]})
    low, high = metrics.nps_interval(table["promoters"], table["passives"], table["detractors"])
    assert (low[0], high[0]) == pytest.approx(metrics.nps_interval(70, 20, 10))
    assert math.isnan(low[1])


def test_the_change_test_is_antisymmetric_and_quiet_without_change():
    one = {"promoters": 50, "passives": 30, "detractors": 20}
    two = {"promoters": 70, "passives": 15, "detractors": 15}
    there, back = metrics.nps_change_test(one, two), metrics.nps_change_test(two, one)
    assert there.change == pytest.approx(25)
    assert there.z == pytest.approx(-back.z)
    assert there.p_value == pytest.approx(back.p_value)
    assert metrics.nps_change_test(one, one).p_value == 1


def test_the_change_test_reads_rows_and_whole_tables():
    table = pd.DataFrame({"promoters": [50, 70, 60], "passives": [30, 15, 20], "detractors": [20, 15, 20]})
    by_row = metrics.nps_change_test(table.iloc[0], table.iloc[1])
    by_table = metrics.nps_change_test(table.shift(), table)
    assert by_table.p_value[1] == pytest.approx(by_row.p_value)
    assert math.isnan(by_table.p_value[0])


def test_without_a_change_five_per_cent_of_tests_cry_wolf():
    rng = np.random.default_rng(7)
    draws = rng.multinomial(200, [0.5, 0.3, 0.2], size=(2, 4_000))
    before, after = (pd.DataFrame(side, columns=["promoters", "passives", "detractors"]) for side in draws)
    alarms = (metrics.nps_change_test(before, after).p_value < 0.05).mean()
    assert 0.04 < alarms < 0.06
