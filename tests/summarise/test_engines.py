"""The same cohort tables, gaps, pairs and lists on DuckDB, PostgreSQL and Spark."""

import datetime as dt

import pandas as pd
import pandas.testing as pdt
import pytest
from engines import frame_of

from retention_kit import load, summarise
from retention_kit.models.checks.holdout import outcomes

AS_OF = "2025-06-15"


@pytest.fixture(scope="module")
def shop():
    """The first 60 customers of the simulated shop, as DataFrames."""
    store = load.sample("store")
    orders = store.orders.to_pandas().sort_values(["customer_id", "ordered_at"])
    kept = sorted(orders["customer_id"].unique())[:60]
    orders = orders[orders["customer_id"].isin(kept)]
    lines = store.order_lines.to_pandas()
    lines = lines[lines["order_id"].isin(orders["order_id"])]
    subscriptions = store.subscriptions.to_pandas()
    some = sorted(subscriptions["customer_id"].unique())[:60]
    subscriptions = subscriptions[subscriptions["customer_id"].isin(some)]
    frames = {"orders": orders, "order_lines": lines, "subscriptions": subscriptions}
    return {name: plain(frame) for name, frame in frames.items()}


def plain(frame):
    """Without decimals: a table as any tool would write it."""
    money = {name: "float64" for name in ("amount", "mrr") if name in frame}
    return frame.astype(money).reset_index(drop=True)


@pytest.fixture(scope="module")
def here(shop):
    """Where the tables are when nothing else is asked for."""
    return {name: getattr(load, name)(frame) for name, frame in shop.items()}


@pytest.fixture
def there(shop, engine):
    return {name: getattr(load, name)(engine.table(frame)) for name, frame in shop.items()}


SMALL = {
    "calendar": lambda t: summarise.cohorts(t["orders"], as_of=AS_OF, by="channel"),
    "rolling": lambda t: summarise.cohorts(t["orders"], as_of=AS_OF, period="quarter", rolling=True),
    "brackets": lambda t: summarise.cohorts(
        t["orders"], as_of=AS_OF, counting="brackets", brackets=[(1, 2), (4, 6)], members="recurring"
    ),
    "subscriptions": lambda t: summarise.subscription_cohorts(t["subscriptions"], as_of=AS_OF, by="country"),
    "gaps": lambda t: summarise.order_gaps(t["orders"], as_of=AS_OF, order=3, since="first", by="channel"),
    "product_gaps": lambda t: summarise.order_gaps(
        t["orders"], as_of=AS_OF, order=None, lines=t["order_lines"], by="product"
    ),
    "pairs": lambda t: summarise.product_pairs(t["orders"], t["order_lines"], as_of=AS_OF, min_count=3),
    "so_far": lambda t: summarise.orders_so_far(t["orders"], as_of=AS_OF, period="week"),
    "outcomes": lambda t: outcomes(t["orders"], dt.date(2025, 3, 15), 92, "week", "day")[0],
    "second": lambda t: summarise.second_orders(t["orders"], t["order_lines"], as_of=AS_OF, min_count=2),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_engine_gives_the_same_small_table(name, here, there):
    expected = SMALL[name](here)
    assert len(expected) > 2
    pdt.assert_frame_equal(SMALL[name](there), expected, check_exact=False, rtol=1e-12)


def test_the_overdue_list_stays_where_the_data_is(here, there, shop):
    options = {"as_of": AS_OF, "p": 0.8}
    listed = summarise.overdue(there["orders"], **options)
    assert listed.get_backend() is there["orders"].table.get_backend()
    expected = summarise.overdue(here["orders"], **options)
    pdt.assert_frame_equal(
        frame_of(listed, sort=["customer_id"]), frame_of(expected, sort=["customer_id"]), check_dtype=False
    )
    in_pandas = summarise.overdue(shop["orders"], **options)
    assert isinstance(in_pandas, pd.DataFrame)
    assert sorted(in_pandas["customer_id"]) == frame_of(expected, sort=["customer_id"])["customer_id"].tolist()


def test_every_engine_gives_the_same_logs_of_gaps(here, there):
    """But for the last digits, as engines add up in orders of their own."""
    found, expected = (
        frame_of(summarise.customers(log["orders"], as_of=AS_OF, log_gaps=True), sort=["customer_id"])["log_gaps"]
        for log in (there, here)
    )
    assert expected.abs().max() > 1
    pdt.assert_series_equal(found, expected, check_dtype=False, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("grain", ["day", "month"])
def test_every_engine_gives_the_same_customers_refunds_included(grain, here, there, shop):
    assert (shop["orders"]["amount"] < 0).any()
    options = {"as_of": AS_OF, "grain": grain}
    found = frame_of(summarise.customers(there["orders"], **options), sort=["customer_id"])
    expected = frame_of(summarise.customers(here["orders"], **options), sort=["customer_id"])
    assert (expected["frequency"] > 0).any()
    pdt.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
