"""Delta and Iceberg tables as sources: the rows that the table has, at the version that was asked for."""

import subprocess
import sys

import ibis
import lake_tables
import pandas as pd
import pandas.testing as pdt
import pyarrow as pa
import pytest

from retention_kit import extras, load, summarise
from retention_kit.errors import ConfigError, DataError, MissingExtraError

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")

LOG = pd.DataFrame(
    {
        "customer_id": ["ann", "ben", "cid", "ann", "dan"],
        "ordered_at": pd.to_datetime(["2026-03-01", "2026-03-02", "2026-04-03", "2026-04-04", "2026-05-05"]),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
        "country": ["PL", "TW", "PL", "PL", "TW"],
    }
)


@pytest.fixture(params=["delta", "iceberg"])
def lake(request, tmp_path):
    """A lake of each kind, to which the tests write."""
    with getattr(lake_tables, request.param)(tmp_path) as opened:
        yield opened


def rows(data):
    """The orders as plain values, in the order of the table's customers and days."""
    frame = data.to_pandas()
    frame["ordered_at"] = frame["ordered_at"].astype("datetime64[us]")
    return frame.sort_values(["customer_id", "ordered_at", "amount"], ignore_index=True)


def test_a_table_has_the_rows_that_were_written(lake):
    source = lake.create("orders", LOG)
    data = load.orders(source)
    pdt.assert_frame_equal(rows(data), rows(load.orders(LOG)), check_dtype=False)
    assert (data.source.kind, data.source.name, data.source.sha256) == (lake.kind, source, None)


def test_deleted_rows_are_not_read_and_an_earlier_version_has_them(lake):
    source = lake.create("orders", LOG)
    before = lake.version("orders")
    lake.delete("orders", "ann")
    assert rows(load.orders(source))["customer_id"].tolist() == ["ben", "cid", "dan"]
    assert len(rows(load.orders(f"{source}@{before}"))) == 5


def test_overwritten_rows_are_read_as_they_are_now(lake):
    source = lake.create("orders", LOG)
    lake.overwrite("orders", LOG.assign(amount=LOG["amount"] + 1).head(3))
    assert rows(load.orders(source))["amount"].tolist() == [11.0, 21.0, 31.0]


def test_a_column_that_was_added_later_is_empty_in_earlier_rows(lake):
    source = lake.create("orders", LOG)
    lake.append("orders", LOG.assign(channel="web", customer_id="eve"))
    frame = rows(load.orders(source))
    assert frame["channel"].isna().sum() == 5
    assert set(frame.loc[frame["customer_id"] == "eve", "channel"]) == {"web"}


def test_the_column_of_partitions_is_read_from_the_table_not_from_the_names_of_folders(lake):
    source = lake.create("orders", LOG.assign(country=["01", "TW", "01", "a b/c", "TW"]), by="country")
    lake.delete("orders", "dan")
    counts = rows(load.orders(source)).groupby("country").size().to_dict()
    assert counts == {"01": 2, "TW": 1, "a b/c": 1}


def test_summaries_are_those_of_the_same_rows_in_a_frame(lake):
    source = lake.create("orders", LOG)
    lake.append("orders", LOG.assign(ordered_at=LOG["ordered_at"] + pd.Timedelta(days=40)))
    lake.delete("orders", "ben")
    both = pd.concat([LOG, LOG.assign(ordered_at=LOG["ordered_at"] + pd.Timedelta(days=40))])
    expected = summarise.cohorts(load.orders(both[both["customer_id"] != "ben"]).table, as_of="2026-06-30")
    pdt.assert_frame_equal(summarise.cohorts(load.orders(source).table, as_of="2026-06-30"), expected)


def test_instants_exact_money_and_rows_to_refuse_are_as_in_a_frame(lake):
    frame = LOG.assign(
        ordered_at=LOG["ordered_at"].dt.tz_localize("UTC") + pd.Timedelta(hours=23),
        amount=pd.array([10.05, float("nan"), 1e300, -3.5, 0.1]),
        customer_id=["ann", "", None, "ann ", "dan"],
    )
    data = load.orders(lake.create("orders", frame), timezone="Asia/Taipei")
    expected = load.orders(frame, timezone="Asia/Taipei")
    pdt.assert_frame_equal(rows(data), rows(expected), check_dtype=False)
    assert sorted(data.refused["rule"]) == sorted(expected.refused["rule"])
    assert rows(data)["ordered_at"].dt.day.tolist() == [2, 5, 6]


def test_the_version_changes_with_the_rows_and_two_loads_write_the_same_bytes(lake, tmp_path):
    source = lake.create("orders", LOG)
    lake.append("orders", LOG)
    first, second = load.orders(source), load.orders(source)
    assert first.source.version == second.source.version
    files = [data.save(tmp_path / name) / "orders.parquet" for name, data in (("one", first), ("two", second))]
    assert files[0].read_bytes() == files[1].read_bytes()
    lake.append("orders", LOG)
    assert load.orders(source).source.version != first.source.version
    assert len(load.orders(source).to_pandas()) == 15
    assert len(first.to_pandas()) == 10, "a table that is open stays at the version that it was opened at"


def test_a_saved_table_keeps_the_version(lake, tmp_path):
    data = load.orders(lake.create("orders", LOG))
    assert load.orders(data.save(tmp_path / "saved")).source.version == data.source.version


