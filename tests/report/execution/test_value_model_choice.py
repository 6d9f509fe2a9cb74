"""One model of value for a whole report: chosen once per month, used and named everywhere, the same on every run."""

import json
from datetime import date

import nbformat
import pytest

from retention_kit.report import Config, run
from retention_kit.report.execution.value_model_choice import sentence
from retention_kit.report.language import of


def notebook(folder, name, default):
    """A page that only says which model it was given."""
    cells = [
        nbformat.v4.new_markdown_cell(f"# {name}"),
        nbformat.v4.new_code_cell(f"orders = 'cdnow_sample'\nas_of = '1998-06-30'\nmodel = {default!r}"),
        nbformat.v4.new_code_cell("print('uses', model)"),
    ]
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    notebook(folder, "one", "auto")
    notebook(folder, "two", "auto")
    notebook(folder, "own", "large")
    return folder


def report(pages, output, months, **settings):
    run(Config(orders="cdnow_sample", notebooks=pages, output=output, **settings), months=months)
    return {month: json.loads((output / month / "manifest.json").read_text(encoding="utf-8")) for month in months}


def given(manifest):
    return {
        page["name"]: page["parameters"]["model"] for page in manifest["notebooks"] if "model" in page["parameters"]
    }


def test_every_page_that_leaves_it_open_gets_the_same_model_and_the_index_names_it(pages, tmp_path):
    manifest = report(pages, tmp_path, ["1998-05"])["1998-05"]
    assert manifest["value_model"] == "MBGNBD"
    assert given(manifest) == {"one": "MBGNBD", "two": "MBGNBD"}
    index = (tmp_path / "1998-05" / "analyst.html").read_text(encoding="utf-8")
    assert index.count("MBG/NBD; no other model has clearly forecast better") == 1
    for page, word in (("one", "MBGNBD"), ("two", "MBGNBD"), ("own", "large")):
        assert f"uses {word}" in (tmp_path / "1998-05" / f"{page}.html").read_text(encoding="utf-8")


def test_months_made_together_in_any_order_or_alone_rest_on_the_same_models(pages, tmp_path):
    together = report(pages, tmp_path / "together", ["1998-06", "1998-04"])
    alone = report(pages, tmp_path / "alone", ["1998-06"])
    assert together["1998-06"]["value_model"] == alone["1998-06"]["value_model"]
    assert given(together["1998-06"]) == given(alone["1998-06"])
    config = Config(orders="cdnow_sample", notebooks=pages, output=tmp_path / "together")
    assert [month.made for month in run(config, months=["1998-06", "1998-04"])] == [False, False]


def test_the_user_can_fix_the_model(pages, tmp_path):
    manifest = report(pages, tmp_path, ["1998-05"], parameters={"model": "ParetoNBD"})["1998-05"]
    assert manifest["value_model"] == "ParetoNBD"
    assert given(manifest) == {"one": "ParetoNBD", "two": "ParetoNBD", "own": "ParetoNBD"}


def test_the_sentence_speaks_the_language_of_the_report():
    assert sentence("ParetoNBD", None) == "Pareto/NBD; no other model has clearly forecast better"
    assert "Pareto/NBD" in sentence("ParetoNBD", None, of("pl"))
    assert "2026\xa0年\xa03\xa0月\xa031\xa0日" in sentence("MBGNBD", date(2026, 3, 31), of("zh-Hant"))
