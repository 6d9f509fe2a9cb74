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
    return prepared(tmp_path)


def prepared(folder):
    """Two notebooks that note when they run."""
    notebook(folder / "own", "01_first", RUNS, NUMBERS, parameters=FIRST)
    notebook(folder / "own", "02_second", RUNS, parameters=SECOND)
    (folder / "own" / "runs.txt").write_text("")
    orders_csv(folder, country=["PL", "PL", "TW", "TW", "TW", "PL"])
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """That shop with the whole report of the month, and a copy of both."""
    folder = tmp_path_factory.mktemp("finished")
    assert run(prepared(folder / "shop")) == [True, "first", "second"]
    shutil.copytree(folder / "shop", folder / "copy")
    return folder


@pytest.fixture
def whole(finished):
    """The shop with its report as it was, in the same place."""
    shutil.rmtree(finished / "shop")
    shutil.copytree(finished / "copy", finished / "shop")
    return finished / "shop"


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


def test_the_chosen_page_is_made_anew_and_the_other_stays_as_it_was(whole):
    before = {path.name: path.read_bytes() for path in (whole / "reports" / MONTH).glob("0*")}
    edit(whole, "02_second", SECOND)
    assert run(whole, "second") == [True, "second"]
    assert there(whole) == ["01_first", "02_second"]
    after = {path.name: path.read_bytes() for path in (whole / "reports" / MONTH).glob("0*")}
    assert {name for name in before if before[name] != after[name]} == {"02_second.html", "02_second.ipynb"}
    numbers = (whole / "reports" / MONTH / "data" / "numbers.csv").read_text()
    assert "01_first,orders" in numbers
    assert "02_second,orders" in numbers


def test_after_it_a_full_run_finds_the_month_whole(whole):
    edit(whole, "02_second", SECOND)
    run(whole, "second")
    assert run(whole) == [False]
    assert run(whole, "second") == [False]
    assert run(whole, "second", force=True) == [True, "second"]
    assert run(whole) == [False]


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
def test_pages_made_from_something_else_are_made_anew_and_that_is_said(whole, what):
    options = {}
    if what == "data":
        orders_csv(whole, country=["PL"] * 6)
    elif what == "code":
        edit(whole, "01_first", FIRST)
    elif what == "parameter":
        options["parameters"] = {"name": "third"}
    else:
        (whole / "reports" / MONTH / "01_first.ipynb").write_text("{}")
    with pytest.warns(RetentionKitWarning, match=r"Pages of 2026-04 are rebuilt as well, because .*: 01_first"):
        made, *ran = run(whole, "second", force=True, **options)
    assert (made, len(ran)) == (True, 2)
    assert there(whole) == ["01_first", "02_second"]


def test_a_parameter_of_the_chosen_page_leaves_the_others(whole):
    assert run(whole, "second", parameters={"weeks": 3}) == [True, "second"]
    assert run(whole) == [True, "first", "second"], "its parameter is another again"


def test_a_page_that_failed_is_tried_again_beside_the_chosen_one(case):
    notebook(case / "own", "03_broken", "1 / 0")
    run(case)
    with pytest.warns(RetentionKitWarning, match="03_broken"):
        assert run(case, "second") == [True, "second"]
    assert (case / "reports" / MONTH / "failed" / "03_broken.html").is_file()


def test_a_page_that_is_no_longer_the_report_s_is_named_when_it_goes(whole):
    (whole / "own" / "01_first.ipynb").unlink()
    with pytest.warns(RetentionKitWarning, match="because their notebooks no longer belong to this report: 01_first"):
        run(whole, "second")
    assert there(whole) == ["02_second"]


def test_the_pages_of_segments_stay_too(case):
    run(case, split_by="country")
    edit(case, "02_second", SECOND)
    assert run(case, "second", split_by="country") == [True, "second", "second", "second"]
    for folder in ("country=pl", "country=tw"):
        assert (case / "reports" / MONTH / folder / "01_first.html").is_file()
    assert run(case, split_by="country") == [False]


def test_a_month_of_an_older_version_is_made_as_a_whole(whole):
    place = whole / "reports" / MONTH / "manifest.json"
    told = json.loads(place.read_text())
    for one in told["notebooks"]:
        del one["fingerprint"]
    place.write_text(json.dumps(told))
    with pytest.warns(RetentionKitWarning, match="01_first"):
        assert run(whole, "second", force=True) == [True, "first", "second"]
    shutil.rmtree(whole / "reports" / MONTH)
    assert run(whole, "second") == [True, "second"]
