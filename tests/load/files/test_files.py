"""Parquet, Excel, JSON lines, folders and patterns."""

import datetime
import gzip

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError

FRAME = pd.DataFrame(
    {
        "customer_id": ["ann", "ben", ""],
        "ordered_at": pd.to_datetime(["2024-05-01 10:00", "2024-05-02 11:30", "2024-05-03 00:00"]),
        "amount": [10.05, -2.5, 1.0],
        "country": ["PL", "TW", "US"],
    }
)
KEPT = [["ann", pd.Timestamp("2024-05-01 10:00"), 10.05, "PL"], ["ben", pd.Timestamp("2024-05-02 11:30"), -2.5, "TW"]]


def kept(data):
    frame = data.to_pandas()
    frame["ordered_at"] = frame["ordered_at"].astype("datetime64[us]")
    return frame.values.tolist()


def test_parquet_stays_where_it_is(tmp_path):
    FRAME.to_parquet(tmp_path / "orders.parquet")
    data = load.orders(tmp_path / "orders.parquet")
    assert kept(data) == KEPT
    assert data.refused["rule"].tolist() == ["missing_customer_id"]
    FRAME.iloc[:1].to_parquet(tmp_path / "orders.parquet")
    assert data.table.count().execute() == 1


def test_excel_keeps_the_types_of_its_cells(tmp_path):
    FRAME.to_excel(tmp_path / "orders.xlsx", index=False)
    data = load.orders(tmp_path / "orders.xlsx")
    assert kept(data) == KEPT
    assert data.refused[["row", "rule"]].values.tolist() == [[4, "missing_customer_id"]]


def test_excel_columns_of_mixed_cells_are_read_cell_by_cell(tmp_path):
    mixed = pd.DataFrame(
        {
            "customer_id": [7, "ben", 8.0, "dan"],
            "date": [datetime.datetime(2024, 5, 1, 10, 0), "02.05.2024", 45415, "?"],
            "amount": [10.05, "2,50", 3, 4],
        },
        dtype="object",
    )
    mixed.to_excel(tmp_path / "orders.xlsx", index=False)
    data = load.orders(tmp_path / "orders.xlsx").to_pandas()
    assert data["customer_id"].tolist() == ["7", "ben", "8"]
    assert data["ordered_at"].astype(str).tolist() == [
        "2024-05-01 10:00:00",
        "2024-05-02 00:00:00",
        "2024-05-03 00:00:00",
    ]
    assert data["amount"].tolist() == [10.05, 2.5, 3.0]


def test_a_sheet_is_chosen_by_name_and_said(tmp_path):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"note": ["nothing here"]}).to_excel(book, sheet_name="About", index=False)
        FRAME.to_excel(book, sheet_name="Orders", index=False)
    data = load.orders(tmp_path / "book.xlsx", sheet="Orders")
    assert kept(data) == KEPT
    assert "sheet 'Orders' was read, of About, Orders" in data.source.assumptions
    with pytest.raises(DataError, match="sheets are About, Orders"):
        load.orders(tmp_path / "book.xlsx", sheet="orders2024")


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.ndjson", "orders.json", "orders.jsonl.gz"])
def test_json_lines_keep_numbers_exact_and_broken_lines_visible(tmp_path, name):
    lines = (
        '{"customer_id": "ann", "ordered_at": "2024-05-01T10:00:00", "amount": 10.05, "country": "PL"}\n'
        '{"customer_id": 7, "ordered_at": "2024-05-02", "amount": "2.50", "extra key": {"a": 1}}\n'
        "\n"
        '{"customer_id": "cid", "ordered_at": \n'
        "[1, 2]\n"
        '{"customer_id": null, "ordered_at": "2024-05-03", "amount": 1}\n'
    )
    (tmp_path / name).write_bytes(gzip.compress(lines.encode()) if name.endswith("gz") else lines.encode())
    data = load.orders(tmp_path / name)
    assert data.to_pandas()["amount"].tolist() == [10.05, 2.5]
    assert data.table.columns == ("customer_id", "ordered_at", "amount", "country", "extra key")
    assert data.refused["rule"].tolist() == ["broken_line", "broken_line", "missing_customer_id"]
    assert data.refused["row"].tolist() == [4, 5, 6]
    assert data.source.rows_read == 5


def test_a_json_array_is_refused_with_the_repair(tmp_path):
    (tmp_path / "orders.json").write_text('[{"customer_id": 1}]')
    with pytest.raises(DataError, match="is not JSON lines"):
        load.orders(tmp_path / "orders.json")


def test_a_folder_is_read_file_under_file(tmp_path):
    (tmp_path / "a.csv").write_text("customer_id,date,amount\nann,2024-05-01,1\n,2024-05-01,2\n")
    (tmp_path / "b.csv").write_text("customer_id,date,amount,country\nben,2024-05-02,2,PL\ncid,2024-05-02\n")
    (tmp_path / "notes.docx").write_text("not data")
    data = load.orders(tmp_path)
    assert data.to_pandas()["customer_id"].tolist() == ["ann", "ben"]
    assert data.refused[["row", "rule"]].values.tolist() == [[3, "missing_customer_id"], [3, "broken_line"]]
    assert [name[-5:] for name in data.refused["file"]] == ["a.csv", "b.csv"]
    assert "not in every file, and empty there: country" in data.source.assumptions
    assert "files in the folder that were not read: notes.docx" in data.source.assumptions


