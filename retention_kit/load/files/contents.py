"""What a file really holds, told from its first bytes, where that is not what its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

__all__ = ["mismatch"]

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
_MARKUP = (
    ((b"<!doctype html", b"<html", b"<head", b"<table"), "a web page (HTML); download the export itself, or save it"),
    ((b"<?xml",), "XML; save it"),
)
_TEXT = {"csv", "json lines"}


def mismatch(path: Path, kind: str) -> str | None:
    """What the file holds and what to do, where its bytes contradict the kind that its name says; else None.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "orders.csv"
    ...     size = path.write_bytes(b"%PDF-1.7 ...")
    ...     mismatch(path, "csv")
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
