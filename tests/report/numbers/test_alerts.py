"""Alerts: what a condition may say, when it trips, and what a scheduler sees."""

import json
from math import nan

import pytest
from click.testing import CliRunner
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit.cli import main
from retention_kit.errors import ConfigError
from retention_kit.report import Config
from retention_kit.report.language import ENGLISH
from retention_kit.report.numbers.alerts import _limit, check
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.settings.alert_settings import Alert, faults

RATE = Measure("churn_rate", "Churn rate", "rate", 0.10, 0.08, 0.13, {"previous": 0.12})
MONEY = Measure("revenue", "Revenue", "money", 90.0, before={"previous": 100.0})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"condition": "over 3"}, "condition must be like"),
        ({"condition": "< 1; import os"}, "condition must be like"),
        ({"condition": "< 1e9"}, "condition must be like"),
        ({"condition": "< 5 %"}, "condition must be like"),
        ({"condition": "== 3"}, "condition must be like"),
        ({"condition": "< \u0663"}, "condition must be like"),
        ({"condition": "< 3\n"}, "condition must be like"),
        ({"condition": 3}, "condition must be text, got 3"),
        ({"by": "country"}, "by can only be 'segment', got 'country'"),
        ({"on": "median"}, "on must be 'interval' or 'point', got 'median'"),
        ({"mail": ["a@example.com\nBcc: b@example.com"]}, "mail must be a list of addresses"),
        ({"mail": ["Ana"]}, "mail must be a list of addresses, got 'Ana'"),
        ({"mail": "a@example.com"}, "mail must be a list"),
        ({"send": True}, "send = true needs a webhook"),
        ({"abov": 3}, "unknown key abov"),
    ],
)
def test_a_wrong_alert_is_named_with_its_place(more, says):
    (fault,) = faults([{"metric": "nps", "condition": "< 3"} | more])
    assert fault.startswith("alerts 1: ")
    assert says in fault


def test_a_url_in_place_of_a_variable_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="webhook must be env:NAME") as raised:
        Config(alerts=[{"metric": "nps", "condition": "< 3", "webhook": "https://hooks.example/sesame"}])
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    ("number", "condition", "on", "tripped"),
    [
        (RATE, "> 0.07", "interval", True),
        (RATE, "> 0.08", "interval", False),
        (RATE, ">= 0.08", "interval", True),
        (RATE, "> 0.09", "interval", False),
        (RATE, "> 0.09", "point", True),
        (RATE, "< 0.13", "interval", False),
        (RATE, "<= 0.13", "interval", True),
        (RATE, "change < -0.01", "interval", False),
        (RATE, "change < -0.01", "point", True),
        (MONEY, "< 100", "interval", True),
        (MONEY, "change < -0.05", "interval", True),
        (MONEY, "change < -0.1", "interval", False),
        (Measure("nps", "NPS", "score", -5.0), "< 0", "interval", True),
        (Measure("nps", "NPS", "score", 0.0), "< 0", "interval", False),
        (Measure("nps", "NPS", "score", 0.0, nan, 3.0), ">= -0.5", "interval", True),
        (Measure("revenue", "Revenue", "money", -50.0, before={"previous": -100.0}), "change > 0.4", "interval", True),
    ],
)
def test_an_alert_trips_by_the_whole_interval_unless_the_point_is_asked_for(number, condition, on, tripped):
    assert check(Alert(number.name, condition, on=on), [number]).tripped is tripped


@pytest.mark.parametrize(
    ("numbers", "condition", "says"),
    [
        ([], "> 1", "churn_rate is not among the numbers of this month."),
        ([Measure("churn_rate", "Churn", "rate", nan)], "> 1", "churn_rate is not known this month."),
        ([Measure("churn_rate", "Churn", "rate", 0.2)], "change > 1", "no earlier value"),
        ([Measure("churn_rate", "Churn", "count", 2.0, before={"previous": 0.0})], "change > 1", "no earlier value"),
        ([RATE, RATE], "> 1", "choose one of them with page"),
    ],
)
def test_an_alert_that_cannot_be_checked_says_why(numbers, condition, says):
    made = check(Alert("churn_rate", condition), numbers).record()
    assert (made.state, made.tripped, made.value) == ("not checked", False, None)
    assert says in made.reason


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook(tmp_path / "own", "01_first", NUMBERS)
    orders_csv(tmp_path, country=["PL", "PL", "TW", "PL", "PL", "TW"])
    return tmp_path


def report(shop, alerts, *arguments):
    head = 'title = "<img src=x>"\nnotebooks = "own"\n[sources]\norders = "orders.csv"\n'
    (shop / "report.toml").write_text(head + alerts, encoding="utf-8")
    return CliRunner().invoke(main, ["report", "--config", "report.toml", "--month", "2026-04", *arguments])


def test_a_tripped_alert_exits_3_only_where_asked_and_stands_in_json_mail_and_index(shop):
    told = """[[alerts]]
metric = "churn_rate"
condition = "> 0.05"
mail = ["ana@example.com"]
webhook = "env:HOOK"
[[alerts]]
metric = "<script>"
condition = "> 1"
"""
    assert report(shop, told).exit_code == 0
    assert report(shop, told, "--fail-on-alert").exit_code == 3
    month = shop / "reports" / "2026-04"
    first, second = json.loads((month / "alerts.json").read_text(encoding="ascii"))["alerts"]
    assert (first["tripped"], second["state"]) == (True, "not checked")
    assert (month / "alert-mail.eml").is_file()
    assert json.loads((month / "alert-webhook.json").read_bytes())["alerts"] == [first]
    index = (month / "analyst.html").read_text(encoding="utf-8")
    assert "An alert has tripped" in index
    assert "&lt;script&gt; is not among the numbers" in index
    assert index.count("<script") == 1, "the one that sorts tables"
    before = (month / "alerts.json").read_bytes()
    report(shop, told, "--force")
    assert (month / "alerts.json").read_bytes() == before


def test_a_quiet_alert_exits_0(shop):
    assert report(shop, '[[alerts]]\nmetric = "churn_rate"\ncondition = "> 0.1"\n', "--fail-on-alert").exit_code == 0


def test_an_alert_by_segment_is_checked_in_each_and_shown_on_the_index_of_the_whole(shop):
    told = '[[alerts]]\nmetric = "churn_rate"\ncondition = "> 0.05"\nby = "segment"\n'
    assert report(shop, told, "--split-by", "country", "--fail-on-alert").exit_code == 3
    found = sorted((shop / "reports" / "2026-04").rglob("alerts.json"))
    rows = [row for path in found for row in json.loads(path.read_text(encoding="ascii"))["alerts"]]
    assert {row["segment"] for row in rows} == {None, "country = PL"}
    assert "2 alerts have tripped" in (shop / "reports" / "2026-04" / "analyst.html").read_text(encoding="utf-8")


def test_a_large_bound_is_written_as_it_was_given():
    assert _limit(1_234_567, "money", False, ENGLISH) == "1,234,567"
    assert _limit(0.07, "rate", False, ENGLISH) == "7\u00a0%"
