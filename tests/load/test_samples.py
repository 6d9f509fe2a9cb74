"""The data that come with the package."""

import subprocess
import sys

import pytest

from retention_kit import load, schema
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
