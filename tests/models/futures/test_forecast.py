"""Forecasts with intervals: per customer, group and total, from frames and engines."""

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, engine_customers, fitted, frame

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.rows import read
from retention_kit.models.futures.drawn_futures import Purchases, for_rows_and_total


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD", "BGCNBD", "MBGCNBD"])
def test_futures_drawn_at_random_average_to_the_expectation(name):
    model, rows = fitted(name), read(frame([0, 2, 9], [0, 20.0, 38.0], [38.0, 38.0, 39.0]))
    many = rows.take(np.repeat(np.arange(3), 20_000))
    drawn = Purchases(model.process, 39.0).future(model.theta, many, np.random.default_rng(1)).reshape(3, -1)
    error = drawn.std(axis=1) / np.sqrt(20_000)
    assert (abs(drawn.mean(axis=1) - model.process.expected(model.theta, rows, 39.0)) < 4 * error).all()
    none = model.process.probability_of_n(model.theta, rows, 0, 39.0)
    np.testing.assert_allclose((drawn == 0).mean(axis=1), none, atol=0.015)


def test_bgbb_futures_average_to_the_expectation():
    model, rows = models.BGBB(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8), read(frame([0, 4], [0, 6], [6, 6]))
    many = rows.take(np.repeat(np.arange(2), 20_000))
    drawn = Purchases(model.process, 5).future(model.theta, many, np.random.default_rng(1)).reshape(2, -1)
    np.testing.assert_allclose(drawn.mean(axis=1), model.process.expected(model.theta, rows, 5), atol=0.04)
    owner, when = model.process.future(model.theta, many, 5, np.random.default_rng(2))
    assert set(when) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert not pd.Series(list(zip(owner, when, strict=True))).duplicated().any()


def test_a_forecast_has_the_plain_prediction_inside_its_interval():
    table = customers()
    found = fitted("BGNBD").forecast(table, 39, draws=100)
    np.testing.assert_allclose(found["expected"], fitted("BGNBD").expected_purchases(table, 39))
    assert found.index.equals(table.index)
    assert (found["expected_low"] <= found["expected"]).mean() > 0.99
    assert (found["expected_high"] >= found["expected"]).mean() > 0.99
    assert ((found["predicted_high"] - found["predicted_low"]) >= 0).all()


def test_totals_add_up_and_are_relatively_surer_than_customers():
    table = customers().assign(band=lambda c: c["frequency"].clip(upper=2))
    model = fitted("BGNBD")
    whole, parts = (model.forecast(table, 39, by=by, draws=100).round(9) for by in ([], "band"))
    assert parts["expected"].sum() == pytest.approx(whole["expected"].item())
    assert parts["n"].tolist() == table["band"].value_counts().sort_index().tolist()
    width = (whole["predicted_high"] - whole["predicted_low"]) / whole["expected"]
    assert width.item() < 0.4
    assert (whole["predicted_low"] < whole["expected_low"]).item()


def test_the_noise_of_a_total_is_that_of_its_customers():
    """Twins are drawn one by one up to 30 and scaled beyond; the spread must not depend on it."""
    model = models.BGNBD(r=0.6, alpha=5.0, a=0.8, b=2.5)
    table = frame(np.zeros(400), np.zeros(400), np.full(400, 30.0))
    from retention_kit.models.futures.forecast import forecast

    question, drawn = Purchases(model.process, 26), np.tile(model.theta, (400, 1))
    twins = forecast(question, model.theta, drawn, table, title="BGNBD", by=[], seed=3).iloc[0]
    apart = table.assign(T=30 + np.arange(400) * 1e-9)
    alone = forecast(question, model.theta, drawn, apart, title="BGNBD", by=[], seed=4).iloc[0]
    assert twins["predicted_high"] - twins["predicted_low"] == pytest.approx(
        alone["predicted_high"] - alone["predicted_low"], rel=0.15
    )


def test_rows_and_total_from_the_same_futures_are_the_two_forecasts():
    model, rows = fitted("BGNBD"), read(customers())
    question, drawn = Purchases(model.process, 39), model.draws(200, 0)
    each, whole = for_rows_and_total(question, model.theta, drawn, rows, title="BGNBD", level=0.9, seed=0)
    apart = model.forecast(pd.DataFrame(rows.values), 39, draws=200)
    for name in ("expected", "expected_low", "expected_high"):
        np.testing.assert_allclose(each[name], apart[name])
    total = model.forecast(customers(), 39, by=[], draws=200).iloc[0]
    for name in ("expected", "expected_low", "expected_high"):
        assert whole[name] == pytest.approx(total[name])
    width, other = (t["predicted_high"] - t["predicted_low"] for t in (whole, total))
    assert width == pytest.approx(other, rel=0.25)


