"""The likelihood with dynamic covariates: against double integrals, the plain and the static model, and differences."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from retention_kit import models, simulate, summarise
from retention_kit.models import CovariateModel, DynamicCovariateModel, ParetoNBD, covariate_history, fit_covariates

TRUTH = {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0}


@pytest.fixture(scope="module")
def shop():
    """Covariates of each customer and week, and orders: campaigns come and go, prices walk."""
    rng = np.random.default_rng(3)
    weeks = pd.date_range("2024-01-01", periods=70, freq="7D")
    ids = [f"C{i:05d}" for i in range(1, 61)]
    table = pd.MultiIndex.from_product([ids, weeks], names=["customer_id", "period"]).to_frame(index=False)
    table["campaign"] = (rng.random(len(table)) < 0.2).astype(float)
    table["price"] = 100 + rng.normal(size=(60, 70)).cumsum(axis=1).ravel()
    orders = simulate.dynamic_covariate_orders(
        60,
        table,
        **TRUTH | {"alpha": 2.0},
        purchase={"campaign": 0.8},
        dropout={"campaign": -0.4},
        T=rng.uniform(5, 50, 60),
        as_of="2025-01-02",
        seed=2,
    )
    return table, orders, covariate_history(orders, table, as_of="2025-01-02")


def model_of(purchase, dropout, **parameters):
    return DynamicCovariateModel(CovariateModel(ParetoNBD(**parameters), purchase, dropout))


def log_likelihood_by_brute_force(model, table, orders, customer, as_of):
    """Both rates integrated numerically on a logarithmic grid; the time of dropout period by period in closed form,
    given the rates. Days are looked at one by one."""
    days = pd.to_datetime(orders[orders.customer_id == customer].ordered_at.dt.date).drop_duplicates().sort_values()
    own = table[table.customer_id == customer].set_index("period").sort_index()
    each = pd.date_range(days.iloc[0], as_of)
    z = own.reindex(each, method="ffill")
    effects = (model.purchase, model.dropout)
    daily = [np.exp(sum((e * z[k] for k, e in some.items()), 0 * z["campaign"])).to_numpy() for some in effects]
    bought = np.isin(each, days[1:])
    x, last = int(bought.sum()), 2 * int(np.flatnonzero(np.isin(each, days)).max())
    log_at_purchases = np.log(daily[0][bought]).sum()
    a, c = (np.repeat(rate, 2)[1:-1] / 14 for rate in daily)  # by half days, from the middle of the first day
    r, alpha, s, beta = model.at().theta
    buying, leaving = np.linspace(-50, 6, 561), np.linspace(-50, 6, 281)  # 73 purchases make a narrow peak
    u, v = np.exp(buying)[:, None], np.exp(leaving)[None, :]
    A, C = np.append(0, np.cumsum(a)), np.append(0, np.cumsum(c))
    given, here = 0.0, np.exp(-u * A[last] - v * C[last])
    for d in range(last, len(a)):
        leave, later = v * c[d] / (u * a[d] + v * c[d]), np.exp(-u * A[d + 1] - v * C[d + 1])
        given, here = given + leave * (here - later), later
    given = given + here
    of_buying, of_leaving = (
        np.exp(shape * np.log(scale) - special.gammaln(shape) + (shape + n) * grid - scale * np.exp(grid))
        * (grid[1] - grid[0])
        for grid, shape, scale, n in ((buying, r, alpha, x), (leaving, s, beta, 0))
    )
    weight = of_buying[:, None] * of_leaving[None, :]
    return log_at_purchases + np.log((given * weight).sum())


@pytest.mark.parametrize(
    "parameters",
    [TRUTH, {"r": 1.6, "alpha": 0.9, "s": 1.0, "beta": 0.7}, {"r": 3.0, "alpha": 40.0, "s": 2.5, "beta": 9.0}],
)
def test_the_likelihood_is_the_double_integral_over_both_rates(shop, parameters):
    table, orders, history = shop
    table = table.assign(price=table["price"] / 100 - 1)
    model = model_of({"campaign": 0.8, "price": -2.0}, {"campaign": -0.5, "price": 1.5}, **parameters)
    history = covariate_history(orders, table, as_of="2025-01-02")
    value, _ = model.process.log_likelihood(model.theta, history.rows, slopes=False)
    by_customer = history.to_customers(value, "log_likelihood")
    often = orders.groupby("customer_id").size().sort_values()
    for customer in (often.index[0], often.index[30], often.index[-1]):
        expected = log_likelihood_by_brute_force(model, table, orders, customer, "2025-01-02")
        assert by_customer[customer] == pytest.approx(expected, abs=1e-8)


def test_without_effects_it_is_the_pareto_nbd(shop):
    _, orders, history = shop
    for parameters in (TRUTH, {"r": 0.05, "alpha": 0.01, "s": 30.0, "beta": 900.0}):
        model, plain = model_of({"campaign": 0.0}, {"price": 0.0}, **parameters), ParetoNBD(**parameters)
        rows = plain.process.read(summarise.customers(orders, as_of="2025-01-02").sort_values("customer_id"))
        value, _ = model.process.log_likelihood(model.theta, history.rows, slopes=False)
        expected, _ = plain.process.log_likelihood(plain.theta, rows, slopes=False)
        np.testing.assert_allclose(history.to_customers(value, ""), expected[rows.inverse], rtol=0, atol=1e-8)


def test_covariates_that_stay_give_the_fit_of_the_static_model(shop):
    table, orders, _ = shop
    stay = table.assign(
        club=table["customer_id"].str[-1].astype(int) % 2, age=table["customer_id"].str[-2:].astype(int)
    )
    history = covariate_history(orders, stay[["customer_id", "period", "club", "age"]], as_of="2025-01-02")
    dynamic = models.fit_dynamic_covariates(history, purchase=["club", "age"], dropout="age")
    first = stay.groupby("customer_id")[["club", "age"]].first()
    customers = summarise.customers(orders, as_of="2025-01-02").merge(first, on="customer_id")
    static = fit_covariates(ParetoNBD, customers, purchase=["club", "age"], dropout="age")
    assert dynamic.log_likelihood == pytest.approx(static.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(dynamic.params, static.params, rtol=1e-5)
    np.testing.assert_allclose(dynamic.standard_errors, static.standard_errors, rtol=1e-4)
    assert dynamic.likelihood_ratio()["p_value"] == pytest.approx(static.likelihood_ratio()["p_value"], rel=1e-6)


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_the_gradient_is_the_slope_of_the_value(shop, scale):
    history = shop[2]
    model = DynamicCovariateModel(
        CovariateModel(
            ParetoNBD(r=0.8, alpha=6 * scale, s=0.7, beta=12 * scale),
            {"campaign": 0.8, "price": -0.02},
            {"campaign": -0.5},
            centre={"price": 100.0, "campaign": 0.2},
            spread={"price": 4.0, "campaign": 0.4},
        )
    )
    process, theta = model.process, model.theta
    _, gradient = process.log_likelihood(theta, history.rows)
    for i, line in enumerate(gradient):
        step = np.zeros(len(theta))
        step[i] = 1e-5 * theta[i]
        ends = [process.log_likelihood(theta + k * step, history.rows, slopes=False)[0] for k in (-2, -1, 1, 2)]
        slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step[i])
        np.testing.assert_allclose(line, slope, rtol=1e-6, atol=1e-6 * np.abs(gradient[i]).max())


def test_covariates_of_the_whole_shop_are_those_of_each_customer(shop):
    table, orders, _ = shop
    own = table[table["customer_id"] == "C00001"].drop(columns="customer_id")
    copies = table[["customer_id", "period"]].merge(own, on="period")
    model = model_of({"campaign": 0.8}, {"price": 0.01}, **TRUTH)
    orders = pd.concat([orders, orders.assign(customer_id="twin of " + orders["customer_id"])])
    copies = pd.concat([copies, copies.assign(customer_id="twin of " + copies["customer_id"])])
    shared, single = (covariate_history(orders, t, as_of="2025-01-02") for t in (own, copies))
    assert len(shared.rows) == len(single.rows) < len(shared.customers)
    values = [h.to_customers(model.process.log_likelihood(model.theta, h.rows, False)[0], "") for h in (shared, single)]
    np.testing.assert_allclose(*values, rtol=1e-12)


def test_customers_who_share_a_path_are_as_exact_as_each_alone():
    """A hundred customers with the same first day and different last ones; the most frequent fall by e^-700."""
    days = pd.date_range("2024-01-01", "2025-12-31")
    week = pd.DataFrame({"period": pd.date_range("2024-01-01", periods=105, freq="7D")})
    week["sale"] = np.sin(np.arange(105))
    rng = np.random.default_rng(0)
    parts = []
    for i, n in enumerate([2, 2, 2, 5, 5, 5, 5, 300, 300, 300]):
        last = int(rng.integers(n + 1, 700))
        chosen = np.sort(np.append(0, np.append(rng.choice(np.arange(1, last), n - 1, replace=False), last)))
        parts.append(pd.DataFrame({"customer_id": f"c{i}", "ordered_at": days[chosen], "amount": 1.0}))
    history = covariate_history(pd.concat(parts), week, as_of="2025-12-31")
    assert history.rows.chunks[0].shared
    model = model_of({"sale": 0.5}, {"sale": -0.3}, r=0.8, alpha=0.5, s=0.7, beta=12.0)
    value, gradient = model.process.log_likelihood(model.theta, history.rows)
    for i in range(len(history.rows)):
        alone = model.process.log_likelihood(model.theta, history.rows.take(slice(i, i + 1)))
        np.testing.assert_allclose(value[i], alone[0][0], rtol=1e-10)
        np.testing.assert_allclose(gradient[:, i], alone[1][:, 0], rtol=1e-7, atol=1e-9)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("size", [1e-6, 1e-3, 1e3, 1e6])
def test_extreme_parameters_give_finite_values(shop, size):
    for parameters in ({"r": 1.0, "alpha": size}, {"r": size, "alpha": 1.0}, {"r": size, "alpha": size}):
        for side in ({"s": 1.0, "beta": size}, {"s": size, "beta": 1.0}, {"s": size, "beta": size}):
            model = model_of({"campaign": 3.0}, {"campaign": -3.0}, **parameters, **side)
            value, gradient = model.process.log_likelihood(model.theta, shop[2].rows)
            assert np.isfinite(value).all()
            assert np.isfinite(gradient).all()
