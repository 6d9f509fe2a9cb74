"""The pages of a month as HTML: its index, the page of each notebook, and the numbers that were restated."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import jinja2
from markupsafe import Markup

from retention_kit import __version__
from retention_kit.embedded_tables import MOST_CUSTOMERS
from retention_kit.report import language
from retention_kit.report.actions.customer_lists import CustomerList
from retention_kit.report.actions.shown_customers import ShownCustomer
from retention_kit.report.execution.execute import Executed
from retention_kit.report.html import (
    incomplete_page,
    page,
    provenance,
    sortable,
)
from retention_kit.report.html.customers import customer_view, list_view, table_links, uplift_rows
from retention_kit.report.html.mathml import tex_to_mathml
from retention_kit.report.html.summary import reading, view
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.language import Language, gettext_noop
from retention_kit.report.numbers import alerts, changed_numbers, largest_changes, notebook_numbers, targets
from retention_kit.report.numbers.month_result import MonthResult, PartResult
from retention_kit.report.settings import papers
from retention_kit.report.settings.config import Config

_STYLES: Final = ("customers.css",)
CARDS: Final = 6
TITLE: Final = gettext_noop("Customer retention")
"""The title of a report that was given none."""
"""Number of headline numbers at the top of the index."""


@dataclass(frozen=True)
class NotebookPage:
    """An executed notebook and the body of its page."""

    executed: Executed
    body: page.Page


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    href: str
    title: str
    question: str = ""


@dataclass(frozen=True)
class Heading:
    """What the heading of every page of a month says about its report.

    `views` are the ways to see the month, `links` the pages of its notebooks.
    """

    title: str
    month_name: str
    as_of: str
    as_of_words: str
    version: str
    views: tuple[Link, ...]
    links: tuple[Link, ...]
    archive: str


@dataclass(frozen=True)
class Watched:
    """Alerts, targets and the largest changes as the index shows them, in the language of the report.

    `tripped` holds pairs: the folder of the index with the alert's page, empty for this index, and the alert. `alerts`
    holds each alert with its condition in words.
    """

    tripped: tuple[tuple[str, alerts.Record], ...]
    alerts: tuple[tuple[alerts.Record, str], ...]
    targets: tuple[targets.Shown, ...]
    moved: tuple[largest_changes.Shown, ...]
    notes: tuple[str, ...]
    rule: str = largest_changes.RULE


def rendered(executed: Executed, config: Config) -> NotebookPage:
    """The body of a notebook's page, rendered while other notebooks still run; it has failed if it cannot be shown."""
    spoken = language.of(config.language)
    title = spoken.translated(executed.notebook.title)
    body, failure = incomplete_page.rendered(executed, title=title, language=spoken)
    return NotebookPage(replace(executed, failure=failure), body)


def href(executed: Executed) -> str:
    """Link from the index to the page of a notebook."""
    return f"{'failed/' if executed.failure else ''}{executed.notebook.name}.html"


def notebook_page(made: NotebookPage, head: Heading, config: Config, part: PartResult) -> str:
    """The page of one notebook; its tables lead to the lists of the customers behind them."""
    executed, view = made.executed, list_view.View(config, part.currency)
    body = replace(made.body, html=table_links.linked(made.body.html, part.customers, view))
    return _render(
        "page.html.j2",
        config,
        head,
        here=href(executed),
        up="../" if executed.failure else "",
        page=body,
        page_title=language.of(config.language).translated(executed.notebook.title),
        failure=executed.failure,
        notebook=f"{executed.notebook.name}.ipynb",
    )


def summary_href(config: Config) -> str:
    """The file of the summary: the index, unless the report is for analysts."""
    return "index.html" if config.audience == "summary" else "summary.html"


def analyst_href(config: Config) -> str:
    """The file of the page for analysts."""
    return "index.html" if config.audience == "analyst" else "analyst.html"


def summary(
    result: MonthResult, part: PartResult, head: Heading, config: Config, *, customers: Mapping[str, str]
) -> str:
    """The first page of a month or of a segment: sentences, tiles and findings.

    `customers` are links to tables of customers: by the name of a list, under "customer:ID" to a page of one customer,
    and under an empty name to all tables.
    """
    spoken = language.of(config.language)
    currency = currency_of(part, config)
    horizon = round(float(config.parameters.get("months", 12)))
    facts = reading.facts(part, result.month, title=config.title, currency=currency, language=spoken, horizon=horizon)
    shown = view.view(facts, Writer(spoken, currency), links=customers)
    return summary_html(shown, head, config, customers=customers.get("", ""))


def summary_html(shown: view.View, head: Heading, config: Config, *, customers: str = "") -> str:
    """The first page from what it shows; `customers` is a link to the tables of customers."""
    css = Markup(templates(config.language).get_template("summary.css").render())
    return _render("summary.html.j2", config, head, here=summary_href(config), css=css, view=shown, customers=customers)


