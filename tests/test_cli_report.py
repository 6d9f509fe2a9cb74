"""The command with a report.toml: months, options before the file, what is unchanged, alerts, and a first file."""

import json

import pytest
from click.testing import CliRunner
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit.cli import main


def call(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(autouse=True)
def case(tmp_path, monkeypatch):
    notebook(tmp_path / "own", "01_first", "months", parameters="orders = 'cdnow'\nas_of = ''\nmonths = 3")
    orders_csv(tmp_path, country=["PL", "PL", "TW", "PL", "TW", "TW"])
    text = 'notebooks = "own"\ntitle = "Shop"\n[parameters]\nmonths = 5\n[sources]\norders = "orders.csv"\n'
    (tmp_path / "report.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*arguments):
    return call("report", "--config", "report.toml", *arguments)


def told(month="2026-04"):
    with open(f"reports/{month}/manifest.json", encoding="utf-8") as file:
        return json.load(file)


def test_several_months_are_made_and_named_in_order():
    result = report("--from", "2026-03", "--to", "2026-05", "--jobs", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [f"reports/2026-0{n}/index.html" for n in (3, 4, 5)]


def test_an_option_goes_before_the_file():
    assert report("--month", "2026-04").exit_code == 0
    assert (told()["title"], told()["parameters"]) == ("Shop", {"months": 5})
    result = report("--month", "2026-04", "--title", "Other", "-p", "months=7", "--output", "elsewhere")
    assert result.stdout.split() == ["elsewhere/2026-04/index.html"]
    with open("elsewhere/2026-04/manifest.json", encoding="utf-8") as file:
        other = json.load(file)
    assert (other["title"], other["parameters"]) == ("Other", {"months": 7})


def test_an_unchanged_month_is_left_and_said_to_be_unless_forced():
    report("--month", "2026-04")
    result = report("--month", "2026-04")
    assert result.stdout.split() == ["reports/2026-04/index.html"]
    assert "2026-04 is unchanged; --force makes it again" in result.stderr
    assert "unchanged" not in report("--month", "2026-04", "--force").stderr


def test_a_report_is_split():
    assert report("--month", "2026-04", "--split-by", "country").exit_code == 0
    assert [segment["folder"] for segment in told()["segments"]] == ["country=pl"]


@pytest.mark.parametrize("months", [[], ["--from", "2026-03"], ["--month", "2026-03", "--to", "2026-04"]])
def test_either_one_month_or_two_ends(months):
    result = report(*months)
    assert result.exit_code == 2
    assert "Give either --month YYYY-MM or both --from YYYY-MM and --to YYYY-MM" in result.stderr


def test_a_wrong_file_is_told_in_one_line(case):
    (case / "report.toml").write_text("titel = 3\npdf = 4\n")
    result = report("--month", "2026-04")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "unknown key titel" in result.stderr
    assert "pdf must be true or false" in result.stderr


def test_a_warning_is_one_line_without_a_path_of_the_machine_or_a_line_of_code(case):
    assert report("--month", "2026-04").exit_code == 0
    for name in ("01_first.html", "notes.txt"):
        (case / "reports" / "2026-04" / name).write_text("mine")
    result = report("--month", "2026-04", "--force")
    assert result.exit_code == 0
    (line,) = [line for line in result.stderr.splitlines() if "were kept" in line]
    assert line.startswith("retention-kit: The report of 2026-04 was replaced;")
    assert line.endswith("01_first.html as 01_first.kept.html, notes.txt.")
    assert "RetentionKitWarning" not in result.stderr
    assert "run.py" not in result.stderr


def test_a_tripped_alert_is_told_and_can_fail_the_command(case):
    notebook(case / "own", "02_numbers", NUMBERS)
    with (case / "report.toml").open("a") as file:
        file.write('[[alerts]]\nmetric = "churn_rate"\ncondition = "> 0.05"\n')
    result = report("--month", "2026-04")
    assert result.exit_code == 0
    assert "retention-kit: 2026-04 alert on churn_rate: " in result.stderr
    assert report("--month", "2026-04", "--fail-on-alert").exit_code == 3


def test_a_first_file_is_written_once(case):
    (case / "report.toml").unlink()
    assert call("init", "orders.csv").stdout == "report.toml\n"
    assert 'from = "orders.csv"' in (case / "report.toml").read_text()
    result = call("init", "orders.csv")
    assert result.exit_code == 2
    assert "already there" in result.stderr
