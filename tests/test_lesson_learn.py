"""Solved lessons become lessons to work through: nothing but answers and outputs is taken out."""

import nbformat
import pytest
from click.testing import CliRunner

from retention_kit import lesson
from retention_kit.errors import ConfigError
from retention_kit.lesson.__main__ import main

KERNEL = {"name": "python3", "display_name": "Python 3"}
EXERCISE = "start = 10\n# your answer\nkept = 8\nanswer = kept / start\nlesson.check('retention_of_ten', answer)"


def solved():
    output = nbformat.v4.new_output("execute_result", {"text/plain": "✓"}, execution_count=1)
    cells = [
        nbformat.v4.new_markdown_cell("# A lesson"),
        nbformat.v4.new_code_cell(EXERCISE, metadata={"tags": ["exercise"]}, outputs=[output], execution_count=1),
        nbformat.v4.new_markdown_cell("Because eight of ten are left.", metadata={"tags": ["solution"]}),
        nbformat.v4.new_code_cell("1 + 1", outputs=[output], execution_count=2),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "widgets": {"x": 1}})


def test_answers_outputs_and_widget_states_are_taken_out():
    learn = lesson.to_learn(solved())
    assert [cell.source for cell in learn.cells] == [
        "# A lesson",
        "start = 10\n# your answer\nanswer = ...\nlesson.check('retention_of_ten', answer)",
        "1 + 1",
    ]
    assert all(not cell.outputs and cell.execution_count is None for cell in learn.cells[1:])
    assert "widgets" not in learn.metadata
    assert learn.metadata.kernelspec == KERNEL


def test_the_solved_lesson_itself_is_not_changed():
    before = solved()
    lesson.to_learn(before)
    assert before.cells[1].source == EXERCISE
    assert before.cells[1].outputs


@pytest.mark.parametrize("source", ["answer = 1", "# your answer\nanswer = 1", "lesson.check('a', 1)\n# your answer"])
def test_an_exercise_whose_answer_cannot_be_found_is_refused(source):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise"]})
    with pytest.raises(ConfigError, match="one line '# your answer'"):
        lesson.to_learn(nbformat.v4.new_notebook(cells=[cell]))


def test_the_command_writes_every_lesson_and_removes_what_has_no_source(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "learn").mkdir()
    (tmp_path / "learn" / "old.ipynb").write_text("{}")
    nbformat.write(solved(), tmp_path / "solutions" / "01_a.ipynb")
    folders = [str(tmp_path / "solutions"), str(tmp_path / "learn")]
    result = CliRunner().invoke(main, folders)
    assert result.exit_code == 0, result.output
    assert [path.name for path in (tmp_path / "learn").iterdir()] == ["01_a.ipynb"]
    first = (tmp_path / "learn" / "01_a.ipynb").read_bytes()
    CliRunner().invoke(main, folders)
    assert (tmp_path / "learn" / "01_a.ipynb").read_bytes() == first
