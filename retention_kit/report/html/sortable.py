"""Long tables of a page get what the page's one script needs to sort them: kinds of columns, keys of cells, totals.

The keys are read here, from numbers as the language writes them, so that the script knows none. It is the only script
that a page lets run: the content security policy names it by its hash.
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
from retention_kit.report.language import ENGLISH, Language

__all__ = ["LEAST", "install", "key", "mark", "policy", "script"]

LEAST: Final = 8
"""Rows of a table that is worth sorting."""
_BLANK: Final = ("", "–", "—", "-", "nan", "nat", "none", "<na>")
_TOTALS: Final = ("total", "totals", "all", "sum", "razem", "ogółem", "suma", "總計", "合計", "全部")
_SIZES: Final = {"%": 0.01, "k": 1e3, "M": 1e6, "B": 1e9}
_DIGITS: Final = r"(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][+\-]?\d+)?"
_NUMBER: Final = re.compile(
    rf"(?P<sign>[+\-\u2212]?)(?P<digits>{_DIGITS})(?P<size>[kMB](?!\w)|\s?%)?(?=[\s()]|$)(?!\s\d)"
)
_DAY: Final = re.compile(r"((?P<day>\d{1,2})\s)?(?P<month>[A-Z][a-z]{2})[a-z]*\s(?P<year>\d{4})")
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def script() -> Markup:
    """The script, as it stands on every page."""
    return Markup((Path(__file__).parent / "template" / "sort.js").read_text(encoding="utf-8"))


def policy() -> Markup:
    """What the content security policy says of scripts: this one runs, by the hash of its text, and no other."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}'")


def install(pages: jinja2.Environment, language: Language) -> None:
    """Give templates the script with its policy, and a filter for a block with one table."""
    pages.globals["script"], pages.globals["script_policy"] = script(), policy()
    pages.filters["sortable"] = lambda html: _marked(html, language)


def _marked(html: str, language: Language) -> Markup:
    tree = parse(html)
    mark(tree, language)
    return Markup(tree)


def mark(tree: Any, language: Language = ENGLISH) -> None:
    """Mark every long table of a tree in which each body row has a cell for each heading.

    Parameters
    ----------
    tree : BeautifulSoup
        Sanitised, so that nobody else's marks are in it. It is changed.
    language : Language
        In which its numbers are written.
    """
    for table in tree.find_all("table"):
        bodies = table.find_all("tbody")
        heads = [row for head in table.find_all("thead") for row in head.find_all("tr")]
        rows = [_cells(row) for row in bodies[0].find_all("tr")] if len(bodies) == 1 else []
        headings = _cells(heads[-1]) if heads else []
        if len(rows) >= LEAST and all(len(row) == len(headings) for row in [headings, *rows]) and _is_plain(table):
            _mark(table, headings, rows, language)


def _cells(row: Any) -> list[Any]:
    """The cells of a row, one for each column; none where one of them spans several."""
    cells = [child for child in row.children if child.name in ("th", "td")]
    spans = any(cell.get(name, "1") != "1" for cell in cells for name in ("colspan", "rowspan"))
    return [] if spans else cells


def _is_plain(table: Any) -> bool:
    """Whether it is no table in a table, and has none in it."""
    return not table.find("table") and not table.find_parent("table")


def _mark(table: Any, headings: list[Any], rows: list[list[Any]], language: Language) -> None:
    while rows and _text(rows[-1][0]).lower() in _TOTALS:
        rows.pop()[0].parent["data-total"] = ""
    table["data-sortable"] = ""
    for column, heading in enumerate(headings):
        if heading.name == "th" and heading.get_text(strip=True) and not heading.find(["a", "details"]):
            heading["data-sort"] = _mark_column([row[column] for row in rows], language)


def _mark_column(cells: list[Any], language: Language) -> str:
    """The kind of a column; its cells get their keys, where those are not their own text."""
    if any("data-key" in cell.attrs for cell in cells):  # the template knew it
        return "text"
    texts = [_text(cell) for cell in cells]
    keys = [key(language.in_english(text)) for text in texts]
    known = [found is not None for text, found in zip(texts, keys, strict=True) if not _is_blank(text)]
    is_number = bool(known) and all(known)
    for cell, text, found in zip(cells, texts, keys, strict=True):
        if _is_blank(text):
            cell["data-key"] = ""
        elif is_number:
            cell["data-key"] = f"{found:.15g}"
        elif _opens(cell):
            cell["data-key"] = text
    return "number" if is_number else "text"


def _text(cell: Any) -> str:
    """What a cell says, without what it only shows when opened."""
    if _opens(cell):
        parts = (part for part in cell.find_all(string=True) if not part.find_parent("details"))
        return " ".join("".join(parts).split())
    return " ".join(cell.get_text().split())


def _opens(cell: Any) -> bool:
    """Whether something in it shows only when opened; most cells hold nothing but text."""
    return any(isinstance(child, Tag) for child in cell.contents) and cell.find("details") is not None


def _is_blank(text: str) -> bool:
    return text.lower() in _BLANK


def key(text: str) -> float | None:
    """The number that a text begins with, days and months as YYYYMMDD; None where it begins with none.

    Examples
    --------
    >>> key("1,234.5"), key("−12.5 %"), key("1.2k"), key("28.8 (18.4 to 38.3)"), key("9 June 1998")
    (1234.5, -0.125, 1200.0, 28.8, 19980609.0)
    >>> key("12,5"), key("1 234,5"), key("1998-06-09"), key("R 3 to 2"), key("1.2.3")
    (None, None, None, None, None)
    """
    day = _DAY.fullmatch(text)
    if day and day["month"] in _MONTHS:
        return float(f"{day['year']}{_MONTHS.index(day['month']) + 1:02}{int(day['day'] or 0):02}")
    found = _NUMBER.match(text)
    if found is None:
        return None
    size = (found["size"] or "").strip()
    value = float(found["digits"].replace(",", "")) * _SIZES.get(size, 1.0)
    return -value if found["sign"] in ("-", "\u2212") else value
