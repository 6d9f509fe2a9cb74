"""Lines that end in several ways: Excel for the Mac ends them in CR, and some programs leave a CR inside a cell."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAMES = {"\n": "LF", "\r": "CR", "\r\n": "CR LF"}


@dataclass(frozen=True)
class Even:
    """A text file with one line end and headers on a line each."""

    path: Path
    notes: tuple[str, ...] = ()


@contextlib.contextmanager
def with_one_line_end(path: Path, delimiter: str, header_rows: int, *, uneven: bool) -> Iterator[Even]:
    """The file itself, or a temporary copy that begins with the headers, and what was assumed.

    Outside of quotation marks CR LF and LF end a line. A CR alone does so too where the file has no other line end, or
    where most of the pieces that it cuts a line into have as many cells as the headers; elsewhere it belongs to its
    cell.
    """
    ends = _ends(path, delimiter) if uneven else set()
    if len(ends) <= 1 and "\r" not in ends and _are_plain(path, delimiter, header_rows):
        yield Even(path)
        return
    with tempfile.TemporaryDirectory(prefix="retention_kit_") as folder:
        copy = Path(folder) / "lines.txt"
        with copy.open("w", encoding="utf-8", newline="") as out:
            out.writelines(_lines(path, delimiter, header_rows, only_returns=ends == {"\r"}))
        several = len(ends) > 1 or "\r" in ends
        notes = (f"lines end in {', '.join(_NAMES[end] for end in sorted(ends))}",) if several else ()
        yield Even(copy, notes)


def _are_plain(path: Path, delimiter: str, header_rows: int) -> bool:
    """Whether the headers are on one line each: the engine counts lines, whatever is quoted."""
    first = [piece for piece, _ in itertools.islice(_pieces(path, delimiter), header_rows)]
    return all(piece.strip() and not re.search("[\r\n]", piece) for piece in first)


def _pieces(path: Path, delimiter: str) -> Iterator[tuple[str, str]]:
    """The text between two line ends outside of quotation marks, and the line end that follows it."""
    quoted = re.compile(f'(?:^|{re.escape(delimiter)})"')
    kept: list[str] = []
    is_open = False
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line in stream:
            if is_open or '"' in line:
                is_open = _is_open_after(line.rstrip("\r\n"), is_open, quoted)
            if is_open:
                kept.append(line)
                continue
            text = line.rstrip("\r\n")
            yield "".join((*kept, text)), line[len(text) :]
            kept = []
    if kept:
        yield "".join(kept), ""


def _is_open_after(line: str, is_open: bool, quoted: re.Pattern[str]) -> bool:
    """Whether a quotation mark that opens a cell is still open at the end of a line."""
    at = 0
    while True:
        if not is_open:
            mark = quoted.search(line, at) if at == 0 else quoted.search(line, at, len(line))
            if mark is None:
                return False
            at = mark.end()
        at = line.find('"', at)
        while at >= 0 and line[at : at + 2] == '""':
            at = line.find('"', at + 2)
        if at < 0:
            return True
        is_open, at = False, at + 1


def _ends(path: Path, delimiter: str) -> set[str]:
    """The line ends outside of quotation marks."""
    return {end for _, end in _pieces(path, delimiter) if end}


def _lines(path: Path, delimiter: str, header_rows: int, *, only_returns: bool) -> Iterator[str]:
    """The lines of a file from the headers on, each with the same end."""
    lines = _pieces_of_lines(path, delimiter, only_returns=only_returns)
    first = next(lines, [""])
    second = next(lines, None)
    width = _width(first, second or [], delimiter)
    rest = itertools.chain([first], [] if second is None else [second], lines)
    cut = itertools.chain.from_iterable(_cut(line, width, delimiter) for line in rest)
    for line in itertools.islice(cut, header_rows):
        yield re.sub("[\r\n]+", " ", line[:-1]) + "\n"
    yield from cut


def _pieces_of_lines(path: Path, delimiter: str, *, only_returns: bool) -> Iterator[list[str]]:
    """Lines that end in LF or CR LF, each as the pieces into which the CRs in it cut it."""
    waiting: list[str] = []
    for piece, end in _pieces(path, delimiter):
        waiting.append(piece)
        if end != "\r" or only_returns:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _width(first: list[str], second: list[str], delimiter: str) -> int:
    """The number of headers: those of the first piece if that is a line of its own, else those of the first line."""
    joined = len(_cells(_joined(first, delimiter), delimiter))
    pieces = [len(_cells(piece, delimiter)) for piece in first if piece.strip()]
    if len(pieces) == 1 or joined == len(_cells(_joined(second, delimiter), delimiter)):
        return joined
    return pieces[0] if pieces and pieces[0] > 1 and 2 * pieces.count(pieces[0]) > len(pieces) else joined


def _cut(line: list[str], width: int, delimiter: str) -> Iterator[str]:
    """A line as it is, or the lines that the CRs in it end."""
    filled = [piece for piece in line if piece.strip()]
    if len(line) == 1:
        yield line[0] + "\n"
    elif 2 * sum(len(_cells(piece, delimiter)) == width for piece in filled) > len(filled):
        yield from (piece + "\n" for piece in filled)
    elif filled:
        yield _joined(line, delimiter) + "\n"


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line."""
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])


def _joined(pieces: list[str], delimiter: str) -> str:
    """Pieces as one line in which every cell that holds a CR is in quotation marks."""
    row: list[str] = []
    for piece in pieces:
        cells = _cells(piece, delimiter) or [""]
        row = cells if not row else [*row[:-1], f"{row[-1]}\r{cells[0]}", *cells[1:]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(row)
    return out.getvalue().removesuffix("\r\n")
