"""The folder of one month: its pages, the executed notebooks beside them, and the index."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
import nbformat

from retention_kit import __version__
from retention_kit.report import language
from retention_kit.report.actions import action_lists, action_summary
from retention_kit.report.execution.execute import Executed
from retention_kit.report.html import incomplete_page, page, provenance, single_file, sortable
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.numbers import changed_numbers, earlier_months, monitoring, notebook_numbers
from retention_kit.report.output.data_files import data_folder as data_folder
from retention_kit.report.settings.config import Config, last_day

if TYPE_CHECKING:
    from retention_kit.models.checks.value_model import ValueModel

__all__ = ["templates", "with_page", "write"]

CARDS: Final = 6
"""How many numbers stand large at the top of the index."""


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    href: str
    title: str
    question: str = ""


@dataclass(frozen=True)
class Heading:
    """What every page of a month says about its report."""

    title: str
    month_name: str
    as_of: str
    as_of_words: str
    version: str
    links: tuple[Link, ...]
    archive: str


def write(
    folder: Path,
    month: str,
    executed: Sequence[Executed],
    *,
    config: Config,
    plan: Plan,
    data: Workspace,
    lists: Sequence[action_lists.Made] = (),
    choice: ValueModel | None = None,
) -> None:
    """Write everything of a month into a folder.

    `lists` are the action lists of the whole, `choice` its model of value.
    """
    spoken = language.of(config.language)
    heading = _heading(month, executed, config, "../" if plan.segment else "")
    for result in executed:
        _write_page(folder, result, heading, config)
    acted = action_summary.of_month(folder, month, lists, config=config, plan=plan, data=data)
    changed = changed_numbers.compare(changed_numbers.earlier(_place(month, config, plan)), executed)
    known = earlier_months.known(month, data.folder)
    past = earlier_months.compare(month, known, config.output, plan.segment.folder if plan.segment else "")
    found = (table for table in (changed, past.table) if table)
    tables = data_folder.write(folder, executed, *acted.tables, known, *found)
    _write_restated(folder, changed, past, executed, heading, config)
    whole = [result for result in executed if result.failure is None]
    blocks = [{"href": _href(r), "title": spoken.known(r.notebook.title), "rows": _rows(r.node, spoken)} for r in whole]
    html = _template("month.html.j2", config).render(
        **_frame(heading, config, here="index.html", up=""),
        watch=monitoring.of_month(folder, month, executed, config=config, plan=plan),
        notices=provenance.notices(month, executed, data, spoken),
        cards=_headline(whole, spoken)[:CARDS],
        scorecard=[block for block in blocks if block["rows"]],
        sources=provenance.sources(config, data, spoken),
        acted=acted,
        tables=tables,
        restated=changed_numbers.rows(changed, spoken),
        past={"rows": past.rows(spoken), "sentences": past.sentences(spoken)},
        run_facts=provenance.run(month, executed, plan, spoken, choice),
    )
    (folder / "index.html").write_text(html, encoding="utf-8")
    _write_joined(folder, [_href(result) for result in whole], config)


def _write_joined(folder: Path, pages: Sequence[str], config: Config) -> None:
    """The pages as one file and as PDF, where they are wanted."""
    if config.single_file or config.pdf:
        joined = single_file.join(folder, pages)
        if config.single_file:
            (folder / "report.html").write_text(joined, encoding="utf-8")
        if config.pdf:
            single_file.to_pdf(joined, folder / "report.pdf")


def with_page(result: Executed, config: Config) -> Executed:
    """The same with its page, made while other notebooks still run; one that cannot be shown whole has failed."""
    spoken = language.of(config.language)
    made, failure = incomplete_page.rendered(result, title=spoken.known(result.notebook.title), language=spoken)
    return replace(result, page=made, failure=failure)


def _heading(month: str, executed: Sequence[Executed], config: Config, up: str) -> Heading:
    spoken, end = language.of(config.language), last_day(month)
    whole = [(_href(result), result.notebook) for result in executed if result.failure is None]
    pages = [Link(href, spoken.known(notebook.title), spoken.known(notebook.question)) for href, notebook in whole]
    links = (Link("index.html", spoken.gettext("The month")), *pages)
    words = (spoken.month(month), end.isoformat(), spoken.day(end))
    return Heading(config.title, *words, __version__, links, f"{up}../index.html")


def _headline(whole: Sequence[Executed], spoken: language.Language) -> list[notebook_numbers.Row]:
    """Numbers of the page that heads the index: the one whose metadata say so, else the first that has any."""
    rows = [_rows(r.node, spoken) for r in sorted(whole, key=lambda r: not r.notebook.heads_index)]
    return next((row for row in rows if row), [])


def _href(result: Executed) -> str:
    return f"{'failed/' if result.failure else ''}{result.notebook.name}.html"


def _rows(node: Any, spoken: language.Language) -> list[notebook_numbers.Row]:
    return [notebook_numbers.row(item, spoken) for item in notebook_numbers.numbers(node)]


def _place(month: str, config: Config, plan: Plan) -> Path:
    """Where the folder will stand, and where that of the last run stands now."""
    return config.output / month / (plan.segment.folder if plan.segment else "")


def _write_restated(
    folder: Path,
    changed: data_folder.Table | None,
    past: earlier_months.Compared,
    executed: Sequence[Executed],
    heading: Heading,
    config: Config,
) -> None:
    """The page of the numbers that differ from the last run or from earlier reports; there is none where none does."""
    if changed is None and past.table is None:
        return
    html = _template("restated.html.j2", config).render(
        **_frame(heading, config, here="restated.html", up=""),
        rows=changed_numbers.rows(changed, language.of(config.language)),
        past=past.rows(language.of(config.language)),
        past_month=language.of(config.language).month(past.said) if past.said else "",
        titles={result.notebook.name: result.notebook.title for result in executed},
    )
    (folder / "restated.html").write_text(html, encoding="utf-8")


def _write_page(folder: Path, result: Executed, heading: Heading, config: Config) -> None:
    path = folder / _href(result)
    path.parent.mkdir(exist_ok=True)
    html = _template("page.html.j2", config).render(
        **_frame(heading, config, here=_href(result), up="../" if result.failure else ""),
        page=result.page or with_page(result, config).page,
        page_title=language.of(config.language).known(result.notebook.title),
        prose=result.notebook.language if result.notebook.language != config.language else "",
        failure=result.failure,
        notebook=f"{result.notebook.name}.ipynb",
    )
    path.write_text(html, encoding="utf-8")
    path.with_suffix(".ipynb").write_text(nbformat.writes(result.node) + "\n", encoding="utf-8")


def _frame(heading: Heading, config: Config, *, here: str, up: str) -> dict[str, Any]:
    css = (page.TEMPLATE / "style.css").read_text(encoding="utf-8")
    names = {"language": config.language, "css": jinja2.utils.markupsafe.Markup(css)}
    return {"report": heading, "home": f"{up}index.html", "home_folder": up, "here": here, **names}


def _template(name: str, config: Config) -> jinja2.Template:
    return templates(config.language).get_template(name)


@functools.cache  # they are compiled once for a language, not for each page
def templates(code: str) -> jinja2.Environment:
    """The templates, which speak a language."""
    loader = jinja2.FileSystemLoader(page.TEMPLATE)
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    language.of(code).install(made)
    sortable.install(made, language.of(code))
    return made
