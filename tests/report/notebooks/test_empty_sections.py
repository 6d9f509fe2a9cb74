"""Sections that hold only reasons are left out of a page, and one line at its end gives the reasons."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from retention_kit.report.html.page import render
from retention_kit.tables import left_out
from retention_kit.tables.notes import _Note


def shows(*objects):
    """A code cell whose outputs are objects of the package or text."""
    bundles = [
        {"text/plain": text} if isinstance(text, str) else {"text/plain": repr(text), "text/html": text._repr_html_()}
        for text in objects
    ]
    return new_code_cell("x", outputs=[new_output("display_data", bundle) for bundle in bundles])


WITHOUT = left_out("There is no column country.")
FAILED = _Note("Not shown: the fit did not converge")


def page(*cells):
    texts = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in ("# Page", *cells)]
    return render(new_notebook(cells=texts), title="Page")


def test_a_section_with_nothing_but_reasons_disappears_with_its_prose_and_one_line_names_it():
    empty = ("## By country\n\nThe bars add up.", shows(WITHOUT), "## A model\n\nIt has four numbers.", shows(FAILED))
    made = page(*empty, "How it works.", "## Numbers", shows("42"))
    assert [heading.text for heading in made.headings] == ["Page", "Numbers"]
    assert "The bars add up" not in made.html
    assert "four numbers" not in made.html
    assert "How it works." in made.html
    line = "Left out of this page. By country: There is no column country. A model: the fit did not converge."
    assert made.html.count("Left out") == 1
    assert made.html.rstrip().endswith(f">{line}</p>")


def test_other_sections_lose_only_what_is_left_out():
    made = page("## Waiting", shows("a figure"), "By country.", shows(WITHOUT), "## Fit", shows(FAILED, "a table"))
    assert [heading.text for heading in made.headings] == ["Page", "Waiting", "Fit"]
    assert "By country." not in made.html
    assert "Not shown: the fit did not converge" in made.html
    assert "Left out of this page. Waiting: There is no column country." in made.html


def test_one_reason_of_several_sections_is_given_once():
    made = page("## One", shows(WITHOUT), "## Two", shows(WITHOUT))
    assert "Left out of this page. One and Two: There is no column country." in made.html


def test_a_page_with_everything_has_no_such_line_and_a_failed_cell_is_never_left_out():
    assert "Left out" not in page("## One", shows("42")).html
    failed = shows(FAILED)
    failed.metadata["failed"] = True
    assert [heading.text for heading in page("## One", failed).headings] == ["Page", "One"]