def test_an_engine_table_and_a_frame_give_the_same_forecast():
    here = fitted("BGNBD").forecast(customers().set_index("customer_id"), 39, draws=60, seed=5)
    there = fitted("BGNBD").forecast(engine_customers(), 39, draws=60, seed=5).to_pandas().set_index("customer_id")
    pd.testing.assert_frame_equal(there.loc[here.index, here.columns], here, check_names=False)
    by_here = fitted("BGNBD").forecast(customers(), 39, by="orders", draws=60, seed=5)
    by_there = fitted("BGNBD").forecast(engine_customers(), 39, by="orders", draws=60, seed=5)
    pd.testing.assert_frame_equal(by_here, by_there, check_dtype=False)


def test_lifetime_value_with_intervals_draws_both_models():
    table, settings = customers(), {"months": 12, "annual_discount_rate": 0.1, "margin": 0.3}
    pair = fitted("BGNBD"), fitted("GammaGamma")
    plain = models.lifetime_value(*pair, table, **settings)
    found = models.lifetime_value(*pair, table, **settings, level=0.9, draws=80)
    np.testing.assert_allclose(found["expected"], plain)
    whole = models.lifetime_value(*pair, table, **settings, by=[], draws=80).iloc[0]
    assert whole["expected"] == pytest.approx(plain.sum())
    assert whole["expected_low"] < plain.sum() < whole["expected_high"]
    assert whole["predicted_high"] - whole["predicted_low"] > whole["expected_high"] - whole["expected_low"]
    there = models.lifetime_value(*pair, engine_customers(), **settings, level=0.9, draws=80).to_pandas()
    assert there["expected"].sum() == pytest.approx(plain.sum())
    assert "_spent" not in there.columns


def test_values_drawn_at_random_average_to_the_expected_value():
    from retention_kit.models.spend.customer_value import Value

    purchases, spend = fitted("ParetoNBD"), fitted("GammaGamma")
    question, theta = Value(purchases.process, spend.process, 52.0, 0.01, 0.5), [*purchases.theta, *spend.theta]
    rows = read(frame([3], [30.0], [38.0]).assign(_spent=40.0), ("frequency", "recency", "T", "_spent"), ())
    drawn = question.future(theta, rows.take(np.zeros(40_000, dtype=int)), np.random.default_rng(2))
    assert drawn.mean() == pytest.approx(question.expected(theta, rows)[0], abs=4 * drawn.std() / 200)


def test_any_prediction_gets_an_interval():
    one = frame([2], [30.0], [38.0])
    found = models.interval(fitted("MBGNBD"), "probability_alive", one, after=10, draws=100)
    assert found["low"].item() < found["probability_alive"].item() < found["high"].item()
    new = models.interval(fitted("BGNBD"), "expected_purchases_new", [10, 20], draws=100)
    assert (new["low"] < new["high"]).all()
    with pytest.raises(ConfigError, match="no prediction"):
        models.interval(fitted("BGNBD"), "clv", one)


def test_a_group_that_is_not_there_and_a_level_that_is_none_are_refused():
    with pytest.raises(DataError, match="Cannot group by country"):
        fitted("BGNBD").forecast(customers(), 10, by="country", draws=10)
    with pytest.raises(ConfigError, match="level"):
        fitted("BGNBD").forecast(customers(), 10, level=90, draws=10)


def test_recovered_parameters_lie_within_four_standard_errors():
    worlds = {
        "BGNBD": (simulate.bgnbd_customers, {"r": 0.5, "alpha": 8.0, "a": 0.6, "b": 2.5}),
        "MBGNBD": (simulate.mbgnbd_customers, {"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 2.0}),
        "ParetoNBD": (simulate.pareto_nbd_customers, {"r": 0.6, "alpha": 8.0, "s": 0.7, "beta": 10.0}),
    }
    for name, (world, truth) in worlds.items():
        model = getattr(models, name).fit(world(8000, **truth, T=50.0, seed=11))
        assert (abs(model.params - pd.Series(truth)) < 4 * model.standard_errors).all(), name
