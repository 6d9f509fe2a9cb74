"""The first page of real months, with the pages that the summary reads: a tenth of CDNOW, and the sample store."""

import re
import shutil

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from retention_kit import load, report, summarise
from retention_kit.models import MBGNBD, rfm

PAGES = ["01_overview", "02_cohorts", "03_rfm", "07_forecast"]
STORE_PAGES = [*PAGES, "04_lifetime_value", "05_nps", "06_subscriptions"]
FAST = {"draws": 20, "candidates": ["MBGNBD"]}


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    config = report.Config(
        title="CDs", orders="cdnow_sample", notebooks=PAGES, output=folder, pdf=True, currency="USD", single_file=True
    )
    (made,) = report.run(config, months="1997-12")
    assert made.failures == {}
    return made.index.parent


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    data = dict.fromkeys(("orders", "surveys", "subscriptions"), "store")
    config = report.Config(title="Jar & Scoop", notebooks=STORE_PAGES, parameters=FAST, output=folder, pdf=True, **data)
    (made,) = report.run(config, months="2026-05")
    assert made.failures == {}
    return made.index.parent


def page_of(month):
    tree = BeautifulSoup((month / "index.html").read_text(encoding="utf-8"), "html.parser")
    for popover in tree.select("[popover]"):
        popover.decompose()
    return tree


@pytest.fixture(scope="module")
def page(month):
    return page_of(month)


@pytest.fixture(scope="module")
def numbers(month):
    table = pd.read_csv(month / "data" / "numbers.csv").drop_duplicates("name").set_index("name")
    return table["value"]


def text(page, selector):
    return " ".join(" ".join(tag.get_text() for tag in page.select(selector)).split())


def test_the_sentences_have_the_numbers_of_the_pages(page, numbers):
    assert f"Revenue was ${numbers['revenue']:,.0f} in December" in text(page, "h1")
    tiles = {tile.h3.get_text(): tile.select_one(".value").get_text() for tile in page.select(".tiles li")}
    assert tiles["Customers who bought"] == f"{numbers['customers']:,.0f}"
    assert tiles["New customers"] == f"{numbers['new_customers']:,.0f}"
    assert f"{100 * numbers['cohort_retention_1']:.0f}% come back the month after" in text(page, ".back h2")
    expected = float(f"{numbers['forecast_shop_revenue_91']:.3g}")
    assert f"about ${expected:,.0f}" in text(page, ".next h2")


def test_every_section_has_data_and_nothing_is_called_missing_that_is_there(page):
    assert [section["class"][1] for section in page.select(".finding")] == ["why", "do", "next", "back", "trust"]
    missing = text(page, ".finding.trust dl > div:last-of-type dd")
    assert "Next quarter" not in missing
    assert "Last year: the data do not go back that far." in missing


def test_no_python_no_code_and_no_letters_of_formulas_are_on_the_page(page):
    said = text(page, "main")
    assert not re.search(
        r"\bNaN\b|\bnan\b|None was None|_\w+_|lapse_after|AIC|SHA-256|p-value|standard error|%\(", said
    )
    assert page.select("main code, main pre, main math") == []


def test_the_page_for_analysts_is_beside_it_and_each_leads_to_the_other(month, page):
    links = [link["href"] for link in page.select("nav a")]
    assert {"index.html", "analyst.html", "../index.html"} <= set(links)
    analyst = BeautifulSoup((month / "analyst.html").read_text(encoding="utf-8"), "html.parser")
    assert {"index.html", "01_overview.html"} <= {link["href"] for link in analyst.select("nav a")}
    assert "Every number of the month" in analyst.get_text()


def pages_of_pdf(month):
    pdf = (month / "report.pdf").read_bytes()
    (box,) = set(re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+ [\d.]+)\s*\]", pdf))
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf)), [round(float(side)) for side in box.split()]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_the_pdf_is_the_summary_on_few_pages_of_the_paper_of_its_readers(month, store):
    pages, paper = pages_of_pdf(month)
    assert (pages <= 4, paper) == (True, [612, 792])
    pages, paper = pages_of_pdf(store)
    assert (pages <= 6, paper) == (True, [595, 842])


