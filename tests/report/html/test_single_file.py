"""A month in one piece: every page is in it, links lead inside, nothing is said twice by the same name."""

import shutil
from collections import Counter

import pytest
from browser import WIDTHS, chromium, opened
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report
from retention_kit.errors import RetentionKitWarning
from retention_kit.report.html import single_file


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joined")
    table = "#!See [the second](02_second.html) and [its table](data/numbers.csv).\n\n## The same heading"
    notebook(folder / "own", "01_first", table, NUMBERS, title="First page")
    notebook(folder / "own", "02_second", "#!## The same heading\n\n[up](#the-same-heading)", "months * 2",
             parameters="orders = 'cdnow'\nmonths = 3")  # fmt: skip
    made = {"orders": orders_csv(folder), "notebooks": folder / "own", "output": folder / "reports"}
    (made,) = report.run(report.Config(**made, single_file=True, pdf=True), months="2026-04")
    return made.index.parent


def test_the_file_holds_every_page_with_ids_of_its_own_and_links_that_lead_inside(month):
    whole = BeautifulSoup((month / "report.html").read_text(encoding="utf-8"), "html.parser")
    ids = Counter(tag["id"] for tag in whole.find_all(id=True))
    assert ids.most_common(1)[0][1] == 1
    links = [a["href"] for a in whole.find_all("a", href=True)]
    assert all(link.startswith("#") and link[1:] in ids for link in links), links
    assert {"#page-1", "#page-2"} <= set(links)
    assert [h.get_text() for h in whole.find_all("h1")] == ["Customer retention, April 2026"]
    text = whole.get_text(" ", strip=True)
    assert "What does first page say?" in text
    assert "What does second say?" in text
    assert "its table" in text


def test_the_file_passes_the_checks_of_every_page(month):
    with chromium() as browser, opened(browser, month / "report.html", width=WIDTHS["phone"]) as seen:
        assert seen.faults(axe=True) == []


def test_the_pdf_is_one(month):
    assert shutil.which("chromium") is None or (month / "report.pdf").read_bytes().startswith(b"%PDF")


def test_without_chromium_there_is_no_pdf_but_a_word(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.warns(RetentionKitWarning, match="Chromium is not installed"):
        assert not single_file.to_pdf("<p>words</p>", tmp_path / "report.pdf")
