"""Forecasts of very many customers from a sample of them, against those of all."""

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted

from retention_kit import load, models
from retention_kit.models.base.rows import read
from retention_kit.models.checks import holdout_forecasts
from retention_kit.models.futures import forecast
from retention_kit.models.futures.drawn_futures import Purchases
from retention_kit.models.futures.sampled_futures import sample_customers
from retention_kit.models.futures.slopes_of_expectations import ends_by_slopes

MONEY = {"months": 12, "annual_discount_rate": 0.1}
ENDS = ["expected_low", "expected_high", "predicted_low", "predicted_high"]


def test_customers_of_a_sample_stand_for_all_customers_of_their_group():
    rng = np.random.default_rng(1)
    group, row = rng.integers(0, 3, 9_000), rng.permutation(9_000)
    n, expected = rng.integers(1, 6, 9_000).astype(float), rng.gamma(0.5, 2.0, 9_000)
    sample = sample_customers(group, row, n, expected)
    people = np.bincount(group, n)
    np.testing.assert_allclose(np.bincount(sample.group, sample.stands_for), people, rtol=0.02)
    total = np.bincount(group, n * expected[row])
    np.testing.assert_allclose(np.bincount(sample.group, sample.stands_for * expected[sample.row]), total, rtol=0.01)
    assert (np.sort(group[np.argsort(row)][sample.row]) == np.sort(sample.group)).all()


def test_a_small_group_is_taken_whole_whatever_is_expected_of_it():
    n, expected = np.array([2.0, 1.0, 1.0, 90_000.0]), np.array([0.0, 5.0, 0.1, 1.0])
    sample = sample_customers(np.array([0, 0, 0, 1]), np.arange(4), n, expected)
    assert np.bincount(sample.row[sample.group == 0]).tolist() == [2, 1, 1]
    np.testing.assert_allclose(sample.stands_for[sample.group == 0], 1.0)


@pytest.mark.parametrize("by", [[], "band"])
def test_totals_from_a_sample_are_those_of_everybody(by, monkeypatch):
    table = customers().assign(band=lambda c: c["frequency"].clip(upper=1))
    pair = fitted("MBGNBD"), fitted("GammaGamma")
    exact = models.lifetime_value(*pair, table, **MONEY, by=by, draws=300)
    monkeypatch.setattr(forecast, "MANY_ROWS", 100)
    monkeypatch.setattr("retention_kit.models.futures.sampled_futures._CUSTOMERS", 1_000)
    monkeypatch.setattr("retention_kit.models.futures.sampled_futures._LEAST", 500)
    sampled = models.lifetime_value(*pair, table, **MONEY, by=by, draws=300)
    pd.testing.assert_frame_equal(sampled.drop(columns=ENDS), exact.drop(columns=ENDS))
    width = (exact["predicted_high"] - exact["predicted_low"]).to_numpy()
    for name in ENDS:
        assert (abs(sampled[name] - exact[name]) < 0.12 * width).all(), name
    assert "1,000 of 2,357 customers" in sampled.attrs["sampling"]
    assert "sampling" not in exact.attrs


def test_the_grades_of_a_holdout_hardly_depend_on_the_sample(monkeypatch):
    asked = {"split": "1997-09-30", "as_of": "1998-06-30", "models": ["MBGNBD"], "draws": 200}
    exact = models.holdout(load.sample("cdnow_sample"), **asked).table.iloc[0]
    monkeypatch.setattr(holdout_forecasts, "MANY_ROWS", 100)
    monkeypatch.setattr("retention_kit.models.futures.sampled_futures._CUSTOMERS", 1_500)
    sampled = models.holdout(load.sample("cdnow_sample"), **asked).table.iloc[0]
    changed = ["total_low", "total_high", "coverage"]
    pd.testing.assert_series_equal(sampled.drop(changed), exact.drop(changed), check_exact=False, rtol=1e-9)
    width = exact["total_high"] - exact["total_low"]
    assert abs(sampled["total_low"] - exact["total_low"]) < 0.15 * width
    assert abs(sampled["total_high"] - exact["total_high"]) < 0.15 * width
    assert sampled["coverage"] == pytest.approx(exact["coverage"], abs=0.02)


def test_slopes_give_the_interval_of_each_expectation_where_parameters_are_well_known():
    model, table = fitted("MBGNBD"), customers()
    rows, question = read(table), Purchases(model.process, 39.0)
    known = model.theta * np.exp(0.2 * (np.log(model.draws(200, 0)) - np.log(model.theta)))
    ends = ends_by_slopes(question, model.theta, known, rows, [0.05, 0.95])
    best = question.expected(model.theta, rows)
    exact = np.quantile([question.expected(theta, rows) for theta in known], [0.05, 0.95], axis=0)
    width = exact[1] - exact[0]
    assert np.quantile(abs(ends * best - exact) / width, 0.9) < 0.05


def test_slopes_are_not_used_where_parameters_are_hardly_known():
    model = fitted("MBGNBD")
    hardly = model.theta * np.exp(30 * (np.log(model.draws(200, 0)) - np.log(model.theta)))
    assert ends_by_slopes(Purchases(model.process, 39.0), model.theta, hardly, read(customers()), [0.05, 0.95]) is None


def test_customers_without_futures_have_the_same_expectations():
    table, pair = customers(), (fitted("MBGNBD"), fitted("GammaGamma"))
    both = models.lifetime_value(*pair, table, **MONEY, level=0.9, draws=50)
    plain = models.lifetime_value(*pair, table, **MONEY, level=0.9, draws=50, futures=False)
    pd.testing.assert_frame_equal(plain, both[["expected", "expected_low", "expected_high"]])
