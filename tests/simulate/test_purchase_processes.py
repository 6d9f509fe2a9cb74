"""Simulated customers against the published expectations of their models."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from retention_kit import simulate
from retention_kit.errors import ConfigError

N = 200_000
PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}  # Fader, Hardie, Lee 2005
BTYD = {"r": 0.55, "alpha": 10.56, "s": 0.61, "beta": 11.64}  # BTYD manual


def agrees(sample, expected, printed=0.0):
    """Whether a sample mean lies within four standard errors (and the printed rounding) of what was expected."""
    return abs(sample.mean() - expected) < 4 * sample.std() / np.sqrt(len(sample)) + printed


# Hardie's spreadsheet, via the tests of lifetimes
@pytest.mark.parametrize(("t", "expected"), [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (32, 1.0437), (78, 1.8576)])
def test_bgnbd_customers_buy_as_often_as_the_paper_expects(t, expected):
    customers = simulate.bgnbd_customers(N, **PAPER, T=t)
    assert agrees(customers["frequency"], expected, printed=5e-5)


def test_bgnbd_customers_come_back_as_rarely_as_published():
    customers = simulate.bgnbd_customers(N, **PAPER, T=39)
    assert agrees(customers["frequency"] == 0, 0.5737864)


@pytest.mark.parametrize(("t", "expected"), [(1, 0.05077821), (3, 0.14542507), (9, 0.38909211)])
def test_pareto_nbd_customers_buy_as_often_as_published(t, expected):
    customers = simulate.pareto_nbd_customers(N, **BTYD, T=t)
    assert agrees(customers["frequency"], expected)


@pytest.mark.parametrize("t", [1.0, 10.0, 52.0])
def test_mbgnbd_customers_buy_as_often_as_the_integral_says(t):
    r, alpha, a, b = 0.525, 6.183, 0.891, 1.614
    leaving = stats.beta(a, b)
    expected, _ = integrate.quad(
        lambda p: leaving.pdf(p) * (1 - p) / p * (1 - (alpha / (alpha + p * t)) ** r), 0, 1, limit=200
    )
    customers = simulate.mbgnbd_customers(N, r=r, alpha=alpha, a=a, b=b, T=t)
    assert agrees(customers["frequency"], expected)


def test_bgnbd_one_time_buyers_are_alive_and_mbgnbd_ones_need_not_be():
    bgnbd = simulate.bgnbd_customers(5000, **PAPER)
    mbgnbd = simulate.mbgnbd_customers(N, **PAPER, T=1e-6)
    assert bgnbd["alive"][bgnbd["frequency"] == 0].all()
    assert agrees(mbgnbd["alive"], PAPER["b"] / (PAPER["a"] + PAPER["b"]))


def test_the_share_alive_follows_the_law_of_the_pareto_lifetime():
    customers = simulate.pareto_nbd_customers(N, **BTYD, T=20)
    assert agrees(customers["alive"], (11.64 / (11.64 + 20)) ** 0.61)


def test_recency_of_those_who_never_leave_is_the_last_of_uniform_moments():
    customers = simulate.bgnbd_customers(N, r=5.0, alpha=1.0, a=1e-3, b=1e3, T=2.0)
    thrice = customers[customers["frequency"] == 3]
    assert agrees(thrice["recency"], 2.0 * 3 / 4)


@pytest.mark.parametrize("generate", [simulate.bgnbd_customers, simulate.mbgnbd_customers])
def test_recency_stays_within_the_time_observed_and_is_0_without_a_repeat_purchase(generate):
    T = np.linspace(0.1, 200, 5000)
    customers = generate(5000, **PAPER, T=T)
    assert (customers["T"] == T).all()
    assert (customers["recency"] <= customers["T"]).all()
    assert ((customers["recency"] == 0) == (customers["frequency"] == 0)).all()
    assert customers["customer_id"].is_unique


def test_bgnbd_parameters_maximise_the_likelihood_of_simulated_customers():
    from scipy import optimize, special

    truth = {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.5}
    customers = simulate.bgnbd_customers(20_000, **truth, T=60)
    x, t_x, T = (customers[c].to_numpy(dtype=float) for c in ["frequency", "recency", "T"])

    def minus_log_likelihood(log_params):
        r, alpha, a, b = np.exp(log_params)
        first = special.betaln(a, b + x) - (r + x) * np.log(alpha + T)
        second = np.where(x > 0, special.betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -1e99)
        row = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) - special.betaln(a, b)
        return -(row + np.logaddexp(first, second)).mean()

    fit = optimize.minimize(minus_log_likelihood, np.zeros(4), method="L-BFGS-B")
    assert np.exp(fit.x) == pytest.approx(list(truth.values()), rel=0.12)


def test_the_same_seed_gives_the_same_customers_and_another_gives_others():
    first, again = (simulate.bgnbd_customers(100, **PAPER, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(simulate.bgnbd_customers(100, **PAPER, seed=8))


def test_every_wrong_parameter_is_named_at_once():
    with pytest.raises(ConfigError, match=r"2 faults: \(1\) r must .* got -1; \(2\) b must .* got nan\."):
        simulate.bgnbd_customers(10, r=-1, alpha=4, a=0.8, b=float("nan"))
