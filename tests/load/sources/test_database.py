"""Databases by URL, secrets that stay secret."""

import sqlite3

import duckdb
import ibis
import pytest

from retention_kit import load
from retention_kit.errors import ConfigError, DataError

ROWS = (
    "INSERT INTO shop VALUES ('ann', '2024-05-01 10:00:00', 10.05), ('ben', '2024-05-02', 2.5), (NULL, '2024-05-03', 1)"
)


def amounts(data):
    return sorted(data.to_pandas()["amount"].tolist())


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE shop (customer_id TEXT, ordered_at TEXT, amount MONEY)")
        connection.execute(ROWS)
    return f"sqlite:///{path}"


@pytest.fixture
def duck(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE shop (customer_id TEXT, ordered_at TIMESTAMP, amount DECIMAL(10, 2))")
        connection.execute(ROWS)
    return f"duckdb://{path}"


@pytest.fixture
def postgres(postgres_engine):
    postgres_engine.connection.raw_sql("DROP TABLE IF EXISTS shop").close()
    create = "CREATE TABLE shop (customer_id TEXT, ordered_at TIMESTAMP, amount NUMERIC(10, 2))"
    for statement in (create, ROWS):
        postgres_engine.connection.raw_sql(statement).close()
    return postgres_engine.url


@pytest.mark.parametrize("database", ["sqlite", "duck", "postgres"])
@pytest.mark.parametrize("query", ["shop", "SELECT * FROM shop WHERE amount > 2"])
def test_a_table_or_a_query_is_read_through_a_url(request, monkeypatch, database, query):
    monkeypatch.setenv("SHOP_DB_URL", request.getfixturevalue(database))
    data = load.orders("env:SHOP_DB_URL", query=query)
    assert amounts(data) == [2.5, 10.05]
    assert data.source.rows_refused == (1 if query == "shop" else 0)
    assert data.source.query == query
    assert data.source.name.startswith("env:SHOP_DB_URL")


@pytest.mark.usefixtures("postgres")
def test_an_open_connection_takes_a_table_or_a_query(postgres_engine):
    assert amounts(load.orders("shop", connection=postgres_engine.connection)) == [2.5, 10.05]
    data = load.orders("SELECT * FROM shop WHERE customer_id = 'ann'", connection=postgres_engine.connection)
    assert amounts(data) == [10.05]


def test_a_password_is_never_shown(monkeypatch, tmp_path, postgres):
    assert "not-a-secret" in postgres
    monkeypatch.setenv("SHOP_DB_URL", postgres)
    data = load.orders("env:SHOP_DB_URL", query="shop")
    folder = data.save(tmp_path)
    written = "".join(p.read_text() for p in folder.glob("*.json"))
    for shown in (repr(data), str(data.source), written, str(data.refused)):
        assert "not-a-secret" not in shown


def test_errors_of_a_database_keep_its_secrets(monkeypatch, postgres):
    broken = postgres.replace("/postgres", "/no_such_database")
    monkeypatch.setenv("SHOP_DB_URL", broken)
    with pytest.raises(DataError) as caught:
        load.orders("env:SHOP_DB_URL", query="shop")
    assert "env:SHOP_DB_URL: no connection" in str(caught.value)
    assert "not-a-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_url_that_holds_a_password_is_refused(postgres):
    with pytest.raises(ConfigError, match="give 'env:ITS_NAME'") as caught:
        load.orders(postgres, query="shop")
    assert "not-a-secret" not in str(caught.value)


def test_faults_of_databases_say_what_to_do(monkeypatch, duck, sqlite, tmp_path):
    with pytest.raises(ConfigError, match="NOT_SET_ANYWHERE is not set"):
        load.orders("env:NOT_SET_ANYWHERE", query="shop")
    monkeypatch.setenv("NOT_A_URL", "secret words")
    with pytest.raises(ConfigError, match="holds no URL") as caught:
        load.orders("env:NOT_A_URL", query="shop")
    assert "secret words" not in str(caught.value)
    with pytest.raises(ConfigError, match="pass query="):
        load.orders(duck)
    with pytest.raises(DataError, match="tables are shop"):
        load.orders(duck, query="shops")
    with pytest.raises(DataError, match="'shops' cannot be read"):
        load.orders(sqlite, query="shops")
    with pytest.raises(DataError, match="there is no file"):
        load.orders(f"sqlite:///{tmp_path}/none.sqlite", query="shop")
    with pytest.raises(DataError, match="cannot be read"):
        load.orders(duck, query="SELECT nothing FROM shop")


def test_a_connection_whose_engine_cannot_apply_the_rules_hands_over_its_rows(sqlite):
    connection = ibis.sqlite.connect(sqlite.removeprefix("sqlite:///"))
    for data in (load.orders("shop", connection=connection), load.orders(connection.table("shop"))):
        assert amounts(data) == [2.5, 10.05]
        assert data.refused["rule"].tolist() == ["missing_customer_id"]
        assert "rows were copied out of sqlite" in data.source.assumptions


def test_queries_may_end_in_a_semicolon_and_columns_may_have_any_name(sqlite):
    with sqlite3.connect(sqlite.removeprefix("sqlite:///")) as connection:
        connection.execute("""ALTER TABLE shop ADD COLUMN "the ""odd"" one" TEXT""")
    assert amounts(load.orders(sqlite, query="SELECT * FROM shop;")) == [2.5, 10.05]


def test_a_file_on_the_web_is_not_taken_for_a_database():
    with pytest.raises(ConfigError, match="download it"):
        load.orders("https://example.com/orders.csv?sig=abc")
