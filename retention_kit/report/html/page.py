"""Render an executed notebook as a page: nbconvert renders the cells, then headings, figures and tables are
arranged."""

from __future__ import annotations

import functools
import json
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from bs4 import BeautifulSoup
from markupsafe import Markup
from nbconvert.exporters.html import HTMLExporter
from nbformat import NotebookNode

from retention_kit import figure_markup
from retention_kit.embedded_tables import MIME
from retention_kit.report.execution.clean import has_tag, plain_text
from retention_kit.report.html import sortable
from retention_kit.report.html.markup.inline_figures import inlined
from retention_kit.report.html.markup.sanitise import parse, sanitise
from retention_kit.report.html.mathml import markdown_to_html, tex_to_mathml
from retention_kit.report.language import ENGLISH, Language, pages
from retention_kit.report.notebooks import empty_sections
from retention_kit.wording import Wording

TEMPLATE: Final = Path(__file__).parent / "template"
_REPR: Final = re.compile(r"<(Axes|Figure|matplotlib|seaborn|BarContainer|\w+\.\w+)[^\n]*>|\[<matplotlib.*", re.DOTALL)

"""Text form of a plot object, which cells show when their last line draws something."""
_EXPORTER: Final = threading.Lock()
"""nbconvert's exporter keeps state while it renders a page, and several notebooks may finish at the same time."""
_REMOVED: Final = {kind: (f"remove-{kind}", f"remove_{kind}") for kind in ("cell", "input", "output")}
_HIDDEN: Final = ("hide-cell", "hide_cell", "hide-output", "hide_output")
"""Tags of Jupyter Book, in both spellings. `hide-input` needs no entry: every page folds the code of its cells."""
_NOTE: Final = re.compile(r"\w*Warning: |Note: ")
"""Beginning of a warning that `clean` has reduced to its message, or of a note of `tables.notes` as text."""
_JSON: Final = "application/json"
_SCRIPT: Final = "application/javascript"
_NO_SCRIPT: Final = "[a script is left out: no page runs any]"
_MARKDOWN: Final = "text/markdown"
_AMOUNT: Final = re.compile(r"(?<![\\$])\$(?=\d)")
"""The sign of dollars before an amount."""
_PLACE: Final = re.compile("<figure>([0-9a-f]{32})</figure>")
_NO_ALT: Final = "No description has been provided for this image"
"""Alternative text that nbconvert writes where the author gave none."""


def style_sheet(body: str = "") -> Markup:
    """The style of every page, with that of figures where the body of a page has any."""
    figures = figure_markup.style() if 'class="drawn"' in body else ""
    return Markup((TEMPLATE / "style.css").read_text(encoding="utf-8") + figures)


