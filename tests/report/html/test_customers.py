"""From a number to one customer: lists and pages of a real report with hashed ids, in Chromium and as files."""

import hashlib
import hmac
import os
import re
import stat

import openpyxl
import pandas as pd
import pytest
from browser import chromium, opened

from retention_kit import load, report

MONTH = "1998-05"


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """The month of a shop whose customers are known by e-mail, with the pages of cohorts and segments and two lists."""
    folder = tmp_path_factory.mktemp("customers")
    orders = load.sample("cdnow_sample").to_pandas()
    orders["customer_id"] = "person" + orders["customer_id"].astype(str) + "@shop.example"
    orders.to_csv(folder / "orders.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORT_SALT", "a secret for tests")
        config = report.Config(
            orders=folder / "orders.csv", notebooks=["02_cohorts", "03_rfm"], output=folder / "reports",
            customer_ids="hashed", salt="env:REPORT_SALT", list_rows=20, customer_pages=30,
            actions={"lists": ["at_risk", "win_back"]},
        )  # fmt: skip
        (made,) = report.run(config, months=MONTH)
    assert not made.failures
    return made.index.parent


@pytest.fixture(scope="module")
def looked_at():
    """One Chromium for all pages."""
    with chromium() as browser:
        yield browser


def one_page(month):
    """The page of the customer at the head of the overdue list."""
    page = (month / "lists/overdue.html").read_text(encoding="utf-8")
    return re.search(r'href="\.\./(customers/\w+\.html)"', page)[1]


def cut(page):
    """Text that is wider than its cell or paragraph, so that it covers what stands beside it or is hidden."""
    return page.evaluate(CUT)


CUT = """() => [...document.querySelectorAll('main :is(p, h1, h2, th, td, li, small, summary, dt, dd)')]
  .filter(item => item.clientWidth > 1 && item.scrollWidth > item.clientWidth + 1)
  .map(item => item.textContent.trim().slice(0, 60))"""
WIDE_TABLES = """() => [...document.querySelectorAll('.table')].filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => `${box.getAttribute('aria-label')}: ${box.scrollWidth} in ${box.clientWidth}`)"""
INK = """() => [...document.querySelectorAll('main :is(h1, p, th, td)')].slice(0, 50)
  .map(item => Number(getComputedStyle(item).color.match(/\\d+/)[0]))"""


def texts(month):
    for file in sorted(month.rglob("*")):
        if file.suffix in (".html", ".csv", ".md", ".json", ".ipynb"):
            yield file, file.read_text(encoding="utf-8")


def test_no_id_of_the_data_is_in_any_file_and_lists_are_for_the_owner(month):
    for file, text in texts(month):
        assert "@shop.example" not in text, file
    for folder in ("lists", "customers", "actions"):
        assert stat.S_IMODE((month / folder).stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in (month / folder).iterdir()} == {0o600}
    book = openpyxl.load_workbook(month / "lists" / "overdue.xlsx").active
    ids = {row[0].value for row in book.iter_rows(min_row=2)}
    known = {f"person{id}@shop.example" for id in load.sample("cdnow_sample").to_pandas()["customer_id"].astype(str)}
    hashes = {hmac.new(b"a secret for tests", id.encode(), hashlib.sha256).hexdigest() for id in known}
    assert ids
    assert ids <= hashes


def test_a_whole_report_without_ids_has_the_numbers_of_the_lists_and_no_customer(month, tmp_path):
    orders = month.parents[1] / "orders.csv"
    (made,) = report.run(report.Config(orders=orders, output=tmp_path, customer_ids="none"), months=MONTH)
    assert not made.failures
    folder = made.index.parent
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"@shop.example" not in file.read_bytes(), file
    assert not [name for name in ("lists", "customers", "actions") if (folder / name).exists()]
    page = (folder / "customers.html").read_text(encoding="utf-8")
    assert "The lists themselves are left out, because this report shows no customers" in page
    assert "lists/" not in page
    overdue = re.search(r'<th scope="row">Overdue customers</th><td>(\d+)</td>', page)[1]
    assert int(overdue) == len(pd.read_csv(month / "lists" / "overdue.csv"))
    assert "lists/" not in (folder / "03_rfm.html").read_text(encoding="utf-8")


