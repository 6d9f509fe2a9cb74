"""Moments of files and frames that are instants, and those that a clock showed: INT96, zones, days since 1904.

INT96 counts from midnight UTC (apache/parquet-format, LogicalTypes.md); Spark 4.0.5 writes it without any option set.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from retention_kit import load
from retention_kit.errors import ConfigError, DataError

LATE = dt.datetime(2024, 4, 30, 22, 30)


def log(moments, kind, names="abcdefgh"):
    rows = {"customer_id": list(names[: len(moments)]), "amount": [1.0] * len(moments)}
    return pa.table(rows | {"ordered_at": pa.array(moments, kind)})


def shown(source, **how):
    data = load.orders(source, **how)
    assert data.refused.empty
    frame = data.to_pandas().sort_values("customer_id")
    return [str(moment) for moment in frame["ordered_at"]]


def test_int96_is_an_instant(tmp_path):
    pq.write_table(log([LATE], pa.timestamp("ns")), tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    assert shown(tmp_path / "a.parquet", timezone="Europe/Warsaw") == ["2024-05-01 00:30:00"]
    assert shown(tmp_path / "a.parquet", timezone="Asia/Taipei") == ["2024-05-01 06:30:00"]
    unnamed = load.orders(tmp_path / "a.parquet")
    assert [note.name for note in unnamed.source.warnings] == ["taken_in_utc"]
    assert load.orders(unnamed.save(tmp_path / "saved")).to_pandas()["ordered_at"][0] == pd.Timestamp(LATE)


def test_int96_of_a_dimension_is_kept(tmp_path):
    table = log([LATE], pa.timestamp("us")).append_column("packed_at", pa.array([LATE], pa.timestamp("ns")))
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    assert str(load.orders(tmp_path / "a.parquet", timezone="Asia/Taipei").to_pandas()["packed_at"][0]) == (
        "2024-04-30 22:30:00+00:00"
    )


def test_spark_and_duckdb_read_the_same_instant_from_the_file_that_spark_wrote(spark_engine, tmp_path):
    spark_engine.connection.raw_sql("SET spark.sql.parquet.outputTimestampType=INT96")
    spark_engine.connection.raw_sql("SET TIME ZONE 'Europe/Warsaw'")
    query = "SELECT 'a' customer_id, timestamp '2024-05-01 00:30:00' ordered_at, CAST(1 AS DECIMAL(10,2)) amount"
    try:
        rows = spark_engine.connection.sql(query)
        rows.to_parquet_dir(str(tmp_path / "written"))
    finally:
        spark_engine.connection.raw_sql("SET TIME ZONE 'UTC'")
    assert shown(str(tmp_path / "written" / "*.parquet"), timezone="Europe/Warsaw") == ["2024-05-01 00:30:00"]


def test_a_spark_session_that_was_moved_out_of_utc_is_refused(spark_engine):
    spark_engine.connection.raw_sql("SET TIME ZONE 'Asia/Tokyo'")
    try:
        with pytest.raises(ConfigError, match=r"shows instants in Asia/Tokyo.*run SET TIME ZONE 'UTC'"):
            load.orders(spark_engine.table(KINDS["zoned"][0]), timezone="Europe/Warsaw")
    finally:
        spark_engine.connection.raw_sql("SET TIME ZONE 'UTC'")


KINDS = {
    "local": (log([dt.datetime(2024, 5, 1, 0, 30)], pa.timestamp("us"), "a"), {}),
    "zoned": (log([LATE], pa.timestamp("us", "UTC"), "b"), {}),
    "elsewhere": (log([LATE], pa.timestamp("ns", "Asia/Taipei"), "c"), {}),
    "int96": (log([LATE], pa.timestamp("ns"), "d"), {"use_deprecated_int96_timestamps": True}),
    "days": (log([dt.date(2024, 5, 1)], pa.date32(), "e"), {}),
}


@pytest.mark.parametrize(
    ("names", "moments"),
    [
        ("local zoned", ["00:30", "00:30"]),
        ("zoned local int96", ["00:30", "00:30", "00:30"]),
        ("zoned int96", ["00:30", "00:30"]),
        ("zoned elsewhere", ["00:30", "00:30"]),
        ("local elsewhere int96", ["00:30", "00:30", "00:30"]),
    ],
)
def test_files_with_and_without_a_zone_are_each_read_as_written(tmp_path, names, moments):
    for i, name in enumerate(names.split()):
        pq.write_table(KINDS[name][0], tmp_path / f"{i}.parquet", **KINDS[name][1])
    assert shown(tmp_path / "*.parquet", timezone="Europe/Warsaw") == [f"2024-05-01 {m}:00" for m in moments]


def test_files_of_two_kinds_may_lack_columns_of_each_other(tmp_path):
    first = KINDS["local"][0].append_column("country", pa.array(["PL"]))
    pq.write_table(first, tmp_path / "0.parquet")
    pq.write_table(KINDS["zoned"][0], tmp_path / "1.parquet")
    data = load.orders(tmp_path, timezone="Europe/Warsaw")
    assert data.source.rows_read == 2
    assert "not in every file, and empty there: country" in data.source.assumptions
    assert data.to_pandas()["country"].fillna("").tolist() == ["PL", ""]


def test_on_spark_files_of_two_kinds_are_refused(spark_engine, tmp_path):
    for i, name in enumerate(("local", "zoned")):
        pq.write_table(KINDS[name][0], tmp_path / f"{i}.parquet")
    with pytest.raises(DataError, match="ordered_at has moments with a zone in some files and without in others"):
        load.orders(tmp_path / "*.parquet", connection=spark_engine.connection)


@pytest.mark.parametrize("day", [dt.datetime(2024, 5, 1), dt.date(2024, 5, 1), 43951, 43951.5])
def test_days_of_a_workbook_of_1904_are_those_that_excel_shows(tmp_path, day):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["customer_id", "ordered_at", "amount"], ["a", dt.datetime(2024, 5, 1), 10], ["b", day, 10]):
        book.active.append(row)
    book.save(tmp_path / "orders.xlsx")
    data = load.orders(tmp_path / "orders.xlsx")
    half = " 12:00:00" if day == 43951.5 else " 00:00:00"
    assert [str(moment) for moment in data.to_pandas()["ordered_at"]] == ["2024-05-01 00:00:00", "2024-05-01" + half]
    if isinstance(day, int | float):
        assert "ordered_at: five-digit numbers are Excel's days since 1904-01-01" in data.source.assumptions


def test_workbooks_of_1900_and_1904_are_not_read_under_each_other(tmp_path):
    for name, epoch in (("a", CALENDAR_MAC_1904), ("b", None)):
        book = openpyxl.Workbook()
        book.epoch = epoch or book.epoch
        for row in (["customer_id", "ordered_at", "amount"], [name, 45000, 10]):
            book.active.append(row)
        book.save(tmp_path / f"{name}.xlsx")
    with pytest.raises(DataError, match="count days from 1900, others from 1904"):
        load.orders(tmp_path / "*.xlsx")


@pytest.mark.parametrize(
    "moments",
    [
        pd.Series([dt.datetime(2024, 5, 1, 0, 30, tzinfo=ZoneInfo("Europe/Warsaw")), None], dtype=object),
        pd.Series([pd.Timestamp("2024-05-01 00:30", tz="Europe/Warsaw"), pd.NaT], dtype=object),
        pd.Series(pd.to_datetime(["2024-05-01 00:30", None]).tz_localize("Europe/Warsaw")),
        pd.Series(pd.to_datetime(["2024-05-01 00:30", None]).tz_localize("Europe/Warsaw")).astype(
            pd.ArrowDtype(pa.timestamp("us", "Europe/Warsaw"))
        ),
    ],
    ids=["objects", "timestamps", "pandas", "arrow"],
)
def test_a_frame_keeps_its_time_zone(moments):
    rows = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": moments, "amount": 1.0})
    data = load.orders(rows)
    assert data.timezone == "Europe/Warsaw"
    assert [str(moment) for moment in data.to_pandas()["ordered_at"]] == ["2024-05-01 00:30:00"]
    assert data.source.warnings == ()
