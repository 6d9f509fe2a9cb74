"""What a new customer may cost: by hand, pooled where small, and recovered in simulated shops."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, simulate, summarise
from retention_kit.errors import ConfigError, DataError

MONEY = {"months": 12, "annual_discount_rate": 0.1}


@pytest.fixture(scope="module")
def cdnow():
    return summarise.customers(load.sample("cdnow"), as_of="1998-06-30").to_pandas()


@pytest.fixture(scope="module")
def fits(cdnow):
    return models.MBGNBD.fit(cdnow), models.GammaGamma.fit(cdnow)


def test_the_value_is_the_first_order_and_what_a_new_customer_will_bring(cdnow, fits):
    (row,) = models.break_even_cost(*fits, cdnow, margin=0.4, draws=40, **MONEY).to_dict("records")
    orders = load.sample("cdnow").to_pandas()
    firsts = orders.groupby("customer_id")["ordered_at"].transform("min") == orders["ordered_at"]
    first = orders[firsts].groupby("customer_id")["amount"].sum()
    new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0], "monetary_value": [np.nan]})
    later = models.lifetime_value(*fits, new, level=0.95, draws=40, **MONEY).iloc[0]
    assert row["first_order"] == pytest.approx(first.mean())
    assert row["later"] == pytest.approx(later["expected"])
    assert row["value"] == pytest.approx(0.4 * (first.mean() + later["expected"]))
    error = 1.959964 * first.std() / np.sqrt(len(first))
    assert row["low"] == pytest.approx(row["value"] - 0.4 * np.hypot(error, later["expected"] - later["expected_low"]))
    assert row["high"] == pytest.approx(
        row["value"] + 0.4 * np.hypot(error, later["expected_high"] - later["expected"])
    )


def test_a_table_of_an_engine_gives_the_same(duckdb_engine):
    customers = shop(1)
    customers["unit"] = "week"
    table = duckdb_engine.connection.create_table("customers_of_break_even", customers, overwrite=True)
    fitted = [models.fit_segments(m, customers, by="channel") for m in (models.MBGNBD, models.GammaGamma)]
    here, there = (models.break_even_cost(*fitted, rows, draws=20, **MONEY) for rows in (customers, table))
    pd.testing.assert_frame_equal(here, there)
    shop_fits = [model.shop for model in fitted]
    here, there = (models.break_even_cost(*shop_fits, rows, draws=20, **MONEY) for rows in (customers, table))
    pd.testing.assert_frame_equal(here, there)


def shop(seed, sizes=(900, 500, 12)):
    """Three channels, alike in habits, whose first orders have the means 30, 40 and 34."""
    rng, parts = np.random.default_rng(seed), []
    for i, (n, mean) in enumerate(zip(sizes, (30.0, 40.0, 34.0), strict=True)):
        part = simulate.bgnbd_customers(n, r=0.6, alpha=8.0, a=0.8, b=2.5, T=60, seed=10 * seed + i)
        spent = rng.gamma(3.0, rng.gamma(4.0, 10.0, n) / 3.0)
        part["monetary_value"] = np.where(part["frequency"] > 0, spent, np.nan)
        first = rng.gamma(4.0, mean / 4.0, n)
        part["revenue"] = first + part["frequency"] * part["monetary_value"].fillna(0.0)
        parts.append(part.assign(channel="abc"[i]))
    return pd.concat(parts, ignore_index=True)


def test_small_segments_borrow_and_the_true_first_orders_lie_in_their_intervals():
    customers = shop(1)
    fitted = [models.fit_segments(m, customers, by="channel") for m in (models.MBGNBD, models.GammaGamma)]
    table = models.break_even_cost(*fitted, customers, draws=60, **MONEY).set_index("channel")
    first = customers["revenue"] - customers["frequency"] * customers["monetary_value"].fillna(0.0)
    means = first.groupby(customers["channel"]).mean()
    assert table["n"].tolist() == [900, 500, 12]
    assert table["first_order"].between(means.min(), means.max()).all()
    assert abs(table.at["a", "first_order"] - means["a"]) < 0.3  # of 900 customers hardly anything is borrowed
    widths = (table["high"] - table["low"]).to_dict()
    assert widths["c"] > widths["b"] > widths["a"]
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


def test_pooled_first_orders_are_nearer_to_the_truth_than_plain_means():
    """Twenty segments of eight customers whose true means scatter little."""
    from retention_kit.models.segments.break_even import _first_orders

    rng, plain, pooled, inside = np.random.default_rng(2), 0.0, 0.0, 0
    for _ in range(40):
        truth = rng.normal(30.0, 3.0, 20)
        first = rng.gamma(2.0, np.repeat(truth, 8) / 2.0)
        customers = pd.DataFrame({"s": np.repeat(np.arange(20), 8), "revenue": first, "frequency": 0})
        customers["monetary_value"] = np.nan
        _, means, errors = _first_orders(customers, "s", tuple(range(20)))
        plain += ((first.reshape(20, 8).mean(axis=1) - truth) ** 2).sum()
        pooled += ((means - truth) ** 2).sum()
        inside += (np.abs(means - truth) < 1.96 * errors).sum()
    assert pooled < 0.5 * plain
    assert inside / 800 > 0.85


def test_models_of_different_kinds_and_tables_without_columns_are_refused(cdnow, fits):
    customers = shop(1)
    by_channel = models.fit_segments(models.MBGNBD, customers, by="channel")
    with pytest.raises(ConfigError, match="both models of the shop, or both of fit_segments"):
        models.break_even_cost(by_channel, fits[1], customers)
    with pytest.raises((ConfigError, DataError), match="revenue"):
        models.break_even_cost(*fits, cdnow.drop(columns="revenue"))
