"""What the index says about its data and its run, in plain pairs of name and value."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import timedelta
from importlib import metadata
from typing import Any, Final

from retention_kit import __version__
from retention_kit.report import secrets
from retention_kit.report.config import Config, last_day
from retention_kit.report.execute import Executed
from retention_kit.report.plan import Plan
from retention_kit.report.workspace import Workspace, published

__all__ = ["notices", "run", "sources"]

PACKAGES: Final = ("pandas", "numpy", "duckdb", "ibis-framework", "lifetimes", "papermill", "nbconvert")
QUIET_DAYS: Final = timedelta(days=3)
"""A month whose last order is longer before its end is pointed out: it may not be complete."""


def notices(month: str, executed: Sequence[Executed], plan: Plan, data: Workspace) -> list[dict[str, str]]:
    """What a reader has to know before the numbers."""
    found = []
    for result in executed:
        if result.failure:
            stopped = f"its notebook stopped in cell {result.failure.cell}, {result.failure.cause}"
            text = f"{result.notebook.title} is missing: {stopped}."
            found.append({"text": text, "href": f"failed/{result.notebook.name}.html"})
    found += [
        {"text": f"{notebook.title} is not in this report: {reason}.", "href": ""} for notebook, reason in plan.left_out
    ]
    if last_day(month) - data.last > QUIET_DAYS:
        text = (
            f"The last order in the data is of {data.last}; if later ones are still to come, the month is not complete."
        )
        found.append({"text": text, "href": ""})
    return found


def sources(config: Config, data: Workspace) -> list[dict[str, Any]]:
    """One block per table that was read."""
    return [
        {"title": name.replace("_", " ").capitalize(), "facts": _source_facts(published(config.sources[name]), source)}
        for name, source in data.facts.items()
    ]


def _source_facts(where: str, source: Any) -> list[tuple[str, str]]:
    rows = f"{source.rows_read:,} read = {source.rows_kept:,} kept + {source.rows_refused:,} refused"
    pairs = [("Source", where), ("Rows", rows)]
    if source.sha256:
        pairs.append(("SHA-256", source.sha256))
    pairs += [("Taken as", text) for text in source.assumptions]
    return pairs + [("Note", note.text) for note in source.warnings]


def run(month: str, executed: Sequence[Executed], plan: Plan) -> list[tuple[str, str]]:
    """Facts of the run that are the same each time it is run."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    given = {name: value for notebook in plan.notebooks for name, value in plan.given[notebook.name].items()}
    pairs = [("Last day that counts", last_day(month).isoformat())]
    pairs += [("Parameter", f"{name} = {secrets.masked(value)!r}") for name, value in given.items()]
    pairs.append(("Notebooks", ", ".join(result.notebook.path.name for result in executed)))
    return [*pairs, ("Made with", f"retention_kit {__version__}, Python {platform.python_version()}, {versions}")]
