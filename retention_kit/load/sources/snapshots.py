"""Connections of a run to PostgreSQL, each in one transaction that sees the data as of one moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import ibis

from retention_kit.errors import DataError

_OPENED: Final[ContextVar[dict[str, ibis.BaseBackend] | None]] = ContextVar("connections of this run", default=None)
_SETTINGS: Final = ("idle_in_transaction_session_timeout = 0",)
"""Settings of a session that everybody may set: the run waits in its transaction while its notebooks compute."""


@dataclass(frozen=True)
class Held:
    """Connections that a run holds, by URL."""

    opened: dict[str, Any] = field(default_factory=dict, repr=False)

    @contextmanager
    def read_once(self) -> Iterator[None]:
        """Databases that are read meanwhile are connected to once each, and show their data as of that moment.

        Only PostgreSQL can do this; of other databases every query sees the data of its own time.
        """
        token = _OPENED.set(self.opened)
        try:
            yield
        finally:
            _OPENED.reset(token)

    def close(self) -> None:
        """End the transactions and close the connections."""
        while self.opened:
            self.opened.popitem()[1].disconnect()


@contextmanager
def held() -> Iterator[Held]:
    """Connections that are closed at the end."""
    connections = Held()
    try:
        yield connections
    finally:
        connections.close()


def connected(url: str, connect: Callable[[str], ibis.BaseBackend]) -> ibis.BaseBackend:
    """The connection to this URL that is held, or a new one."""
    opened = _OPENED.get()
    if opened is not None and url in opened:
        return opened[url]
    connection = connect(url)
    if opened is not None and connection.name == "postgres":
        begin(connection)
        opened[url] = connection
    return connection


def begin(connection: Any, snapshot: str | None = None) -> None:
    """Begin a transaction that sees the data as of this moment, or as another transaction does that is still open."""
    if snapshot is not None and not re.fullmatch(r"[0-9A-Fa-f-]+", snapshot):
        raise DataError(f"{snapshot!r} is not the name of a snapshot")
    shared = [f"SET TRANSACTION SNAPSHOT '{snapshot}'"] if snapshot else []
    for text in ("BEGIN ISOLATION LEVEL REPEATABLE READ", *shared, *(f"SET {setting}" for setting in _SETTINGS)):
        connection.raw_sql(text).close()


def exported(connection: Any) -> str:
    """The name under which other connections can see what this transaction sees, as long as it is open."""
    return str(row_of(connection, "SELECT pg_export_snapshot()")[0])


def row_of(connection: Any, query: str) -> tuple[Any, ...]:
    """The first row of a query."""
    cursor = connection.raw_sql(query)
    try:
        row: tuple[Any, ...] = cursor.fetchone()
    finally:
        cursor.close()
    return row