def test_a_lake_table_is_one_of_several_sources_under_its_own_name(lake):
    both = load.orders([lake.create("orders", LOG), LOG.assign(customer_id="eve")])
    assert "orders" in set(both.to_pandas()["source"])
    assert both.source.rows_kept == 10


def test_headers_of_a_lake_table_are_recognised_and_mapped(lake):
    source = lake.create(
        "export", LOG.rename(columns={"customer_id": "Email", "ordered_at": "Date", "amount": "Total"})
    )
    assert load.orders(source, columns={"customer_id": "Email"}).source.rows_kept == 5


def test_a_connection_of_duckdb_holds_the_rows(lake):
    connection = ibis.duckdb.connect()
    data = load.orders(lake.create("orders", LOG), connection=connection)
    assert data.table.get_backend() is connection
    assert data.table.count().to_pyarrow().as_py() == 5


def test_a_table_without_rows_says_so(lake):
    with pytest.raises(DataError, match="no row"):
        load.orders(lake.create("orders", LOG.head(0)))


def test_the_files_of_a_table_are_refused_with_the_source_that_reads_it(lake):
    source = lake.create("orders", LOG)
    with pytest.raises(DataError, match=f"give '{lake.kind}:") as caught:
        load.orders(lake.folder("orders"))
    advised = lake.advised(str(caught.value))
    pdt.assert_frame_equal(rows(load.orders(advised)), rows(load.orders(source)))


def test_a_table_or_version_that_does_not_exist_is_one_sentence(lake):
    source = lake.create("orders", LOG)
    for wrong in (source.replace("orders", "nowhere"), f"{source}@99"):
        with pytest.raises(DataError) as caught:
            load.orders(wrong)
        assert "\n" not in str(caught.value)
        assert "Traceback" not in str(caught.value)


def test_a_catalogue_that_is_not_described_is_named():
    pytest.importorskip("pyiceberg")
    with pytest.raises(DataError, match="knows no catalogue elsewhere; describe it"):
        load.orders("iceberg:elsewhere.sales.orders")
    with pytest.raises(ConfigError, match="write iceberg:CATALOG"):
        load.orders("iceberg:orders")


def test_a_version_of_a_delta_table_is_a_number(tmp_path):
    with lake_tables.delta(tmp_path) as lake, pytest.raises(ConfigError, match="such as @v3"):
        load.orders(lake.create("orders", LOG) + "@main")


def test_a_file_that_was_removed_since_is_an_error_of_the_data(lake):
    data = load.orders(lake.create("orders", LOG))
    for path in lake.data_files("orders"):
        path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        data.to_pandas()


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_package_that_is_missing_is_named_with_its_extra(kind, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=rf'pip install "retention-kit\[{kind}\]"'):
        load.orders(f"{kind}:somewhere.sales.orders")


@pytest.mark.parametrize(
    "source", ["delta:s3://anna:secret-word@lake/orders", "delta:abfss://lake@shop.example/orders?sv=1&sig=secret-word"]
)
def test_a_password_in_the_address_of_a_table_is_refused_and_not_repeated(source):
    with pytest.raises(ConfigError, match="holds a password") as caught:
        load.orders(source)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("features", [["deletionVectors"], ["columnMapping"], None])
def test_deletion_vectors_and_mapped_columns_of_other_writers_are_read(features, tmp_path):
    """deltalake does not write them, so the log is written here as the protocol describes it.

    With `features` None the columns are mapped by reader version 2, whose protocol has no list of features.
    """
    pytest.importorskip("deltalake")
    deleted = [1, 3] if features == ["deletionVectors"] else []
    lake_tables.delta_log(tmp_path / "orders", LOG, features=features, deleted=deleted)
    frame = rows(load.orders(f"delta:{tmp_path / 'orders'}"))
    expected = LOG.drop(index=deleted).sort_values(["customer_id", "ordered_at"], ignore_index=True)
    assert frame["customer_id"].tolist() == expected["customer_id"].tolist()
    assert frame["amount"].tolist() == expected["amount"].tolist()


def test_a_table_with_a_feature_that_no_reader_knows_is_refused(tmp_path):
    pytest.importorskip("deltalake")
    lake_tables.delta_log(tmp_path / "orders", LOG, features=["featureOfTomorrow"])
    with pytest.raises(DataError, match="featureOfTomorrow"):
        load.orders(f"delta:{tmp_path / 'orders'}")


def test_loading_a_file_imports_neither_package():
    code = "import sys; from retention_kit import load; load.sample('cdnow'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"deltalake", "pyiceberg"} & set(done.stdout.split())


def test_rows_stream_and_the_table_is_not_held_in_memory(lake):
    """Rows of ten files, of which a query holds few at a time; the engine may use less memory than the table needs."""
    many = pd.concat([LOG] * 20_000, ignore_index=True).assign(note="n" * 200)
    source = lake.create("orders", many)
    for _ in range(3):
        lake.append("orders", many)
    connection = ibis.duckdb.connect(memory_limit="64MB", threads=1, preserve_insertion_order=True)
    data = load.orders(source, connection=connection)
    assert pa.array(many["note"]).nbytes * 4 > 64_000_000
    assert data.table.amount.sum().to_pyarrow().as_py() == 4 * 20_000 * 150
