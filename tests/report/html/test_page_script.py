"""What the script of a page does in a browser: tips of figures by pointer, tap and keys, and the search of a table."""

import pytest
from browser import WIDTHS, chromium, opened

from retention_kit.report.html import page, sortable

ROWS = (("Łódź Ana", "Poland", 3), ("Böhm", "Austria", 5), ("Chen", "Taiwan", 7))
FIGURE = """
<svg class="figure" role="group" tabindex="0" width="100%" height="120"
aria-label="Two series. Arrow keys read the values.">
<g><rect x="10%" y="20" width="10" height="10"><title>1 of 2
first &amp; low</title></rect><rect x="50%" y="90" width="10" height="10"><title>2 of 2
first</title></rect></g>
<g><rect x="30%" y="20" width="10" height="10"><title>9
second</title></rect></g></svg>"""


def document():
    rows = "".join(f"<tr><td>{name}</td><td>{country}</td><td>{n}</td></tr>" for name, country, n in ROWS)
    table = (
        '<div class="table"><table data-search="Search customer, country" data-found="# of 3 customers"><thead><tr>'
        f"<th>Customer</th><th>Country</th><th>n</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
    css = (page.TEMPLATE / "style.css").read_text(encoding="utf-8")
    policy = f"default-src 'none'; script-src {sortable.policy()}; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Script</title><meta http-equiv='
        f'"Content-Security-Policy" content="{policy}"><style>{css}</style></head><body><main><h1>Script</h1>{FIGURE}'
        f'{table}<p style="height: 2000px">long</p></main><script>{sortable.script()}</script></body></html>'
    )


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def seen(tmp_path, browser):
    path = tmp_path / "script.html"
    path.write_text(document(), encoding="utf-8")
    with opened(browser, path, width=WIDTHS["phone"]) as shown:
        yield shown
        assert shown.errors + shown.requests == []


def test_a_mark_says_its_value_under_the_pointer_at_a_tap_and_never_outside_the_window(seen):
    tip = seen.page.locator(".tip")
    seen.page.locator("rect").first.hover()
    assert tip.inner_text() == "1 of 2\nfirst & low"
    assert tip.locator("b").inner_text() == "1 of 2"
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTHS["phone"]
    seen.page.mouse.move(5, 500)
    assert tip.inner_text() == ""
    seen.page.locator("rect").nth(1).dispatch_event("pointerdown")
    assert tip.inner_text() == "2 of 2\nfirst"
    seen.page.mouse.wheel(0, 300)
    seen.page.wait_for_timeout(100)
    assert tip.inner_text() == ""


def test_arrow_keys_walk_along_a_series_and_escape_closes(seen):
    tip, keys = seen.page.locator(".tip"), seen.page.keyboard
    seen.page.locator("svg.figure").focus()
    steps = ["ArrowRight", "ArrowRight", "Home", "End", "ArrowLeft", "Escape"]
    read = []
    for step in steps:
        keys.press(step)
        read.append(tip.inner_text().split("\n")[0])
    assert read == ["1 of 2", "9", "1 of 2", "9", "1 of 2", ""]
    assert seen.page.locator("title").count() == 1, "the titles became tips, except for the document's own"


def test_a_table_is_searched_by_words_without_accents_and_counts_aloud(seen):
    box, count = seen.page.get_by_role("searchbox", name="Search customer, country"), seen.page.locator("output")
    assert count.inner_text() == "3 of 3 customers"
    for asked, names in (("bohm", ["Böhm"]), ("lodz pol", ["Łódź Ana"]), ("nobody", [])):
        box.fill(asked)
        shown = [row.inner_text().split("\t")[0] for row in seen.page.locator("tbody tr:visible").all()]
        assert shown == names
        assert count.inner_text() == f"{len(names)} of 3 customers"
    assert seen.faults(axe=True) == []
