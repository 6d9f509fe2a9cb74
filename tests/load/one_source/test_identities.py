"""Accounts of one person are one customer, in every table."""

import pandas as pd
import pytest
from engines import frame_of

from retention_kit import load, report, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning

PAIRS = pd.DataFrame(
    {"alias": ["ANN@old.example", "17\u3000", "x"], "customer_id": ["ann@new.example", "Ann@new.example", "y"]}
)
ORDERS = pd.DataFrame(
    {"customer_id": ["ann@new.example", "Ann@old.example", 17.0, "ben"], "ordered_at": "2024-05-01", "amount": 10}
)


def test_accounts_are_merged_and_counted():
    data = load.orders(ORDERS, identities=PAIRS)
    assert data.to_pandas()["customer_id"].tolist() == ["ann@new.example"] * 3 + ["ben"]
    assert "identities: 2 accounts (2 rows) count as the customers they belong to" in data.source.assumptions


def test_accounts_are_read_from_a_file(tmp_path):
    PAIRS.rename(columns={"alias": "Alias", "customer_id": "Customer ID"}).to_csv(tmp_path / "same.csv", index=False)
    assert load.orders(ORDERS, identities=tmp_path / "same.csv").to_pandas()["customer_id"].nunique() == 2


def test_answers_meet_the_orders_of_another_account():
    asked = pd.DataFrame({"answered_at": ["2024-04-30"], "kind": "nps", "score": 9, "customer_id": ["17"]})
    orders, answers = load.orders(ORDERS, identities=PAIRS), load.surveys(asked, identities=PAIRS)
    table = summarise.band_behaviour(answers, orders, as_of="2024-05-31", periods=1).set_index("band")
    assert table.loc["promoters", "revenue"] == 30


def test_subscriptions_are_merged_and_tables_without_customers_are_left():
    stretch = {"customer_id": "x", "subscription_id": "s", "started_at": "2024-05-01", "ended_at": "", "mrr": "9"}
    assert load.subscriptions(pd.DataFrame([stretch]), identities=PAIRS).to_pandas()["customer_id"].tolist() == ["y"]
    lines = pd.DataFrame({"order_id": ["x"], "product": ["tea"]})
    assert load.order_lines(lines, identities=PAIRS).to_pandas()["order_id"].tolist() == ["x"]


def test_contradictions_chains_and_empty_cells_are_one_error():
    pairs = pd.DataFrame({"alias": ["a", "a", "b", "c", None], "customer_id": ["b", "d", "c", "b", "e"]})
    with pytest.raises(DataError) as fault:
        load.orders(ORDERS, identities=pairs)
    said = str(fault.value)
    assert "1 rows lack an alias or a customer_id" in said
    assert "1 aliases lead to several customers (a → b and d)" in said
    assert "2 customers are aliases too, which makes a chain or a cycle (a → b → c; b → c → b; c → b → c)" in said
    with pytest.raises(DataError, match="identities need the columns alias, customer_id; missing: alias"):
        load.orders(ORDERS, identities=pairs.rename(columns={"alias": "from"}))


def test_an_alias_of_itself_changes_nothing_and_the_same_pair_twice_is_one():
    pairs = pd.DataFrame({"alias": ["ben", "17", "17"], "customer_id": ["ben", "ben", "ben"]})
    assert load.orders(ORDERS, identities=pairs).to_pandas()["customer_id"].tolist()[2:] == ["ben", "ben"]


def test_aliases_of_nobody_are_warned_about():
    pairs = pd.DataFrame({"alias": ["z"], "customer_id": ["ben"]})
    with pytest.warns(RetentionKitWarning, match="none of the 1 aliases is the id of a customer here"):
        load.orders(ORDERS, identities=pairs)


def test_a_sample_has_no_accounts_to_merge():
    with pytest.raises(ConfigError, match="identities cannot be applied: cdnow is a sample"):
        load.orders("cdnow", identities=PAIRS)


def test_accounts_are_merged_alike_on_every_engine(engine):
    rows = ORDERS.assign(customer_id=["ann@new.example", "Ann@old.example", "17", "ben"], amount=[1.0, 2.0, 3.0, 4.0])
    data = load.orders(engine.table(rows.assign(ordered_at=pd.Timestamp("2024-05-01"))), identities=PAIRS)
    assert frame_of(data.table, sort=["amount"])["customer_id"].tolist() == ["ann@new.example"] * 3 + ["ben"]


def test_a_report_names_the_accounts_once(tmp_path):
    (tmp_path / "report.toml").write_text('identities = "same.csv"\n[sources]\norders = "orders.csv"\n')
    assert report.read_config(tmp_path / "report.toml").identities == tmp_path / "same.csv"
    (tmp_path / "report.toml").write_text("identities = 3\n[sources]\norders = 'orders.csv'\n")
    with pytest.raises(ConfigError, match="identities must be text, got 3"):
        report.read_config(tmp_path / "report.toml")
