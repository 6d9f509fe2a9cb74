"""The arithmetic of the combined forecast, each step by hand."""

import numpy as np
import pytest
from scipy import stats

from retention_kit.models.totals.combination import (
    Candidates,
    combine,
    effective,
    excess,
    interval,
    level,
    mean_square,
    shares,
    spread,
)


def test_forecasts_that_overlap_count_as_fewer():
    assert effective(np.array([]), 91) == 0
    assert effective(np.array([60]), 91) == 1
    assert effective(np.array([60, 150]), 90) == 2
    assert effective(np.array([60, 90, 120, 150]), 90) == 2  # four in the time of two
    assert effective(np.array([60, 120]), 30) == 2  # never more than there are


def test_a_mean_square_is_shrunk_to_other_shops_by_four_forecasts():
    assert mean_square(np.array([]), 0, 0.04) == 0.04
    assert mean_square(np.array([0.1, -0.3]), 4, 0.04) == pytest.approx((0.04 + 0.05) / 2)


def test_a_lasting_error_is_taken_over_sooner_than_one_among_large_errors():
    steady, erratic = np.array([-0.21, -0.19]), np.array([-0.7, 0.3])
    assert steady.mean() == pytest.approx(erratic.mean())
    v = (4 * 0.04 + 2 * 0.0001) / 6
    assert level(steady, 2, 0.04) == pytest.approx(-0.2 * 2 / (2 + 8 * v / 0.04))
    v = (4 * 0.04 + 2 * 0.25) / 6
    assert level(erratic, 2, 0.04) == pytest.approx(-0.2 * 2 / (2 + 8 * v / 0.04))
    assert level(np.array([]), 0, 0.04) == 0


def test_shares_add_up_and_the_better_has_more():
    given = shares(np.array([0.01, 0.02]))
    assert given.tolist() == pytest.approx([0.8, 0.2])


def test_the_spread_begins_at_other_shops_and_ends_at_the_own():
    assert spread(0.2, []) == (pytest.approx(0.04), 4)
    assert spread(0.2, [(4, 0.01), (2, 0.02)]) == (pytest.approx((4 * 0.04 + 0.04 + 0.04) / 10), 10)
    assert spread(0.2, [(1e9, 0.01)])[0] == pytest.approx(0.01)


def test_what_chance_explains_is_no_error_of_the_model():
    assert excess(np.array([0.2, -0.2]), np.array([0.01, 0.03])) == pytest.approx(0.02)
    assert excess(np.array([0.1]), np.array([0.05])) == 0


def test_the_interval_is_that_of_t():
    low, high = interval(1.0, 0.04, 4, 0.9)
    assert (low + high) / 2 == pytest.approx(1)
    assert (high - low) / 2 == pytest.approx(0.2 * stats.t(4).ppf(0.95))


def test_one_origin_after_another_by_hand():
    """Two candidates at days 60, 90, 120 for 30 days; the model is always a tenth too low on the log scale."""
    origins, happened = np.array([60, 90, 120]), np.array([1.0, 1.0, np.nan])
    made = {"model": np.array([0.9, 0.9, 0.9]), "rule": np.array([0.4, 1.6, 1.0])}
    priors = {"model": 0.04, "rule": 0.1}
    answer = combine(Candidates(origins, 30, made, happened, priors, [["model", "rule"]] * 3))
    # at the first origin nothing is known: weights follow other shops, 1/0.04² against 1/0.1²
    weight = (1 / 0.0016) / (1 / 0.0016 + 1 / 0.01)
    assert answer.forecast[0] == pytest.approx(weight * 0.9 + (1 - weight) * 0.4)
    # at the second one error of each is known: 0.1 and 0.6, alone, so without scatter beyond other shops'
    move = 0.1 / (1 + 8 * 0.8)
    assert answer.moves["model"][1] == pytest.approx(move)
    square = {"model": (4 * 0.04 + 0.01) / 5, "rule": (4 * 0.1 + 0.36) / 5}
    inverse = {name: 1 / value**2 for name, value in square.items()}
    assert answer.shares[1]["rule"] == pytest.approx(inverse["rule"] / sum(inverse.values()))
    # at the third, the second error is that of the forecast as it was moved then
    errors = np.array([0.1, 0.1 - move])
    square_model = (4 * 0.04 + 2 * (errors**2).mean()) / 6
    assert answer.shares[2]["model"] / answer.shares[2]["rule"] > (0.1 / square_model) ** 2 / 4
    assert answer.errors[:2] == pytest.approx(1 - answer.forecast[:2])


def test_an_outcome_counts_only_when_it_is_over():
    origins, happened = np.arange(60, 360, 30), np.linspace(1, 2, 10)
    made = {"model": np.ones(10)}
    changed = happened.copy()
    changed[5:] = 9.0
    both = [
        combine(Candidates(origins, 90, made, outcome, {"model": 0.04}, [["model"]] * 10))
        for outcome in (happened, changed)
    ]
    # the outcome of the sixth origin (day 210) is known at day 300, the ninth
    assert both[0].forecast[:8] == pytest.approx(both[1].forecast[:8], abs=0)
    assert both[0].forecast[8] != both[1].forecast[8]


def test_last_years_error_counts_by_half_and_then_as_the_record_says():
    origins = np.arange(60, 60 + 30 * 40, 30)
    season = np.where(origins % 365 < 90, 0.5, 0.0)
    made = {"model": np.ones(40)}
    answer = combine(Candidates(origins, 30, made, 1 + season, {"model": 0.04}, [["model"]] * 40))
    first = int(np.argmax(origins - 335 >= 60))
    assert not np.isclose(answer.moves["model"][first + 1], 0)
    late = np.abs(answer.errors[origins > 900])
    without = combine(
        Candidates(origins[:12], 30, {"model": np.ones(12)}, 1 + season[:12], {"model": 0.04}, [["model"]] * 12)
    )
    assert late.mean() < 0.7 * np.abs(without.errors).mean()
    noise = np.random.default_rng(1).normal(0, 0.2, 40)
    calm = combine(Candidates(origins, 30, made, 1 + noise, {"model": 0.04}, [["model"]] * 40))
    assert np.sqrt((calm.errors[origins > 600] ** 2).mean()) < 1.25 * 0.2


def test_a_candidate_that_cannot_forecast_leaves_its_share_to_the_others():
    origins = np.array([60, 90])
    made = {"model": np.array([np.nan, 1.0]), "rule": np.array([2.0, 2.0])}
    answer = combine(
        Candidates(origins, 30, made, np.array([2.0, np.nan]), {"model": 0.04, "rule": 0.1}, [["model", "rule"]] * 2)
    )
    assert answer.shares[0] == {"rule": 1.0}
    assert answer.forecast[0] == 2.0
    nobody = combine(
        Candidates(origins, 30, {"model": np.full(2, np.nan)}, np.full(2, np.nan), {"model": 0.04}, [["model"]] * 2)
    )
    assert np.isnan(nobody.forecast).all()
