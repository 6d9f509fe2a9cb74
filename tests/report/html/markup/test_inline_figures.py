"""Figures inside a page: only those of the package join it, and in a browser every kind of them can be read."""

import re

import matplotlib.pyplot as plt
import pytest
from browser import WIDTHS, chromium, opened
from every_plot import CALLS
from nbformat import v4

from retention_kit import figure_markup, plots
from retention_kit.plots.drawing import vector
from retention_kit.report.html import page, sortable
from retention_kit.report.html.markup.inline_figures import inlined
from retention_kit.report.language import ENGLISH

BAR = (
    '<svg class="figure" role="group"><rect x="5%" y="1" width="3%" height="9" class="fa"><title>1</title></rect></svg>'
)
EVIL = {
    "a script": "<script>window.robbed=1</script>",
    "a handler": '<rect x="1" onclick="window.robbed=1"/>',
    "a link": '<a href="https://example.invalid">x</a>',
    "a picture": '<image href="https://example.invalid/x.png"/>',
    "a use of another element": '<svg><use href="#main"/></svg>',
    "a style sheet": "<style>main { display: none }</style>",
    "a style": '<p style="position:fixed;inset:0">x</p>',
    "a paint from elsewhere": '<svg><rect fill="url(https://example.invalid/#a)"/></svg>',
    "a class that leaves the figure": '<p class="top_">x</p>',
    "an id": '<p id="main">x</p>',
    "foreign content": "<svg><foreignObject><p>x</p></foreignObject></svg>",
    "an animation": '<svg><rect x="1"><animate attributeName="x"/></rect></svg>',
    "a text field": '<input type="text"/>',
    "a comment": "<!-- x -->",
    "an entity": "&unknown;",
    "what is not closed": "<b>",
}


def cell(data):
    return v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data)])


def rendered(*svgs):
    cells = [cell({"image/svg+xml": svg, "text/plain": "alt"}) for svg in svgs]
    return page.render(v4.new_notebook(cells=cells), title="Figures").html


def test_a_figure_of_the_package_joins_the_page_and_hints_at_the_keys():
    html = inlined(figure_markup.standalone(figure_markup.drawn(f"<figcaption><b>x</b></figcaption>{BAR}")), ENGLISH)
    assert "<title>1</title>" in html
    assert 'aria-label="Arrow keys read the values."' in html
    assert "<details" in html


@pytest.mark.parametrize("kind", EVIL)
def test_a_figure_with_anything_else_stays_a_picture_in_which_nothing_runs(kind):
    svg = figure_markup.standalone(figure_markup.drawn(f"<figcaption><b>x</b></figcaption>{BAR}{EVIL[kind]}"))
    assert inlined(svg, ENGLISH) == ""
    assert re.search(r'<figure><img alt="[^"]*" src="data:image/svg\+xml;base64,', rendered(svg))


def test_any_other_svg_stays_a_picture():
    html = rendered('<svg xmlns="http://www.w3.org/2000/svg"><rect width="5" height="5"/></svg>')
    assert "data:image/svg+xml;base64," in html
    assert "<rect" not in html


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A page with every kind of figure, as a report shows it."""
    svgs = []
    for name, (table, options) in CALLS.items():
        ax = getattr(plots, name)(table, **options)
        svgs.append(figure_markup.standalone(vector.drawing(ax.get_figure(), ax.get_label())))
    plt.close("all")
    policy = f"default-src 'none'; img-src data:; script-src {sortable.policy()}; style-src 'unsafe-inline'"
    body = rendered(*svgs)
    path = tmp_path_factory.mktemp("every") / "every.html"
    path.write_text(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Figures</title><meta http-equiv='
        f'"Content-Security-Policy" content="{policy}"><meta name="viewport" content="width=device-width"><style>'
        f'{page.style_sheet(body)}</style></head><body><div class="sheet"><main>{body}</main></div>'
        f"<script>{sortable.script()}</script></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.parametrize(("width", "dark"), [("phone", True), ("phone", False), ("desk", True), ("desk", False)])
def test_every_kind_of_figure_fits_asks_for_nothing_and_passes_axe(every, browser, width, dark):
    with opened(browser, every, width=WIDTHS[width], dark=dark) as seen:
        assert seen.faults(axe=True) == []
        cut = seen.page.evaluate(
            "() => [...document.querySelectorAll('svg.figure text')].filter(text => {"
            " const box = text.getBoundingClientRect();"
            " return box.width && (box.left < -1 || box.right > innerWidth + 1); }).map(text => text.textContent)"
        )
        assert cut == []


def test_every_kind_of_figure_is_read_by_pointer_and_by_keys(every, browser):
    with opened(browser, every, width=WIDTHS["desk"]) as seen:
        tip = seen.page.locator(".tip")
        figures = seen.page.locator(".figure[tabindex]").all()
        assert len(figures) >= len(CALLS)
        for figure in figures:
            marks = [mark for mark in figure.locator("[data-t]").all()[:6] if mark.is_visible()]
            assert marks, figure.get_attribute("aria-label")
            marks[0].scroll_into_view_if_needed()
            seen.page.wait_for_timeout(50)  # scrolling closes the tip
            marks[0].hover(force=True)
            assert tip.inner_text(), figure.get_attribute("aria-label")
            figure.focus()
            read = set()
            for key in ("Home", "ArrowRight", "ArrowDown", "End"):
                seen.page.keyboard.press(key)
                read.add(tip.inner_text())
            assert "" not in read
            total = figure.locator("[data-t]").count()
            assert len(read) > 1 or total == 1, figure.get_attribute("aria-label")
            seen.page.keyboard.press("Escape")
            assert tip.inner_text() == ""
        assert seen.errors + seen.requests == []


def test_the_cohort_table_switches_without_a_script(every, browser):
    context = browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(every.resolve().as_uri())
    table = still.locator(".drawn", has=still.locator(".switch")).first
    cells = table.locator("tbody td span:visible")
    assert cells.all_inner_texts() == ["30", "20", "25"]
    for measure, shown in {"Customers": ["30", "20", "50"], "Money so far": ["26", "30", "25"]}.items():
        table.get_by_text(measure, exact=True).click()
        assert cells.all_inner_texts() == shown
    context.close()
