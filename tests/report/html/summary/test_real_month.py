"""The first page of a real month: a tenth of CDNOW, with the pages that the summary reads."""

import re
import shutil

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from retention_kit import report

PAGES = ["01_overview", "02_cohorts", "03_rfm", "07_forecast"]


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
def page(month):
    tree = BeautifulSoup((month / "index.html").read_text(encoding="utf-8"), "html.parser")
    for popover in tree.select("[popover]"):
        popover.decompose()
    return tree


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


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_the_pdf_is_the_summary_on_at_most_four_pages_of_letter_paper(month):
    pdf = (month / "report.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 4
    assert b"/MediaBox [0 0 612 792]" in pdf


def test_the_joined_file_has_both_pages_with_ids_of_their_own(month):
    whole = BeautifulSoup((month / "report.html").read_text(encoding="utf-8"), "html.parser")
    ids = [tag["id"] for tag in whole.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {button["popovertarget"] for button in whole.select("[popovertarget]")} <= set(ids)
    assert "Every number of the month" in whole.get_text()
