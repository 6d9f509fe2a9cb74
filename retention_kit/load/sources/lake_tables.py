"""Tables of a data lake: Delta by the package deltalake, Iceberg by pyiceberg, streamed into DuckDB as Arrow.

A stream is opened again for each query, so no copy of the rows is made and a table may be larger than memory. Every
query reads the version that was the latest when the table was opened, or the one that the user named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import ibis
import pyarrow as pa

from retention_kit import extras
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.sources.database import refuse_secrets, without_secret
from retention_kit.load.sources.raw_table import Raw, headers_of

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyiceberg.table import Table

_ADDRESS: Final = re.compile(r"(delta|iceberg):(?P<where>.+?)(?:@(?P<version>[\w.-]+))?", re.DOTALL)
"""delta:PATH or iceberg:CATALOG.TABLE, and after a sign @ the version that is read."""

_SECRET: Final = re.compile(r"(password|token|secret|key|signature|\bsig)=", re.IGNORECASE)
"""Options of an address that are secret; with the signature of a shared address anybody can read what is there."""

_PASSWORD: Final = re.compile(r"(://[^:/@\s]*:)[^\s]*@")
"""A password in an address, such as that of a catalogue, which an error may repeat."""

_ONE_PARTITION: Final = {"datafusion.execution.target_partitions": "1"}
"""Rows in the same order each time, so that a month that is made again from an unchanged table is the same."""


class _ArrowStream(Protocol):
    """A stream of Arrow data by the PyCapsule protocol."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


@dataclass(frozen=True)
class _Stream:
    """Rows that DuckDB opens again for each query: a stream by itself is empty the second time."""

    start: Callable[[], _ArrowStream]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.start().__arrow_c_stream__(requested_schema)


def is_lake_table(source: object) -> bool:
    """Whether a source is written as delta:PATH or iceberg:CATALOG.TABLE.

    Examples
    --------
    >>> is_lake_table("delta:lake/orders@v3"), is_lake_table("iceberg:shop.sales.orders"), is_lake_table("delta.csv")
    (True, True, False)
    """
    return isinstance(source, str) and _ADDRESS.fullmatch(source) is not None


def name_of_table(source: str) -> str:
    """The table's own name, of which the address of an Iceberg table is a longer form; empty for any other source.

    Examples
    --------
    >>> name_of_table("iceberg:shop.sales.orders@may"), name_of_table("delta:lake/orders"), name_of_table("orders.csv")
    ('orders', 'orders', '')
    """
    address = _ADDRESS.fullmatch(source)
    return "" if address is None else re.split(r"[./\\]", address["where"].rstrip("/\\"))[-1]


def located(source: str, folder: Path) -> str:
    """The source with a path independent of the working directory; names in catalogues and URLs are unchanged.

    Examples
    --------
    >>> located("delta:lake/orders@v3", Path("/shop")), located("iceberg:shop.sales.orders", Path("/shop"))
    ('delta:/shop/lake/orders@v3', 'iceberg:shop.sales.orders')
    """
    kind, _, where = source.partition(":")
    is_path = "://" not in where and (kind == "delta" or _is_metadata(where))
    return f"{kind}:{folder / where}" if is_path else source


def read(source: str, local: ibis.BaseBackend) -> Raw:
    """A Delta or Iceberg table in the local engine."""
    parts = _ADDRESS.fullmatch(source)
    assert parts is not None
    where, version = parts["where"].strip(), parts["version"]
    refuse_secrets(where, _CREDENTIALS, _SECRET)
    extras.require(parts[1])
    try:
        stream, read_version = (_delta if parts[1] == "delta" else _iceberg)(where, version)
        schema = pa.RecordBatchReader.from_stream(stream).schema
    except (ConfigError, DataError):
        raise
    except Exception as fault:
        said = _PASSWORD.sub(r"\1***@", without_secret(fault, ""))
        raise DataError(f"{source} cannot be read ({said}); {_ADVICE[parts[1]]}") from None
    names = headers_of(schema.names)
    name = ibis.util.gen_name(parts[1])
    local.con.register(name, stream)
    table = local.table(name).rename({new: old for new, old in zip(names, schema.names, strict=True) if new != old})
    return Raw(table, source, parts[1], stays=True, version=read_version)


_CREDENTIALS: Final = "set the environment variable that its storage reads, such as AWS_SECRET_ACCESS_KEY"
_ADVICE: Final = {
    "delta": "check the path of the table's folder, which has a subfolder _delta_log",
    "iceberg": "a table is named iceberg:CATALOG.NAMESPACE.TABLE, with CATALOG as in .pyiceberg.yaml, or "
    "iceberg:PATH of its latest file .metadata.json",
}


def _delta(where: str, version: str | None) -> tuple[_Stream, str]:
    """A Delta table, and its version in words.

    The query engine of deltalake knows deleted rows (deletion vectors) and renamed columns (column mapping). Its
    `to_pyarrow_dataset` refuses them, or in version 1.6.6 gives empty cells for columns that are mapped by reader 2.
    """
    from deltalake import DeltaTable, QueryBuilder

    table = DeltaTable(where)
    if version is not None:
        _go_to(table, where, version)

    def start() -> _ArrowStream:
        rows: _ArrowStream = QueryBuilder(_ONE_PARTITION).register("rows", table).execute('SELECT * FROM "rows"')
        return rows

    return _Stream(start), f"version {table.version()} of Delta table {table.metadata().id}"


def _go_to(table: DeltaTable, where: str, version: str) -> None:
    """Change a Delta table to an earlier version of it."""
    if not re.fullmatch(r"v?\d+", version):
        raise ConfigError(f"delta:{where}@{version} names no version of a Delta table; write a number, such as @v3")
    number, latest = int(version.removeprefix("v")), table.version()
    if number > latest:
        raise DataError(f"delta:{where} has no version {number}; its latest is {latest}")
    table.load_as_version(number)


def _iceberg(where: str, version: str | None) -> tuple[_Stream, str]:
    """An Iceberg table, and its snapshot in words."""
    table = _iceberg_table(where)
    snapshot = table.current_snapshot()
    if version is not None:
        snapshot = table.snapshot_by_id(int(version)) if version.isdigit() else table.snapshot_by_name(version)
        if snapshot is None:  # neither a number nor a name of one
            raise DataError(f"iceberg:{where} has no snapshot, branch or tag {version}")
    number = None if snapshot is None else snapshot.snapshot_id

    def start() -> _ArrowStream:
        rows: _ArrowStream = table.scan(snapshot_id=number).to_arrow_batch_reader()
        return rows

    return _Stream(start), f"snapshot {number} of Iceberg table {table.metadata.table_uuid}"


def _iceberg_table(where: str) -> Table:
    """The table in a catalogue, or that of a metadata file."""
    if _is_metadata(where):
        from pyiceberg.table import StaticTable

        return StaticTable.from_metadata(where)
    from pyiceberg.catalog import load_catalog

    catalogue, _, name = where.partition(".")
    if "." not in name:
        raise ConfigError(f"iceberg:{where} names no table; write iceberg:CATALOG.NAMESPACE.TABLE")
    try:
        opened = load_catalog(catalogue)
    except ValueError:
        raise DataError(
            f"pyiceberg knows no catalogue {catalogue}; describe it in .pyiceberg.yaml, or in variables such as "
            f"PYICEBERG_CATALOG__{catalogue.upper().replace('-', '_')}__URI"
        ) from None
    return opened.load_table(name)


def _is_metadata(where: str) -> bool:
    """Whether this is the path of a metadata file and not a name in a catalogue."""
    return where.partition("@")[0].endswith(".json")
