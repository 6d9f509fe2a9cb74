"""PostgreSQL in a transaction whose data do not change: what any notebook of a run has asked is not asked again.

psycopg is needed, which a run without PostgreSQL need not have: the module is imported where a pointer is opened.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from filelock import FileLock
from ibis.backends.postgres import Backend

from retention_kit.errors import DataError

_LOST: Final = "a statement failed before, so this session does not see the rows of the run any more; start it again"


class AskedOnce(Backend):  # type: ignore[misc]
    """A connection that keeps the answers to its queries in the private folder of the run.

    A query that names a temporary table is one of its session alone, and so is the answer: Ibis gives these tables
    names that no other has.
    """

    folder: Path | None = None
    _ended: bool = False
    """Whether a failed statement has ended the transaction, after which queries would see other rows."""

    def raw_sql(self, query: Any, **kwargs: Any) -> Any:
        """Send a statement; after one that failed nothing more is asked, because Ibis has ended the transaction."""
        self._require_open()
        try:
            return super().raw_sql(query, **kwargs)
        except Exception:
            self._ended = True
            raise

    def execute(self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """The answer to a query; that of a table is kept."""
        self._require_open()
        if self.folder is None or params or not isinstance(expr, ir.Table):
            return super().execute(expr, params=params, limit=limit, **kwargs)
        query = self.compile(expr, limit=limit)
        path = self.folder / f"{hashlib.sha256(f'{query}{expr.schema()}'.encode()).hexdigest()[:32]}.parquet"
        if not path.exists():
            with FileLock(path.with_suffix(".lock")):
                if not path.exists():
                    frame = super().execute(expr, limit=limit, **kwargs)
                    _keep(frame, path)
                    return frame
        return pd.read_parquet(path)

    def to_pyarrow_batches(self, expr: Any, /, **kwargs: Any) -> Any:
        """The answer to a query, in pieces."""
        self._require_open()
        return super().to_pyarrow_batches(expr, **kwargs)

    def _require_open(self) -> None:
        if self._ended:
            raise DataError(_LOST)

    def put(self, frame: pd.DataFrame) -> ir.Table:
        """The numbers of a DataFrame as a temporary table of this session; Ibis would insert them row by row."""
        name = ibis.util.gen_name("numbers")
        types = {column: "bigint" if kind.kind in "iu" else "double precision" for column, kind in frame.dtypes.items()}
        columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self.raw_sql(f'CREATE TEMP TABLE "{name}" ({columns})').close()
        with self.con.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as copy:
            copy.write(frame.to_csv(index=False, header=False))
        self.raw_sql(f'ANALYZE "{name}"').close()
        return self.sql(f'SELECT * FROM "{name}"', schema=ibis.memtable(frame).schema())


def _keep(frame: pd.DataFrame, path: Path) -> None:
    """Write a table, if it can be read again exactly as it is."""
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
        unfinished = Path(folder, "answer")
        try:
            frame.to_parquet(unfinished)
            pd.testing.assert_frame_equal(pd.read_parquet(unfinished), frame, check_exact=True)
        except (AssertionError, pa.ArrowException):
            return
        os.replace(unfinished, path)
