"""Likelihoods and predictions against 50-digit arithmetic where double precision usually breaks.

a + b < 1, a about 1, a < 1, α = β, s about 1, up to 1,000 purchases, times from 0.01 to 10,000. Relative error of the
likelihood below 1e-8, of predictions below 1e-6; the exact values follow the formulas as the papers print them.
"""

import itertools

import mpmath as mp
import numpy as np
import pytest
from models_cdnow import frame

from retention_kit import models
from retention_kit.models.base.rows import read
from retention_kit.models.numerics.beta_mean import beta_mean

A_VALUES = [0.05, 0.6, 1 - 1e-9, 1.0, 1 + 1e-6, 8.0]
BG = list(itertools.product([0.05, 0.5, 5.0], [0.05, 4.4, 300.0], A_VALUES, [0.3, 2.4, 40.0]))
TIMES = [0.05, 10.0, 300.0]
PARETO = list(itertools.product([0.05, 0.55, 5.0], TIMES, [0.05, 1 - 1e-9, 1.0, 3.0], TIMES))
HISTORIES = list(itertools.product([0, 1, 7, 100, 1000], [0.02, 0.5, 1.0], [0.01, 1.0, 39.0, 10_000.0]))
FUTURES = (0.01, 39.0, 10_000.0)


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


