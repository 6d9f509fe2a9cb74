"""BG/BB, Gamma-Gamma and the renewal models against 50-digit arithmetic where double precision usually breaks.

Shapes from 0.01 to 1,000 and around 1, up to 1,000 opportunities, values from 0.01 to a million. Relative error of the
likelihood below 1e-8, of predictions below 1e-6; the exact values follow the formulas as the papers print them.
"""

import itertools

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from models_cdnow import frame

from retention_kit import models
from retention_kit.models.base.rows import PURCHASES, read
from retention_kit.models.purchases.bgbb import _RULES

SHAPES = [0.01, 0.5, 1 - 1e-9, 1.0, 1 + 1e-6, 8.0, 1000.0]
CHANCES = list(itertools.product(SHAPES, repeat=4))
HISTORIES = [(0, 0, 1), (0, 0, 400), (1, 1, 1), (1, 400, 400), (1, 2, 1000), (5, 6, 60), (60, 60, 60), (300, 999, 1000)]
SPENDS = list(itertools.product([0.05, 1.0, 6.25, 300.0], [1 + 1e-6, 1.5, 3.7, 200.0], [0.01, 15.4, 1e6]))
VALUES = list(itertools.product([1, 2, 30, 1000], [0.01, 35.0, 1e6]))
RENEWALS = list(itertools.product([0.01, 0.668, 1.0, 50.0], [0.01, 1.0, 3.8, 1000.0], [0.05, 0.6, 1.0, 1.6]))
PERIODS = (1, 2, 12, 120, 1000)


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


def some(cases, n, seed):
    rng = np.random.default_rng(seed)
    return [cases[i] for i in rng.choice(len(cases), min(n, len(cases)), replace=False)]


def close(value, exact, tolerance=1e-6):
    return abs(mp.mpf(float(value)) - exact) <= tolerance * abs(exact) or abs(exact) < 1e-290


def close_likelihood(log_value, exact):
    """Relative error of a likelihood is absolute error of its logarithm; for tiny ones relative to the logarithm."""
    log_exact = mp.log(exact)
    return abs(mp.mpf(float(log_value)) - log_exact) <= 1e-8 * max(1, abs(log_exact) * mp.mpf("1e-4"))


def bgbb_stories(theta, x, t_x, n):
    """Alive at n, and lost before opportunity t_x + i + 1 for each i: eq. 5 as printed."""
    a, b, g, d = map(mp.mpf, theta)
    both = mp.beta(a, b) * mp.beta(g, d)
    alive = mp.beta(a + x, b + n - x) * mp.beta(g, d + n) / both
    lost = [mp.beta(a + x, b + t_x - x + i) * mp.beta(g + 1, d + t_x + i) / both for i in range(n - t_x)]
    return alive, mp.fsum(lost)


def test_bgbb_likelihood_and_probability_alive():
    for theta, (x, t_x, n) in itertools.product(some(CHANCES, 12, 1), HISTORIES):
        alive, lost = bgbb_stories(theta, x, t_x, n)
        row = frame([x], [t_x], [n])
        value = models.BGBB.process.log_likelihood(np.array(theta), read(row, PURCHASES, _RULES))[0][0]
        assert close_likelihood(value, alive + lost), (theta, x, t_x, n)
        p = models.BGBB(*theta).probability_alive(row).item()
        assert 0 <= p <= 1
        assert close(p, alive / (alive + lost)), (theta, x, t_x, n)


def test_bgbb_expected_purchases():
    for theta, (x, t_x, n) in itertools.product(some(CHANCES, 12, 2), HISTORIES[::2]):
        a, b, g, d = map(mp.mpf, theta)
        alive, lost = bgbb_stories(theta, x, t_x, n)
        ahead = mp.fsum(mp.beta(g, d + n + k) for k in range(1, 53)) / mp.beta(g, d + n)
        exact = alive / (alive + lost) * (a + x) / (a + b + n) * ahead
        value = models.BGBB(*theta).expected_purchases(frame([x], [t_x], [n]), 52).item()
        assert close(value, exact), (theta, x, t_x, n, value, exact)


