"""Lists of customers in reports with segments, after --only, and of shops that are too large for them."""

import re

import pytest
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.errors import RetentionKitWarning

MONTH = "2026-05"
LATE = """\
from retention_kit import embedded_tables, load, summarise, tables
embedded_tables.MOST_CUSTOMERS = most
log = load.orders(orders)
late = summarise.customers(log, as_of=as_of).to_pandas()
tables.table(late[["orders"]], id="overdue", behind=late)"""
PARAMETERS = "orders = 'cdnow'\nas_of = ''\nmost = 200_000"
LINK = re.compile(r'href="([^"#]*(?:customers|lists)[^"#]*)"')


def run(case, **options):
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports", **options}
    (made,) = report.run(report.Config(**given), months=MONTH, jobs=1, force=True)
    assert made.failures == {}
    return made.index.parent


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A page with customers behind a table, a page without, and customers of two countries."""
    folder = tmp_path_factory.mktemp("lists")
    notebook(folder / "own", "01_first", LATE, parameters=PARAMETERS)
    notebook(folder / "own", "02_second", "1 + 1", parameters=PARAMETERS)
    orders_csv(folder, country=["PL", "PL", "TW", "PL", "PL", "TW"])
    return folder


def names(folder):
    files = [path for path in folder.rglob("*") if path.parent.name in ("lists", "customers")]
    return {path.relative_to(folder).as_posix() for path in files}


def test_lists_of_a_segment_lead_to_the_pages_of_customers_in_the_folder_of_the_month(case):
    month = run(case, split_by="country")
    assert {"lists/overdue.html", "country=pl/lists/overdue.html", "country=tw/lists/overdue.html"} <= names(month)
    assert not (month / "country=pl" / "customers").exists()
    page = (month / "country=pl/lists/overdue.html").read_text(encoding="utf-8")
    rows = re.findall(r'<th scope="row"[^>]*><a href="([^"]+)">(\w)</a>', page)
    assert sorted(id for _, id in rows) == ["a", "c"]
    for file in month.rglob("*.html"):
        for href in LINK.findall(file.read_text(encoding="utf-8")):
            assert (file.parent / href).is_file(), (file, href)


def test_only_one_page_leaves_the_lists_of_the_others(case):
    before = names(run(case))
    assert {"lists/overdue.html", "lists/overdue.xlsx", "lists/overdue.csv"} <= before
    with pytest.warns(RetentionKitWarning, match="because lists of customers are made of them: 01_first"):
        after = run(case, only=["02_second"])
    assert names(after) == before
    assert 'href="customers.html"' in (after / "index.html").read_text(encoding="utf-8")


def test_a_shop_that_is_too_large_for_lists_is_said_to_be(case):
    month = run(case, parameters={"most": 3})
    assert names(month) == set()
    said = "lists of all customers, and pages of single ones, are made for at most 200,000."
    assert f"This report has 4 customers; {said}" in (month / "customers.html").read_text(encoding="utf-8")
    index = (month / "index.html").read_text(encoding="utf-8")
    assert 'href="customers.html"' in index
    assert "Lists of all 4 customers: they are made for at most 200,000." in index
    again = run(case, only=["02_second"], parameters={"most": 3})  # the other page is used again
    assert said in (again / "customers.html").read_text(encoding="utf-8")
