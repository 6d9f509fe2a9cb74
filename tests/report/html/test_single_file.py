"""A month in one piece: every page is in it, links lead inside, nothing is said twice by the same name."""

import os
import shutil
import signal
import subprocess
import sys
import time
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
    assert {"#page-2", "#page-3"} <= set(links)  # page-1 is the page for analysts
    assert len(whole.find_all("h1")) == 1
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


STOPPED = """
import sys
from pathlib import Path
from retention_kit import signals
from retention_kit.report.html import single_file

with signals.handled(), signals.tidied():
    single_file.to_pdf("<p>words</p>" * 200_000, Path(sys.argv[1]) / "report.pdf")
"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
@pytest.mark.parametrize("depth", [0, 3])
def test_chromium_leaves_nothing_where_the_run_is_stopped(tmp_path, depth):
    temporary = tmp_path / "tmp"
    month = tmp_path / "x".join(["a long name of a folder "] * depth + ["2026-04"])
    temporary.mkdir()
    month.mkdir()
    variables = os.environ | {"TMPDIR": str(temporary)}
    run = subprocess.Popen([sys.executable, "-c", STOPPED, month], env=variables, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not any("chromium" in path.name for path in tmp_path.rglob("*")) and run.poll() is None:
        assert time.monotonic() < end, "Chromium never began"
        time.sleep(0.02)
    assert run.poll() is None, "the PDF was made before the run could be stopped"
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=30) != 0
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted([month.name, "tmp"])
