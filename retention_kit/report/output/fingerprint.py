"""Fingerprint of everything a month depends on: if it is the same, rebuilding the month would change nothing."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import retention_kit
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks import parameter_domains
from retention_kit.report.notebooks.plan import Plan
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import Config, Source
from retention_kit.report.settings.source_names import published

_SETTINGS: Final = (
    "title", "timezone", "currency", "language", "split_by", "targets", "alerts", "actions", "pdf", "single_file",
    "hash_ids", "customer_ids", "salt", "audience", "paper",
)  # fmt: skip
"""Settings that change the files of a month."""

Inputs = Mapping[str, Any]


def inputs(config: Config, plan: Plan, data: Workspace) -> dict[str, Any]:
    """Everything that the months of a run depend on, as plain values: data, parameters, code and versions."""
    tables = sorted(path for path in data.folder.iterdir() if path.suffix in (".parquet", ".json"))
    return {
        "data": {path.name: sha256(path) for path in tables},
        "sources": {name: published(source) for name, source in config.sources.items()},
        "columns": {name: _columns(source) for name, source in config.sources.items()},
        "parameters": {notebook.name: _given(plan.given[notebook.name]) for notebook in plan.notebooks},
        "notebooks": {notebook.name: sha256(notebook.path) for notebook in plan.notebooks},
        "left_out": {omission.notebook.name: omission.reason() for omission in plan.left_out},
        "settings": {name: redaction.masked(getattr(config, name)) for name in _SETTINGS},
        "code": _code(),
        "environment": digest(_environment()),
    }


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of parameters, and the hash of the file that one of them names."""
    file = parameter_domains.segment_file(values)
    return {**redaction.masked(values), **({"content of segment_map": sha256(file)} if file else {})}


def _columns(source: Source) -> Any:
    """The headers that the user names, for each source if there are several."""
    return dict(source.columns) if source.parts == (source,) else [dict(part.columns) for part in source.parts]


def of_month(month: str, depends: Inputs) -> str:
    """The fingerprint of one month."""
    return digest({"month": month, **depends})


def of_page(month: str, name: str, depends: Inputs) -> str:
    """The fingerprint of one executed notebook of a month, independent of the other notebooks of the report."""
    given = {key: depends["settings"][key] for key in ("timezone", "currency", "split_by")}
    same = {key: depends[key] for key in ("data", "sources", "columns", "code", "environment")}
    return digest({"month": month, **same, **given, **{key: depends[key][name] for key in ("parameters", "notebooks")}})


def narrowed(depends: Inputs, names: set[str]) -> Inputs:
    """The inputs of a month with these notebooks only."""
    by_notebook = ("parameters", "notebooks", "left_out")
    return {**depends, **{key: {n: x for n, x in depends[key].items() if n in names} for key in by_notebook}}


def digest(value: Any) -> str:
    """SHA-256 of plain values, independent of the order of their keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _code() -> str:
    """Hash of the package's own source: in a checkout the version number does not identify it.

    It is taken once, as the modules are loaded once: a later change on disk is not in the code that runs.
    """
    folder = Path(retention_kit.__file__).parent
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return digest({path.relative_to(folder).as_posix(): sha256(path) for path in files if _ships(path)})


def _ships(path: Path) -> bool:
    return not any(name.startswith(("__pycache__", ".", "_notebooks")) for name in path.parts[-4:])


def _environment() -> list[str]:
    """Every installed package with its version: a notebook may import any of them."""
    folders = [Path(entry) for entry in dict.fromkeys(sys.path) if entry and Path(entry).is_dir()]
    packages = {path.name for folder in folders for path in folder.glob("*.*-info")}
    return [platform.python_version(), platform.platform(), *sorted(packages)]


def versions() -> dict[str, str]:
    """Versions of Python, of the package and of what it needs."""
    needed = (re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in _requirements())
    own = {"Python": platform.python_version(), "retention-kit": retention_kit.__version__}
    return own | {name: metadata.version(name) for name in needed}


def _requirements() -> Iterable[str]:
    return (line for line in metadata.requires("retention-kit") or () if "extra ==" not in line)
