"""A report is made of the tables that were named, and of no others: the sample steps in only where nothing is named."""

import datetime as dt

import click.testing
import numpy as np
import pandas as pd
import pytest

from retention_kit import report
from retention_kit.cli import main
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.report.inputs import workspace
from retention_kit.report.settings.config import Config, Source


def subscriptions(folder, months=12):
    """120 subscribers of two plans from June 2025 on; a few leave each month."""
    rng = np.random.default_rng(7)
    started = pd.Timestamp("2025-06-01") + pd.to_timedelta(rng.integers(0, 30 * months, 120), unit="D")
    ended = started + pd.to_timedelta(rng.exponential(400, 120).astype(int) + 1, unit="D")
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(120)],
            "subscription_id": [f"s{i}" for i in range(120)],
            "started_at": started,
            "ended_at": pd.Series(ended).where(ended < pd.Timestamp("2026-05-29")),
            "mrr": rng.choice([10, 20, 30], 120),
            "plan": rng.choice(["Basic", "Pro"], 120),
        }
    )
    table.to_csv(folder / "subscriptions.csv", index=False)
    return folder / "subscriptions.csv"


def surveys(folder):
    """400 answers of five months, by customers of two channels."""
    rng = np.random.default_rng(8)
    table = pd.DataFrame(
        {
            "answered_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 150, 400), unit="D"),
            "kind": "nps",
            "score": rng.integers(0, 11, 400),
            "customer_id": rng.permutation([f"c{i}" for i in range(400)]),
            "channel": rng.choice(["web", "app"], 400),
            "comment": "fine",
        }
    )
    table.to_csv(folder / "surveys.csv", index=False)
    return folder / "surveys.csv"


def visits(folder):
    """A hundred visitors a day."""
    days = pd.date_range("2026-01-01", "2026-05-31")
    pd.DataFrame({"day": days, "visitors": 100, "conversions": 3}).to_csv(folder / "visits.csv", index=False)
    return folder / "visits.csv"


def pages(month):
    return sorted(path.name for path in month.index.parent.glob("*.html"))


def test_nothing_named_is_the_sample_and_anything_named_is_not():
    assert list(report.Config().sources) == ["orders", "surveys"]
    for name in ("subscriptions", "surveys", "visits", "order_lines"):
        assert list(report.Config(**{name: "data.csv"}).sources) == [name]
    assert report.Config(orders="cdnow").sources["surveys"].where == "cdnow_surveys"
    assert list(report.Config(surveys=Source("answers.csv"), visits="visits.csv").sources) == ["surveys", "visits"]


def test_a_report_toml_without_orders_brings_no_sample(tmp_path):
    (tmp_path / "report.toml").write_text('title = "Box"\n[sources]\nsubscriptions = "subscriptions.csv"\n')
    assert list(report.read_config(tmp_path / "report.toml").sources) == ["subscriptions"]


def test_headers_of_orders_without_orders_are_refused():
    with pytest.raises(ConfigError, match="columns are headers of the orders, and no orders are named"):
        report.Config(surveys="answers.csv", columns={"customer_id": "Client"})


@pytest.mark.parametrize(
    ("name", "write", "page", "absent"),
    [("subscriptions", subscriptions, "06_subscriptions.html", "NPS needs surveys"),
     ("surveys", surveys, "05_nps.html", "Subscriptions needs subscriptions")],
)  # fmt: skip
def test_one_table_alone_makes_its_page_and_names_the_others_once(tmp_path, name, write, page, absent):
    alerts = [{"metric": "revenue", "condition": "> 5"}]
    options = {name: write(tmp_path), "actions": {"holdout": 0.1}, "alerts": alerts, "targets": [
        {"metric": "retention_rate", "value": 0.5}]}  # fmt: skip
    config = report.Config(output=tmp_path / "reports", **options)
    first, second = report.run(config, months=["2026-04", "2026-05"])
    for month in (first, second):
        assert month.failures == {}
        assert pages(month) == [page, "analyst.html", "index.html"]
    index = second.index.with_name("analyst.html").read_text(encoding="utf-8")
    needs = "Data quality, Overview, Cohorts, RFM segments, Lifetime value, and Forecast need orders"
    assert index.count("Not in this report") == 1
    assert needs in index
    assert absent in index
    assert "CDNOW" not in index
    assert "cdnow" not in index
    assert "Not made: it needs orders" in index
    assert "2026-04" in (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")


def test_the_command_takes_subscriptions_alone_and_ends_with_status_0(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subscriptions(tmp_path)
    command = ["report", "--month", "2026-05", "--subscriptions", "subscriptions.csv"]
    outcome = click.testing.CliRunner().invoke(main, command)
    assert outcome.exit_code == 0, outcome.output
    assert (tmp_path / "reports" / "2026-05" / "06_subscriptions.html").is_file()


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "needs paid subscriptions, of which there are none up to March 2026"),
        ("pl", "wymaga tabel: płatne subskrypcje; do miesiąca marzec 2026 włącznie nie ma w\u00a0nich danych"),
    ],
)
def test_a_ledger_of_trials_alone_says_that_nobody_pays(tmp_path, language, says):
    rows = [f"c{i},s{i},2026-0{1 + i % 6}-05,2026-0{1 + i % 6}-19,0,trial" for i in range(12)]
    header = "customer_id,subscription_id,started_at,ended_at,mrr,plan"
    (tmp_path / "trials.csv").write_text("\n".join([header, *rows]))
    config = report.Config(subscriptions=tmp_path / "trials.csv", output=tmp_path / "reports", language=language)
    (month,) = report.run(config, months="2026-03")
    assert month.failures == {}
    assert pages(month) == ["analyst.html", "index.html"]
    assert says in month.index.with_name("analyst.html").read_text(encoding="utf-8")


