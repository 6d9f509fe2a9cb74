"""Static covariates: effects recovered, tested, and used in predictions, on whatever scale they come."""

import warnings

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models import BGNBD, MBGNBD, CovariateModel, GammaGamma, ParetoNBD, fit_covariates, lifetime_value

FAMILY = [BGNBD, MBGNBD, ParetoNBD]


@pytest.fixture(autouse=True)
def numpy_is_silent():
    """No calculation may overflow, divide by zero or be invalid on its way to an answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def world(name, effect):
    """Two kinds of customers; the second buys, and leaves, exp(effect) times as readily."""
    grow = np.exp(effect)
    if name == "ParetoNBD":
        plain, other = (
            {"r": 0.7, "alpha": 8.0, "s": 0.7, "beta": 10.0},
            {"r": 0.7, "alpha": 8 / grow, "s": 0.7, "beta": 10 / grow},
        )
        make = simulate.pareto_nbd_customers
    else:
        plain, other = (
            {"r": 0.6, "alpha": 8.0, "a": 0.6, "b": 2.5},
            {"r": 0.6, "alpha": 8 / grow, "a": 0.6 * grow, "b": 2.5},
        )
        make = simulate.bgnbd_customers if name == "BGNBD" else simulate.mbgnbd_customers
    tables = [make(3000, **p, T=40.0, seed=i).assign(member=i) for i, p in enumerate((plain, other))]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(recency=table["recency"].round(1))


@pytest.fixture(scope="module")
def ages():
    """Customers whose purchase rate grows with age, the same column in three codings."""
    parts = [
        simulate.bgnbd_customers(
            400, r=0.5, alpha=8 * np.exp(-0.03 * (age - 45)), a=0.8, b=2.5, T=40, seed=10 + i
        ).assign(age=age)
        for i, age in enumerate(range(20, 70, 5))
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(birth_year=2025 - table["age"], age_c=table["age"] - 45)


@pytest.fixture(scope="module")
def two_groups():
    """1,500 customers of each of two kinds, the second of which buys about twice as readily, for each model."""
    bg = [simulate.bgnbd_customers(1500, r=0.5, alpha=v, a=0.8, b=2.5, T=40, seed=i) for i, v in ((1, 8), (2, 4))]
    pareto = [
        simulate.pareto_nbd_customers(1500, r=0.5, alpha=v, s=0.8, beta=10, T=40, seed=i) for i, v in ((1, 8), (2, 4))
    ]
    tables = {
        name: pd.concat([t.assign(group=i) for i, t in enumerate(pair)], ignore_index=True)
        for name, pair in (("bg", bg), ("pareto", pareto))
    }
    return {BGNBD: tables["bg"], MBGNBD: tables["bg"], ParetoNBD: tables["pareto"]}


@pytest.fixture(scope="module")
def as_groups(two_groups):
    """The fits on the plain 0/1 column."""
    return {model: fit_covariates(model, table, purchase=["group"]) for model, table in two_groups.items()}


@pytest.fixture(scope="module")
def spend():
    rng, x = np.random.default_rng(6), np.arange(1, 2001) % 7 + 1
    mean = rng.gamma(6 * x) / x / rng.gamma(4, size=2000) * 15
    return GammaGamma.fit(pd.DataFrame({"frequency": x, "monetary_value": mean, "unit": "week"}))


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD"])
def test_effects_are_recovered_and_the_test_finds_them(name):
    fit = fit_covariates(getattr(models, name), world(name, 0.6), purchase=["member"], dropout=["member"])
    table = fit.summary()
    for effect in ("purchase: member", "dropout: member"):
        assert abs(table.loc[effect, "value"] - 0.6) < 4 * table.loc[effect, "standard_error"]
        assert table.loc[effect, "p_value"] < 1e-3
    assert fit.likelihood_ratio()["degrees"] == 2
    assert fit.likelihood_ratio()["p_value"] < 1e-6


def test_without_an_effect_the_test_is_quiet_and_the_base_is_the_plain_model():
    table = simulate.bgnbd_customers(3000, r=0.6, alpha=8.0, a=0.6, b=2.5, T=40.0, seed=9)
    table["coin"] = np.random.default_rng(1).integers(0, 2, len(table))
    fit = fit_covariates(BGNBD, table, purchase=["coin"])
    plain = BGNBD.fit(table)
    assert fit.likelihood_ratio()["p_value"] > 0.01
    assert fit.log_likelihood >= plain.log_likelihood - 1e-6
    np.testing.assert_allclose(fit.base.r, plain.r, rtol=0.05)


@pytest.mark.parametrize(("column", "sign"), [("age_c", 1), ("age", 1), ("birth_year", -1)])
def test_a_year_of_birth_tells_as_much_as_an_age(ages, column, sign):
    fit = fit_covariates(BGNBD, ages, purchase=[column])
    line = fit.summary().iloc[-1]
    assert round(sign * line["value"], 4) == 0.0297
    assert round(line["standard_error"], 5) == 0.00205
    assert line["p_value"] == pytest.approx(1.39e-47, rel=0.01)
    assert fit.log_likelihood == pytest.approx(-23824.207965865127, abs=1e-8)
    assert fit.log_likelihood_without == pytest.approx(-23926.374578676, abs=1e-8)
    assert fit.verdict == "converged"


def test_the_model_at_covariates_of_zero_is_reported_however_far_away_that_is(ages):
    fit = fit_covariates(BGNBD, ages, purchase=["birth_year"])
    assert fit.base.alpha == pytest.approx(2.2e-25, rel=0.01)
    assert fit.params["alpha"] == fit.base.alpha
    young, old = fit.at(birth_year=1990).alpha, fit.at(birth_year=1970).alpha
    assert old / young == pytest.approx(np.exp(20 * fit.purchase["birth_year"]))
    far = fit_covariates(BGNBD, ages.assign(code=ages["age"] + 1e6), purchase=["code"])
    assert np.isnan(far.params["alpha"])
    assert far.purchase["code"] == pytest.approx(-fit.purchase["birth_year"])
    with pytest.raises(
        ConfigError, match=r"At code = 0 .* give values near those of the customers .*code = 1.00004e\+06"
    ):
        _ = far.base


@pytest.mark.parametrize(
    ("offset", "scale"), [(0, 1), (20, 1), (100, 1), (2023, 1), (0, 100), (0, 1000), (0, 0.001), (1e4, 1e6)]
)
@pytest.mark.parametrize("model", FAMILY)
def test_a_group_has_the_same_effect_in_every_coding(two_groups, as_groups, model, offset, scale):
    table, plain = two_groups[model], as_groups[model]
    fit = fit_covariates(model, table.assign(code=offset + scale * table["group"]), purchase=["code"])
    assert fit.purchase["code"] * scale == pytest.approx(plain.purchase["group"], rel=1e-8)
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-7)


def test_the_effect_of_a_group_is_that_of_the_reference_fit(as_groups):
    line = as_groups[BGNBD].summary().iloc[-1]
    assert round(line["value"], 4) == 0.8715
    assert round(line["standard_error"], 4) == 0.0677
    assert as_groups[BGNBD].log_likelihood - as_groups[BGNBD].log_likelihood_without == pytest.approx(79, abs=1)


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(offset=st.floats(0, 1e4), exponent=st.floats(-3, 6), model=st.sampled_from(FAMILY))
@example(offset=1e4, exponent=-3, model=BGNBD)
@example(offset=1e4, exponent=6, model=ParetoNBD)
@example(offset=0, exponent=-3, model=MBGNBD)
def test_another_origin_or_unit_of_covariates_changes_no_likelihood_p_value_or_prediction(
    two_groups, offset, exponent, model
):
    scale, rng = 10**exponent, np.random.default_rng(4)
    table = two_groups[model].sample(800, random_state=3)
    table["age"] = 0.4 * table["group"] + rng.integers(0, 8, len(table)) / 4
    moved = table.assign(group=offset + scale * table["group"], age=offset - scale * table["age"])
    first, second = (
        fit_covariates(model, rows, purchase=["group", "age"], dropout=["group"]) for rows in (table, moved)
    )
    close = {"rtol": 1e-5, "atol": 1e-7}
    assert second.log_likelihood == pytest.approx(first.log_likelihood, abs=1e-6)
    assert second.log_likelihood_without == pytest.approx(first.log_likelihood_without, abs=1e-6)
    np.testing.assert_allclose(second.summary()["p_value"], first.summary()["p_value"], **close)
    for prediction, settings_ in (
        ("probability_alive", {}),
        ("expected_purchases", {"t": 26}),
        ("discounted_purchases", {"t": 52, "annual_discount_rate": 0.1}),
    ):
        one, two = (getattr(fit, prediction)(rows, **settings_) for fit, rows in ((first, table), (second, moved)))
        np.testing.assert_allclose(two, one, **close)


@pytest.mark.parametrize("model", FAMILY)
def test_an_income_of_each_customer_is_fitted_in_silence(two_groups, model):
    rng = np.random.default_rng(3)
    table = two_groups[model]
    table = table.assign(income=rng.integers(20_000, 80_001, len(table)))
    fit = fit_covariates(model, table, purchase=["income"], dropout=["income"])
    assert fit.verdict == "converged"
    assert (fit.summary()["p_value"].dropna() > 0.01).all()
    skewed = table.assign(income=rng.lognormal(10, 1.5, len(table)).round())
    assert fit_covariates(model, skewed, purchase=["income"]).verdict == "converged"
    assert np.isfinite(fit.expected_purchases(table.head(200), 26)).all()


def test_a_covariate_that_is_the_same_for_everybody_is_refused(two_groups):
    table = two_groups[BGNBD].assign(year=2025, price=np.where(two_groups[BGNBD]["group"] == 1, 0.1 + 0.2, 0.3))
    with pytest.raises(DataError, match=r"same for every customer.*year \(2025\), price \(0.3\)"):
        fit_covariates(BGNBD, table, purchase=["year", "group", "price"])


def test_a_date_or_a_name_as_covariate_is_refused_with_its_own_repair(two_groups):
    table = two_groups[BGNBD]
    born = pd.Timestamp("1990-01-01") + pd.to_timedelta(table["group"], unit="D")
    for column, says in (
        (born, "born is a date; write it as a number, such as its year"),
        (born - pd.Timestamp("1989-01-01"), r"born is a duration; write it as a number, for days born\.dt"),
        (table["group"].map({0: "club", 1: "guest"}).astype("category"), r"0 and 1 with pd\.get_dummies"),
    ):
        with pytest.raises(DataError, match=says):
            fit_covariates(BGNBD, table.assign(born=column), purchase=["born"])


def test_covariates_that_say_the_same_are_named(ages):
    with pytest.warns(RetentionKitWarning, match=r"purchase: age = .*may say the same.*purchase: birth_year = "):
        fit = fit_covariates(BGNBD, ages, purchase=["age", "birth_year"])
    errors = fit.standard_errors
    assert errors[["purchase: age", "purchase: birth_year", "alpha"]].isna().all()
    assert errors[["r", "a", "b"]].notna().all()
    assert fit.log_likelihood == pytest.approx(-23824.207965865127, abs=1e-6)


def test_weights_count_as_so_many_customers(ages):
    table = ages.sample(600, random_state=1)
    table["n"] = np.random.default_rng(2).integers(1, 4, len(table))
    whole = fit_covariates(BGNBD, table.loc[table.index.repeat(table["n"])], purchase=["birth_year"])
    weighted = fit_covariates(BGNBD, table, purchase=["birth_year"], weights="n")
    pd.testing.assert_frame_equal(weighted.summary(), whole.summary(), rtol=1e-6)


def test_many_distinct_rows_are_fitted_like_few(ages):
    """Above 20,000 distinct rows the search begins on a part of them."""
    table = pd.concat([ages] * 6, ignore_index=True)
    table["T"] += np.random.default_rng(1).random(len(table)) * 1e-6
    fit = fit_covariates(BGNBD, table, purchase=["age"])
    assert len(fit.evidence.rows) > 20_000
    assert fit.purchase["age"] == pytest.approx(0.0297, abs=1e-4)


def test_predictions_use_each_customers_own_model():
    table = world("BGNBD", 0.6).sample(300, random_state=1)
    fit = fit_covariates(BGNBD, world("BGNBD", 0.6), purchase=["member"])
    for prediction, arguments in (
        ("expected_purchases", (26,)),
        ("probability_alive", ()),
        ("probability_alive", (10,)),
        ("probability_of_n_purchases", (2, 26)),
    ):
        few = (2, 26, table) if prediction == "probability_of_n_purchases" else (table, *arguments)
        whole = getattr(fit, prediction)(*few)
        for member in (0, 1):
            some = table[table["member"] == member]
            own = (2, 26, some) if prediction == "probability_of_n_purchases" else (some, *arguments)
            alone = getattr(fit.at(member=member), prediction)(*own)
            pd.testing.assert_series_equal(whole.loc[some.index], alone)


@pytest.mark.parametrize("model", FAMILY)
def test_a_model_with_covariates_enters_the_lifetime_value(two_groups, as_groups, spend, model):
    rng = np.random.default_rng(5)
    table = two_groups[model].sample(400, random_state=2)
    table["monetary_value"] = np.where(table["frequency"] > 0, rng.gamma(6, 5, len(table)), 0.0)
    fit = as_groups[model]
    terms = {"months": 12, "annual_discount_rate": 0.1}
    value = lifetime_value(fit, spend, table, **terms)
    for group, some in table.groupby("group"):
        alone = lifetime_value(fit.at(group=group), spend, some, **terms)
        pd.testing.assert_series_equal(value.loc[some.index], alone)
    total = lifetime_value(fit, spend, table, **terms, by="group", draws=40)
    np.testing.assert_allclose(total["expected"], value.groupby(table["group"]).sum(), rtol=1e-4)
    assert (total["predicted_low"] < total["expected"]).all()
    assert (total["expected"] < total["predicted_high"]).all()


def test_draws_of_the_effects_are_about_as_wide_as_their_standard_errors(as_groups, two_groups):
    fit = as_groups[BGNBD]
    draws = fit.sample(2000)
    assert list(draws.columns) == list(fit.params.index)
    np.testing.assert_allclose(draws.std(), fit.standard_errors, rtol=0.2)
    assert abs(draws["purchase: group"].mean() - fit.purchase["group"]) < 0.01
    table = two_groups[BGNBD]
    forecast = fit.forecast(table, 26, by=[], draws=60).iloc[0]
    assert forecast["expected"] == pytest.approx(fit.expected_purchases(table, 26).sum())
    assert forecast["expected_low"] < forecast["expected"] < forecast["expected_high"]


def test_draws_do_not_depend_on_the_coding(two_groups, as_groups):
    table = two_groups[BGNBD]
    moved = fit_covariates(BGNBD, table.assign(code=2023 + table["group"]), purchase=["code"])
    for name, other in (("purchase: group", "purchase: code"), ("r", "r"), ("b", "b")):
        one, two = as_groups[BGNBD].sample(200)[name], moved.sample(200)[other]
        np.testing.assert_allclose(two, one, rtol=1e-5)


@pytest.mark.parametrize("model", FAMILY)
def test_json_brings_the_model_back(as_groups, two_groups, model):
    fit = as_groups[model]
    back = CovariateModel.from_json(fit.to_json())
    assert back == fit
    pd.testing.assert_frame_equal(back.summary(), fit.summary())
    rows = two_groups[model].head(50)
    pd.testing.assert_series_equal(back.expected_purchases(rows, 10), fit.expected_purchases(rows, 10))
    with pytest.warns(RetentionKitWarning, match="normal approximation"):
        draws = back.sample(2000)
    np.testing.assert_allclose(draws.std(), fit.standard_errors, rtol=0.2)
    for text in ("[]", BGNBD(r=1, alpha=1, a=1, b=1).to_json(), "nothing"):
        with pytest.raises(ConfigError, match="needs what to_json wrote"):
            CovariateModel.from_json(text)


NAMES = ["self", "at", "values", "alpha", "_weight", "_n", "_spent", "_0", "unit_min", "key_0", "a b", "club"]


@pytest.mark.parametrize("engine", ["frame", "ibis"])
def test_a_column_may_be_called_anything(two_groups, as_groups, spend, engine):
    group = two_groups[BGNBD]["group"]
    customers = two_groups[BGNBD].assign(monetary_value=30.0, **dict.fromkeys(NAMES[1:], group))
    customers["self"], customers["customer"] = group, np.arange(len(group))
    customers = customers.drop(columns="group")
    table = customers if engine == "frame" else ibis.memtable(customers)
    usual = as_groups[BGNBD]
    expected = usual.expected_purchases(two_groups[BGNBD], 26)
    for name in NAMES:
        fit = fit_covariates(BGNBD, table, purchase=name)
        assert fit.purchase[name] == pytest.approx(usual.purchase["group"], rel=1e-9)
        assert fit.at(**{name: 1}).alpha == pytest.approx(usual.at(group=1).alpha, rel=1e-9)
        answer = fit.expected_purchases(table, 26)
        if engine == "ibis":
            answer = answer.order_by("customer").expected_purchases.to_pandas()
        np.testing.assert_allclose(answer, expected, rtol=1e-8)
    fit = fit_covariates(BGNBD, table, purchase=["_spent"])
    total = lifetime_value(fit, spend, table, months=12, annual_discount_rate=0.1, by="_spent", draws=10)
    each = lifetime_value(usual, spend, customers.assign(group=group), months=12, annual_discount_rate=0.1)
    np.testing.assert_allclose(total["expected"], each.groupby(group).sum(), rtol=1e-4)


def test_names_are_checked_before_the_fit(two_groups):
    table = two_groups[BGNBD].assign(club=1, monetary_value=3.0, orders=2, revenue=5.0, n=1.0)
    one = fit_covariates(BGNBD, table, purchase="group")
    assert one.purchase.keys() == {"group"}
    with pytest.raises(ConfigError, match=r"purchase needs names of columns, each once: 'group' is named 2 times"):
        fit_covariates(BGNBD, table, purchase=["group", "group"])
    with pytest.raises(ConfigError, match="3 is not the name of a column"):
        fit_covariates(BGNBD, table, dropout=[3])
    for outcome in ("frequency", "recency", "T", "monetary_value", "orders", "revenue"):
        for side in ("purchase", "dropout"):
            with pytest.raises(ConfigError, match=f"known from the start, but {outcome} is what the model explains"):
                fit_covariates(BGNBD, table, **{side: [outcome]})
    with pytest.raises(ConfigError, match="but n is what"):
        fit_covariates(BGNBD, table, purchase=["n"], weights="n")
    with pytest.raises(DataError, match="missing: age"):
        fit_covariates(BGNBD, table, purchase=["age"])


def test_unknown_covariates_and_models_without_them_are_refused(two_groups, as_groups):
    table, fit = two_groups[BGNBD], as_groups[BGNBD]
    with pytest.raises(ConfigError, match="at least one column"):
        fit_covariates(BGNBD, table)
    with pytest.raises(ConfigError, match="got BGBB"):
        fit_covariates(models.BGBB, table, purchase=["group"])
    with pytest.raises(ConfigError, match="got 'BGNBD' with 1 columns"):
        fit_covariates("BGNBD", table, purchase=["group"])
    with pytest.raises(ConfigError, match="None is not the name of a column"):
        fit_covariates(BGNBD, table, purchase=None)
    with pytest.raises(ConfigError, match="No covariate age"):
        fit.at(age=3)
    with pytest.raises(ConfigError, match="fitted by fit_covariates"):
        CovariateModel.fit(table)


def test_where_covariates_are_not_known_the_model_says_how_to_ask(as_groups):
    fit = as_groups[BGNBD]
    questions = (
        lambda: fit.expected_purchases_new(10),
        lambda: fit.probability_of_n_purchases(2, 10),
    )
    for question in questions:
        with pytest.raises(ConfigError, match=r"covariates \(group\).*model.at\(\*\*\{'group': …\}\)"):
            question()
    for table_of_histories in (
        lambda: models.frequency_recency_grid(fit, T=40, t=26),
        lambda: models.alive_history(fit, [1.0, 2.0], T=10),
    ):
        with pytest.raises(DataError, match="missing: group"):
            table_of_histories()
    with pytest.raises(ConfigError, match="no logarithm"):
        models.parameter_densities(fit)
    assert fit.at(group=1).expected_purchases_new(10) > fit.at(group=0).expected_purchases_new(10)


def test_many_covariates_do_not_run_rows_together():
    """The product of their numbers of values is far above 2^63."""
    rng, n = np.random.default_rng(8), 4000
    columns = {f"c{i}": rng.normal(size=n) for i in range(6)}
    base = simulate.bgnbd_customers(n, r=0.5, alpha=8, a=0.8, b=2.5, T=40, seed=1)
    rows = models.base.rows.read(base.assign(**columns), ("frequency", "recency", "T", *columns))
    assert len(rows) == n
    for name in columns:
        np.testing.assert_array_equal(rows[name][rows.inverse], columns[name])


def test_groups_add_up_to_the_total_in_forecasts_and_values_also_after_json(as_groups, two_groups, spend):
    """Without the rows the draws are normal, so intervals are near, not equal."""
    fit, some = as_groups[BGNBD], two_groups[BGNBD].iloc[::30].assign(unit="week")
    some = some.assign(monetary_value=np.where(some["frequency"] > 0, 30.0, np.nan))
    again = models.CovariateModel.from_json(fit.to_json())
    with pytest.warns(RetentionKitWarning, match="normal approximation"):
        later = again.forecast(some, 13, by=[], draws=40)
    with pytest.warns(RetentionKitWarning, match="normal approximation"):
        worth = models.lifetime_value(again, spend, some, months=6, annual_discount_rate=0.1, by=[], draws=40)
    by, total = (fit.forecast(some, 13, by=by, draws=40) for by in ("group", []))
    assert by["n"].tolist() == [50, 50]
    assert total["expected"].item() == pytest.approx(by["expected"].sum())
    assert total["expected"].item() == pytest.approx(fit.expected_purchases(some, 13).sum())
    assert later["expected"].item() == pytest.approx(total["expected"].item())
    assert later["predicted_high"].item() == pytest.approx(total["predicted_high"].item(), rel=0.15)
    value = models.lifetime_value(fit, spend, some, months=6, annual_discount_rate=0.1)
    assert worth["expected"].item() == pytest.approx(value.sum())
    assert worth["expected_low"].item() < worth["expected"].item() < worth["expected_high"].item()
