"""Sections of a page in which nothing can be shown: they are left out, and one line at the end says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from nbformat import NotebookNode

_HEADING: Final = re.compile(r"\s*#{2,6}\s+(.+)")
_LEFT_OUT: Final = "Left out: "
"""Beginning of what `tables.left_out` shows: it belongs to data that this report does not have."""
_ABSENT: Final = re.compile(r"(?:Left out|Note: Not shown): (.*)", re.DOTALL)
"""What stands in place of a result: as above, or the note of a block of `tables.notes` that ended early."""


@dataclass(eq=False)
class _Block:
    """A text and the code cells up to the next text."""

    text: Any | None
    code: list[Any] = field(default_factory=list)

    @property
    def heading(self) -> str:
        match = _HEADING.match(self.text.source) if self.text is not None else None
        return match[1].strip() if match else ""

    @property
    def outputs(self) -> list[Any]:
        return [output for cell in self.code for output in cell.outputs]


def without(node: Any) -> tuple[Any, dict[str, list[str]]]:
    """A notebook without its empty sections, and the headings of these by the reason why they are empty.

    Parameters
    ----------
    node : NotebookNode
        An executed notebook, whose outputs all mean something to a reader; it is not changed.

    Notes
    -----
    A section reaches from a heading below the first level to the next one. It is left out if all that its code shows
    are reasons why something is missing. From other sections only what `tables.left_out` shows is taken, with the text
    above it. Code stays, since later cells may rest on it; a cell that failed is always shown.
    """
    kept: list[Any] = []
    headings: dict[str, list[str]] = {}
    for section in _sections(node.cells):
        shown = [block for block in section if block.outputs or any(map(_failed, block.code))]
        empty = bool(shown) and bool(section[0].heading) and all(map(_is_empty, shown))
        for block in section:
            reasons = [_reason(output) for output in block.outputs if _goes(output, empty)]
            for reason in filter(None, reasons):
                headings.setdefault(reason, []).append(section[0].heading)
            gone = (empty and (block is section[0] or block in shown)) or (
                bool(reasons) and not block.heading and _is_empty(block)
            )
            kept += [block.text] if block.text is not None and not gone else []
            kept += [_without(cell, empty) for cell in block.code]
    return NotebookNode(node, cells=kept), headings


def _sections(cells: Any) -> Iterator[list[_Block]]:
    section = [_Block(None)]
    for cell in cells:
        if cell.cell_type == "code":
            section[-1].code.append(cell)
            continue
        block = _Block(cell)
        if block.heading:
            yield section
            section = []
        section.append(block)
    yield section


def _is_empty(block: _Block) -> bool:
    return bool(block.outputs) and not any(map(_failed, block.code)) and all(map(_reason, block.outputs))


def _failed(cell: Any) -> bool:
    return bool(cell.metadata.get("failed", False))


def _goes(output: Any, empty: bool) -> bool:
    """Whether an output is taken from its place: any in an empty section, elsewhere what was meant to be left out."""
    return bool(_reason(output)) and (empty or _text(output).startswith(_LEFT_OUT))


def _without(cell: Any, empty: bool) -> Any:
    outputs = [output for output in cell.outputs if not _goes(output, empty)]
    return cell if len(outputs) == len(cell.outputs) else NotebookNode(cell, outputs=outputs)


def _reason(output: Any) -> str:
    match = _ABSENT.fullmatch(_text(output))
    return match[1].strip() if match else ""


def _text(output: Any) -> str:
    return str(output.get("data", {}).get("text/plain", ""))
