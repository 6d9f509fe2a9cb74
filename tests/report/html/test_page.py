"""What notebooks of all kinds hold is on their page, or a word stands in its place; none stops the report."""

import base64
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from nbformat import v4
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.report.execution import execute
from retention_kit.report.html import incomplete_page, page
from retention_kit.report.html.markup.sanitise import parse
from retention_kit.report.language import ENGLISH
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.settings.config import Config

DOT = base64.b64encode(b"GIF89a dot").decode()


def rendered(*cells):
    return parse(page.render(v4.new_notebook(cells=list(cells)), title="A page").html)


def code(source, *outputs, tags=(), **metadata):
    made = [v4.new_output("display_data", data=data) for data in outputs]
    return v4.new_code_cell(source, outputs=made, metadata={"tags": list(tags), **metadata})


def words(tree):
    return " ".join(tree.get_text(" ").split())


@pytest.mark.parametrize(
    "source",
    ["![p](attachment:a%20b.gif)", '<img src="attachment:a b.gif" width=50>', "<img src='attachment:a b.gif'>"],
)
def test_an_attached_picture_is_on_the_page_however_it_is_written(source):
    cell = v4.new_markdown_cell(source)
    cell["attachments"] = {"a b.gif": {"image/gif": DOT}}
    assert rendered(cell).img["src"] == f"data:image/gif;base64,{DOT}"


@pytest.mark.parametrize("source", ["![p](attachment:gone.png) text", '<img src="attachment:gone.png"> text'])
def test_a_missing_attachment_leaves_a_word_and_the_text_beside_it(source):
    tree = rendered(v4.new_markdown_cell(source))
    assert "[a picture that was attached is missing] text" in words(tree)
    assert tree.img is None


@pytest.mark.parametrize("tag", ["remove-cell", "remove_cell"])
def test_the_code_of_a_removed_cell_is_never_shown_and_no_other_code_is_lost(tag):
    text = words(
        rendered(
            code("before = 1"),
            code("API_KEY = 'k-123'", tags=[tag]),
            code("API_KEY", {"text/plain": "k-123"}, tags=[tag]),
            v4.new_markdown_cell("secret prose", metadata={"tags": [tag]}),
            code("print('shown')", {"text/plain": "shown"}),
            code("after = 2"),
        )
    )
    assert "API_KEY" not in text
    assert "k-123" not in text
    assert "secret prose" not in text
    for kept in ("before", "shown", "after"):
        assert kept in text


@pytest.mark.parametrize("dash", ["-", "_"])
def test_inputs_and_outputs_are_removed_by_tag(dash):
    tree = rendered(
        code("secret = 1", {"text/plain": "one"}, tags=[f"remove{dash}input"]),
        code("two = 2", {"text/plain": "hidden"}, tags=[f"remove{dash}output"]),
        code("three = 3", {"text/plain": "three"}),
    )
    text = words(tree)
    assert "secret" not in text
    assert "hidden" not in text
    assert all(kept in text for kept in ("one", "two", "three"))


@pytest.mark.parametrize(
    "metadata",
    [{"tags": ["hide-output"]}, {"tags": ["hide_cell"]}, {"jupyter": {"outputs_hidden": True}}, {"collapsed": True}],
)
def test_a_hidden_output_is_one_click_away(metadata):
    tree = rendered(code("x", {"text/plain": "long"}, **metadata), code("y", {"text/plain": "short"}))
    closed = [details for details in tree.find_all("details") if details.summary.text == "Output"]
    assert ["long" in words(details) for details in closed] == [True]
    assert "short" in words(tree)


def test_links_within_a_notebook_lead_to_their_headings():
    tree = rendered(
        v4.new_markdown_cell(
            "# Top\n[a](#Sales-by-Region) [b](#2.-Margin) [c](#sales-by-region) [d](#here) [e](#nowhere) "
            "[f](#Za%C5%BC%C3%B3%C5%82%C4%87) [g](#%E5%8F%B0%E7%81%A3)"
        ),
        v4.new_markdown_cell(
            "## Sales by Region\n## 2. Margin\n<a id='here'></a>\n\n## Zażółć\n## 台灣\n## Sales by Region"
        ),
    )
    leads = {link.text: link["href"] for link in tree.find_all("a", href=True)}
    assert leads["a"] == leads["c"] == "#sales-by-region"
    assert leads["d"] == "#here"
    assert leads["e"] == "#nowhere"
    for name, heading in (("a", "Sales by Region"), ("b", "2. Margin"), ("f", "Zażółć"), ("g", "台灣")):
        assert tree.find(id=unquote(leads[name][1:])).text == heading


