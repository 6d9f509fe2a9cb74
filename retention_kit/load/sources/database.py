"""Tables and queries of databases. A URL with a password is taken from the environment and never shown."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import TypeGuard
from urllib.parse import unquote, urlsplit

import ibis
import pandas as pd

from retention_kit.errors import ConfigError, DataError
from retention_kit.load.sources import frames, snapshots
from retention_kit.load.sources.engine import from_sql, tables_of
from retention_kit.load.sources.raw_table import Raw

# schemes of files, not of databases
_ON_THE_WEB = ("http", "https", "ftp", "s3", "gs")
_SECRET = re.compile(r"(password|token|secret|key)=", re.IGNORECASE)
"""Options of a URL that are secret."""
_LONGEST_PATH = 250
"""Longer texts are queries: no system accepts file names of this length."""


def is_url(source: object) -> TypeGuard[str]:
    """Whether a source is the URL of a database, or names an environment variable that holds one."""
    return isinstance(source, str) and (
        source.startswith("env:") or re.match(r"^[a-z][a-z0-9+]*://", source) is not None
    )


def read_url(source: str, query: str | None) -> Raw:
    """A table or query of the database at a URL; SQLite is copied, every other database keeps its data."""
    url = _secret(source)
    name = source if source.startswith("env:") else shown(url)
    if urlsplit(url).scheme in _ON_THE_WEB:
        raise ConfigError(f"{name} is a file on the web; download it and give its path")
    if not query:
        raise ConfigError(f"{name} is a database; pass query='<table>' or query='SELECT …' as well")
    if urlsplit(url).scheme == "sqlite":
        return _sqlite(_path_of(url), name, query)
    return read_connection(connected(source), query, name, url)


def connected(source: str, *, shared: bool = True) -> ibis.BaseBackend:
    """A connection to the database at a URL, or at the one that an environment variable holds; if shared, the one that
    a run holds."""
    url = _secret(source)
    try:
        return snapshots.connected(url, ibis.connect) if shared else ibis.connect(url)
    except Exception as fault:
        name, said = source if source.startswith("env:") else shown(url), without_secret(fault, url)
        raise DataError(f"{name}: no connection ({said}); check address, user and password") from None


def is_of_engine(source: object) -> bool:
    """Whether a source may be the name of a table or a query of an open connection, because no such file exists."""
    return isinstance(source, str) and not Path(source[:_LONGEST_PATH]).exists()


def read_connection(connection: ibis.BaseBackend, query: str, name: str | None = None, secret: str = "") -> Raw:
    """A table or query of an open connection, left where it is."""
    name = name or connection.name
    try:
        table = from_sql(connection, query) if _is_sql(query) else connection.table(query)
        table.schema()
    except Exception as fault:
        tables = "" if _is_sql(query) else f"; tables are {tables_of(connection)}"
        raise DataError(f"{name}: {query!r} cannot be read ({without_secret(fault, secret)}){tables}") from None
    return Raw(table, name if _is_sql(query) else f"{name} {query}", "database", stays=True, query=query)


def shown(url: str) -> str:
    """A URL without user, password and options."""
    parts = urlsplit(url)
    host = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    return f"{parts.scheme}://{host}{parts.path}"


def _secret(source: str) -> str:
    """The URL itself, or the one that the named environment variable holds."""
    if not source.startswith("env:"):
        refuse_secrets(source, "put it into an environment variable and give 'env:ITS_NAME' in place of the URL")
        return source
    name = source.removeprefix("env:")
    url = os.environ.get(name, "")
    if not is_url(url) or url.startswith("env:"):
        state = "is not set" if not url else "holds no URL such as postgresql://user:password@host/database"
        raise ConfigError(f"the environment variable {name} {state}; set it before you start")
    return url


def refuse_secrets(url: str, advice: str, options: re.Pattern[str] = _SECRET) -> None:
    """Raise a ConfigError if a URL holds a password, or one of the options that are secret."""
    parts = urlsplit(url)
    if parts.password or options.search(parts.query):
        raise ConfigError(
            f"the URL of {shown(url)} holds a password, which would be written into notebooks and reports; {advice}"
        )


def without_secret(fault: Exception, secret: str) -> str:
    """The first line of an error, without anything that a URL keeps secret."""
    line = next((piece for piece in str(fault).splitlines() if piece.strip()), type(fault).__name__)
    password = urlsplit(secret).password if secret else None
    for piece in (secret, password, unquote(password or ""), urlsplit(secret).query if secret else None):
        line = line.replace(piece, "***") if piece else line
    return line


def _is_sql(query: str) -> bool:
    return re.match(r"^\s*(select|with|from|values)\s", query, re.IGNORECASE) is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _path_of(url: str) -> Path:
    """The file of an SQLite URL: three slashes lead to a relative path, four to an absolute one; options are left off,
    since they may hold a password."""
    address = re.split(r"[?#]", url.removeprefix("sqlite://"), maxsplit=1)[0]
    return Path(unquote(address).removeprefix("/"))


def _sqlite(path: Path, name: str, query: str) -> Raw:
    """A table or query of an SQLite file, every cell as text, for its cells have no reliable types."""
    if not path.is_file():
        raise DataError(f"there is no file {path} (working folder {Path.cwd()}); check the path")
    inner = f"({query.strip().rstrip(';')})" if _is_sql(query) else _quoted(query)
    connection = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)
    try:
        columns = [_quoted(c[0]) for c in connection.execute(f"SELECT * FROM {inner} LIMIT 0").description]
        cells = ", ".join(f"CAST({c} AS TEXT) AS {c}" for c in columns)
        frame = pd.read_sql_query(f"SELECT {cells} FROM {inner}", connection, dtype="str")
    except (sqlite3.Error, pd.errors.DatabaseError) as fault:
        raise DataError(
            f"{name}: {query!r} cannot be read ({without_secret(fault, '')}); check the name of the table"
        ) from None
    finally:
        connection.close()
    return frames.read(frame, name, "database", query=query)
