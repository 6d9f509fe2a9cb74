"""What models do at the edge of their numbers: no time watched, endless futures, discounting for ever, advice."""

import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from models_cdnow import frame
from scipy import integrate

from retention_kit import models
from retention_kit.errors import ConfigError, FitError, RetentionKitWarning
from retention_kit.models.futures.buying import MOST_DRAWN
from retention_kit.models.numerics.pareto_smoothing import smooth
from retention_kit.models.purchases.beta_geometric import BGNBD
from retention_kit.models.purchases.dropout_integral import row_by_row

PURCHASES = ["BGNBD", "MBGNBD", "ParetoNBD"]
REGULAR = ["BGCNBD", "MBGCNBD"]
GIVEN = {
    "BGNBD": models.BGNBD(r=0.8, alpha=4.0, a=0.8, b=2.4),
    "MBGNBD": models.MBGNBD(r=0.8, alpha=4.0, a=0.8, b=2.4),
    "ParetoNBD": models.ParetoNBD(r=0.8, alpha=4.0, s=0.6, beta=11.0),
    "BGCNBD": models.BGCNBD(r=0.8, alpha=4.0, a=0.8, b=2.4, k=3),
    "MBGCNBD": models.MBGCNBD(r=0.8, alpha=4.0, a=0.8, b=2.4, k=3),
}
FIRST_DAY = frame([0] * 5, [0.0] * 5, [0.0] * 5)


@pytest.mark.parametrize("name", [*PURCHASES, *REGULAR, "BGBB"])
def test_a_shop_on_its_first_day_has_nothing_to_fit(name):
    with pytest.raises(FitError, match="No time has passed: T is 0 for all 5 customers"):
        getattr(models, name).fit(FIRST_DAY, unit="week")


@pytest.mark.parametrize("name", [*PURCHASES, *REGULAR])
def test_weights_of_zero_do_not_make_time_pass(name):
    table = pd.concat([FIRST_DAY, frame([0], [0.0], [30.0])]).assign(weights=[1] * 5 + [0])
    with pytest.raises(FitError, match="No time has passed"):
        getattr(models, name).fit(table, weights="weights", unit="week")


@pytest.mark.parametrize("name", [*PURCHASES, *REGULAR])
def test_a_future_that_does_not_fit_in_memory_is_refused(name):
    staying = replace(GIVEN[name], **({"s": 1e-9} if name == "ParetoNBD" else {"a": 1e-9}))
    rows, rng = staying.process.read(frame([3], [10.0], [20.0]), unit="week"), np.random.default_rng(0)
    with pytest.raises(FitError, match=f"more than the {MOST_DRAWN:,} that fit"):
        staying.process.future(staying.theta, rows, 1e9, rng, np.ones(1))
    owner, when = staying.process.future(staying.theta, rows, 1e4, rng, np.ones(1))
    assert len(owner) == len(when) < MOST_DRAWN


def test_opportunities_without_end_are_refused_too():
    model = models.BGBB(alpha=1.2, beta=0.7, gamma=1e-9, delta=2.8, unit="year")
    rows = model.process.read(frame([3], [3.0], [3.0]), unit="year")
    with pytest.raises(FitError, match="that fit in"):
        model.process.future(model.theta, rows, 1e9, np.random.default_rng(0), np.ones(1))
    with pytest.raises(ConfigError, match="more than 10,000,000"):
        model.expected_purchases(frame([3], [3.0], [3.0]), 1e9)


def test_long_sums_over_opportunities_and_renewals_are_made_in_parts():
    """Daily periods for ever at 10 % a year are 161,000 terms; the mean of a geometric series says what they give."""
    z = 1.1 ** (-1 / 365.25)
    contracts = models.ShiftedBetaGeometric(alpha=3.0, beta=200.0, unit="day")
    table = pd.DataFrame({"periods": range(40), "lost": False})
    worth = contracts.expected_renewals(table, annual_discount_rate=0.1)
    for n in (0, 39):
        density = lambda p, b=200.0 + n: p**2 * (1 - p) ** b / (1 - z * (1 - p))  # noqa: E731
        norm = integrate.quad(lambda p, b=200.0 + n: p**2 * (1 - p) ** (b - 1), 0, 1, epsabs=0, epsrel=1e-12)[0]
        exact = integrate.quad(density, 0, 1, epsabs=0, epsrel=1e-12, points=[0.001, 0.02, 0.1])[0] / norm
        assert worth[n] == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("name", PURCHASES)
