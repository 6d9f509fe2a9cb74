"""The first page in headless Chromium: it fits, it can be read by everybody, numbers open, the switch switches, and it
prints on few pages."""

import re
import shutil
from dataclasses import replace

import pytest
from browser import WIDTHS, chromium, opened
from summary_months import GOOD, LANGUAGES, MONTHS, RETURNING, html_of

from retention_kit.report.html import single_file
from retention_kit.report.html.summary.facts import Cohort

SIZES = """
[...document.querySelectorAll('main *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length)
  .map(e => parseFloat(getComputedStyle(e).fontSize))
"""
"""The sizes of type of every text that is shown."""
FIRST_CELL = RETURNING.cohorts[1].cells[0]
YEAR = tuple(
    Cohort(f"{2025 + m // 12}-{m % 12 + 1:02d}", 150, tuple(replace(FIRST_CELL, age=age) for age in range(1, 17 - m)))
    for m in range(4, 16)
)
A_YEAR = replace(GOOD, returning=replace(RETURNING, cohorts=YEAR))
"""A month with everything: twelve cohorts, lists, forecast."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of all months, the full one in each language."""
    folder = tmp_path_factory.mktemp("pages")
    made = {(kind, "en"): facts for kind, facts in MONTHS.items()} | {("year", code): A_YEAR for code in LANGUAGES}
    for (kind, code), facts in made.items():
        (folder / f"{kind}.{code}.html").write_text(html_of(facts, code), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [
        ("year.en", "desk", True),
        ("year.en", "phone", False),
        ("year.pl", "phone", True),
        ("year.zh-Hant", "phone", False),
        ("bad.en", "phone", False),
        ("first.en", "desk", False),
    ],
)
def test_the_page_has_no_fault(pages, browser, name, width, dark):
    with opened(browser, pages / f"{name}.html", width=WIDTHS[width], dark=dark) as seen:
        assert seen.faults(axe=True) == []


def test_a_number_opens_what_is_behind_it_and_the_switch_changes_the_cells(pages, browser):
    with opened(browser, pages / "year.en.html", width=WIDTHS["desk"]) as seen:
        number = seen.page.locator("h1 .number").first
        behind = seen.page.locator("h1 .behind").first
        assert not behind.is_visible()
        number.focus()
        seen.page.keyboard.press("Enter")
        assert "95% interval: €35,000–43,600" in behind.inner_text()
        seen.page.keyboard.press("Escape")
        assert not behind.is_visible()
        cell = seen.page.locator(".map tbody td").nth(1)
        shown = {}
        for name in ("share", "customers", "money", "so-far"):
            seen.page.locator(f".switch input[value={name}]").check()
            shown[name] = cell.inner_text()
        assert shown == {"share": "36", "customers": "52", "money": "15.0", "so-far": "61.0"}


@pytest.mark.parametrize("figure", ["svg.spark", "svg.causes", "svg.fan", ".cohorts .figure"])
def test_arrow_keys_read_the_marks_of_each_figure(pages, browser, figure):
    with opened(browser, pages / "year.en.html", width=WIDTHS["phone"]) as seen:
        seen.page.locator(figure).first.focus()
        seen.page.keyboard.press("ArrowRight")
        first = seen.page.locator(".tip").inner_text()
        seen.page.keyboard.press("ArrowRight" if figure != "svg.causes" else "ArrowDown")
        assert first
        assert seen.page.locator(".tip").inner_text() not in ("", first)


CROWDED = """
() => {
  const faults = [], range = document.createRange();
  const box = node => (range.selectNodeContents(node), range.getBoundingClientRect());
  for (const tile of document.querySelectorAll('.tiles li')) {
    const line = tile.querySelector('svg')?.getBoundingClientRect();
    for (const text of tile.querySelectorAll('.value, .now p')) {
      const seen = box(text);
      if (line && seen.right > line.left + 1 && seen.bottom > line.top + 1) faults.push(`${text.textContent} covers`);
    }
  }
  for (const part of document.querySelectorAll('.tiles svg, .tiles p, .tiles dd')) {
    const seen = part.tagName === 'svg' ? part.getBoundingClientRect() : box(part);
    if (seen.right > part.closest('li').getBoundingClientRect().right + 1) faults.push(`${part.textContent} leaves`);
  }
  for (const cell of document.querySelectorAll('.tiles dd, .summary th')) {
    const words = cell.textContent.trim().split(' '), longest = Math.max(...words.map(word => word.length));
    const width = box(cell).width;
    if (longest > 2 && width > 0 && width < 4 * Math.min(longest, 12)) faults.push(`${cell.textContent} is broken`);
  }
  return faults;
}
"""
"""Numbers of tiles that cover their line, and words that are broken into letters."""


@pytest.mark.parametrize(
    ("width", "media"), [(320, "screen"), (700, "screen"), (970, "screen"), (1280, "screen"), (680, "print")]
)
@pytest.mark.parametrize("name", ["year.en", "year.pl"])
def test_tiles_and_headings_are_not_crowded(pages, browser, name, width, media):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(media=media)
    page.goto((pages / f"{name}.html").as_uri())
    assert page.evaluate(CROWDED) == []
    page.close()


def test_nothing_is_smaller_than_twelve_pixels(pages, browser):
    with opened(browser, pages / "year.en.html", width=WIDTHS["phone"]) as seen:
        sizes = seen.page.evaluate(SIZES)
        assert min(sizes) >= 12


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("code", "box"), [("en", "594.95996 841.91998"), ("zh-Hant", "594.95996 841.91998")])
def test_a_full_summary_prints_on_few_pages(pages, tmp_path, code, box):
    document = single_file.join(pages, f"year.{code}.html", [])
    assert single_file.to_pdf(document, tmp_path / "summary.pdf")
    pdf = (tmp_path / "summary.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 4
    assert re.search(rb"/MediaBox\s*\[\s*0 0 ([\d. ]+?)\s*\]", pdf)[1].decode() == box


def test_a_single_file_has_no_links_whose_pages_are_not_in_it(pages):
    joined = single_file.join(pages, "year.en.html", [])
    assert "See who" in (pages / "year.en.html").read_text(encoding="utf-8")
    assert "See who" not in joined
    assert "All of them, with reasons" not in joined
