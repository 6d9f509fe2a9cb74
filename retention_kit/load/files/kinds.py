"""Files by their kind, alone, in a folder, or by a pattern."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.load.files import delimited, jsonlines, parquet, workbook
from retention_kit.load.files.lakes import refuse_parts_of_tables
from retention_kit.load.files.textfile import sha256
from retention_kit.load.sources.raw_table import FILE, Raw, united
from retention_kit.load.values.reader import written

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".json": "json lines",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
_REFUSED = {
    "csv": "is not a text file of rows",
    "json lines": "is not a file of JSON lines",
    "parquet": "cannot be read as Parquet",
    "excel": "cannot be read as Excel",
}
"""How a message begins about a file whose content contradicts its name."""

_READABLE = "CSV or TSV, JSON lines (both also .gz), Parquet, Excel .xlsx"


# the first bytes of formats that are often named as something else, and what to do about each
_SIGNS = (
    (b"PAR1", "parquet", "Parquet; rename it to .parquet"),
    (b"\x1f\x8b", "gzip", "a gzip file; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "old excel", "an old Excel file (.xls) or one with a password; save it as .xlsx without one"),
    (b"SQLite format 3", "sqlite", "an SQLite database; give its URL sqlite:///… and query='<table>'"),
    (b"%PDF", "pdf", "a PDF document; export the table behind it as CSV"),
    (b"\x89PNG", "picture", "a picture; export the table behind it as CSV"),
    (b"\xff\xd8\xff", "picture", "a picture; export the table behind it as CSV"),
    (b"GIF8", "picture", "a picture; export the table behind it as CSV"),
    (b"BZh", "archive", "a compressed file; unpack it first"),
    (b"\xfd7zXZ", "archive", "a compressed file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "archive", "a compressed file; unpack it first"),
    (b"7z\xbc\xaf", "archive", "an archive; unpack it first"),
    (b"Rar!", "archive", "an archive; unpack it first"),
)
# how a web page or an XML document begins
_MARKUP = (
    ((b"<!doctype html", b"<html", b"<head", b"<table"), "a web page (HTML); download the export itself, or save it"),
    ((b"<?xml",), "XML; save it"),
)
_TEXT = {"csv", "json lines"}


@dataclass(frozen=True)
class Layout:
    """The layout of a file, as far as the user names it."""

    encoding: str | None = None
    header_rows: int = 1
    sheet: str | int | None = None


def find(source: str | Path) -> tuple[list[Path], tuple[str, ...]]:
    """The files behind a path, a folder or a pattern, in the order of their names, and what was left out."""
    path = Path(source)
    if path.is_file():
        refuse_parts_of_tables(source, [path])
        return [path], ()
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(path)))
        matching = [p for p in inside if _ending(p) in _KINDS]
        refuse_parts_of_tables(source, matching)
        other = ", ".join(p.name for p in inside if p not in matching)
        if not matching:
            raise DataError(
                f"the folder {source} holds no file to read ({other or 'it is empty'}); needed is {_READABLE}"
            )
        return matching, (f"files in the folder that were not read: {other}",) if other else ()
    if any(sign in str(source) for sign in "*?["):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        matching = sorted(p for p in anchor.glob(str(path.relative_to(path.anchor))) if p.is_file())
        if matching:
            refuse_parts_of_tables(source, matching)
            return matching, ()
        raise DataError(f"no file matches {source} (working folder {Path.cwd()}); check the pattern")
    raise DataError(f"there is no file or folder {source} (working folder {Path.cwd()}); check the path")


def _is_hidden(path: Path) -> bool:
    """Whether a file, or a folder on the way to it, belongs to a program: _SUCCESS, _temporary, .ipynb_checkpoints."""
    return any(step.startswith(("_", ".")) and "=" not in step for step in path.parts)


def read(source: str | Path, backend: ibis.BaseBackend, local: ibis.BaseBackend, layout: Layout) -> Raw:
    """Open one or several files; Parquet stays where it is, text is cut into cells by the local engine."""
    paths, notes = find(source)
    raw = read_paths(paths, str(source), backend, local, layout)
    return replace(raw, assumptions=raw.assumptions + notes)


def read_paths(
    paths: Sequence[Path], name: str, backend: ibis.BaseBackend, local: ibis.BaseBackend, layout: Layout
) -> Raw:
    """Open files of one kind as one table."""
    kinds = {_kind(path) for path in paths}
    if len(kinds) > 1:
        raise DataError(f"{name} holds files of several kinds ({', '.join(sorted(kinds))}); give one kind at a time")
    if kinds == {"parquet"}:
        return parquet.read(paths, name, backend, sha256=_digest(paths))
    return _read_file(paths[0], local, layout) if len(paths) == 1 else _read_files(paths, name, local, layout)


def _digest(paths: Sequence[Path]) -> str:
    """The SHA-256 of a file; of several, that of the list that `sha256sum` prints for them."""
    if len(paths) == 1:
        return sha256(paths[0])
    lines = "".join(f"{sha256(path)}  {path.name}\n" for path in paths)
    return hashlib.sha256(lines.encode()).hexdigest()


def _ending(path: Path) -> str:
    return next((e.lower() for e in reversed(path.suffixes) if e.lower() != ".gz"), "")


def kind_of(path: Path) -> str | None:
    """What a file should be by its ending: csv, json lines, parquet or excel."""
    return _KINDS.get(_ending(path))


def _kind(path: Path) -> str:
    """What a file is, by its ending."""
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty; it needs a line of headers and rows below it")
    ending = _ending(path)
    if ending in _KINDS:
        held = _mismatch(path, _KINDS[ending])
        if held is not None:
            raise DataError(f"{path} {_REFUSED[_KINDS[ending]]}: it holds {held}")
        return _KINDS[ending]
    advice = "save it as .xlsx" if ending == ".xls" else f"needed is {_READABLE}"
    raise DataError(f"{path} ends in {ending or 'nothing'!r}, which is not read; {advice}")


def _read_file(path: Path, local: ibis.BaseBackend, layout: Layout) -> Raw:
    """Open one file that is not Parquet."""
    kind = _kind(path)
    if kind == "csv":
        return delimited.read(path, local, encoding=layout.encoding, header_rows=layout.header_rows)
    if kind == "json lines":
        return jsonlines.read(path, local, encoding=layout.encoding)
    return workbook.read(path, sheet=layout.sheet, header_rows=layout.header_rows)


def _read_files(paths: Sequence[Path], name: str, local: ibis.BaseBackend, layout: Layout) -> Raw:
    """Several files as one table; a column that one of them lacks is empty in its rows."""
    raws, faults = [], []
    for path in paths:
        try:
            raws.append(_read_file(path, local, layout))
        except DataError as fault:
            faults.append(str(fault))
    if faults:
        raise DataError(join_faults(faults))
    if len({raw.days_to_1970 for raw in raws}) > 1:
        raise DataError(f"{name}: some of the workbooks count days from 1900, others from 1904; load them one by one")
    raws = _spelled_alike(raws)
    headers = list(dict.fromkeys(c for raw in raws for c in raw.table.columns))
    tables = []
    for raw in raws:
        have = raw.table.mutate(**{h: written(raw.table[h]) for h in raw.headers})
        lacking = {h: ibis.null("string") for h in headers if h not in have.columns}
        tables.append(have.mutate(**lacking, **{FILE: ibis.literal(raw.name)}).select(*headers, FILE))
    broken = [raw.broken.assign(file=raw.name) for raw in raws if raw.broken is not None]
    notes = united([raw.table.columns for raw in raws])
    return Raw(
        table=ibis.union(*tables),
        name=name,
        kind=raws[0].kind,
        sha256=_digest(paths),
        first_row=raws[0].first_row,
        days_to_1970=raws[0].days_to_1970,
        broken=pd.concat(broken, ignore_index=True) if broken else None,
        assumptions=tuple(dict.fromkeys([*notes, *(note for raw in raws for note in raw.assumptions)])),
        zones=raws[0].zones if all(raw.zones == raws[0].zones for raw in raws) else {},
        below={header: texts for raw in reversed(raws) for header, texts in raw.below.items()},
    )


def _spelled_alike(raws: Sequence[Raw]) -> list[Raw]:
    """Headers that differ in capitals only are one column, spelled as in the first file that has it."""
    first: dict[str, str] = {}
    for header in (h for raw in raws for h in raw.headers):
        first.setdefault(header.lower(), header)
    return [
        replace(raw, table=raw.table.rename({first[h.lower()]: h for h in raw.headers if first[h.lower()] != h}))
        for raw in raws
    ]


def _mismatch(path: Path, kind: str) -> str | None:
    """What the file holds and what to do, where its bytes contradict the kind that its name says; else None.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "orders.csv"
    ...     size = path.write_bytes(b"%PDF-1.7 ...")
    ...     _mismatch(path, "csv")
    'a PDF document; export the table behind it as CSV'
    """
    with path.open("rb") as stream:
        start = stream.read(1000)
        stream.seek(8)
        if stream.read(4) == b"DUCK":
            return "a DuckDB database; give its URL duckdb://… and query='<table>'"
    if start[:4] == b"PK\x03\x04":
        return None if kind == "excel" else _zipped(path)
    for sign, held, advice in _SIGNS:
        if start.startswith(sign):
            return None if held == kind or (held == "gzip" and kind in _TEXT) else advice
    plain = start.decode("utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "ignore")
    text = plain.removeprefix("\ufeff").lstrip().lower().encode()
    for signs, advice in _MARKUP:
        if text.startswith(signs):
            return f"{advice} as CSV or .xlsx"
    if kind == "csv" and text.startswith((b'{"', b"[{", b"[\n")):
        return "JSON; write one {…} on each line and end its name in .jsonl"
    if kind == "excel" and b"\0" not in start and start.isascii():
        return "text; rename it to .csv"
    return None


def _zipped(path: Path) -> str:
    """What is in a ZIP file."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return "a damaged ZIP file or workbook; fetch it again"
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook; rename it to .xlsx"
    if "content.xml" in names:
        return "an OpenDocument file; save it as .xlsx or CSV"
    return "a ZIP archive; unpack it first"
