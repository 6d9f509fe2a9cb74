"""The monthly job on small data and small notebooks: what is made, what is refused, what stays private."""

import os

import nbformat
import pytest
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError, DataError
from retention_kit.report.html import sortable

LOADS = "from retention_kit import load\nlog = load.orders(orders)\nlog.table.count().execute()"


@pytest.fixture
def case(tmp_path):
    """A folder with a small order log, two notebooks, and room for reports."""
    notebook(tmp_path / "own", "01_first", LOADS, NUMBERS, title="First page")
    notebook(
        tmp_path / "own", "02_second", "#!Some $x^2$ words.", "months * 2", parameters="orders = 'cdnow'\nmonths = 3"
    )
    return tmp_path


def config(case, **options):
    made = {"orders": orders_csv(case), "notebooks": case / "own", "output": case / "reports"} | options
    return report.Config(**made)


def contents(month):
    """Every file of a month but its manifest, in which the times of the run stand."""
    files = (path for path in month.index.parent.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(month.index.parent): path.read_bytes() for path in files}


def untouched(case):
    """Nothing that looks like a report is left in the output folder."""
    return not (case / "reports").exists()


def test_a_month_becomes_an_index_and_a_page_with_its_notebook(case):
    (month,) = report.run(config(case), months="2026-04", jobs=2)
    assert month.failures == {}
    assert month.index == case / "reports" / "2026-04" / "index.html"
    made = sorted(os.listdir(month.index.parent))
    assert made == [
        "01_first.html",
        "01_first.ipynb",
        "02_second.html",
        "02_second.ipynb",
        "analyst.html",
        "data",
        "index.html",
        "manifest.json",
    ]
    assert sorted(os.listdir(case / "reports")) == [".lock", "2026-04", "index.html"]


def test_the_index_shows_the_numbers_of_the_pages_and_links_them(case):
    (month,) = report.run(config(case), months="2026-04")
    index = BeautifulSoup(month.index.with_name("analyst.html").read_text(encoding="utf-8"), "html.parser")
    text = index.get_text(" ", strip=True)
    assert "10.0\u00a0%" in text
    assert "8.0\u00a0% to 13.0\u00a0%" in text
    assert "What does first page say?" in text
    hrefs = {a["href"] for a in index.find_all("a") if not a["href"].startswith("#")}
    assert {"01_first.html", "02_second.html"} <= hrefs
    assert all((month.index.parent / href).is_file() for href in hrefs)


