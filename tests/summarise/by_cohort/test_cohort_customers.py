"""The customers behind a cohort table: as many as each cell counts, and the right ones."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError

AS_OF = "2024-06-10"
DEFINITIONS = {
    "on": {},
    "on or after": {"counting": "on_or_after"},
    "own periods": {"rolling": True},
    "own periods, or after": {"rolling": True, "counting": "on_or_after"},
    "brackets": {"counting": "brackets", "brackets": [(1, 2), (3, 5)]},
}


@pytest.fixture(scope="module")
def shop():
    """Forty customers over half a year, some refunds, two channels, and one order without a channel."""
    rng = np.random.default_rng(7)
    n = 160
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 160, n), unit="D")
    log = pd.DataFrame({"customer_id": rng.integers(0, 40, n).astype(str), "ordered_at": days})
    log["amount"] = rng.integers(1, 60, n) * np.where(rng.random(n) < 0.1, -1.0, 1.0)
    log["channel"] = rng.choice(["mail", "shop", None], n, p=[0.5, 0.4, 0.1])
    return log


@pytest.fixture(scope="module")
def orders(shop):
    """That shop, read once."""
    return load.orders(shop)


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("by", [None, "channel"])
def test_there_are_as_many_customers_as_each_cell_counts(orders, definition, by):
    request = {"as_of": AS_OF, **DEFINITIONS[definition]}
    table = summarise.cohorts(orders, by=by, **request)
    for cohort, cells in table.groupby(["cohort"] if by is None else ["cohort", by], dropna=False):
        group = {"cohort": cohort[0]} if by is None else {"cohort": cohort[0], "by": by, "value": cells[by].iloc[0]}
        everybody = summarise.cohort_customers(orders, **group, **request).to_pandas()["customer_id"]
        assert (cells["size"] == len(everybody)).all()
        for row in cells[cells["reached"] > 0].itertuples():
            there = summarise.cohort_customers(orders, age=row.age, **group, **request).to_pandas()["customer_id"]
            assert len(there) == row.active, row
            assert set(there) <= set(everybody)


def test_the_customers_and_their_money_by_hand():
    log = pd.DataFrame(
        [("ada", "2024-01-05", 10), ("ada", "2024-02-10", 20), ("ada", "2024-02-11", -5), ("bo", "2024-01-20", 15)],
        columns=["customer_id", "ordered_at", "amount"],
    )
    (ada,) = summarise.cohort_customers(log, as_of="2024-02-29", cohort="2024-01-01", age=1).to_dict("records")
    first, last = pd.Timestamp("2024-01-05"), pd.Timestamp("2024-02-10")
    assert ada == {
        "customer_id": "ada",
        "orders": 2,
        "revenue": 25.0,
        "first_order": first,
        "last_order": last,
        "days_since_last": 19,
    }


def test_a_table_of_an_engine_stays_there(duckdb_engine, shop):
    table = duckdb_engine.connection.create_table("orders_of_cohort_customers", shop, overwrite=True)
    rows = summarise.cohort_customers(table, as_of=AS_OF, cohort="2024-01-01", age=2)
    frame = summarise.cohort_customers(shop, as_of=AS_OF, cohort="2024-01-01", age=2)
    assert not isinstance(rows, pd.DataFrame)
    assert sorted(rows.to_pandas()["customer_id"]) == frame["customer_id"].tolist()


def test_an_age_that_nobody_has_reached_is_refused(shop):
    with pytest.raises(DataError, match="had reached age 9 by 2024-06-10"):
        summarise.cohort_customers(shop, as_of=AS_OF, cohort="2024-01-01", age=9)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"by": "channel"}, "by and value go together"),
        ({"value": "mail"}, "by and value go together"),
        ({"counting": "brackets", "brackets": [(1, 2)], "age": 2}, "age is the first age of a bracket; got 2"),
        ({"age": -1}, "age must be a whole number, 0 or more"),
        ({"counting": "ever"}, "counting is one of on, on_or_after, brackets"),
        ({"cohort": "January"}, "cohort is a day such as"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(shop, request_, message):
    with pytest.raises(ConfigError, match=message):
        summarise.cohort_customers(shop, **{"as_of": AS_OF, "cohort": "2024-01-01"} | request_)
