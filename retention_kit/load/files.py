"""Files by their kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import ibis

from retention_kit.errors import DataError
from retention_kit.load import delimited
from retention_kit.load.raw import Raw

__all__ = ["read"]

_TEXT = (".csv", ".tsv", ".txt", ".tab")
_READABLE = "CSV or TSV (also .gz), Parquet"


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None, header_rows: int = 1) -> Raw:
    """Open one file."""
    kind = _kind(path)
    if kind == "parquet":
        return _parquet(path, backend)
    return delimited.read(path, backend, encoding=encoding, header_rows=header_rows)


def _kind(path: Path) -> str:
    """What a file is, by its ending."""
    endings = [e.lower() for e in path.suffixes]
    last = next((e for e in reversed(endings) if e != ".gz"), "")
    if last in (".parquet", ".pq"):
        return "parquet"
    if last in _TEXT:
        return "csv"
    raise DataError(f"{path} ends in {last or 'nothing'!r}; needed is {_READABLE}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parquet(path: Path, backend: ibis.BaseBackend) -> Raw:
    """A Parquet file, left where it is."""
    try:
        table = backend.read_parquet(path)
    except Exception as fault:
        first = str(fault).splitlines()[0]
        raise DataError(f"{path} is not a Parquet file ({first}); write it again") from fault
    return Raw(table, str(path), "parquet", stays=True, sha256=sha256(path))
