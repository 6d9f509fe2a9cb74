"""Line ends of every kind, odd keys and wrong encodings: read right, or one error that says what to do."""

import codecs
import csv

import pytest

from retention_kit import load
from retention_kit.errors import DataError

HEADERS = "customer_id,ordered_at,amount"
A, B = "a,2026-01-01,5", "b,2026-01-02,6"
JSON_A = '{"customer_id":"a","ordered_at":"2026-01-01","amount":5}'
JSON_B = '{"customer_id":"b","ordered_at":"2026-01-02","amount":6}'


def read(tmp_path, content, ending="csv", **how):
    path = tmp_path / f"orders.{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load.orders(path, **how)


def cells(data):
    return data.to_pandas()[["customer_id", "amount"]].values.tolist()


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADERS}\r{A}\r{B}\r",
        f"{HEADERS}\r{A}\r{B}",
        f"\r\r{HEADERS}\r{A}\r{B}\r".replace(",", ";"),
        f"{HEADERS}\r{A}\r{B}\r\n",
        f"{HEADERS}\n{A}\r\n{B}\n",
        f"{HEADERS}\r\n{A}\r{B}\n",
        f"{HEADERS}\r{A}\n{B}\r\n",
        f"{HEADERS}\r\r\n{A}\r\r\n{B}\r\r\n",
        f"{HEADERS}\r\n\r\n{A}\r\n\r\n{B}",
        f"{HEADERS}\n\r{A}\n\r{B}\n\r",
        f"\r\n\r\n{HEADERS}\r\n{A}\r\n{B}\r\n",
        f'customer_id,"ordered\r\nat",amount\r\n{A}\r\n{B}\r\n',
        f'customer_id,"ordered\nat",amount\r\n{A}\r\n{B}\r\n',
        f'customer_id,"ordered\rat",amount\n{A}\n{B}\n',
        f"customer_id,ordered\rat,amount\n{A}\n{B}\n",
        f"customer_id,ordered_at\r,amount\n{A}\n{B}\n",
        f"{HEADERS}\r{A}\r{B}\r".encode("utf-16"),
    ],
)
def test_a_file_is_read_whatever_its_lines_end_in(tmp_path, content):
    data = read(tmp_path, content)
    assert cells(data) == [["a", 5.0], ["b", 6.0]]
    assert data.source.rows_read == 2


def test_the_source_says_that_lines_end_in_cr(tmp_path):
    assert "lines end in CR" in read(tmp_path, f"{HEADERS}\r{A}\r").source.assumptions
    assert "lines end in LF, CR LF" in read(tmp_path, f"{HEADERS}\n{A}\r\n").source.assumptions
    assert read(tmp_path, f"{HEADERS}\r\n{A}\r\n").source.assumptions == ()


