"""A page of one of the package's notebooks in the language of the report: prose, tables and notes.

Figures come in the language from their kernel. Values of users' own columns are never translated: neither the column of
a table whose heading is no text of the package, nor columns that hold what the data say.
"""

from __future__ import annotations

import re
from typing import Any, Final

from nbformat import NotebookNode

from retention_kit.report.language import notebook_texts
from retention_kit.wording import Wording

_MARKDOWN: Final = "text/markdown"
_FROM_DATA: Final = frozenset({"Customer id", "Product", "First", "Second", "Comment", "Examples", "Plan", "Source"})
"""Headings of columns whose cells are text from data."""
_MONEY: Final = re.compile(r"(?<!\\)\$(?=\d)")
"""The sign of an amount, which begins no formula."""
_NOTE: Final = "Note."


def prose(node: Any, translation: Wording) -> Any:
    """The notebook with its prose in the language: Markdown cells, and Markdown that its code displays."""
    return NotebookNode(node, cells=[_cell(cell, translation) for cell in node.cells])


def _cell(cell: Any, translation: Wording) -> Any:
    if cell.cell_type == "markdown":
        return NotebookNode(cell, source=notebook_texts.prose(cell.source, translation))
    if cell.cell_type != "code" or not any(_MARKDOWN in output.get("data", {}) for output in cell.outputs):
        return cell
    return NotebookNode(cell, outputs=[_output(output, translation) for output in cell.outputs])


def _output(output: Any, translation: Wording) -> Any:
    if _MARKDOWN not in output.get("data", {}):
        return output
    text = _MONEY.sub(r"\\$", notebook_texts.prose(_MONEY.sub(r"\\$", output.data[_MARKDOWN]), translation))
    return NotebookNode(output, data=NotebookNode(output.data, **{_MARKDOWN: text}))


def tables_and_notes(tree: Any, translation: Wording) -> None:
    """Put the tables and notes of a page into the language; the tree changes."""
    for note in tree.select("p.note"):
        for text in list(note.find_all(string=True)):
            _replace(text, translation)
    for text in tree.select("pre.text"):
        _lines(text, translation)
    for table in tree.find_all("table"):
        _table(table, translation)
    for number in tree.find_all("mn"):
        number.string = translation.number(number.get_text())


def _lines(block: Any, translation: Wording) -> None:
    """A block of plain text: warnings, each on its line."""
    if block.find(True) is None:
        lines = [_warning(line, translation) for line in block.get_text().splitlines()]
        block.string = "\n".join(lines)


def _warning(line: str, translation: Wording) -> str:
    head, mark, text = line.partition("Warning: ")
    return (
        translation(text) if mark and head.isidentifier() and translation.known(text) is not None else translation(line)
    )


def _table(table: Any, translation: Wording) -> None:
    heads = [row for part in table.find_all("thead") for row in part.find_all("tr")]
    headings = [cell.get_text(" ", strip=True) for cell in heads[-1].find_all(["th", "td"])] if heads else []
    ours = [translation.known(heading) is not None and heading not in _FROM_DATA for heading in headings]
    for row in [*heads, *(row for part in table.find_all("tfoot") for row in part.find_all("tr"))]:
        for cell in row.find_all(["th", "td"]):
            _text(cell, translation)
    if (caption := table.find("caption")) is not None:
        _text(caption, translation)
    for body in table.find_all("tbody"):
        for row in body.find_all("tr"):
            for column, cell in enumerate(row.find_all(["th", "td"], recursive=False)):
                if cell.find("data") is not None or column >= len(ours) or ours[column]:
                    _text(cell, translation)


def _text(cell: Any, translation: Wording) -> None:
    """The text of a cell: as a whole if it is known, otherwise text by text, which keeps links and folded details."""
    if cell.find(["a", "details", "img", "svg", "math"]) is None:
        known = translation.known(cell.get_text(" ", strip=False))
        if known is not None and (cell.find(True) is None or cell.find("data") is not None):
            _set(cell, known)
            return
    for text in list(cell.find_all(string=True)):
        _replace(text, translation)


def _set(cell: Any, text: str) -> None:
    data = cell.find_all("data")
    if len(data) == 1 and data[0].get_text().strip() == cell.get_text().strip():
        data[0].string = text
    else:
        cell.string = text


def _replace(text: Any, translation: Wording) -> None:
    if text.strip() and (known := translation.known(str(text))) is not None:
        start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        text.replace_with(f"{start}{known}{end}")