@pytest.mark.parametrize("rough", [False, True])
def test_discounting_for_ever_is_right_where_nobody_leaves(name, rough):
    """Then it is the rate over the force of interest; five nodes were 29 % off."""
    staying = {"s": 1e-9, "beta": 5_000.0} if name == "ParetoNBD" else {"a": 1e-9, "b": 5.0}
    model = getattr(models, name)(r=5.0, alpha=225.0, **staying)
    rows = model.process.read(frame([0, 5], [0.0, 20.0], [0.0, 30.0]), unit="week")
    for force in (0.25, 0.0018):
        worth = model.process.discounted(model.theta, rows, np.inf, force, rough, alive=np.ones(2))
        exact = np.array([5 / 225, 10 / 255]) / force
        np.testing.assert_allclose(worth, exact, rtol=5e-5 if rough else 1e-6)


def test_pareto_weighs_both_stories_where_rates_are_tiny_and_times_long():
    """R = 0.00085, A = 0.011: 8 nodes were off by 1e-5."""

    def density(z, R, A, s, B):
        return s / B * (1 + z / A) ** -R * (1 + z / B) ** -(s + 1)

    for R, A, s, B, gap in [(8.5e-4, 0.011, 43.7, 5.18e5, 4.37e3), (0.005, 0.0024, 169.0, 918.0, 4.86)]:
        alive, total, _ = row_by_row(*(np.array([v]) for v in (R, A, s, B, gap)), False)
        ends = [0, A, 100 * A, gap]
        lost = sum(integrate.quad(density, *span, (R, A, s, B), epsrel=1e-13)[0] for span in pairwise(ends))
        there = (1 + gap / A) ** -R * (1 + gap / B) ** -s
        assert total[0] == pytest.approx(there + lost, rel=1e-10)
        assert alive[0] == pytest.approx(there / (there + lost), rel=1e-10)


def test_advice_does_not_go_in_a_circle():
    """Wherever one model names another to try, that one does not name the first for the same reason."""
    advice = {name: " ".join(getattr(models, name).process.advice.values()) for name in PURCHASES}
    named = {name: {other for other in PURCHASES if other in text} for name, text in advice.items()}
    for model, others in named.items():
        assert model not in others
        for other in others:
            assert model not in named[other]


def shop(n, T, chance, seed):
    """Customers who leave with the same chance after every order."""
    rng = np.random.default_rng(seed)
    rate, x, t_x = rng.gamma(0.8, 0.25, n), np.zeros(n), np.zeros(n)
    for i in range(n):
        at = 0.0
        while rng.random() >= chance and (at := at + rng.exponential() / rate[i]) <= T:
            x[i], t_x[i] = x[i] + 1, at
    return frame(x, t_x, np.full(n, T)).assign(unit="week")


