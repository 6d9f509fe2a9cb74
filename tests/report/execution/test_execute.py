"""One notebook's run: what is published of one that breaks off."""

import sysconfig
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from retention_kit.report.execution import execute
from retention_kit.report.execution.clean import plain_text
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


def test_a_failure_names_no_folder_of_the_machine(tmp_path):
    cells = [
        new_code_cell("as_of = ''", metadata={"tags": ["parameters"]}),
        new_code_cell("import json\njson.loads('?')"),
    ]
    node = new_notebook(
        cells=[
            *cells,
            new_code_cell("import pandas\npandas.Series(['a']).plot()", metadata={"tags": ["raises-exception"]}),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    cells[1].metadata["tags"] = ["raises-exception"]
    own = Notebook(tmp_path / "own.ipynb", node, {"as_of": ""})
    done = execute.execute(own, {"as_of": "2024-05-31"}, {"as_of": "2024-05-31"}, private=tmp_path, cell_timeout=60)
    text = plain_text(nbformat.writes(done.node))
    assert "python/json/__init__.py" in text
    assert "site-packages/pandas/plotting" in text
    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), str(tmp_path)):
        assert folder not in text
        assert str(Path(folder).resolve()) not in text
