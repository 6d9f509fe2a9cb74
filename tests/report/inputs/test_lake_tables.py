"""A report of a table in a data lake: its path in report.toml and when a month is made again."""

import json

import lake_tables
import pandas as pd
import pytest
from report_cases import notebook

from retention_kit import load, report
from retention_kit.report import Source, read_config
from retention_kit.report.settings.source_names import published

LOADS = "from retention_kit import load\nassert load.orders(orders).source.version"
LOG = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "c", "c", "d"],
        "ordered_at": pd.to_datetime(
            ["2026-03-02", "2026-04-05", "2026-03-20", "2026-04-11", "2026-05-30", "2026-05-31"]
        ),
        "amount": [10.0, 12.5, 8.0, 30.0, 31.0, 5.0],
    }
)


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_month_is_made_again_when_the_table_has_another_version_and_only_then(kind, tmp_path):
    with getattr(lake_tables, kind)(tmp_path) as lake:
        source = lake.create("orders", LOG)
        notebook(tmp_path / "own", "01_first", LOADS)
        config = report.Config(orders=source, notebooks=tmp_path / "own", output=tmp_path / "reports")
        made = [report.run(config, months="2026-04")[0].made for _ in range(2)]
        manifest = json.loads((tmp_path / "reports" / "2026-04" / "manifest.json").read_text())
        lake.append("orders", LOG.head(1))
        made += [report.run(config, months="2026-04")[0].made for _ in range(2)]
    assert made == [True, False, True, False]
    assert manifest["inputs"]["orders"]["sha256"] is None
    assert {"delta": "of Delta table", "iceberg": "of Iceberg table"}[kind] in manifest["inputs"]["orders"]["version"]
    pages = [page.read_text() for page in (tmp_path / "reports" / "2026-04").glob("*.html")]
    assert any(load.orders(source).source.version in page for page in pages)


def test_a_path_in_report_toml_is_relative_to_its_folder_and_a_name_in_a_catalogue_is_none(tmp_path):
    (tmp_path / "report.toml").write_text(
        '[sources]\norders = "delta:lake/orders@v3"\nsurveys = "iceberg:shop.sales.surveys"\n'
        'visits = "delta:s3://lake/visits"\n'
    )
    sources = read_config(tmp_path / "report.toml").sources
    assert sources["orders"].where == f"delta:{tmp_path / 'lake' / 'orders@v3'}"
    assert published(sources["orders"]) == "delta:lake/orders@v3"
    assert sources["surveys"].where == "iceberg:shop.sales.surveys"
    assert sources["visits"].where == "delta:s3://lake/visits"


def test_a_password_in_the_address_of_a_table_is_not_published():
    assert published(Source("delta:s3://anna:secret@lake/orders")) == "delta:s3://anna:***@lake/orders"
    assert published(Source("delta:abfss://lake@x.example/orders?sig=abc123")).endswith("?sig=***")
