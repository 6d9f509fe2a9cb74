"""How pages of a report show customers: by their ids, by hashes of the ids, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from retention_kit.embedded_tables import MIME
from retention_kit.load.columns.header_words import folded, names
from retention_kit.load.columns.mapping import plain
from retention_kit.report.settings.id_settings import hashed, secret_in
from retention_kit.schema import CUSTOMERS, TABLES

_LEFT_OUT: Final = 'A list of customers is left out (customer_ids = "none").'
_ID: Final = CUSTOMERS.columns[0].name
_HEADERS: Final = {plain(name) for table in TABLES.values() for c in table.columns if c.name == _ID for name in c.also}
"""Headers under which ids are read; a file may have such a column besides the one that is used."""


def replaced(folder: Path, tables: Sequence[str], *, mode: str, salt: str | None) -> None:
    """Replace the ids in a folder of validated tables, before any notebook sees them.

    In mode ``"hashed"`` by HMAC-SHA256 with the secret; in mode ``"none"`` by numbers in the order of the ids, so that
    every other number of the report stays as it is.
    """
    if mode == "shown":
        return
    id_columns = {name: _id_columns(folder, name) for name in tables}
    if mode == "hashed":
        secret = secret_in(salt or "")

        def change(ids: list[str]) -> list[str]:
            return hashed(ids, secret)

    else:
        ids = sorted({id for name in tables for id in _ids(folder, name, id_columns[name])})
        width = len(str(len(ids)))
        numbers = {id: f"customer {i:0{width}}" for i, id in enumerate(ids, start=1)}

        def change(ids: list[str]) -> list[str]:
            return [numbers[id] for id in ids]

    for name in tables:
        for path in _files(folder, name):
            pq.write_table(_changed(pq.read_table(path), id_columns[name], change), path)


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.parquet", folder / f"{name}.refused.parquet"


def _id_columns(folder: Path, name: str) -> set[str]:
    """Columns of a table that hold ids: ours, the headers they were read from, and other headers of ids."""
    source_facts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    read_from = [source["columns"].get(_ID, "") for source in (source_facts, *source_facts["parts"])]
    headers = {_ID, *(header for text in read_from for header in re.split(r" [|+] ", text))}
    columns = {c for path in _files(folder, name) for c in pq.read_schema(path).names}
    return {c for c in columns if c in headers or _is_header(c) or c.removesuffix("_as_read") in headers}


def _is_header(column: str) -> bool:
    return plain(column) in _HEADERS or folded(column, unit=False) in names("orders", _ID)


def _ids(folder: Path, name: str, columns: set[str]) -> set[str]:
    tables = [pq.read_table(path) for path in _files(folder, name)]
    texts = [table[c].cast(pa.string()) for table in tables for c in columns & set(table.column_names)]
    return {id for text in texts for id in text.unique().to_pylist() if id is not None}


def _changed(table: pa.Table, columns: set[str], change: Callable[[list[str]], list[str]]) -> pa.Table:
    """The same rows in the same order with replaced ids; each distinct id is computed once."""
    for name in columns & set(table.column_names):
        coded = table[name].cast(pa.string()).combine_chunks().dictionary_encode()
        ids = pa.array(change(coded.dictionary.to_pylist()), pa.string())
        values = pa.DictionaryArray.from_arrays(coded.indices, ids).cast(pa.string())
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def without_lists(node: Any) -> Any:
    """Replace each list of customers in an executed notebook by a sentence; the notebook is changed and returned."""
    for cell in node.cells:
        for output in cell.get("outputs", []):
            if "data" in output and _lists_customers(output["data"]):
                output["data"] = type(output["data"])({"text/plain": _LEFT_OUT, "text/markdown": f"*{_LEFT_OUT}*"})
    return node


def _lists_customers(data: Mapping[str, Any]) -> bool:
    """Whether an output shows a table with ids; without an embedded table, whether its text names their column."""
    if tables := data.get(MIME):
        return any(column["name"] == _ID for table in tables for column in table["columns"])
    texts = [data.get(kind, "") for kind in ("text/html", "text/plain")]
    return any(_ID in ("".join(text) if isinstance(text, list) else str(text)) for text in texts)
