"""The report in headless Chromium: nothing runs, nothing is fetched, everything fits and can be read by everybody."""

import re

import hostile
import pytest
from browser import WIDTHS, chromium, opened
from report_cases import notebook

from retention_kit import report

NOTE = "it's \"quoted\"\n</script><script>window.robbed=1</script>\n'''"
OWN = """\
import pandas as pd
from IPython.display import HTML, Latex, Markdown, display
from retention_kit import load
texts = load.orders(orders).to_pandas()['customer_id'].unique().tolist()
display(pd.DataFrame({'customer': texts, 'n': range(len(texts))}), Latex(texts[6]))
for text in texts[:16]:
    display(HTML(text), Markdown(text))
    print(text, note)
"""
SIGNS = """async () => {
  const faults = [], drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  let scrolling = 0;
  for (const frame of document.querySelectorAll('.table')) {
    if (!frame.clientWidth) continue;
    const name = frame.getAttribute('aria-label'), hidden = frame.scrollWidth - frame.clientWidth;
    const sign = parseFloat(getComputedStyle(frame, '::before').height);
    if ((hidden > 0) !== (sign > 5)) faults.push(`${name}: ${hidden} px at the side, a sign of ${sign} px`);
    if (hidden <= 0) continue;
    scrolling++;
    frame.scrollLeft = hidden;
    await drawn();
    const edge = frame.getBoundingClientRect();
    const firsts = [...frame.querySelectorAll('tr > :first-child:not([colspan])')].filter(cell => cell.offsetParent);
    const gone = firsts.some(cell => Math.abs(cell.getBoundingClientRect().left - edge.left) > 3);
    if (gone) faults.push(`${name}: first column`);
    const held = [...frame.querySelectorAll('.held')].map(text => text.getBoundingClientRect());
    if (held.some(text => text.left < edge.left - 3 || text.right > edge.right + 3)) faults.push(`${name}: title`);
    const last = [...frame.querySelectorAll('thead tr:last-child > *')].at(-1);
    if (last && last.getBoundingClientRect().right > edge.right + 1) faults.push(`${name}: last column`);
  }
  return [scrolling, faults];
}"""
FAILS = "raise ValueError(note + '<img src=x onerror=alert(3)>' + 'V' * 5000)"


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A report over hostile data: pages of the package in whole and by segment, an own page, and one that fails."""
    folder = tmp_path_factory.mktemp("hostile")
    tables = hostile.shop(folder)
    parameters = "orders = 'cdnow'\nas_of = '1998-06-30'\nnote = ''"
    own = notebook(folder / "own", "90_own", OWN, parameters=parameters, title="Own <b>page</b>")
    fails = notebook(folder / "own", "91_fails", FAILS, parameters=parameters)
    standard = ["00_data_quality", "02_cohorts", "05_nps"]
    config = report.Config(
        title="<script>window.robbed=1</script> & shop",
        notebooks=[*standard, own, fails],
        parameters={"note": NOTE},
        output=folder / "reports",
        split_by="country",
        **tables,
    )
    (made,) = report.run(config, months="2026-07")
    assert {name.rpartition("/")[2] for name in made.failures} == {"91_fails"}
    return made.index.parent


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def pages(month):
    """Pages of the whole, and of one segment those that are named after data."""
    segment = next(path for path in sorted(month.iterdir()) if path.name.startswith("country="))
    return [
        *sorted(month.glob("*.html")),
        *sorted(month.glob("failed/*.html")),
        segment / "index.html",
        segment / "analyst.html",
    ]


@pytest.mark.parametrize(("width", "dark"), [("phone", True), ("desk", False)])
def test_hostile_pages_run_nothing_fetch_nothing_fit_and_pass_axe(month, browser, width, dark):
    faults = []
    for path in pages(month):
        with opened(browser, path, width=WIDTHS[width], dark=dark) as seen:
            faults += [f"{path.relative_to(month)}: {fault}" for fault in seen.faults(axe=True)]
    assert len(pages(month)) >= 7
    assert faults == []


def test_the_net_catches_what_it_is_for(tmp_path, browser):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<h1>One</h1><h3>Three</h3><img src='data:,' alt='Figure:'><p style='width:2000px'>wide</p>"
        "<script>window.robbed=1; alert('hello'); console.error('oh'); fetch('https://example.invalid/')</script>"
    )
    with opened(browser, bad, width=390) as seen:
        told = "\n".join(seen.faults(axe=True))
    parts = """dialog: hello; console: oh; request: https://example.invalid; from the data ran; no title; no language;
        scrolls sideways; skips a level; alternative text; cannot be shown; axe """
    for part in (text.strip() for text in parts.split(";")):
        assert part in told, part


def test_on_paper_the_page_is_there_whole_and_the_navigation_is_not(month, browser):
    with opened(browser, month / "05_nps.html", width=WIDTHS["desk"]) as seen:
        seen.page.emulate_media(media="print")
        assert not seen.page.locator("nav").first.is_visible()
        assert not seen.page.locator("details.code summary").first.is_visible()
        clipped = seen.page.evaluate(
            "() => [...document.querySelectorAll('main .table')]"
            ".filter(frame => getComputedStyle(frame).overflowX !== 'visible').length"
        )
        assert clipped == 0
        assert seen.page.pdf().startswith(b"%PDF")


def test_every_page_is_reached_by_keyboard_and_by_links_that_lead_somewhere(month, browser):
    with opened(browser, month / "analyst.html", width=WIDTHS["desk"]) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        links = seen.page.eval_on_selector_all("a[href]", "found => found.map(a => a.getAttribute('href'))")
    files = {re.sub(r"#.*", "", link) for link in links} - {""}
    assert all((month / name).resolve().is_file() for name in files), files
    assert {"00_data_quality.html", "90_own.html", "failed/91_fails.html"} <= files


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_a_table_wider_than_its_frame_says_so_and_keeps_its_first_column_and_its_title(month, browser, width):
    scrolling = 0
    for path in pages(month):
        with opened(browser, path, width=WIDTHS[width]) as seen:
            number, faults = seen.page.evaluate(SIGNS)
        assert faults == [], path.name
        scrolling += number
    assert scrolling or width == "desk"


def test_no_table_is_cut_on_paper(month, browser):
    for path in pages(month):
        with opened(browser, path, width=830) as seen:  # A4 less its margins, at the zoom of print
            seen.page.emulate_media(media="print")
            wide = "frames => frames.filter(frame => frame.scrollWidth > frame.clientWidth + 1).length"
            assert seen.page.eval_on_selector_all(".table", wide) == 0, path.name
