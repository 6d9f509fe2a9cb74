"""The command with a report.toml: months, options before the file, what is unchanged, alerts, and a first file."""

import json
import re

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit.cli import main
from retention_kit.report import read_config


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
    assert "2026-04 is unchanged; --force rebuilds it" in result.stderr
    assert "unchanged" not in report("--month", "2026-04", "--force").stderr


def test_a_report_is_split():
    assert report("--month", "2026-04", "--split-by", "country").exit_code == 0
    assert [segment["folder"] for segment in told()["segments"]] == ["country=pl"]


@pytest.mark.parametrize(
    "months", [["--from", "2026-03"], ["--to", "2026-03"], ["--month", "2026-03", "--to", "2026-04"]]
)
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
    result = call("init", "orders.csv")
    assert result.stdout.splitlines()[-1] == "report.toml"
    assert "customer_id → customer" in result.stdout
    assert 'from = "orders.csv"' in (case / "report.toml").read_text()
    result = call("init", "orders.csv")
    assert result.exit_code == 2
    assert "already exists" in result.stderr


def test_the_file_of_the_folder_is_taken_and_the_last_complete_month_is_made():
    result = call("report")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == ["reports/2026-05/index.html"]
    assert "no month was named: 2026-05 is made, the last complete one, as the data go to 2026-05-31" in result.stderr
    assert told("2026-05")["title"] == "Shop"


def test_a_month_that_the_data_do_not_cover_is_not_the_last_complete_one(case):
    text = (case / "orders.csv").read_text().replace("2026-05-31", "2026-05-20")
    (case / "orders.csv").write_text(text)
    result = call("report")
    assert result.stdout.split() == ["reports/2026-04/index.html"]
    (case / "orders.csv").write_text("customer_id,ordered_at,amount\na,2026-05-02,1\nb,2026-05-20,2\n")
    result = call("report", "--force")
    assert result.stdout.split() == ["reports/2026-05/index.html"]
    assert "as far as the data go, to 2026-05-20: no month of them is complete" in result.stderr


def test_a_source_that_is_named_goes_before_the_file_of_the_folder(case):
    (case / "mine.csv").write_text("Client,Date,Total\na,2026-04-02,10.50\nb,2026-04-20,20\n")
    result = call("report", "--orders", "mine.csv", "--notebooks", "own", "--month", "2026-04")
    assert result.exit_code == 0, result.output
    assert "report.toml of this folder is not read, as a source is named" in result.stderr
    assert "orders from mine.csv: 2 rows read, 2 kept, 0 refused; customer_id from Client" in result.stderr
    assert told()["title"] == "Customer retention"


SHOPIFY = """Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem name,Cancelled at,Refunded Amount
#1001,ann@shop.example,paid,EUR,20.00,25.00,2026-05-01 09:58:12 +0000,Tea,,0.00
#1001,ann@shop.example,,,,,2026-05-01 09:58:12 +0000,Cup,,
#1002,ben@shop.example,refunded,EUR,100.00,100.00,2026-05-02 09:58:12 +0000,Desk,2026-05-03 10:00:00 +0000,100.00
#1003,cid@shop.example,voided,EUR,80.00,80.00,2026-05-03 09:58:12 +0000,Chair,2026-05-03 10:00:00 +0000,0.00
#1004,dan@shop.example,partially_refunded,EUR,60.00,60.00,2026-05-04 09:58:12 +0000,Lamp,,45.00
#1005,eva@shop.example,pending,EUR,70.00,70.00,2026-05-05 09:58:12 +0000,Lamp,,0.00
"""


def revenue(case):
    notebook(
        case / "own",
        "01_first",
        "from retention_kit import load\nlog = load.orders(orders, columns=columns, preset=preset)\n"
        "float(log.to_pandas().amount.sum())",
        parameters="orders = 'cdnow'\ncolumns = {}\npreset = 'auto'\nas_of = ''",
    )

    def of(*arguments):
        result = call(
            "report", "--orders", "shop.csv", "--notebooks", "own", "--month", "2026-05", "--force", *arguments
        )
        assert result.exit_code == 0, result.output
        node = nbformat.read("reports/2026-05/01_first.ipynb", as_version=4)
        return float(node.cells[-1].outputs[0].data["text/plain"]), result.stderr

    return of


def test_an_export_of_a_shop_is_recognised_without_being_asked_for_and_said_to_be(case):
    (case / "shop.csv").write_text(SHOPIFY)
    amount, said = revenue(case)()
    assert amount == 40
    assert "orders from shop.csv: 6 rows read, 3 kept, 3 refused; an export of shopify" in said
    assert revenue(case)("--preset", "shopify")[0] == 40


