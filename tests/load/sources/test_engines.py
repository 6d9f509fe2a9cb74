"""The same rules give the same rows on DuckDB, PostgreSQL and Spark."""

import pandas as pd
import pyarrow as pa
import pytest
from engines import frame_of

from retention_kit import load

TEXT = pd.DataFrame(
    {
        "customer_id": ["ann", "ben", None, "cid", "dan", "eva", "eva", "fay", "gus", "hal"],
        "order_id": ["1", "2", "3", "4", "5", "6", "6", "7", "8", "9"],
        "ordered_at": [
            "2024-05-01T23:30:00Z",
            "2024-03-31 00:30:00+01:00",
"2024-05-01", "2024-02-30", "20240501",
            "May 3, 2024 9:05 PM", "May 3, 2024 9:05 PM", "31/12/2023 08:00", "1969-12-31", "45413.5",
        ],
        "amount": ["€10,05", "1.234,50", "1", "2", "(3,00)", "7", "7", "abc", "1", "0,10"],
        "country": ["PL", "PL", "TW", "TW", None, "US", "US", "US", "US", "PL"],
    },
    dtype="object",
)  # fmt: skip


@pytest.fixture
def text(engine):
    columns = {name: pa.array(TEXT[name].tolist(), pa.string()) for name in TEXT}
    return engine.table(pa.table(columns))


def test_text_is_read_alike_on_every_engine(text):
    data = load.orders(text, timezone="Europe/Warsaw")
    kept = frame_of(data.table, sort=["order_id"])
    assert kept["customer_id"].tolist() == ["ann", "ben", "dan", "eva", "hal"]
    assert kept["amount"].tolist() == [10.05, 1234.5, -3.0, 7.0, 0.1]
    assert kept["ordered_at"].astype(str).tolist() == [
        "2024-05-02 01:30:00",
        "2024-03-31 00:30:00",
        "2024-05-01 00:00:00",
        "2024-05-03 21:05:00",
        "2024-05-01 12:00:00",
    ]
    assert sorted(data.refused["rule"]) == [
        "before_1970", "duplicate", "missing_customer_id", "unreadable_amount", "unreadable_ordered_at",
    ]  # fmt: skip
    assert data.source.rows_read == 10


def test_typed_columns_stay_in_their_engine(engine):
    frame = pd.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "ordered_at": pd.to_datetime(["2024-05-01 10:00", "2024-05-02 11:30", "1960-01-01"], format="mixed"),
            "amount": [10.05, 2.5, 3.0],
        }
    )
    data = load.orders(engine.table(frame))
    kept = frame_of(data.table)
    assert data.table.get_backend() is engine.connection
    assert kept["customer_id"].tolist() == ["1", "2"]
    assert kept["amount"].tolist() == [10.05, 2.5]
    assert kept["ordered_at"].astype(str).tolist() == ["2024-05-01 10:00:00", "2024-05-02 11:30:00"]
    assert data.refused[["rule", "customer_id"]].values.tolist() == [["before_1970", "3"]]


def test_moments_with_an_offset_are_moved_on_every_engine(engine):
    moments = pa.array(pd.to_datetime(["2024-07-01 22:30", "2024-01-01 22:30"]).tz_localize("UTC"))
    rows = pa.table({"customer_id": ["ann", "ben"], "ordered_at": moments, "amount": [1.0, 2.0]})
    kept = frame_of(load.orders(engine.table(rows), timezone="Europe/Warsaw").table)
    assert kept["ordered_at"].astype(str).tolist() == ["2024-07-02 00:30:00", "2024-01-01 23:30:00"]


def test_a_saved_dataset_is_the_same_from_every_engine(engine, tmp_path):
    rows = pa.table({"customer_id": ["ann", "ben"], "ordered_at": ["2024-05-01", "x"], "amount": ["10.05", "2"]})
    data = load.orders(engine.table(rows))
    again = load.orders(data.save(tmp_path))
    pd.testing.assert_frame_equal(frame_of(again.table), frame_of(data.table), check_dtype=False)
    assert again.source == data.source


def test_parquet_files_of_any_name_are_read_by_the_engine_that_is_given(tmp_path, spark_engine, duckdb_engine):
    frame = pd.DataFrame({"customer_id": ["ann"], "ordered_at": pd.Timestamp("2024-05-01"), "amount": [1.0]})
    for i, name in enumerate(("may", "a[1]", "b,c {x}", "sub folder/d*e")):
        path = tmp_path / "log" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.assign(amount=float(i + 1), **({"channel": "web"} if i else {})).to_parquet(path)
    for engine in (spark_engine, duckdb_engine):
        data = load.orders(tmp_path / "log", connection=engine.connection)
        assert data.table.get_backend().name == {"spark": "pyspark"}.get(engine.name, engine.name)
        kept = frame_of(data.table, sort=["amount"])
        assert kept["amount"].tolist() == [1.0, 2.0, 3.0, 4.0]
        assert kept["channel"].isna().tolist() == [True, False, False, False]
        single = load.orders(tmp_path / "log" / "a[1].parquet", connection=engine.connection)
        assert single.to_pandas()["amount"].tolist() == [2.0]
