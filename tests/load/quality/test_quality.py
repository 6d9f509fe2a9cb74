"""The data quality page: its tables against a computation in pandas, and odd rows that are kept and named."""

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import ConfigError
from retention_kit.load import quality


@pytest.fixture(scope="module")
def cdnow():
    data = load.sample("cdnow")
    return data, data.to_pandas()


def test_cdnow_is_read_whole(cdnow):
    data, _ = cdnow
    assert (data.source.rows_read, data.source.rows_kept, data.source.rows_refused) == (69_659, 69_659, 0)
    assert data.table.customer_id.nunique().execute() == 23_570
    assert quality.refused(data).empty


def test_duplicates_of_cdnow_are_the_ones_pandas_finds(cdnow):
    data, frame = cdnow
    found = quality.duplicates(data)
    assert found.attrs["extra"] == frame.duplicated().sum()
    assert found.attrs["rows"] == frame.duplicated(keep=False).sum()
    assert found["times"].iloc[0] == frame.groupby(list(frame.columns)).size().max()


def test_coverage_of_cdnow_is_the_one_pandas_finds(cdnow):
    data, frame = cdnow
    table = quality.coverage(data)
    months = frame.groupby(frame["ordered_at"].dt.to_period("M"))
    assert table["rows"].tolist() == months.size().tolist()
    assert table["customers"].tolist() == months["customer_id"].nunique().tolist()
    assert table["amount"].round(2).tolist() == months["amount"].sum().round(2).tolist()
    assert table["days_in_period"].tolist()[:3] == [31, 28, 31]


def test_a_missing_month_is_a_row_of_zeros():
    rows = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": ["2024-01-31", "2024-03-01"], "amount": ["1", "2"]})
    table = quality.coverage(load.orders(rows))
    assert table["rows"].tolist() == [1, 0, 1]
    assert table["last_day"].isna().tolist() == [False, True, False]
    assert len(quality.coverage(load.orders(rows), period="day")) == 31
    assert quality.coverage(load.orders(rows), period="week")["rows"].sum() == 2


def test_tables_without_time_and_unknown_periods_are_named():
    lines = load.order_lines(pd.DataFrame({"order_id": ["1"], "product": ["tea"]}))
    with pytest.raises(ConfigError, match="no column of time"):
        quality.coverage(lines)
    with pytest.raises(ConfigError, match="period must be one of"):
        quality.coverage(load.sample("cdnow"), period="fortnight")


def test_amounts_and_orders_per_customer_are_those_of_pandas(cdnow):
    data, frame = cdnow
    found = quality.amounts(data).set_index("what")["value"]
    assert found["mean"] == pytest.approx(frame["amount"].mean())
    assert found["quantile 50%"] == pytest.approx(frame["amount"].median())
    assert found["largest"] == frame["amount"].max()
    each = frame.groupby("customer_id").size().clip(upper=5).value_counts().sort_index()
    assert quality.orders_per_customer(data)["customers"].tolist() == each.tolist()
    bins = quality.histogram(data, bins=20)
    assert len(bins) == 20
    assert bins["rows"].iloc[0] == ((frame["amount"] >= 0) & (frame["amount"] < bins["upper"].iloc[0])).sum()


def test_refused_rows_are_counted_by_rule_with_examples():
    rows = pd.DataFrame({"customer_id": ["a", "", "", "d"], "date": ["2024-01-31"] * 3 + ["x"], "amount": ["1"] * 4})
    table = quality.refused(load.orders(rows), examples=1)
    assert table[["rule", "rows", "share"]].values.tolist() == [
        ["missing_customer_id", 2, 0.5],
        ["unreadable_ordered_at", 1, 0.25],
    ]
    assert table["examples"].tolist() == [
        "row 1: customer_id is empty",
        "row 3: date must be a date that exists, came 'x'",
    ]


def test_odd_rows_are_kept_and_named():
    crowd = [("bulk", "2024-01-01 10:00:00", "1", f"b{i}") for i in range(12)]
    rows = [
        ("test@shop", "2024-01-01", "5", "1"), ("latest", "2024-01-01", "5", "2"), ("ann", "2024-01-02", "0", "3"),
        ("ben", "2024-01-03", "7", "4"), ("ben", "2024-01-04", "-7", "4"), ("cid", "2024-01-05", "1", "TEST-5"),
        ("dot", "2024-01-06", "3", "6"), ("dot", "2024-01-07", "4", "6"), *crowd,
    ]  # fmt: skip
    data = load.orders(pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "order_id"]))
    found = quality.warnings(data).set_index("name")["rows"].to_dict()
    assert found == {"zero_amount": 1, "test_order": 2, "crowded_second": 12, "same_order_id": 2}
    assert data.source.rows_refused == 0


def test_the_source_is_told_in_plain_words(cdnow):
    table = quality.source(cdnow[0]).set_index("what")["value"]
    assert table["rows kept"] == "69,659"
    assert table["currency"] == "USD"
    assert len(table["SHA-256"]) == 64


def test_quality_is_counted_alike_on_every_engine(engine):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c", "c", "c"],
            "ordered_at": pd.to_datetime(
                ["2024-01-01", "2024-01-01", "2024-03-05", "2024-03-05", "2024-03-06", "2024-03-31"]
            ),
            "amount": [1.5, 1.5, 0.0, -2.0, 8.0, 9.0],
        }
    )
    data = load.orders(engine.table(frame))
    assert quality.coverage(data)[["rows", "days"]].values.tolist() == [[2, 1], [0, 0], [4, 3]]
    assert quality.duplicates(data).attrs == {"groups": 1, "rows": 2, "extra": 1}
    assert quality.orders_per_customer(data)["customers"].tolist() == [1, 2, 0, 0, 0]
    assert quality.histogram(data, bins=3)["rows"].sum() == 5
    assert quality.amounts(data).set_index("what")["value"][["rows", "refunds", "zeros", "total"]].tolist() == [
        6,
        1,
        1,
        18,
    ]
    assert quality.warnings(data)["name"].tolist() == ["zero_amount"]