def test_for_analysts_the_index_is_their_page_and_the_summary_is_beside_it(case):
    (month,) = report.run(config(case, audience="analyst", single_file=True), months="2026-04")
    assert "Every number of the month" in month.index.read_text(encoding="utf-8")
    summary = BeautifulSoup(month.index.with_name("summary.html").read_text(encoding="utf-8"), "html.parser")
    assert summary.select_one("nav [aria-current]")["href"] == "summary.html"
    whole = BeautifulSoup((month.index.parent / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert len(whole.select("main .summary")) == 1
    assert len(whole.find_all("style")) == 2


def test_a_page_is_self_contained_with_its_code_folded_and_its_formula_as_mathml(case):
    (month,) = report.run(config(case), months="2026-04")
    page = BeautifulSoup((month.index.parent / "02_second.html").read_text(encoding="utf-8"), "html.parser")
    assert page.find("math") is not None
    assert page.find("details", class_="code").find("pre") is not None
    assert page.find(["script", "link"], src=True) is None
    assert not [tag for tag in page.find_all(src=True) if not tag["src"].startswith("data:")]
    assert [h.name for h in page.find_all(["h1"])] == ["h1"]


def test_the_saved_notebook_names_the_source_as_the_user_wrote_it(case):
    (month,) = report.run(config(case), months="2026-04")
    saved = (month.index.parent / "01_first.ipynb").read_text(encoding="utf-8")
    assert str(case / "orders.csv") in saved
    assert ".run-" not in saved
    node = nbformat.reads(saved, as_version=4)
    injected = next(c for c in node.cells if "injected-parameters" in c.metadata.get("tags", []))
    assert 'as_of = "2026-04-30"' in injected.source
    assert "papermill" not in node.metadata


def test_two_runs_give_the_same_bytes(case):
    (one,) = report.run(config(case), months="2026-04")
    first = contents(one)
    (again,) = report.run(config(case), months="2026-04", jobs=1, force=True)
    assert again.made
    assert contents(one) == first


def test_the_private_folder_is_named_nowhere_even_where_a_notebook_prints_it(case):
    parameters = "orders = 'cdnow'\nas_of = '1998-06-30'"
    notebook(case / "own", "03_prints", "print(orders)", parameters=parameters)
    notebook(case / "own", "04_raises", "raise OSError(f'no file {orders}/x')", parameters=parameters)
    (month,) = report.run(config(case), months="2026-04")
    assert month.failures["04_raises"].cause == "OSError: no file workspace/x"
    written = [path.read_bytes() for path in month.index.parent.rglob("*") if path.is_file()]
    assert len(written) == 16
    assert not [text for text in written if b".run-" in text]


def test_a_failing_notebook_is_kept_apart_and_the_others_go_on(case):
    notebook(case / "own", "03_broken", "1 / 0")
    (month,) = report.run(config(case), months="2026-04")
    assert month.failures["03_broken"].cause == "ZeroDivisionError: division by zero"
    assert (month.index.parent / "01_first.html").is_file()
    assert (month.index.parent / "failed" / "03_broken.html").is_file()
    assert "stopped in cell 3" in month.index.with_name("analyst.html").read_text(encoding="utf-8")


def test_a_notebook_that_ends_its_own_process_has_failed(case):
    notebook(case / "own", "03_gone", "import os\nos._exit(0)", "1 + 1")
    (month,) = report.run(config(case, only=["gone"]), months="2026-04")
    assert "03_gone" in month.failures


def test_several_months_come_from_one_reading(case):
    months = report.run(config(case, only=["first"]), months=["2026-03", "2026-04"])
    assert [m.month for m in months] == ["2026-03", "2026-04"]
    assert all(m.index.is_file() for m in months)


def test_the_longest_notebook_begins_first_and_pages_keep_their_order(case):
    begun = case / "begun"
    for name, more in (("01_first", ()), ("02_second", ("1", "2", "3")), ("03_third", ("1",))):
        notebook(case / "own", name, f"with open({str(begun)!r}, 'a') as file: print('{name}', file=file)", *more)
    (month,) = report.run(config(case), months="2026-04", jobs=1)
    assert begun.read_text().split() == ["02_second", "03_third", "01_first"]
    tree = BeautifulSoup(month.index.with_name("analyst.html").read_text(), "html.parser")
    pages = [a["href"] for a in tree.select("nav a[href]")]
    assert [page for page in pages if page[:2] in ("01", "02", "03")][:3] == [
        "01_first.html", "02_second.html", "03_third.html",
    ]  # fmt: skip


def test_a_notebook_whose_table_is_not_there_is_left_out_with_the_reason(case):
    notebook(case / "own", "03_nps", "1", parameters="surveys = 'cdnow_surveys'")
    (month,) = report.run(config(case), months="2026-04")
    assert "needs surveys" in month.index.with_name("analyst.html").read_text(encoding="utf-8")
    assert not (month.index.parent / "03_nps.html").exists()


@pytest.mark.parametrize(
    ("options", "months", "error", "says"),
    [
        (
            {"parameters": {"monts": 3}},
            "2026-04",
            ConfigError,
            "no notebook has a parameter monts, did you mean months?",
        ),
        ({"parameters": {"months": "three"}}, "2026-04", ConfigError, "months must be a number like 3; got 'three'"),
        ({"parameters": {"as_of": "2026-01-01"}}, "2026-04", ConfigError, "as_of is set by the run"),
        ({"only": ["frist"]}, "2026-04", ConfigError, "did you mean first"),
        ({"orders": "nowhere.csv"}, "2026-04", DataError, "nowhere.csv"),
        ({}, "1996-12", ConfigError, "No orders in 1996-12: the data have orders from 2026-03-02 to 2026-05-31"),
        ({}, "2027-01", ConfigError, "No orders in 2027-01"),
        ({}, "April", ConfigError, "A month is written YYYY-MM"),
        ({"columns": {"customer_id": "Client"}}, "2026-04", DataError, "Client"),
    ],
)
def test_a_wrong_request_makes_nothing_and_says_why_in_one_line(case, options, months, error, says):
    with pytest.raises(error) as raised:
        report.run(config(case, **options), months=months)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert untouched(case)


@pytest.mark.parametrize("tagged", [0, 2])
def test_a_notebook_needs_exactly_one_parameters_cell(case, tagged):
    path = notebook(case / "own", "03_odd", "1", "2")
    node = nbformat.read(path, as_version=4)
    for i, cell in enumerate(c for c in node.cells if c.cell_type == "code"):
        cell.metadata["tags"] = ["parameters"] if i < tagged else []
    nbformat.write(node, path)
    with pytest.raises(ConfigError, match=f"03_odd.ipynb needs exactly one cell tagged 'parameters'; it has {tagged}"):
        report.run(config(case), months="2026-04")
    assert untouched(case)


def test_an_earlier_report_stays_when_a_later_run_is_refused(case):
    (month,) = report.run(config(case, only=["first"]), months="2026-04")
    before = month.index.read_bytes()
    with pytest.raises(ConfigError):
        report.run(config(case, parameters={"monts": 1}), months="2026-04")
    assert month.index.read_bytes() == before


def test_hostile_text_from_data_is_shown_and_never_run(case):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    notebook(
        case / "own", "03_evil",
        f"import pandas as pd\npd.DataFrame({{'customer': [{evil!r}]}})",
        f"from IPython.display import HTML\nHTML({evil!r})",
        f"print({evil!r})",
    )  # fmt: skip
    (month,) = report.run(config(case, only=["evil"]), months="2026-04")
    page = BeautifulSoup((month.index.parent / "03_evil.html").read_text(encoding="utf-8"), "html.parser")
    assert [script.string for script in page.find_all("script")] == [sortable.script()]
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert "<script>alert(1)</script>" in page.get_text()
    assert "default-src 'none'" in page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]


def test_a_password_appears_nowhere(case, monkeypatch):
    monkeypatch.setenv("SHOP_URL", "postgresql://anna:sesame-open@127.0.0.1:1/shop")
    for where in ("env:SHOP_URL", "postgresql://anna:sesame-open@127.0.0.1:1/shop"):
        with pytest.raises(DataError) as raised:
            report.run(config(case, orders=where), months="2026-04")
        assert "sesame-open" not in str(raised.value)
