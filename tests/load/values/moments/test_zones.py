"""Moments with an offset: the zone that a source names is taken; where it names none, or several, that is said."""

import datetime as dt

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_kit import load, summarise
from retention_kit.errors import RetentionKitWarning


def log(moments, zone):
    stamps = pd.to_datetime(moments).tz_localize(zone)
    return pd.DataFrame({"customer_id": "a", "ordered_at": stamps, "amount": 1.0})


NEW_YORK = log(["2024-01-01 10:00", "2024-03-01 00:30", "2024-06-30 23:30"], "America/New_York")
TAIPEI = log(["2024-01-01 00:00"], "Asia/Taipei")


def as_frame(frame, folder):  # noqa: ARG001
    return frame


def as_arrow(frame, folder):  # noqa: ARG001
    return pa.Table.from_pandas(frame)


def in_memory(frame, folder):  # noqa: ARG001
    return ibis.memtable(frame)


def as_parquet(frame, folder):
    pq.write_table(pa.Table.from_pandas(frame), folder / "orders.parquet")
    return load.orders(folder / "orders.parquet")


@pytest.mark.parametrize("made", [as_frame, as_arrow, in_memory, as_parquet])
def test_the_zone_of_the_column_is_the_business_time_zone(made, tmp_path, recwarn):
    ny = summarise.customers(made(NEW_YORK, tmp_path), as_of="2024-06-30").to_pandas().iloc[0]
    assert (ny["frequency"], ny["first_order"]) == (2, pd.Timestamp("2024-01-01 10:00"))
    taipei = summarise.customers(made(TAIPEI, tmp_path), as_of="2024-06-30").to_pandas().iloc[0]
    assert taipei["T"] == pytest.approx(181 / 7)
    assert not [w for w in recwarn if issubclass(w.category, RetentionKitWarning)]


@pytest.mark.parametrize("made", [as_frame, as_arrow, in_memory])
def test_load_takes_it_too_says_so_and_a_named_zone_goes_before_it(made, tmp_path):
    data = load.orders(made(TAIPEI, tmp_path))
    assert data.timezone == "Asia/Taipei"
    assert data.source.assumptions == ("ordered_at: moments with an offset are shown in Asia/Taipei",)
    assert load.orders(made(TAIPEI, tmp_path), timezone="UTC").to_pandas()["ordered_at"][0] == pd.Timestamp(
        "2023-12-31 16:00"
    )


def test_a_fixed_offset_of_whole_hours_is_a_zone():
    data = load.orders(log(["2024-05-01 23:30"], dt.timezone(dt.timedelta(hours=8))))
    assert data.to_pandas()["ordered_at"][0] == pd.Timestamp("2024-05-01 23:30")


ODD = {
    "two zones in one column": NEW_YORK.assign(
        ordered_at=[pd.Timestamp("2024-05-01 23:30", tz=z) for z in ("Asia/Taipei", "UTC", "America/New_York")]
    ),
    "text with offsets": NEW_YORK.assign(ordered_at=NEW_YORK["ordered_at"].map(str)),
    "half an hour": log(["2024-05-01 23:30"], dt.timezone(dt.timedelta(hours=5, minutes=30))),
}


@pytest.mark.parametrize("name", ODD)
def test_where_no_single_zone_is_named_utc_is_taken_and_said(name):
    data = load.orders(ODD[name])
    assert data.timezone == "UTC"
    assert [note.name for note in data.source.warnings] == ["taken_in_utc"]
    with pytest.warns(RetentionKitWarning, match="taken in UTC; pass timezone="):
        summarise.customers(ODD[name], as_of="2024-06-30")
    assert load.orders(ODD[name], timezone="Asia/Taipei").source.warnings == ()


def test_columns_of_two_zones_are_taken_in_utc_and_said():
    rows = pd.DataFrame({"customer_id": ["a"], "subscription_id": ["s"], "mrr": [1.0]})
    rows["started_at"] = pd.to_datetime(["2024-05-01 23:30"]).tz_localize("Asia/Taipei")
    rows["ended_at"] = pd.to_datetime(["2024-06-01 23:30"]).tz_localize("America/New_York")
    data = load.subscriptions(rows)
    assert data.to_pandas()["started_at"][0] == pd.Timestamp("2024-05-01 15:30")
    assert [note.name for note in data.source.warnings] == ["taken_in_utc"]


def test_utc_that_is_written_is_no_guess(recwarn):
    for moments in (["2024-05-01T23:30:00Z"], ["2024-05-01 23:30+00:00"], ["2024-05-01 23:30 UTC"], ["2024-05-01"]):
        rows = pd.DataFrame({"customer_id": ["a"], "ordered_at": moments, "amount": [1.0]})
        assert load.orders(rows).source.warnings == ()
    assert load.orders(log(["2024-05-01 23:30"], "UTC")).source.warnings == ()
    assert not [w for w in recwarn if issubclass(w.category, RetentionKitWarning)]


def test_instants_in_an_engine_never_take_the_zone_of_the_session(engine):
    """PostgreSQL of the tests is in Asia/Tokyo; Ibis puts the session of Spark into UTC."""
    table = engine.table(pa.Table.from_pandas(log(["2024-05-01 16:30"], "UTC")))
    if engine.name == "spark":  # Ibis shows its instants as local times: only loading asks Spark which they are
        assert load.orders(table).source.warnings[0].name == "taken_in_utc"
        table = load.orders(table)
        first = summarise.customers(table, as_of="2024-06-30").to_pandas()["first_order"][0]
    else:
        with pytest.warns(RetentionKitWarning, match="taken in UTC"):
            first = summarise.customers(table, as_of="2024-06-30").to_pandas()["first_order"][0]
    assert first == pd.Timestamp("2024-05-01 16:30")
