"""Every function of `summarise` gives the same cells on DuckDB, PostgreSQL and Spark; other engines are copied.

A function that is exported joins CASES, or NO_TABLE if it reads no table of an engine: the first test sees to it.
"""

import contextlib
import sqlite3
import warnings

import ibis
import pandas as pd
import pandas.testing as pdt
import pytest
from engines import frame_of

from retention_kit import load, models, summarise
from retention_kit.errors import RetentionKitWarning
from retention_kit.load.sources.engine import TESTED
from retention_kit.models import rfm

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")

DAY = "2025-06-15"
NO_TABLE = {
    "LogRank": "a result",
    "SubscriptionRules": "a choice of rules",
    "age_over_time": "reads the finished table of cohorts",
    "decompose": "compares two finished tables of cohorts",
    "logrank": "reads durations",
    "median_times": "reads a finished table of time_to_order",
    "pooled_curve": "reads the finished table of cohorts",
    "restated": "compares two finished tables",
    "survival": "reads durations",
    "wilson": "reads two numbers",
}


def by_plan(subscriptions):
    """The subscriptions with their billing period told by plan, as where an export has no such column."""
    bare = subscriptions.drop(columns="billing_months") if isinstance(subscriptions, pd.DataFrame) else subscriptions
    bare = bare if isinstance(bare, pd.DataFrame) else bare.drop("billing_months")
    plans = {f"{size} {how}ly": months for size in ("Small", "Medium", "Large") for how, months in BILLED.items()}
    return summarise.billing_months(bare, plans)


BILLED = {"month": 1, "year": 12}
CASES = {
    "billing_months": [lambda t: summarise.renewals(by_plan(t["subscriptions"]), as_of=DAY)],
    "band_behaviour": [lambda t: summarise.band_behaviour(t["surveys"], t["orders"], as_of=DAY, periods=3)],
    "band_value": [lambda t: summarise.band_value(t["surveys"], t["customers"], as_of=DAY)],
    "cohort_customers": [
        lambda t: summarise.cohort_customers(
            t["orders"], as_of=DAY, cohort="2024-10-01", age=2, by="channel", value="web"
        ),
        lambda t: summarise.cohort_customers(
            t["orders"], as_of=DAY, cohort="2024-10-01", age=1, rolling=True, counting="on_or_after"
        ),
    ],
    "cohorts": [
        lambda t: summarise.cohorts(t["orders"], as_of=DAY, by="channel"),
        lambda t: summarise.cohorts(t["orders"], as_of=DAY, period="quarter", rolling=True),
        lambda t: summarise.cohorts(
            t["orders"], as_of=DAY, counting="brackets", brackets=[(1, 2), (4, 6)], members="recurring"
        ),
    ],
    "comments": [lambda t: summarise.comments(t["surveys"], as_of=DAY, limit=5)],
    "customer_products": [
        lambda t: summarise.customer_products(t["orders"], as_of=DAY, back=(1, 2)),
        lambda t: summarise.customer_products(t["subscriptions"], as_of=DAY, back=(1, 12)),
    ],
    "customer_windows": [
        lambda t: summarise.customer_windows(t["orders"], as_of=DAY, back=(1, 12)).sum().rename("sum").reset_index()
    ],
    "customers": [
        lambda t: summarise.customers(t["orders"], as_of=DAY, by=["country", "channel"]),
        lambda t: summarise.customers(t["orders"], as_of=DAY, unit="month", grain="month", log_gaps=True),
    ],
    "early_returns": [lambda t: summarise.early_returns(t["orders"], as_of=DAY, within=40, horizon=100)],
    "movements": [lambda t: summarise.movements(t["subscriptions"], as_of=DAY, by="country")],
    "order_gaps": [
        lambda t: summarise.order_gaps(t["orders"], as_of=DAY, order=3, since="first", by="channel"),
        lambda t: summarise.order_gaps(t["orders"], as_of=DAY, order=None, lines=t["order_lines"], by="product"),
    ],
    "orders_so_far": [lambda t: summarise.orders_so_far(t["orders"], as_of=DAY, period="week")],
    "overdue": [lambda t: summarise.overdue(t["orders"], as_of=DAY, p=0.8)],
    "period_products": [lambda t: summarise.period_products(t["orders"], as_of=DAY, periods=3)],
    "periods": [
        lambda t: summarise.periods(t["orders"], as_of=DAY, lapse_after=90, by="channel"),
        lambda t: summarise.periods(t["orders"], as_of=DAY, period="week", lapse_after=[30, 60]),
        lambda t: summarise.periods(t["subscriptions"], as_of=DAY, by="country"),
    ],
    "product_pairs": [lambda t: summarise.product_pairs(t["orders"], t["order_lines"], as_of=DAY, min_count=3)],
    "recurring_squares": [lambda t: summarise.recurring_squares(t["subscriptions"], as_of=DAY, periods=3)],
    "renewals": [lambda t: summarise.renewals(t["subscriptions"], as_of=DAY)],
    "repeats_at_age": [lambda t: summarise.repeats_at_age(t["orders"], as_of=DAY)],
    "second_orders": [lambda t: summarise.second_orders(t["orders"], t["order_lines"], as_of=DAY, min_count=2)],
    "subscription_cohorts": [lambda t: summarise.subscription_cohorts(t["subscriptions"], as_of=DAY, by="country")],
    "surveys": [
        lambda t: summarise.surveys(t["surveys"], as_of=DAY, by="country", repeats="last"),
        lambda t: summarise.surveys(t["surveys"], as_of=DAY, kind="csat", period="week"),
        lambda t: summarise.surveys(t["surveys"], as_of=DAY, kind="ces", period=None),
    ],
    "tenures": [lambda t: summarise.tenures(t["subscriptions"], as_of=DAY, by="country", lapse_after=7)],
    "window_sums": [lambda t: summarise.window_sums(t["orders"], as_of=DAY, by="channel", most=2)],
    "time_to_order": [
        lambda t: summarise.time_to_order(t["orders"], as_of=DAY, order={"second": 2, "any": None}, min_count=3)
    ],
}


