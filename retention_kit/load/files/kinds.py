"""Files by their kind, alone, in a folder, or by a pattern."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.load.files import delimited, jsonlines, parquet, workbook
from retention_kit.load.files.contents import mismatch
from retention_kit.load.files.lakes import refuse_parts_of_tables
from retention_kit.load.files.textfile import sha256
from retention_kit.load.sources.raw_table import FILE, Raw, united
from retention_kit.load.values.reader import written

__all__ = ["Layout", "find", "kind_of", "read", "read_paths"]

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
"""What is said of a file that holds something else than its name says."""

_READABLE = "CSV or TSV, JSON lines (both also .gz), Parquet, Excel .xlsx"


@dataclass(frozen=True)
class Layout:
    """How a file is laid out, where it does not say so itself."""

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
        found = [p for p in inside if _ending(p) in _KINDS]
        refuse_parts_of_tables(source, found)
        other = ", ".join(p.name for p in inside if p not in found)
        if not found:
            raise DataError(
                f"the folder {source} holds no file to read ({other or 'it is empty'}); needed is {_READABLE}"
            )
        return found, (f"files in the folder that were not read: {other}",) if other else ()
    if any(sign in str(source) for sign in "*?["):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        found = sorted(p for p in anchor.glob(str(path.relative_to(path.anchor))) if p.is_file())
        if found:
            refuse_parts_of_tables(source, found)
            return found, ()
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
    """Open files of one kind under each other."""
    kinds = {_kind(path) for path in paths}
    if len(kinds) > 1:
        raise DataError(f"{name} holds files of several kinds ({', '.join(sorted(kinds))}); give one kind at a time")
    if kinds == {"parquet"}:
        return parquet.read(paths, name, backend, sha256=_digest(paths))
    return _one(paths[0], local, layout) if len(paths) == 1 else _several(paths, name, local, layout)


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
        held = mismatch(path, _KINDS[ending])
        if held is not None:
            raise DataError(f"{path} {_REFUSED[_KINDS[ending]]}: it holds {held}")
        return _KINDS[ending]
    advice = "save it as .xlsx" if ending == ".xls" else f"needed is {_READABLE}"
    raise DataError(f"{path} ends in {ending or 'nothing'!r}, which is not read; {advice}")


def _one(path: Path, local: ibis.BaseBackend, layout: Layout) -> Raw:
    """Open one file that is not Parquet."""
    kind = _kind(path)
    if kind == "csv":
        return delimited.read(path, local, encoding=layout.encoding, header_rows=layout.header_rows)
    if kind == "json lines":
        return jsonlines.read(path, local, encoding=layout.encoding)
    return workbook.read(path, sheet=layout.sheet, header_rows=layout.header_rows)


def _several(paths: Sequence[Path], name: str, local: ibis.BaseBackend, layout: Layout) -> Raw:
    """Files under each other; a column that one of them lacks is empty there."""
    raws, faults = [], []
    for path in paths:
        try:
            raws.append(_one(path, local, layout))
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
