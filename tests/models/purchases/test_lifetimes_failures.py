"""Where lifetimes gives no answer, or one that cannot be, and we do not: each case is run in both.

What our answers should be to 50 digits is held elsewhere (`test_adversarial`, `test_mpmath_discrete`).
"""

import warnings

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from models_cdnow import frame

from retention_kit import models
from retention_kit.errors import FitError

ROW = [np.array([2]), np.array([30.0]), np.array([38.0])]
TABLE = frame(*ROW)
DAYS = 39


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize(
    "model",
    [
        models.BGNBD(r=0.243, alpha=4.414, a=1.0, b=2.426),
        models.MBGNBD(r=0.525, alpha=6.183, a=1.0, b=1.614),
        models.ParetoNBD(r=0.553, alpha=10.578, s=1.0, beta=11.669),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_parameter_of_exactly_one_is_no_special_case(model):
    """a = 1 and s = 1: a division 0 / 0 in the closed form."""
    assert not np.isfinite(model.to_lifetimes().predict(DAYS, *ROW)).any()
    ours = model.expected_purchases(TABLE, DAYS).item()
    name = "a" if hasattr(model, "a") else "s"
    near = type(model)(**{**model.params, name: 1 + 1e-7}).expected_purchases(TABLE, DAYS).item()
    assert ours == pytest.approx(near, rel=1e-5)


@pytest.mark.parametrize(
    "model",
    [models.BGNBD(r=0.243, alpha=4.414, a=1.0, b=2.426), models.ParetoNBD(r=0.553, alpha=10.578, s=1.0, beta=11.669)],
    ids=lambda model: type(model).__name__,
)
def test_nor_for_a_new_customer(model):
    theirs = model.to_lifetimes().expected_number_of_purchases_up_to_time(DAYS)
    assert not np.isfinite(theirs)
    assert 0 < model.expected_purchases_new(DAYS) < 10


def test_one_time_buyers_have_an_expectation_when_a_plus_b_is_below_one():
    model = models.BGNBD(r=0.2, alpha=4.0, a=0.3, b=0.4)
    theirs = model.to_lifetimes().predict(52.0, np.array([0]), np.array([0.0]), np.array([10.0]))
    assert not np.isfinite(theirs).any()
    assert 0 < model.expected_purchases(frame([0], [0.0], [10.0]), 52.0).item() < 10


def test_the_probability_of_many_purchases_is_small_and_not_missing():
    model = models.BGNBD(r=0.243, alpha=4.414, a=0.3, b=0.4)
    assert not np.isfinite(model.to_lifetimes().probability_of_n_purchases_up_to_time(52.0, 200))
    assert 0 < model.probability_of_n_purchases(200, 52.0) < 1e-6


def test_discrete_opportunities_with_gamma_of_exactly_one():
    model = models.BGBB(alpha=1.2, beta=0.75, gamma=1.0, delta=2.78)
    history = np.array([2]), np.array([4]), np.array([6])
    theirs = model.to_lifetimes().conditional_expected_number_of_purchases_up_to_time(5, *history)
    assert not np.isfinite(theirs).any()
    assert 0 < model.expected_purchases(frame([2], [4], [6]), 5).item() < 5


def test_a_thousand_opportunities_do_not_underflow():
    """The sum over the moments of leaving, in the plain scale, is lost to underflow; it is not far from certain."""
    a, b, g, d = 1.2, 0.75, 0.66, 2.78
    x, t_x, n = 300, 900, 1000
    with mp.workdps(50):
        alive = mp.beta(a + x, b + n - x) * mp.beta(g, d + n)
        lost = mp.fsum(mp.beta(a + x, b + t_x - x + i) * mp.beta(g + 1, d + t_x + i) for i in range(n - t_x))
        exact = float(alive / (alive + lost))
    model = models.BGBB(alpha=a, beta=b, gamma=g, delta=d)
    theirs = model.to_lifetimes().conditional_probability_alive(0, np.array([x]), np.array([t_x]), np.array([n]))
    assert float(theirs[0]) < 1e-200 < exact
    assert model.probability_alive(frame([x], [t_x], [n])).item() == pytest.approx(exact, rel=1e-6)


def test_spend_without_a_mean_is_refused_and_not_negative():
    model = models.GammaGamma(p=6.25, q=0.9, gamma=15.44)
    theirs = model.to_lifetimes().conditional_expected_average_profit(np.array([0]), np.array([0.0]))
    assert theirs[0] < 0
    with pytest.raises(FitError, match="infinite"):
        model.expected_value(pd.DataFrame({"frequency": [0], "monetary_value": [0.0]}))


def test_a_customer_without_repeat_value_is_expected_to_spend_the_mean():
    model = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    theirs = model.to_lifetimes().conditional_expected_average_profit(pd.Series([0]), pd.Series([np.nan]))
    assert np.isnan(theirs[0])
    table = pd.DataFrame({"frequency": [0], "monetary_value": [np.nan]})
    assert model.expected_value(table).item() == pytest.approx(model.mean)


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD"])
def test_busy_customers_who_never_leave_are_fitted_and_the_boundary_is_named(name):
    import lifetimes
    from lifetimes.utils import ConvergenceError

    rng = np.random.default_rng(1)
    T = rng.uniform(200, 400, 300)
    table = frame(rng.poisson(300, 300) + 1, T * rng.uniform(0.7, 0.999, 300), T)
    peer = {"BGNBD": lifetimes.BetaGeoFitter, "MBGNBD": lifetimes.ModifiedBetaGeoFitter}[name]()
    with pytest.raises(ConvergenceError):
        peer.fit(table["frequency"], table["recency"], table["T"])
    model = getattr(models, name).fit(table, unit="day")
    assert np.isfinite(model.log_likelihood)
    assert "nobody seems to leave" in model.verdict


def test_six_customers_are_fitted_or_named_as_too_few():
    import lifetimes
    from lifetimes.utils import ConvergenceError

    table = frame([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2.0], [5.0, 6, 7, 8, 9, 10])
    with pytest.raises(ConvergenceError):
        lifetimes.BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
    assert "use more customers" in models.BGNBD.fit(table, unit="day").verdict
