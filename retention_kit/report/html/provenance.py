"""Provenance on the index: facts about its data and its run, as pairs of name and value."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from retention_kit import __version__
from retention_kit.report.execution import value_model_choice
from retention_kit.report.execution.execute import Executed, Failure
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.language import ENGLISH, Language, gettext_noop, report_wording
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.months import last_day
from retention_kit.report.settings.source_names import published

if TYPE_CHECKING:
    from retention_kit.models.checks.value_model import ValueModel

PACKAGES: Final = ("pandas", "numpy", "duckdb", "ibis-framework", "lifetimes", "papermill", "nbconvert")
QUIET_DAYS: Final = timedelta(days=3)
"""A month whose last order is longer than this before its end gets a notice: it may not be complete."""


_TABLES: Final = {
    "orders": gettext_noop("Orders"),
    "order_lines": gettext_noop("Order lines"),
    "subscriptions": gettext_noop("Subscriptions"),
    "surveys": gettext_noop("Surveys"),
    "visits": gettext_noop("Visits"),
}


def notices(
    month: str, executed: Sequence[Executed], data: Workspace, language: Language = ENGLISH
) -> list[dict[str, str]]:
    """Notices that a reader needs before the numbers."""
    messages = [_failed(result, result.failure, language) for result in executed if result.failure]
    last = data.last_before(month)
    if last_day(month) - last > QUIET_DAYS:
        of_orders = gettext_noop(
            "The last order in the data is from %(day)s; if later ones are still to come, the month is not complete."
        )
        of_others = gettext_noop(
            "The last entry in the data is from %(day)s; if later ones are still to come, the month is not complete."
        )
        but_strays = gettext_noop(
            "The last order in the data is from %(day)s, except for one or two that are dated much later, up to "
            "%(stray)s; if others are still to come, the month is not complete."
        )
        text = of_others if "orders" not in data.facts else but_strays if last < data.last else of_orders
        days = {"day": language.day(last), "stray": language.day(data.last)}
        messages.append({"text": language.gettext(text, **days), "href": ""})
    return messages


def _left_out(plan: Plan, language: Language = ENGLISH) -> str:
    """Which pages are missing from the report and why, in one sentence; empty where none is."""
    titles: dict[tuple[str, str, str], list[str]] = {}
    for omission in plan.left_out:
        needs = omission.needs(language), omission.dimension, omission.month
        titles.setdefault(needs, []).append(language.translated(omission.notebook.title))
    return "; ".join(_lacking(pages, *needs, language) for needs, pages in titles.items())


def _lacking(pages: Sequence[str], tables: str, dimension: str, month: str, language: Language) -> str:
    names = {"pages": language.listing(pages), "tables": tables}
    if month:
        return language.ngettext(
            "%(pages)s needs %(tables)s, of which there are none up to %(month)s",
            "%(pages)s need %(tables)s, of which there are none up to %(month)s",
            len(pages),
            month=language.month(month),
            **names,
        )
    if not dimension:
        return language.ngettext("%(pages)s needs %(tables)s", "%(pages)s need %(tables)s", len(pages), **names)
    return language.ngettext(
        "%(pages)s needs %(tables)s, which cannot be split by %(dimension)s",
        "%(pages)s need %(tables)s, which cannot be split by %(dimension)s",
        len(pages),
        dimension=language.dimension(dimension),
        **names,
    )


def _failed(result: Executed, failure: Failure, language: Language) -> dict[str, str]:
    names = {"title": language.translated(result.notebook.title), "cell": failure.cell, "cause": failure.cause}
    text = language.gettext("%(title)s is missing: its notebook stopped in cell %(cell)s, %(cause)s.", **names)
    return {"text": text, "href": f"failed/{result.notebook.name}.html"}


def sources(config: Config, data: Workspace, language: Language = ENGLISH) -> list[dict[str, Any]]:
    """One block per table that was read."""
    return [
        {
            "title": language.gettext(_TABLES[name]),
            "facts": [
                *_source_facts(published(config.sources[name]), source, language),
                (language.gettext("Computed"), _computed(data.servers.get(name, ""), language)),
            ],
        }
        for name, source in data.facts.items()
    ]


def _computed(server: str, language: Language) -> str:
    """Where the numbers about a table were computed."""
    if server:
        text = gettext_noop("summarised in %(server)s, where the rows stay; models and figures on this machine")
        return language.gettext(text, server=server)
    return language.gettext(gettext_noop("on this machine, from a copy of the rows that the run has deleted"))


def _source_facts(where: str, source: Any, language: Language) -> list[tuple[str, str]]:
    pairs = [(language.gettext("Source"), where), (language.gettext("Rows"), _rows(source, language))]
    pairs += [(part.label or part.name, f"{part.name}: {_rows(part, language)}") for part in source.parts]
    if source.sha256:
        pairs.append(("SHA-256", source.sha256))
    if source.version:
        pairs.append((language.gettext("Version"), source.version))
    pairs += [(language.gettext("Assumed"), report_wording.said(text, language.code)) for text in source.assumptions]
    return pairs + [
        (language.gettext("Note"), report_wording.said(note.text, language.code)) for note in source.warnings
    ]


def _rows(source: Any, language: Language) -> str:
    """Numbers of rows read, kept and refused."""
    counts = {"read": source.rows_read, "kept": source.rows_kept, "refused": source.rows_refused}
    numerals = {name: language.numerals(f"{count:,}") for name, count in counts.items()}
    return language.gettext("%(read)s read = %(kept)s kept + %(refused)s refused", **numerals)


def _last_day(month: str, data: Workspace, language: Language) -> str:
    """The last day that counts, and why it is not that of the month."""
    day = language.day(data.last_counted(month))
    text = gettext_noop("%(day)s: the data end there, before the month does, and the days after it are not silence.")
    return language.gettext(text, day=day) if data.is_cut(month) else day


def run(
    month: str,
    executed: Sequence[Executed],
    part: Part,
    language: Language = ENGLISH,
    choice: ValueModel | None = None,
) -> list[tuple[str, str]]:
    """Facts of the run that do not change when it is repeated."""
    value_model = value_model_choice.sentence(choice.model, choice.since, language) if choice else ""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    made = f"retention_kit {__version__}, Python {platform.python_version()}, {versions}"
    given = {name: value for notebook in part.plan.notebooks for name, value in part.plan.given[notebook.name].items()}
    parameters = [f"{name} = {value!r}" for name, value in redaction.masked(given).items()]
    return [
        (language.gettext("Last day that counts"), _last_day(month, part.data, language)),
        *([(language.gettext("Model of value"), value_model)] if value_model else []),
        *((language.gettext("Parameter"), text) for text in parameters),
        (language.gettext("Notebooks"), language.joined(result.notebook.path.name for result in executed)),
        (language.gettext("Made with"), made),
        *([(language.gettext("Not in this report"), missing)] if (missing := _left_out(part.plan, language)) else []),
    ]
