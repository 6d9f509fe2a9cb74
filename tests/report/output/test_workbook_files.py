"""Workbooks hold the values of a table: text as text whatever it looks like, numbers as numbers, days as days."""

import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape

from retention_kit.report.output.data_files.workbook_files import write_xlsx


def read(path):
    return openpyxl.load_workbook(path).active


HOSTILE = [
    "=1+1", "=cmd|' /C calc'!A0", "{=1}", "+1", "@x", "http://a.example", "mailto:a@b.example", "internal:Sheet1!A1",
    "007", "1e5", "<r><t>x</t></r>", "<r></r>", "<b>&", "_x0041_", "\x01\x1f", "\ufffe", "two\nlines", " edges ",
    "\U0001f600" * 50,
]  # fmt: skip


def test_text_stays_text_whatever_it_looks_like(tmp_path):
    write_xlsx(tmp_path / "x.xlsx", pa.table({"=id": HOSTILE}))
    header, *cells = [row[0] for row in read(tmp_path / "x.xlsx").iter_rows()]
    assert [unescape(cell.value) for cell in (header, *cells)] == ["=id", *HOSTILE]
    assert {cell.data_type for cell in (header, *cells)} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        assert not [name for name in book.namelist() if "externalLink" in name or "sheet1.xml.rels" in name]
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_numbers_days_moments_and_truth_have_their_kinds(tmp_path):
    table = pa.table(
        {
            "n": [3, None],
            "x": [0.1, float("nan")],
            "big": [float("inf"), 1e300],
            "money": pa.array([Decimal("12.50"), None]),
            "yes": [True, False],
            "day": pa.array([date(2026, 5, 31), None]),
            "moment": pa.array([datetime(2026, 5, 31), datetime(2026, 5, 31, 23, 59, 58)], pa.timestamp("us")),
        }
    )
    write_xlsx(tmp_path / "x.xlsx", table)
    _, first, second = ([cell.value for cell in row] for row in read(tmp_path / "x.xlsx").iter_rows())
    assert first == [3, 0.1, None, 12.5, True, datetime(2026, 5, 31), datetime(2026, 5, 31)]
    assert second == [None, None, 1e300, None, False, None, datetime(2026, 5, 31, 23, 59, 58)]
    formats = [read(tmp_path / "x.xlsx")[f"G{row}"].number_format for row in (2, 3)]
    assert formats == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]


def test_what_a_spreadsheet_cannot_hold_is_text_or_ends_with_an_ellipsis(tmp_path):
    old = pa.array([datetime(1899, 12, 31)], pa.timestamp("us"))
    table = pa.table({"id": [1234567890123456789], "day": old, "text": ["\U0001f600" * 20_000]})
    write_xlsx(tmp_path / "x.xlsx", table)
    id, day, text = (cell.value for cell in read(tmp_path / "x.xlsx")[2])
    assert (id, day) == ("1234567890123456789", "1899-12-31T00:00:00")
    assert text == "\U0001f600" * 16_383 + "…"


def test_the_same_table_gives_the_same_bytes_and_leaves_no_other_file(tmp_path):
    table = pa.table({"customer_id": ["a", "b"], "revenue": [1.5, 2.0]})
    for name in ("x", "y"):
        write_xlsx(tmp_path / f"{name}.xlsx", table)
    assert (tmp_path / "x.xlsx").read_bytes() == (tmp_path / "y.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.xlsx", "y.xlsx"]


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_longer_than_a_sheet_continues_on_the_next(tmp_path, monkeypatch, rows):
    monkeypatch.setattr("retention_kit.report.output.data_files.workbook_files._ROWS", 2)
    write_xlsx(tmp_path / "x.xlsx", pa.table({"n": pa.array(range(rows), pa.int64())}))
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    values = [[row[0].value for row in sheet.iter_rows()] for sheet in sheets]
    assert values == ([["n"]] if rows == 0 else [["n", 0, 1], ["n", 2]])
