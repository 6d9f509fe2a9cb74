"""JSON lines: one object per line, its values taken as text."""

from __future__ import annotations

import json
from pathlib import Path

import ibis
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.delimited import as_utf8_file, fingerprint, headers_of
from retention_kit.load.queries import from_sql
from retention_kit.load.raw import ROW, Raw

__all__ = ["read"]


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None) -> Raw:
    """A file of JSON objects, one on each line, as a table of text; lines that are no object come back as broken."""
    sha256, encoding = fingerprint(path, encoding)
    with as_utf8_file(path, encoding) as utf8:
        lines = _lines(utf8, backend)
    kind = "CASE WHEN json_valid(line) THEN json_type(line) END AS kind"
    objects = from_sql(
        backend, f"SELECT line, {ROW}, {kind} FROM ({ibis.to_sql(lines)}) WHERE trim(line) <> ''"
    ).cache()
    broken = objects.filter(objects.kind.fill_null("") != "OBJECT").order_by(ROW).to_pandas()
    good = objects.filter(objects.kind == "OBJECT")
    keys = _keys(backend, good)
    if not keys:
        raise DataError(
            f"{path} is not JSON lines, one {{…}} on each line; a file that is one array is to be written line by line"
        )
    chosen = ", ".join(
        f"json_extract_string(line, {_path(k)}) AS {_name(h)}" for k, h in zip(keys, headers_of(keys), strict=True)
    )
    table = from_sql(backend, f"SELECT {chosen}, {ROW} FROM ({ibis.to_sql(good)})").cache()
    reasons = pd.DataFrame(
        {"row": broken[ROW], "rule": "broken_line", "reason": "the line is not a JSON object", "line": broken["line"]}
    )
    return Raw(table, str(path), "json lines", sha256=sha256, broken=reasons)


def _lines(path: Path, backend: ibis.BaseBackend):
    """The lines of a text file, numbered from 1, without empty ones."""
    lines = backend.read_csv(
        path, columns={"line": "VARCHAR"}, auto_detect=False, header=False, delim="\x01", quote="", escape="",
        max_line_size=100_000_000, compression="none",
    )  # fmt: skip
    return lines.mutate(**{ROW: ibis.row_number() + 1}).cache()


def _keys(backend: ibis.BaseBackend, objects) -> list[str]:
    """Every key of every object, in the order of first appearance."""
    query = f"SELECT unnest(json_keys(line)) AS key, {ROW} AS line_number FROM ({ibis.to_sql(objects)})"
    found = backend.raw_sql(f"SELECT key, min(line_number) FROM ({query}) GROUP BY key ORDER BY 2, 1").fetchall()
    return [key for key, _ in found]


def _path(key: str) -> str:
    """A key as a JSON path in quotation marks of SQL."""
    return "'" + ("$." + json.dumps(key, ensure_ascii=False)).replace("'", "''") + "'"


def _name(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'
