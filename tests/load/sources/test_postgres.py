"""Types of PostgreSQL that Ibis takes for others, and moments that never come.

Seen with PostgreSQL 15.18, psycopg 3.3.9 and Ibis 12.0.0: an ENUM and a citext are a string for Ibis, money is a
decimal, a domain is unknown; psycopg cannot hand over an infinite timestamp.
"""

import contextlib

import pytest

from retention_kit import load, summarise
from retention_kit.errors import DataError
from retention_kit.load.sources.engine import readable


@pytest.fixture(scope="module")
def database(postgres_engine):
    """A connection and a way to run statements."""

    def run(statement):
        with contextlib.closing(postgres_engine.connection.raw_sql(statement)):
            pass

    run("CREATE EXTENSION IF NOT EXISTS citext")
    run("CREATE TYPE st AS ENUM ('active', 'canceled')")
    run("CREATE DOMAIN price AS numeric(10, 2)")
    run("CREATE DOMAIN address AS text")
    return postgres_engine.connection, run


def test_an_enum_is_text_as_status(database):
    connection, run = database
    run(
        "CREATE TABLE s2 (customer_id int, subscription_id int, started_at date, ended_at timestamp, "
        "mrr numeric(10, 2), status st)"
    )
    run("INSERT INTO s2 VALUES (1, 1, '2024-01-01', NULL, 10, 'active'), (2, 2, '2024-01-01', '2024-02-01', 5, NULL)")
    data = load.subscriptions(connection.table("s2"))
    assert data.to_pandas()["status"].fillna("").tolist() == ["active", ""]


@pytest.mark.parametrize("kind", ["st", "citext", "address", "char(10)", "name", "text[]", "uuid", "jsonb"])
def test_a_dimension_of_any_type_can_split_the_periods(database, kind):
    value = {"text[]": "{active}", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "jsonb": '"active"'}
    connection, run = database
    run("DROP TABLE IF EXISTS o1")
    run(f"CREATE TABLE o1 (customer_id text, ordered_at timestamp, amount numeric, channel {kind})")
    run(f"INSERT INTO o1 VALUES ('a', '2024-05-01', 1, '{value.get(kind, 'active')}'), ('b', '2024-05-02', 2, NULL)")
    if kind in ("text[]", "uuid", "jsonb"):
        assert load.orders(connection.table("o1")).source.rows_kept == 2
        return
    for orders in (load.orders(connection.table("o1")), connection.table("o1")):
        periods = summarise.periods(orders, as_of="2024-05-31", by="channel")
        assert sorted(periods["channel"].str.strip().unique()) == ["(none)", "active"]


def test_a_column_is_read_again_after_its_type_changed_on_the_same_connection(database):
    connection, run = database
    run("CREATE TABLE retyped (customer_id text, ordered_at timestamp, amount numeric, channel text)")
    run("INSERT INTO retyped VALUES ('a', '2024-05-01', 1, '7')")
    for _ in range(6):  # psycopg prepares a query that it has sent five times
        load.orders(connection.table("retyped"))
    run("ALTER TABLE retyped ALTER COLUMN channel TYPE int USING channel::int")
    assert load.orders(connection.table("retyped")).to_pandas()["channel"].tolist() == [7]


def test_a_query_that_the_connection_prepared_for_other_types_says_to_connect_again():
    psycopg = pytest.importorskip("psycopg")
    with (
        pytest.raises(DataError, match=r"another type than .* open a new connection"),
        readable("t"),
    ):
        raise psycopg.errors.FeatureNotSupported("cached plan must not change result type")


def test_an_enum_splits_cohorts_too(database):
    connection, run = database
    run("CREATE TABLE split_by_enum (customer_id text, ordered_at timestamp, amount numeric, channel st)")
    run("INSERT INTO split_by_enum VALUES ('a', '2024-05-01', 1, 'active'), ('b', '2024-05-02', 2, NULL)")
    cohorts = summarise.cohorts(load.orders(connection.table("split_by_enum")), as_of="2024-05-31", by="channel")
    assert sorted(cohorts["channel"].unique()) == ["(none)", "active"]


