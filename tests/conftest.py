"""Fixtures for every test: the engines."""

import engines
import ibis
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """With ``--dist loadgroup`` a file stays in one process, and all tests of Spark in one: a Java machine takes half a
    processor minute to start and to warm up, and is needed once."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        on_spark = "spark_engine" in getattr(item, "fixturenames", ()) or parameters.get("engine") == "spark"
        item.add_marker(pytest.mark.xdist_group("spark" if on_spark else item.nodeid.partition("::")[0]))


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
