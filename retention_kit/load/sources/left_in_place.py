"""Tables that a run leaves in PostgreSQL: the run's private folder holds a pointer that its notebooks open.

A pointer holds the name of the environment variable with the address, never the address; the query that gives the rows
which were kept, with its columns; and the snapshot that the run keeps open, so that every notebook sees the same rows.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from retention_kit.errors import DataError
from retention_kit.load.sources import database, snapshots

_ASKED: Final = "asked"
"""Folder of the answers of the server, in the private folder of a run."""


@dataclass(frozen=True)
class Pointer:
    """Where the rows of a table are."""

    address: str
    query: str
    columns: Mapping[str, str]
    snapshot: str

    def open(self, folder: Path) -> ir.Table:
        """The table, in a session that sees what the run saw; tables of one thread share their session."""
        connection = _session(self.address, self.snapshot, folder / _ASKED, threading.get_ident())
        return connection.sql(self.query, schema={name: ibis.dtype(kind) for name, kind in self.columns.items()})


@functools.cache
def _session(address: str, snapshot: str, asked: Path, thread: int) -> Any:  # noqa: ARG001
    from retention_kit.load.sources.asked_once import AskedOnce

    connection: Any = database.connected(address, shared=False)
    try:
        snapshots.begin(connection, snapshot)
    except Exception as fault:
        why = str(fault).partition("\n")[0]
        raise DataError(f"{address}: what this run has seen cannot be seen any more ({why})") from None
    session = AskedOnce.from_connection(connection.con)
    session.folder = asked
    return session


def leave(table: ir.Table, address: str, folder: Path, name: str) -> None:
    """Write the pointer to a table of a connection that is held, and beside it what identifies its rows."""
    connection = table.get_backend()
    query = str(ibis.to_sql(table))
    columns = {column: str(kind) for column, kind in table.schema().items()}
    (folder / _ASKED).mkdir(mode=0o700, exist_ok=True)
    pointer = Pointer(address, query, columns, snapshots.exported(connection))
    (folder / f"{name}.pointer").write_text(json.dumps(asdict(pointer)), encoding="utf-8")
    rows = json.dumps({"rows_kept": _identity(connection, query)})
    (folder / f"{name}.rows.json").write_text(rows, encoding="utf-8")


def _identity(connection: ibis.BaseBackend, query: str) -> str:
    """A hash of all rows in any order, which the server computes."""
    sums = ", ".join(f"sum(hashtextextended(kept::text, {seed})::numeric)" for seed in (0, 1))
    counts = snapshots.row_of(connection, f"SELECT count(*), {sums} FROM ({query}) AS kept")
    return hashlib.sha256(repr([str(value) for value in counts]).encode()).hexdigest()


def obstacle(table: ir.Table, where: object) -> str:
    """Why a table cannot be left where it is; empty if it can."""
    if not (isinstance(where, str) and where.startswith("env:")):
        return "its address is not in an environment variable (env:NAME)"
    if table.get_backend().name != "postgres":
        return "it is not in PostgreSQL"
    if table.op().find(ops.InMemoryTable):
        return "its rows are combined with another table, of rates or of accounts"
    return ""


def server_of(table: ir.Table) -> str:
    """The server of a table and its version, as in "PostgreSQL 15.6"."""
    (version,) = snapshots.row_of(table.get_backend(), "SHOW server_version")
    return f"PostgreSQL {str(version).split()[0]}"


def is_left(folder: Path, name: str) -> bool:
    """Whether the folder has a pointer to this table."""
    return (folder / f"{name}.pointer").is_file()


def rows(folder: Path, name: str) -> ir.Table:
    """The table to which the pointer in this folder leads."""
    return Pointer(**json.loads((folder / f"{name}.pointer").read_text(encoding="utf-8"))).open(folder)