def test_a_pattern_chooses_files(tmp_path):
    for month in ("2024-04", "2024-05", "2023-05"):
        (tmp_path / f"orders-{month}.csv").write_text(f"customer_id,date,amount\nann,{month}-01,1\n")
    assert load.orders(f"{tmp_path}/orders-2024-*.csv").source.rows_read == 2
    with pytest.raises(DataError, match="no file matches"):
        load.orders(f"{tmp_path}/nothing-*.csv")


def test_a_folder_of_parquet_is_one_table(tmp_path):
    (tmp_path / "year=2024").mkdir()
    FRAME.iloc[:1].to_parquet(tmp_path / "year=2024" / "a.parquet")
    FRAME.iloc[1:2].to_parquet(tmp_path / "year=2024" / "b.parquet")
    (tmp_path / "_SUCCESS").write_text("")
    data = load.orders(tmp_path)
    assert data.source.rows_kept == 2
    assert data.table.columns == ("customer_id", "ordered_at", "amount", "country", "year")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("orders.parquet", b"not parquet", "cannot be read as Parquet"),
        ("orders.xlsx", b"not excel", "cannot be read as Excel"),
        ("orders.xls", b"old", "save it as .xlsx"),
        ("orders.pdf", b"%PDF", "is not read; needed is"),
        ("orders.csv", b"", "is empty"),
        ("orders.csv", b"\n\n", "is empty"),
        ("orders.csv", b"customer_id,date,amount\n", "holds headers but no rows"),
        ("orders.csv.gz", b"\x1f\x8b\x08\x00broken", "is not a complete gzip file"),
        ("orders.csv", b"PK\x03\x04\x00\x00", "is not a text file"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        load.orders(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(DataError, match="there is no file or folder"):
        load.orders(tmp_path / "orders.csv")
    with pytest.raises(DataError, match="holds no file to read"):
        load.orders(tmp_path)


def test_a_number_of_a_customer_is_the_same_in_every_file_whatever_its_type_there(tmp_path):
    day = pd.Timestamp("2024-05-01")
    for name, ids in {"a": [1, 2], "b": [1, None]}.items():
        frame = pd.DataFrame({"customer_id": ids, "ordered_at": day, "amount": [1.5, 2.0]})
        frame.to_excel(tmp_path / f"{name}.xlsx", index=False)
        frame.to_parquet(tmp_path / f"{name}.parquet")
    for pattern in ("*.xlsx", "*.parquet"):
        assert sorted(load.orders(tmp_path / pattern).to_pandas()["customer_id"]) == ["1", "1", "2"]


def test_headers_that_differ_in_capitals_between_files_are_one_column(tmp_path):
    (tmp_path / "a.csv").write_text("Email,Date,Total\nann,2024-05-01,1.50\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("email,date,TOTAL\nben,2024-05-02,2.50\n", encoding="utf-8")
    data = load.orders(tmp_path).to_pandas()
    assert data[["customer_id", "amount"]].values.tolist() == [["ann", 1.5], ["ben", 2.5]]


def test_a_column_that_some_parquet_files_lack_is_kept_and_said(tmp_path):
    FRAME.drop(columns="country").to_parquet(tmp_path / "a.parquet")
    FRAME.to_parquet(tmp_path / "b.parquet")
    data = load.orders(tmp_path)
    assert sorted(data.to_pandas()["country"].fillna("")) == ["", "", "PL", "TW"]
    assert "not in every file, and empty there: country" in data.source.assumptions


def test_parquet_moments_with_an_offset_in_nanoseconds_are_read(tmp_path):
    moments = pd.to_datetime(["2024-03-31 00:30", "2024-10-27 01:30", "2024-05-01 00:00"], utc=True).astype(
        "datetime64[ns, UTC]"
    )
    FRAME.assign(ordered_at=moments).to_parquet(tmp_path / "orders.parquet")
    data = load.orders(tmp_path / "orders.parquet", timezone="Europe/Warsaw")
    assert [row[1] for row in kept(data)] == [pd.Timestamp("2024-03-31 01:30"), pd.Timestamp("2024-10-27 02:30")]


def test_json_lines_are_read_in_the_encoding_that_is_named(tmp_path):
    line = '{"customer_id": "Łucja", "ordered_at": "2024-05-01", "amount": 10.05}\n'
    (tmp_path / "orders.jsonl").write_text(line, encoding="cp1250")
    assert load.orders(tmp_path / "orders.jsonl", encoding="cp1250").to_pandas()["customer_id"].tolist() == ["Łucja"]


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_a_column_whose_header_begins_with_two_underscores_is_kept(tmp_path, name):
    frame = FRAME.assign(**{"__v": "7", "__row": "x"}).astype({"ordered_at": "str"})
    frame.to_parquet(tmp_path / name) if name.endswith("parquet") else frame.to_csv(tmp_path / name, index=False)
    assert load.orders(tmp_path / name).to_pandas()[["v", "row"]].values.tolist() == [["7", "x"]] * 2