def analyst(
    result: MonthResult,
    part: PartResult,
    head: Heading,
    config: Config,
    *,
    tables: int,
    undelivered: Sequence[str] = (),
) -> str:
    """The page for analysts, of a month or of a segment: everything that is watched, and every number."""
    spoken, month = language.of(config.language), result.month
    blocks = [_block(executed, spoken) for executed in part.finished]
    currency = currency_of(part, config) or ""
    return _render(
        "analyst.html.j2",
        config,
        head,
        here=analyst_href(config),
        watch=_watched(result, part, spoken, undelivered),
        notices=provenance.notices(month, part.executed, part.part.data, spoken),
        cards=_headline(part.finished, spoken)[:CARDS],
        scorecard=[block for block in blocks if block["rows"]],
        sources=provenance.sources(config, part.part.data, spoken),
        lists=part.lists,
        pages={listing.name: listing.href for listing in part.customers if listing.kind == "action"},
        overlap=config.action_lists.overlap,
        uplift=uplift_rows.rows(part.uplift, spoken, currency),
        tables=tables,
        restated=changed_numbers.rows(part.changed, spoken),
        past={"rows": part.earlier.rows(spoken, currency), "sentences": part.earlier.sentences(spoken, currency)},
        run_facts=provenance.run(month, part.executed, part.part, spoken, result.value_model),
    )


def restated(part: PartResult, head: Heading, config: Config) -> str | None:
    """The page of numbers that differ from the last run or from earlier reports; None if there are none."""
    if part.changed is None and part.earlier.table is None:
        return None
    spoken = language.of(config.language)
    return _render(
        "restated.html.j2",
        config,
        head,
        here="restated.html",
        rows=changed_numbers.rows(part.changed, spoken),
        past=part.earlier.rows(spoken, currency_of(part, config) or ""),
        past_month=spoken.month(part.earlier.said) if part.earlier.said else "",
        titles={executed.notebook.name: executed.notebook.title for executed in part.executed},
    )


def customers(part: PartResult, head: Heading, config: Config) -> str:
    """The index of the lists of customers."""
    view = list_view.View(config, part.currency)
    return _render(
        "customers.html.j2",
        config,
        head,
        here=list_view.INDEX,
        groups=list_view.grouped(view, part.customers),
        hidden=config.customer_ids == "none",
        unlisted=view.count(part.unlisted) if part.unlisted else "",
        most=view.count(MOST_CUSTOMERS),
        horizon=view.horizon(),
        list_rows=view.count(config.list_rows),
        customer_pages=view.count(config.customer_pages),
    )


def customer_pages(result: MonthResult, part: PartResult) -> dict[str, str]:
    """Links to the pages of customers by the id that is shown; those of a segment are in the folder of the month."""
    up = "../" if part.folder else ""
    return {id: up + customer_view.name_of(id) for id in result.whole.shown}


def customer_links(result: MonthResult, part: PartResult) -> dict[str, str]:
    """Links to lists by name, to pages of customers by "customer:ID", and under an empty name to the index of lists."""
    if not part.has_customers:
        return {}
    lists = {listing.name: listing.href for listing in part.customers if listing.href}
    pages = {f"customer:{id}": href for id, href in customer_pages(result, part).items()}
    return {"": list_view.INDEX, **lists, **pages}


def customer_list(
    listing: CustomerList, part: PartResult, head: Heading, config: Config, pages: Mapping[str, str]
) -> str:
    """The page of one list; `pages` are links to pages of customers by the id that is shown."""
    view = list_view.View(config, part.currency)
    return _render(
        "list.html.j2",
        config,
        head,
        here=listing.href,
        up="../",
        list=view.shown(listing, pages, rows=True),
        n=listing.customers,
        horizon=view.horizon(),
        has_groups=listing.kind == "action",
    )


def one_customer(shown: ShownCustomer, part: PartResult, head: Heading, config: Config) -> str:
    """The page of one customer."""
    view = list_view.View(config, part.currency)
    return customer_page(customer_view.page(shown, view), head, config)


def customer_page(
    customer: customer_view.CustomerPage, head: Heading, config: Config, *, alone: bool = False, unknown: str = ""
) -> str:
    """The page of one customer, in the report of a month or `alone`; `unknown` says why values are missing."""
    return _render(
        "customer.html.j2",
        config,
        head,
        here=customer_view.name_of(customer.id),
        up="" if alone else "../",
        customer=customer,
        crumbs=not alone,
        home="#main" if alone else "../index.html",
        unknown=unknown,
    )