def test_the_lists_hold_the_customers_of_the_numbers(month):
    segments = pd.read_csv(month / "data" / "03-rfm-segments.csv").set_index("segment")["customers"]
    files = {name: f"segment-{re.sub(r'[^a-z]+', '-', name)}.csv" for name, n in segments.items() if n}
    for name, file in files.items():
        rows = pd.read_csv(month / "lists" / file)
        assert len(rows) == segments[name]
        assert set(rows["segment"]) == {name}
    numbers = pd.read_csv(month / "data" / "numbers.csv").set_index("name")["value"]
    assert len(pd.read_csv(month / "lists" / "overdue.csv")) == numbers["overdue_customers"]
    whole = pd.concat([pd.read_csv(month / "lists" / file) for file in files.values()])
    assert whole["expected_value"].sum() == pytest.approx(numbers["value_expected"], rel=1e-3)
    assert whole["customer_id"].is_unique


def test_at_most_the_stated_number_of_customers_have_a_page(month):
    assert len(list((month / "customers").glob("*.html"))) == 30
    assert "At most 30 customers" in (month / "customers.html").read_text(encoding="utf-8")
    rows = (month / "lists" / "overdue.html").read_text(encoding="utf-8").count('<th scope="row"')
    assert rows == min(20, len(pd.read_csv(month / "lists" / "overdue.csv")))


def test_tables_of_the_pages_lead_to_the_lists(month):
    page = (month / "03_rfm.html").read_text(encoding="utf-8")
    assert '<a href="lists/segment-champions.html">champions</a>' in page
    cohorts = (month / "02_cohorts.html").read_text(encoding="utf-8")
    assert 'href="lists/overdue.html"' in cohorts
    assert 'href="lists/cohort-1997-03.html"' in cohorts
    for file, text in texts(month):
        if file.suffix == ".html":
            for href in re.findall(r'href="((?:\.\./)?(?:lists|customers)[^"#]*)"', text):
                assert (file.parent / href).is_file(), (file, href)


def test_from_the_first_page_to_one_customer_with_search_and_sorting(month):
    with chromium() as browser, opened(browser, month / "index.html", width=1280) as seen:
        page = seen.page
        page.get_by_role("link", name="Customers", exact=True).first.click()
        page.get_by_role("link", name="Overdue customers").click()
        assert "silent for longer than usual" in page.locator("h1").inner_text()
        rows = page.locator("tbody tr:visible")
        every = rows.count()
        first = rows.first.locator("th a").inner_text()
        page.get_by_role("searchbox").fill(first[:12])
        assert rows.count() == 1
        assert page.locator(".search output").inner_text() == f"1 of {every} customers"
        page.get_by_role("searchbox").fill("")
        page.get_by_role("button", name="Orders").click()
        orders = [int(text) for text in page.locator("tbody tr td:nth-child(3)").all_inner_texts()]
        assert orders in (sorted(orders), sorted(orders, reverse=True))
        page.get_by_role("link", name=first).click()
        assert page.locator("h1").inner_text().startswith(f"{first}: Usually buys every")
        figure = page.locator("svg.figure")
        figure.focus()
        figure.press("ArrowRight")
        assert page.locator(".tip").inner_text()
        page.get_by_role("link", name="Overdue customers").click()
        assert page.url.endswith("/lists/overdue.html")
        assert seen.errors == []


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, False), (1280, True)])
def test_lists_and_pages_of_customers_fit_and_nobody_is_locked_out(looked_at, month, width, dark):
    for name in ("customers.html", "lists/overdue.html", "lists/at_risk.html", one_page(month)):
        with opened(looked_at, month / name, width=width, dark=dark) as seen:
            assert seen.faults(axe=True) == [], (name, width, dark)
            assert cut(seen.page) == [], (name, width)
            if os.environ.get("SHOTS"):
                where = f"{os.environ['SHOTS']}/{name.replace('/', '-')[:12]}-{width}-{'dark' if dark else 'light'}.png"
                seen.page.screenshot(path=where, full_page=name != "lists/overdue.html")


def test_lists_and_pages_of_customers_are_printed_whole_in_dark_ink(looked_at, month):
    for name in ("customers.html", "lists/overdue.html", one_page(month)):
        with opened(looked_at, month / name, width=794, dark=True) as seen:  # A4 at 96 px to the inch
            page = seen.page
            page.emulate_media(media="print", color_scheme="dark")
            assert page.locator("input[type=search]:visible").count() == 0, "nobody can type on paper"
            assert page.evaluate(WIDE_TABLES) == [], (name, "a table scrolls on paper")
            assert all(value < 128 for value in page.evaluate(INK)), name
            if os.environ.get("SHOTS"):
                page.screenshot(path=f"{os.environ['SHOTS']}/{name.replace('/', '-')[:12]}-print.png")
