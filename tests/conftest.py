"""Fixtures for every test: the engines."""

import engines
import ibis
import pytest


@pytest.fixture(scope="session")
def duckdb_engine(tmp_path_factory):
    """DuckDB in this process, with a connection of its own."""
    connection = ibis.duckdb.connect()
    yield engines.Engine("duckdb", connection, tmp_path_factory.mktemp("duckdb"))
    connection.disconnect()


@pytest.fixture(scope="session")
def postgres_engine(tmp_path_factory):
    """PostgreSQL, started for this session."""
    with engines.postgres() as url:
        connection = ibis.connect(url)
        yield engines.Engine("postgres", connection, tmp_path_factory.mktemp("postgres"), url)
        connection.disconnect()


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory):
    """Apache Spark in local mode, one JVM for this session."""
    with engines.spark() as session:
        yield engines.Engine("spark", ibis.pyspark.connect(session), tmp_path_factory.mktemp("spark"))


@pytest.fixture(params=engines.NAMES)
def engine(request):
    """Each engine in turn."""
    return request.getfixturevalue(f"{request.param}_engine")


collect_ignore = ["installs"]  # scripts for environments with one of the two installs
