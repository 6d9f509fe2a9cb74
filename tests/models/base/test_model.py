"""What holds for every model: one contract."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted, frame

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning

BUYING = ["BGNBD", "MBGNBD", "ParetoNBD"]
RENEWAL = ["ShiftedBetaGeometric", "BetaDiscreteWeibull"]
REGULAR = ["BGCNBD", "MBGCNBD"]
ALL = [*BUYING, *REGULAR, "BGBB", "GammaGamma", *RENEWAL]


def data(name):
    if name in RENEWAL:
        survivors = [0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241]
        table = models.renewals(survivors, customers=1000)
        return table.loc[table.index.repeat(table["weights"].round().astype(int)), ["periods", "lost"]]
    if name == "BGBB":
        return simulate.bgbb_customers(2000, alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, seed=3)
    if name in REGULAR:
        world = getattr(simulate, f"{name.lower()}_customers")
        return world(2000, r=1.2, alpha=2.0, a=0.8, b=2.4, k=2, seed=3)
    return customers()


@pytest.fixture(scope="module", params=ALL)
def case(request):
    table = data(request.param)
    model = fitted(request.param) if request.param in (*BUYING, "GammaGamma") else None
    return request.param, table, model or getattr(models, request.param).fit(table)


def test_a_fit_returns_its_class_with_finite_positive_parameters(case):
    name, _, model = case
    assert type(model).__name__ == name
    assert np.isfinite(model.params).all()
    assert (model.params > 0).all()
    assert model.verdict == "converged"
    assert (model.standard_errors > 0).all()


def test_row_order_and_index_do_not_matter_and_the_input_is_unchanged(case):
    name, table, model = case
    before = table.copy()
    mixed = table.sample(frac=1, random_state=1)
    mixed.index = [f"c{i}" for i in range(len(mixed))]
    again = getattr(models, name).fit(mixed)
    np.testing.assert_allclose(again.params, model.params, rtol=1e-12)
    pd.testing.assert_frame_equal(table, before)


def test_a_model_is_frozen(case):
    with pytest.raises(AttributeError):
        case[2].unit = "day"


def test_json_gives_the_same_model_back_without_customers(case):
    name, _, model = case
    text = model.to_json()
    back = type(model).from_json(text)
    assert back == model
    assert back.summary().equals(model.summary())
    assert json.loads(text)["evidence"]["rows"] is None
    other = models.BGNBD if name != "BGNBD" else models.MBGNBD
    with pytest.raises(ConfigError, match="not a"):
        other.from_json(text)


def test_criteria_follow_their_formulas(case):
    name, _, model = case
    k = len(model.params) + (name in REGULAR)  # the k of regular buyers was chosen
    assert model.aic == pytest.approx(2 * k - 2 * model.log_likelihood)
    assert model.bic == pytest.approx(k * np.log(model.evidence.n) - 2 * model.log_likelihood)


def test_the_gradient_is_the_derivative_of_the_likelihood(case):
    _, _, model = case
    rows, theta = model.evidence.rows, model.theta * 1.1
    slopes = model.process.log_likelihood(theta, rows)[1]
    for i, step in enumerate(np.diag(theta * 1e-6)):
        up, down = (model.process.log_likelihood(theta + s, rows, slopes=False)[0] for s in (step, -step))
        np.testing.assert_allclose(slopes[i], (up - down) / (2 * step[i]), rtol=1e-5, atol=1e-6)


def test_draws_are_repeatable_and_centred_on_the_fit(case):
    _, _, model = case
    first, again = model.sample(500, seed=4), model.sample(500, seed=4)
    pd.testing.assert_frame_equal(first, again)
    assert first.attrs["pareto_k"] < 0.7
    median = np.log(first).median()
    spread = model.standard_errors / model.params
    assert (abs(median - np.log(model.params)) < 0.7 * spread).all()


def test_summary_names_unit_and_conversion():
    about = fitted("BGNBD").summary().attrs
    assert about["unit"] == "week"
    assert about["conversion"] == "1 month = 4.34821 weeks"
    assert about["as_of"].startswith("1997-09-30")


@pytest.mark.parametrize("name", [*BUYING, *REGULAR])
def test_probabilities_are_probabilities_and_more_time_is_never_fewer_purchases(name):
    model, table = fitted(name), customers()
    alive = model.probability_alive(table)
    assert alive.between(0, 1).all()
    assert alive.name == "probability_alive"
    assert alive.index.equals(table.index)
    near, far = model.expected_purchases(table, 10), model.expected_purchases(table, 20)
    assert (far >= near).all()
    assert (near >= 0).all()


@pytest.mark.parametrize("name", [*BUYING, *REGULAR])
def test_probabilities_of_counts_sum_to_one_and_to_the_expectation(name):
    model = fitted(name)
    rows = frame([0, 1, 4, 12], [0, 3.0, 30.0, 37.0], [38.0, 20.0, 38.0, 38.0])
    each = np.stack([model.probability_of_n_purchases(n, 39, rows) for n in range(250)])
    np.testing.assert_allclose(each.sum(axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(np.arange(250) @ each, model.expected_purchases(rows, 39), rtol=1e-7)


@pytest.mark.parametrize("name", [*BUYING, "BGBB", "GammaGamma"])
def test_lifetimes_gets_a_fitted_object_that_predicts_the_same(name):
    model = fitted(name) if name != "BGBB" else models.BGBB.fit(data(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twin = model.to_lifetimes()
        if name == "GammaGamma":
            theirs = twin.conditional_expected_average_profit(pd.Series([2.0]), pd.Series([22.35]))
            ours = model.expected_value(pd.DataFrame({"frequency": [2], "monetary_value": [22.35]}))
        else:
            theirs = np.ravel(twin.predict(3, np.array([2]), np.array([4]), np.array([6])))
            ours = model.expected_purchases(frame([2], [4.0], [6.0]), 3)
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)
    np.testing.assert_allclose(twin.standard_errors_, model.standard_errors)


def test_lifetimes_has_no_renewal_models():
    with pytest.raises(ConfigError, match="lifetimes has no"):
        models.ShiftedBetaGeometric(alpha=1.0, beta=2.0).to_lifetimes()


def test_published_parameters_need_no_data_but_have_no_errors():
    model = models.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    with pytest.raises(FitError, match="published"):
        model.standard_errors  # noqa: B018
    with pytest.raises(ConfigError, match="above 0"):
        models.BGNBD(r=-1, alpha=4.414, a=0.793, b=2.426)


def test_all_faults_of_a_table_are_reported_in_one_line():
    bad = frame([1, -1, 2], [5.0, 0.0, 9.0], [4.0, 3.0, 10.0])
    with pytest.raises(DataError) as found:
        models.BGNBD.fit(bad)
    assert "2 faults" in str(found.value) or "3 faults" in str(found.value)
    assert "T must not be before recency" in str(found.value)
    assert "\n" not in str(found.value)


def test_empty_and_incomplete_tables_are_refused():
    with pytest.raises(DataError, match="no rows"):
        models.BGNBD.fit(frame([], [], []))
    with pytest.raises(DataError, match="missing: T"):
        models.BGNBD.fit(frame([1], [1.0], [2.0]).drop(columns="T"))
    with pytest.raises(DataError, match="recency is empty for 1"):
        models.BGNBD.fit(frame([1], [np.nan], [2.0]))


def test_a_world_nobody_leaves_is_named_with_the_model_to_try():
    rng = np.random.default_rng(5)
    x = rng.poisson(rng.gamma(1.0, 0.2, 1500) * 30)
    t_x = np.where(x > 0, 30 * rng.beta(np.maximum(x, 1), 1), 0)
    for name in BUYING:
        with pytest.warns(RetentionKitWarning, match="boundary or not settled.*try|longer window"):
            model = getattr(models, name).fit(frame(x, t_x, np.full(1500, 30.0)), unit="week")
        assert model.verdict != "converged"
        assert model.probability_alive(frame([3], [29.0], [30.0])).item() > 0.95


def test_a_model_read_from_json_draws_from_the_normal_approximation_and_says_so():
    back = models.BGNBD.from_json(fitted("BGNBD").to_json())
    with pytest.warns(RetentionKitWarning, match="normal approximation"):
        draws = back.sample(200, seed=1)
    assert abs(draws["r"].mean() - back.r) < back.standard_errors["r"]


@pytest.mark.parametrize("weight", [-1.0, 0.0, np.nan, np.inf])
def test_weights_that_count_nobody_are_refused(weight):
    with pytest.raises(DataError, match="Weights \\(w\\) must be finite, 0 or more, and not all 0"):
        models.BGNBD.fit(customers().assign(w=weight), weights="w")


def test_what_a_fit_at_a_boundary_leaves_open_is_null_in_its_json_and_comes_back():
    """NaN is no JSON: other languages refuse it."""
    stay = customers().query("frequency > 0").head(200).assign(recency=lambda table: table["T"])
    with pytest.warns(RetentionKitWarning, match="nobody seems to leave"):
        model = models.BGNBD.fit(stay)
    text = model.to_json()
    assert "NaN" not in text
    pd.testing.assert_frame_equal(models.BGNBD.from_json(text).covariance, model.covariance)


@pytest.mark.parametrize("text", ["hello", "[]", "{}", '{"model": "BGNBD", "params": {"r": 1}}'])
def test_text_that_is_no_saved_model_is_refused(text):
    with pytest.raises(ConfigError, match="from_json needs what to_json wrote"):
        models.BGNBD.from_json(text)


@pytest.mark.parametrize("name", [*BUYING, *REGULAR])
def test_an_endless_time_to_predict_is_refused(name):
    with pytest.raises(ConfigError, match="not endless"):
        fitted(name).expected_purchases(customers(), np.inf)
