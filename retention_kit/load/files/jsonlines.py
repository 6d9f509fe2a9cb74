"""JSON lines: one object per line, its values taken as text."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.load.files.textfile import as_utf8_file, inspect
from retention_kit.load.sources.engine import answer, from_sql
from retention_kit.load.sources.raw_table import ROW, Raw, headers_of

_WHOLE_FLOAT = "[0-9]([.]0+|[.]?[0-9]*[eE][+]?[0-9]+)\\s*[,}]"
"""A number with nothing behind its point, or with an exponent, where a value ends."""


def read(path: Path, backend: ibis.BaseBackend, *, encoding: str | None = None) -> Raw:
    """A file of JSON objects, one on each line, as a table of text; lines that are not objects are returned as
    broken."""
    text = inspect(path, encoding)
    if text.unused is None:
        raise DataError(f"{path} is not a text file: it holds every control character; fetch it again")
    with as_utf8_file(path, text.encoding) as utf8, _on_plain_lines(utf8, uneven=text.uneven) as even:
        lines = _lines(even, backend, text.unused)
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
    whole_floats = _has_whole_floats(backend, good)
    chosen = ", ".join(
        f"{_cell(k, whole_floats=whole_floats)} AS {_name(h)}" for k, h in zip(keys, headers_of(keys), strict=True)
    )
    table = from_sql(backend, f"SELECT {chosen}, {ROW} FROM ({ibis.to_sql(good)})").cache()
    reasons = pd.DataFrame(
        {"row": broken[ROW], "rule": "broken_line", "reason": "the line is not a JSON object", "line": broken["line"]}
    )
    return Raw(table, str(path), "json lines", sha256=text.sha256, broken=reasons, assumptions=text.assumptions)


@contextlib.contextmanager
def _on_plain_lines(path: Path, *, uneven: bool) -> Iterator[Path]:
    """The file itself, or a temporary copy in which every line ends in LF."""
    if not uneven:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="retention_kit_") as folder:
        copy = Path(folder) / "lines.jsonl"
        with (
            path.open(encoding="utf-8-sig", newline="\n") as stream,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            for line in stream:
                text = line.rstrip("\r\n")
                out.write((text if "\r" not in text else _without_returns(text)) + "\n")
        yield copy


def _without_returns(line: str) -> str:
    """White space in place of the CRs inside one object; elsewhere a CR ends a line."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line.replace("\r", "\n")
    return line.replace("\r", " ")


def _lines(path: Path, backend: ibis.BaseBackend, unused: str) -> ir.Table:
    """The lines of a text file, numbered from 1, without empty ones; no sign in it cuts a line into cells."""
    lines = backend.read_csv(
        path, columns={"line": "VARCHAR"}, auto_detect=False, header=False, delim=unused, quote="", escape="",
        max_line_size=100_000_000, compression="none",
    )  # fmt: skip
    return lines.mutate(**{ROW: ibis.row_number() + 1}).cache()


def _keys(backend: ibis.BaseBackend, objects: ir.Table) -> list[str]:
    """Every key of every object, in the order of first appearance."""
    keys = "unnest(json_keys(line)) AS key, generate_subscripts(json_keys(line), 1) AS place"
    query = f"SELECT {keys}, {ROW} AS line_number FROM ({ibis.to_sql(objects)})"
    first = "min((line_number, place))"
    return [key for (key,) in answer(backend, f"SELECT key FROM ({query}) GROUP BY key ORDER BY {first}")]


def _has_whole_floats(backend: ibis.BaseBackend, objects: ir.Table) -> bool:
    """Whether any value may be a whole number with a point or an exponent, such as 7.0: only then types are checked."""
    query = f"SELECT bool_or(regexp_matches(line, '{_WHOLE_FLOAT}')) FROM ({ibis.to_sql(objects)})"
    return bool(answer(backend, query)[0][0])


def _cell(key: str, *, whole_floats: bool) -> str:
    """A value as text: a number that is whole is written so, whether it came as 7 or 7.0; the text "7.0" stays."""
    path = _path(key)
    cell = f"json_extract_string(line, {path})"
    if not whole_floats:
        return cell
    number = f"try_cast({cell} AS DOUBLE)"
    fits = f"json_type(line, {path}) = 'DOUBLE' AND abs({number}) <= {2**53} AND {number} = trunc({number})"
    return f"CASE WHEN {fits} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE {cell} END"


def _path(key: str) -> str:
    """A key, also an empty one, as a JSON pointer (RFC 6901) in quotation marks of SQL."""
    return "'/" + key.replace("~", "~0").replace("/", "~1").replace("'", "''") + "'"


def _name(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'
