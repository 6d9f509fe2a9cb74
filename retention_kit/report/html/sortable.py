"""Prepare long tables of a page for sorting: kinds of columns, keys of cells, rows of totals.

Keys are written before a number becomes text: templates give cells a ``data-key``, tables of the package a
``<data value>``. The sorting script is the only one that runs: the content security policy names it by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any, Final

import jinja2
from bs4.element import Tag
from markupsafe import Markup

from retention_kit.report.html.markup.sanitise import parse

LEAST: Final = 8
"""Least number of rows of a table that can be sorted."""
_BLANK: Final = ("", "–", "—", "-", "nan", "nat", "none", "<na>")
"""Texts of empty cells, in lower case; they are sorted last."""
_TOTALS: Final = ("total", "totals", "all", "sum", "razem", "ogółem", "suma", "總計", "合計", "全部")
"""First words of a row of totals, in the languages of the report; it stays at its end."""
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
"""A number as programs write it, also in the cells of a plain DataFrame."""


def script() -> Markup:
    """The script that every page contains."""
    return Markup((Path(__file__).parent / "template" / "page.js").read_text(encoding="utf-8"))


def policy() -> Markup:
    """The content security policy for scripts: only this one may run, identified by the hash of its text."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}'")


def install(pages: jinja2.Environment) -> None:
    """Add the script, its policy and a filter for a block with one table to the templates."""
    pages.globals["script"], pages.globals["script_policy"] = script(), policy()
    pages.filters["sortable"] = _marked


def _marked(html: str) -> Markup:
    tree = parse(html)
    mark(tree)
    return Markup(tree)


def mark(tree: Any) -> None:
    """Mark each long table of a sanitised tree in which each body row has a cell for each heading; the tree changes."""
    for table in tree.find_all("table"):
        bodies = table.find_all("tbody")
        heads = [row for head in table.find_all("thead") for row in head.find_all("tr")]
        rows = [_cells(row) for row in bodies[0].find_all("tr")] if len(bodies) == 1 else []
        headings = _cells(heads[-1]) if heads else []
        if len(rows) >= LEAST and all(len(row) == len(headings) for row in [headings, *rows]) and _is_plain(table):
            _mark(table, headings, rows)


def _cells(row: Any) -> list[Any]:
    """The cells of a row, one per column; empty if one of them spans several columns."""
    cells = [child for child in row.children if child.name in ("th", "td")]
    spans = any(cell.get(name, "1") != "1" for cell in cells for name in ("colspan", "rowspan"))
    return [] if spans else cells


def _is_plain(table: Any) -> bool:
    """Whether a table neither is inside another table nor contains one."""
    return not table.find("table") and not table.find_parent("table")


def _mark(table: Any, headings: list[Any], rows: list[list[Any]]) -> None:
    while rows and _text(rows[-1][0]).lower() in _TOTALS:
        rows.pop()[0].parent["data-total"] = ""
    table["data-sortable"] = ""
    for column, heading in enumerate(headings):
        if heading.name == "th" and heading.get_text(strip=True) and not heading.find(["a", "details"]):
            heading["data-sort"] = _mark_column([row[column] for row in rows])


def _mark_column(cells: list[Any]) -> str:
    """The kind of a column; cells whose key differs from their text get it as an attribute."""
    keys = [_key(cell) for cell in cells]
    for cell, key in zip(cells, keys, strict=True):
        if key != cell.get_text().strip():
            cell["data-key"] = key
    filled = [key for key in keys if key]
    return "number" if filled and all(_NUMBER.fullmatch(key) for key in filled) else "text"


def _key(cell: Any) -> str:
    """The key by which a cell is sorted; empty for a blank cell."""
    if "data-key" in cell.attrs:
        return str(cell["data-key"])
    if (data := cell.find("data")) is not None:
        return str(data.get("value", ""))
    text = _text(cell)
    return "" if text.lower() in _BLANK else text


def _text(cell: Any) -> str:
    """The text of a cell without its folded details."""
    if _opens(cell):
        parts = (string for string in cell.find_all(string=True) if not string.find_parent("details"))
        return " ".join("".join(parts).split())
    return " ".join(cell.get_text().split())


def _opens(cell: Any) -> bool:
    """Whether a cell contains folded details; most cells hold only text."""
    return any(isinstance(child, Tag) for child in cell.contents) and cell.find("details") is not None
