"""Numbers that differ from the last run of the same month: which, by how much, and nothing where none does."""

import math
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_output
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.report.execution.execute import Failure
from retention_kit.report.numbers import changed_numbers, notebook_numbers
from retention_kit.report.output import previous_reports

EVIL = "<img src=x onerror=alert(1)>"
SHOWS = """\
from IPython.display import display
from retention_kit import load
log = load.orders(orders).to_pandas()
rows = [
    {{"name": "orders", "label": "Orders {evil}", "value": float(len(log)), "unit": "count"}},
    {{"name": "same", "label": "Same", "value": 0.25, "unit": "rate"}},
]
display({{"text/plain": "numbers", "application/vnd.retention-kit.numbers+json": rows}}, raw=True)
"""


def page(name, *items, failed=False):
    """A page that tells these numbers."""
    cell = new_code_cell("1", outputs=[new_output("display_data", data={notebook_numbers.MIME: list(items)})])
    node = nbformat.v4.new_notebook(cells=[cell])
    failure = Failure(1, "x") if failed else None
    return SimpleNamespace(notebook=SimpleNamespace(name=name), node=node, failure=failure)


def number(name, value, unit="number"):
    return {"name": name, "label": name.title(), "value": value, "unit": unit}


def earlier(tmp_path, *rows):
    (tmp_path / "data").mkdir()
    table = pd.DataFrame([{"page": page, **item} for page, item in rows])
    table.to_parquet(tmp_path / "data" / "numbers.parquet")
    return previous_reports.numbers(tmp_path)


def test_by_hand_what_changed_is_told_with_its_difference(tmp_path):
    before = earlier(
        tmp_path, ("a", number("money", 200.0, "money")), ("a", number("rate", 0.2, "rate")),
        ("a", number("lost", 3.0)), ("a", number("known", None)), ("a", number("kept", 1.0)),
        ("b", number("other_page", 1.0)),
    )  # fmt: skip
    now = [
        number("money", 150.0, "money"), number("rate", 0.21, "rate"), number("known", 2.0), number("kept", 1.0),
        number("first", 5.0),
    ]  # fmt: skip
    table = changed_numbers.compare(before, [page("a", *now), page("c", number("new_page", 1.0))])
    assert table[["name", "state"]].to_numpy().tolist() == [
        ["money", "changed"], ["rate", "changed"], ["known", "changed"], ["first", "new"], ["lost", "gone"],
    ]  # fmt: skip
    assert table.loc[0, ["difference", "relative"]].tolist() == [-50.0, -0.25]
    assert math.isnan(table.loc[2, "difference"])
    shown = [(row.before, row.after, row.difference, row.relative) for row in changed_numbers.rows(table)]
    assert shown[0] == ("200.00", "150.00", "\u221250", "\u221225\u00a0%")
    assert shown[1] == ("20.0\u00a0%", "21.0\u00a0%", "+1\u00a0points", "+5\u00a0%")
    assert shown[2] == ("–", "2.00", "–", "–")
    assert shown[4] == ("3.00", "–", "–", "–")


@pytest.mark.parametrize(
    ("x", "y", "unit", "differs"),
    [
        (0.123456, 0.123457, "rate", False),
        (0.123456, 0.123458, "rate", True),
        (1e6, 1e6 + 1, "money", False),
        (1e6, 1e6 + 1, "count", True),
        (0.0, 1e-9, "number", True),
        (-1.0, 1.0, "score", True),
        (float("inf"), 1.0, "number", True),
        (None, None, "number", False),
    ],
)
def test_rounding_is_no_change_and_counts_are_compared_exactly(tmp_path, x, y, unit, differs):
    before = earlier(tmp_path, ("a", number("it", x, unit)), ("a", number("anchor", 1.0)))
    table = changed_numbers.compare(before, [page("a", number("it", y, unit), number("anchor", 1.0))])
    assert (table is not None) == differs


def test_a_page_that_failed_or_was_not_run_says_nothing_about_its_numbers(tmp_path):
    before = earlier(tmp_path, ("a", number("it", 1.0)), ("b", number("it", 1.0)))
    assert changed_numbers.compare(before, [page("a", number("it", 2.0), failed=True)]) is None


def test_a_folder_without_readable_numbers_counts_as_no_earlier_run(tmp_path):
    assert previous_reports.numbers(tmp_path) is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.parquet").write_bytes(b"no table")
    assert previous_reports.numbers(tmp_path) is None
    pd.DataFrame({"page": ["a"]}).to_parquet(tmp_path / "data" / "numbers.parquet")
    assert previous_reports.numbers(tmp_path) is None
    assert changed_numbers.compare(None, [page("a", number("it", 1.0))]) is None


def test_late_orders_restate_a_month_and_its_segment_and_the_index_links_it(tmp_path):
    notebook(tmp_path / "own", "01_first", SHOWS.format(evil=EVIL))
    orders = orders_csv(tmp_path, country=["PL", "PL", "TW", "TW", "TW", "PL"])
    config = report.Config(orders=orders, notebooks=tmp_path / "own", output=tmp_path / "reports", split_by="country")
    (first,) = report.run(config, months="2026-04")
    folder = first.index.parent
    assert not list(folder.rglob("restated.*"))
    assert "last run" not in first.index.with_name("analyst.html").read_text(encoding="utf-8")
    orders.write_text(orders.read_text() + "a,2026-04-20,7.0,PL\n")
    report.run(config, months="2026-04")
    made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("restated.*"))
    names = ["data/restated.csv", "data/restated.parquet", "restated.html"]
    assert made == sorted([*names, *(f"country=pl/{name}" for name in names)])
    assert 'href="restated.html"' in first.index.with_name("analyst.html").read_text(encoding="utf-8")
    found = BeautifulSoup((folder / "restated.html").read_text(encoding="utf-8"), "html.parser")
    assert found.find("img") is None
    cells = [cell.get_text() for cell in found.find("tbody").find_all(["th", "td"])]
    assert cells == [f"Orders {EVIL}", "First", "changed", "6", "7", "+1", "+16.7\u00a0%"]
    for place in (folder / "restated.html", folder / "country=pl" / "restated.html"):
        links = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser").find_all("a")
        assert all((place.parent / a["href"]).is_file() for a in links if a["href"][0] != "#")
