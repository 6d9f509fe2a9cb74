"""Code on the pages: what stands there is what highlighting and sanitising each page as a whole would give."""

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
from hostile import HOSTILE
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import v4

from retention_kit.report import carried, listing, page
from retention_kit.report.sanitise import parse, sanitise


def shown(html):
    return v4.new_output("display_data", data={"text/html": html})


def rendered(*cells):
    return page.render(v4.new_notebook(cells=list(cells)), title="A page").html


def inline(_, source, metadata):
    """The straight way: code stands in the page from the beginning."""
    return Highlight2HTML(pygments_lexer="ipython3")(source, metadata=metadata)


@pytest.mark.parametrize("output", ["<b>fine</b>", "<table><tr><td>1</td></tr></table>", *HOSTILE])
def test_a_page_is_the_same_as_with_its_code_in_it_from_the_beginning(monkeypatch, output):
    sources = [
        "x = 1\n\n\ny = '<script>alert(1)</script>'  # \"&amp;\" </pre></details>",
        " ",
        "%%bash\nls | wc -l",
        *HOSTILE,
    ]
    cells = [v4.new_code_cell(source, outputs=[shown(output)] * (k % 2)) for k, source in enumerate(sources)]
    found = rendered(*cells)
    monkeypatch.setattr(listing.Listings, "mark", inline)
    assert str(parse(found)) == str(parse(rendered(*cells)))


def test_code_is_harmless_whatever_stands_in_it():
    for text in HOSTILE:
        html = listing.highlighted(f"x = {text!r}\n{text}")
        tags = parse(html).find_all(True)
        assert {tag.name for tag in tags} == {"div", "pre", "span"}
        assert {name for tag in tags for name in tag.attrs} == {"class"}
        assert str(sanitise(parse(html))) == str(parse(html))


def test_data_that_guesses_a_mark_get_the_code_of_the_page_and_nothing_else():
    source = "x = '<i>'"
    mark = listing.Listings().mark(source, {})
    elsewhere = listing.Listings().mark("another = page", {})
    html = rendered(v4.new_code_cell(source, outputs=[shown(f"{mark}<p title='{mark}'>{elsewhere}</p>")]))
    assert html.count(listing.highlighted(source)) == 2
    assert "another" not in html
    assert {tag.name for tag in parse(html).find_all(True)} <= {
        *("section", "div", "pre", "span", "details", "summary", "p", "h1"),
    }


def test_pages_that_are_made_at_the_same_time_are_those_made_one_after_another():
    pages = [
        [v4.new_code_cell(f"page = {page}\ncell = {cell}", outputs=[shown(f"<b>{page}</b>")]) for cell in range(20)]
        for page in range(12)
    ]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda cells: rendered(*cells), pages))
    assert together == [rendered(*cells) for cells in pages]


def test_rendering_does_not_change_the_notebook():
    output = v4.new_output("display_data", data={"text/html": "<b>1</b>", carried.TEXT: "[]"})
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_code_cell("a = 1"),
        v4.new_code_cell("a", outputs=[output], metadata={"tags": ["remove-output"]}),
        v4.new_code_cell("%%bash\nls", metadata={"failed": True}),
    ]
    node = v4.new_notebook(cells=cells)
    before = copy.deepcopy(node)
    page.render(node, title="A page")
    assert node == before
