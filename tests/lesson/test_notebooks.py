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

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
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
def test_the_page_of_the_report_leads_back_to_the_lesson(path):
    for page in set(re.findall(r"\.\./reports/\w+\.ipynb", words(read(path)))):
        assert f"(../learn/{path.name})" in words(read(path.parent / page)), page


def test_at_least_five_pictures_have_sliders_and_stand_still_in_the_stored_lessons():
    with_sliders = [cell for path in SOLUTIONS for cell in code(read(path)) if "\nlesson.slider(" in cell.source]
    assert len(with_sliders) >= 5
    for cell in with_sliders:
        assert any("image/png" in output.get("data", {}) for output in cell.outputs)


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
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
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


FLIP = """
import inspect, textwrap
import {module} as home
owner = {owner}
source = textwrap.dedent(inspect.getsource(getattr(owner, "{function}")))
assert source.count("{right}") == 1
exec(source.replace("{right}", "{wrong}"), vars(home))
owner.{function} = vars(home)["{function}"]
"""


def sabotaged(name, only=(), **flip):
    """A solved lesson that begins by flipping a sign in a function; of its cells those with one of the given words."""
    notebook = read(NOTEBOOKS / "solutions" / name)
    notebook.cells = [cell for cell in code(notebook) if not only or any(word in cell.source for word in only)]
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FLIP.format(**flip)))
    return notebook


def test_a_flipped_sign_in_a_metric_makes_a_lesson_fail(tmp_path):
    """The lesson computes by hand what the function computes, so a wrong function stops it."""
    flip = {
        "module": "retention_kit.metrics.customers.customer_rates",
        "owner": "__import__('retention_kit.metrics').metrics",
    }
    flip |= {"function": "retention_rate", "right": "ratio(end - new", "wrong": "ratio(end + new"}
    stopped = run(sabotaged("02_kpis.ipynb", **flip), tmp_path)
    assert stopped.ename == "AssertionError"
    assert "retention_rate(start=S" in str(stopped)


def test_a_flipped_sign_in_the_likelihood_of_bgnbd_makes_a_lesson_fail(tmp_path):
    """The lesson fits a likelihood of its own; the model, fitted on a wrong one, stops or finds other parameters."""
    flip = {
        "module": "retention_kit.models.purchases.beta_geometric",
        "owner": "home.BetaGeometric",
        "function": "log_likelihood",
    }
    flip |= {"right": "+ (r + x) * silence", "wrong": "- (r + x) * silence"}
    needed = ("import numpy", "paper = {", "customers = summarise", "def log_likelihood", "history = [", "def badness")
    stopped = run(sabotaged("07_will_they_return_bgnbd.ipynb", (*needed, "BGNBD.fit("), **flip), tmp_path)
    assert stopped.ename in ("AssertionError", "FitError")
    assert "BGNBD.fit(" in str(stopped)


def test_a_wrong_factor_in_the_spread_of_past_errors_makes_a_lesson_fail(tmp_path):
    """The lesson makes the interval of a total by hand, from the record's errors."""
    flip = {"module": "retention_kit.models.totals.combination", "owner": "home", "function": "spread"}
    flip |= {"right": "prior**2 + sum", "wrong": "prior**2 + 2 * sum"}
    needed = ("import numpy", "states = {", "as notes", "TODAY, LATER", "record =", "every =", "c2 =", "ends =")
    stopped = run(sabotaged("12_why_the_interval_was_wrong.ipynb", needed, **flip), tmp_path)
    assert stopped.ename == "AssertionError"
    assert "np.allclose(ends" in str(stopped)


def test_the_readme_of_the_notebooks_links_every_lesson_with_its_minutes():
    readme = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    for path in SOLUTIONS:
        minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", words(read(path)))[1]
        row = next(line for line in readme.splitlines() if f"(learn/{path.name}) | " in line)
        assert f"| {minutes} |" in row, path.name
    assert not [link for link in re.findall(r"\]\(([^)]+)\)", readme) if not (NOTEBOOKS / link).exists()]
