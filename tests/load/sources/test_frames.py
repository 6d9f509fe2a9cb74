"""DataFrames and Arrow tables: read where they are when nothing needs cleaning, with the same result as if it did."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from retention_kit import load, summarise

CLEAN = pd.DataFrame(
    {
        "customer_id": ["b", "a", "b", "c"],
        "ordered_at": pd.to_datetime(["2026-03-02 10:00", "2026-01-05 00:00", "2026-01-07 00:00", "2026-02-01 00:00"]),
        "amount": [10.05, 0.0, 7.5, -2.0],
        "channel": ["web", "shop", None, "web"],
    }
)


class Stream:
    """An object of which only Arrow's protocol is known."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def rows(data):
    return data.to_pandas().astype({"channel": "object"}).fillna({"channel": ""})


def test_rows_that_need_no_cleaning_are_those_of_rows_that_do():
    spaced = CLEAN.assign(customer_id=["b ", "a", "b", "c"])
    pd.testing.assert_frame_equal(rows(load.orders(CLEAN)), rows(load.orders(spaced)))


def test_rows_stay_in_the_order_of_the_frame():
    n = 300_000
    frame = pd.DataFrame(
        {
            "customer_id": np.random.default_rng(1).integers(0, 50_000, n).astype(str),
            "ordered_at": pd.Timestamp("2026-01-01"),
            "amount": np.arange(n, dtype="float64"),
        }
    )
    assert (load.orders(frame).to_pandas()["amount"] == frame["amount"]).all()


@pytest.mark.parametrize("spaced", [False, True])
def test_rows_without_a_customer_are_refused_with_their_position(spaced):
    frame = CLEAN.assign(customer_id=["b ", None, "b", "c"] if spaced else ["b", None, "b", "c"])
    data = load.orders(frame)
    assert data.refused[["row", "rule"]].values.tolist() == [[1, "missing_customer_id"]]
    assert (data.source.rows_read, data.source.rows_kept) == (4, 3)


@pytest.mark.parametrize("kind", ["arrow", "dictionary", "duckdb", "stream"])
def test_tables_of_arrow_are_read_as_frames_are(kind):
    table = pa.Table.from_pandas(CLEAN, preserve_index=False)
    if kind == "dictionary":
        table = table.set_column(3, "channel", table["channel"].combine_chunks().dictionary_encode())
    source = {"duckdb": lambda: duckdb.from_arrow(table), "stream": lambda: Stream(table)}.get(kind, lambda: table)()
    pd.testing.assert_frame_equal(rows(load.orders(source)), rows(load.orders(CLEAN)))


def test_a_table_of_arrow_is_summarised_without_loading_it_first():
    table = pa.Table.from_pandas(CLEAN, preserve_index=False)
    ours = summarise.cohorts(table, as_of="2026-03-31")
    pd.testing.assert_frame_equal(ours, summarise.cohorts(CLEAN, as_of="2026-03-31"))


def test_columns_of_arrow_with_one_name_are_numbered():
    table = pa.Table.from_pandas(CLEAN, preserve_index=False)
    twice = table.append_column("channel", table["channel"])
    assert list(load.orders(twice).table.columns)[-2:] == ["channel", "channel_2"]


def test_odd_rows_of_a_frame_are_looked_for_when_the_source_is_shown():
    frame = pd.concat([CLEAN, CLEAN.tail(1)])
    data = load.orders(frame)
    assert data.as_read.warnings == ()
    assert {note.name: note.rows for note in data.source.warnings} == {"zero_amount": 1, "same_row": 2}
    assert "2 warnings" in repr(data)


def test_odd_rows_of_a_frame_are_saved(tmp_path):
    load.orders(CLEAN).save(tmp_path)
    assert [note.name for note in load.orders(tmp_path).source.warnings] == ["zero_amount"]


@pytest.mark.parametrize(
    ("ids", "apart"),
    [
        (["a", "A", "b", "c"], 2),
        (["A", "B", "C", "A"], 0),
        (["a", "b", "c", "a"], 0),
        (["x@y.de", "X@y.de", "B", "C"], 0),
    ],
)
def test_ids_that_differ_in_capitals_are_named(ids, apart):
    notes = load.orders(CLEAN.assign(customer_id=ids)).source.warnings
    assert sum(note.rows for note in notes if note.name == "ids_differ_in_capitals") == apart