@pytest.fixture(scope="module")
def shop():
    """The first 60 customers of the simulated shop with all their tables, as any tool would write them."""
    store = load.sample("store")
    frames = {name: getattr(store, name).to_pandas() for name in ("orders", "order_lines", "subscriptions", "surveys")}
    kept = sorted(frames["orders"]["customer_id"].unique())[:60]
    some = sorted(frames["subscriptions"]["customer_id"].unique())[:60]
    frames["orders"] = frames["orders"][frames["orders"]["customer_id"].isin(kept)]
    lines = frames["order_lines"]
    frames["order_lines"] = lines[lines["order_id"].isin(frames["orders"]["order_id"])]
    frames["subscriptions"] = frames["subscriptions"][frames["subscriptions"]["customer_id"].isin(some)]
    asked = frames["surveys"][frames["surveys"]["customer_id"].isin(kept)]
    frames["surveys"] = pd.concat([asked, asked[asked["kind"] == "csat"].assign(kind="ces")])
    frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    frames["customers"] = pd.DataFrame(summarise.customers(frames["orders"], as_of=DAY))
    assert (frames["orders"]["amount"] < 0).any()
    return frames


@pytest.fixture(scope="module")
def here(shop):
    """What every case gives for DataFrames, in DuckDB."""
    return {(name, i): cells(case(shop)) for name, cases in CASES.items() for i, case in enumerate(cases)}


@pytest.fixture(scope="module")
def copies():
    """The tables of each engine, made once."""
    return {}


@pytest.fixture
def there(shop, engine, copies):
    if engine.name not in copies:
        copies[engine.name] = {name: engine.table(frame) for name, frame in shop.items()}
    return copies[engine.name]


def cells(result):
    """A result as a DataFrame of plain types in an order that does not depend on the engine."""
    if isinstance(result, pd.DataFrame):
        frame = pd.DataFrame(result)
        keys = [c for c in ("customer_id", "subscription_id", "started_at") if c in frame]
        return frame.sort_values(keys, ignore_index=True) if keys else frame.reset_index(drop=True)
    keys = [c for c in ("customer_id", "subscription_id", "started_at", "period") if c in result.columns]
    return frame_of(result, sort=keys or None)


def assert_same_cells(found, expected, by):
    assert len(expected)
    assert list(found.columns) == list(expected.columns)
    for frame in (found, expected):
        for column in frame:
            if frame[column].dtype.kind == "M":
                frame[column] = frame[column].astype("datetime64[us]")
    order = [c for c in by if c in expected.columns]
    found, expected = (f.sort_values(order, ignore_index=True) if order else f for f in (found, expected))
    pdt.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12, atol=1e-9)


def test_every_exported_function_is_compared_or_reads_no_table():
    assert set(CASES) | set(NO_TABLE) == set(summarise.__all__)
    assert not set(CASES) & set(NO_TABLE)


@pytest.mark.parametrize("name", CASES)
def test_every_engine_gives_the_same_cells(name, here, there):
    for i, case in enumerate(CASES[name]):
        result = case(there)
        assert_same_cells(cells(result), here[name, i].copy(), ["customer_id", "subscription_id", "period"])


@pytest.fixture(scope="module")
def untested(shop, tmp_path_factory):
    """The tables in SQLite, which the tests do not compare cell by cell."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        for name, frame in shop.items():
            frame.to_sql(name, database, index=False)
    connection = ibis.sqlite.connect(path)
    assert connection.name not in TESTED
    yield {name: connection.table(name) for name in shop}
    connection.disconnect()


@pytest.mark.parametrize("name", CASES)
def test_a_table_of_an_engine_that_is_not_tested_is_copied_with_a_word_and_gives_the_same_cells(name, here, untested):
    with pytest.warns(
        RetentionKitWarning, match="in sqlite, on which the numbers are not tested; its rows were copied"
    ):
        result = CASES[name][0](untested)
    if isinstance(result, ibis.Table):
        assert result.get_backend().name == "duckdb"
    assert_same_cells(cells(result), here[name, 0].copy(), ["customer_id", "subscription_id", "period"])


def test_models_and_scores_copy_customers_of_an_engine_that_is_not_tested(shop, untested):
    model = models.BGNBD(r=0.5, alpha=8.0, a=0.8, b=2.5, unit="week")
    with pytest.warns(RetentionKitWarning, match="in sqlite"):
        alive = model.probability_alive(untested["customers"]).order_by("customer_id").to_pandas()
    expected = model.probability_alive(shop["customers"].sort_values("customer_id", ignore_index=True))
    pdt.assert_series_equal(alive["probability_alive"], expected, check_names=False, check_index=False)
    with pytest.warns(RetentionKitWarning, match="in sqlite"):
        scored = rfm.score(untested["customers"]).order_by("customer_id").to_pandas()
    expected = rfm.score(shop["customers"]).sort_values("customer_id", ignore_index=True)
    assert scored[["R", "F", "M"]].values.tolist() == expected[["R", "F", "M"]].values.tolist()


def test_loading_copies_it_too_and_the_source_says_so(untested):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        data = load.orders(untested["orders"])
    assert "rows were copied out of sqlite" in data.source.assumptions
    assert data.table.get_backend().name == "duckdb"