def cases(parameters, n, seed):
    """A random part of the grid, the same every time."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        theta = parameters[rng.integers(len(parameters))]
        x, share, T = HISTORIES[rng.integers(len(HISTORIES))]
        yield theta, x, share * T if x else 0.0, T, FUTURES[rng.integers(3)]


def close(value, exact, tolerance):
    return abs(mp.mpf(float(value)) - exact) <= tolerance * abs(exact)


def close_likelihood(log_value, exact):
    """Relative error of a likelihood is absolute error of its logarithm; for tiny ones relative to the logarithm."""
    log_exact = mp.log(exact)
    return abs(mp.mpf(float(log_value)) - log_exact) <= 1e-8 * max(1, abs(log_exact) * mp.mpf("1e-4"))


def bg_parts(theta, x, t_x, T, chances):
    """The two terms of the likelihood, as printed, with k chances of leaving."""
    r, alpha, a, b = map(mp.mpf, theta)
    k = x + chances
    front = mp.gamma(r + x) / mp.gamma(r) * alpha**r / mp.beta(a, b)
    alive = front * mp.beta(a, b + k) / (alpha + mp.mpf(T)) ** (r + x)
    lost = front * mp.beta(a + 1, b + k - 1) / (alpha + mp.mpf(t_x)) ** (r + x) if k else mp.mpf(0)
    return alive, lost


@pytest.mark.parametrize(("name", "chances"), [("BGNBD", 0), ("MBGNBD", 1)])
def test_beta_geometric_likelihood_and_probability_alive(name, chances):
    model = getattr(models, name)
    for theta, x, t_x, T, _ in cases(BG, 150, 1):
        alive, lost = bg_parts(theta, x, t_x, T, chances)
        value = model.process.log_likelihood(np.array(theta), read(frame([x], [t_x], [T])))[0][0]
        assert close_likelihood(value, alive + lost), (theta, x, t_x, T)
        p = model(*theta).probability_alive(frame([x], [t_x], [T])).item()
        assert 0 <= p <= 1
        assert close(p, alive / (alive + lost), 1e-6) or alive / (alive + lost) < 1e-300, (theta, x, t_x, T)


@pytest.mark.parametrize(("name", "chances"), [("BGNBD", 0), ("MBGNBD", 1)])
def test_beta_geometric_expected_purchases(name, chances):
    model = getattr(models, name)
    for theta, x, t_x, T, t in cases(BG, 60, 2):
        alive, lost = bg_parts(theta, x, t_x, T, chances)
        r, alpha, a, b = map(mp.mpf, theta)
        a += mp.mpf("1e-22")
        c, R, A = a + b + x + chances - 1, r + x, alpha + mp.mpf(T)
        with mp.workdps(110):
            below = mp.hyp2f1(R, c - a + 1, c, t / (A + t)) * (A / (A + t)) ** R
            exact = c / (a - 1) * (1 - below) * alive / (alive + lost)
        value = model(*theta).expected_purchases(frame([x], [t_x], [T]), t).item()
        assert close(value, exact, 1e-6) or exact < 1e-300, (theta, x, t_x, T, t, value, exact)


def pareto_parts(theta, x, t_x, T):
    """Alive, and lost at a time that is integrated out on a logarithmic scale."""
    r, alpha, s, beta = map(mp.mpf, theta)
    front = mp.gamma(r + x) / mp.gamma(r) * alpha**r * beta**s
    alive = front / ((alpha + T) ** (r + x) * (beta + T) ** s)
    near = min(alpha, beta) + t_x
    end = mp.log((near + T - t_x) / near)

    def density(v):
        z = near * mp.expm1(v)
        return near * mp.exp(v) * (alpha + t_x + z) ** -(r + x) * (beta + t_x + z) ** -(s + 1)

    points = [mp.mpf(0), *(end / 2**k for k in range(11, -1, -1))]
    return alive, front * s * mp.quad(density, points) if end else mp.mpf(0)


def test_pareto_likelihood_and_probability_alive():
    with mp.workdps(30):
        for theta, x, t_x, T, _ in cases(PARETO, 20, 3):
            alive, lost = pareto_parts(theta, x, mp.mpf(t_x), mp.mpf(T))
            rows = frame([x], [t_x], [T])
            value = models.ParetoNBD.process.log_likelihood(np.array(theta), read(rows))[0][0]
            assert close_likelihood(value, alive + lost), (theta, x, t_x, T)
            p = models.ParetoNBD(*theta).probability_alive(rows).item()
            assert close(p, alive / (alive + lost), 1e-6) or alive / (alive + lost) < 1e-300, (theta, x, t_x, T)


def test_pareto_expected_purchases_given_alive():
    for theta, x, _, T, t in cases(PARETO, 100, 4):
        r, alpha, s, beta = map(mp.mpf, theta)
        s += mp.mpf("1e-22")
        B = beta + T
        with mp.workdps(80):
            exact = (r + x) * B / ((alpha + T) * (s - 1)) * (1 - (B / (B + t)) ** (s - 1))
        rows = read(frame([x], [T if x else 0.0], [T]))
        assert close(models.ParetoNBD.process.active(theta, rows).purchases(t)[0], exact, 1e-12), (theta, x, T, t)


@pytest.mark.parametrize(("name", "grid"), [("BGNBD", BG), ("MBGNBD", BG), ("ParetoNBD", PARETO)])
def test_every_answer_is_finite_and_every_probability_within_bounds(name, grid):
    x, share, T = map(np.array, zip(*HISTORIES, strict=True))
    rows = frame(x, np.where(x > 0, share * T, 0.0), T)
    for theta in grid[::5]:
        model = getattr(models, name)(*theta)
        for t in FUTURES:
            assert np.isfinite(model.expected_purchases(rows, t)).all(), theta
            assert model.probability_alive(rows, after=t).between(0, 1).all(), theta
            for n in (0, 1, 50):
                p = model.probability_of_n_purchases(n, t, rows)
                assert p.between(0, 1 + 1e-9).all(), (theta, t, n)
        assert np.isfinite(model.discounted_purchases(rows, annual_discount_rate=0.1)).all()
        value, slopes = model.process.log_likelihood(np.array(theta), read(rows))
        assert np.isfinite(value).all()
        assert np.isfinite(slopes).all(), theta


@pytest.mark.parametrize(("name", "grid"), [("BGNBD", BG), ("MBGNBD", BG), ("ParetoNBD", PARETO)])
def test_probabilities_of_counts_sum_to_one(name, grid):
    rows = frame([0, 3, 40], [0.0, 10.0, 39.0], [39.0, 39.0, 39.0])
    for theta in grid[:: len(grid) // 4]:
        model = getattr(models, name)(*theta)
        mean = float(model.process.active(model.theta, read(rows)).purchases(5.0).max())
        if mean < 12:
            each = sum(model.probability_of_n_purchases(n, 5.0, rows) for n in range(300))
            np.testing.assert_allclose(each, 1, atol=2e-6)


def test_all_rules_of_the_beta_mean_agree_with_the_exact_mean():
    for a, b, R, tau in itertools.product(
        [0.05, 1.0, 8.0], [0.3, 3.0, 1003.0], [0.2, 5.0, 1000.0], [1e-6, 0.5, 3, 1e6]
    ):
        exact = R * tau * mp.hyp3f2(R + 1, a, 1, a + b, 2, -mp.mpf(tau))

        def purchases(p, _, R=R, tau=tau):
            return -np.expm1(-R * np.log1p(p * tau)) / p

        value = beta_mean(purchases, a, np.array([b]), np.array([R]), np.array([tau]))[0]
        assert close(value, exact, 1e-9), (a, b, R, tau)


def test_the_case_that_gave_nan_elsewhere():
    """BG/NBD, one-time buyer, a + b < 1: the direct formula, evaluated with care, is positive."""
    model = models.BGNBD(r=0.2, alpha=4.0, a=0.3, b=0.4)
    value = model.expected_purchases(frame([0], [0.0], [10.0]), 52.0).item()
    with mp.workdps(50):
        r, alpha, a, b, T, t = map(mp.mpf, ("0.2", "4", "0.3", "0.4", "10", "52"))
        f = mp.hyp2f1(r, b, a + b - 1, t / (alpha + T + t)) * ((alpha + T) / (alpha + T + t)) ** r
        assert close(value, (a + b - 1) / (a - 1) * (1 - f), 1e-10)
