"""Equal prices are equal: scores, correlations and spend of shops with one price, or nearly one."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models import BGNBD, ConstantSpend, GammaGamma, rfm, spend_independence
from retention_kit.models.spend.same_money import same_money, same_money_in_engine

PRICES = [10.0, 19.99, 19.9, 7.77, 29.95, 0.1, 1.995, 1980.0, 123_456.78, 0.0003]
"""Also three decimals, as in Kuwait; whole yen; a very large and a very small price."""


def orders(price, numbers=(1, 2, 3, 4, 6, 7)):
    rows = [(f"c{n}", pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * i), price) for n in numbers for i in range(n)]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])


@pytest.fixture(scope="module")
def cdnow():
    """The sample with one order per customer and day, without amounts."""
    log = load.sample("cdnow_sample").to_pandas()[["customer_id", "ordered_at"]]
    return log.drop_duplicates(ignore_index=True)


def customers(log, amount):
    return summarise.customers(log.assign(amount=amount), as_of="1998-06-30").to_pandas()


@pytest.mark.parametrize("price", PRICES)
def test_the_mean_value_of_equal_prices_is_that_price(price):
    table = summarise.customers(orders(price), as_of="2024-03-31")
    assert set(table["monetary_value"].dropna()) == {price}


def test_equal_prices_have_equal_scores_on_every_engine(engine):
    for price in PRICES:
        table = summarise.customers(orders(price, range(1, 40)), as_of="2025-03-31")
        here = engine.table(pd.DataFrame(table)[["customer_id", "days_since_last", "orders", "revenue"]])
        with pytest.warns(RetentionKitWarning, match="Equal values of monetary"):
            scored = rfm.score(here, money="mean")
        assert set(scored.to_pandas()["M"]) == {1}


@pytest.mark.filterwarnings("ignore:Equal values")
def test_a_frame_whose_revenue_was_summed_in_floats_has_equal_scores_too():
    n = np.arange(1, 200)
    revenue = np.array([np.sum(np.full(k, 0.1)) for k in n])
    table = pd.DataFrame({"days_since_last": 5, "orders": n, "revenue": revenue})
    assert len(np.unique(revenue / n)) > 1
    assert set(rfm.score(table, money="mean")["M"]) == {1}
    half = pd.DataFrame({"days_since_last": 5, "orders": 1, "revenue": [0.1 + 0.2, 0.3, 0.3, 0.2]})
    assert rfm.score(half, groups=2)["M"].tolist() == [1, 1, 1, 1]


@pytest.mark.filterwarnings("ignore:Equal values")
def test_two_prices_are_two_scores():
    table = pd.concat(
        [summarise.customers(orders(price), as_of="2024-03-31") for price in (19.99, 29.99)], ignore_index=True
    )
    cuts = rfm.CutPoints(recency=(30,), frequency=(1,), monetary=(19.99,), money="mean")
    scored = rfm.score(table, cuts=cuts)
    assert scored["M"].tolist() == [1] * 6 + [2] * 6


@pytest.mark.filterwarnings("ignore:Equal values")
def test_a_customer_without_orders_has_no_score_of_mean_money():
    table = pd.DataFrame({"days_since_last": [1, 2, 3], "orders": [0, 2, 4], "revenue": [0.0, 10.0, 40.0]})
    assert rfm.score(table, groups=2, money="mean")["M"].tolist()[1:] == [1, 2]
    assert rfm.score(table, groups=2, money="mean")["M"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize("price", [10.0, 19.9, 19.99, 29.95, 0.1, 1.995, 1980.0])
def test_where_everybody_spends_the_same_a_correlation_is_not_defined(cdnow, price):
    table = spend_independence(customers(cdnow, price))
    assert table["size"].tolist() == ["not defined: everybody spends the same"] * 2
    assert table[["correlation", "low", "high", "explained"]].isna().all(axis=None)
    assert table["n"].tolist() == [1139, 1139]


def test_one_customer_with_another_price_makes_no_medium_correlation(cdnow):
    amount = pd.Series(19.9, index=cdnow.index)
    amount[cdnow["customer_id"] == cdnow["customer_id"].value_counts().index[5]] = 29.9
    table = spend_independence(customers(cdnow, amount)).set_index("measure")
    assert table.loc["Spearman", "size"] == "negligible"
    assert abs(table.loc["Spearman", "correlation"]) < 0.1


@pytest.mark.parametrize("price", [10.0, 19.99, 1.995, 1980.0])
def test_a_shop_with_one_price_expects_that_price_of_everybody(cdnow, price):
    table = customers(cdnow, price)
    with pytest.warns(RetentionKitWarning, match=f"all 1,139 repeat buyers spend {price:g} per purchase, so this"):
        spend = GammaGamma.fit(table)
    assert isinstance(spend, ConstantSpend)
    assert spend.mean == price
    assert set(spend.expected_value(table)) == {price}
    purchases = BGNBD.fit(table)
    terms = {"months": 12, "annual_discount_rate": 0.1}
    value = models.lifetime_value(purchases, spend, table, **terms)
    often = purchases.discounted_purchases(table, 12 * 365.25 / 12 / 7, annual_discount_rate=0.1)
    np.testing.assert_allclose(value, often * price, rtol=1e-12)
    total = models.lifetime_value(purchases, spend, table, **terms, by=[], draws=50).iloc[0]
    assert total["expected"] == pytest.approx(value.sum(), rel=1e-6)
    assert total["predicted_low"] < total["expected_low"] < total["expected"]
    assert total["expected"] < total["expected_high"] < total["predicted_high"]


def test_the_constant_answers_an_ibis_table_and_says_where_it_comes_from(cdnow):
    table = customers(cdnow, 19.99)
    with pytest.warns(RetentionKitWarning, match="19.99"):
        spend = GammaGamma.fit(ibis.memtable(table))
    answer = spend.expected_value(ibis.memtable(table)).to_pandas()
    assert set(answer["expected_value"]) == {19.99}
    assert spend.verdict.startswith("all 1,139 repeat buyers spend 19.99")
    assert spend.summary().loc["value", ["value", "low", "high"]].tolist() == [19.99] * 3
    assert set(spend.sample(5)["value"]) == {19.99}
    back = ConstantSpend.from_json(spend.to_json())
    assert back == spend
    assert back.verdict == spend.verdict
    with pytest.raises(ConfigError, match="holds a ConstantSpend"):
        GammaGamma.from_json(spend.to_json())
    with pytest.raises(DataError, match="missing: monetary_value"):
        spend.expected_value(table.drop(columns="monetary_value"))


def test_one_repeat_buyer_is_the_only_one_to_learn_from():
    table = pd.DataFrame({"frequency": [3, 0], "monetary_value": [25.0, None], "unit": "week"})
    with pytest.warns(RetentionKitWarning, match="the only repeat buyer spends 25 per purchase"):
        assert GammaGamma.fit(table).mean == 25


def test_one_odd_order_among_thousands_is_nearly_one_price(cdnow):
    amount = pd.Series(19.99, index=cdnow.index)
    often = cdnow["customer_id"].value_counts().index[5]
    amount[cdnow.index[cdnow["customer_id"] == often][1]] = 29.99
    with pytest.warns(RetentionKitWarning, match=r"cost 19.9903 on average and differ so little .* 0.046 %"):
        spend = GammaGamma.fit(customers(cdnow, amount))
    assert spend.mean == pytest.approx(19.99, abs=0.001)


def test_one_price_for_each_customer_leaves_everybody_their_own(cdnow):
    names = cdnow["customer_id"].unique()
    price = pd.Series(np.random.default_rng(1).choice([10.0, 20.0], len(names)), index=names)
    table = customers(cdnow, cdnow["customer_id"].map(price))
    with pytest.warns(RetentionKitWarning, match="every customer spends nearly the same each time"):
        spend = GammaGamma.fit(table)
    assert isinstance(spend, GammaGamma)
    again = table[table["frequency"] > 0]
    np.testing.assert_allclose(spend.expected_value(again), again["customer_id"].map(price), rtol=1e-5)


def test_two_prices_by_chance_give_everybody_about_their_mean(cdnow):
    table = customers(cdnow, np.random.default_rng(1).choice([10, 20], len(cdnow)))
    with pytest.warns(RetentionKitWarning, match="customers hardly differ in what they spend"):
        spend = GammaGamma.fit(table)
    assert spend.expected_value(table).between(14.5, 15.5).all()


def test_money_is_rounded_alike_here_and_in_an_engine(engine):
    rng = np.random.default_rng(0)
    values = np.concatenate([[0.0, 139.93 / 7, -139.93 / 7, 1 / 3], rng.lognormal(0, 12, 200)])
    table = engine.table(pd.DataFrame({"id": np.arange(len(values)), "value": values}))
    there = table.mutate(same=same_money_in_engine(table.value)).order_by("id").to_pandas()["same"]
    np.testing.assert_allclose(there, same_money(values), rtol=1e-14)
    np.testing.assert_allclose(same_money(values), values, rtol=1e-9)
    assert there[1] == -there[2] == 19.99
