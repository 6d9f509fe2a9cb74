"""A run made again: what is unchanged is left, what changed is made anew, and the manifest tells from what."""

import json
import shutil
import subprocess
import sys

import pytest
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError, DataError
from retention_kit.report.output import lock
from retention_kit.report.settings import redaction, source_names

LOADS = "from retention_kit import load\nload.orders(orders).table.count().execute()"
SEEDED = "orders = 'cdnow'\nas_of = ''\nmonths = 3\nseed = 7"


@pytest.fixture
def case(tmp_path):
    return prepared(tmp_path)


def prepared(folder):
    notebook(folder / "own", "01_first", LOADS, parameters=SEEDED)
    orders_csv(folder)
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A shop with its report, and a copy of both."""
    folder = tmp_path_factory.mktemp("finished")
    assert made(prepared(folder / "shop"))
    shutil.copytree(folder / "shop", folder / "copy")
    return folder


@pytest.fixture
def month(finished):
    """The shop with its report as it was, in the same place."""
    shutil.rmtree(finished / "shop")
    shutil.copytree(finished / "copy", finished / "shop")
    return finished / "shop"


def config(case, **options):
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports"} | options
    return report.Config(**given)


def made(case, **options):
    (month,) = report.run(config(case, **options), months="2026-04")
    return month.made


def edit_notebook(case):
    notebook(case / "own", "01_first", LOADS, "1 + 1", parameters=SEEDED)


def edit_data(case):
    orders_csv(case, amount=[10.0, 12.5, 8.0, 30.0, 31.0, 6.0])


def edit_page(case):
    (case / "reports" / "2026-04" / "01_first.html").write_text("mine")


def lose_page(case):
    (case / "reports" / "2026-04" / "index.html").unlink()


@pytest.mark.parametrize("change", [edit_notebook, edit_data, edit_page, lose_page])
def test_a_month_is_made_again_when_what_it_is_made_from_or_it_itself_changed(month, change):
    assert not made(month)
    change(month)
    assert made(month)
    assert not made(month)


def test_a_month_is_made_again_with_other_parameters_or_settings(month):
    assert made(month, title="Other")
    assert made(month, title="Other", parameters={"months": 4})
    assert not made(month, title="Other", parameters={"months": 4})


def test_a_month_with_a_failure_is_tried_again(case):
    notebook(case / "own", "02_broken", "1 / 0")
    assert made(case)
    assert made(case)


def test_the_manifest_says_what_the_month_was_made_from_and_what_came_of_it(case):
    orders_csv(case, amount=[10.0, 12.5, 8.0, 30.0, 31.0, "much"])
    notebook(case / "own", "02_warns", "import warnings\nwarnings.warn('look here')", "1 / 0")
    (month,) = report.run(config(case, parameters={"months": 5}), months="2026-04")
    told = json.loads((month.index.parent / "manifest.json").read_text(encoding="utf-8"))
    orders = told["inputs"]["orders"]
    assert (orders["rows_read"], orders["rows_kept"], orders["rows_refused"]) == (6, 5, 1)
    assert len(orders["sha256"]) == len(orders["sha256_of_rows_kept"]) == 64
    assert told["parameters"] == {"months": 5}
    first, second = told["notebooks"]
    assert first["parameters"] == {"orders": str(case / "orders.csv"), "as_of": "2026-04-30", "months": 5}
    assert first["seeds"] == {"seed": 7}
    assert first["seconds"] > 0
    assert second["status"] == "failed"
    assert second["failure"] == {"cell": 4, "cause": "ZeroDivisionError: division by zero"}
    assert second["warnings"] == ["UserWarning: look here"]
    assert told["versions"]["pandas"]
    assert set(told["files"]) == {
        path.relative_to(month.index.parent).as_posix()
        for path in month.index.parent.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_passwords_of_parameters_and_sources_appear_in_no_file(case, monkeypatch):
    monkeypatch.setenv("SHOP_URL", "postgresql://anna:sesame-open@db/shop")
    parameters = "orders = 'cdnow'\nas_of = ''\nwhere = ''"
    notebook(case / "own", "02_prints", "import os\nprint(where, os.environ['SHOP_URL'])", parameters=parameters)
    notebook(case / "own", "03_raises", "raise OSError(f'no answer from {where}')", parameters=parameters)
    url = "mysql://bert:p%40ss-word@db/shop?a=1"
    options = {"parameters": {"where": url}, "surveys": None}
    monkeypatch.setattr(redaction, "passwords_of", lambda _: ("sesame-open", "p%40ss-word", "p@ss-word"))
    (month,) = report.run(config(case, **options), months="2026-04")
    assert month.failures["03_raises"].cause == "OSError: no answer from mysql://bert:***@db/shop?a=1"
    for path in (case / "reports").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [word for word in (b"sesame-open", b"p%40ss-word", b"p@ss-word") if word in content], path


def test_a_password_with_quotes_in_a_table_is_hidden_and_the_table_stays_readable(case, monkeypatch):
    secret = 'se"same\\open'
    monkeypatch.setenv("QUOTED", secret)
    source = "import os, pandas\npandas.DataFrame({'x': ['postgresql://anna:p', os.environ['QUOTED'], 'anna@shop']})"
    notebook(case / "own", "02_shows", source)
    monkeypatch.setattr(redaction, "passwords_of", lambda _: (secret,))
    (month,) = report.run(config(case, surveys=None), months="2026-04")
    (table,) = (month.index.parent / "data").glob("02-shows-*.csv")
    assert table.read_text(encoding="utf-8").split() == ["x", "postgresql://anna:p", "***", "anna@shop"]
    for path in (case / "reports").rglob("*"):
        content = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        assert secret not in content, path
        assert json.dumps(secret)[1:-1] not in content, path


def test_passwords_are_found_in_sources_their_variables_and_parameters(monkeypatch):
    monkeypatch.setenv("SHOP_URL", "postgresql://anna:sesame-open@db/shop")
    given = report.Config(orders="env:SHOP_URL", parameters={"where": ["mysql://bert:p%40ss-word@db/shop"]})
    assert redaction.passwords_of(given) == ("p%40ss-word", "sesame-open", "p@ss-word")


def test_passwords_and_tokens_in_the_query_of_an_address_are_found_and_hidden():
    address = "https://shop.example/orders.csv?year=2026&access_token=open-sesame&api_key=abc-def#top"
    given = report.Config(orders=address, parameters={"where": "postgresql://db/shop?user=anna&PASSWORD=p%40ss-word"})
    assert redaction.passwords_of(given) == ("open-sesame", "p%40ss-word", "p@ss-word", "abc-def")
    hidden = "https://shop.example/orders.csv?year=2026&access_token=***&api_key=***#top"
    assert source_names.published(given.sources["orders"]) == hidden


def test_a_second_run_is_told_which_process_is_in_its_way(case):
    holder = (
        "import sys, pathlib\nfrom retention_kit.report.output import lock\n"
        "with lock.held(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    (case / "reports").mkdir()
    command = [sys.executable, "-c", holder, str(case / "reports")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ConfigError) as raised:
            report.run(config(case), months="2026-04")
        other.kill()
    assert f"process {other.pid} on" in str(raised.value)
    assert "Wait until it has ended, or end it" in str(raised.value)
    with lock.held(case / "reports"):
        pass


def test_a_strangers_notebook_of_ten_lines_joins_the_report(tmp_path):
    """As the README says: one cell tagged parameters, and a line in report.toml."""
    lines = "from retention_kit import load\norders = load.orders(orders).to_pandas()\norders['amount'].nlargest(top)"
    notebook(tmp_path / "own", "20_largest", lines, parameters="orders = 'cdnow'\nas_of = '1998-06-30'\ntop = 3")
    orders_csv(tmp_path)
    notebooks = 'notebooks = ["data_quality", "own/20_largest.ipynb"]\n'
    rest = '[parameters]\ntop = 2\n[sources]\norders = "orders.csv"\n'
    (tmp_path / "report.toml").write_text(notebooks + rest)
    (month,) = report.run(report.read_config(tmp_path / "report.toml"), months="2026-05")
    assert month.failures == {}
    pages = sorted(path.stem for path in month.index.parent.glob("*.html"))
    assert pages == ["00_data_quality", "20_largest", "analyst", "index"]
    text = (month.index.parent / "20_largest.html").read_text(encoding="utf-8")
    assert "31.0" in text
    assert "10.0" not in text


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["nowhere.ipynb"], "There is no notebook nowhere.ipynb"),
        (["cohort"], "There is no folder of notebooks cohort"),
        (["own", "other"], "two notebooks are called 01_first; rename one"),
        (["odd"], "notebook Index would replace the report.s own page Index.html; rename it"),
        (["odd"], "notebook sales #1 has one of the characters"),
    ],
)
def test_notebooks_that_cannot_be_found_or_told_apart(case, monkeypatch, entries, says):
    monkeypatch.chdir(case)
    notebook(case / "other", "01_first", "1")
    notebook(case / "odd", "Index", "1")
    notebook(case / "odd", "sales #1", "1")
    with pytest.raises(ConfigError, match=says):
        report.run(config(case, notebooks=entries), months="2026-04")


def test_a_notebook_in_another_language_is_refused_before_anything_runs(case):
    path = notebook(case / "own", "02_r", "1")
    told = json.loads(path.read_text())
    told["metadata"]["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    path.write_text(json.dumps(told))
    with pytest.raises(ConfigError, match=r"02_r.ipynb is written in R; the report runs notebooks in Python"):
        report.run(config(case), months="2026-04")


def test_a_month_without_orders_inside_the_data_is_refused(case):
    orders_csv(case, ordered_at=["2026-03-02", "2026-03-05", "2026-03-20", "2026-05-11", "2026-05-30", "2026-05-31"])
    with pytest.raises(
        ConfigError, match=r"No orders in 2026-04: the data have orders from 2026-03-02 to 2026-05-31, but"
    ):
        report.run(config(case), months=["2026-03", "2026-04"])


def test_values_under_the_name_of_a_secret_appear_in_no_file(case, monkeypatch):
    """A token in clear, one from the environment, a webhook that a notebook prints, and a secret inside a mapping."""
    monkeypatch.setenv("HOOK", "https://hooks.example/services/T0/B1/swordfish")
    monkeypatch.setenv("MAIL_TOKEN", "tok-env-998877")
    parameters = "orders = 'cdnow'\nas_of = ''\napi_token = ''\nmail_token = ''\nshop = {}\nsort_key = 'x'"
    code = "import os\nprint(api_token, shop, sort_key, os.environ['HOOK'], os.environ['MAIL_TOKEN'])"
    notebook(case / "own", "02_prints", code, parameters=parameters)
    notebook(case / "own", "03_raises", "raise OSError(f'refused {api_token}')", parameters=parameters)
    given = {"api_token": "tok-abc-123456", "mail_token": "env:MAIL_TOKEN", "shop": {"secretKey": "sk-live-4242"}}
    alert = {"metric": "orders", "condition": "> 1000000000", "webhook": "env:HOOK"}
    options = {"parameters": given | {"sort_key": "amount"}, "surveys": None, "alerts": [alert]}
    (month,) = report.run(config(case, **options), months="2026-04")
    assert month.failures["03_raises"].cause == "OSError: refused ***"
    words = (b"tok-abc-123456", b"tok-env-998877", b"sk-live-4242", b"swordfish")
    for path in (case / "reports").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [word for word in words if word in content], path
    page = (month.index.parent / "02_prints.html").read_text(encoding="utf-8")
    assert "amount" in page  # the name of a column under sort_key is no secret
    index = month.index.with_name("analyst.html").read_text(encoding="utf-8")
    assert "api_token = &#39;***&#39;" in index
    assert "mail_token = &#39;env:MAIL_TOKEN&#39;" in index  # the name of a variable is no secret


def test_an_error_of_a_source_shows_no_part_of_its_secrets(case, monkeypatch):
    for number, url in enumerate(
        [
            "sqlite:///gone/shop.db?password=hunter2secret",
            "sqlite:////gone/shop.db?mode=ro&access_token=hunter2secret",
            "postgresql://anna:hunter2secret@127.0.0.1:1/shop?sslpassword=hunter2secret",
            "mysql://anna:hunter2secret@127.0.0.1:1/shop",
        ]
    ):
        monkeypatch.setenv(f"SHOP_{number}", url)
        source = report.Source(f"env:SHOP_{number}", options={"query": "orders"})
        with pytest.raises(DataError) as raised:
            report.run(config(case, orders=source, surveys=None), months="2026-04")
        assert "hunter2" not in str(raised.value)
