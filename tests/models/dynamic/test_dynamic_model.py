"""Predictions with dynamic covariates, and the model as a whole: recovery, forecasts, JSON, refusals."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import models, simulate, summarise
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.models import CovariateModel, DynamicCovariateModel, ParetoNBD, covariate_history

TRUTH = {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0}
AS_OF, WEEKS = "2025-06-29", pd.date_range("2024-01-01", periods=104, freq="7D")


def model_of(purchase, dropout, central=None):
    return DynamicCovariateModel(CovariateModel(central or ParetoNBD(**TRUTH), purchase, dropout))


@pytest.fixture(scope="module")
def shop():
    """Two groups of customers with campaigns of their own, a season for all, and orders on through a holdout."""
    rng = np.random.default_rng(5)
    n = 1200
    ids = [f"C{i:05d}" for i in range(1, n + 1)]
    campaigns = (rng.random((2, 104)) < 0.25).astype(float)
    table = pd.DataFrame({"customer_id": np.repeat(ids, 104), "period": np.tile(WEEKS, n)})
    table["campaign"] = campaigns[np.arange(n) % 2].ravel()
    season = pd.DataFrame({"period": WEEKS, "season": np.sin(2 * np.pi * np.arange(104) / 52)})
    both = table.merge(season, on="period")
    orders = simulate.dynamic_covariate_orders(
        n,
        both,
        **TRUTH,
        purchase={"campaign": 0.7, "season": 0.4},
        dropout={"season": -0.6},
        T=26 + rng.choice(np.arange(26, 70, 6), n),
        as_of="2025-12-28",
        seed=4,
    )
    return table, season, orders


@pytest.fixture(scope="module")
def history(shop):
    table, season, orders = shop
    return covariate_history(orders, [table, season], as_of=AS_OF)


@pytest.fixture(scope="module")
def fit(history):
    return models.fit_dynamic_covariates(history, purchase=["campaign", "season"], dropout="season")


def test_effects_and_parameters_are_recovered(fit):
    truth = {**TRUTH, "purchase: campaign": 0.7, "purchase: season": 0.4, "dropout: season": -0.6}
    assert list(fit.params.index) == list(truth)
    assert ((fit.params - pd.Series(truth)).abs() < 3.5 * fit.standard_errors).all()
    assert fit.verdict == "converged"
    assert fit.likelihood_ratio()["degrees"] == 3
    assert fit.likelihood_ratio()["p_value"] < 1e-9


def test_customers_who_share_campaigns_and_their_first_day_are_evaluated_together(history):
    assert len(np.unique(history.rows.paths.group)) == 2
    assert len(history.rows) < len(history.customers) == 1200


def test_the_likelihood_ratio_compares_with_the_plain_model(fit, shop):
    plain = ParetoNBD.fit(summarise.customers(shop[2], as_of=AS_OF))
    assert fit.constant.log_likelihood_without == pytest.approx(plain.log_likelihood, abs=1e-7)


def test_without_effects_predictions_are_those_of_the_pareto_nbd(history, shop):
    model, plain = model_of({"campaign": 0.0}, {"season": 0.0}), ParetoNBD(**TRUTH)
    customers = summarise.customers(shop[2], as_of=AS_OF).set_index("customer_id").loc[history.customers]
    for ours, theirs in (
        (model.probability_alive(history), plain.probability_alive(customers)),
        (model.probability_alive(history, 9.5), plain.probability_alive(customers, 9.5)),
        (model.expected_purchases(history, 9.5), plain.expected_purchases(customers, 9.5)),
        (model.expected_purchases(history, 0), plain.expected_purchases(customers, 0)),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("s", [0.7, 1.0])
def test_covariates_that_stay_give_the_predictions_of_the_static_model(shop, s):
    table, _, orders = shop
    stay = table.assign(campaign=(np.arange(len(table)) // 104) % 3)
    history = covariate_history(orders, stay, as_of=AS_OF)
    central = ParetoNBD(**TRUTH | {"s": s})
    model = model_of({"campaign": 0.5}, {"campaign": -0.4}, central)
    first = stay.groupby("customer_id")["campaign"].first()
    customers = summarise.customers(orders, as_of=AS_OF).set_index("customer_id").loc[history.customers]
    customers = customers.join(first)
    np.testing.assert_allclose(
        model.probability_alive(history, 3), model.constant.probability_alive(customers, 3), rtol=1e-9
    )
    np.testing.assert_allclose(
        model.expected_purchases(history, 20), model.constant.expected_purchases(customers, 20), rtol=1e-9
    )


def test_expected_purchases_add_up_what_is_expected_day_by_day(history):
    """P(active) (r + x) / (α + A) ∫ a(u) ((β + C) / (β + C(u)))^s du, by a sum over 2,000 steps a week."""
    model = model_of({"campaign": 0.7, "season": 0.4}, {"season": -0.6})
    season, group = history.rows.paths.values[1, 0], history.rows.paths.group[history.rows.path]
    past = model.process.histories(model.theta, history.rows, slopes=False)
    alive, A, C = past.alive, 6 * past.P, 12 * past.Q
    lengths = {77: 0.5 / 7, **dict.fromkeys(range(78, 85), 1.0), 85: 0.5 - 0.5 / 7}  # from the middle of a Sunday on
    expected, leaving = np.zeros(len(alive)), C.copy()
    for k, length in lengths.items():
        a = np.exp(0.7 * history.rows.paths.values[0, group, k] + 0.4 * season[k])
        c = np.exp(-0.6 * season[k])
        u = (np.arange(2000) + 0.5) / 2000
        expected += a * length * ((C[:, None] / (leaving[:, None] + c * length * u)) ** 0.7).mean(axis=1)
        leaving += c * length
    expected *= alive * (0.8 + history.rows["frequency"]) / A
    np.testing.assert_allclose(model.process.expected(model.theta, history.rows, 7.5), expected, rtol=1e-6)


def test_futures_drawn_at_random_have_the_expected_number_of_purchases_when_they_are_due(history):
    model = model_of({"campaign": 1.2, "season": 0.4}, {"season": -0.6})
    rows, rng = history.rows, np.random.default_rng(1)
    drawn = [model.process.future(model.theta, rows, 12.0, rng) for _ in range(40)]
    for t in (3.0, 7.5, 12.0):
        counts = np.array([(when <= t).sum() for _, when in drawn])
        expected = model.process.expected(model.theta, rows, t).sum()
        assert abs(counts.mean() - expected) < 4 * counts.std() / np.sqrt(len(counts))


def test_the_forecast_of_the_total_holds_what_happened_and_the_rows_add_up(fit, history, shop):
    days = pd.to_datetime(shop[2]["ordered_at"])
    later = shop[2][(days > "2025-06-30") & (days < "2025-09-22")]
    actual = later.assign(day=later["ordered_at"].dt.date)[["customer_id", "day"]]
    actual = len(actual[actual["customer_id"].isin(history.customers)].drop_duplicates())
    total = fit.forecast(history, 12, by=[], draws=30).iloc[0]
    each = fit.forecast(history, 12, draws=30)
    assert total["predicted_low"] < actual < total["predicted_high"]
    assert total["expected"] == pytest.approx(each["expected"].sum())
    assert total["n"] == len(each) == 1200
    assert (each["predicted_high"] >= each["predicted_low"]).all()
    pd.testing.assert_series_equal(each["expected"], fit.expected_purchases(history, 12), check_names=False)


def test_draws_of_the_posterior_are_near_the_estimate(fit):
    drawn = fit.sample(200)
    assert list(drawn.columns) == list(fit.params.index)
    assert ((drawn.mean() - fit.params).abs() < 1.5 * fit.standard_errors).all()
    assert ((drawn.std() / fit.standard_errors).between(0.6, 1.6)).all()


def test_draws_from_very_many_rows_are_normal_and_alike(fit, history, monkeypatch):
    exact = fit.sample(400)
    monkeypatch.setattr("retention_kit.models.dynamic.dynamic_model._MANY", 10)
    normal = fit.sample(400)
    assert normal.attrs["prior"] == "normal approximation"
    assert ((exact.mean() - normal.mean()).abs() < 0.5 * fit.standard_errors).all()
    assert ((exact.std() / normal.std()).between(0.75, 1.33)).all()
    inside = models.interval(fit, "probability_alive", history, draws=20)
    assert (inside["low"] <= inside["high"]).all()
    assert inside["probability_alive"].between(inside["low"] - 0.05, inside["high"] + 0.05).all()


def test_json_gives_the_model_back(fit, history):
    again = DynamicCovariateModel.from_json(fit.to_json())
    pd.testing.assert_series_equal(again.params, fit.params)
    pd.testing.assert_series_equal(again.standard_errors, fit.standard_errors)
    pd.testing.assert_series_equal(again.probability_alive(history), fit.probability_alive(history))
    assert again.summary().attrs["model"] == "ParetoNBD with dynamic covariates"
    with pytest.raises(ConfigError, match=r"needs what to_json wrote; got .*CovariateModel"):
        DynamicCovariateModel.from_json(fit.constant.to_json())


def test_another_scale_of_a_covariate_changes_its_effect_and_nothing_else(fit, shop):
    table, season, orders = shop
    scaled = season.assign(season=2e4 + 1000 * season["season"])
    history = covariate_history(orders, [table, scaled], as_of=AS_OF)
    other = models.fit_dynamic_covariates(history, purchase=["campaign", "season"], dropout="season")
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    assert 1000 * other.purchase["season"] == pytest.approx(fit.purchase["season"], rel=1e-5)
    assert other.summary().loc["dropout: season", "p_value"] == pytest.approx(
        fit.summary().loc["dropout: season", "p_value"], rel=1e-3
    )


def test_a_covariate_that_stops_all_purchases_gets_a_verdict_instead_of_an_invented_error(shop):
    _, season, orders = shop
    closed = season.assign(closed=(np.arange(104) % 13 == 5).astype(float))
    week = (orders["ordered_at"].dt.normalize() - WEEKS[0]).dt.days // 7
    history = covariate_history(orders[week % 13 != 5], closed[["period", "closed"]], as_of=AS_OF)
    with pytest.warns(UserWarning, match="purchase: closed"):
        fit = models.fit_dynamic_covariates(history, purchase="closed")
    assert "not settled by the data" in fit.verdict
    assert np.isnan(fit.standard_errors["purchase: closed"])
    assert fit.purchase["closed"] < -3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t[t["period"] != WEEKS[30]], r"7 days long, but not from 2024-07-22 to 2024-08-05: add the missing"),
        (lambda t: t.drop(t.index[104 * 7 + 90 - 20]), r"missing for 1 customer in 1 period together"),
        (lambda t: t.assign(campaign=t["campaign"].where(t.index != 104 * 7 + 70)), r"missing for 1 customer in 1 per"),
        (lambda t: t[t["customer_id"] != "C00003"], r"in \d+ periods together \(first: customer C00003"),
        (lambda t: pd.concat([t, t.iloc[[70]]]), r"more than one row for a customer and period, 1 row too many"),
        (lambda t: t[t["period"] < "2025-05-01"], r"there from .* to 2025-06-29; add the missing periods"),
        (lambda t: t.assign(campaign="yes"), r"covariate campaign holds no numbers; .*get_dummies"),
        (lambda t: t.drop(columns="campaign"), r"no column beside customer_id and period"),
        (lambda t: t.rename(columns={"period": "week"}), r"the column period, .* is missing; found customer_id, week"),
        (lambda t: t.assign(customer_id="x" + t["customer_id"]), r"No customer_id of the covariates .* is among those"),
        (lambda t: t.assign(campaign=t["campaign"].replace(1.0, np.inf)), r"campaign is endless"),
        (lambda t: t.assign(period="soon"), r"period must be the first day of each period, such as .*'soon'"),
        (lambda t: [t, t], r"campaign stands in several columns or tables"),
        (lambda t: t.iloc[:0], r"has no rows"),
        (lambda _: {"period": []}, r"covariates must be a DataFrame or an Ibis table"),
    ],
)  # fmt: skip
def test_covariates_that_cannot_be_used_are_refused_with_the_way_out(shop, change, message):
    table, _, orders = shop
    with pytest.raises(DataError, match=message):
        covariate_history(orders, change(table.copy()), as_of=AS_OF)


def test_covariates_without_an_effect_that_could_be_found_are_refused(shop):
    _, season, orders = shop
    season = season.assign(same=7.0, double=3 + 2 * season["season"])
    history = covariate_history(orders, season, as_of=AS_OF)
    with pytest.raises(DataError, match=r"The same for all customers all the time, .*: same \(7\)"):
        models.fit_dynamic_covariates(history, purchase=["season", "same"])
    with pytest.raises(DataError, match="Each of season, double follows from the others"):
        models.fit_dynamic_covariates(history, purchase="season", dropout="double")
    with pytest.raises(ConfigError, match="No covariate sale; the history has season, same, double"):
        models.fit_dynamic_covariates(history, purchase="sale")
    with pytest.raises(ConfigError, match="at least one covariate"):
        models.fit_dynamic_covariates(history)
    with pytest.raises(ConfigError, match="history must be a CovariateHistory"):
        models.fit_dynamic_covariates(orders, purchase="season")


def test_a_future_without_covariates_is_refused(fit, history, shop):
    table, season, orders = shop
    with pytest.raises(
        DataError, match=r"until 2025-12-28, but t = 27 weeks after 2025-06-29 needs them until 2026-01"
    ):
        fit.expected_purchases(history, 27)
    short = table[(table["period"] < "2025-08-01") | (table["customer_id"] > "C00010")]
    history = covariate_history(orders, [short, season], as_of=AS_OF)
    with pytest.raises(DataError, match="after 2025-06-29 are missing for 10 customers before 2025-09-07"):
        fit.probability_alive(history, 10)
    assert fit.probability_alive(history, 4).between(0, 1).all()
    daily = covariate_history(orders, [table, season], as_of=AS_OF, unit="day")
    with pytest.raises(DataError, match="counts time in weeks, the history in days"):
        fit.expected_purchases(daily, 4)
    alone = covariate_history(orders, season, as_of=AS_OF)
    with pytest.raises(DataError, match="has no covariate campaign; it has season"):
        fit.expected_purchases(alone, 4)


def test_what_needs_a_customer_table_says_that_it_needs_a_history(fit, shop):
    customers = summarise.customers(shop[2], as_of=AS_OF)
    with pytest.raises(ConfigError, match="history must be a CovariateHistory"):
        fit.expected_purchases(customers, 4)
    with pytest.raises(ConfigError, match=r"fitted by fit_dynamic_covariates"):
        DynamicCovariateModel.fit(customers)
    with pytest.raises(ConfigError, match=r"by is \[\] for the total"):
        fit.forecast(customers, 4, by="country")
    with pytest.raises(ConfigError, match="need a CovariateModel of ParetoNBD"):
        DynamicCovariateModel(ParetoNBD(**TRUTH))


def test_nobody_or_no_time_is_refused(shop):
    _, season, orders = shop
    with pytest.raises(DataError, match="Nobody has bought"):
        covariate_history(orders, season, as_of="2020-01-01")
    late = orders[orders["ordered_at"].dt.date == orders["ordered_at"].dt.date.max()].drop_duplicates("customer_id")
    with pytest.raises(FitError, match="No time has passed"):
        covariate_history(late, season, as_of=late["ordered_at"].max().date())


def test_periods_may_be_calendar_months_and_the_unit_of_time_changes_no_effect(shop):
    _, _, orders = shop
    months = pd.DataFrame({"period": pd.period_range("2024-01", "2026-01", freq="M")})
    months["sale"] = (np.arange(25) % 4 == 0).astype(float)
    days, weeks = (covariate_history(orders, months, as_of=AS_OF, unit=unit) for unit in ("day", "week"))
    assert days.until == weeks.until == "2026-01-31"
    by_day, by_week = (models.fit_dynamic_covariates(h, purchase="sale", dropout="sale") for h in (days, weeks))
    assert by_day.purchase["sale"] == pytest.approx(by_week.purchase["sale"], abs=1e-5)
    assert by_day.dropout["sale"] == pytest.approx(by_week.dropout["sale"], abs=1e-4)
    assert by_day.params["alpha"] == pytest.approx(7 * by_week.params["alpha"], rel=1e-5)
    np.testing.assert_allclose(by_day.expected_purchases(days, 70), by_week.expected_purchases(weeks, 10), rtol=1e-5)
