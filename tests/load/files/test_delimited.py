"""Text files: delimiters, encodings, compression, quotation marks, lines that cannot be cut."""

import gzip
import hashlib

import pytest

from retention_kit import load
from retention_kit.errors import DataError

ROWS = 'Email;Date;Total;City\nann@shop;2024-05-01;10,05;Kraków\n"ben;x";2024-05-02;-3,50;"two\nlines"\n'
COLUMNS = {"customer_id": "Email"}


def written(tmp_path, data, name="orders.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def values(data):
    frame = data.to_pandas()
    return frame[["customer_id", "amount", "City"]].values.tolist()


EXPECTED = [["ann@shop", 10.05, "Kraków"], ["ben;x", -3.5, "two\nlines"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found(tmp_path, delimiter):
    text = ROWS.replace(";", delimiter).replace("10,05", "10.05").replace("-3,50", "-3.50")
    assert values(load.orders(written(tmp_path, text), columns=COLUMNS))[0] == EXPECTED[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_unicode_in_all_its_forms_is_recognised(tmp_path, encoding):
    raw = b"\xff\xfe" + ROWS.encode("utf-16-le") if encoding == "utf-16-le-bom" else ROWS.encode(encoding)
    assert values(load.orders(written(tmp_path, raw), columns=COLUMNS)) == EXPECTED


def test_another_encoding_must_be_named(tmp_path):
    path = written(tmp_path, ROWS.encode("cp1250"))
    with pytest.raises(DataError, match="pass encoding='cp1252'"):
        load.orders(path, columns=COLUMNS)
    data = load.orders(path, columns=COLUMNS, encoding="cp1250")
    assert values(data) == EXPECTED
    assert "text is encoded in cp1250" in data.source.assumptions


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_gzip_file_is_read_and_hashed_as_it_lies_there(tmp_path, encoding):
    path = written(tmp_path, gzip.compress(ROWS.encode(encoding)), "orders.csv.gz")
    data = load.orders(path, columns=COLUMNS)
    assert values(data) == EXPECTED
    assert data.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_ends_do_not_matter(tmp_path, newline, end):
    text = ("customer_id,date,amount\nann,2024-05-01,1.5\nben,2024-05-02,2.5" + end).replace("\n", newline)
    assert load.orders(written(tmp_path, text)).to_pandas()["amount"].tolist() == [1.5, 2.5]


def test_lines_that_cannot_be_cut_are_refused_with_their_line_number(tmp_path):
    rows = ("ann,2024-05-01,1", "ben,2024-05-02", "cid,2024-05-03,3,4,5", "dan,soon,4", "eva,2024-05-05,5")
    text = "\n".join(("customer_id,date,amount", *rows))
    data = load.orders(written(tmp_path, text))
    assert data.refused[["row", "rule"]].values.tolist() == [
        [3, "broken_line"], [4, "broken_line"], [5, "unreadable_ordered_at"],
    ]  # fmt: skip
    assert data.refused["line"].tolist()[:2] == ["ben,2024-05-02", "cid,2024-05-03,3,4,5"]
    assert (data.source.rows_read, data.source.rows_kept, data.source.rows_refused) == (5, 2, 3)


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path):
    text = 'customer_id,date,amount\nann,2024-05-01,1\n"ben,2024-05-02,2\ncid,2024-05-03,3\n'
    with pytest.raises(DataError, match="quotation mark that opens near line 3 is never closed"):
        load.orders(written(tmp_path, text))


def test_headers_of_the_same_name_are_told_apart(tmp_path):
    data = load.orders(written(tmp_path, "customer_id,date,amount,Note,note,\nann,2024-05-01,1,a,b,c\n"))
    assert data.table.columns[3:] == ("Note", "note_2", "column_6")


def test_original_text_of_a_refused_row_is_kept(tmp_path):
    data = load.orders(written(tmp_path, "customer_id,date,amount\n ann ,2024-05-01,1\nben, 31.02.2024 ,2\n"))
    assert data.refused["date"].tolist() == [" 31.02.2024 "]
    assert data.table.customer_id.to_pandas().tolist() == ["ann"]


def test_a_tsv_file_keeps_commas_in_its_cells(tmp_path):
    data = load.orders(written(tmp_path, "customer_id\tdate\tamount\na,b,c\t2024-05-01\t1\n", "x.tsv"))
    assert data.table.customer_id.to_pandas().tolist() == ["a,b,c"]
