"""Code on the pages, and what rendering a notebook leaves alone."""

import copy
from concurrent.futures import ThreadPoolExecutor

from bs4 import BeautifulSoup
from hostile import HOSTILE
from nbformat import v4

from retention_kit.embedded_tables import MIME
from retention_kit.report.html import page


def shown(html):
    return v4.new_output("display_data", data={"text/html": html})


def rendered(*cells):
    return page.render(v4.new_notebook(cells=list(cells)), title="A page").html


def test_code_is_highlighted_and_harmless_whatever_stands_in_it():
    for text in HOSTILE:
        source = f"x = {text!r}\n{text}"
        (code,) = BeautifulSoup(rendered(v4.new_code_cell(source)), "html.parser").select("details.code pre")
        assert {tag.name for tag in code.find_all(True)} == {"span"}
        assert {name for tag in code.find_all(True) for name in tag.attrs} <= {"class"}
        assert code.get_text().strip() == source.strip()


def test_pages_that_are_made_at_the_same_time_are_those_made_one_after_another():
    pages = [
        [v4.new_code_cell(f"page = {page}\ncell = {cell}", outputs=[shown(f"<b>{page}</b>")]) for cell in range(20)]
        for page in range(12)
    ]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda cells: rendered(*cells), pages))
    assert together == [rendered(*cells) for cells in pages]


def test_rendering_does_not_change_the_notebook():
    output = v4.new_output("display_data", data={"text/html": "<b>1</b>", MIME: "[]"})
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