def test_visits_alone_are_refused_with_one_sentence(tmp_path):
    config = report.Config(visits=visits(tmp_path), output=tmp_path / "reports")
    with pytest.raises(ConfigError, match=r"No page can be made from visits \(00_data_quality: it needs orders;"):
        report.run(config, months="2026-05")
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("name", "write", "month", "says"),
    [
        ("surveys", surveys, "2027-05", "No surveys in 2027-05: the data have surveys from 2026-01-01 to 2026-05-30."),
        ("subscriptions", subscriptions, "2025-05", "No subscriptions in 2025-05: the data have subscriptions from"),
        ("subscriptions", subscriptions, "2028-05", "No subscriptions in 2028-05: the data have subscriptions from"),
    ],
)
def test_a_month_without_data_is_refused_with_the_range_of_the_own_data(tmp_path, name, write, month, says):
    config = report.Config(output=tmp_path / "reports", **{name: write(tmp_path)})
    with pytest.raises(ConfigError, match=says.replace(".", r"\.")):
        report.run(config, months=month)


def test_a_split_without_orders_is_refused_with_a_sentence(tmp_path):
    config = report.Config(output=tmp_path / "reports", surveys=surveys(tmp_path), split_by="channel")
    with pytest.raises(ConfigError, match="A report is split by a column of the orders, and no orders are named"):
        report.run(config, months="2026-05")


def ledger(rows):
    import ibis

    frame = pd.DataFrame(rows, columns=["started_at", "ended_at"])
    return ibis.memtable(frame.apply(pd.to_datetime).astype("datetime64[us]"))


def test_a_quiet_month_in_which_a_subscription_runs_can_be_reported_for_a_year():
    first, last, months = workspace.span(
        {"subscriptions": ledger([("2025-03-05", None), ("2025-04-01", "2025-09-03")])}
    )
    assert (first, last) == (dt.date(2025, 3, 5), dt.date(2025, 9, 3))
    assert min(months) == "2025-03"
    assert max(months) == "2026-09"
    assert len(months) == 19


def test_where_every_subscription_has_ended_the_last_end_is_the_last_month():
    _, _, months = workspace.span({"subscriptions": ledger([("2025-03-05", "2025-06-02")])})
    assert sorted(months) == ["2025-03", "2025-04", "2025-05", "2025-06"]


def test_orders_alone_decide_which_months_there_are_where_they_are_named():
    import ibis

    days = pd.to_datetime(["2025-01-05", "2025-03-07"])
    orders = ibis.memtable(pd.DataFrame({"ordered_at": days, "amount": [5.0, 7.0]}))
    _, last, months = workspace.span({"orders": orders, "subscriptions": ledger([("2024-03-05", None)])})
    assert (last, sorted(months)) == (dt.date(2025, 3, 7), ["2025-01", "2025-03"])


def test_a_table_of_headers_alone_leaves_out_its_page_and_nothing_else(tmp_path):
    headers = tmp_path / "surveys.csv"
    headers.write_text("customer_id,answered_at,kind,score\n")
    config = report.Config(subscriptions=subscriptions(tmp_path), surveys=headers, output=tmp_path / "reports")
    with pytest.warns(RetentionKitWarning, match="hold headers but no rows; their pages are left out"):
        (month,) = report.run(config, months=["2026-05"])
    assert month.failures == {}
    assert pages(month) == ["06_subscriptions.html", "analyst.html", "index.html"]
    index = month.index.with_name("analyst.html").read_text(encoding="utf-8")
    assert "NPS needs nps surveys, of which there are none up to May 2026" in index, index[
        index.find("Not in this report") :
    ][:300]


@pytest.mark.parametrize("names", [("surveys",), ("surveys", "subscriptions"), ("orders", "surveys")])
def test_headers_alone_are_refused_where_nothing_else_can_be_reported(tmp_path, names):
    heads = {"surveys": "answered_at,kind,score", "orders": "customer_id,ordered_at,amount"}
    heads["subscriptions"] = "customer_id,subscription_id,started_at,ended_at,mrr"
    for name in names:
        (tmp_path / f"{name}.csv").write_text(heads[name] + "\n")
    config = report.Config(**{name: tmp_path / f"{name}.csv" for name in names}, output=tmp_path / "reports")
    with pytest.raises(DataError, match="holds headers but no rows"):
        report.run(config, months=["2026-05"])


def test_a_table_without_rows_is_an_error_that_names_it():
    with pytest.raises(DataError, match="subscriptions: no row could be kept"):
        workspace.span({"subscriptions": ledger([])})


def test_a_stray_order_of_the_future_does_not_silence_that_a_month_is_not_complete(tmp_path):

    days = [*pd.date_range("2026-03-01", "2026-04-15"), pd.Timestamp("2062-04-16")]
    log = pd.DataFrame({"customer_id": [f"c{n % 9}" for n in range(len(days))], "ordered_at": days, "amount": 5.0})
    log.to_csv(tmp_path / "orders.csv", index=False)
    config = Config(orders=tmp_path / "orders.csv", only=("data_quality",), output=tmp_path / "out")
    march, april = report.run(config, months=["2026-03", "2026-04"])
    says = "data is from 15 April 2026, except for one or two that are dated much later, up to 16 April 2062"
    assert says in april.index.with_name("analyst.html").read_text(encoding="utf-8")
    assert "is not complete" not in march.index.with_name("analyst.html").read_text(encoding="utf-8")
