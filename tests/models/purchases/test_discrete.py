"""BG/BB and the renewal models against published values."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models_cdnow import PUBLISHED, frame

from retention_kit import models
from retention_kit.errors import ConfigError, DataError

DONATIONS = PUBLISHED["donations"]
HIGH = PUBLISHED["renewals"]["high_end"]


@pytest.fixture(scope="module")
def donors():
    data = Path(find_spec("lifetimes").origin).parent / "datasets" / "donations.csv"
    table = pd.read_csv(data).rename(columns={"periods": "T"}).assign(unit="year")
    return models.BGBB.fit(table, weights="weights")


def test_the_donations_give_the_published_parameters(donors):
    assert donors.params.to_dict() == pytest.approx(DONATIONS["params"], rel=2e-4)
    assert round(donors.log_likelihood, 2) == DONATIONS["log_likelihood"]
    assert donors.log_likelihood >= DONATIONS["log_likelihood"] - 5e-3
    assert donors.unit == "year"


def test_expected_donations_of_a_new_donor_match_the_note(donors):
    assert donors.expected_purchases_new(range(1, 12)).round(4).tolist() == DONATIONS["purchases"]


def test_the_published_probability_alive_is_that_of_the_next_opportunity(donors):
    rows = frame(DONATIONS["x"], DONATIONS["t_x"], [6, 6, 6])
    published = DONATIONS["probability_alive_at_the_next_opportunity"]
    assert donors.probability_alive(rows, after=1).round(2).tolist() == published
    assert donors.probability_alive(rows).iloc[2] == 1


def test_probabilities_of_donations_sum_to_one_and_to_the_expectation(donors):
    rows = frame([0, 2, 6], [0, 4, 6], [6, 6, 6])
    each = np.stack([donors.probability_of_n_purchases(k, 9, rows) for k in range(12)])
    np.testing.assert_allclose(each.sum(axis=0), 1, atol=1e-13)
    np.testing.assert_allclose(np.arange(12) @ each, donors.expected_purchases(rows, 9), rtol=1e-12)


def test_opportunities_must_be_whole(donors):
    with pytest.raises(DataError, match="whole opportunities"):
        models.BGBB.fit(frame([1], [1.5], [6.0]))
    with pytest.raises(ConfigError, match="whole"):
        donors.expected_purchases_new(1.5)


@pytest.mark.parametrize("name", ["high_end", "regular"])
def test_the_survival_curves_give_the_published_parameters(name):
    published = PUBLISHED["renewals"][name]
    model = models.ShiftedBetaGeometric.fit(models.renewals(published["survivors"]), weights="weights")
    assert model.params.round(3).to_dict() == published["params"]


def test_the_projected_survival_and_likelihood_match_the_paper():
    model = models.ShiftedBetaGeometric.fit(models.renewals(HIGH["survivors"]), weights="weights")
    assert model.survival(range(8, 13)).round(3).tolist() == HIGH["projected"]
    assert round(model.log_likelihood, 2) == HIGH["log_likelihood"]


def test_the_residual_lifetime_matches_the_paper():
    model = models.ShiftedBetaGeometric(**HIGH["params"], unit="year")
    residual = HIGH["residual"]
    row = pd.DataFrame({"periods": [residual["periods"]], "lost": [False]})
    value = model.expected_renewals(row, annual_discount_rate=residual["annual_discount_rate"]).item()
    assert round(value, 3) == residual["value"]


def test_a_weibull_shape_of_one_is_the_shifted_beta_geometric():
    plain = models.ShiftedBetaGeometric(alpha=0.7, beta=2.5)
    same = models.BetaDiscreteWeibull(alpha=0.7, beta=2.5, c=1.0)
    np.testing.assert_allclose(same.survival(range(20)), plain.survival(range(20)), rtol=1e-14)


def test_retention_rises_though_nobody_becomes_more_loyal():
    rates = models.ShiftedBetaGeometric(**HIGH["params"]).retention_rate(range(1, 15))
    assert (np.diff(rates) > 0).all()


def test_who_is_lost_stays_lost():
    model = models.ShiftedBetaGeometric(**HIGH["params"])
    rows = pd.DataFrame({"periods": [3, 3], "lost": [True, False]})
    assert model.probability_alive(rows, after=2).iloc[0] == 0
    assert model.expected_renewals(rows, 12).iloc[0] == 0


def test_a_survival_curve_that_rises_is_refused():
    with pytest.raises(DataError, match="fall"):
        models.renewals([0.8, 0.9])
