"""The notebooks are clean runs, and the net under their numbers holds."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebook_gate import NUMBERS, faults

REPORTS = Path(__file__).parents[1] / "notebooks" / "reports"
NOTEBOOKS = sorted(REPORTS.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_committed_notebook_is_a_clean_run(path):
    assert faults(read(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_holds_no_functions_and_no_path_of_a_machine(path):
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert "def " not in source
    assert "lambda" not in source
    text = path.read_text()
    assert str(Path.home()) not in text
    assert str(REPORTS.parents[1]) not in text


def test_there_are_notebooks_to_guard():
    assert len(NOTEBOOKS) >= 5


def test_a_stripped_copy_is_refused():
    notebook = read(NOTEBOOKS[0])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    found = faults(notebook)
    assert any("execution counts" in fault for fault in found)
    assert any("checked numbers" in fault for fault in found)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda nb: nb.metadata.kernelspec.update(name="julia"), "kernelspec"),
        (lambda nb: [c.metadata.update(tags=[]) for c in nb.cells], "0 cells are tagged parameters"),
        (lambda nb: [c.metadata.update(tags=["parameters", "nbval-skip"]) for c in nb.cells], "not compared"),
        (lambda nb: nb.metadata.update(papermill={}), "papermill"),
        (
            lambda nb: nb.cells[-1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="!")),
            "stderr",
        ),
        (lambda nb: nb.cells[-1].outputs.append(nbformat.v4.new_output("error", ename="E")), "an error"),
        (
            lambda nb: nb.cells[-1].outputs.append(nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>"})),
            "SVG",
        ),
    ],
)
def test_the_gate_names_each_fault(spoil, says):
    notebook = copy.deepcopy(read(NOTEBOOKS[0]))
    spoil(notebook)
    assert any(says in fault for fault in faults(notebook))


def nbval(path):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
    return subprocess.run([*command, "-c", "/dev/null", str(path)], capture_output=True, text=True, check=False)


def test_nbval_sees_one_changed_number(tmp_path):
    """The last cell of a notebook is run alone on its stored number, once true and once changed."""
    stored = read(NOTEBOOKS[0]).cells[-1].outputs
    rows = next(output.data[NUMBERS] for output in stored if NUMBERS in output.get("data", {}))
    small = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    source = (
        "import json\nfrom IPython.display import display\n"
        f"display({{{NUMBERS!r}: json.loads({json.dumps(json.dumps(rows))})}}, raw=True)"
    )
    output = nbformat.v4.new_output("display_data", {NUMBERS: rows})
    small.cells = [nbformat.v4.new_code_cell(source, execution_count=1, outputs=[output])]
    nbformat.write(small, tmp_path / "true.ipynb")
    small.cells[0].outputs[0].data[NUMBERS][0]["value"] += 1
    nbformat.write(small, tmp_path / "changed.ipynb")
    assert nbval(tmp_path / "true.ipynb").returncode == 0
    changed = nbval(tmp_path / "changed.ipynb")
    assert changed.returncode == 1
    assert "1 failed" in changed.stdout
