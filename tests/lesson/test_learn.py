"""Solved lessons become lessons to work through: nothing but answers and outputs is taken out."""

import nbformat
import pytest
from click.testing import CliRunner

from retention_kit import lesson
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.lesson.__main__ import main
from retention_kit.lesson.learn import learn_text, write_all

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


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "solutions").mkdir()
    nbformat.write(solved(), tmp_path / "solutions" / "01_a.ipynb")
    return tmp_path / "solutions", tmp_path / "learn"


def test_the_command_writes_every_lesson_with_the_same_bytes_each_time(folders):
    for _ in range(2):
        result = CliRunner().invoke(main, [str(folder) for folder in folders])
        assert result.exit_code == 0, result.output
        assert (folders[1] / "01_a.ipynb").read_text() == learn_text(folders[0] / "01_a.ipynb")


def test_answers_in_a_lesson_are_not_overwritten_unless_that_is_asked_for(folders):
    (path,) = write_all(*folders)
    path.write_text("my answers")
    with pytest.raises(ConfigError, match=r"01_a.ipynb would be overwritten, with the answers in it; .* --replace"):
        write_all(*folders)
    assert path.read_text() == "my answers"
    write_all(*folders, replace=True)
    assert path.read_text() == learn_text(folders[0] / "01_a.ipynb")


def test_a_notebook_without_a_solved_lesson_is_named_and_stays(folders):
    folders[1].mkdir()
    (folders[1] / "my_notes.ipynb").write_text("mine")
    for replace in (False, True):
        with pytest.warns(RetentionKitWarning, match=r"No solved lesson belongs to .*my_notes.ipynb"):
            write_all(*folders, replace=replace)
    assert (folders[1] / "my_notes.ipynb").read_text() == "mine"
