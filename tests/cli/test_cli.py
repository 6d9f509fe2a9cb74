"""The command line: help with examples, one clear line for what cannot be done, exit statuses that schedulers read."""

import os
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from report_cases import notebook, orders_csv

from retention_kit import __version__
from retention_kit.cli import main


def call(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(autouse=True)
def case(tmp_path, monkeypatch):
    notebook(tmp_path / "own", "01_first", "months", parameters="orders = 'cdnow'\nas_of = ''\nmonths = 3")
    orders_csv(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*arguments):
    return call("report", "--orders", "orders.csv", "--notebooks", "own", *arguments)


def test_version_and_help_with_examples():
    assert __version__ in call("--version").output
    for command in ([], ["report"], ["sample"]):
        assert "Examples:\n" in call(*command, "--help").output


def test_a_report_prints_its_path_last_and_exits_0():
    result = report("--month", "2026-04", "-p", "months=5")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip().splitlines()[-1] == "reports/2026-04/index.html"
    node = nbformat.read("reports/2026-04/01_first.ipynb", as_version=4)
    assert node.cells[-1].outputs[0].data["text/plain"] == "5"


def test_a_failed_notebook_exits_1_and_is_named(case):
    notebook(case / "own", "02_broken", "1 / 0")
    result = report("--month", "2026-04")
    assert result.exit_code == 1
    assert "02_broken failed in cell 3: ZeroDivisionError" in result.stderr


def refused(result, says):
    """Exit status 2, one line on standard error, no half-written report."""
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.strip().splitlines() if line.startswith("retention-kit:")]
    assert len(lines) == 1
    assert says in lines[0]
    assert "Traceback" not in result.output
    assert not os.path.exists("reports")


def test_a_misspelt_parameter():
    refused(report("--month", "2026-04", "-p", "monts=5"), "did you mean months?")


def test_a_parameter_of_the_wrong_type():
    refused(report("--month", "2026-04", "-p", "months=five"), "months must be a number")


def test_a_notebook_without_a_parameters_cell(case):
    path = case / "own" / "01_first.ipynb"
    node = nbformat.read(path, as_version=4)
    for cell in node.cells:
        cell.metadata = {}
    nbformat.write(node, path)
    refused(report("--month", "2026-04"), "needs exactly one cell tagged 'parameters'")


def test_a_csv_without_the_customer_column(case):
    orders_csv(case)
    pd.read_csv("orders.csv").drop(columns="customer_id").to_csv("orders.csv", index=False)
    refused(report("--month", "2026-04"), "customer_id")


@pytest.mark.parametrize("content", ["", "customer_id,ordered_at,amount\n"])
def test_an_empty_csv(case, content):
    (case / "orders.csv").write_text(content)
    refused(report("--month", "2026-04"), "orders.csv")


@pytest.mark.parametrize("month", ["1996-12", "2030-01"])
def test_a_month_outside_the_data(month):
    refused(report("--month", month), f"No orders in {month}: the data have orders from 2026-03-02 to 2026-05-31")


def test_a_month_that_is_none():
    refused(report("--month", "June"), "YYYY-MM")


def test_a_sample_is_written_as_csv_once():
    result = call("sample", "cdnow", "mine")
    assert result.exit_code == 0
    table = pd.read_csv("mine/orders.csv", dtype={"customer_id": str})
    assert len(table) == 69659
    assert table["amount"].sum().round(2) == 2500315.63
    refused(call("sample", "cdnow", "mine"), "already exists")


def test_an_unknown_sample_is_named():
    refused(call("sample", "cdnov", "mine"), "cdnov")


def test_the_module_runs_as_the_installed_command():
    command = os.path.join(os.path.dirname(sys.executable), "retention-kit")
    out = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    assert __version__ in out


def test_a_report_imports_no_more_than_it_needs():
    """Models and scipy.stats are for action lists."""
    code = "import sys, retention_kit.report; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"retention_kit.models", "scipy.stats"} & set(loaded)


def test_a_parameter_beyond_64_bits():
    refused(
        report("--month", "2026-04", "-p", "months=99999999999999999999"), "months has a whole number beyond 64 bits"
    )


def test_a_range_of_thousands_of_months_is_named_by_its_ends():
    refused(
        report("--from", "0001-01", "--to", "9999-12"),
        "No orders in 119,985 months (first 0001-01, last 9999-12): the data have orders from 2026-03-02",
    )


def test_a_refused_request_leaves_no_folder(case):
    refused(report("--month", "2031-04", "--output", "deep/er"), "No orders in 2031-04")
    assert not (case / "deep").exists()
    (case / "deep").mkdir()
    refused(report("--month", "2031-04", "--output", "deep/er"), "No orders in 2031-04")
    assert os.listdir(case / "deep") == []
    (case / "deep" / "er").mkdir()
    (case / "deep" / "er" / "mine.txt").touch()
    refused(report("--month", "2031-04", "--output", "deep/er"), "No orders in 2031-04")
    assert os.listdir(case / "deep" / "er") == ["mine.txt"]


def test_sample_does_not_write_through_a_link(case):
    (case / "data").mkdir()
    (case / "data" / "orders.csv").symlink_to(case / "elsewhere.csv")
    refused(call("sample", "cdnow_sample", "data"), "data/orders.csv already exists")
    assert not (case / "elsewhere.csv").exists()


def test_a_sample_that_cannot_be_written_says_why(case):
    (case / "a_file").touch()
    refused(call("sample", "cdnow_sample", "a_file"), "a_file is a file, not a folder; give another folder")
    refused(call("sample", "cdnow_sample", "a_file/below/it"), "a_file is a file, not a folder; give another folder")
    refused(call("sample", "cdnow_sample", "/proc/nowhere"), "/proc/nowhere cannot be made")
    refused(call("sample", "cdnow_sample", "x" * 300), "cannot be made (File name too long); give another folder")
