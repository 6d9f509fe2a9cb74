"""BG/NBD and MBG/NBD at every parameter: against 40-digit quadrature, between their bounds, at their limits."""

import mpmath as mp
import numpy as np
import pytest
from exact_beta_mean import exact_mean
from models_cdnow import frame

from retention_kit import models
from retention_kit.models.numerics.beta_mean import beta_mean
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise

FUNCTIONS = {
    "stay": lambda p, R, tau: np.exp(-R * np.log1p(p * tau)),
    "rate": lambda p, R, tau: np.exp(-(R + 1) * np.log1p(p * tau)),
    "buy": lambda p, R, tau: -np.expm1(-R * np.log1p(p * tau)) / p,
}
EDGES = [1e-8, 1e-4, 3e-3, 0.5, 1.0, 30.0, 2e3, 1e6]


def anywhere(n, seed):
    """Parameters over the whole range: a and b from 1e-8 to 1e6, purchases to 1,000, times to 1,000 times α + T."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        (a, b), x = 10 ** rng.uniform(-8, 6, 2), round(10 ** rng.uniform(0, 3)) * rng.integers(2)
        yield a, b + x * rng.integers(2), 10 ** rng.uniform(-2, 2) + x, 10 ** rng.uniform(-3, 3)


def product(kind, a, b, R, tau, rough=False):
    f, power = FUNCTIONS[kind], R + (kind == "rate")
    return beta_mean(lambda p, _: f(p, R, tau), a, np.array([b]), power, tau, rough=rough)[0]


def error(value, exact):
    return float(abs(mp.mpf(float(value)) / exact - 1))


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_means_have_nine_digits_at_every_parameter(kind):
    for a, b, R, tau in anywhere(25, 1):
        exact = exact_mean(kind, a, b, R, tau, digits=20)
        if exact > 1e-290:
            assert error(product(kind, a, b, R, tau), exact) < 1e-9, (a, b, R, tau)
            assert error(product(kind, a, b, R, tau, rough=True), exact) < 2e-5, (a, b, R, tau)


@pytest.mark.parametrize("a", EDGES)
def test_means_have_nine_digits_at_the_edges(a):
    for b, R, tau in [(1e-8, 0.8, 13.0), (5.0, 0.8, 13.0), (5.0, 300.0, 0.2), (2 * a, 3.0, 2.0), (1e6, 40.0, 900.0)]:
        assert error(product("buy", a, b, R, tau), exact_mean("buy", a, b, R, tau)) < 1e-9, (a, b, R, tau)


def test_the_quadrature_that_means_are_held_against_agrees_with_hypergeometric_functions():
    for a, b, R, tau in [
        (0.79, 2.4, 0.24, 12.0),
        (1e-6, 5.0, 0.8, 13.0),
        (0.02, 0.03, 3.15, 87.8),
        (7.1, 4.5, 1.4, 8.8),
    ]:
        with mp.workdps(60):
            stay = mp.hyp2f1(R, a, mp.mpf(a) + b, -mp.mpf(tau))
            buy = mp.mpf(R) * tau * mp.hyp3f2(mp.mpf(R) + 1, a, 1, mp.mpf(a) + b, 2, -mp.mpf(tau))
            assert abs(exact_mean("stay", a, b, R, tau) / stay - 1) < mp.mpf("1e-38")
            assert abs(exact_mean("buy", a, b, R, tau) / buy - 1) < mp.mpf("1e-38")


def test_a_distribution_at_one_of_its_ends_has_the_nodes_that_are_left_there():
    """Nearly everybody at p = 1, and the mean is made by the few who are not: Gauss's nodes would never see them."""
    for a, b, R, tau in [(97.9, 3.6e-8, 569.0, 0.329), (256.0, 8e-4, 627.0, 0.755), (62.0, 0.31, 773.0, 0.159)]:
        assert error(product("stay", a, b, R, tau), exact_mean("stay", a, b, R, tau)) < 1e-9


def test_ratios_of_gamma_functions_lose_no_digits():
    rng = np.random.default_rng(2)
    with mp.workdps(50):
        for z, s in 10 ** rng.uniform(-8, 6, (200, 2)):
            exact = mp.loggamma(mp.mpf(z) + mp.mpf(s)) - mp.loggamma(z)
            assert abs(log_rise(z, s) - exact) < 1e-13 * max(1, abs(exact), abs(mp.loggamma(z)) * (z < 30))
        for a, b in 10 ** rng.uniform(-8, 6, (100, 2)):
            exact = mp.beta(a, mp.mpf(b) + 7) / mp.beta(a, b)
            assert error(np.exp(log_beta_ratio(a, b, 7)), exact) < 1e-11


@pytest.mark.parametrize("a", [1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.02])
def test_expected_purchases_of_a_loyal_shop_go_on_growing(a):
    """r = .8, alpha = 4, b = 5: with a = 1e-4 they fell from 3.18 at t = 15.9 to 0.36 at 16.1, and ended at 1.16."""
    t = np.array([8, 15.9, 16.1, 26, 52])
    bought = models.BGNBD(r=0.8, alpha=4.0, a=a, b=5.0).expected_purchases_new(t)
    assert (np.diff(bought) > 0).all()
    assert error(bought[-1], exact_mean("buy", a, 5.0, 0.8, 13.0, digits=20)) < 1e-9
    if a == 1e-4:
        np.testing.assert_allclose(bought[[1, 2, 4]], [3.1798, 3.2198, 10.3989], atol=5e-5)


