"""Products bought together, and second orders given the first."""

import itertools

import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError

BASKETS = {  # order: customer, day, products
    "1": ("ann", "2024-01-01", "pot tea"),
    "2": ("ann", "2024-01-05", "tea tin"),
    "3": ("bob", "2024-01-02", "pot tea"),
    "4": ("bob", "2024-01-20", "pot"),
    "5": ("cat", "2024-01-03", "tin"),
    "6": ("cat", "2024-01-03", "pot"),  # the same day: one first order
    "7": ("dan", "2024-01-04", "pot tea tin"),
}


def tables(baskets=BASKETS):
    orders = pd.DataFrame(
        [(key, who, pd.Timestamp(day), 1.0) for key, (who, day, _) in baskets.items()],
        columns=["order_id", "customer_id", "ordered_at", "amount"],
    )
    lines = pd.DataFrame(
        [(key, item) for key, (*_, items) in baskets.items() for item in items.split()], columns=["order_id", "product"]
    )
    return orders, lines


def test_pairs_by_hand():
    table = summarise.product_pairs(*tables(), as_of="2024-01-31", min_count=1)
    row = table.set_index(["product", "other"]).loc[("pot", "tea")]
    assert row[["together", "with_product", "with_other", "baskets"]].tolist() == [3, 5, 4, 7]
    assert row[["support", "confidence", "lift"]].tolist() == pytest.approx([3 / 7, 3 / 5, 3 / 5 / (4 / 7)])
    assert (row["low"], row["high"]) == summarise.wilson(3, 5)
    assert len(table) == 6
    assert table["lift"].is_monotonic_decreasing
    few = summarise.product_pairs(*tables(), as_of="2024-01-31", min_count=3)
    assert few[["product", "other"]].to_numpy().tolist() == [["pot", "tea"], ["tea", "pot"]]


def test_pairs_within_all_that_a_customer_bought():
    table = summarise.product_pairs(*tables(), as_of="2024-01-31", min_count=1, within="customer")
    row = table.set_index(["product", "other"]).loc[("pot", "tin")]
    assert row[["together", "with_product", "with_other", "baskets"]].tolist() == [3, 4, 3, 4]


def test_refunds_returns_and_the_future_are_no_baskets():
    orders, lines = tables()
    refund = orders.iloc[[0]].assign(order_id="8", amount=-1.0)
    future = orders.iloc[[0]].assign(order_id="9", ordered_at=pd.Timestamp("2024-02-01"))
    more = pd.DataFrame({"order_id": ["8", "8", "9", "9"], "product": ["pot", "tin"] * 2, "quantity": 1})
    back = pd.DataFrame({"order_id": ["4"], "product": ["tea"], "quantity": [-1]})
    expected = summarise.product_pairs(orders, lines, as_of="2024-01-31", min_count=1)
    changed = summarise.product_pairs(
        pd.concat([orders, refund, future]), pd.concat([lines, more, back]), as_of="2024-01-31", min_count=1
    )
    pd.testing.assert_frame_equal(changed, expected)


def test_pairs_of_the_shop_equal_a_plain_count():
    store = load.sample("store")
    table = summarise.product_pairs(store.orders, store.order_lines, as_of="2026-09-30", min_count=1)
    orders = store.orders.to_pandas()
    bought = set(orders.loc[orders["amount"] >= 0, "order_id"])
    lines = store.order_lines.to_pandas()
    baskets = lines[lines["order_id"].isin(bought)].groupby("order_id")["product"].agg(set)
    counted = pd.Series([p for basket in baskets for p in itertools.permutations(sorted(basket), 2)]).value_counts()
    found = table.set_index(["product", "other"])["together"]
    assert found.to_dict() == counted.to_dict()
    assert table["baskets"].eq(len(baskets)).all()
    both = table.set_index(["product", "other"])["lift"]
    mirrored = table.set_index(["other", "product"])["lift"].reindex(both.index)
    pd.testing.assert_series_equal(both, mirrored, check_names=False, rtol=1e-12)


def test_pairs_that_were_built_into_the_shop_stand_out():
    store = load.sample("store")
    table = summarise.product_pairs(store.orders, store.order_lines, as_of="2026-09-30")
    found = {frozenset(pair) for pair in table[["product", "other"]].head(10).to_numpy().tolist()}
    assert found == {
        frozenset(p)
        for p in [
            ("Rolled oats", "Raisins"), ("Red lentils", "Basmati rice"), ("Spaghetti", "Dried tomatoes"),
            ("Soap flakes", "Washing soda"), ("Espresso beans", "Raw cane sugar"),
        ]
    }  # fmt: skip


def test_second_orders_by_hand():
    """First orders: ann pot tea, bob pot tea, cat tin pot (two orders of one day), dan all; ann and bob came back."""
    table = summarise.second_orders(*tables(), as_of="2024-01-31", min_count=1)
    rows = table.set_index(["first", "second"])
    assert rows.loc[("pot", "tin"), ["customers", "buyers", "back"]].tolist() == [1, 4, 2]
    assert rows.loc[("pot", "tin"), ["confidence", "usual", "lift", "came_back"]].tolist() == [0.5, 0.5, 1, 0.5]
    assert rows.loc[("tea", "pot"), ["customers", "buyers", "back"]].tolist() == [1, 3, 2]
    assert "tin" not in table["first"].tolist()
    assert table["came_back"].between(0, 1).all()


def test_an_order_without_lines_still_counts_as_an_order():
    baskets = {"1": ("ann", "2024-01-01", "pot"), "2": ("ann", "2024-01-05", ""), "3": ("ann", "2024-01-09", "tea")}
    orders, lines = tables(baskets)
    table = summarise.second_orders(orders, lines, as_of="2024-01-31", min_count=1)
    assert table.empty


def test_requests_that_cannot_be_met():
    orders, lines = tables()
    with pytest.raises(ConfigError, match="min_count is a number"):
        summarise.product_pairs(orders, lines, as_of="2024-01-31", min_count=0)
    with pytest.raises(ConfigError, match="within is"):
        summarise.product_pairs(orders, lines, as_of="2024-01-31", within="week")
    with pytest.raises(DataError, match="no order up to 2023-12-31 has lines"):
        summarise.second_orders(orders, lines, as_of="2023-12-31")
    with pytest.raises(DataError, match="need the column order_id"):
        summarise.product_pairs(orders.drop(columns="order_id"), lines, as_of="2024-01-31")