def test_the_first_page_of_the_store_has_every_section_and_answers_with_the_numbers_of_its_pages(store):
    page = page_of(store)
    numbers = pd.read_csv(store / "data" / "numbers.csv").drop_duplicates("name").set_index("name")
    value = numbers["value"]
    assert [section["class"][1] for section in page.select(".finding")] == [
        "why", "do", "next", "back", "what-if", "trust",
    ]  # fmt: skip
    assert f"Revenue was €{value['revenue']:,.0f} in May, more than twice as much as in May 2025" in text(page, "h1")
    assert f"Nearly all of the growth is more customers: {value['customers']:.0f} bought" in text(page, ".lead")
    assert "good customers are going quiet, and €" in text(page, ".lead")
    assert f"about €{value['forecast_shop_revenue_91']:,.0f}" in text(page, ".next h2")  # of three digits
    worth = numbers.loc["early_returns_worth"]
    assert f"worth about €{worth['value']:,.0f} a year" in text(page, ".what-if h2")
    newcomers = f"{value['new_customers_year']:,.0f} new customers as in the last 365 days"
    assert f"(95%: €{worth['low']:,.0f}–{worth['high']:,.0f}), with {newcomers}" in text(page, ".what-if p")
    holdout = f"it expected {value['holdout_expected']:,.0f}; there were {value['holdout_actual']:,.0f}."
    assert holdout in text(page, ".trust")
    counted = f"from 1 October 2024 to 31 May 2026 count here: {value['cohort_customers']:,.0f} customers."
    assert counted in text(page, ".trust")
    tiles = [tile.h3.get_text() for tile in page.select(".tiles li")]
    assert tiles[4:] == ["Recurring revenue a month", "Would recommend us (NPS)"]
    for link in page.select(".what-if a"):
        file, _, place = link["href"].partition("#")
        assert f'id="{place}"' in (store / file).read_text(encoding="utf-8")


def test_the_joined_file_has_both_pages_with_ids_of_their_own(month):
    whole = BeautifulSoup((month / "report.html").read_text(encoding="utf-8"), "html.parser")
    ids = [tag["id"] for tag in whole.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {button["popovertarget"] for button in whole.select("[popovertarget]")} <= set(ids)
    assert "Every number of the month" in whole.get_text()


def test_a_month_whose_data_end_early_is_as_of_their_last_day(tmp_path):
    log = load.sample("cdnow_sample").table.to_pandas()
    log[log["ordered_at"] < "1997-12-17"].to_csv(tmp_path / "orders.csv", index=False)
    config = report.Config(
        title="CDs", orders=tmp_path / "orders.csv", notebooks=["01_overview", "03_rfm"], currency="USD",
        parameters={"model": "MBGNBD"}, output=tmp_path / "reports", customer_ids="none",
        targets=[{"metric": "revenue", "value": 100000, "direction": "at_least"}],
    )  # fmt: skip
    (made,) = report.run(config, months="1997-12")
    assert made.failures == {}
    page, folder = page_of(made.index.parent), made.index.parent
    assert "up to day 16" in text(page, ".period")
    assert "In the first 16 days of December" in text(page, "h1")
    assert "as of 16 December 1997" in text(page, "footer")
    assert "31 December" not in page.get_text()
    assert re.search(r"\$[\d,]+ of \$100,000 after 16 of 31 days", text(page, ".tiles"))
    analyst = " ".join(
        BeautifulSoup((folder / "analyst.html").read_text(encoding="utf-8"), "html.parser").get_text().split()
    )
    assert "16 December 1997: the data end there, before the month does" in analyst
    orders = load.orders(tmp_path / "orders.csv", currency="USD")
    now, before = (summarise.customers(orders, as_of=day).to_pandas() for day in ("1997-12-16", "1997-11-30"))
    now = rfm.segment(rfm.score(now, cuts=rfm.cut_points(before)))
    alive = MBGNBD.fit(now).probability_alive(now)
    good = now["segment"].isin(["champions", "loyal", "can't lose"])
    stake = pd.read_csv(folder / "data" / "03-rfm-stake.csv").set_index("segment")
    quiet = (alive < 0.8).groupby(now["segment"]).sum()
    for segment in now.loc[good, "segment"].unique():
        assert stake["quiet"].get(segment, 0) == quiet[segment]
    sizes = now["segment"].value_counts()
    numbers = pd.read_csv(folder / "data" / "numbers.csv").set_index("name")["value"]
    assert (numbers["segment_hibernating"], numbers["segment_champions"]) == (sizes["hibernating"], sizes["champions"])
