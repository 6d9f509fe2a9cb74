"""Pages that `--only` reuses from the last run, and pages that are rebuilt as well because their inputs changed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from retention_kit.errors import RetentionKitWarning
from retention_kit.report.execution.execute import Executed
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.numbers import alerts
from retention_kit.report.output import fingerprint, manifest

Key = tuple[str, str]
"""Folder of the part, empty for all customers, and name of the notebook."""


@dataclass(frozen=True)
class LastRun:
    """The result of a month's last run: its manifest, read once, and the entries of the notebooks."""

    folder: Path
    manifest: Mapping[str, Any] | None = None
    notebooks: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    @property
    def names(self) -> set[str]:
        """Names of its notebooks."""
        return {name for _, name in self.notebooks} | set(self.left_out)

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of each file, by its path in the folder."""
        return self.manifest["files"] if self.manifest else {}

    def tripped(self) -> tuple[dict[str, Any], ...]:
        """Alerts that tripped, from alerts.json of the month and of its segments; files that no report wrote are not
        read."""
        names = [name for name in sorted(self.files) if PurePosixPath(name).name == alerts.NAME]
        texts = [(self.folder / name).read_text(encoding="utf-8") for name in names]
        return tuple(alert for text in texts for alert in json.loads(text)["alerts"] if alert["tripped"])


def last_run(folder: Path) -> LastRun:
    """The last run in a month's folder; empty if there is no valid manifest."""
    content = manifest.read(folder)
    if content is None:
        return LastRun(folder)
    try:
        notebooks = {(str(entry["segment"]), str(entry["name"])): entry for entry in content["notebooks"]}
        return LastRun(folder, content, notebooks, tuple(content["left_out"]))
    except (KeyError, TypeError):  # an older version wrote it
        return LastRun(folder, content)


def narrowed(plan: Plan, names: set[str]) -> Plan:
    """A plan with these notebooks only."""
    left_out = tuple(entry for entry in plan.left_out if entry.notebook.name in names)
    return replace(plan, notebooks=tuple(n for n in plan.notebooks if n.name in names), left_out=left_out)


def pages(
    last: LastRun, parts: Sequence[Part], chosen: set[str], depends: fingerprint.Inputs, month: str
) -> dict[Key, Executed]:
    """Pages that are reused: not chosen, finished, unchanged, and with the inputs that they would have now.

    Warns
    -----
    RetentionKitWarning
        Other pages of the month are rebuilt as well, because their inputs have changed; or pages are removed, because
        their notebooks no longer belong to the report.
    """
    planned = {(part.folder, notebook.name): notebook for part in parts for notebook in part.plan.notebooks}
    others = {key: notebook for key, notebook in planned.items() if notebook.name not in chosen}
    read = {
        key: _reusable(last, key, notebook, fingerprint.of_page(month, key[1], depends))
        for key, notebook in others.items()
    }
    reused = {key: page for key, page in read.items() if page is not None}
    rebuilt = set(others) - set(reused)
    listing = {key for key in rebuilt if last.notebooks.get(key, {}).get("makes_lists")}
    _warn(month, listing, "are rebuilt as well, because lists of customers are made of them")
    _warn(month, rebuilt - listing, "are rebuilt as well, because the pages or their inputs have changed")
    _warn(
        month,
        set(last.notebooks) - set(planned),
        "are removed, because their notebooks no longer belong to this report",
    )
    return reused


def _reusable(last: LastRun, key: Key, notebook: Notebook, expected: str) -> Executed | None:
    """A page of the last run; None if it failed, was changed, would have other inputs now, or makes lists.

    The customers behind the tables of a page are not kept from one run to the next, since they are private.
    """
    record, name = last.notebooks.get(key, {}), f"{key[0]}/{key[1]}.ipynb".removeprefix("/")
    path = last.folder / name
    is_whole = record.get("status") == "whole" and record.get("fingerprint") == expected and path.is_file()
    if not is_whole or record.get("makes_lists"):
        return None
    if fingerprint.sha256(path) != last.files.get(name):
        return None
    return Executed(notebook, nbformat.read(path, as_version=4), record["seconds"], shown=record["parameters"])


def _warn(month: str, keys: set[Key], what: str) -> None:
    if keys:
        names = ", ".join("/".join(key).removeprefix("/") for key in sorted(keys))
        warnings.warn(f"Pages of {month} {what}: {names}.", RetentionKitWarning, stacklevel=3)