@dataclass(frozen=True)
class Heading:
    """One line of a contents list."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Page:
    """Body of a page: safe HTML with its headings."""

    html: str
    headings: tuple[Heading, ...]


def render(node: Any, *, title: str, language: Language = ENGLISH, translation: Wording | None = None) -> Page:
    """The cells of an executed notebook as safe HTML; a cell whose metadata say `failed` comes first.

    The notebook is not changed. `title` is the heading of the page where the notebook has none. `translation`
    puts a notebook of the package into the language.
    """
    node, left_out = empty_sections.without(_readable_outputs(pages.prose(node, translation) if translation else node))
    left_out = {translation(reason) if translation else reason: names for reason, names in left_out.items()}
    node, figures = _with_places_for_figures(_folded(node), language)
    with _EXPORTER:
        cells, _ = _exporter(language).from_notebook_node(node)
    tree = sanitise(parse(cells))
    _say_what_is_left_out(tree, left_out, language)
    headings = _order_headings(tree, title)
    sortable.mark(tree)
    if translation:
        pages.tables_and_notes(tree, translation)
    _frame_tables(tree, language)
    _describe_figures(tree, title, language)
    parts = _PLACE.split(str(tree))
    parts[1::2] = [figures.get(name, "") for name in parts[1::2]]
    return Page("".join(parts), headings)


def _with_places_for_figures(node: Any, language: Language) -> tuple[Any, dict[str, str]]:
    """The notebook with a place for each figure of the package, and the figures by the names of their places.

    The figures are checked by their own rules and join the page after it was sanitised. Their names are drawn for each
    page, so that no text of a notebook can contain one.
    """
    figures: dict[str, str] = {}
    for cell in node.cells:
        for i, output in enumerate(cell.get("outputs", [])):
            svg = output.get("data", {}).get("image/svg+xml", "")
            if figure := inlined("".join(svg), language):
                name = secrets.token_hex(16)
                figures[name] = figure
                cell.outputs[i] = NotebookNode(output, data=NotebookNode({"text/html": f"<figure>{name}</figure>"}))
    return node, figures


def _readable_outputs(node: Any) -> Any:
    """The notebook without outputs that say nothing; the first cells are those that a page shows."""
    cells = [
        NotebookNode(cell, outputs=[_with_amounts(output) for output in cell.outputs if not _says_nothing(output)])
        if cell.cell_type == "code"
        else cell
        for cell in node.cells
        if not has_tag(cell, *_REMOVED["cell"])
    ]
    return NotebookNode(node, cells=cells)


def _with_amounts(output: Any) -> Any:
    """An output whose amounts in dollars begin no formula, if it is Markdown."""
    data = output.get("data", {})
    if _MARKDOWN not in data:
        return output
    text = _AMOUNT.sub(r"\$", "".join(data[_MARKDOWN]))
    return NotebookNode(output, data=NotebookNode(data, **{_MARKDOWN: text}))


def _say_what_is_left_out(tree: BeautifulSoup, left_out: dict[str, list[str]], language: Language) -> None:
    """One line at the end of the page for what could not be shown."""
    if not left_out:
        return
    line = tree.new_tag("p", attrs={"class": "small left-out"})
    parts = []
    for reason, names in left_out.items():
        sections = language.listing(dict.fromkeys(filter(None, names)))
        said = language.gettext("%(sections)s: %(reason)s", sections=sections, reason=reason) if sections else reason
        parts.append(said if said.endswith((".", "。")) else f"{said}.")
    line.string = language.gettext("Left out of this page. %(parts)s", parts=language.together(*parts))
    tree.append(line)


@functools.cache  # templates are compiled once, not for each page
def _exporter(language: Language) -> HTMLExporter:
    exporter = HTMLExporter(template_name=TEMPLATE.name, extra_template_basedirs=[str(TEMPLATE.parent)])
    exporter.register_filter("markdown_page", markdown_to_html)
    exporter.register_filter("mathml", lambda tex: tex_to_mathml(tex.strip().strip("$"), "block"))
    exporter.register_filter("plain", plain_text)
    language.install(exporter.environment)
    return exporter


def _folded(node: Any) -> Any:
    """Fold the code of cells without output into the next cell with output; the failed cell comes first."""
    cells: list[Any] = []
    first: list[Any] = []
    waiting: list[str] = []
    notes: set[str] = set()
    for cell in node.cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        outputs = [_shown(output) for output in cell.outputs]
        outputs = [] if has_tag(cell, *_REMOVED["output"]) else _without_said(outputs, notes)
        last = NotebookNode(cell, outputs=outputs, metadata=NotebookNode(cell.metadata))
        last.metadata["closed"] = _is_closed(cell)
        failed = cell.metadata.get("failed", False)
        if not has_tag(cell, *_REMOVED["input"]) and cell.source.strip():
            waiting.append(cell.source)
        if outputs or failed:
            last.metadata["folded"], waiting = waiting, []
            (first if failed else cells).append(last)
    if waiting:
        last.metadata["folded"] = waiting
        cells.append(last)
    return NotebookNode(node, cells=first + cells)


def _without_said(outputs: list[Any], notes: set[str]) -> list[Any]:
    """Outputs without warnings that the page already shows, as a warning or as a note of `tables.notes`; warnings that
    are shown now are added to `notes`."""
    kept = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            lines = [line for line in output.text.splitlines() if _is_new(line, notes)]
            if lines:
                kept.append(NotebookNode(output, text="\n".join(lines) + "\n"))
        elif _is_new(output.get("data", {}).get("text/plain", ""), notes):
            kept.append(output)
    return kept


def _is_new(text: str, notes: set[str]) -> bool:
    """Whether a text is not a warning, or a warning that the page does not show yet."""
    start = _NOTE.match(text)
    if start is None:
        return True
    said = text[start.end() :] in notes
    notes.add(text[start.end() :])
    return not said


def _is_closed(cell: Any) -> bool:
    """Whether the output of a cell is folded, as its code always is."""
    folded = cell.metadata.get("collapsed") or cell.metadata.get("jupyter", {}).get("outputs_hidden")
    return has_tag(cell, *_HIDDEN) or folded is True


def _shown(output: Any) -> Any:
    """An output without the tables embedded in it; data that only a script could draw become text."""
    data = output.get("data", {})
    if MIME not in data and _JSON not in data and _SCRIPT not in data:
        return output
    data = {kind: value for kind, value in data.items() if kind not in (MIME, _JSON, _SCRIPT)}
    if set(data) <= {"text/plain"}:
        script = _SCRIPT in output.data
        data["text/plain"] = _NO_SCRIPT if script else _readable(output.data.get(_JSON), data.get("text/plain", ""))
    return NotebookNode(output, data=NotebookNode(data))


def _readable(value: Any, text: str) -> str:
    return text if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def _says_nothing(output: Any) -> bool:
    """Whether an output is only the text form of a plot object, which means nothing to a reader."""
    data = output.get("data", {})
    return set(data) == {"text/plain"} and bool(_REPR.fullmatch(data["text/plain"].strip()))


def _order_headings(tree: BeautifulSoup, title: str) -> tuple[Heading, ...]:
    """Ensure exactly one h1, at the top, no skipped level, and a unique id for every heading."""
    tags = tree.find_all(re.compile("^h[1-6]$"))
    if not tags or tags[0].name != "h1":
        top = tree.new_tag("h1")
        top.string = title
        tree.insert(0, top)
        tags.insert(0, top)
    headings, level, taken = [], 0, _taken_ids(tree, tags)
    for tag in tags:
        level = min(max(int(tag.name[1]), 2), level + 1) if level else 1
        tag.name = f"h{level}"
        text = tag.get_text(" ", strip=True)
        name = _unique(text, taken)
        tag["id"] = name
        headings.append(Heading(level, name, text))
    _lead_to(tree, headings)
    return tuple(headings)


def _lead_to(tree: BeautifulSoup, headings: list[Heading]) -> None:
    """Point links to headings at their ids: notebooks link to the text of a heading with hyphens for spaces."""
    places = {_slug(heading.text): heading.id for heading in reversed(headings)}  # the first of equal headings
    for link in tree.find_all("a", href=re.compile("^#.")):
        target = unquote(str(link["href"])[1:])
        if not tree.find(id=target):
            link["href"] = f"#{places.get(_slug(target), target)}"


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _taken_ids(tree: BeautifulSoup, headings: list[Any]) -> set[str]:
    own = {id(tag) for tag in headings}
    return {"main", "contents"} | {str(tag["id"]) for tag in tree.find_all(id=True) if id(tag) not in own}


def _unique(text: str, taken: set[str]) -> str:
    name = _slug(text)[:60] or "section"
    number = 1
    while (candidate := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    taken.add(candidate)
    return candidate


def _frame_tables(tree: BeautifulSoup, language: Language) -> None:
    """Put each table into a frame that scrolls and that the keyboard can reach."""
    for number, table in enumerate(tree.find_all("table"), start=1):
        if table.find_parent("table"):
            continue
        table.attrs.pop("style", None)
        for corner in table.find_all("th"):
            if not corner.get_text(strip=True):
                corner.name = "td"  # an empty cell heads nothing
        for cell in table.find_all("td", class_=["gt_title", "gt_subtitle", "gt_sourcenote", "gt_footnote"]):
            _hold(tree, cell)
        caption = table.find(["caption"]) or table.find(class_="gt_title")
        label = caption.get_text(" ", strip=True) if caption else next(_sections_above(table), "")
        frame = tree.new_tag("div", attrs={"class": "table", "tabindex": "0", "role": "region"})
        frame["aria-label"] = language.gettext("Table %(number)s: %(label)s", number=number, label=label).rstrip(": ：")
        table.wrap(frame)


def _hold(tree: BeautifulSoup, cell: Any) -> None:
    """Keep the text of a cell over all columns in the window, where the table scrolls."""
    held = tree.new_tag("div", attrs={"class": "held"})
    held.extend(list(cell.contents))
    cell.append(held)


def _describe_figures(tree: BeautifulSoup, title: str, language: Language) -> None:
    """Name figures without alternative text after their section."""
    for image in tree.find_all("img"):
        if str(image.get("alt") or "").strip() in ("", _NO_ALT):
            section = next(_sections_above(image), title)
            image["alt"] = language.gettext("Figure: %(section)s", section=section)


def _sections_above(tag: Any) -> Iterator[str]:
    for heading in tag.find_all_previous(re.compile("^h[1-6]$")):
        yield heading.get_text(" ", strip=True)
