"""Engines to test on: DuckDB in the process, a PostgreSQL server and a Spark session of our own.

A server starts with the first test that asks for it and ends with the session. Where it cannot start, its tests are
skipped with the reason; with RETENTION_KIT_REQUIRE_ENGINES=1 they fail instead. Spark computes in one process; with
RETENTION_KIT_SPARK_MASTER="local-cluster[2,1,1024]" two executor processes compute, as on a cluster.
These leave their logs in the folder work of the installed pyspark.
"""

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

NAMES = ("duckdb", "postgres", "spark")
SPARK_MASTER = os.environ.get("RETENTION_KIT_SPARK_MASTER", "local[2]")


@dataclass
class Engine:
    """A connection, and a way to put a DataFrame there."""

    name: str
    connection: ibis.BaseBackend
    folder: Path
    url: str | None = None
    _numbers: itertools.count = field(default_factory=itertools.count)

    def table(self, frame, name=None):
        """A DataFrame or Arrow table as a table of this engine."""
        name = (
            name or f"rows_{next(self._numbers)}"
        )  # Ibis calls parts of its queries t0, t1 …, and Spark takes one for the other
        rows = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
        if self.name != "spark":
            return self.connection.create_table(name, rows, overwrite=True)
        path = self.folder / f"{name}.parquet"
        pq.write_table(rows, path)
        return self.connection.read_parquet(path, table_name=name)


def unavailable(reason):
    """Skip, or fail where every engine is required."""
    if os.environ.get("RETENTION_KIT_REQUIRE_ENGINES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _binaries():
    """The folder of PostgreSQL's server programs."""
    known = [Path(p).parent for p in [shutil.which("initdb")] if p]
    known += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in known if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgres():
    """A PostgreSQL server in a temporary folder; never as root."""
    binaries = _binaries()
    if binaries is None or importlib.util.find_spec("psycopg") is None:
        unavailable("PostgreSQL's server programs and psycopg are needed")
    with tempfile.TemporaryDirectory(prefix="retention_kit_pg_", ignore_cleanup_errors=True) as folder:
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)

        def run(program, *arguments):
            who = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
            subprocess.run(
                [binaries / program, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **who
            )

        data, port = f"{folder}/data", _free_port()
        run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c timezone=Asia/Tokyo"
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://tester:not-a-secret@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def spark():
    """A Spark session of this machine in a time zone that is nobody's default."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        unavailable("pyspark and Java 17 are needed")
    from pyspark.sql import SparkSession

    settings = {
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "Asia/Tokyo",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "ERROR",
        # the queries are small and many: to optimise their code takes longer than to run it
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.executor.memory": "1024m",
    }
    builder = SparkSession.builder.master(SPARK_MASTER).appName("retention_kit tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    with tempfile.TemporaryDirectory(prefix="retention_kit_spark_", ignore_cleanup_errors=True) as folder:
        session = builder.config("spark.sql.warehouse.dir", folder).getOrCreate()
        try:
            yield session
        finally:
            session.stop()


def frame_of(table, sort=None):
    """A table of any engine as a DataFrame that can be compared: plain types, fixed order."""
    exact = {c: table[c].cast("float64") for c, t in table.schema().items() if t.is_decimal()}
    frame = table.mutate(**exact).to_pandas() if exact else table.to_pandas()
    for column in frame:
        if isinstance(frame[column].dtype, pd.DatetimeTZDtype) or frame[column].dtype.kind == "M":
            frame[column] = frame[column].astype("datetime64[us]")
    return frame.sort_values(sort or list(frame), ignore_index=True)
