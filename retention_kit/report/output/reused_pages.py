"""`--only` makes some pages of a month anew: which others stay as they are, and which are made anew with them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat

from retention_kit.errors import RetentionKitWarning
from retention_kit.report.execution.execute import Executed
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.output import fingerprint, manifest

__all__ = ["Before", "before", "done", "narrowed", "pages"]

Key = tuple[str, str]
"""Folder of the part, empty for the whole, and name of the notebook."""


@dataclass(frozen=True)
class Before:
    """A month as its last run left it: what its manifest says of each notebook, and what was left out."""

    folder: Path
    notebooks: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Every notebook that belonged to it."""
        return {name for _, name in self.notebooks} | set(self.left_out)


def before(folder: Path) -> Before:
    """What stands in a month's folder; nothing where there is no manifest of ours."""
    told = manifest.read(folder)
    if told is None:
        return Before(folder)
    try:
        made = {(str(one["segment"]), str(one["name"])): one for one in told["notebooks"]}
        return Before(folder, made, tuple(told["left_out"]), told["files"])
    except (KeyError, TypeError):  # an older version wrote it
        return Before(folder)


def narrowed(plan: Plan, names: set[str]) -> Plan:
    """A plan with these notebooks only."""
    left_out = tuple(one for one in plan.left_out if one.notebook.name in names)
    return replace(plan, notebooks=tuple(n for n in plan.notebooks if n.name in names), left_out=left_out)


def pages(
    old: Before, parts: Sequence[Part], chosen: set[str], depends: fingerprint.Inputs, month: str
) -> dict[Key, Executed]:
    """Pages that stay: not chosen, whole, untouched, and made from what they would be made from now.

    Warns
    -----
    RetentionKitWarning
        Other pages of the month are made anew as well, because what they were made from has changed; or pages are not
        kept, because their notebook is none of the report's any more.
    """
    wanted = {(part.folder, notebook.name): notebook for part in parts for notebook in part.plan.notebooks}
    others = {key: notebook for key, notebook in wanted.items() if notebook.name not in chosen}
    whole = {
        key: _whole(old, key, notebook, fingerprint.of_page(month, key[1], depends)) for key, notebook in others.items()
    }
    found = {key: page for key, page in whole.items() if page is not None}
    _tell(month, set(others) - set(found), "are made anew as well, since they or what they were made from changed")
    _tell(month, set(old.notebooks) - set(wanted), "are not kept, since they are not among this report's")
    return found


def _whole(old: Before, key: Key, notebook: Notebook, wanted: str) -> Executed | None:
    """A page of the last run; None where it failed, is not as it was written, or would be made from something else."""
    about, name = old.notebooks.get(key, {}), f"{key[0]}/{key[1]}.ipynb".removeprefix("/")
    path = old.folder / name
    if about.get("status") != "whole" or about.get("fingerprint") != wanted or not path.is_file():
        return None
    if fingerprint.sha256(path) != old.files.get(name):
        return None
    return Executed(notebook, nbformat.read(path, as_version=4), about["seconds"], shown=about["parameters"])


def _tell(month: str, keys: set[Key], what: str) -> None:
    if keys:
        names = ", ".join("/".join(key).removeprefix("/") for key in sorted(keys))
        warnings.warn(f"Pages of {month} {what}: {names}.", RetentionKitWarning, stacklevel=3)


def done(page: Executed) -> Future[Executed]:
    """A page that need not be made, as one that is finished."""
    future: Future[Executed] = Future()
    future.set_result(page)
    return future
