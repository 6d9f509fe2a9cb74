"""Lifetime value: units, discounting, margin."""

import warnings

import ibis
import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, customers, engine_customers, fitted, frame
from scipy.integrate import quad, quad_vec

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning
from retention_kit.schema import DAYS_PER_MONTH

RATE = 1.01**12 - 1


def value(table, **changes):
    settings = {"months": 12, "annual_discount_rate": RATE, **changes}
    return models.lifetime_value(fitted("BGNBD"), fitted("GammaGamma"), table, **settings)


def test_month_end_steps_give_the_recomputed_quickstart_value():
    published = SAMPLE["lifetime_value"]
    table = frame(published["x"], published["t_x"], published["T"]).assign(monetary_value=published["m"])
    total = [fitted("BGNBD").expected_purchases(table, k * DAYS_PER_MONTH / 7) for k in range(13)]
    stepped = sum((total[k] - total[k - 1]) / 1.01**k for k in range(1, 13)) * fitted("GammaGamma").expected_value(
        table
    )
    np.testing.assert_allclose(stepped, published["value"], rtol=2e-3)
    assert (value(table) > stepped).all()
    assert (value(table) < stepped * 1.01).all()


def test_discounting_is_the_integral_over_purchase_times():
    model, row = fitted("BGNBD"), frame([2], [30.43], [38.86])
    force = np.log1p(0.15) * 7 / 365.25

    def slope(u, h=1e-3):
        return (model.expected_purchases(row, u + h) - model.expected_purchases(row, u - h)).item() / 2 / h

    integral = quad(lambda u: np.exp(-force * u) * slope(u), 1e-2, 52, epsrel=1e-9)[0]
    integral += model.expected_purchases(row, 1e-2).item()
    assert model.discounted_purchases(row, 52, annual_discount_rate=0.15).item() == pytest.approx(integral, rel=1e-6)


FADING_FAST = [
    models.ParetoNBD(0.4, 2.5, 12.5, 5.1),
    models.BGNBD(0.85, 2.8, 10.0, 0.8),
    models.MBGNBD(1.6, 0.3, 2.3, 0.3),
]


@pytest.mark.parametrize("model", FADING_FAST, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("t", [4, 52, np.inf])
def test_customers_who_fade_fast_beside_old_ones_are_discounted_as_exactly(model, t):
    table = frame([0, 3, 0, 9], [0, 2.0, 0, 30.0], [1.0, 2.5, 150.0, 31.0])
    theta = model.theta
    rows, force = model.process.read(table, unit=model.unit), np.log1p(0.3) * 7 / 365.25
    end = min(t, 42 / force)
    sooner, _ = quad_vec(
        lambda u: force * np.exp(-force * u) * model.process.expected(theta, rows, u),
        0,
        end,
        epsabs=1e-13,
        epsrel=1e-11,
    )
    whole = sooner + np.exp(-force * end) * model.process.expected(theta, rows, end)
    np.testing.assert_allclose(model.process.discounted(theta, rows, t, force), whole, rtol=1e-9)
    np.testing.assert_allclose(model.process.discounted(theta, rows, t, force, rough=True), whole, rtol=1e-5)


def test_without_discount_and_margin_it_is_purchases_times_value():
    table = customers()
    weeks = 12 * DAYS_PER_MONTH / 7
    plain = fitted("BGNBD").expected_purchases(table, weeks) * fitted("GammaGamma").expected_value(table)
    np.testing.assert_allclose(value(table, annual_discount_rate=0.0), plain, rtol=1e-9)
    np.testing.assert_allclose(value(table, annual_discount_rate=0.0, margin=0.25), plain / 4, rtol=1e-9)


def test_an_engine_table_and_a_frame_give_the_same_values():
    there = value(engine_customers()).to_pandas().set_index("customer_id")["lifetime_value"]
    here = value(customers().set_index("customer_id"))
    pd.testing.assert_series_equal(there.loc[here.index], here)


def test_days_and_weeks_give_the_same_value():
    table = customers()
    days = table.assign(recency=table["recency"] * 7, T=table["T"] * 7, unit="day")
    in_days = models.BGNBD.fit(days)
    assert in_days.unit == "day"
    other = models.lifetime_value(in_days, fitted("GammaGamma"), days, months=12, annual_discount_rate=RATE)
    np.testing.assert_allclose(other, value(table), rtol=1e-5)


def test_customers_in_another_unit_are_refused():
    with pytest.raises(DataError, match="weeks, the customers come in days"):
        value(customers().assign(unit="day"))


def test_a_horizon_or_margin_that_makes_no_sense_is_refused():
    with pytest.raises(ConfigError, match="months must be a number above 0"):
        value(customers(), months=0)
    with pytest.raises(ConfigError, match="margin"):
        value(customers(), margin=20)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"level": 0}, "level must be between 0 and 1"), ({"level": 0.9, "draws": 0}, "draws must be a whole number")],
)
def test_intervals_that_make_no_sense_are_refused(wrong, says):
    with pytest.raises(ConfigError, match=says):
        value(customers(), **wrong)


def few_repeat_buyers():
    """25 repeat buyers: the fit has q = 3.35, and some draws of its parameters have q below 1."""
    bought = simulate.gamma_gamma_values(np.full(25, 3), p=6, q=2.5, gamma=15, seed=4)
    table = frame([3] * 25 + [0] * 40, [20.0] * 25 + [0] * 40, list(np.linspace(22, 40, 65)))
    return table.assign(monetary_value=[*bought, *[np.nan] * 40], segment=["a", "b"] * 32 + ["a"], unit="week")


@pytest.mark.parametrize("asked", [{"level": 0.9}, {"by": "segment"}, {"by": []}])
@pytest.mark.parametrize("make", [pd.DataFrame, ibis.memtable])
def test_a_draw_without_a_mean_takes_the_intervals_and_leaves_the_values(asked, make):
    table = few_repeat_buyers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        purchases, spend = models.BGNBD.fit(table), models.GammaGamma.fit(table)
    assert spend.q == pytest.approx(3.354, abs=1e-3)
    settings = {"months": 12, "annual_discount_rate": 0.1}
    each = models.lifetime_value(purchases, spend, table, **settings)
    with pytest.warns(RetentionKitWarning, match="expected value is given without intervals"):
        answer = models.lifetime_value(purchases, spend, make(table), **settings, **asked, draws=400)
    answer = answer if isinstance(answer, pd.DataFrame) else answer.to_pandas()
    assert answer["expected"].sum() == pytest.approx(each.sum(), rel=1e-9)
    ends = answer[["expected_low", "expected_high", "predicted_low", "predicted_high"]].astype("float64")
    assert ends.isna().all(axis=None)


def test_a_fit_without_a_mean_is_refused_with_what_helps():
    spend = models.GammaGamma(p=2.0, q=0.715, gamma=15.0)
    with pytest.raises(FitError, match=r"q = 0\.715 is not above 1.*repeat buyers are too few"):
        models.lifetime_value(fitted("BGNBD"), spend, few_repeat_buyers(), months=12, annual_discount_rate=0.1)
