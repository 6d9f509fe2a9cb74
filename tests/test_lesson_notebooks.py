"""The lessons: clean runs that say what they must, and lessons to work through that are made from them."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from notebook_gate import faults

from retention_kit.lesson.check import all_exercises
from retention_kit.lesson.formulas import FORMULAS
from retention_kit.lesson.learn import learn_text
from retention_kit.metrics.catalogue import CATALOGUE

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOLUTIONS = sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
LEFT_SIDES = {re.sub(r"\W", "", entry.symbol) for entry in CATALOGUE.values()}
WIDTH = 10


def read(path):
    return nbformat.read(path, as_version=4)


def words(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_lessons_to_guard():
    assert len(SOLUTIONS) >= 1
    assert [path.name for path in SOLUTIONS] == [p.name for p in sorted((NOTEBOOKS / "learn").glob("*.ipynb"))]


@EACH
def test_a_solved_lesson_is_a_clean_run(path):
    assert faults(read(path), parameter_cells=0) == []


@EACH
def test_the_lesson_to_work_through_is_made_from_the_solved_one_byte_for_byte(path):
    assert (NOTEBOOKS / "learn" / path.name).read_text(encoding="utf-8") == learn_text(path)


@EACH
def test_no_answer_is_left_in_the_lesson_to_work_through(path):
    learn = read(NOTEBOOKS / "learn" / path.name)
    asked = [cell.source for cell in code(learn) if "lesson.check(" in cell.source]
    assert len(asked) >= 3
    assert all("\nanswer = ...\nlesson.check(" in source for source in asked)


@EACH
def test_every_exercise_of_a_lesson_is_answered_rightly_in_its_solution(path):
    for cell in code(read(path)):
        if name := re.search(r'lesson\.check\("(\w+)"', cell.source):
            assert name[1] in all_exercises()
            assert cell.outputs[-1].data["text/plain"].startswith("✓")


def test_every_exercise_is_asked_in_one_lesson():
    asked = [name for path in SOLUTIONS for c in code(read(path)) for name in re.findall(r'check\("(\w+)"', c.source)]
    assert sorted(asked) == sorted(set(asked))
    assert set(asked) <= set(all_exercises())


@EACH
def test_a_lesson_says_what_it_takes_and_ends_as_all_do(path):
    text = words(read(path))
    for part in ("# ", "**The question.**", "**You will learn**", "**Time:**", "**Before:**", "## In one sentence"):
        assert part in text, part
    assert text.index("## Glossary") < text.index("## Further reading") < text.index("## Checked numbers")
    assert "lesson.glossary(" in "".join(cell.source for cell in code(read(path)))


@EACH
def test_a_lesson_leads_to_its_page_of_the_report_and_no_link_is_dead(path):
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", words(read(path)))
    assert any(link.startswith("../reports/") for link in links)
    assert not [link for link in links if not (path.parent / link).exists()]


@EACH
def test_formulas_come_from_the_catalogue(path):
    """No displayed formula of a metric, or of the lessons' table, is written a second time in prose."""
    shown = {re.sub(r"\s", "", formula.latex) for formula in FORMULAS.values()}
    for formula in re.findall(r"\$\$(.*?)\$\$", words(read(path)), re.S):
        assert re.sub(r"\W", "", formula.split("=")[0]) not in LEFT_SIDES, formula
        assert re.sub(r"\s", "", formula) not in shown


@EACH
def test_cells_and_functions_are_short(path):
    for cell in code(read(path)):
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= WIDTH, cell.source


@EACH
def test_every_picture_has_alternative_text(path):
    pictures = [o for cell in code(read(path)) for o in cell.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 3
    for picture in pictures:
        assert len(picture.metadata["image/png"]["alt"]) > 20


@EACH
def test_nothing_of_a_machine_is_stored(path):
    text = path.read_text(encoding="utf-8")
    assert str(Path.home()) not in text
    assert str(NOTEBOOKS.parent) not in text
    assert "widget-view" not in text


def run(notebook, folder):
    """What stops a notebook that is run from the top, or None."""
    try:
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    except CellExecutionError as stopped:
        return stopped
    return None


def test_a_lesson_to_work_through_stops_at_its_first_empty_answer_and_explains_itself(tmp_path):
    path = NOTEBOOKS / "learn" / "01_orders_to_customers.ipynb"
    notebook = read(path)
    stopped = run(notebook, tmp_path)
    assert stopped.ename == "Unanswered"
    failed = next(cell for cell in code(notebook) if any(o.output_type == "error" for o in cell.outputs))
    assert "answer = ..." in failed.source
    assert failed.outputs[-1].traceback == [failed.outputs[-1].evalue]
    assert "Your turn" in failed.outputs[-1].evalue


SABOTAGE = """
import {module} as home
import retention_kit.{folder} as folder
folder.{name} = home.{name} = {wrong}
"""


def test_a_flipped_sign_in_a_metric_makes_a_lesson_fail(tmp_path):
    """The lesson computes by hand what the function computes, so a wrong function stops it."""
    notebook = read(NOTEBOOKS / "solutions" / "02_kpis.ipynb")
    wrong = "lambda start, end, new: (end + new) / start"
    patch = SABOTAGE.format(
        module="retention_kit.metrics.customers", folder="metrics", name="retention_rate", wrong=wrong
    )
    notebook.cells.insert(0, nbformat.v4.new_code_cell(patch))
    stopped = run(notebook, tmp_path)
    assert stopped.ename == "AssertionError"
    assert "retention_rate(start=S" in str(stopped)