def test_a_preset_can_be_switched_off_and_the_notebook_names_it(case):
    (case / "shop.csv").write_text(SHOPIFY)
    assert revenue(case)("--preset", "none")[0] == 335
    source = nbformat.read("reports/2026-05/01_first.ipynb", as_version=4)
    assert any('preset = "none"' in cell.source for cell in source.cells)


def test_a_survey_of_a_known_tool_is_read_alone(case):
    scores = [9, 10, 9, 7, 4] * 8
    rows = [
        f"a{n},{score},good,2026-05-01 10:{n:02},2026-05-{1 + n % 31:02} 10:01,n1" for n, score in enumerate(scores)
    ]
    header = "#,How likely are you to recommend us?,Why?,Start Date (UTC),Submit Date (UTC),Network ID"
    (case / "typeform.csv").write_text("\n".join([header, *rows]))
    result = call("report", "--surveys", "typeform.csv", "--only", "nps")
    assert result.exit_code == 0, result.output
    assert "surveys from typeform.csv: 40 rows read, 40 kept, 0 refused; an export of typeform" in result.stderr
    assert "orders from" not in result.stderr
    page = (case / "reports" / "2026-05" / "05_nps.html").read_text(encoding="utf-8")
    numbers = pd.read_csv("reports/2026-05/data/numbers.csv").set_index("name")["value"]
    assert (numbers["nps"], numbers["nps_answers"]) == (40, 40), "of five answers three promoters, one detractor"
    assert ">40<" in page


STATES = """Client,Date,Total,Status,Note
a,2026-05-02,10.50,completed,x
b,2026-05-20,20,Completed ,y
c,2026-05-21,400,cancelled,z
"""


def test_rows_of_another_status_are_left_out_from_the_command_to_the_page(case):
    (case / "shop.csv").write_text(STATES)
    amount, said = revenue(case)("--keep", "Status=completed")
    assert amount == 30.5
    assert "orders from shop.csv: 3 rows read, 2 kept, 1 refused" in said
    assert "30.5" in (case / "reports" / "2026-05" / "01_first.html").read_text(encoding="utf-8")
    assert revenue(case)("--keep", "Status=completed", "--keep", "Note=y")[0] == 20


def test_amounts_in_cents_and_accounts_of_one_customer_from_the_command(case):
    (case / "shop.csv").write_text("customer,date,amount,currency\na,2026-05-02,1005,EUR\nb,2026-05-20,250,EUR\n")
    (case / "accounts.csv").write_text("alias,customer_id\nb,a\n")
    amount, said = revenue(case)("--unit", "cents", "--identities", "accounts.csv")
    assert amount == 12.55
    assert "2 rows read, 2 kept" in said
    result = call("init", "shop.csv", "--unit", "cents", "--identities", "accounts.csv", "-o", "own.toml")
    assert result.exit_code == 0, result.output
    config = read_config(case / "own.toml")
    assert config.sources["orders"].options == {"unit": "cents"}
    assert config.identities == case / "accounts.csv"


def test_ends_that_are_last_days_from_the_command(case):
    rows = [
        "a,s1,2026-03-01,2026-03-31,10",
        "a,s1,2026-04-01,2026-04-30,10",
        "a,s1,2026-05-01,,10",
        "b,s2,2026-03-15,,10",
    ]
    (case / "contracts.csv").write_text("\n".join(["customer_id,subscription_id,started_at,ended_at,mrr", *rows]))
    code = "from retention_kit import load\nload.subscriptions(subscriptions).to_pandas().ended_at.astype(str).tolist()"
    notebook(case / "own", "01_first", code, parameters="subscriptions = 'store'\nas_of = ''")

    def ends(*options):
        sources = ("--subscriptions", "contracts.csv", "--notebooks", "own", "--month", "2026-04", "--force")
        result = call("report", *sources, *options)
        assert result.exit_code == 0, result.output
        node = nbformat.read("reports/2026-04/01_first.ipynb", as_version=4)
        return node.cells[-1].outputs[0].data["text/plain"], result.stderr

    days, said = ends()
    assert "2026-03-31" in days
    assert "pass --ends inclusive, or --ends exclusive if they are right" in said
    days, said = ends("--ends", "inclusive")
    assert "2026-04-01" in days
    assert "--ends" not in said
    assert ends("--ends", "subscriptions=inclusive")[0] == days


