"""Parquet files of a Delta, Iceberg or Hudi table are refused; folders of Parquet files alone are read."""

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError

FRAME = pd.DataFrame({"customer_id": ["ann", "ben"], "ordered_at": pd.Timestamp("2026-05-01"), "amount": [1.0, 2.0]})

TABLES = {
    "Delta": ("part-0.parquet", "_delta_log/00000000000000000000.json", "give 'delta:"),
    "Delta partitioned": ("country=PL/part-0.parquet", "_delta_log/00000000000000000000.json", "give 'delta:"),
    "Iceberg": ("data/00000-0.parquet", "metadata/00001-5b2f.metadata.json", "00001-5b2f.metadata.json', in place"),
    "Iceberg of a folder": ("data/day=1/a.parquet", "metadata/v2.gz.metadata.json", "v2.gz.metadata.json', in place"),
    "Hudi": ("PL/a_0-1_2.parquet", ".hoodie/hoodie.properties", "HudiTableBuilder"),
    "Paimon": ("bucket-0/data-1.parquet", "manifest/manifest-list-1-0", "pypaimon"),
}


def put(path, content=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        FRAME.to_parquet(path)
    else:
        path.write_text(content)


@pytest.mark.parametrize("name", TABLES)
def test_the_files_of_a_table_with_a_log_are_refused_with_the_way_to_read_it(tmp_path, name):
    data, log, way = TABLES[name]
    table = tmp_path / "lake" / "orders"
    put(table / data)
    put(table / log, "{}")
    for source in (table, f"{table}/**/*.parquet", table / data, (table / data).parent, tmp_path / "lake"):
        with pytest.raises(DataError, match=f"in {name.split()[0]} format") as caught:
            load.orders(source)
        assert way in str(caught.value)
        assert "deleted or changed" in str(caught.value)


def test_a_table_whose_folder_holds_its_log_alone_is_named_too(tmp_path):
    put(tmp_path / "_delta_log" / "0.json", "{}")
    with pytest.raises(DataError, match="in Delta format"):
        load.orders(tmp_path)


def test_a_checkpoint_of_the_log_is_not_a_table(tmp_path):
    put(tmp_path / "_delta_log" / "00000000000000000010.checkpoint.parquet")
    with pytest.raises(DataError, match="in Delta format"):
        load.orders(tmp_path / "_delta_log" / "00000000000000000010.checkpoint.parquet")


def test_files_of_a_ducklake_are_known_by_their_names(tmp_path):
    put(tmp_path / "main" / "orders" / "ducklake-019.parquet")
    with pytest.raises(DataError, match="in DuckLake format"):
        load.orders(tmp_path / "main")


def test_a_link_to_a_file_of_such_a_table_is_followed(tmp_path):
    put(tmp_path / "lake" / "a.parquet")
    put(tmp_path / "lake" / "_delta_log" / "0.json", "{}")
    (tmp_path / "orders.parquet").symlink_to(tmp_path / "lake" / "a.parquet")
    with pytest.raises(DataError, match="in Delta format"):
        load.orders(tmp_path / "orders.parquet")


def test_folders_that_spark_and_hive_wrote_are_read(tmp_path):
    for part in ("country=PL/part-0.parquet", "country=TW/part-0.parquet", "_temporary/0/part-9.parquet"):
        put(tmp_path / part)
    for mark in ("_SUCCESS", "_metadata", ".part-0.parquet.crc", "country=PL/_SUCCESS"):
        put(tmp_path / mark, "")
    data = load.orders(tmp_path)
    assert data.source.rows_read == 4
    assert data.to_pandas()["amount"].sum() == 6.0


def test_a_folder_called_metadata_is_not_a_table(tmp_path):
    put(tmp_path / "orders" / "a.parquet")
    put(tmp_path / "metadata" / "columns.json", "{}")
    assert load.orders(tmp_path / "orders").source.rows_read == 2


def test_a_csv_export_beside_a_log_is_read(tmp_path):
    put(tmp_path / "_delta_log" / "0.json", "{}")
    put(tmp_path / "export.csv", "customer_id,date,amount\nann,2026-05-01,1.5\n")
    assert load.orders(tmp_path / "export.csv").source.rows_read == 1
