"""One notebook's run: what is published of one that breaks off."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from retention_kit.report.execution import execute
from retention_kit.report.notebooks.discovery import Notebook


class Unwritable:
    def __str__(self):
        raise ValueError("cannot be written")


def test_a_run_that_never_began_is_published_without_what_its_author_had_stored(tmp_path):
    stored = new_output("stream", text="figures of last year")
    cells = [
        new_code_cell("as_of = ''", metadata={"tags": ["parameters"]}),
        new_code_cell("print(1)", outputs=[stored], execution_count=2),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    own = Notebook(tmp_path / "own.ipynb", node, {"as_of": ""})
    done = execute.execute(own, {"as_of": Unwritable()}, {"as_of": "?"}, private=tmp_path, cell_timeout=60)
    assert "cannot be written" in done.failure.cause
    assert "last year" not in nbformat.writes(done.node)
    assert own.node.cells[1].outputs == [stored]
