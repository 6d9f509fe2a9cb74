"""Long tables of a page get what the page's one script needs to sort them: kinds of columns, keys of cells, totals.

A key is written where a number is still a number: templates give cells a ``data-key``, tables of the package a
``<data value>``. The script is the only one that a page lets run: the content security policy names it by its hash.
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

from retention_kit.report.html.sanitise import parse

__all__ = ["LEAST", "install", "mark", "policy", "script"]

LEAST: Final = 8
"""Rows of a table that is worth sorting."""
_BLANK: Final = ("", "–", "—", "-", "nan", "nat", "none", "<na>")
_TOTALS: Final = ("total", "totals", "all", "sum", "razem", "ogółem", "suma", "總計", "合計", "全部")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
"""A number as programs write it, also in the cells of a plain DataFrame."""


def script() -> Markup:
    """The script, as it stands on every page."""
    return Markup((Path(__file__).parent / "template" / "sort.js").read_text(encoding="utf-8"))


def policy() -> Markup:
    """What the content security policy says of scripts: this one runs, by the hash of its text, and no other."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}'")


def install(pages: jinja2.Environment) -> None:
    """Give templates the script with its policy, and a filter for a block with one table."""
    pages.globals["script"], pages.globals["script_policy"] = script(), policy()
    pages.filters["sortable"] = _marked


def _marked(html: str) -> Markup:
    tree = parse(html)
    mark(tree)
    return Markup(tree)


def mark(tree: Any) -> None:
    """Mark every long table of a tree in which each body row has a cell for each heading.

    Parameters
    ----------
    tree : BeautifulSoup
        Sanitised, so that nobody else's marks are in it. It is changed.
    """
    for table in tree.find_all("table"):
        bodies = table.find_all("tbody")
        heads = [row for head in table.find_all("thead") for row in head.find_all("tr")]
        rows = [_cells(row) for row in bodies[0].find_all("tr")] if len(bodies) == 1 else []
        headings = _cells(heads[-1]) if heads else []
        if len(rows) >= LEAST and all(len(row) == len(headings) for row in [headings, *rows]) and _is_plain(table):
            _mark(table, headings, rows)


def _cells(row: Any) -> list[Any]:
    """The cells of a row, one for each column; none where one of them spans several."""
    cells = [child for child in row.children if child.name in ("th", "td")]
    spans = any(cell.get(name, "1") != "1" for cell in cells for name in ("colspan", "rowspan"))
    return [] if spans else cells


def _is_plain(table: Any) -> bool:
    """Whether it is no table in a table, and has none in it."""
    return not table.find("table") and not table.find_parent("table")


def _mark(table: Any, headings: list[Any], rows: list[list[Any]]) -> None:
    while rows and _text(rows[-1][0]).lower() in _TOTALS:
        rows.pop()[0].parent["data-total"] = ""
    table["data-sortable"] = ""
    for column, heading in enumerate(headings):
        if heading.name == "th" and heading.get_text(strip=True) and not heading.find(["a", "details"]):
            heading["data-sort"] = _mark_column([row[column] for row in rows])


def _mark_column(cells: list[Any]) -> str:
    """The kind of a column; its cells get their keys, where those are not their own text."""
    keys = [_key(cell) for cell in cells]
    for cell, key in zip(cells, keys, strict=True):
        if key != cell.get_text().strip():
            cell["data-key"] = key
    known = [key for key in keys if key]
    return "number" if known and all(_NUMBER.fullmatch(key) for key in known) else "text"


def _key(cell: Any) -> str:
    """What a cell is sorted by; nothing where it is blank."""
    if "data-key" in cell.attrs:
        return str(cell["data-key"])
    if (data := cell.find("data")) is not None:
        return str(data.get("value", ""))
    text = _text(cell)
    return "" if text.lower() in _BLANK else text


def _text(cell: Any) -> str:
    """What a cell says, without what it only shows when opened."""
    if _opens(cell):
        parts = (part for part in cell.find_all(string=True) if not part.find_parent("details"))
        return " ".join("".join(parts).split())
    return " ".join(cell.get_text().split())


def _opens(cell: Any) -> bool:
    """Whether something in it shows only when opened; most cells hold nothing but text."""
    return any(isinstance(child, Tag) for child in cell.contents) and cell.find("details") is not None
