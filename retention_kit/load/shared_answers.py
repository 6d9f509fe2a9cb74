"""Answers that several notebooks of a run need: the first that asks computes, the others read.

A run makes a private folder `answers` beside its validated data, which is removed with them. Datasets read from there
know it; for every other data an answer is computed where it is asked for. An answer is one JSON file, and perhaps a
Parquet file beside it; it is written under another name and renamed when it is complete, so what a killed process left
is never read. A lock for each answer lets one process compute while the others wait.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import ibis.expr.types as ir
import pandas as pd
from filelock import FileLock

import retention_kit
from retention_kit.errors import RetentionKitWarning, caution
from retention_kit.load.dataset import Dataset
from retention_kit.load.sources import left_in_place

FOLDER: Final = "answers"
"""Name of the folder of a run's answers, beside its validated tables."""
_ENGINES: Final = ("duckdb", "ibis-framework", "numpy", "pandas", "scipy")
"""Packages on whose version the last digit of an answer may depend."""
T = TypeVar("T")


class Form(Generic[T]):
    """How an answer is written into a file and read from it."""

    def write(self, answer: T, path: Path) -> Any:
        """Write what JSON cannot hold into a file or folder of that path; return what it can."""
        raise NotImplementedError

    def read(self, value: Any, path: Path, data: Any) -> T:
        """The answer from both; a table is opened by the engine of the data."""
        raise NotImplementedError


class _Values(Form[Any]):
    def write(self, answer: Any, path: Path) -> Any:  # noqa: ARG002
        return answer

    def read(self, value: Any, path: Path, data: Any) -> Any:  # noqa: ARG002
        return value


class _Frame(Form[pd.DataFrame]):
    def write(self, answer: pd.DataFrame, path: Path) -> Any:
        answer.to_parquet(path)

    def read(self, value: Any, path: Path, data: Any) -> pd.DataFrame:  # noqa: ARG002
        return pd.read_parquet(path)


class _Table(Form[ir.Table]):
    def write(self, answer: ir.Table, path: Path) -> Any:
        answer.to_parquet(path)

    def read(self, value: Any, path: Path, data: Any) -> ir.Table:  # noqa: ARG002
        return data.table.get_backend().read_parquet(path)


VALUES: Final = _Values()
"""Numbers, text, lists and mappings with text as keys, as JSON has them; numbers keep all their digits."""
FRAME: Final = _Frame()
"""A DataFrame with its types, index and `attrs`."""
TABLE: Final = _Table()
"""An Ibis table, which becomes a Parquet file; where nothing is shared it is not computed."""


def answer(data: Any, name: str, arguments: Mapping[str, Any], compute: Callable[[], T], form: Form[T] = VALUES) -> T:
    """An answer about data, computed once per run.

    Parameters
    ----------
    data : Dataset or anything else
        What the answer is about; it is shared if a run has saved the dataset.
    name : str
        Name of the function that answers.
    arguments : mapping of str to plain values
        Everything else that the answer depends on; other values than numbers and text are taken as their text.
    compute : callable
        Gives the answer. Its errors are raised and not kept; its warnings of this package are kept and repeated.
    form : VALUES, FRAME or TABLE
        What kind of answer it is.

    Returns
    -------
    What `compute` gives.

    Examples
    --------
    >>> answer(None, "sum", {"a": 1, "b": 2}, lambda: 1 + 2)
    3
    """
    folder = folder_of(data)
    if folder is None or (form is TABLE and not writes_tables(data)):
        return compute()
    stem = _key(name, arguments, _stamp(data))
    path = folder / f"{stem}.json"
    if not path.exists():
        with FileLock(folder / f"{stem}.lock"):
            if not path.exists():
                _write(folder, stem, compute, form)
    held = json.loads(path.read_text(encoding="utf-8"))
    for message in held["warnings"]:
        caution(message)
    return form.read(held["value"], folder / f"{stem}.parquet", data)


def folder_of(data: Any) -> Path | None:
    """The folder of the answers about data; None where nothing is shared."""
    if not isinstance(data, Dataset) or data.folder is None:
        return None
    folder = data.folder / FOLDER
    return folder if folder.is_dir() and not folder.is_symlink() else None


def make_folder(data_folder: Path) -> Path:
    """Let the notebooks that read a folder of validated data share their answers."""
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700)
    return folder


def _write(folder: Path, stem: str, compute: Callable[[], T], form: Form[T]) -> None:
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        result = compute()
    messages = [str(note.message) for note in notes if issubclass(note.category, RetentionKitWarning)]
    for note in notes:
        if not issubclass(note.category, RetentionKitWarning):
            warnings.warn_explicit(note.message, note.category, note.filename, note.lineno)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as unfinished:
        table, header = Path(unfinished, "table"), Path(unfinished, "header")
        value = form.write(result, table)
        header.write_text(json.dumps({"warnings": messages, "value": value}), encoding="utf-8")
        if table.exists():
            os.replace(table, folder / f"{stem}.parquet")
        os.replace(header, folder / f"{stem}.json")


def _key(name: str, arguments: Mapping[str, Any], data: Any) -> str:
    """Name of the files of an answer."""
    text = json.dumps([name, data, version(), arguments], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _stamp(data: Any) -> list[Any]:
    """By what a saved table is recognised: a folder may be saved into again."""
    table = data.as_read.table
    state = (data.folder / f"{table}.{'parquet' if writes_tables(data) else 'pointer'}").stat()
    return [table, state.st_size, state.st_mtime_ns]


def writes_tables(data: Any) -> bool:
    """Whether tables about data are written for the other notebooks of a run: not where the rows stay in a database,
    which cannot read them."""
    return folder_of(data) is not None and not left_in_place.is_left(data.folder, data.as_read.table)


@functools.cache
def version() -> str:
    """Hash of the package's own code and of the versions that its numbers depend on: in a checkout the version number
    does not identify the code."""
    folder = Path(retention_kit.__file__).parent
    digest = hashlib.sha256(json.dumps({name: metadata.version(name) for name in _ENGINES}).encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