@pytest.mark.parametrize("cell", ["x\ry", "x\r\ry", "\rx", 'x"\ry', "x\r\r"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cr_in_a_cell_without_quotation_marks_stays_in_it(tmp_path, cell, end):
    """The csv module of Python 3.11, and with it pandas, writes such cells without them."""
    lines = [f"customer_id,note,{HEADERS[12:]}", f"a,{cell},2026-01-01,5", "b,,2026-01-02,6"]
    data = read(tmp_path, "".join(line + end for line in lines))
    assert data.to_pandas()["note"].tolist()[0] == cell
    assert data.source.rows_kept == 2


def test_cells_of_several_lines_stay_whole_in_a_file_of_a_mac(tmp_path):
    data = read(tmp_path, f'{HEADERS},note\r{A},"one\ntwo, ""three"""\r{B},\r')
    assert data.to_pandas()["note"].tolist()[0] == 'one\ntwo, "three"'
    assert data.source.rows_read == 2


def test_a_broken_line_of_a_mac_is_refused_alone_and_numbered_as_in_a_spreadsheet(tmp_path):
    data = read(tmp_path, f"\r{HEADERS}\r{A}\rb\r,2026-01-03,1\r{B}\r")
    assert cells(data) == [["a", 5.0], ["b", 6.0]]
    assert data.refused[["row", "rule"]].values.tolist() == [[4, "broken_line"], [5, "missing_customer_id"]]


@pytest.mark.parametrize(
    "content",
    [
        f"{JSON_A}\r{JSON_B}\r",
        f"{JSON_A}\r{JSON_B}\n",
        f"{JSON_A}\r\n{JSON_B}\n",
        f"{JSON_A.replace(',', chr(13) + ',')}\n{JSON_B}\n",
        f"{JSON_A.replace(':', ':' + chr(13))}\r\n{JSON_B}",
        f"\r{JSON_A}\n\r\r\n{JSON_B}\r",
    ],
)
def test_json_lines_are_read_whatever_they_end_in(tmp_path, content):
    data = read(tmp_path, content, "jsonl")
    assert cells(data) == [["a", 5.0], ["b", 6.0]]
    assert data.source.rows_read == 2


def test_keys_of_json_may_be_any_text(tmp_path):
    keys = ["", "a/b~c", "'", '"', "$.x", "*", "0", "a.b", "[0]", "ł", "\u0000"]
    more = "".join(f",{__import__('json').dumps(key)}:{i}" for i, key in enumerate(keys))
    frame = read(tmp_path, f"{JSON_A[:-1]}{more}}}\n", "jsonl").to_pandas()
    assert sorted(frame.iloc[0, 3:]) == sorted(str(i) for i in range(len(keys)))
    assert frame["a/b~c"].tolist() == ["1"]


@pytest.mark.parametrize("sign", ["\x01", "\x00", "\x1f", "\x0b"])
def test_a_control_character_breaks_its_own_line_of_json_and_no_other(tmp_path, sign):
    data = read(tmp_path, f'{{"customer_id":"a{sign}b"}}\n{JSON_B}\n', "jsonl")
    assert cells(data) == [["b", 6.0]]
    assert data.refused["rule"].tolist() == ["broken_line"]
    assert data.refused["row"].tolist() == [1]


GOOD = f"{HEADERS}\n{A}\n"


@pytest.mark.parametrize(
    ("content", "ending", "how", "message"),
    [
        (GOOD, "csv", {"encoding": "utf-16"}, "is not text in utf-16"),
        (GOOD, "jsonl", {"encoding": "utf-16"}, "is not text in utf-16"),
        (GOOD, "csv", {"encoding": "utf-32"}, "is not text in utf-32"),
        (GOOD, "csv", {"encoding": "hex"}, "no encoding of text is called 'hex'"),
        (GOOD, "csv", {"encoding": "nonsense"}, "no encoding of text is called 'nonsense'"),
        (GOOD, "csv", {"encoding": 5}, "no encoding of text is called 5"),
        (GOOD.encode("utf-16-le"), "csv", {}, "pass encoding='utf-16-le'"),
        (GOOD.encode("utf-16-be"), "csv", {}, "pass encoding='utf-16-be'"),
        (codecs.BOM_UTF16_LE + b"a", "csv", {}, "is not text in utf-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx", {}, "an old Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv", {}, "save it as .xlsx"),
        ("\n<!DOCTYPE html><html></html>", "csv", {}, "a web page"),
        ("<html><table></table></html>", "xlsx", {}, "a web page"),
        (GOOD, "xlsx", {}, "holds text; rename it to .csv"),
        (GOOD, "parquet", {}, "cannot be read as Parquet"),
        (b"PAR1....PAR1", "parquet", {}, "cannot be read as Parquet"),
        (b"PAR1....PAR1", "csv", {}, "rename it to .parquet"),
        (b"SQLite format 3\0", "csv", {}, "an SQLite database"),
        ('[{"customer_id": "a"}]', "csv", {}, "holds JSON"),
        (b"\x1f\x8b" + b"\0" * 30, "parquet", {}, "a gzip file; unpack it first"),
        ('"' + "x" * 200_000, "csv", {}, "cannot be cut into cells"),
    ],
)
def test_what_is_no_table_of_its_kind_is_one_error_that_names_it(tmp_path, content, ending, how, message):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, content, ending, **how)
    assert "\n" not in str(caught.value)


def test_a_workbook_with_the_name_of_a_text_file_is_named(tmp_path):
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "orders.xlsx")
    with pytest.raises(DataError, match=r"holds an Excel workbook; rename it to \.xlsx"):
        read(tmp_path, (tmp_path / "orders.xlsx").read_bytes())


def test_what_the_csv_module_writes_is_read_back(tmp_path):
    notes = ["x\ry", "", "a,b", 'say "hi"', "one\ntwo", "three\r\nfour", "\r", " five "]
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["customer_id", "ordered_at", "note", "amount"])
        writer.writerows(["c", "2026-01-01", note, i] for i, note in enumerate(notes))
    assert load.orders(path).to_pandas()["note"].fillna("").tolist() == notes
