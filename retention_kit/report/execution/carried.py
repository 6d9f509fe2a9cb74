"""The tables that the cells of an executed notebook carry, for the month's data folder.

A published notebook holds those of a cell as one text: as nested values they would be a line of the file for each
number, and every step that copies, checks or writes the notebook would go through all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from retention_kit.embedded_tables import MIME

__all__ = ["TEXT", "as_text", "tables"]

TEXT: Final = "application/vnd.retention-kit.tables"


def as_text(node: Any) -> Any:
    """Make one text of the tables that each cell carries; the notebook is changed and returned."""
    for data in _outputs(node):
        if MIME in data:
            data[TEXT] = json.dumps(data.pop(MIME), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return node


def tables(node: Any) -> Iterator[dict[str, Any]]:
    """The tables of all cells in order, each as it was `packed`."""
    for data in _outputs(node):
        yield from json.loads(data.get(TEXT, "[]"))


def _outputs(node: Any) -> Iterator[Any]:
    return (output["data"] for cell in node.cells for output in cell.get("outputs", []) if "data" in output)
