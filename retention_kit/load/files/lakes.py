"""Tables of a data lake, whose Parquet files also hold rows that the table no longer has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from retention_kit.errors import DataError

_SIGNS = {
    "Delta": ("_delta_log",),
    "Iceberg": ("metadata/*.metadata.json*", "metadata/version-hint.text"),
    "Hudi": (".hoodie",),
    "Paimon": ("manifest/manifest-list-*",),
}
"""Files and folders that mark the folder of a table, beside or above its Parquet files."""

_SOURCES = {
    "Delta": "'delta:{folder}'",
    "Iceberg": "'iceberg:CATALOG.NAMESPACE.TABLE', or for its state as of now 'iceberg:{log}',",
}
"""Kinds of tables that are a source by themselves."""

_WAYS_OUT = {
    "Hudi": "hudi.HudiTableBuilder.from_base_uri('{folder}').build().read_snapshot(), or Spark",
    "Paimon": "the package pypaimon, or Spark",
    "DuckLake": "DuckDB's extension ducklake",
}
"""How tables of the other kinds are read."""


def refuse_parts_of_tables(source: str | Path, paths: Iterable[Path]) -> None:
    """Raise DataError if one of the Parquet files, or the folder itself, belongs to a table with a log of its own.

    Such a table keeps files with rows that were deleted or changed since; only its log knows which of them count. A
    folder in which a writer left only `_SUCCESS` holds no such rows.
    """
    files = [path.resolve() for path in paths if path.suffix.lower() in (".parquet", ".pq")]
    for path in files:
        if path.name.startswith("ducklake-"):
            raise DataError(_sentence(source, "DuckLake", path.parent, None))
    above = {folder for path in files for folder in path.parents}
    own = {Path(source).resolve()} if Path(source).is_dir() else set()
    for folder in sorted(above | own, reverse=True):
        for kind, signs in _SIGNS.items():
            log = max((hit for sign in signs for hit in folder.glob(sign)), key=_version, default=None)
            if log is not None:
                raise DataError(_sentence(source, kind, folder, log))


def _version(log: Path) -> tuple[int, str]:
    """Orders the logs of a table: v10 is later than v9."""
    return len(log.name), log.name


def _sentence(source: str | Path, kind: str, folder: Path, log: Path | None) -> str:
    """What is wrong with reading these files, and how the table is read."""
    if kind in _SOURCES:
        advice = f"give {_SOURCES[kind].format(folder=folder, log=log)} in place of the files"
    else:
        way = _WAYS_OUT[kind].format(folder=folder)
        advice = f"read the table itself ({way}) and give the Arrow table or DataFrame in place of the files"
    return (
        f"{source} belongs to a table in {kind} format ({folder}), whose Parquet files also hold rows that were "
        f"deleted or changed; {advice}"
    )
