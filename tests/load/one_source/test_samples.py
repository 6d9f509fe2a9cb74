"""The data that come with the package."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from retention_kit import load, schema, summarise
from retention_kit.errors import ConfigError, DataError


def test_the_tenth_is_every_tenth_customer_of_the_whole_log():
    whole = load.sample("cdnow").to_pandas()
    tenth = load.sample("cdnow_sample").to_pandas()
    assert tenth["customer_id"].nunique() == 2_357
    assert set(tenth["customer_id"]) <= set(whole["customer_id"])
    ann = tenth["customer_id"].iloc[0]
    assert (
        tenth[tenth["customer_id"] == ann]["amount"].tolist() == whole[whole["customer_id"] == ann]["amount"].tolist()
    )


def test_answers_of_cdnow_belong_to_its_customers():
    answers = load.sample("cdnow_surveys").to_pandas()
    assert set(answers["customer_id"].dropna()) <= set(load.sample("cdnow").to_pandas()["customer_id"])


def test_the_wholesalers_purchases_and_refunds_are_those_of_each_year():
    # Summed by year over the columns orders, amount and refunds of the shipped table, where a day is not split yet.
    rows = load.sample("online_retail").table.to_pandas()
    year, bought = rows["ordered_at"].dt.year, rows["amount"] > 0
    assert bought.groupby(year).sum().to_dict() == {2009: 1_361, 2010: 16_189, 2011: 15_557}
    assert rows["invoices"].groupby(year).sum().to_dict() == {2009: 1_512, 2010: 18_325, 2011: 17_132}
    assert rows["amount"][bought].groupby(year).sum().to_dict() == {
        2009: Decimal("683504.01"),
        2010: Decimal("8374496.08"),
        2011: Decimal("8316804.16"),
    }
    assert (~bought).groupby(year).sum().to_dict() == {2009: 361, 2010: 3_956, 2011: 3_195}
    assert rows["amount"][~bought].groupby(year).sum().to_dict() == {
        2009: Decimal("-23378.91"),
        2010: Decimal("-470794.47"),
        2011: Decimal("-590639.60"),
    }


def test_days_on_which_the_wholesalers_customers_only_returned_something_are_no_purchases():
    orders = load.sample("online_retail")
    rows = orders.to_pandas()
    assert rows["customer_id"].nunique() == 5_939
    assert rows.loc[rows["amount"] > 0, "customer_id"].nunique() == 5_878
    customers = summarise.customers(orders, as_of="2011-12-09").to_pandas()
    assert len(customers) == 5_878
    assert (customers["frequency"] + 1).sum() == 33_107
    # Customer 12346: on 2011-01-18 an order of 77,183.60 and its cancellation, two rows of one day.
    once = rows[(rows["customer_id"] == "12346") & (rows["ordered_at"] == "2011-01-18")]
    assert once["amount"].tolist() == [77_183.6, -77_183.6]


def test_the_wholesalers_file_is_small():
    assert (Path(load.__file__).parent / "one_source" / "online_retail.parquet").stat().st_size < 250_000


@pytest.mark.parametrize("name", ["orders", "order_lines", "subscriptions", "surveys", "visits"])
def test_the_store_has_every_table_in_the_columns_of_the_schema(name):
    data = getattr(load.sample("store"), name)
    assert data.source.rows_refused == 0
    columns = schema.TABLES[name].columns
    types = {c.name: data.table.schema()[c.name] for c in columns if c.name in data.table.columns}
    assert {str(t).split("(")[0] for t in types.values()} <= {
        "string",
        "timestamp",
        "decimal",
        "float64",
        "int64",
        "date",
    }
    assert getattr(load, name)("store").source == data.source


def test_a_sample_that_lacks_a_table_says_so():
    with pytest.raises(DataError, match="has no surveys"):
        load.surveys("cdnow")
    with pytest.raises(DataError, match="has no orders"):
        load.orders("cdnow_surveys")
    with pytest.raises(DataError, match="has no surveys"):
        load.surveys("online_retail")
    with pytest.raises(ConfigError, match="samples are cdnow"):
        load.sample("cdnau")


def test_loading_imports_neither_lifetimes_nor_spark():
    code = (
        "import sys; from retention_kit import load; load.sample('cdnow_sample'); "
        "print('lifetimes' in sys.modules, 'pyspark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    assert done.stderr == ""