@pytest.mark.parametrize("kind", ["money", "price", "numeric", "double precision"])
def test_money_is_read_exactly(database, kind):
    connection, run = database
    run("DROP TABLE IF EXISTS o2")
    run(f"CREATE TABLE o2 (customer_id text, ordered_at date, amount {kind})")
    run("INSERT INTO o2 VALUES ('a', '2024-05-01', 1234.5), ('a', '2024-05-02', -0.05), ('b', '2024-05-02', NULL)")
    data = load.orders(connection.table("o2"))
    assert [str(amount) for amount in data.table.amount.to_pandas()] == ["1234.5000", "-0.0500"]
    assert data.refused["rule"].tolist() == ["missing_amount"]


@pytest.mark.parametrize("kind", ["uuid", "citext", "address", "bigint"])
def test_ids_of_any_type_are_text(database, kind):
    value = {"uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "bigint": "9007199254740993"}
    connection, run = database
    run("DROP TABLE IF EXISTS o3")
    run(f"CREATE TABLE o3 (customer_id {kind}, ordered_at timestamptz, amount int)")
    run(f"INSERT INTO o3 VALUES ('{value.get(kind, 'Ann')}', '2024-05-01', 1)")
    assert load.orders(connection.table("o3"), timezone="UTC").to_pandas()["customer_id"].tolist() == [
        value.get(kind, "Ann")
    ]


SUBSCRIPTIONS = """INSERT INTO s1 VALUES
    (1, 1, '2024-01-01', 'infinity', 10, 'infinity'), (2, 2, '2024-01-15', '2024-02-10', 20, '2024-01-01'),
    (3, 3, '2024-02-15', NULL, 30, NULL), (4, 4, '-infinity', NULL, 5, NULL), (5, 5, '2024-01-01', '-infinity', 5, NULL)
"""


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz", "date"])
def test_an_end_of_infinity_is_empty_and_any_other_infinite_moment_refuses_its_row(database, kind, tmp_path):
    connection, run = database
    run("DROP TABLE IF EXISTS s1")
    run(
        f"CREATE TABLE s1 (customer_id int, subscription_id int, started_at {kind}, ended_at {kind}, mrr int, "
        f"valid_until {kind})"
    )
    run(SUBSCRIPTIONS)
    data = load.subscriptions(connection.table("s1"), timezone="UTC")
    assert sorted(data.refused["rule"]) == ["endless_ended_at", "endless_started_at"]
    assert "is '-infinity', which is no moment" in data.refused["reason"][0]
    frame = load.subscriptions(data.save(tmp_path)).to_pandas().set_index("customer_id")
    assert frame["ended_at"].isna().to_dict() == {"1": True, "2": False, "3": True}
    assert frame["valid_until"].isna().to_dict() == {"1": True, "2": False, "3": True}
    assert summarise.periods(data, as_of="2024-03-31")["end"].tolist() == [2, 2, 2]
    note = "valid_until: infinity, where PostgreSQL has it, is empty in the result"
    assert note in data.source.assumptions


def test_an_infinite_order_is_a_refused_row_on_postgres_and_duckdb(database, duckdb_engine):
    connection, run = database
    run("CREATE TABLE o4 (customer_id text, ordered_at timestamp, amount int)")
    run("INSERT INTO o4 VALUES ('a', 'infinity', 1), ('a', '2024-05-01', 1), ('b', '9999-12-31', 1)")
    duckdb_engine.connection.raw_sql(
        "CREATE OR REPLACE TABLE o4 AS SELECT * FROM (VALUES ('a', TIMESTAMP 'infinity', 1), "
        "('a', TIMESTAMP '2024-05-01', 1), ('b', TIMESTAMP '9999-12-31', 1)) AS t(customer_id, ordered_at, amount)"
    )
    for table in (connection.table("o4"), duckdb_engine.connection.table("o4")):
        data = load.orders(table)
        assert data.refused["rule"].tolist() == ["endless_ordered_at"]
        assert data.to_pandas()["ordered_at"].dt.year.tolist() == [2024, 9999]