@pytest.mark.parametrize("name", PURCHASES)
@pytest.mark.parametrize(("chance", "seed"), [(0.0, 1), (0.03, 2), (0.03, 3), (0.1, 4)])
def test_forecasts_of_fitted_shops_never_fall_and_never_pass_their_rates(name, chance, seed):
    table = shop(60, 13.0, chance, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        model = getattr(models, name).fit(table)
    alive = model.probability_alive(table)
    rate, before = (model.r + table["frequency"]) / (model.alpha + table["T"]), 0.0
    for t in (4, 13, 26, 52, 104, 1_000):
        bought = model.expected_purchases(table, t)
        assert (bought >= before * (1 - 1e-12)).all()
        assert (bought <= alive * rate * t * (1 + 1e-9)).all()
        before = bought


def test_the_lifetime_value_of_a_loyal_shop_grows_with_the_months():
    """It fell from 32,340 for 6 months to 1,287 for 24."""
    table = shop(150, 13.0, 0.0, 5)
    table["monetary_value"] = np.where(table["frequency"] > 0, np.random.default_rng(1).gamma(20, 2, 150).round(2), 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        fits = [getattr(models, name).fit(table) for name in PURCHASES]
        spend = models.GammaGamma.fit(table)
    settings = {"annual_discount_rate": 0.1}
    worth = {
        type(m).__name__: [models.lifetime_value(m, spend, table, months=k, **settings).sum() for k in (3, 6, 12, 24)]
        for m in fits
    }
    for values in worth.values():
        assert (np.diff(values) > 0).all()
        assert values[3] < 8.5 * values[0]


def test_one_time_buyers_of_a_loyal_shop_are_expected_to_buy_alike_in_all_models():
    """At the same likelihood BG/NBD said 1.02 and MBG/NBD 0.99 where Pareto/NBD said 10.64."""
    table = shop(150, 26.0, 0.0, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        fits = [getattr(models, name).fit(table) for name in PURCHASES]
    once = table[table["frequency"] == 0]
    bought = [model.expected_purchases(once, 104).sum() for model in fits]
    assert bought == pytest.approx([bought[2]] * 3, rel=0.05)


def test_a_distribution_too_narrow_or_too_wide_for_numbers_still_has_its_mean():
    t = np.array([1.0, 52.0, 4_000.0])
    for a, b, p in [(1e20, 2e20, 1 / 3), (1e200, 1e200, 0.5)]:
        exact = (1 - (1 + p * t / 4) ** -0.8) / p
        np.testing.assert_allclose(BGNBD(r=0.8, alpha=4.0, a=a, b=b).expected_purchases_new(t), exact, rtol=1e-9)
    one = 1 - (1 + t / 4) ** -0.8
    half = 0.5 * (0.2 * t + one)
    np.testing.assert_allclose(BGNBD(0.8, 4.0, 1e-200, 1e-200).expected_purchases_new(t), half, rtol=1e-9)


def test_weights_with_an_endless_tail_are_smoothed_without_a_word_from_numpy():
    """The shape of their tail is far above 1: they are not to be trusted, and say so."""
    log_ratio = -9.0 * np.arange(512)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weight, k = smooth(log_ratio)
    assert k > 0.7
    assert weight.sum() == pytest.approx(1)


def test_pareto_cohort_curves_are_right_where_customers_buy_or_leave_within_moments():
    """48 nodes over the period were 43 % off where rates are high or customers leave fast."""
    for r, alpha, s, beta in [(2e3, 20.0, 0.5, 11.0), (0.4, 0.01, 300.0, 4.0), (500.0, 25.0, 0.012, 0.014)]:
        model = models.ParetoNBD(r=r, alpha=alpha, s=s, beta=beta)
        for until, length in [(0.0, 4.3), (4.0, 4.3), (90.0, 1.0)]:

            def density(z, r=r, alpha=alpha, s=s, beta=beta, until=until):
                return r / alpha * (1 + z / alpha) ** -(r + 1) * (1 + (until + z) / beta) ** -s

            ends = [0.0, *length * np.geomspace(1e-5, 1, 11)]
            exact = sum(integrate.quad(density, *span, epsrel=1e-12, epsabs=0)[0] for span in pairwise(ends))
            share = model.process.buy_between(model.theta, np.array([until]), np.array([length]))[0]
            assert share == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("chance", "seed"), [(0.0, 1), (1.0, 6)])
def test_many_draws_at_a_boundary_are_not_one_draw_with_a_garbled_likelihood(chance, seed):
    """Proposals far out had a likelihood above 1, as two large logarithms left only rounding: one draw was all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        model = models.MBGNBD.fit(shop(100, 26.0, chance, seed))
        drawn = model.sample(20_000, 7)
    assert drawn.attrs["pareto_k"] < 0.7
    assert drawn.attrs["ess"] > 5_000


@pytest.mark.parametrize("name", PURCHASES)
def test_likelihoods_of_customers_who_are_all_alike_are_those_at_their_one_rate(name):
    """Parameters to 1e16: a Poisson process that ends after each purchase with p = 1/3, or at rate 0.1."""
    rows, n = GIVEN[name].process.read(frame([4], [11.0], [20.0]), unit="week"), 1e16
    theta = [n, n / 0.3, n, n / 0.1] if name == "ParetoNBD" else [n, n / 0.3, n, 2 * n]
    if name == "ParetoNBD":
        t_x, T = 11.0, 20.0
        still = np.exp(-0.4 * T) + 0.1 / 0.4 * (np.exp(-0.4 * t_x) - np.exp(-0.4 * T))
        exact = 4 * np.log(0.3) + np.log(still)
    else:
        chances = 4 if name == "BGNBD" else 5
        still = (2 / 3) ** chances * np.exp(-0.3 * 20) + (2 / 3) ** (chances - 1) / 3 * np.exp(-0.3 * 11)
        exact = 4 * np.log(0.3) + np.log(still)
    value = getattr(models, name).process.log_likelihood(np.array(theta), rows, slopes=False)[0][0]
    assert value == pytest.approx(exact, abs=1e-9)