def test_init_of_files_of_several_tables_takes_options_of_each(case):
    (case / "shop.csv").write_text(STATES)
    (case / "abo.csv").write_text("Vertrag;Kunde;Beginn;Ende;Monatspreis\nV1;K1;01.03.2026;31.03.2026;9,90\n")
    result = call(
        "init",
        "shop.csv",
        "abo.csv",
        "--keep",
        "Status=completed",
        "--ends",
        "subscriptions=inclusive",
        "-o",
        "own.toml",
    )
    assert result.exit_code == 0, result.output
    sources = read_config(case / "own.toml").sources
    assert sources["orders"].options == {"keep": {"Status": ["completed"]}}
    assert sources["subscriptions"].options == {"ends": "inclusive"}
    assert (
        "--sheet applies to one workbook" in call("init", "shop.csv", "abo.csv", "--sheet", "A", "-o", "b.toml").stderr
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Customer,Date,Total\na,03/04/2026,1.50\n", "pass --day-first or --month-first"),
        ('Customer,Date,Total\na,2026-04-03,"1,250"\n', "pass --decimal . or --decimal ,"),
        ("Somebody,Date,Total\na,2026-04-03,1.50\n", "Pass --columns customer_id=HEADER"),
        ("Customer,Date,Total,Currency\na,2026-04-03,1.50,EUR\nb,2026-04-04,1.50,USD\n", "pass --currency CODE and"),
    ],
)
def test_the_command_advises_flags(case, content, says):
    (case / "mine.csv").write_text(content)
    result = call("report", "--orders", "mine.csv", "--month", "2026-04")
    assert result.exit_code == 2
    assert says in result.stderr
    assert not re.search(r"columns=\{|day_first=|decimal=|currency=|rates=", result.stderr)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "Customer,Date,Total\na,03/04/2026,1.50\n",
            "write day_first = true or day_first = false under [sources.orders]",
        ),
        (
            "Somebody,Date,Total\na,2026-04-03,1.50\n",
            'Write columns = { customer_id = "HEADER" } under [sources.orders]',
        ),
    ],
)
def test_with_a_file_keys_are_advised(case, content, says):
    (case / "orders.csv").write_text(content)
    result = report("--month", "2026-04")
    assert result.exit_code == 2
    assert says in result.stderr


def test_flags_say_how_a_file_is_written(case):
    (case / "mine.csv").write_text('Customer;Date;Total;State\na;03/04/2026;"1.250";ok\nb;05/04/2026;"2.500";gone\n')
    result = call(
        "report", "--orders", "mine.csv", "--month", "2026-04", "--notebooks", "own", "--month-first", "--decimal", ","
    )
    assert "No orders in 2026-04: the data have orders from 2026-03-04 to 2026-05-04" in result.stderr
    result = call(
        "report", "--orders", "mine.csv", "--month", "2026-04", "--notebooks", "own", "--day-first", "--decimal", ","
    )
    assert result.exit_code == 0, result.output


def test_options_of_a_table_that_is_not_named_are_refused():
    result = call("report", "--orders", "orders.csv", "--month", "2026-04", "--columns", "surveys.score=Q1")
    assert result.exit_code == 2
    assert "surveys are not named" in result.stderr
    result = call("report", "--surveys", "a.csv", "--visits", "b.csv", "--month", "2026-04", "--columns", "score=Q1")
    assert "--columns needs the table in front, as in --columns surveys.score=Q1" in result.stderr


def test_init_says_what_is_missing_and_what_comes_next(case):
    (case / "mine.csv").write_text("Customer,Date,Total\na,03/04/2026,1.50\nb,02/05/2026,1.50\n")
    result = call("init", "mine.csv", "-o", "own.toml")
    assert result.exit_code == 0, result.output
    assert (
        "Missing: 03/04/2026 may be 3 April 2026 (day_first = true) or 4 March 2026 (day_first = false)."
        in result.stdout
    )
    assert "choose one of its lines, then run: retention-kit report --config own.toml" in result.stderr
    assert call("init", "mine.csv", "-o", "own.toml").exit_code == 2
    assert call("init", "mine.csv", "-o", "b.toml", "--month-first").exit_code == 0
    assert "\nday_first = false\n" in (case / "b.toml").read_text()


def test_init_of_a_file_without_rows_says_so_and_writes_nothing(case):
    (case / "mine.csv").write_text("Customer,Date,Total\n")
    result = call("init", "mine.csv", "-o", "own.toml")
    assert result.exit_code == 2
    assert "mine.csv holds headers but no rows (Customer, Date, Total)" in result.stderr
    assert not (case / "own.toml").exists()
