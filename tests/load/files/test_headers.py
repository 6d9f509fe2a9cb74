"""Headers below titles, empty rows and notes; footers; what was passed over is always named."""

# ruff: noqa: E501 (one case per line)

import io
import zipfile

import pandas as pd
import pytest

from retention_kit import load
from retention_kit.errors import DataError
from retention_kit.load.files.header_lines import header_row

HEADERS = "Email,Order date,Total"
A, B = "ann@shop.example,2026-05-01,10.50", "ben@shop.example,2026-05-02,5.00"
EMPTY = "1 row above the headers was not read: empty"


def read(tmp_path, text, **how):
    path = tmp_path / "orders.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load.orders(path, preset=None, **how)


def kept(data):
    return data.to_pandas()[["customer_id", "amount"]].values.tolist()


RIGHT = [["ann@shop.example", 10.5], ["ben@shop.example", 5.0]]

ABOVE = {
    "an empty line": ("\n", EMPTY),
    "commas only": (",,\n", EMPTY),
    "quoted blanks": ('"","",""\n', EMPTY),
    "lines of spaces and commas": (" \n,,\n\n", "3 rows above the headers were not read: empty"),
    "a title": ("Orders of May\n", "1 row above the headers was not read: 'Orders of May'"),
    "a padded title": ("Orders of May,,\n,,\n", "2 rows above the headers were not read: 'Orders of May'"),
    "a title with a comma": ('"Orders, May"\n', "1 row above the headers was not read: 'Orders, May'"),
    "a title of two lines": ('"Orders\nof May",,\n', "1 row above the headers was not read: 'Orders of May'"),
    "a period": ("From,2026-05-01,\nTo,2026-05-31,\n", "2 rows above the headers were not read: 'From 2026-05-01', 'To 2026-05-31'"),
    "a full row of days": ("Period,2026-05-01,2026-05-31\n", "1 row above the headers was not read: 'Period 2026-05-01 2026-05-31'"),
    "a comment": ("# made by a shop\n\n", "2 rows above the headers were not read: '# made by a shop'"),
    "the separator for Excel": ("sep=,\n", "1 row above the headers was not read: 'sep='"),
    "keys and values": (
        "Shop,Jar & Scoop\nRows,2\n\n",
        "3 rows above the headers were not read: 'Shop Jar & Scoop', 'Rows 2'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ABOVE)
def test_headers_are_found_below_what_is_no_table_and_that_is_named(tmp_path, name, end):
    above, note = ABOVE[name]
    data = read(tmp_path, f"{above}{HEADERS}\n{A}\n{B}\nx\n".replace("\n", end))
    assert kept(data) == RIGHT
    assert note in data.source.assumptions
    lines_above = int(note.split()[0])
    assert data.refused[["row", "rule"]].values.tolist() == [[lines_above + 4, "broken_line"]]


@pytest.mark.parametrize("name", ABOVE)
def test_the_same_holds_of_a_sheet_of_excel(tmp_path, name):
    above, note = ABOVE[name]
    rows = pd.read_csv(
        io.StringIO(f"{above}{HEADERS}\n{A}\n{B}\n,2026-05-03,1\n"), header=None, names=range(3), skip_blank_lines=False
    )
    rows.to_excel(tmp_path / "orders.xlsx", index=False, header=False)
    data = load.orders(tmp_path / "orders.xlsx", preset=None)
    assert kept(data) == RIGHT
    assert [n.split(":")[0] for n in data.source.assumptions if "above" in n] == [note.split(":")[0]]
    assert data.refused[["row", "rule"]].values.tolist() == [[int(note.split()[0]) + 4, "missing_customer_id"]]


def test_padding_rows_and_footers_are_refused_with_their_rows(tmp_path):
    footer = "2,record(s) downloaded,from May-01-26 to May-31-26\nSeller ID : shop\n"
    data = read(tmp_path, f"\n{HEADERS}\n,,\n{A}\n{B}\nTotals,,15.50\n\n{footer}")
    assert kept(data) == RIGHT
    rules = data.refused[["row", "rule"]].values.tolist()
    assert rules[0] == [3, "missing_customer_id"]
    assert [rule for _, rule in rules] == [
        "missing_customer_id",
        "missing_ordered_at",
        "unreadable_ordered_at",
        "broken_line",
    ]
    assert data.source.rows_read == data.source.rows_kept + data.source.rows_refused == 6


def test_a_title_with_the_other_separator_does_not_hide_the_one_of_the_table(tmp_path):
    text = f"Orders; May\n{HEADERS}\n{A}\n{B}\n"
    assert kept(read(tmp_path, text)) == RIGHT
    assert kept(read(tmp_path, "Shop\n" + f"{HEADERS}\n{A}\n{B}\n".replace(",", ";").replace(".50", ",50"))) == RIGHT


def test_a_file_that_begins_with_a_mark_of_unicode_and_an_empty_line_is_read(tmp_path):
    for encoding in ("utf-8-sig", "utf-16"):
        assert kept(read(tmp_path, f"\n{HEADERS}\n{A}\n{B}\n".encode(encoding))) == RIGHT


@pytest.mark.parametrize(
    "rows",
    [
        [["", "Date", "Total"], ["0", "2026-05-01", "1"]],
        [["Email", "", ""], ["ann", "2026-05-01", "1"], ["ben", "2026-05-02", "1"]],
        [["ann", "2026-05-01", "1"], ["ben", "2026-05-02", "1"]],
        [["customer", "2024", "2025"], ["ann", "1", "2"], ["total", "all", "none"]],
        [["Email", "Q1", "Q2"], ["ann", "yes", "no"], ["ben", "no", "no"]],
        [["Q1", "Q2", "Q3"], ["first question", "second question", "third"]],
        [["Email"], ["ann"], ["ben"]],
        [["Email", "Date", "Total"]],
        [["Email", "Date"], ["ann", "2026-05-01", "1"], ["ben", "2026-05-02", "1"]],
        [],
    ],
)
def test_a_first_row_that_may_be_the_headers_stays_the_headers(rows):
    assert header_row(rows) == 0


def test_no_row_of_data_is_taken_for_headers_where_none_can_be(tmp_path):
    with pytest.raises(DataError, match="missing: customer_id, ordered_at, amount"):
        read(tmp_path, f"{A}\n{B}\n")


def test_headers_below_more_than_a_hundred_rows_are_one_clear_error(tmp_path):
    with pytest.raises(DataError, match="missing: customer_id"):
        read(tmp_path, "note\n" * 150 + f"{HEADERS}\n{A}\n{B}\n")


def test_an_empty_sheet_is_named(tmp_path):
    pd.DataFrame().to_excel(tmp_path / "orders.xlsx", index=False)
    with pytest.raises(DataError, match="is empty"):
        load.orders(tmp_path / "orders.xlsx")
    assert zipfile.is_zipfile(tmp_path / "orders.xlsx")
