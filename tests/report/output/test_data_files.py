"""The data folder: every number and every table of a month as CSV and Parquet, safe to open, the same at every run."""

import csv
import io
import stat
from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from nbformat import reads, v4, writes
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import embedded_tables, plots, report
from retention_kit.plots.drawing.display import Picture, picture
from retention_kit.report.output.data_files import data_dictionary, table_files

SHOWS = """\
import pandas as pd
from retention_kit import plots, tables
months = pd.date_range("2026-01-01", periods=3, freq="MS")
churn = pd.DataFrame({"period": months, "value": [0.05, 0.0412345678912, None]})
plots.show(plots.trend(churn, label="Churn", unit="rate"))
plots.show(plots.trend(churn, label="Churn", unit="rate"))"""
TABLE = "tables.table(pd.DataFrame({'customer_id': ['=1+1', 'b'], 'revenue': [-3.5, 1e6]}), id='Best ../of')"
HOSTILE = ["=1+1", "+48 600", "-2", "@cmd", "\t=1", "\r=1", "  =1", '"=1', "'=1", "\u200e=1", "\u00a0-1", "＝1", "\n=1"]


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month of one page with a table, two figures, a plain DataFrame and numbers, made twice."""
    case = tmp_path_factory.mktemp("data")
    plain = "churn.rename(columns={'value': 'shoe_size'})"
    notebook(case / "own", "01_first", SHOWS, TABLE, plain, "churn.loc[[0] * 100]", NUMBERS)
    config = report.Config(orders=orders_csv(case), notebooks=case / "own", output=case / "reports")
    (made,) = report.run(config, months="2026-04")
    assert made.failures == {}
    folder = made.index.parent / "data"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    report.run(config, months="2026-04", jobs=1, force=True)
    return folder, first


def test_every_table_and_figure_has_its_table_as_csv_and_parquet(month):
    names = ["01-first-best-of", "01-first-table", "01-first-trend", "01-first-trend-2", "months", "numbers"]
    made = [f"{name}.{end}" for name in names for end in ("csv", "parquet")]
    assert sorted(path.name for path in month[0].iterdir()) == sorted([*made, "README.md"])


def test_only_their_owner_can_read_tables_that_name_customers(month):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in month[0].iterdir()}
    private = {name for name, mode in modes.items() if mode == 0o600}
    assert private == {"01-first-best-of.csv", "01-first-best-of.parquet"}


def test_two_runs_give_the_same_bytes(month):
    assert {path.name: path.read_bytes() for path in month[0].iterdir()} == month[1]


def test_numbers_are_those_of_the_page(month):
    table = pd.read_parquet(month[0] / "numbers.parquet")
    assert list(table["name"]) == ["orders", "churn_rate"]
    assert list(table["page"]) == ["01_first"] * 2
    assert table.loc[1, ["value", "low", "high", "n"]].tolist() == [0.1, 0.08, 0.13, 500]
    assert (month[0] / "numbers.csv").read_text().splitlines()[1].startswith("01_first,orders,Orders,100.0,count,,,")


def test_a_figure_gives_what_it_was_drawn_from_with_nine_digits(month):
    table = pd.read_parquet(month[0] / "01-first-trend.parquet")
    assert table["period"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert table["value"].iloc[1] == 0.0412345679
    assert (month[0] / "01-first-trend.csv").read_text() == (
        "period,value\n2026-01-01,0.05\n2026-02-01,0.0412345679\n2026-03-01,\n"
    )


def test_text_cannot_start_a_formula_and_numbers_stay_numbers(month):
    assert (month[0] / "01-first-best-of.csv").read_text() == "customer_id,revenue\n'=1+1,-3.5\nb,1000000.0\n"
    assert pd.read_parquet(month[0] / "01-first-best-of.parquet")["customer_id"].tolist() == ["=1+1", "b"]


def test_the_dictionary_names_every_file_and_every_column(month):
    told = (month[0] / "README.md").read_text(encoding="utf-8")
    for path in month[0].glob("*.csv"):
        assert f"## {path.name}, {path.stem}.parquet" in told
        for column in pd.read_csv(path).columns:
            assert f"| `{column}` |" in told.split(f"## {path.name}")[1].split("## ")[0]
    assert "| `shoe_size` | number | as the page 01_first has it |" in told


def test_the_index_links_the_data(month):
    index = (month[0].parent / "analyst.html").read_text(encoding="utf-8")
    assert 'href="data/numbers.csv"' in index
    assert 'href="data/README.md"' in index


@pytest.mark.parametrize("text", HOSTILE)
def test_an_apostrophe_stands_before_what_could_be_a_formula(text, tmp_path):
    assert table_files.guarded(text) == f"'{text}"
    assert table_files.unguarded(table_files.guarded(text)) == text
    table_files.write_csv(tmp_path / "x.csv", pa.table({text: [text, None], "n": [-1, 2]}))
    rows = list(csv.reader(io.StringIO((tmp_path / "x.csv").read_bytes().decode(), newline="")))
    assert rows == [[f"'{text}", "n"], [f"'{text}", "-1"], ["", "2"]]


def test_a_moment_is_a_day_where_its_whole_column_is(tmp_path):
    days, moments = [datetime(2026, 1, 31), None], [datetime(2026, 1, 31), datetime(2026, 2, 1, 13, 5)]
    table = pa.table({"day": pa.array(days, pa.timestamp("us")), "moment": moments, "on": [date(2026, 1, 1), None]})
    table_files.write_csv(
        tmp_path / "x.csv", table.append_column("truth", [[True, None]]).append_column("x", [[5.0, 1e-7]])
    )
    assert (tmp_path / "x.csv").read_bytes().decode().split("\r\n") == [
        "day,moment,on,truth,x",
        "2026-01-31,2026-01-31 00:00:00,2026-01-01,True,5.0",
        ",2026-02-01 13:05:00,,,1e-07",
        "",
    ]


@pytest.mark.parametrize("text", ["", "loyal", "can't lose", "'tis", "1998-06-30", "a=b", "5 - 3"])
def test_other_text_stays_as_it_is(text):
    assert table_files.guarded(text) == text
    assert table_files.unguarded(text) == text


def test_any_kind_of_column_survives_packing():
    frame = pd.DataFrame(
        {
            "text": ["a", None], "whole": [1, 2], "gap": pd.array([1, None], dtype="Int64"), "rate": [np.inf, 0.5],
            "truth": [True, False], "day": pd.to_datetime(["2026-01-01", None]), "mixed": [1, "b"],
            "group": pd.Categorical(["x", "y"]),
        }
    )  # fmt: skip
    back = embedded_tables.unpacked(embedded_tables.packed("t", frame)).to_pandas()
    assert list(back["text"].fillna("?")) == ["a", "?"]
    assert back["whole"].dtype == "int64"
    assert list(back["gap"].fillna(0)) == [1, 0]
    assert embedded_tables.unpacked(embedded_tables.packed("t", frame)).schema.field("gap").type == pa.int64()
    assert np.isnan(back["rate"].iloc[0])
    assert back["truth"].tolist() == [True, False]
    assert back["day"].iloc[0] == pd.Timestamp("2026-01-01")
    assert list(back["mixed"]) == ["1", "b"]
    assert list(back["group"]) == ["x", "y"]


def test_a_day_of_an_early_year_stays_that_day():
    frame = pd.DataFrame({"day": pd.Series(["0031-01-02"], dtype="datetime64[us]")})
    assert embedded_tables.unpacked(embedded_tables.packed("t", frame)).to_pylist() == [{"day": datetime(31, 1, 2)}]


def test_a_type_that_is_not_known_is_a_number():
    table = {"columns": [{"name": "x", "type": "of another version", "values": [1.5, None]}]}
    assert embedded_tables.unpacked(table).to_pylist() == [{"x": 1.5}, {"x": None}]


def test_tables_come_back_from_the_file_of_a_published_notebook_as_the_cells_carried_them():
    frame = pd.DataFrame({"name": ["zażółć\u2028\x85", '"\\'], "value": [0.1, None]})
    first = [embedded_tables.packed("t", frame, "What it\nshows")]
    last = [embedded_tables.packed("u", frame), embedded_tables.packed("v", frame)]
    texts = [embedded_tables.as_text(tables) for tables in (first, last)]
    outputs = [v4.new_output("display_data", data={embedded_tables.MIME: text}) for text in texts]
    outputs.insert(1, v4.new_output("stream", text="no data"))
    node = v4.new_notebook(cells=[v4.new_markdown_cell("# A"), v4.new_code_cell("", outputs=outputs)])
    assert list(embedded_tables.of_notebook(reads(writes(node), as_version=4))) == first + last
    assert writes(node).count(embedded_tables.MIME) == 2


def test_columns_of_the_same_name_are_kept_apart():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", ("b", 1)])
    assert embedded_tables.unpacked(embedded_tables.packed("t", frame)).column_names == ["a", "a~2", "b_1"]


def test_an_interval_is_explained_by_what_it_is_the_interval_of():
    assert data_dictionary.meaning("revenue_low").startswith("lower end of the interval of money so far")
    assert data_dictionary.meaning("whatever_low") == ""


def test_a_figure_gives_no_rows_of_single_customers():
    frames = [("trend", pd.DataFrame({"value": [1]})), ("people", pd.DataFrame({"customer_id": ["a"]}))]
    data, _ = embedded_tables._of_picture(Picture(b"", "What it shows.", tables=frames))
    assert [table["id"] for table in embedded_tables.as_values(data[embedded_tables.MIME])] == ["trend"]


def test_a_table_that_plain_values_cannot_say_leaves_its_cell_as_it_is():
    class Odd:
        def __str__(self):
            raise ValueError

    assert embedded_tables._of_frame(pd.DataFrame({"odd": [Odd()]})) == {embedded_tables.MIME: "[]"}
    same = pd.DataFrame({"a": [1]}, index=pd.Index([2], name="a"))
    (table,) = embedded_tables.as_values(embedded_tables._of_frame(same)[embedded_tables.MIME])
    assert embedded_tables.unpacked(table).column_names == ["a", "a~2"]


def test_two_plots_in_one_figure_give_both_tables():
    months = pd.date_range("2026-01-01", periods=3, freq="MS")
    table = pd.DataFrame({"period": months, "value": [0.1, 0.2, 0.3]})
    ax = plots.trend(table, label="Churn", unit="rate")
    other = plots.trend(table.assign(value=5.0), label="Orders", ax=ax.figure.add_axes((0.1, 0.1, 0.2, 0.2)))
    assert [(name, frame["value"].iloc[0]) for name, frame in picture(other).tables] == [("trend", 0.1), ("trend", 5.0)]
