"""Models by segment: large ones speak for themselves, small ones borrow, and the parts make the whole."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models.futures.drawn_futures import COLUMNS
from retention_kit.models.segments.partial_pooling import BETWEEN, Pool

SIZES = {"PL": (1200, 6.0), "TW": (600, 9.0), "US": (3, 7.0)}
MONEY = {"months": 12, "annual_discount_rate": 0.1}


@pytest.fixture(scope="module")
def customers():
    rng, parts = np.random.default_rng(5), []
    for i, (name, (n, alpha)) in enumerate(SIZES.items()):
        table = simulate.bgnbd_customers(n, r=0.7, alpha=alpha, a=0.8, b=2.5, T=40, seed=i).assign(country=name)
        x = table["frequency"].to_numpy()
        spent = rng.gamma(np.maximum(6.0 * x, 1e-9)) / rng.gamma(4.0, 1 / 15.0, n)
        parts.append(table.assign(monetary_value=np.where(x > 0, spent / np.maximum(x, 1), np.nan)))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def purchases(customers):
    return models.fit_segments(models.BGNBD, customers, by="country")


@pytest.fixture(scope="module")
def spend(customers):
    return models.fit_segments(models.GammaGamma, customers, by="country")


def test_a_large_segment_has_nearly_its_own_fit(customers, purchases):
    own = models.BGNBD.fit(customers[customers["country"] == "PL"])
    shared = purchases.at("PL")
    assert abs(np.log(shared.alpha / own.alpha)) < own.standard_errors["alpha"] / own.alpha
    assert shared.expected_purchases_new(39) == pytest.approx(own.expected_purchases_new(39), rel=0.02)
    assert purchases.at("TW").alpha > shared.alpha


def test_a_segment_of_three_borrows_and_its_interval_says_so(purchases):
    table = purchases.table(draws=200)
    width = np.log(table["alpha_high"] / table["alpha_low"])
    assert width["US"] > 2 * width["PL"]
    assert table["own"].is_monotonic_decreasing
    assert table.loc["US", "own"] < 0.1
    assert table["alpha"].between(table["alpha_low"], table["alpha_high"]).all()


def test_a_segment_that_nobody_bought_in_is_answered_with_what_lies_between_all(purchases):
    np.testing.assert_allclose(purchases.at("JP").theta, np.exp(purchases.pool.centre))
    widths = [np.ptp(np.quantile(np.log(purchases.sample(c, 300)["alpha"]), [0.05, 0.95])) for c in ("JP", "US", "PL")]
    assert widths[0] > 0.9 * widths[1] > widths[2]


def test_each_customer_gets_the_answer_of_their_segment(customers, purchases, spend):
    some = customers.groupby("country").head(2)
    each = purchases.forecast(some, 13, draws=20)["expected"]
    value = purchases.lifetime_value(spend, some, draws=20, **MONEY)["expected"]
    for country, part in some.groupby("country"):
        np.testing.assert_allclose(each[part.index], purchases.at(country).expected_purchases(part, 13))
        plain = models.lifetime_value(purchases.at(country), spend.at(country), part, **MONEY)
        np.testing.assert_allclose(value[part.index], plain, rtol=1e-6)


def test_segments_add_up_to_the_shop(customers, purchases, spend):
    by, total = (purchases.forecast(customers, 13, by=b, draws=60) for b in ("country", []))
    assert total["expected"].item() == pytest.approx(by["expected"].sum())
    assert total["n"].item() == by["n"].sum() == len(customers)
    assert total["expected_low"].item() < total["expected"].item() < total["expected_high"].item()
    shop = purchases.shop.expected_purchases(customers, 13).sum()
    assert total["expected"].item() == pytest.approx(shop, rel=0.02)
    parts, value = (purchases.lifetime_value(spend, customers, by=b, draws=20, **MONEY) for b in ("country", []))
    assert value["expected"].item() == pytest.approx(parts["expected"].sum())
    assert np.isfinite(parts.drop(columns="country").to_numpy(dtype=float)).all()


def test_expected_spend_is_finite_in_every_draw(spend):
    assert (spend.pool.draws(200, 0)[:, :, 1] > 1).all()


def test_json_brings_the_segments_back(customers, purchases):
    again = models.SegmentModel.from_json(purchases.to_json())
    pd.testing.assert_frame_equal(
        again.forecast(customers, 13, by="country", draws=20), purchases.forecast(customers, 13, by="country", draws=20)
    )
    with pytest.raises(ConfigError, match="needs what to_json wrote"):
        models.SegmentModel.from_json("{}")


def test_a_table_in_an_engine_gives_the_same(customers, purchases):
    table = ibis.memtable(customers)
    again = models.fit_segments(models.BGNBD, table, by="country")
    assert again.segments == purchases.segments
    np.testing.assert_allclose(again.pool.peaks, purchases.pool.peaks, rtol=1e-4, atol=1e-4)
    totals = again.forecast(table, 13, by="country", draws=20)
    assert totals["n"].tolist() == [n for n, _ in SIZES.values()]
    each = again.forecast(table, 13, draws=20).to_pandas()
    assert each["expected"].sum() == pytest.approx(totals["expected"].sum())
    assert set(each.columns) == {*customers.columns, *COLUMNS}


def test_with_many_segments_the_draws_are_those_of_the_normal_model_by_hand():
    """One parameter, known likelihoods N(y, 1/4), 400 segments: u is at y (4 / (4 + 1/v)) + μ (1/v / (4 + 1/v))."""
    rng = np.random.default_rng(1)
    truth = rng.normal(2.0, 0.5, 400)
    y = rng.normal(truth, 0.5)
    flat = np.zeros(1)
    hierarchy = Pool(
        y[:, None],
        np.zeros((400, 1)),
        np.full((400, 1, 1), 4.0),
        np.array([2.0]),
        np.eye(1) * 0.25,
        np.array([2.0]),
        flat,
    )
    drawn = np.log(hierarchy.draws(200, 0)[:, :, 0])
    between = np.var(y) - 0.25
    weight = 4 / (4 + 1 / between)
    np.testing.assert_allclose(drawn[:, :-1].mean(axis=0), weight * y + (1 - weight) * y.mean(), atol=0.16)
    assert drawn[:, :-1].std(axis=0).mean() == pytest.approx(np.sqrt(1 / (4 + 1 / between)), rel=0.1)
    assert drawn[:, -1].std() == pytest.approx(np.sqrt(between), rel=0.2)
    low, high = np.quantile(drawn[:, :-1], [0.05, 0.95], axis=0)
    assert 0.85 < np.mean((low <= truth) & (truth <= high)) < 0.95


def test_two_segments_do_not_settle_how_much_segments_differ(purchases):
    """Ω is then near its prior, of one segment 0.3 away."""
    spread = np.sqrt(np.diag(purchases.between()))
    assert (spread > BETWEEN / 2).all()
    assert (spread < 2 * BETWEEN).all()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda c: c.assign(country="PL"), DataError, "2 to 500 values of country; there are 1"),
        (lambda c: c.assign(country=c["country"].where(c.index > 3)), DataError, "country is empty for 4 customers"),
        (lambda c: c.drop(columns="country"), DataError, "missing: country"),
    ],
)
def test_segments_that_are_none_are_refused(customers, change, error, says):
    with pytest.raises(error, match=says):
        models.fit_segments(models.BGNBD, change(customers), by="country")


def test_questions_that_a_model_by_segment_cannot_answer_are_refused(customers, purchases, spend):
    with pytest.raises(ConfigError, match="Models by segment are BGNBD"):
        models.fit_segments(models.CovariateModel, customers, by="country")
    with pytest.raises(ConfigError, match="knows no purchases"):
        spend.forecast(customers, 13)
    with pytest.raises(ConfigError, match=r"fit_segments\(GammaGamma"):
        purchases.lifetime_value(purchases, customers, **MONEY)
    with (
        pytest.warns(RetentionKitWarning, match="constant"),
        pytest.raises(ConfigError, match="Everybody spends the same"),
    ):
        models.fit_segments(models.GammaGamma, customers.assign(monetary_value=10.0), by="country")