def test_bgbb_probabilities_of_counts_are_exact_and_sum_to_one():
    rows = frame([0, 1, 5], [0, 2, 6], [1, 400, 60])
    for theta in some(CHANCES, 12, 3):
        model = models.BGBB(*theta)
        each = np.stack([model.probability_of_n_purchases(k, 20, rows) for k in range(21)])
        assert np.isfinite(each).all()
        assert (each >= 0).all()
        np.testing.assert_allclose(each.sum(axis=0), 1, atol=1e-9)
        np.testing.assert_allclose(np.arange(21) @ each, model.expected_purchases(rows, 20), rtol=1e-6)


def test_gamma_gamma_likelihood():
    for theta, (x, m) in itertools.product(some(SPENDS, 24, 4), VALUES):
        p, q, g, mean = map(mp.mpf, (*theta, m))
        log_exact = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q) + q * mp.log(g)
        log_exact += (p * x - 1) * mp.log(mean) + p * x * mp.log(x) - (p * x + q) * mp.log(g + mean * x)
        rows = read(pd.DataFrame({"frequency": [x], "monetary_value": [m]}), ("frequency", "monetary_value"), ())
        value = models.GammaGamma.process.log_likelihood(np.array(theta), rows)[0][0]
        assert close_likelihood(value, mp.exp(log_exact)), (theta, x, m, value, log_exact)


def test_gamma_gamma_expected_value():
    for theta, (x, m) in itertools.product(SPENDS, VALUES):
        p, q, g = map(mp.mpf, theta)
        exact = p * (g + mp.mpf(m) * x) / (p * x + q - 1)
        table = pd.DataFrame({"frequency": [x, 0], "monetary_value": [m, np.nan]})
        value = models.GammaGamma(*theta).expected_value(table)
        assert close(value[0], exact), (theta, x, m)
        assert close(value[1], p * g / (q - 1)), theta


def survival(theta, t):
    alpha, beta, c = map(mp.mpf, theta)
    return mp.beta(alpha, beta + mp.mpf(t) ** c) / mp.beta(alpha, beta)


def renewal_model(theta):
    if theta[2] == 1:
        return models.ShiftedBetaGeometric, theta[:2]
    return models.BetaDiscreteWeibull, theta


def renewal_likelihoods(theta, n):
    """Log-likelihood of a contract lost at renewal n, and of one still running after it."""
    model, own = renewal_model(theta)
    rows = read(pd.DataFrame({"periods": [n, n], "lost": [True, False]}), ("periods", "lost"), ())
    by_row = dict(zip(rows["lost"], model.process.log_likelihood(np.array(own), rows)[0], strict=True))
    return by_row[1], by_row[0]


def test_renewal_likelihood_of_those_still_there():
    for theta, n in itertools.product(RENEWALS, PERIODS):
        assert close_likelihood(renewal_likelihoods(theta, n)[1], survival(theta, n)), (theta, n)


def test_renewal_likelihood_of_the_lost():
    for theta, n in itertools.product(RENEWALS, PERIODS):
        exact = survival(theta, n - 1) - survival(theta, n)
        assert close_likelihood(renewal_likelihoods(theta, n)[0], exact), (theta, n)


def test_renewal_predictions():
    for theta, n in itertools.product(RENEWALS, PERIODS):
        model, own = renewal_model(theta)
        fitted = model(*own)
        assert close(fitted.survival(n), survival(theta, n)), (theta, n)
        assert close(fitted.retention_rate(n), survival(theta, n) / survival(theta, n - 1)), (theta, n)
        row = pd.DataFrame({"periods": [n], "lost": [False]})
        later = survival(theta, n + 12) / survival(theta, n)
        alive = fitted.probability_alive(row, after=12).item()
        assert 0 <= alive <= 1
        assert close(alive, later), (theta, n)
        ahead = mp.fsum(survival(theta, n + k) for k in range(1, 13)) / survival(theta, n)
        assert close(fitted.expected_renewals(row, 12).item(), ahead), (theta, n)


def test_renewal_probabilities_of_leaving_sum_to_one():
    for theta in RENEWALS:
        model, own = renewal_model(theta)
        curve = np.concatenate([[1.0], np.atleast_1d(model(*own).survival(np.arange(1, 2001)))])
        assert np.isfinite(curve).all()
        assert (np.diff(curve) <= 0).all()
        assert abs(-np.diff(curve).sum() + curve[-1] - 1) < 1e-12
