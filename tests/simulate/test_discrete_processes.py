"""Simulated donors and contracts against the published expectations of their models."""

import numpy as np
import pytest
from scipy import special

from retention_kit import simulate

N = 200_000
DONATIONS = {"alpha": 1.203528, "beta": 0.7497260, "gamma": 0.6567808, "delta": 2.783796}  # BTYD walkthrough p. 30


def close(share_or_mean, expected, spread, n=N, printed=0.0):
    return abs(share_or_mean - expected) < 4 * spread / np.sqrt(n) + printed


# Fader & Hardie note 010
@pytest.mark.parametrize(("n", "expected"), [(1, 0.4985), (2, 0.9233), (6, 2.2202), (11, 3.3887)])
def test_bgbb_customers_buy_as_often_as_published(n, expected):
    donors = simulate.bgbb_customers(N, **DONATIONS, opportunities=n)
    assert close(donors["frequency"].mean(), expected, donors["frequency"].std(), printed=5e-5)


@pytest.mark.parametrize(("x", "t_x", "expected"), [(0, 0, 0.11), (2, 4, 0.59), (6, 6, 0.93)])
def test_bgbb_customers_with_one_history_are_alive_as_often_as_published(x, t_x, expected):
    donors = simulate.bgbb_customers(N, **DONATIONS, opportunities=6)
    same = (donors["frequency"] == x) & (donors["recency"] == t_x)
    assert close(donors["alive"][same].mean(), expected, 0.5, n=same.sum(), printed=0.005)


# Fader & Hardie 2007, "High End": model survival in years 8 to 12
@pytest.mark.parametrize(("t", "expected"), [(8, 0.460), (9, 0.436), (10, 0.414), (11, 0.395), (12, 0.378)])
def test_sbg_contracts_survive_as_published(t, expected):
    contracts = simulate.sbg_lifetimes(N, alpha=0.668, beta=3.806, periods=12)
    survived = (contracts["tenure"] > t) | ~contracts["churned"]
    assert close(survived.mean(), expected, 0.5, printed=0.0005)


@pytest.mark.parametrize("c", [0.6, 1.0, 1.5])
def test_bdw_contracts_survive_as_the_formula_says(c):
    alpha, beta = 0.7, 2.0
    contracts = simulate.bdw_lifetimes(N, alpha=alpha, beta=beta, c=c, periods=8)
    for t in range(1, 9):
        survived = ((contracts["tenure"] > t) | ~contracts["churned"]).mean()
        expected = np.exp(special.betaln(alpha, beta + t**c) - special.betaln(alpha, beta))
        assert close(survived, expected, 0.5)


def test_a_contract_that_still_runs_has_the_tenure_observed():
    contracts = simulate.sbg_lifetimes(5000, alpha=0.7, beta=1.2, periods=5)
    assert contracts["tenure"].between(1, 5).all()
    assert (contracts["tenure"][~contracts["churned"]] == 5).all()


def test_lifetimes_stay_whole_numbers_when_almost_nobody_ever_cancels():
    contracts = simulate.sbg_lifetimes(1000, alpha=1e-4, beta=50.0)
    assert (contracts["tenure"] == 12).mean() > 0.99
