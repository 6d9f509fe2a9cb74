"""`--only`: the chosen pages are made anew, no other page is lost, and none is older than it says."""

import json
import shutil

import pytest
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report
from retention_kit.errors import RetentionKitWarning

MONTH = "2026-04"
RUNS = "import pathlib\nfile = pathlib.Path('runs.txt')\nfile.write_text(file.read_text() + name + ' ')"
FIRST = "orders = 'cdnow'\nas_of = ''\nname = 'first'"
SECOND = "orders = 'cdnow'\nas_of = ''\nname = 'second'\nweeks = 2"


@pytest.fixture
def case(tmp_path):
    """Two notebooks that note when they run."""
    notebook(tmp_path / "own", "01_first", RUNS, NUMBERS, parameters=FIRST)
    notebook(tmp_path / "own", "02_second", RUNS, parameters=SECOND)
    (tmp_path / "own" / "runs.txt").write_text("")
    orders_csv(tmp_path, country=["PL", "PL", "TW", "TW", "TW", "PL"])
    return tmp_path


def run(case, *only, force=False, **options):
    """Run, and say which notebooks ran; whether the month was made stands in front."""
    file = case / "own" / "runs.txt"
    file.write_text("")
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports", "only": only}
    (month,) = report.run(report.Config(**given | options), months=MONTH, force=force, jobs=1)
    return [month.made, *sorted(file.read_text().split())]


def there(case):
    folder = case / "reports" / MONTH
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    listed = [one["name"] for one in told["notebooks"] if not one["segment"]]
    assert sorted(path.stem for path in folder.glob("0*.html")) == sorted(listed)
    index = (folder / "analyst.html").read_text(encoding="utf-8")
    assert all(f'href="{name}.html"' in index for name in listed)
    return listed


def edit(case, name, parameters):
    notebook(case / "own", name, RUNS, NUMBERS, "1 + 1", parameters=parameters)


def test_the_chosen_page_is_made_anew_and_the_other_stays_as_it_was(case):
    assert run(case) == [True, "first", "second"]
    before = {path.name: path.read_bytes() for path in (case / "reports" / MONTH).glob("0*")}
    edit(case, "02_second", SECOND)
    assert run(case, "second") == [True, "second"]
    assert there(case) == ["01_first", "02_second"]
    after = {path.name: path.read_bytes() for path in (case / "reports" / MONTH).glob("0*")}
    assert {name for name in before if before[name] != after[name]} == {"02_second.html", "02_second.ipynb"}
    numbers = (case / "reports" / MONTH / "data" / "numbers.csv").read_text()
    assert "01_first,orders" in numbers
    assert "02_second,orders" in numbers


def test_after_it_a_full_run_finds_the_month_whole(case):
    run(case)
    edit(case, "02_second", SECOND)
    run(case, "second")
    assert run(case) == [False]
    assert run(case, "second") == [False]
    assert run(case, "second", force=True) == [True, "second"]
    assert run(case) == [False]


def test_where_no_month_was_there_a_full_run_makes_what_is_missing(case):
    assert run(case, "second") == [True, "second"]
    assert there(case) == ["02_second"]
    assert run(case, "second") == [False]
    assert run(case) == [True, "first", "second"]
    assert run(case, "first") == [False]


def test_a_page_is_added_to_the_one_that_is_there(case):
    run(case, "second")
    assert run(case, "first") == [True, "first"]
    assert there(case) == ["01_first", "02_second"]
    assert run(case) == [False]


@pytest.mark.parametrize("what", ["data", "code", "parameter", "page"])
def test_pages_made_from_something_else_are_made_anew_and_that_is_said(case, what):
    run(case)
    options = {}
    if what == "data":
        orders_csv(case, country=["PL"] * 6)
    elif what == "code":
        edit(case, "01_first", FIRST)
    elif what == "parameter":
        options["parameters"] = {"name": "third"}
    else:
        (case / "reports" / MONTH / "01_first.ipynb").write_text("{}")
    with pytest.warns(RetentionKitWarning, match=r"Pages of 2026-04 are rebuilt as well, because .*: 01_first"):
        made, *ran = run(case, "second", force=True, **options)
    assert (made, len(ran)) == (True, 2)
    assert there(case) == ["01_first", "02_second"]


def test_a_parameter_of_the_chosen_page_leaves_the_others(case):
    run(case)
    assert run(case, "second", parameters={"weeks": 3}) == [True, "second"]
    assert run(case) == [True, "first", "second"], "its parameter is another again"


def test_a_page_that_failed_is_tried_again_beside_the_chosen_one(case):
    notebook(case / "own", "03_broken", "1 / 0")
    run(case)
    with pytest.warns(RetentionKitWarning, match="03_broken"):
        assert run(case, "second") == [True, "second"]
    assert (case / "reports" / MONTH / "failed" / "03_broken.html").is_file()


def test_a_page_that_is_no_longer_the_report_s_is_named_when_it_goes(case):
    run(case)
    (case / "own" / "01_first.ipynb").unlink()
    with pytest.warns(RetentionKitWarning, match="because their notebooks no longer belong to this report: 01_first"):
        run(case, "second")
    assert there(case) == ["02_second"]


def test_the_pages_of_segments_stay_too(case):
    run(case, split_by="country")
    edit(case, "02_second", SECOND)
    assert run(case, "second", split_by="country") == [True, "second", "second", "second"]
    for folder in ("country=pl", "country=tw"):
        assert (case / "reports" / MONTH / folder / "01_first.html").is_file()
    assert run(case, split_by="country") == [False]


def test_a_month_of_an_older_version_is_made_as_a_whole(case):
    run(case)
    place = case / "reports" / MONTH / "manifest.json"
    told = json.loads(place.read_text())
    for one in told["notebooks"]:
        del one["fingerprint"]
    place.write_text(json.dumps(told))
    with pytest.warns(RetentionKitWarning, match="01_first"):
        assert run(case, "second", force=True) == [True, "first", "second"]
    shutil.rmtree(case / "reports" / MONTH)
    assert run(case, "second") == [True, "second"]
