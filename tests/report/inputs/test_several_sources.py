"""A report whose orders come from several sources: in report.toml, on the command line, on its pages."""

import json

import pytest
from click.testing import CliRunner
from report_cases import notebook

from retention_kit.cli import main
from retention_kit.errors import ConfigError
from retention_kit.report import Config, Source, read_config
from retention_kit.report.settings.source_names import parameter, published

SHOPIFY = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Refunded Amount
#1001,ann@shop.example,paid,EUR,25.00,2026-05-01 09:58:12 +0000,Tea,0.00
#1002,ben@shop.example,paid,EUR,40.00,2026-05-02 09:58:12 +0000,Desk,0.00
"""
STRIPE = """\
id,Created (UTC),Amount,Amount Refunded,Currency,Status,Customer Email,Description
ch_01,2026-05-01 09:58:00,25.00,0.00,eur,Paid,ann@shop.example,Order #1001
ch_02,2026-05-03 10:05:05,10.00,0.00,usd,Paid,cid@shop.example,Link
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    notebook(tmp_path / "own", "01_first", "pass", parameters="orders = 'cdnow'\nas_of = ''")
    (tmp_path / "shop.csv").write_text(SHOPIFY)
    (tmp_path / "paid.csv").write_text(STRIPE)
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-05-01,USD,0.90\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def toml(folder, text):
    (folder / "report.toml").write_text(text)
    return read_config(folder / "report.toml")


def test_tables_of_tables_and_lists_are_several_sources(tmp_path):
    config = toml(tmp_path, """
rates = "rates.csv"
[sources]
surveys = ["a.csv", "b.csv"]
[[sources.orders]]
from = "shop.csv"
name = "web shop"
[[sources.orders]]
from = "https://x.example/paid.csv?token=abc123"
preset = "stripe"
timezone = "UTC"
rates = "own.csv"
""")  # fmt: skip
    assert config.rates == tmp_path / "rates.csv"
    shop, paid = config.sources["orders"].parts
    assert shop == Source(str(tmp_path / "shop.csv"), options={"name": "web shop"}, written="shop.csv")
    assert paid.options == {"timezone": "UTC", "rates": str(tmp_path / "own.csv")}
    assert published(config.sources["orders"]) == "shop.csv, https://x.example/paid.csv?token=***"
    assert parameter(config.sources["surveys"]) == ["a.csv", "b.csv"]
    assert parameter(config.sources["orders"])[0] == {"where": "shop.csv", "name": "web shop"}


def test_faults_of_several_sources_are_one_error(tmp_path):
    with pytest.raises(ConfigError) as caught:
        toml(tmp_path, """
rates = 3
[sources]
surveys = []
visits = { from = "v.csv", timezone = "UTC" }
[[sources.orders]]
form = "shop.csv"
[[sources.orders]]
from = "paid.csv"
name = 3
""")  # fmt: skip
    message = str(caught.value)
    for fault in (
        "rates must be text, got 3",
        "sources.surveys is an empty list; name at least one source",
        "unknown key sources.visits.timezone",
        "unknown key sources.orders.form, did you mean from?",
        "sources.orders.name must be text, got 3",
    ):
        assert fault in message


def test_sources_in_python_are_a_list_of_paths_or_sources():
    config = Config(orders=["shop.csv", Source("paid.csv", preset="stripe")])
    assert [part.where for part in config.sources["orders"].parts] == ["shop.csv", "paid.csv"]
    assert sorted(config.sources) == ["orders"]


def test_the_command_takes_several_orders_and_rates_and_the_manifest_tells_of_each(folder):
    command = ["report", "--month", "2026-05", "--orders", "shop.csv", "--orders", "paid.csv", "--notebooks", "own"]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 2
    assert "amounts are in EUR" in refused.output
    result = CliRunner().invoke(main, [*command, "--currency", "EUR", "--rates", "rates.csv"])
    assert result.exit_code == 0, result.output
    month = folder / "reports" / "2026-05"
    orders = json.loads((month / "manifest.json").read_text())["inputs"]["orders"]
    assert (orders["name"], orders["rows_kept"], orders["rows_refused"]) == ("shop.csv, paid.csv", 3, 1)
    assert [(p["label"], p["name"], len(p["sha256"])) for p in orders["parts"]] == [
        ("shopify", "shop.csv", 64),
        ("stripe", "paid.csv", 64),
    ]
    index = (month / "analyst.html").read_text(encoding="utf-8")
    assert "paid.csv: 2 read = 1 kept + 1 refused" in index
    assert str(folder) not in index
    again = CliRunner().invoke(main, [*command, "--currency", "EUR", "--rates", "rates.csv"])
    assert "2026-05 is unchanged" in again.output
    (folder / "paid.csv").write_text(STRIPE.replace("Link", "Other link"))
    changed = CliRunner().invoke(main, [*command, "--currency", "EUR", "--rates", "rates.csv"])
    assert "unchanged" not in changed.output


def test_ids_of_every_source_are_hashed_in_kept_and_refused_rows(folder, monkeypatch):
    from retention_kit.report.inputs.workspace import opened

    monkeypatch.setenv("SHOP_SALT", "a long secret of this test")
    both = [folder / "shop.csv", folder / "paid.csv"]
    config = Config(
        orders=both, currency="EUR", rates=folder / "rates.csv", customer_ids="hashed", salt="env:SHOP_SALT"
    )
    with opened(config, folder / "private"):
        for path in (folder / "private").glob("*.parquet"):
            assert b"shop.example" not in path.read_bytes()