def _watched(result: MonthResult, part: PartResult, spoken: Language, undelivered: Sequence[str]) -> Watched:
    is_whole = part.part.plan.segment is None
    tripped = result.tripped if is_whole else [("", checked) for checked in part.alerts if checked.tripped]
    notes = [*undelivered, *_not_split(part, spoken)] if is_whole else []
    return Watched(
        tripped=tuple((folder, checked.record(spoken)) for folder, checked in tripped),
        alerts=tuple((checked.record(spoken), checked.condition(spoken)) for checked in part.alerts),
        targets=tuple(target.shown(spoken) for target in part.targets),
        moved=tuple(moved.shown(spoken) for moved in part.largest_changes),
        notes=tuple(notes),
    )


def _not_split(part: PartResult, spoken: Language) -> list[str]:
    """A note that alerts by segment were checked for all customers together, in reports without segments."""
    names = [checked.alert.metric for checked in part.alerts if checked.alert.by == "segment"]
    text = gettext_noop(
        "Alerts on %(metrics)s by segment were checked for all customers together, because this report is not split "
        "(split_by)."
    )
    return [spoken.gettext(text, metrics=spoken.listing(names))] if names and not part.part.plan.segments else []


def title_of(config: Config) -> str:
    """The title of the report; that of a report which was given none is translated."""
    return language.of(config.language).as_is(config.title) if config.title == TITLE else config.title


def heading(month: str, part: PartResult, config: Config) -> Heading:
    """The heading of every page of the report on all customers, or of the report on a segment."""
    spoken, end = language.of(config.language), part.part.data.last_counted(month)
    notebooks = [(href(executed), executed.notebook) for executed in part.finished]
    links = tuple(
        Link(link, spoken.translated(notebook.title), spoken.translated(notebook.question))
        for link, notebook in notebooks
    )
    lists = (Link(list_view.INDEX, spoken.gettext("Customers")),) if part.has_customers else ()
    views = (
        Link(summary_href(config), spoken.gettext("Summary")),
        *lists,
        Link(analyst_href(config), spoken.gettext("For analysts")),
    )
    archive = "../../index.html" if part.folder else "../index.html"
    title = title_of(config)
    if segment := part.part.plan.segment:
        names = {
            "title": title,
            "dimension": spoken.dimension(segment.dimension),
            "value": segment.value,
        }
        title = spoken.gettext("%(title)s, %(dimension)s: %(value)s", **names)
    return Heading(title, spoken.month(month), end.isoformat(), spoken.day(end), __version__, views, links, archive)


def currency_of(part: PartResult, config: Config) -> str | None:
    """The currency of the amounts, if it is known."""
    return next((str(code) for number in part.measures if (code := getattr(number, "currency", ""))), config.currency)


def _headline(finished: Sequence[Executed], spoken: Language) -> list[notebook_numbers.Row]:
    """Headline numbers: those of the page whose metadata ask for it, else of the first page with numbers."""
    rows = [_rows(executed, spoken) for executed in sorted(finished, key=lambda r: not r.notebook.heads_index)]
    return next((row for row in rows if row), [])


def _block(executed: Executed, spoken: Language) -> dict[str, Any]:
    """The numbers of a page; notes that several of them share are said once, below them, by their number from 1."""
    rows = _rows(executed, spoken)
    notes = list(dict.fromkeys(row.note for row in rows if row.note))
    marks = [notes.index(row.note) + 1 if row.note else 0 for row in rows]
    title = spoken.translated(executed.notebook.title)
    return {"href": href(executed), "title": title, "rows": list(zip(rows, marks, strict=True)), "notes": notes}


def _rows(executed: Executed, spoken: Language) -> list[notebook_numbers.Row]:
    return [notebook_numbers.row(item, spoken) for item in notebook_numbers.numbers(executed.node)]


def _render(
    name: str, config: Config, head: Heading, *, here: str, up: str = "", css: str = Markup(""), **values: Any
) -> str:
    """Render a page from its template; `up` is the path from the page to the folder of the index, `css` its own
    rules."""
    is_summary = here == summary_href(config)
    frame = {"report": head, "home": f"{up}index.html", "home_folder": up, "here": here, "is_summary": is_summary}
    style = page.style_sheet(values["page"].html if "page" in values else "") + _css() + css
    template = templates(config.language).get_template(name)
    return template.render({**frame, **values}, language=config.language, css=style, paper=papers.of(config))


@functools.cache
def _css() -> Markup:
    """The style of every page."""
    return Markup("".join((page.TEMPLATE / name).read_text(encoding="utf-8") for name in _STYLES))


@functools.cache  # templates are compiled once per language, not for each page
def templates(code: str) -> jinja2.Environment:
    """The templates in a language."""
    loader, spoken = jinja2.FileSystemLoader(page.TEMPLATE), language.of(code)
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    spoken.install(made)
    sortable.install(made)
    made.filters["formula"] = lambda tex: Markup(tex_to_mathml(tex, "inline"))
    made.filters["formula_of_numbers"] = lambda tex: Markup(spoken.formula(tex_to_mathml(tex, "inline")))
    return made