def test_task_lists_show_what_is_done():
    text = words(rendered(v4.new_markdown_cell("- [ ] todo\n- [x] done")))
    assert "☐ todo" in text
    assert "☑ done" in text


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"application/json": {"a": [1, "ż"]}, "text/plain": "<IPython JSON>"}, '{ "a": [ 1, "ż" ] }'),
        ({"application/javascript": "alert(1)", "text/plain": "<IPython Script>"}, "a script is left out"),
        ({"text/html": '<iframe src="https://example.org"></iframe>', "text/plain": "<IPython IFrame>"},
         "what another page would show here is left out"),
        ({"application/json": {"a": 1}, "text/html": "<b>table</b>", "text/plain": "x"}, "table"),
    ],
)  # fmt: skip
def test_what_only_a_script_could_draw_leaves_text_or_a_word(data, word):
    text = words(rendered(code("x", data)))
    assert word in text
    assert "IPython" not in text
    assert "alert" not in text


def test_notebooks_with_odd_cells_make_their_pages_and_one_that_cannot_be_shown_stops_no_other(tmp_path):
    own = tmp_path / "own"
    notebook(own, "01_gone", "#!![p](attachment:gone.png) text", "2+2")
    notebook(own, "02_skip", "print('a')", "raise SystemError('exploration only')", "print('b')")
    notebook(own, "03_raises", "1 / 0", "print('after-raise')")
    notebook(own, "04_fails", "1 / 0", "print('never')")
    for name, tag in (("02_skip", "skip-execution"), ("03_raises", "raises-exception")):
        path = own / f"{name}.ipynb"
        node = v4.reads(path.read_text())
        cell = next(cell for cell in node.cells if cell.source.startswith(("raise", "1 / 0")))
        cell.metadata["tags"] = [tag]
        path.write_text(v4.writes(node))
    config = Config(orders=str(orders_csv(tmp_path)), notebooks=own, output=tmp_path / "reports")
    (made,) = report.run(config, months=["2026-05"])
    assert set(made.failures) == {"04_fails"}
    pages = {path.stem: path.read_text() for path in made.index.parent.rglob("*.html")}
    assert "that was attached is missing] text" in pages["01_gone"]
    assert "b\n" in pages["02_skip"]
    assert "after-raise" in pages["03_raises"]
    assert "ZeroDivisionError" in pages["03_raises"]
    assert (made.index.parent / "failed" / "04_fails.html").exists()


def test_a_cell_that_no_page_can_show_fails_its_page_and_leaves_the_rest_of_it():
    own = [code("parameters", tags=["parameters"]), code("injected", tags=["injected-parameters"])]
    odd = code("odd", {"image/png": DOT})
    odd.outputs[0].metadata["image/png"] = "alt"  # a word where a mapping belongs
    node = v4.new_notebook(cells=[*own, odd, code("fine", {"text/plain": "kept"})])
    done = execute.Executed(Notebook(Path("own.ipynb"), node, {}), node, 1.0)
    made, failure = incomplete_page.rendered(done, title="Own", language=ENGLISH)
    assert failure.cell == 2
    assert failure.cause.startswith("no page can show it: ")
    assert "kept" in made.html
    stopped = replace(done, failure=execute.Failure(1, "stopped"))
    assert incomplete_page.rendered(stopped, title="Own", language=ENGLISH)[1].cause == "stopped"


def warned(*lines, name="stderr"):
    cell = v4.new_code_cell("f()", outputs=[v4.new_output("stream", name=name, text="\n".join(lines) + "\n")])
    cell.outputs.append(v4.new_output("display_data", data={"text/plain": "a result"}))
    return cell


def test_a_warning_under_several_cells_is_said_once_and_other_lines_as_often_as_they_come():
    few, other = "RetentionKitWarning: Only 12 answers.", "UserWarning: another one"
    page_words = words(rendered(warned(few, few), warned(few), warned("a line", few, other), warned("a line")))
    assert [page_words.count(text) for text in (few, other, "a line", "a result")] == [1, 1, 2, 4]
    assert words(rendered(warned(few, name="stdout"), warned(few, name="stdout"))).count(few) == 2


def test_a_warning_and_a_note_of_the_same_words_are_said_once_and_a_table_is_never_a_note():
    few = "Only 12 answers."
    note = {"text/html": f"<p class='note'><strong>Note.</strong> {few}</p>", "text/plain": f"Note: {few}"}
    tree = rendered(warned(f"RetentionKitWarning: {few}"), code("g()", note), code("h()", note), code("i()", DATA))
    assert words(tree).count(few) == 1
    assert words(rendered(code("g()", note, note), warned(f"RetentionKitWarning: {few}"))).count(few) == 1
    assert words(rendered(code("i()", DATA), code("i()", DATA))).count("twelve") == 2


DATA = {"text/html": "<table><tr><td>twelve</td></tr></table>", "text/plain": "twelve"}


def test_formulas_beside_each_other_stand_below_each_other_so_that_a_phone_shows_them():
    tree = rendered(v4.new_markdown_cell(r"$$a = b \qquad c = d$$"), v4.new_markdown_cell(r"$$\frac{e \qquad f}{g}$$"))
    assert [formula.get_text() for formula in tree.select(".formula")][:2] == ["a=b", "c=d"]
    assert len(tree.select(".formula")) == 3