@pytest.mark.parametrize("a", [500.0, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6])
def test_expected_purchases_where_all_leave_alike_stay_below_what_a_customer_can_buy(a):
    """b = 2a: 2.214 by t = 52 for each of them; with a = 1e5 the answer was 14.6, above the 3 of all time."""
    bought = models.BGNBD(r=0.8, alpha=4.0, a=a, b=2 * a).expected_purchases_new([52.0, 1e4])
    p = 1 / 3
    assert bought[0] == pytest.approx((1 - (1 + p * 13) ** -0.8) / p, rel=5 / a)
    assert bought[1] < (3 * a - 1) / (a - 1)


def random_models(name, n, seed):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        r, alpha, (a, b) = 10 ** rng.uniform(-2, 1.5), 10 ** rng.uniform(-1.5, 2.5), 10 ** rng.uniform(-8, 6, 2)
        yield getattr(models, name)(r=r, alpha=alpha, a=a, b=b)


HISTORIES = frame([0, 0, 1, 2, 40, 900], [0, 0, 3.0, 25.0, 26.0, 20.0], [0.0, 26.0, 26.0, 26.0, 26.0, 26.0])
TIMES = np.geomspace(0.01, 26_000, 40)


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD"])
def test_expected_purchases_never_fall_and_never_pass_their_bounds(name):
    for model in random_models(name, 25, 3):
        new = model.expected_purchases_new(TIMES)
        assert (np.diff(new) >= -1e-12 * new[1:]).all(), model
        stays = model.b / (model.a + model.b) if name == "MBGNBD" else 1.0
        assert (new <= model.r / model.alpha * TIMES * stays * (1 + 1e-10)).all(), model
        if model.a > 1:
            most = model.b / (model.a - 1) if name == "MBGNBD" else (model.a + model.b - 1) / (model.a - 1)
            assert (new <= most * (1 + 1e-10)).all(), model
        alive = model.probability_alive(HISTORIES).to_numpy()
        rate = (model.r + HISTORIES["frequency"]) / (model.alpha + HISTORIES["T"])
        before, there = 0.0, alive
        for t in TIMES[::3]:
            bought = model.expected_purchases(HISTORIES, t).to_numpy()
            assert (bought >= before * (1 - 1e-12)).all(), (model, t)
            assert (bought <= alive * rate * t * (1 + 1e-10)).all(), (model, t)
            later = model.probability_alive(HISTORIES, after=t).to_numpy()
            assert ((later >= 0) & (later <= there * (1 + 1e-12))).all(), (model, t)
            before, there = bought, later


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD"])
def test_without_leaving_expected_purchases_are_rate_times_time(name):
    for a in (1e-8, 1e-6, 1e-4):
        model = getattr(models, name)(r=0.8, alpha=4.0, a=a, b=5.0)
        for t in (1.0, 52.0, 5_000.0):
            rate = (0.8 + HISTORIES["frequency"]) / (4 + HISTORIES["T"])
            bought = model.expected_purchases(HISTORIES, t) / model.probability_alive(HISTORIES)
            np.testing.assert_allclose(bought, rate * t, rtol=20 * a)


@pytest.mark.parametrize("mean", [0.001, 0.3, 0.999])
def test_where_all_leave_alike_expected_purchases_are_those_at_their_one_probability(mean):
    model = models.BGNBD(r=0.8, alpha=4.0, a=1e6 * mean, b=1e6 * (1 - mean))
    t = np.array([0.5, 10.0, 300.0, 4_000.0])
    exact = (1 - (1 + mean * t / 4) ** -0.8) / mean
    np.testing.assert_allclose(model.expected_purchases_new(t), exact, rtol=2e-3 if mean < 0.01 else 1e-5)


def test_discounted_purchases_grow_with_the_horizon_and_stay_below_the_undiscounted():
    for name in ("BGNBD", "MBGNBD"):
        for model in random_models(name, 25, 4):
            before = np.zeros(len(HISTORIES))
            for t in (1.0, 13.0, 52.0, 104.0, 1_000.0):
                worth = model.discounted_purchases(HISTORIES, t, annual_discount_rate=0.1).to_numpy()
                assert (worth >= before * (1 - 1e-9)).all(), (model, t)
                assert (worth <= model.expected_purchases(HISTORIES, t) * (1 + 1e-9)).all(), (model, t)
                before = worth
            assert (model.discounted_purchases(HISTORIES, annual_discount_rate=0.1) >= before * (1 - 1e-9)).all()


def test_probabilities_of_counts_hold_where_everybody_is_alike():
    """a, b → ∞: each purchase is the last with p = 1/3; the sum over n is 1 at every parameter."""
    model = models.BGNBD(r=0.8, alpha=4.0, a=1e6, b=2e6)
    each = model.probability_of_n_purchases(np.arange(200), 4.0)
    assert each.sum() == pytest.approx(1, abs=1e-10)
    assert each[0] == pytest.approx(2**-0.8, rel=1e-12)
    assert each[1] == pytest.approx(2**-0.8 * 0.8 / 2 * 2 / 3 + (1 - 2**-0.8) / 3, rel=1e-5)
    for small in random_models("BGNBD", 40, 5):
        p = small.probability_of_n_purchases(np.arange(3), 26.0)
        assert ((p >= 0) & (p <= 1)).all(), small


def test_a_mean_over_a_beta_distribution_that_is_a_point_is_the_value_there():
    """Draws at a boundary can have a and b so large that the distribution is narrower than a float."""
    for a, b in [(1e17, 1e17), (1e33, 3e33), (1e40, 1e36), (1.7e11, 1.9e-18), (1e20, 1e-8)]:
        p = a / (a + b)
        with np.errstate(all="raise", under="ignore"):
            np.testing.assert_allclose(product("rate", a, b, 3.0, 2.0), (1 + 2 * p) ** -4, rtol=1e-9)
