"""Cohort curves that the models expect, against simulation and against what was observed."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models.checks.expected_cohorts import bands

MODELS = {
    "BGNBD": models.BGNBD(r=0.8, alpha=5.0, a=0.6, b=2.4),
    "MBGNBD": models.MBGNBD(r=0.8, alpha=5.0, a=0.6, b=2.4),
    "BGCNBD": models.BGCNBD(r=0.8, alpha=2.5, a=0.6, b=2.4, k=2),
    "MBGCNBD": models.MBGCNBD(r=0.8, alpha=1.6, a=0.6, b=2.4, k=3),
    "ParetoNBD": models.ParetoNBD(r=0.55, alpha=10.56, s=0.61, beta=11.64),
}


def bought(model, until, length, n=400_000):
    """Share of simulated new customers who buy in the period, each with a life of its own."""
    rng = np.random.default_rng(7)
    rate = rng.gamma(model.r, size=n) / model.alpha
    if isinstance(model, models.ParetoNBD):
        death = rng.exponential(size=n) / (rng.gamma(model.s, size=n) / model.beta)
        first_after = until + rng.exponential(size=n) / rate
        return ((first_after < until + length) & (first_after < death)).mean()
    p = rng.beta(model.a, model.b, size=n)
    alive = rng.random(n) > p if isinstance(model, models.MBGNBD | models.MBGCNBD) else np.ones(n, dtype=bool)
    clock, hit = np.zeros(n), np.zeros(n, dtype=bool)
    for _ in range(400):
        clock = clock + rng.gamma(getattr(model, "k", 1), size=n) / rate
        hit |= alive & (clock > until) & (clock <= until + length)
        alive &= (rng.random(n) > p) & (clock <= until + length)
        if not alive.any():
            break
    return hit.mean()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("until", "length"), [(2.0, 4.3), (30.0, 4.4)])
def test_the_formula_agrees_with_simulated_customers(name, until, length):
    model = MODELS[name]
    expected = model.process.buy_between(model.theta, np.array([until]), np.array([length]))[0]
    share = bought(MODELS[name], until, length)
    assert abs(share - expected) < 4 * np.sqrt(expected / 400_000)


@pytest.mark.parametrize("name", MODELS)
def test_a_period_from_the_start_is_one_minus_none(name):
    """P(any in (0, t]) of a new customer is 1 - P(0 purchases), which the model computes in another way."""
    model = MODELS[name]
    assert model.process.buy_between(model.theta, np.array([0.0]), np.array([9.0]))[0] == pytest.approx(
        1 - model.probability_of_n_purchases(0, 9.0), abs=1e-9
    )


@pytest.fixture(scope="module")
def fitted():
    orders = load.sample("cdnow_sample")
    return orders, models.BGNBD.fit(summarise.customers(orders, as_of="1997-09-30"))


def test_the_fit_to_nine_months_foretells_the_next_nine(fitted):
    """CDNOW, 1/10 sample: observed rates of complete cells lie in the intervals about as often as they say."""
    orders, model = fitted
    expected = models.expected_cohorts(model, orders, as_of="1998-06-30", draws=50)
    observed = summarise.cohorts(orders, as_of="1998-06-30")
    both = observed[observed["complete"] & (observed["age"] > 0)].merge(expected, on=["cohort", "age"])
    assert (both["size_x"] == both["size_y"]).all()
    future = both[both["cohort"] + pd.to_timedelta(both["age"] * 30.44, unit="D") > "1997-09-25"]
    inside = future["rate"].between(future["predicted_low"], future["predicted_high"])
    assert inside.mean() > 0.7
    assert abs(both["expected"].mean() / both["rate"].mean() - 1) < 0.1
    assert (expected["expected_low"] <= expected["expected"] + 1e-9).all()
    assert (expected["expected"] <= expected["expected_high"] + 1e-9).all()
    wider = (
        expected["predicted_high"] - expected["predicted_low"] >= expected["expected_high"] - expected["expected_low"]
    )
    assert wider.all()


def test_the_pooled_curve_is_the_mean_over_customers(fitted):
    orders, model = fitted
    options = {"as_of": "1997-09-30", "ages": 6, "draws": 20}
    single = models.expected_cohorts(model, orders, **options)
    pooled = models.expected_cohorts(model, orders, **options, pooled=True)
    weighted = (single["expected"] * single["size"]).groupby(single["age"]).sum() / 2357
    np.testing.assert_allclose(pooled["expected"], weighted, rtol=1e-12)
    assert pooled["size"].eq(2357).all()


def test_published_parameters_give_no_interval_of_the_expectation(fitted):
    table = models.expected_cohorts(MODELS["BGNBD"], fitted[0], as_of="1997-09-30", ages=3)
    assert table[["expected_low", "expected_high"]].isna().all(axis=None)
    assert (table["predicted_low"] <= table["expected"]).all()


def test_only_models_of_purchases_have_such_curves(fitted):
    with pytest.raises(ConfigError, match="needs BGNBD, MBGNBD, BGCNBD, MBGCNBD or ParetoNBD"):
        models.expected_cohorts(models.BGBB(alpha=1, beta=1, gamma=1, delta=1), fitted[0], as_of="1997-09-30")
    with pytest.raises(DataError, match="Nobody had ordered by 1996-12-31"):
        models.expected_cohorts(MODELS["BGNBD"], fitted[0], as_of="1996-12-31")
    with pytest.raises(ConfigError, match="level must be between 0 and 1"):
        models.expected_cohorts(MODELS["BGNBD"], fitted[0], as_of="1997-09-30", level=90)


def test_renewals_of_a_cohort_table_by_hand():
    """Ten started: eight and seven left of them (one more is back); of six, five, then not yet known."""
    table = pd.DataFrame(
        [(1, 0, 10, 10, 0, True), (1, 1, 10, 8, 0, True), (1, 2, 10, 8, 1, True),
         (2, 0, 6, 6, 0, True), (2, 1, 6, 5, 0, True), (2, 2, 6, 4, 0, False)],
        columns=["cohort", "age", "size", "active", "returned", "complete"],
    )  # fmt: skip
    rows = models.cohort_renewals(table)
    assert rows.to_numpy().tolist() == [[1, False, 5], [1, True, 3], [2, False, 7], [2, True, 1]]
    assert rows["weights"].sum() == 16


def test_the_model_of_renewals_is_found_again_in_its_own_cohorts():
    truth = models.ShiftedBetaGeometric(alpha=0.9, beta=14.0, unit="month")
    cells = pd.DataFrame([(c, age) for c in range(12) for age in range(13)], columns=["cohort", "age"])
    cells["size"] = 20_000
    cells["active"] = np.random.default_rng(3).binomial(1, 1, len(cells)) * 20_000 * truth.survival(cells["age"])
    cells = cells.assign(returned=0, complete=cells["age"] + cells["cohort"] <= 12)
    rows = models.cohort_renewals(cells)
    found = models.ShiftedBetaGeometric.fit(rows, weights="weights")
    np.testing.assert_allclose(found.survival(np.arange(25)), truth.survival(np.arange(25)), atol=0.005)
    table = models.expected_subscription_cohorts(found, cells, ages=20, draws=20)
    np.testing.assert_allclose(table["expected"][:21], found.survival(np.arange(21)))
    assert (table["predicted_low"] <= table["expected"]).all()


def test_a_renewal_model_is_needed():
    table = pd.DataFrame(
        {"cohort": 1, "age": [0, 1], "size": 9, "active": [9, 8], "returned": 0, "complete": [True, False]}
    )
    with pytest.raises(ConfigError, match="ShiftedBetaGeometric or BetaDiscreteWeibull is needed"):
        models.expected_subscription_cohorts(MODELS["BGNBD"], table)
    with pytest.raises(DataError, match="No cohort has a complete cell of age 1"):
        models.cohort_renewals(table)


def test_parameters_without_a_curve_are_refused():
    with pytest.raises(FitError, match="too extreme"):
        bands(np.array([1.0, 0.5]), [np.array([1.0, np.nan])], [10, 10], 0.9, 0)
